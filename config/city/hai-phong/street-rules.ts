import { above, below, fromPreset, noData, type RuleSeed, rule } from './rule.ts';

const WIND_LEVELS = above(1, ['minor', 13.9, 2], ['major', 17.2, 2], ['critical', 24.5, 1]);

const traffic: readonly RuleSeed[] = [
  rule({
    id: 'traffic-standstill',
    agency: 'transport',
    quantity: 'vehicle_speed',
    name: ['Ùn tắc giao thông', 'Traffic jam'],
    advice: [
      'Xem camera, điều chỉnh pha đèn; cử lực lượng điều tiết nếu có va chạm.',
      'Look at the cameras, change the signal plan; send officers if there was a crash.',
    ],
    condition: below(2, ['minor', 9, 8], ['major', 6, 6]),
    clearHoldMinutes: 6,
  }),
  rule({
    id: 'expressway-slow',
    agency: 'transport',
    quantity: 'vehicle_speed',
    name: ['Cao tốc đi chậm bất thường', 'Expressway unusually slow'],
    advice: [
      'Nghi có sự cố: bật biển báo điện tử, gọi đội cứu hộ cao tốc.',
      'Suspect an incident: set the message signs, call the expressway rescue.',
    ],
    tag: 'expressway',
    condition: below(5, ['minor', 50, 5], ['major', 30, 5], ['critical', 12, 5]),
    clearHoldMinutes: 10,
  }),
  rule({
    id: 'traffic-occupancy',
    agency: 'transport',
    quantity: 'occupancy',
    name: ['Mặt đường bị chiếm dụng cao', 'Detector occupancy high'],
    advice: ['Kiểm tra hàng chờ và sự cố phía trước.', 'Look for queues and incidents ahead.'],
    condition: above(5, ['minor', 55, 8], ['major', 72, 6]),
    clearHoldMinutes: 6,
  }),
  rule({
    id: 'bridge-wind',
    agency: 'transport',
    quantity: 'wind_speed',
    name: ['Gió mạnh trên cầu', 'Strong wind on bridge'],
    advice: [
      'Từ cấp 7 hạn chế xe máy, xe cao; từ cấp 8 cấm xe máy; từ cấp 10 đóng cầu.',
      'Force 7: restrict motorcycles and high vehicles; force 8: no motorcycles; force 10: close the bridge.',
    ],
    tag: 'bridge',
    condition: WIND_LEVELS,
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'port-queue',
    agency: 'transport',
    quantity: 'queue_length',
    name: ['Xe chờ vào cảng kéo dài', 'Long queue at port gate'],
    advice: [
      'Phối hợp cảng mở thêm cổng; phân luồng bãi chờ.',
      'Ask the port for more gates; send trucks to the yard.',
    ],
    tag: 'port',
    condition: above(60, ['minor', 600, 15], ['major', 1_000, 15]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'traffic-no-data',
    agency: 'transport',
    quantity: 'vehicle_flow',
    name: ['Thiết bị đếm xe mất tín hiệu', 'Traffic counter silent'],
    advice: ['Kiểm tra nguồn tủ và đường truyền.', 'Check cabinet supply and link.'],
    condition: noData(['notice', 10], ['minor', 30]),
  }),
];

/** Hourly means of gases against QCVN 05:2023/BTNMT; stations report every five minutes. */
const gases: readonly RuleSeed[] = ['o3', 'no2', 'so2', 'co'].map((gas) =>
  fromPreset(`${gas}-limit`, 'environment', `qcvn05.${gas}.1h`, 300),
);

const environment: readonly RuleSeed[] = [
  rule({
    id: 'pm2-5-high',
    agency: 'environment',
    quantity: 'pm2_5',
    name: ['Bụi mịn PM2.5 cao', 'High PM2.5'],
    advice: [
      'Khuyến cáo nhóm nhạy cảm ở trong nhà; kiểm tra công trường, đốt rác, rơm rạ quanh trạm.',
      'Advise sensitive people to stay in; look for works, waste and straw burning around.',
    ],
    condition: above(5, ['notice', 50, 60], ['minor', 80, 60], ['major', 150, 60], ['critical', 250, 30]),
    clearHoldMinutes: 60,
  }),
  ...gases,
  rule({
    id: 'noise-special',
    agency: 'environment',
    quantity: 'noise_level',
    name: ['Ồn tại khu vực đặc biệt', 'Noise at a special area'],
    advice: ['Bệnh viện, trường học: xác định nguồn, nhắc nhở.', 'Hospital or school: find the source and warn it.'],
    tag: 'noise_area:special',
    condition: above(2, ['notice', 65, 15], ['minor', 72, 15]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'noise-ordinary',
    agency: 'environment',
    quantity: 'noise_level',
    name: ['Ồn tại khu vực thông thường', 'Noise at an ordinary area'],
    advice: ['Xác định nguồn ồn, đo đối chứng.', 'Find the source, measure to compare.'],
    tag: 'noise_area:ordinary',
    condition: above(2, ['notice', 82, 15], ['minor', 88, 15], ['major', 95, 10]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'storm-wind',
    agency: 'environment',
    quantity: 'wind_speed',
    name: ['Gió mạnh, dông bão', 'Storm wind'],
    advice: ['Cảnh báo tàu thuyền, công trường, cây xanh.', 'Warn boats, building sites; watch the trees.'],
    tag: 'weather',
    condition: WIND_LEVELS,
    clearHoldMinutes: 20,
  }),
  rule({
    id: 'heat',
    agency: 'environment',
    quantity: 'temperature',
    name: ['Nắng nóng gay gắt', 'Severe heat'],
    advice: ['Khuyến cáo hạn chế lao động ngoài trời giữa trưa.', 'Advise against outdoor work at midday.'],
    tag: 'weather',
    condition: above(0.5, ['notice', 37, 30], ['minor', 39, 30]),
    clearHoldMinutes: 30,
  }),
  rule({
    id: 'cabinet-open',
    agency: 'environment',
    quantity: 'door_open',
    name: ['Cửa tủ trạm mở', 'Station cabinet open'],
    advice: [
      'Xác minh lịch bảo trì; nếu không có, cử người tới.',
      'Check the maintenance plan; if none, send someone.',
    ],
    condition: above(0, ['notice', 0.5, 0]),
    clearHoldMinutes: 1,
  }),
  rule({
    id: 'environment-battery-low',
    agency: 'environment',
    quantity: 'battery_level',
    name: ['Pin trạm môi trường yếu', 'Environment sensor battery low'],
    advice: ['Lau tấm pin mặt trời hoặc thay pin.', 'Clean the solar panel or change the battery.'],
    condition: below(3, ['notice', 20, 60], ['minor', 10, 60]),
    clearHoldMinutes: 60,
  }),
  rule({
    id: 'air-no-data',
    agency: 'environment',
    quantity: 'pm2_5',
    name: ['Trạm không khí mất tín hiệu', 'Air station silent'],
    advice: ['Kiểm tra nguồn và đường truyền của trạm.', 'Check the supply and the link of the station.'],
    condition: noData(['notice', 30], ['minor', 90]),
  }),
];

/** Rules of traffic and of the environment. */
export const STREET_RULES: readonly RuleSeed[] = [...traffic, ...environment];
