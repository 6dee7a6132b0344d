import type {
  AirColumn,
  AirIndexTable,
  AirPollutant,
  DayAverage,
  HourAverage,
} from '../../domain/indices/air-index.ts';
import type { AirIndexMethod } from '../../domain/indices/air-index-series.ts';
import { touchingBands } from '../../domain/indices/breakpoints.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import { type AirCategory, airCategories } from './category.ts';

/*
 * VN_AQI: Decision 1459/QĐ-TCMT of the Vietnam Environment Administration, 12 November 2019, in force the same day, in place of Decision
 * 878/QĐ-TCMT (2011). Numbers, Vietnamese names and texts are those of the decision; it has no English, that is ours.
 */

export type VnAqiColumn = 'pm2_5' | 'pm10' | 'o3_1h' | 'o3_8h' | 'no2' | 'so2' | 'co';

/** Table 2, column Iᵢ. */
const LEVELS = [0, 50, 100, 150, 200, 300, 400, 500];

const column = (
  key: VnAqiColumn,
  pollutant: AirPollutant,
  breakpoints: readonly number[],
  ofHour: HourAverage | null,
  ofDay: DayAverage | null,
): AirColumn<VnAqiColumn> => ({
  key,
  pollutant,
  bands: touchingBands(LEVELS, breakpoints),
  truncateDecimals: null,
  // "≥ 500" and the like in the last row: 500 from there on. The 8-hour ozone column ends at 400 µg/m³, above which only the 1-hour one counts.
  above: breakpoints.length === LEVELS.length ? 'top' : 'none',
  perMicrogram: 1,
  ofHour,
  ofDay,
});

/** Table 1; effects of Table 4; advice of Table 5. */
export const VN_AQI_CATEGORIES = airCategories(
  {
    key: 'good',
    name: { vi: 'Tốt', en: 'Good' },
    effect: {
      vi: 'Chất lượng không khí tốt, không ảnh hưởng tới sức khỏe.',
      en: 'The air is good; it does not affect health.',
    },
    advice: {
      general: { vi: 'Tự do thực hiện các hoạt động ngoài trời.', en: 'Be active outdoors as you like.' },
      sensitive: { vi: 'Tự do thực hiện các hoạt động ngoài trời.', en: 'Be active outdoors as you like.' },
    },
  },
  {
    key: 'moderate',
    name: { vi: 'Trung bình', en: 'Moderate' },
    effect: {
      vi: 'Chất lượng không khí ở mức chấp nhận được. Tuy nhiên, đối với những người nhạy cảm (người già, trẻ em, người mắc các bệnh hô hấp, tim mạch…) có thể chịu những tác động nhất định tới sức khỏe.',
      en: 'The air is acceptable. Sensitive people (the elderly, children, people with respiratory or heart disease) may notice effects.',
    },
    advice: {
      general: { vi: 'Tự do thực hiện các hoạt động ngoài trời.', en: 'Be active outdoors as you like.' },
      sensitive: {
        vi: 'Nên theo dõi các triệu chứng như ho hoặc khó thở, nhưng vẫn có thể hoạt động bên ngoài.',
        en: 'Watch for coughing or shortness of breath; you can still be active outdoors.',
      },
    },
  },
  {
    key: 'poor',
    name: { vi: 'Kém', en: 'Poor' },
    effect: {
      vi: 'Những người nhạy cảm gặp phải các vấn đề về sức khỏe, những người bình thường ít ảnh hưởng.',
      en: 'Sensitive people have health problems; others are little affected.',
    },
    advice: {
      general: {
        vi: 'Những người thấy có triệu chứng đau mắt, ho hoặc đau họng… nên cân nhắc giảm các hoạt động ngoài trời. Đối với học sinh, có thể hoạt động bên ngoài, nhưng nên giảm bớt việc tập thể dục kéo dài.',
        en: 'If your eyes or throat hurt or you cough, think of doing less outdoors. Pupils may be outdoors, but should exercise for less long.',
      },
      sensitive: {
        vi: 'Nên giảm các hoạt động mạnh và giảm thời gian hoạt động ngoài trời. Những người mắc bệnh hen suyễn có thể cần sử dụng thuốc thường xuyên hơn.',
        en: 'Exert yourself less and spend less time outdoors. People with asthma may need their medicine more often.',
      },
    },
  },
  {
    key: 'bad',
    name: { vi: 'Xấu', en: 'Bad' },
    effect: {
      vi: 'Những người bình thường bắt đầu có các ảnh hưởng tới sức khỏe, nhóm người nhạy cảm có thể gặp những vấn đề sức khỏe nghiêm trọng hơn.',
      en: 'Everyone begins to be affected; sensitive people may have more serious health problems.',
    },
    advice: {
      general: {
        vi: 'Mọi người nên giảm các hoạt động mạnh khi ở ngoài trời, tránh tập thể dục kéo dài và nghỉ ngơi nhiều hơn trong nhà.',
        en: 'Exert yourself less outdoors, avoid long exercise and rest more indoors.',
      },
      sensitive: {
        vi: 'Nên ở trong nhà và giảm hoạt động mạnh. Nếu cần thiết phải ra ngoài, hãy đeo khẩu trang đạt tiêu chuẩn.',
        en: 'Stay indoors and exert yourself less. If you must go out, wear a certified mask.',
      },
    },
  },
  {
    key: 'very_bad',
    name: { vi: 'Rất xấu', en: 'Very bad' },
    effect: {
      vi: 'Cảnh báo hưởng tới sức khỏe: mọi người bị ảnh hưởng tới sức khỏe nghiêm trọng hơn.',
      en: 'Health warning: everyone is more seriously affected.',
    },
    advice: {
      general: {
        vi: 'Mọi người hạn chế tối đa các hoạt động ngoài trời và chuyển tất cả các hoạt động vào trong nhà. Nếu cần thiết phải ra ngoài, hãy đeo khẩu trang đạt tiêu chuẩn.',
        en: 'Do as little as possible outdoors and move all activities inside. If you must go out, wear a certified mask.',
      },
      sensitive: {
        vi: 'Nên ở trong nhà và giảm hoạt động mạnh.',
        en: 'Stay indoors and exert yourself less.',
      },
    },
  },
  {
    key: 'hazardous',
    name: { vi: 'Nguy hại', en: 'Hazardous' },
    effect: {
      vi: 'Cảnh báo khẩn cấp về sức khỏe: Toàn bộ dân số bị ảnh hưởng tới sức khỏe tới mức nghiêm trọng.',
      en: 'Health emergency: the whole population is seriously affected.',
    },
    advice: {
      general: {
        vi: 'Mọi người nên ở trong nhà, đóng cửa ra vào và cửa sổ. Nếu cần thiết phải ra ngoài, hãy đeo khẩu trang đạt tiêu chuẩn.',
        en: 'Stay indoors with doors and windows shut. If you must go out, wear a certified mask.',
      },
      sensitive: {
        vi: 'Mọi người nên ở trong nhà, đóng cửa ra vào và cửa sổ. Nếu cần thiết phải ra ngoài, hãy đeo khẩu trang đạt tiêu chuẩn.',
        en: 'Stay indoors with doors and windows shut. If you must go out, wear a certified mask.',
      },
    },
  },
);

