import { concentrationAt } from '../../domain/indices/breakpoints.ts';
import type { Severity } from '../../domain/rule.ts';
import { VN_AQI, VN_AQI_CATEGORIES, VN_AQI_TABLE, type VnAqiColumn } from '../indices/vn-aqi.ts';
import { AMBIENT_AIR_LIMITS } from '../legal-limits/ambient-air.ts';
import type { LegalLimit } from '../legal-limits/legal-limit.ts';
import { type CatalogueKey, QUANTITY_CATALOGUE, quantityKey } from '../quantities.ts';
import { above, level, preset } from './from-limits.ts';
import type { RulePreset, RulePresetRow } from './preset.ts';

type LimitLevel = Extract<RulePresetRow['breach'], { kind: 'above' }>['levels'][number];

/** Averages are made of at least this share of their readings; the regulation names none for automatic stations. */
const MINIMUM_CAPTURE = 0.75;
/** Rolling means move slowly: an alarm needs no further hold, and clears 5 % inside. */
const HYSTERESIS_SHARE = 0.05;

const NAMES: Readonly<Record<string, string>> = {
  pm2_5: 'PM2.5',
  pm10: 'PM10',
  o3: 'O₃',
  no2: 'NO₂',
  so2: 'SO₂',
  co: 'CO',
};

const meanOver = (hours: number) => ({
  length: hours * 60,
  statistic: 'mean' as const,
  minimumCapture: MINIMUM_CAPTURE,
});
const hysteresisOf = (quantity: CatalogueKey, limit: number): number => {
  const { decimals } = QUANTITY_CATALOGUE.get(quantityKey(quantity))!;
  return Number((limit * HYSTERESIS_SHARE).toFixed(decimals));
};

/** Windows of a year are longer than rules remember; such limits are for reports. */
const isForRules = ({ averagingHours }: LegalLimit): boolean => averagingHours !== null && averagingHours <= 24;

const regulationPreset = (limit: LegalLimit): RulePreset => {
  const { quantity, averagingHours, inForce } = limit;
  const hours = averagingHours!;
  return preset({
    key: `qcvn05.${quantity}.${hours}h`,
    domain: 'environment',
    quantity: quantityKey(quantity),
    name: {
      vi: `${NAMES[quantity]} trung bình ${hours} giờ vượt QCVN 05:2023/BTNMT`,
      en: `${NAMES[quantity]}, ${hours}-hour mean above QCVN 05:2023/BTNMT`,
    },
    advice: {
      vi: 'Kiểm tra thiết bị và tình trạng hiệu chuẩn; rà soát nguồn thải quanh trạm; báo cáo theo quy định nếu xác nhận vượt.',
      en: 'Check the analyser and its calibration; look at the sources around the station; report as required once confirmed.',
    },
    caution: null,
    breach: above(level('minor', limit, 0)),
    hysteresis: hysteresisOf(quantity, limit.value),
    clearHold: 60,
    selection: {},
    inForce,
    needs: 'window',
    window: meanOver(hours),
  });
};

/** The category from which an alarm of this severity is raised. */
const CATEGORY_SEVERITIES: readonly (readonly [category: string, severity: Severity])[] = [
  ['poor', 'notice'],
  ['bad', 'minor'],
  ['very_bad', 'major'],
  ['hazardous', 'critical'],
];

/** Mean, in hours, that the daily index is made from. */
const AQI_COLUMNS: readonly (readonly [column: VnAqiColumn, hours: number])[] = [
  ['pm2_5', 24],
  ['pm10', 24],
  ['o3_1h', 1],
  ['o3_8h', 8],
  ['no2', 1],
  ['so2', 1],
  ['co', 1],
];

