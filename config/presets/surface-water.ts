import type { Severity } from '../../domain/rule.ts';
import { FLOOD_DEPTHS } from '../legal-limits/flood-depth.ts';
import { RIVER_STATIONS, type RiverStation } from '../legal-limits/river-alerts.ts';
import { AMMONIUM_LIMIT, RIVER_CLASS_LIMITS } from '../legal-limits/surface-water.ts';
import { quantityKey } from '../quantities.ts';
import { ALWAYS, above, band, below, level, outside, preset } from './from-limits.ts';
import type { RulePreset } from './preset.ts';

/** BĐ1, BĐ2, BĐ3. */
const GRADE_SEVERITIES: readonly Severity[] = ['minor', 'major', 'critical'];
/** A wave or a ship's wake passes; a rising river doesn't. */
const RIVER_HOLD_MINUTES = 10;

const riverPreset = ({ slug, river, station, levels }: RiverStation): readonly RulePreset[] => {
  const known = levels.flatMap((limit, i) =>
    limit === null ? [] : [level(GRADE_SEVERITIES[i]!, limit, RIVER_HOLD_MINUTES)],
  );
  if (known.length === 0) return [];
  return [
    preset({
      key: `river_alert.${slug}`,
      domain: 'water',
      quantity: quantityKey('water_level'),
      name: { vi: `Mực nước báo động, sông ${river} tại ${station}`, en: `River alarm level, ${river} at ${station}` },
      advice: {
        vi: 'Kiểm tra đê, cống dưới đê; thông báo phường, xã ven sông theo phương án phòng chống thiên tai.',
        en: 'Check dykes and sluices under them; inform the riverside wards as the disaster plan says.',
      },
      caution: {
        vi: 'Cấp báo động suy ra từ bản tin thủy văn; đối chiếu phụ lục Quyết định 05/2020/QĐ-TTg. Cao độ theo mốc của trạm.',
        en: 'Grades worked out from bulletins; compare with the annex of Decision 05/2020/QĐ-TTg. Above the datum of the station.',
      },
      breach: above(...known),
      hysteresis: 0.05,
      clearHold: 20,
      selection: { points: [`p-wr-${slug}`] },
      inForce: { from: '2020-03-20', until: null },
      needs: 'nothing',
    }),
  ];
};

const WATER_QUALITY_ADVICE = {
  vi: 'Kiểm tra thiết bị, lấy mẫu đối chứng; rà soát nguồn xả thải phía thượng lưu.',
  en: 'Check the probe, take a control sample; look for discharges upstream.',
} as const;
const { oxygen, acidity } = RIVER_CLASS_LIMITS;
/** Quality of a river changes over hours; a quarter of an hour is a bubble or a boat. */
const QUALITY_HOLD_MINUTES = 60;

const qualityPresets: readonly RulePreset[] = [
  preset({
    key: 'qcvn08.dissolved_oxygen',
    domain: 'water',
    quantity: quantityKey('dissolved_oxygen'),
    name: {
      vi: 'Ôxy hòa tan dưới mức A, B, C, D của QCVN 08:2023/BTNMT',
      en: 'Dissolved oxygen below class A, B, C, D of QCVN 08:2023/BTNMT',
    },
    advice: WATER_QUALITY_ADVICE,
    caution: null,
    breach: below(
      level('notice', oxygen.A, QUALITY_HOLD_MINUTES),
      level('minor', oxygen.B, QUALITY_HOLD_MINUTES),
      level('major', oxygen.C, QUALITY_HOLD_MINUTES),
      level('critical', oxygen.D, QUALITY_HOLD_MINUTES),
    ),
    hysteresis: 0.2,
    clearHold: 60,
    selection: { tags: ['raw_water'] },
    inForce: oxygen.A.inForce,
    needs: 'nothing',
  }),
  preset({
    key: 'qcvn08.ph',
    domain: 'water',
    quantity: quantityKey('ph'),
    name: {
      vi: 'pH nước mặt ngoài mức A, B của QCVN 08:2023/BTNMT',
      en: 'pH of surface water outside class A, B of QCVN 08:2023/BTNMT',
    },
    advice: WATER_QUALITY_ADVICE,
    caution: null,
    breach: outside(band('notice', acidity.A, QUALITY_HOLD_MINUTES), band('minor', acidity.B, QUALITY_HOLD_MINUTES)),
    hysteresis: 0.1,
    clearHold: 60,
    selection: { tags: ['raw_water'] },
    inForce: acidity.A.low.inForce,
    needs: 'nothing',
  }),
  preset({
    key: 'qcvn08.ammonium',
    domain: 'water',
    quantity: quantityKey('ammonium'),
    name: { vi: 'Amoni vượt QCVN 08:2023/BTNMT, Bảng 1', en: 'Ammonium above QCVN 08:2023/BTNMT, Table 1' },
    advice: WATER_QUALITY_ADVICE,
    caution: null,
    breach: above(level('minor', AMMONIUM_LIMIT, QUALITY_HOLD_MINUTES)),
    hysteresis: 0.03,
    clearHold: 60,
    selection: {},
    inForce: AMMONIUM_LIMIT.inForce,
    needs: 'nothing',
  }),
];

const DEPTH_LEVELS: readonly (readonly [severity: Severity, holdMinutes: number])[] = [
  ['notice', 3],
  ['minor', 2],
  ['major', 2],
  ['critical', 1],
];
const floodPreset: RulePreset = preset({
  key: 'flood_depth',
  domain: 'water',
  quantity: quantityKey('flood_depth'),
  name: { vi: 'Ngập đường theo cấp độ sâu', en: 'Street flooding by class of depth' },
  advice: {
    vi: 'Từ 15 cm: cảnh báo xe máy; từ 30 cm: hạn chế ô tô; từ 50 cm: rào chắn, phân luồng.',
    en: 'From 15 cm warn motorcycles; from 30 cm keep cars out; from 50 cm close the street and divert.',
  },
  caution: {
    vi: 'Chưa có thang quốc gia về độ sâu ngập đường; đây là quy ước của nền tảng.',
    en: 'There is no national scale of street flooding; this is the platform’s convention.',
  },
  breach: above(...DEPTH_LEVELS.map(([severity, hold], i) => level(severity, FLOOD_DEPTHS[i]!, hold))),
  hysteresis: 0.03,
  clearHold: 10,
  selection: {},
  inForce: ALWAYS,
  needs: 'nothing',
});

export const SURFACE_WATER_PRESETS: readonly RulePreset[] = [
  ...RIVER_STATIONS.flatMap(riverPreset),
  ...qualityPresets,
  floodPreset,
];
