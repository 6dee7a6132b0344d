import { RIVER_STATIONS } from '../../legal-limits/river-alerts.ts';
import { above, below, falling, fromPreset, noData, outside, type RuleSeed, rule } from './rule.ts';
import { DISTRICT_METERED_AREAS } from './water-places.ts';

/** River alert levels (báo động) of the stations that have any confirmed: from their presets, as the numbers are of `legal-limits/river-alerts.ts`. */
const riverRules: readonly RuleSeed[] = RIVER_STATIONS.filter(({ levels }) =>
  levels.some((level) => level !== null),
).map(({ slug }) => fromPreset(`river-alert-${slug}`, 'hydromet', `river_alert.${slug}`));

const hydromet: readonly RuleSeed[] = [
  ...riverRules,
  rule({
    id: 'tide-high',
    agency: 'hydromet',
    quantity: 'water_level',
    name: ['Triều cường tại Hòn Dáu', 'High spring tide at Hòn Dáu'],
    advice: [
      'Đóng cống ngăn triều; cảnh báo vùng trũng ven biển Đồ Sơn, Cát Hải.',
      'Shut the tidal sluices; warn the low coast of Đồ Sơn and Cát Hải.',
    ],
    tag: 'tide',
    condition: above(0.05, ['minor', 3.8, 5], ['major', 4.0, 5], ['critical', 4.4, 5]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'rain-intense',
    agency: 'hydromet',
    quantity: 'rain_intensity',
    name: ['Mưa cường độ lớn', 'Intense rain'],
    advice: [
      'Vận hành trạm bơm tiêu, hạ mực nước hồ điều hòa; theo dõi các điểm ngập.',
      'Run the drainage pumps, draw the balancing lakes down; watch the flood spots.',
    ],
    condition: above(5, ['notice', 20, 0], ['minor', 40, 0], ['major', 70, 0]),
    clearHoldMinutes: 20,
  }),
  rule({
    id: 'hydromet-cell-low',
    agency: 'hydromet',
    quantity: 'battery_voltage',
    name: ['Pin trạm thủy văn yếu', 'Gauge battery low'],
    advice: ['Thay pin trong lần kiểm tra tới.', 'Change the cell at the next visit.'],
    condition: below(0.05, ['notice', 3.1, 120], ['minor', 2.9, 120]),
    clearHoldMinutes: 60,
  }),
  rule({
    id: 'hydromet-no-data',
    agency: 'hydromet',
    quantity: 'water_level',
    name: ['Trạm mực nước mất tín hiệu', 'Level gauge silent'],
    advice: ['Kiểm tra đường truyền và nguồn của trạm.', 'Check the link and the supply of the station.'],
    condition: noData(['minor', 30], ['major', 120]),
  }),
];

const drainage: readonly RuleSeed[] = [
  rule({
    id: 'street-flood',
    agency: 'drainage',
    quantity: 'flood_depth',
    name: ['Ngập đường', 'Street flooding'],
    advice: [
      'Từ 15 cm: cảnh báo xe máy; từ 30 cm: hạn chế ô tô; từ 50 cm: rào chắn, phân luồng.',
      'From 15 cm warn motorcycles; from 30 cm keep cars out; from 50 cm close the street and divert.',
    ],
    condition: above(0.03, ['notice', 0.05, 3], ['minor', 0.15, 2], ['major', 0.3, 2], ['critical', 0.5, 1]),
    clearHoldMinutes: 10,
  }),
  rule({
    id: 'sluice-salinity',
    agency: 'drainage',
    quantity: 'salinity',
    name: ['Mặn vượt ngưỡng tại cống lấy nước', 'Salinity at an intake sluice'],
    advice: [
      'Từ 1‰ không mở cống lấy nước tưới; chờ con triều rút.',
      'From 1 PSU do not open for irrigation; wait for the ebb.',
    ],
    points: ['p-wg-trung-trang', 'p-wg-quang-dat', 'p-wg-chanh-chu', 'p-wg-bang-lai'],
    condition: above(0.1, ['minor', 1, 15], ['major', 4, 15]),
    clearHoldMinutes: 30,
  }),
  rule({
    id: 'drainage-no-data',
    agency: 'drainage',
    quantity: 'flood_depth',
    name: ['Cảm biến ngập mất tín hiệu', 'Flood sensor silent'],
    advice: ['Coi điểm này là chưa rõ; dùng camera gần nhất.', 'Treat the spot as unknown; use the nearest camera.'],
    condition: noData(['minor', 15], ['major', 60]),
  }),
  rule({
    id: 'flood-battery-low',
    agency: 'drainage',
    quantity: 'battery_level',
    name: ['Pin cảm biến ngập yếu', 'Flood sensor battery low'],
    advice: ['Thay pin trước mùa mưa bão.', 'Change the battery before the storm season.'],
    condition: below(3, ['notice', 20, 60], ['minor', 10, 60]),
    clearHoldMinutes: 60,
  }),
];

/** Mean daily use per connection, m³, by which a zone's limits are set. */
const M3_PER_CONNECTION_DAY = 0.62;
const inletRules: readonly RuleSeed[] = DISTRICT_METERED_AREAS.map(([slug, vi, en, , , , , connections]) => {
  const meanM3PerHour = (connections * M3_PER_CONNECTION_DAY * 1.25) / 24;
  return rule({
    id: `dma-inflow-${slug}`,
    agency: 'water-supply',
    quantity: 'water_flow',
    name: [`Lưu lượng vào bất thường, ${vi}`, `Unusual inflow, ${en}`],
    advice: [
      'So với áp lực trong vùng: lưu lượng tăng, áp giảm là vỡ ống; cử tổ dò tìm, khoanh van.',
      'Compare with zone pressure: more flow and less pressure is a burst; send the crew, close valves.',
    ],
    points: [`p-wd-${slug}`],
    condition: above(
      Math.round(meanM3PerHour * 0.1),
      ['minor', Math.round(meanM3PerHour * 1.9), 10],
      ['major', Math.round(meanM3PerHour * 2.4), 10],
    ),
    clearHoldMinutes: 30,
  });
});

const supply: readonly RuleSeed[] = [
  ...inletRules,
  rule({
    id: 'dma-pressure-low',
    agency: 'water-supply',
    quantity: 'water_pressure',
    name: ['Áp lực nước thấp', 'Low water pressure'],
    advice: ['Kiểm tra van đầu vùng và tuyến truyền tải.', 'Check the inlet valve and the trunk main.'],
    tag: 'pressure',
    condition: below(0.1, ['minor', 1.0, 15], ['major', 0.6, 10], ['critical', 0.3, 5]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'dma-pressure-drop',
    agency: 'water-supply',
    quantity: 'water_pressure',
    name: ['Áp lực sụt nhanh', 'Sudden pressure drop'],
    advice: ['Dấu hiệu vỡ ống: đối chiếu lưu lượng đầu vào.', 'Sign of a burst: compare the inlet flow.'],
    tag: 'pressure',
    condition: falling(15, 0.1, ['minor', 0.6, 0], ['major', 1.0, 0]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'plant-chlorine',
    agency: 'water-supply',
    quantity: 'free_chlorine',
    name: ['Clo dư ngoài giới hạn', 'Residual chlorine out of limits'],
    advice: ['Kiểm tra bơm định lượng; lấy mẫu đối chứng.', 'Check the dosing pump; take a control sample.'],
    condition: outside(0.03, ['minor', 0.2, 1.0, 10], ['major', 0.1, 1.5, 5]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'plant-turbidity',
    agency: 'water-supply',
    quantity: 'turbidity',
    name: ['Độ đục nước thành phẩm cao', 'Treated water turbidity high'],
    advice: ['Kiểm tra bể lọc, rửa lọc; xả bỏ nếu cần.', 'Check and wash the filters; run to waste if needed.'],
    tag: 'water_plant',
    condition: above(0.1, ['minor', 2, 10], ['major', 5, 5]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'raw-salinity',
    agency: 'water-supply',
    quantity: 'salinity',
    name: ['Nước nguồn nhiễm mặn', 'Saline raw water'],
    advice: ['Chuyển nguồn hoặc ngừng lấy nước qua đỉnh triều.', 'Change source or stop the intake over high water.'],
    points: ['p-ww-da-do', 'p-ww-re-quan-vinh', 'p-ww-gia-minh-duc', 'p-ww-thai-binh-hd'],
    condition: above(0.05, ['minor', 0.45, 20], ['major', 1, 20]),
    clearHoldMinutes: 60,
  }),
  rule({
    id: 'raw-oxygen',
    agency: 'water-supply',
    quantity: 'dissolved_oxygen',
    name: ['Ôxy hòa tan nước sông thấp', 'Low dissolved oxygen in river'],
    advice: ['Kiểm tra nguồn xả thải phía thượng lưu.', 'Look for discharges upstream.'],
    condition: below(0.2, ['notice', 4, 60], ['minor', 2, 30]),
    clearHoldMinutes: 60,
  }),
  rule({
    id: 'supply-no-data',
    agency: 'water-supply',
    quantity: 'water_flow',
    name: ['Đồng hồ vùng mất tín hiệu', 'Zone meter silent'],
    advice: ['Kiểm tra thiết bị truyền; tạm dùng số liệu nhà máy.', 'Check the logger; use plant figures meanwhile.'],
    tag: 'dma',
    // Customer meters send every half hour.
    condition: noData(['notice', 90], ['minor', 180]),
  }),
];

export const WATER_RULES: readonly RuleSeed[] = [...hydromet, ...drainage, ...supply];