const categoryPreset = ([key, hours]: (typeof AQI_COLUMNS)[number]): RulePreset => {
  const column = VN_AQI_TABLE.columns.find((each) => each.key === key)!;
  const { decimals } = QUANTITY_CATALOGUE.get(quantityKey(column.pollutant))!;
  const scale = 10 ** decimals;
  const levels = CATEGORY_SEVERITIES.flatMap(([name, severity]): LimitLevel[] => {
    const category = VN_AQI_CATEGORIES.find((each) => each.key === name)!;
    // The index is rounded half up: "101" begins at 100.5.
    const concentration = concentrationAt(column, category.min - 0.5);
    if (concentration === null) return [];
    return [
      {
        severity,
        hold: 0,
        limit: Math.ceil(concentration * scale - 1e-6) / scale,
        sources: [
          {
            document: 'Quyết định 1459/QĐ-TCMT',
            clause: `Bảng 1 (${category.name.vi}: ${category.min}–${category.max}) và Bảng 2`,
            issued: '2019-11-12',
            evidence: 'text',
          },
        ],
        evidence: 'text',
      },
    ];
  });
  const name = NAMES[column.pollutant];
  return preset({
    key: `vn_aqi.${key}`,
    domain: 'environment',
    quantity: quantityKey(column.pollutant),
    name: {
      vi: `VN_AQI theo ${name} (trung bình ${hours} giờ) từ mức Kém trở lên`,
      en: `VN_AQI of ${name} (${hours}-hour mean) Poor or worse`,
    },
    advice: {
      vi: 'Công bố khuyến nghị sức khỏe theo mức VN_AQI; kiểm tra thiết bị và nguồn thải quanh trạm.',
      en: 'Publish the health advice of the category; check the analyser and the sources around.',
    },
    caution:
      column.ofHour === 'nowcast'
        ? {
            vi: 'Theo trung bình 24 giờ như VN_AQI ngày. VN_AQI giờ của bụi dùng Nowcast nên có thể thay đổi nhanh hơn.',
            en: 'Follows the 24-hour mean, as the daily VN_AQI does. The hourly VN_AQI of particles uses the NowCast and may move faster.',
          }
        : null,
    breach: above(...levels),
    hysteresis: hysteresisOf(column.pollutant, levels[0]!.limit),
    clearHold: 60,
    selection: {},
    inForce: { from: '2019-11-12', until: null },
    needs: 'window',
    window: { ...meanOver(hours), minimumCapture: hours === 1 ? VN_AQI.capture.hour : VN_AQI.capture.day },
  });
};

/** The index itself, as the platform works it out each hour. */
const hourlyIndexPreset: RulePreset = preset({
  key: 'vn_aqi.hourly',
  domain: 'environment',
  quantity: quantityKey('vn_aqi_hourly'),
  name: { vi: 'VN_AQI giờ từ mức Kém trở lên', en: 'Hourly VN_AQI Poor or worse' },
  advice: {
    vi: 'Công bố khuyến nghị sức khỏe theo mức VN_AQI; kiểm tra thiết bị và nguồn thải quanh trạm.',
    en: 'Publish the health advice of the category; check the analyser and the sources around.',
  },
  caution: null,
  breach: above(
    ...CATEGORY_SEVERITIES.map(([name, severity]): LimitLevel => {
      const category = VN_AQI_CATEGORIES.find((each) => each.key === name)!;
      return {
        severity,
        hold: 0,
        limit: category.min,
        sources: [
          {
            document: 'Quyết định 1459/QĐ-TCMT',
            clause: `Bảng 1 (${category.name.vi}: ${category.min}–${category.max})`,
            issued: '2019-11-12',
            evidence: 'text',
          },
        ],
        evidence: 'text',
      };
    }),
  ),
  hysteresis: 5,
  clearHold: 60,
  selection: {},
  inForce: { from: '2019-11-12', until: null },
  needs: 'nothing',
});

export const AIR_PRESETS: readonly RulePreset[] = [
  hourlyIndexPreset,
  ...AMBIENT_AIR_LIMITS.filter(isForRules).map(regulationPreset),
  ...AQI_COLUMNS.map(categoryPreset),
];
