import { HIGH_WATER_HON_DAU } from '../legal-limits/sea-level.ts';
import { PRESSURE_FALLS, WIND_FORCES } from '../legal-limits/wind.ts';
import { quantityKey } from '../quantities.ts';
import { ALWAYS, above, falling, level, preset } from './from-limits.ts';
import type { RulePreset } from './preset.ts';

/** Warnings count a mean of two minutes; a gust is no storm. */
const WIND_HOLD_MINUTES = 2;
/** A tide gauge shows the wash of ships and swell, too. */
const SEA_HOLD_MINUTES = 5;

/** Wind, falling pressure and high water of a tropical cyclone. */
export const STORM_PRESETS: readonly RulePreset[] = [
  preset({
    key: 'storm.wind',
    domain: 'environment',
    quantity: quantityKey('wind_speed'),
    name: { vi: 'Gió cấp 6, 8, 10, 12 (áp thấp nhiệt đới, bão)', en: 'Wind of force 6, 8, 10, 12 (depression, storm)' },
    advice: {
      vi: 'Cấp 6: neo đậu tàu thuyền, chằng buộc; cấp 8: hạn chế xe máy và xe cao qua cầu; cấp 10: đóng cầu, không ra ngoài.',
      en: 'Force 6: secure boats and loose things; force 8: keep motorcycles and high vehicles off bridges; force 10: close bridges, stay in.',
    },
    caution: {
      vi: 'Cấp gió tính ở độ cao 10 m; máy trên cầu đặt cao hơn nên báo sớm hơn.',
      en: 'Forces are of wind ten metres up; an anemometer on a bridge stands higher and alarms sooner.',
    },
    breach: above(
      level('notice', WIND_FORCES.six, WIND_HOLD_MINUTES),
      level('minor', WIND_FORCES.eight, WIND_HOLD_MINUTES),
      level('major', WIND_FORCES.ten, WIND_HOLD_MINUTES),
      level('critical', WIND_FORCES.twelve, WIND_HOLD_MINUTES),
    ),
    hysteresis: 1,
    // A storm's wind comes in bands: between two of them it isn't over.
    clearHold: 30,
    selection: {},
    inForce: WIND_FORCES.six.inForce,
    needs: 'nothing',
  }),
  preset({
    key: 'storm.pressure_fall',
    domain: 'environment',
    quantity: quantityKey('air_pressure'),
    name: { vi: 'Khí áp giảm nhanh trong 3 giờ', en: 'Air pressure falling quickly over 3 hours' },
    advice: {
      vi: 'Có thể bão, dông mạnh đang tới: theo dõi bản tin, chuẩn bị chống nước dâng, đóng cống ngăn triều trước đỉnh triều.',
      en: 'A storm may be near: follow the bulletins, prepare for a surge, shut the tidal sluices before high water.',
    },
    caution: {
      vi: 'Định nghĩa của Cơ quan Khí tượng Anh; Việt Nam chưa quy định. Ở vùng nhiệt đới khí áp tự thay đổi tới khoảng 2 hPa trong 3 giờ mỗi ngày.',
      en: 'As the United Kingdom’s Met Office defines it; Vietnam has no such number. In the tropics pressure swings by about 2 hPa in 3 hours on any day.',
    },
    breach: falling(180, level('notice', PRESSURE_FALLS.quickly, 10), level('minor', PRESSURE_FALLS.veryRapidly, 10)),
    hysteresis: 0.5,
    clearHold: 60,
    selection: {},
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'high_water.hon-dau',
    domain: 'water',
    quantity: quantityKey('water_level'),
    name: { vi: 'Triều cường, nước dâng tại Hòn Dáu', en: 'High spring tide or surge at Hòn Dáu' },
    advice: {
      vi: 'Đóng cống ngăn triều; cảnh báo vùng trũng ven biển, ven sông; kiểm tra đê, kè biển.',
      en: 'Shut the tidal sluices; warn low coasts and river banks; check the sea dykes.',
    },
    caution: {
      vi: 'Độ cao theo số 0 hải đồ tại Hòn Dáu; trạm khác có mốc khác. Nước dâng lúc triều kém không tới các mức này: xem thêm khí áp.',
      en: 'Above chart datum at Hòn Dáu; another gauge has another datum. A surge at neap tide stays below: watch the pressure, too.',
    },
    breach: above(
      level('minor', HIGH_WATER_HON_DAU.risk, SEA_HOLD_MINUTES),
      level('major', HIGH_WATER_HON_DAU.highest, SEA_HOLD_MINUTES),
    ),
    hysteresis: 0.05,
    clearHold: 15,
    selection: { points: ['p-wt-hon-dau'] },
    inForce: ALWAYS,
    needs: 'nothing',
  }),
];
