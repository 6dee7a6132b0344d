import type { DeviceModel } from '../../../domain/asset.ts';
import type { DeviceModelId } from '../../../domain/identifiers.ts';
import type { Localized } from '../../../domain/localized.ts';
import type { ClosedRange, Domain } from '../../../domain/quantity.ts';
import { seconds } from '../../../domain/time.ts';
import { type CatalogueKey, quantityKey } from '../../quantities.ts';

const MAKER = 'Hải Đăng reference design';

/** A channel whose key is the quantity's own; the range, where given, is narrower than the catalogue's. */
type ChannelRow = CatalogueKey | readonly [quantity: CatalogueKey, range: ClosedRange];

const model = (
  id: string,
  domain: Domain,
  title: Localized,
  intervalSeconds: number,
  channels: readonly ChannelRow[],
): Omit<DeviceModel, 'version'> => ({
  id: id as DeviceModelId,
  agencyId: null,
  maker: MAKER,
  name: title.en,
  title,
  domain,
  format: 'native-json',
  channels: channels.map((row) => {
    const [key, plausibleRange] = typeof row === 'string' ? [row, null] : row;
    return { key, quantity: quantityKey(key), plausibleRange };
  }),
  expectedInterval: seconds(intervalSeconds),
  rateLimit: null,
});

/** Lithium thionyl chloride cell, 3.6 V nominal. */
const CELL: ChannelRow = ['battery_voltage', { min: 2.7, max: 3.8 }];

