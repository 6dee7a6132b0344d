import {
  EXPRESSWAY_LEAST_SPEED,
  EXPRESSWAY_OCCUPANCY,
  FAILED_EXPRESSWAY_SPEED,
  FAILED_STREET_SPEED,
  STANDING_STREET_SPEED,
} from '../legal-limits/traffic-flow.ts';
import { quantityKey } from '../quantities.ts';
import { ALWAYS, above, below, level, preset } from './from-limits.ts';
import type { RulePreset } from './preset.ts';

/** On an expressway nothing slows all lanes for minutes but an incident. */
const EXPRESSWAY_HOLD_MINUTES = 3;
/** A street stands at each red light, and through a cycle or two of them. */
const STREET_HOLD_MINUTES = 10;
/** Work and school begin at 7 to 7:30 and end at 16:30 to 17:30; on Sundays there is no rush. */
const OUTSIDE_RUSH: RulePreset['weekly'] = [
  { days: [1, 2, 3, 4, 5, 6, 7], from: '19:00', to: '06:00' },
  { days: [1, 2, 3, 4, 5, 6], from: '08:30', to: '16:00' },
  { days: [7], from: '06:00', to: '19:00' },
];
const STREET_ADVICE = {
  vi: 'Xem camera, điều chỉnh pha đèn; cử lực lượng điều tiết nếu có va chạm.',
  en: 'Look at the cameras, change the signal plan; send officers if there was a crash.',
} as const;
const EXPRESSWAY = { tags: ['expressway'] };
const INCIDENT_ADVICE = {
  vi: 'Nghi có sự cố: xem camera, bật biển báo điện tử, gọi cứu hộ; cảnh báo dòng xe phía sau.',
  en: 'Suspect an incident: look at the cameras, set the message signs, call the rescue; warn the traffic behind.',
} as const;

/** Incidents on expressways and jams in streets. */
export const TRAFFIC_PRESETS: readonly RulePreset[] = [
  preset({
    key: 'traffic.expressway_speed',
    domain: 'traffic',
    quantity: quantityKey('vehicle_speed'),
    name: { vi: 'Cao tốc chậm dưới tốc độ tối thiểu', en: 'Expressway slower than its least speed' },
    advice: INCIDENT_ADVICE,
    caution: {
      vi: 'Các mức chưa đối chiếu văn bản; mức nặng tính cho tốc độ tự do 100 km/h, sửa theo tuyến.',
      en: 'Levels not yet compared with their documents; the worse one is for a free speed of 100 km/h, change it for the road.',
    },
    breach: below(
      level('minor', EXPRESSWAY_LEAST_SPEED, EXPRESSWAY_HOLD_MINUTES),
      level('major', FAILED_EXPRESSWAY_SPEED, EXPRESSWAY_HOLD_MINUTES),
    ),
    hysteresis: 5,
    clearHold: 10,
    selection: EXPRESSWAY,
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'traffic.expressway_occupancy',
    domain: 'traffic',
    quantity: quantityKey('occupancy'),
    name: { vi: 'Cao tốc ùn ứ, mức phục vụ E và F', en: 'Expressway congested, level of service E and F' },
    advice: INCIDENT_ADVICE,
    caution: {
      vi: 'Quy đổi từ mật độ với 6,5 m cho xe và vùng đo; hiệu chỉnh theo từng bộ đếm.',
      en: 'Worked out from density with 6.5 m for a vehicle and the detector’s zone; calibrate for each detector.',
    },
    breach: above(
      level('notice', EXPRESSWAY_OCCUPANCY.E, EXPRESSWAY_HOLD_MINUTES),
      level('minor', EXPRESSWAY_OCCUPANCY.F, EXPRESSWAY_HOLD_MINUTES),
    ),
    hysteresis: 1,
    clearHold: 10,
    selection: EXPRESSWAY,
    inForce: ALWAYS,
    needs: 'nothing',
  }),
  preset({
    key: 'traffic.street_speed',
    domain: 'traffic',
    quantity: quantityKey('vehicle_speed'),
    name: {
      vi: 'Đường đô thị ùn tắc ngoài giờ cao điểm, mức phục vụ F',
      en: 'Street jammed outside the rush hours, level of service F',
    },
    advice: STREET_ADVICE,
    caution: {
      vi: 'Tính cho tốc độ tự do 50 km/h, chưa đối chiếu văn bản. Ùn ứ giờ cao điểm ngày nào cũng có nên không báo: sửa khung giờ theo tuyến.',
      en: 'For a free speed of 50 km/h, not yet compared with its document. What every rush hour brings is not told: change the hours for the road.',
    },
    breach: below(level('notice', FAILED_STREET_SPEED, STREET_HOLD_MINUTES)),
    hysteresis: 2,
    clearHold: 10,
    selection: {},
    inForce: ALWAYS,
    weekly: OUTSIDE_RUSH,
    needs: 'nothing',
  }),
  preset({
    key: 'traffic.street_stop',
    domain: 'traffic',
    quantity: quantityKey('vehicle_speed'),
    name: { vi: 'Đường gần như đứng yên', en: 'Street at a standstill' },
    advice: STREET_ADVICE,
    caution: {
      vi: 'Áp dụng mọi lúc, kể cả giờ cao điểm: chậm hơn người đi bộ trong 10 phút là bất thường.',
      en: 'At all times, the rush hours too: slower than somebody on foot for ten minutes is not what they bring.',
    },
    breach: below(level('minor', STANDING_STREET_SPEED, STREET_HOLD_MINUTES)),
    hysteresis: 2,
    clearHold: 10,
    selection: {},
    inForce: ALWAYS,
    needs: 'nothing',
  }),
];
