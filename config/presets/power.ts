import {
  FEEDER_VOLTAGE_LIMITS,
  FREQUENCY_LIMITS,
  INTERRUPTED_FEEDER,
  INTERRUPTED_PHASE,
  PHASE_QUANTITIES,
  phaseVoltageLimits,
} from '../legal-limits/supply-voltage.ts';
import { QUANTITY_CATALOGUE, quantityKey } from '../quantities.ts';
import { ALWAYS, band, below, level, outside, preset } from './from-limits.ts';
import type { RulePreset } from './preset.ts';

const CAUTION = {
  vi: 'Trích dẫn theo Thông tư 39/2015/TT-BCT, đã được thay thế bằng Thông tư 05/2025/TT-BCT; đối chiếu trước khi dùng.',
  en: 'As cited from Circular 39/2015/TT-BCT, replaced by Circular 05/2025/TT-BCT; compare before use.',
} as const;
const VOLTAGE_ADVICE = {
  vi: 'Kiểm tra nấc phân áp, cân pha và phụ tải.',
  en: 'Check tap, phase balance and load.',
} as const;

const INTERRUPTION_ADVICE = {
  vi: 'Cử đội sửa chữa; công tơ phía sau im lặng là do mất điện, không cần xử lý từng chiếc.',
  en: 'Send the crew; meters behind it are silent because of it and need no one each.',
} as const;

const phasePreset = (quantity: (typeof PHASE_QUANTITIES)[number]): RulePreset => {
  const { normal, unstable } = phaseVoltageLimits(quantity);
  const { name } = QUANTITY_CATALOGUE.get(quantityKey(quantity))!;
  return preset({
    key: `supply_voltage.${quantity}`,
    domain: 'power',
    quantity: quantityKey(quantity),
    name: { vi: `${name.vi} ngoài 220 V ± 5 %`, en: `${name.en} outside 220 V ± 5 %` },
    advice: VOLTAGE_ADVICE,
    caution: CAUTION,
    breach: outside(band('minor', normal, 10), band('major', unstable, 5)),
    hysteresis: 1,
    clearHold: 10,
    selection: {},
    inForce: ALWAYS,
    needs: 'nothing',
  });
};

export const POWER_PRESETS: readonly RulePreset[] = [
  ...PHASE_QUANTITIES.map(phasePreset),
  preset({
    key: 'supply_voltage.feeder',
    domain: 'power',
    quantity: quantityKey('line_voltage'),
    name: { vi: 'Điện áp xuất tuyến ngoài 22 kV ± 5 %', en: 'Feeder voltage outside 22 kV ± 5 %' },
    advice: {
      vi: 'Kiểm tra điều áp dưới tải và tụ bù; liên hệ điều độ.',
      en: 'Check the tap changer and capacitors; call dispatch.',
    },
    caution: CAUTION,
    breach: outside(band('minor', FEEDER_VOLTAGE_LIMITS, 10)),
    hysteresis: 100,
    clearHold: 10,
    selection: {},
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'supply_interruption.transformer',
    domain: 'power',
    quantity: quantityKey('voltage_l1'),
    name: { vi: 'Trạm biến áp mất điện', en: 'Transformer without supply' },
    advice: INTERRUPTION_ADVICE,
    caution: {
      vi: 'Xét theo pha A: đứt riêng pha này cũng báo. Mức theo EN 50160, chưa đối chiếu văn bản.',
      en: 'Judged by phase A, so that a fault of this phase alone alarms, too. Level of EN 50160, not yet compared with it.',
    },
    breach: below(level('critical', INTERRUPTED_PHASE, 1)),
    hysteresis: 20,
    clearHold: 3,
    selection: { tags: ['transformer'] },
    inForce: ALWAYS,
    quietsBehind: true,
    needs: 'nothing',
  }),
  preset({
    key: 'supply_interruption.feeder',
    domain: 'power',
    quantity: quantityKey('line_voltage'),
    name: { vi: 'Xuất tuyến 22 kV mất điện', en: '22 kV feeder without supply' },
    advice: INTERRUPTION_ADVICE,
    caution: {
      vi: 'Mức theo EN 50160, chưa đối chiếu văn bản.',
      en: 'Level of EN 50160, not yet compared with it.',
    },
    breach: below(level('critical', INTERRUPTED_FEEDER, 1)),
    hysteresis: 2_000,
    clearHold: 3,
    selection: {},
    inForce: ALWAYS,
    quietsBehind: true,
    needs: 'nothing',
  }),
  preset({
    key: 'supply_frequency',
    domain: 'power',
    quantity: quantityKey('frequency'),
    name: { vi: 'Tần số ngoài 50 Hz ± 0,2 Hz', en: 'Frequency outside 50 Hz ± 0.2 Hz' },
    advice: {
      vi: 'Liên hệ điều độ miền; sẵn sàng sa thải phụ tải.',
      en: 'Call regional dispatch; be ready to shed load.',
    },
    caution: CAUTION,
    breach: outside(band('minor', FREQUENCY_LIMITS.normal, 1), band('major', FREQUENCY_LIMITS.unstable, 0)),
    hysteresis: 0.02,
    clearHold: 5,
    selection: {},
    inForce: ALWAYS,
    needs: 'nothing',
  }),
];
