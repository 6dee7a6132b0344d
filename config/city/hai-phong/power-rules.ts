import { above, below, noData, outside, type RuleSeed, rule } from './rule.ts';

const VOLTAGE_ADVICE = [
  'Kiểm tra nấc phân áp, cân pha và phụ tải; mất điện: xác định phạm vi qua tín hiệu mất điện của công tơ.',
  'Check tap, phase balance and load; if dead, find the extent from the meters’ last gasps.',
] as const;
/**
 * 220 V ± 5 % in normal operation (209 … 231 V inclusive, so the band opens a tenth outside); ± 10 % is tolerated only while the grid is not yet
 * stable after a fault; half the nominal is an outage on that phase.
 */
const voltageBand = outside(1, ['minor', 208.9, 231.1, 10], ['major', 197.9, 242.1, 5], ['critical', 110, 275, 0]);

export const POWER_RULES: readonly RuleSeed[] = [
  ...(['l1', 'l2', 'l3'] as const).map((phase, index) =>
    rule({
      id: `transformer-voltage-${phase}`,
      agency: 'power',
      quantity: `voltage_${phase}`,
      name: [`Điện áp pha ${'ABC'[index]} ngoài giới hạn`, `Voltage ${phase.toUpperCase()} out of limits`],
      advice: VOLTAGE_ADVICE,
      tag: 'transformer',
      condition: voltageBand,
      clearHoldMinutes: 6,
    }),
  ),
  rule({
    id: 'meter-voltage',
    agency: 'power',
    quantity: 'voltage',
    name: ['Điện áp tại khách hàng ngoài giới hạn', 'Customer voltage out of limits'],
    advice: VOLTAGE_ADVICE,
    // A dead supply is told by `supply-lost`; this one is about quality.
    condition: outside(1, ['notice', 208.9, 231.1, 0], ['minor', 197.9, 242.1, 0]),
    clearHoldMinutes: 10,
  }),
  rule({
    id: 'supply-lost',
    agency: 'power',
    quantity: 'power_present',
    name: ['Mất điện khách hàng', 'Supply lost at customer'],
    advice: [
      'Gom theo trạm biến áp; nhiều công tơ cùng trạm báo mất: cử đội sửa chữa tới trạm.',
      'Group by transformer; several meters of one transformer: send the crew to it.',
    ],
    condition: below(0, ['major', 0.5, 0]),
    clearHoldMinutes: 1,
  }),
  rule({
    id: 'transformer-load',
    agency: 'power',
    quantity: 'load_percent',
    name: ['Máy biến áp đầy tải, quá tải', 'Transformer heavily loaded'],
    advice: ['San tải sang trạm lân cận; chuẩn bị máy dự phòng.', 'Shift load to neighbours; ready a spare.'],
    condition: above(5, ['notice', 90, 20], ['minor', 100, 15], ['major', 120, 10], ['critical', 140, 5]),
    clearHoldMinutes: 15,
  }),
  rule({
    id: 'transformer-oil',
    agency: 'power',
    quantity: 'oil_temperature',
    name: ['Nhiệt độ dầu máy biến áp cao', 'Transformer oil hot'],
    advice: ['Giảm tải, kiểm tra quạt làm mát và mức dầu.', 'Unload; check fans and oil level.'],
    condition: above(3, ['minor', 85, 10], ['major', 95, 5], ['critical', 105, 2]),
    clearHoldMinutes: 20,
  }),
  rule({
    id: 'grid-frequency',
    agency: 'power',
    quantity: 'frequency',
    name: ['Tần số lưới lệch', 'Grid frequency off'],
    advice: ['Liên hệ điều độ miền; sẵn sàng sa thải phụ tải.', 'Call regional dispatch; be ready to shed load.'],
    condition: outside(0.02, ['minor', 49.8, 50.2, 1], ['major', 49.5, 50.5, 0]),
  }),
  rule({
    id: 'feeder-dead',
    agency: 'power',
    quantity: 'line_voltage',
    name: ['Điện áp xuất tuyến bất thường', 'Feeder voltage abnormal'],
    advice: ['Kiểm tra máy cắt đầu tuyến; phân đoạn tìm sự cố.', 'Check the feeder breaker; sectionalise.'],
    condition: outside(100, ['minor', 20_900, 24_200, 5], ['critical', 2_000, 27_000, 0]),
  }),
  rule({
    id: 'feeder-power-factor',
    agency: 'power',
    quantity: 'power_factor',
    name: ['Hệ số công suất xuất tuyến thấp', 'Feeder power factor low'],
    advice: ['Kiểm tra tụ bù.', 'Check the capacitor banks.'],
    tag: 'feeder',
    condition: below(0.01, ['notice', 0.88, 30], ['minor', 0.8, 30]),
    clearHoldMinutes: 30,
  }),
  rule({
    id: 'power-no-data',
    agency: 'power',
    quantity: 'line_voltage',
    name: ['Thiết bị xuất tuyến mất tín hiệu', 'Feeder device silent'],
    advice: ['Kiểm tra đường truyền trạm; gọi trực trạm.', 'Check the substation link; call the attendant.'],
    condition: noData(['minor', 5], ['major', 15]),
  }),
  rule({
    id: 'meters-no-data',
    agency: 'power',
    quantity: 'power_present',
    name: ['Công tơ mất tín hiệu', 'Meter silent'],
    advice: [
      'Một công tơ: kiểm tra sóng; cả cụm: có thể mất điện.',
      'One meter: check radio; a cluster: maybe an outage.',
    ],
    condition: noData(['notice', 95], ['minor', 360]),
  }),
];
