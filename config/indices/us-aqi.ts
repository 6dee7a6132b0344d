import type {
  AirColumn,
  AirIndexTable,
  AirPollutant,
  DayAverage,
  HourAverage,
} from '../../domain/indices/air-index.ts';
import type { AirIndexMethod } from '../../domain/indices/air-index-series.ts';
import type { IndexBand } from '../../domain/indices/breakpoints.ts';
import { ppbPerMicrogram, ppmPerMicrogram } from '../../domain/indices/gas-units.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import { type AirCategory, airCategories } from './category.ts';

/*
 * US EPA AQI: EPA-454/B-24-002, Technical Assistance Document for the Reporting of Daily Air Quality, May 2024, Table 6; with the PM2.5
 * breakpoints of 2024. Taken from concordant implementations of that table, not from the document itself.
 */

export type UsAqiColumn = 'pm2_5' | 'pm10' | 'o3_8h' | 'o3_1h' | 'co_8h' | 'so2_1h' | 'so2_24h' | 'no2_1h';

type Row = readonly [concentrationFrom: number, concentrationTo: number, indexFrom: number, indexTo: number];
const bands = (...rows: readonly Row[]): readonly IndexBand[] =>
  rows.map(([from, to, indexFrom, indexTo]) => ({ concentration: [from, to], index: [indexFrom, indexTo] }));

interface ColumnRow {
  readonly key: UsAqiColumn;
  readonly pollutant: AirPollutant;
  readonly bands: readonly IndexBand[];
  readonly truncateDecimals: number;
  readonly above?: 'none';
  readonly perMicrogram?: number;
  readonly ofHour: HourAverage;
  readonly ofDay: DayAverage;
}
const column = ({ above, perMicrogram, ...row }: ColumnRow): AirColumn<UsAqiColumn> => ({
  ...row,
  above: above ?? 'top',
  perMicrogram: perMicrogram ?? 1,
});

/** Names, colours and ranges of Table 1 and Table 6; Vietnamese names as VN_AQI calls the like classes, so that no class has two names on one screen. */
export const US_AQI_CATEGORIES = airCategories(
  {
    key: 'good',
    name: { vi: 'Tốt', en: 'Good' },
    effect: {
      vi: 'Không khí trong lành, ít hoặc không có rủi ro.',
      en: 'Air quality is satisfactory; little or no risk.',
    },
    advice: {
      general: { vi: 'Có thể hoạt động ngoài trời bình thường.', en: 'A good time to be active outside.' },
      sensitive: { vi: 'Có thể hoạt động ngoài trời bình thường.', en: 'A good time to be active outside.' },
    },
  },
  {
    key: 'moderate',
    name: { vi: 'Trung bình', en: 'Moderate' },
    effect: {
      vi: 'Chấp nhận được; một số ít người đặc biệt nhạy cảm có thể bị ảnh hưởng.',
      en: 'Acceptable; a few unusually sensitive people may be affected.',
    },
    advice: {
      general: { vi: 'Có thể hoạt động ngoài trời bình thường.', en: 'A good time to be active outside.' },
      sensitive: {
        vi: 'Cân nhắc giảm vận động nặng hoặc kéo dài; chú ý triệu chứng ho, khó thở.',
        en: 'Consider less prolonged or heavy exertion; watch for coughing or shortness of breath.',
      },
    },
  },
  {
    key: 'unhealthy_sensitive',
    name: { vi: 'Không tốt cho nhóm nhạy cảm', en: 'Unhealthy for Sensitive Groups' },
    effect: {
      vi: 'Nhóm nhạy cảm có thể bị ảnh hưởng; người bình thường ít bị ảnh hưởng.',
      en: 'Sensitive groups may be affected; the general public less likely.',
    },
    advice: {
      general: { vi: 'Có thể hoạt động ngoài trời, nghỉ nhiều hơn.', en: 'Being outside is fine; take more breaks.' },
      sensitive: {
        vi: 'Giảm vận động nặng hoặc kéo dài ngoài trời; chú ý triệu chứng ho, khó thở.',
        en: 'Reduce prolonged or heavy exertion outdoors; watch for coughing or shortness of breath.',
      },
    },
  },
  {
    key: 'unhealthy',
    name: { vi: 'Không tốt cho sức khỏe', en: 'Unhealthy' },
    effect: {
      vi: 'Một số người bình thường có thể bị ảnh hưởng; nhóm nhạy cảm bị ảnh hưởng nặng hơn.',
      en: 'Some of the general public may be affected; sensitive groups more seriously.',
    },
    advice: {
      general: {
        vi: 'Giảm vận động nặng hoặc kéo dài ngoài trời, nghỉ nhiều hơn.',
        en: 'Reduce prolonged or heavy exertion outdoors; take more breaks.',
      },
      sensitive: {
        vi: 'Tránh vận động nặng hoặc kéo dài ngoài trời; nên chuyển vào trong nhà.',
        en: 'Avoid prolonged or heavy exertion outdoors; move activities indoors.',
      },
    },
  },
  {
    key: 'very_unhealthy',
    name: { vi: 'Rất không tốt cho sức khỏe', en: 'Very Unhealthy' },
    effect: {
      vi: 'Cảnh báo sức khỏe: nguy cơ tăng với mọi người.',
      en: 'Health alert: the risk is increased for everyone.',
    },
    advice: {
      general: {
        vi: 'Tránh vận động nặng hoặc kéo dài ngoài trời; nên chuyển vào trong nhà.',
        en: 'Avoid prolonged or heavy exertion outdoors; consider moving activities indoors.',
      },
      sensitive: { vi: 'Tránh mọi hoạt động gắng sức ngoài trời.', en: 'Avoid all physical activity outdoors.' },
    },
  },
  {
    key: 'hazardous',
    name: { vi: 'Nguy hại', en: 'Hazardous' },
    effect: {
      vi: 'Tình trạng khẩn cấp về sức khỏe: mọi người đều có thể bị ảnh hưởng.',
      en: 'Health emergency: everyone is likely to be affected.',
    },
    advice: {
      general: { vi: 'Tránh mọi hoạt động gắng sức ngoài trời.', en: 'Avoid all physical activity outdoors.' },
      sensitive: {
        vi: 'Ở trong nhà, vận động nhẹ; giữ không khí trong nhà sạch.',
        en: 'Remain indoors, keep activity low and indoor air clean.',
      },
    },
  },
);