/** Table 2, µg/m³ throughout; averages of sections 2.2.1 (hour) and 2.2.2 (day). */
export const VN_AQI_TABLE: AirIndexTable<VnAqiColumn> & { readonly categories: readonly AirCategory[] } = {
  columns: [
    column('pm2_5', 'pm2_5', [0, 25, 50, 80, 150, 250, 350, 500], 'nowcast', 'mean_24h'),
    column('pm10', 'pm10', [0, 50, 150, 250, 350, 420, 500, 600], 'nowcast', 'mean_24h'),
    column('o3_1h', 'o3', [0, 160, 200, 300, 400, 800, 1000, 1200], 'mean_1h', 'maximum_1h'),
    column('o3_8h', 'o3', [0, 100, 120, 170, 210, 400], null, 'maximum_8h'),
    column('no2', 'no2', [0, 100, 200, 700, 1200, 2350, 3100, 3850], 'mean_1h', 'maximum_1h'),
    column('so2', 'so2', [0, 125, 350, 550, 800, 1600, 2100, 2630], 'mean_1h', 'maximum_1h'),
    column('co', 'co', [0, 10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000], 'mean_1h', 'maximum_1h'),
  ],
  categories: VN_AQI_CATEGORIES,
  // Section 2.1b: at least one of the two.
  requiresOneOf: ['pm2_5', 'pm10'],
};

export const VN_AQI: AirIndexMethod<VnAqiColumn> = {
  table: VN_AQI_TABLE,
  // The decision asks for quality-controlled data and names no share; three quarters is the platform's choice.
  capture: { hour: 0.75, eightHours: 0.75, day: 0.75 },
  offset: VIETNAM_TIME,
};
