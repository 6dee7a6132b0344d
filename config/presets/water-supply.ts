import { SERVICE_PRESSURE, TAP_WATER_LIMITS } from '../legal-limits/water-supply.ts';
import { quantityKey } from '../quantities.ts';
import { ALWAYS, above, band, below, level, outside, preset } from './from-limits.ts';
import type { RulePreset } from './preset.ts';

const { chlorine, turbidity, acidity } = TAP_WATER_LIMITS;

const QUALITY_CAUTION = {
  vi: 'Theo QCVN 01-1:2018/BYT; có thể đã được thay thế bằng QCVN 01-1:2024/BYT, đối chiếu trước khi dùng.',
  en: 'By QCVN 01-1:2018/BYT; it may have been replaced by QCVN 01-1:2024/BYT, compare before use.',
} as const;
const PLANT = { tags: ['water_plant'] };

export const WATER_SUPPLY_PRESETS: readonly RulePreset[] = [
  preset({
    key: 'supply.pressure',
    domain: 'water',
    quantity: quantityKey('water_pressure'),
    name: { vi: 'Áp lực nước dưới 10 m cột nước', en: 'Water pressure below 10 m of head' },
    advice: {
      vi: 'Kiểm tra van đầu vùng, tuyến truyền tải và khả năng vỡ ống.',
      en: 'Check the inlet valve, the trunk main and for a burst.',
    },
    caution: {
      vi: 'Mức tối thiểu cho nhà một tầng; cộng 4 m cho mỗi tầng tiếp theo.',
      en: 'The least for a house of one storey; 4 m more for each further one.',
    },
    breach: below(level('minor', SERVICE_PRESSURE, 15)),
    // 2 % is usual for pressure, but the noise of a busy street main is larger.
    hysteresis: 0.1,
    clearHold: 15,
    selection: { tags: ['pressure'] },
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'supply.chlorine',
    domain: 'water',
    quantity: quantityKey('free_chlorine'),
    name: { vi: 'Clo dư tự do ngoài 0,2–1,0 mg/L', en: 'Free chlorine outside 0.2–1.0 mg/L' },
    advice: { vi: 'Kiểm tra bơm định lượng; lấy mẫu đối chứng.', en: 'Check the dosing pump; take a control sample.' },
    caution: QUALITY_CAUTION,
    breach: outside(band('minor', chlorine, 10)),
    hysteresis: 0.03,
    clearHold: 15,
    selection: PLANT,
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'supply.turbidity',
    domain: 'water',
    quantity: quantityKey('turbidity'),
    name: { vi: 'Độ đục nước sạch trên 2 NTU', en: 'Turbidity of treated water above 2 NTU' },
    advice: {
      vi: 'Kiểm tra bể lọc, rửa lọc; xả bỏ nếu cần.',
      en: 'Check and wash the filters; run to waste if needed.',
    },
    caution: QUALITY_CAUTION,
    breach: above(level('minor', turbidity, 10)),
    hysteresis: 0.1,
    clearHold: 15,
    selection: PLANT,
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'supply.ph',
    domain: 'water',
    quantity: quantityKey('ph'),
    name: { vi: 'pH nước sạch ngoài 6,0–8,5', en: 'pH of treated water outside 6.0–8.5' },
    advice: {
      vi: 'Kiểm tra châm vôi, phèn; lấy mẫu đối chứng.',
      en: 'Check lime and alum dosing; take a control sample.',
    },
    caution: QUALITY_CAUTION,
    breach: outside(band('minor', acidity, 10)),
    hysteresis: 0.1,
    clearHold: 15,
    selection: PLANT,
    inForce: ALWAYS,
    needs: 'nothing',
  }),
];