export const US_AQI_TABLE: AirIndexTable<UsAqiColumn> & { readonly categories: readonly AirCategory[] } = {
  columns: [
    column({
      key: 'pm2_5',
      pollutant: 'pm2_5',
      bands: bands(
        [0, 9, 0, 50],
        [9.1, 35.4, 51, 100],
        [35.5, 55.4, 101, 150],
        [55.5, 125.4, 151, 200],
        [125.5, 225.4, 201, 300],
        [225.5, 325.4, 301, 500],
      ),
      truncateDecimals: 1,
      ofHour: 'nowcast',
      ofDay: 'mean_24h',
    }),
    column({
      key: 'pm10',
      pollutant: 'pm10',
      bands: bands(
        [0, 54, 0, 50],
        [55, 154, 51, 100],
        [155, 254, 101, 150],
        [255, 354, 151, 200],
        [355, 424, 201, 300],
        [425, 604, 301, 500],
      ),
      truncateDecimals: 0,
      ofHour: 'nowcast',
      ofDay: 'mean_24h',
    }),
    column({
      // ppm. Defines no index above 300: the 1-hour column says.
      key: 'o3_8h',
      pollutant: 'o3',
      bands: bands(
        [0, 0.054, 0, 50],
        [0.055, 0.07, 51, 100],
        [0.071, 0.085, 101, 150],
        [0.086, 0.105, 151, 200],
        [0.106, 0.2, 201, 300],
      ),
      truncateDecimals: 3,
      above: 'none',
      perMicrogram: ppmPerMicrogram('o3'),
      // EPA's NowCast for ozone is a regression, which we don't have: the running 8-hour mean stands for it.
      ofHour: 'mean_8h',
      ofDay: 'maximum_8h',
    }),
    column({
      // ppm. Defines no index below 101.
      key: 'o3_1h',
      pollutant: 'o3',
      bands: bands(
        [0.125, 0.164, 101, 150],
        [0.165, 0.204, 151, 200],
        [0.205, 0.404, 201, 300],
        [0.405, 0.604, 301, 500],
      ),
      truncateDecimals: 3,
      perMicrogram: ppmPerMicrogram('o3'),
      ofHour: 'mean_1h',
      ofDay: 'maximum_1h',
    }),
    column({
      // ppm
      key: 'co_8h',
      pollutant: 'co',
      bands: bands(
        [0, 4.4, 0, 50],
        [4.5, 9.4, 51, 100],
        [9.5, 12.4, 101, 150],
        [12.5, 15.4, 151, 200],
        [15.5, 30.4, 201, 300],
        [30.5, 50.4, 301, 500],
      ),
      truncateDecimals: 1,
      perMicrogram: ppmPerMicrogram('co'),
      ofHour: 'mean_8h',
      ofDay: 'maximum_8h',
    }),
    column({
      // ppb. One-hour values define no index above 200, whatever they are: the 24-hour mean does.
      key: 'so2_1h',
      pollutant: 'so2',
      bands: bands([0, 35, 0, 50], [36, 75, 51, 100], [76, 185, 101, 150], [186, 304, 151, 200]),
      truncateDecimals: 0,
      perMicrogram: ppbPerMicrogram('so2'),
      ofHour: 'mean_1h',
      ofDay: 'maximum_1h',
    }),
    column({
      // ppb
      key: 'so2_24h',
      pollutant: 'so2',
      bands: bands([305, 604, 201, 300], [605, 1004, 301, 500]),
      truncateDecimals: 0,
      perMicrogram: ppbPerMicrogram('so2'),
      ofHour: 'mean_24h',
      ofDay: 'mean_24h',
    }),
    column({
      // ppb
      key: 'no2_1h',
      pollutant: 'no2',
      bands: bands(
        [0, 53, 0, 50],
        [54, 100, 51, 100],
        [101, 360, 101, 150],
        [361, 649, 151, 200],
        [650, 1249, 201, 300],
        [1250, 2049, 301, 500],
      ),
      truncateDecimals: 0,
      perMicrogram: ppbPerMicrogram('no2'),
      ofHour: 'mean_1h',
      ofDay: 'maximum_1h',
    }),
  ],
  categories: US_AQI_CATEGORIES,
  requiresOneOf: [],
};

export const US_AQI: AirIndexMethod<UsAqiColumn> = {
  table: US_AQI_TABLE,
  // 18 of 24 and 6 of 8 hours, as 40 CFR Part 50 asks of daily means.
  capture: { hour: 0.75, eightHours: 0.75, day: 0.75 },
  offset: VIETNAM_TIME,
};