export const DEVICE_MODELS: readonly Omit<DeviceModel, 'version'>[] = [
  model('traffic-radar', 'traffic', { vi: 'Radar đếm xe theo loại', en: 'Radar counter with classes' }, 60, [
    'vehicle_flow',
    'motorcycle_flow',
    'car_flow',
    'bus_flow',
    'truck_flow',
    'vehicle_speed',
    'occupancy',
  ]),
  model(
    'traffic-segment',
    'traffic',
    { vi: 'Cặp đo thời gian đi qua đoạn đường', en: 'Segment travel time pair' },
    60,
    ['vehicle_flow', 'vehicle_speed', 'occupancy', 'vehicle_density', 'travel_time'],
  ),
  model('traffic-port-gate', 'traffic', { vi: 'Bộ đếm xe ở cổng cảng', en: 'Port gate counter' }, 60, [
    'vehicle_flow',
    'truck_flow',
    'queue_length',
  ]),
  model('traffic-gateway', 'traffic', { vi: 'Cổng kết nối tại tủ giao thông', en: 'Roadside gateway' }, 60, [
    'battery_level',
  ]),
  model('traffic-car-park', 'traffic', { vi: 'Bộ đếm chỗ đỗ xe', en: 'Car park counter' }, 60, ['parking_occupied']),
  model('traffic-anemometer', 'traffic', { vi: 'Máy đo gió trên cầu', en: 'Bridge anemometer' }, 60, [
    'wind_speed',
    'wind_direction',
  ]),

  model('water-river-radar', 'water', { vi: 'Radar đo mực nước sông', en: 'River radar level gauge' }, 300, [
    'water_level',
    CELL,
  ]),
  model(
    'water-river-adcp',
    'water',
    { vi: 'Trạm đo mực nước và lưu lượng sông', en: 'River level and discharge station' },
    300,
    ['water_level', 'river_discharge', 'water_temperature'],
  ),
  model('water-tide', 'water', { vi: 'Trạm đo thủy triều', en: 'Tide station' }, 60, [
    'water_level',
    'water_temperature',
    'salinity',
  ]),
  model('water-rain', 'water', { vi: 'Vũ lượng ký chao lật', en: 'Tipping bucket rain gauge' }, 600, [
    'rain',
    'rain_intensity',
    CELL,
  ]),
  model('water-flood', 'water', { vi: 'Radar đo ngập đường', en: 'Road flood radar' }, 60, [
    'flood_depth',
    'battery_level',
  ]),
  model('water-sluice', 'water', { vi: 'Bộ điều khiển cửa cống', en: 'Sluice gate controller' }, 300, [
    'water_level',
    'gate_opening',
    'salinity',
  ]),
  model('water-pumps', 'water', { vi: 'Bộ điều khiển trạm bơm', en: 'Pumping station controller' }, 60, [
    'pump_running',
    'water_flow',
    'water_level',
    'active_power',
  ]),
  model(
    'water-plant-outlet',
    'water',
    { vi: 'Đo lưu lượng và áp lực đầu ra nhà máy nước', en: 'Plant outlet flow and pressure' },
    60,
    ['water_flow', 'water_pressure', 'tank_level'],
  ),
  model(
    'water-plant-quality',
    'water',
    { vi: 'Máy phân tích chất lượng nước đầu ra', en: 'Plant outlet quality analyser' },
    120,
    ['free_chlorine', ['turbidity', { min: 0, max: 20 }], 'ph', ['conductivity', { min: 50, max: 2_000 }]],
  ),
  model('water-raw', 'water', { vi: 'Đầu đo chất lượng nước thô', en: 'Raw water quality sonde' }, 600, [
    'water_temperature',
    'ph',
    'conductivity',
    'turbidity',
    'dissolved_oxygen',
    'ammonium',
    'salinity',
  ]),
  model('water-dma-inlet', 'water', { vi: 'Đồng hồ điện từ đầu vào khu vực', en: 'Electromagnetic inlet meter' }, 300, [
    'water_flow',
    'water_pressure',
    'water_volume',
  ]),
  model('water-pressure', 'water', { vi: 'Bộ ghi áp lực', en: 'Pressure logger' }, 300, ['water_pressure', CELL]),
  model(
    'water-customer',
    'water',
    { vi: 'Đồng hồ nước siêu âm của khách hàng', en: 'Ultrasonic customer meter' },
    1800,
    ['water_flow', 'water_volume', 'battery_level'],
  ),

  model('power-substation', 'power', { vi: 'Bộ kết nối trạm biến áp', en: 'Substation gateway' }, 30, [
    'line_voltage',
    'active_power',
    'reactive_power',
    'frequency',
    'load_percent',
    'oil_temperature',
  ]),
  model('power-feeder', 'power', { vi: 'Bộ điều khiển máy cắt xuất tuyến', en: 'Feeder recloser controller' }, 60, [
    'line_voltage',
    'active_power',
    'reactive_power',
    'current',
    'power_factor',
  ]),
  model('power-transformer', 'power', { vi: 'Bộ giám sát máy biến áp', en: 'Transformer monitor' }, 120, [
    'voltage_l1',
    'voltage_l2',
    'voltage_l3',
    'current',
    'neutral_current',
    'active_power',
    'active_energy',
    'load_percent',
    'oil_temperature',
  ]),
  model('power-meter', 'power', { vi: 'Công tơ điện báo mất điện', en: 'Electricity meter with last gasp' }, 1800, [
    'voltage',
    'current',
    'active_power',
    'active_energy',
    'power_factor',
    'power_present',
  ]),

  model('air-reference', 'environment', { vi: 'Trạm quan trắc không khí chuẩn', en: 'Reference air station' }, 300, [
    'pm2_5',
    'pm10',
    'o3',
    'no2',
    'so2',
    'co',
    'temperature',
    'humidity',
    'cabinet_temperature',
    'door_open',
  ]),
  model('air-sensor', 'environment', { vi: 'Cảm biến bụi quang học', en: 'Optical dust sensor' }, 300, [
    'pm2_5',
    'pm10',
    'temperature',
    'humidity',
    'battery_level',
  ]),
  model('noise', 'environment', { vi: 'Trạm đo tiếng ồn cấp 1', en: 'Class 1 noise monitor' }, 60, [
    'noise_level',
    'battery_level',
  ]),
  model('weather', 'environment', { vi: 'Trạm thời tiết tự động', en: 'Automatic weather station' }, 300, [
    'temperature',
    'humidity',
    'air_pressure',
    'wind_speed',
    'wind_direction',
    'solar_irradiance',
  ]),
];
