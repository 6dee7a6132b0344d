import type { Localized } from '../domain/localized.ts';
import type { AggregationKind, Domain, Quantity, QuantityCatalogue, QuantityKey } from '../domain/quantity.ts';
import { minutes } from '../domain/time.ts';

interface Row {
  readonly domain: Domain;
  /** UCUM code; UCUM has no atom for vehicles, NTU, psu or var: those are annotations. */
  readonly unit: string;
  readonly symbol: string;
  readonly localSymbol?: Localized;
  readonly name: Localized;
  readonly physical: readonly [min: number, max: number];
  readonly plausible: readonly [min: number, max: number];
  readonly aggregation: AggregationKind;
  readonly decimals: number;
  readonly staleMinutes: number;
  readonly computed?: true;
  readonly stateNames?: readonly Localized[];
}

/** UCUM code, how it is written, and how in Vietnamese where that is another word. */
type Unit = readonly [unit: string, symbol: string, symbolInVietnamese?: string];

const row = (
  domain: Domain,
  [unit, symbol, symbolInVietnamese]: Unit,
  [vi, en]: readonly [string, string],
  ranges: Pick<Row, 'physical' | 'plausible'>,
  aggregation: AggregationKind,
  decimals: number,
  staleMinutes: number,
): Row => ({
  ...{ domain, unit, symbol, name: { vi, en }, ...ranges, aggregation, decimals, staleMinutes },
  ...(symbolInVietnamese !== undefined && { localSymbol: { vi: symbolInVietnamese, en: symbol } }),
});

/** What the platform works out itself, at the end of each hour or day: "no data" once two hours, or a day and some, have gone by without. */
const computed = (
  domain: Domain,
  unit: Unit,
  name: readonly [vi: string, en: string],
  [min, max]: readonly [min: number, max: number],
  decimals: number,
  every: 'hour' | 'day',
): Row => ({
  ...row(domain, unit, name, within(min, min, max, max), 'interval_mean', decimals, every === 'hour' ? 130 : 26 * 60),
  computed: true,
});

/** One thing or the other: what 0 and 1 are called. */
const eitherOf = (
  domain: Domain,
  name: readonly [vi: string, en: string],
  names: readonly (readonly [vi: string, en: string])[],
  staleMinutes: number,
): Row => ({
  ...row(domain, ONE, name, within(0, 0, 1, 1), 'state', 0, staleMinutes),
  stateNames: names.map(([vi, en]) => ({ vi, en })),
});

/** `within(a, b, c, d)`: physically a … d, plausible here b … c. */
const within = (low: number, plausibleLow: number, plausibleHigh: number, high: number) => ({
  physical: [low, high] as const,
  plausible: [plausibleLow, plausibleHigh] as const,
});

const VEHICLES_PER_HOUR = ['{vehicle}/h', 'veh/h', 'xe/h'] as const;
const PERCENT = ['%', '%'] as const;
const METRE = ['m', 'm'] as const;
const MG_PER_LITRE = ['mg/L', 'mg/L'] as const;
const UG_PER_M3 = ['ug/m3', 'µg/m³'] as const;
const CELSIUS = ['Cel', '°C'] as const;
const VOLT = ['V', 'V'] as const;
const AMPERE = ['A', 'A'] as const;
const KILOWATT = ['kW', 'kW'] as const;
/** Dimensionless. */
const ONE = ['1', ''] as const;

/*
 * Stale times are three to four reporting intervals of the usual hardware: long enough for one lost message, short
 * enough that an operator does not look at an hour-old flood.
 */
const ROWS = {
  // Traffic. Flow per class and hour, as DATEX II and TCVN counts have it; motorcycles apart, being most of the stream.
  vehicle_flow: row(
    'traffic',
    VEHICLES_PER_HOUR,
    ['Lưu lượng xe', 'Vehicle flow'],
    within(0, 0, 25_000, 60_000),
    'interval_mean',
    0,
    15,
  ),
  motorcycle_flow: row(
    'traffic',
    VEHICLES_PER_HOUR,
    ['Lưu lượng xe máy', 'Motorcycle flow'],
    within(0, 0, 22_000, 60_000),
    'interval_mean',
    0,
    15,
  ),
  car_flow: row(
    'traffic',
    VEHICLES_PER_HOUR,
    ['Lưu lượng ô tô con', 'Car flow'],
    within(0, 0, 9_000, 20_000),
    'interval_mean',
    0,
    15,
  ),
  bus_flow: row(
    'traffic',
    VEHICLES_PER_HOUR,
    ['Lưu lượng xe buýt, xe khách', 'Bus and coach flow'],
    within(0, 0, 800, 5_000),
    'interval_mean',
    0,
    15,
  ),
  truck_flow: row(
    'traffic',
    VEHICLES_PER_HOUR,
    ['Lưu lượng xe tải, xe đầu kéo', 'Truck flow'],
    within(0, 0, 3_000, 8_000),
    'interval_mean',
    0,
    15,
  ),
  vehicle_speed: row(
    'traffic',
    ['km/h', 'km/h'],
    ['Tốc độ trung bình dòng xe', 'Mean traffic speed'],
    within(0, 0, 130, 300),
    'interval_mean',
    1,
    15,
  ),
  occupancy: row(
    'traffic',
    PERCENT,
    ['Độ chiếm dụng mặt đường', 'Detector occupancy'],
    within(0, 0, 100, 100),
    'interval_mean',
    1,
    15,
  ),
  vehicle_density: row(
    'traffic',
    ['{vehicle}/km', 'veh/km', 'xe/km'],
    ['Mật độ dòng xe', 'Traffic density'],
    within(0, 0, 1_500, 4_000),
    'interval_mean',
    0,
    15,
  ),
  queue_length: row(
    'traffic',
    METRE,
    ['Chiều dài hàng chờ', 'Queue length'],
    within(0, 0, 2_500, 20_000),
    'instantaneous',
    0,
    15,
  ),
  travel_time: row(
    'traffic',
    ['s', 's'],
    ['Thời gian hành trình', 'Travel time'],
    within(0, 5, 7_200, 86_400),
    'interval_mean',
    0,
    20,
  ),
  parking_occupied: row(
    'traffic',
    ['{count}', ''],
    ['Số chỗ đỗ đã dùng', 'Occupied parking places'],
    within(0, 0, 3_000, 20_000),
    'instantaneous',
    0,
    20,
  ),

  // Surface water, drainage, tide. Levels are above the datum named by the point's tags.
  water_level: row('water', METRE, ['Mực nước', 'Water level'], within(-20, -3.5, 9, 60), 'instantaneous', 2, 40),
  flood_depth: row(
    'water',
    METRE,
    ['Độ sâu ngập mặt đường', 'Road flood depth'],
    within(0, 0, 1.8, 10),
    'instantaneous',
    2,
    20,
  ),
  river_discharge: row(
    'water',
    ['m3/s', 'm³/s'],
    ['Lưu lượng dòng chảy', 'River discharge'],
    within(-20_000, -4_000, 8_000, 40_000),
    'instantaneous',
    0,
    60,
  ),
  rain: row('water', ['mm', 'mm'], ['Lượng mưa', 'Rainfall'], within(0, 0, 60, 400), 'interval_total', 1, 40),
  rain_intensity: row(
    'water',
    ['mm/h', 'mm/h'],
    ['Cường độ mưa', 'Rain intensity'],
    within(0, 0, 180, 700),
    'interval_mean',
    1,
    40,
  ),
  gate_opening: row(
    'water',
    METRE,
    ['Độ mở cửa cống', 'Sluice gate opening'],
    within(0, 0, 8, 30),
    'instantaneous',
    2,
    60,
  ),
  pump_running: row(
    'water',
    ['{count}', ''],
    ['Số tổ máy bơm đang chạy', 'Pumps running'],
    within(0, 0, 16, 64),
    'state',
    0,
    40,
  ),
  salinity: row('water', ['{psu}', 'PSU'], ['Độ mặn', 'Salinity'], within(0, 0, 40, 80), 'instantaneous', 2, 60),
  dissolved_oxygen: row(
    'water',
    MG_PER_LITRE,
    ['Ôxy hòa tan (DO)', 'Dissolved oxygen'],
    within(0, 0, 16, 40),
    'instantaneous',
    2,
    60,
  ),
  ammonium: row(
    'water',
    MG_PER_LITRE,
    ['Amoni (N-NH₄⁺)', 'Ammonium nitrogen'],
    within(0, 0, 15, 1_000),
    'instantaneous',
    2,
    60,
  ),
  bod5: row('water', MG_PER_LITRE, ['BOD₅', 'BOD₅'], within(0, 0, 200, 5_000), 'instantaneous', 1, 60),
  cod: row('water', MG_PER_LITRE, ['COD', 'COD'], within(0, 0, 400, 20_000), 'instantaneous', 1, 60),
  toc: row(
    'water',
    MG_PER_LITRE,
    ['Tổng cacbon hữu cơ (TOC)', 'Total organic carbon'],
    within(0, 0, 200, 5_000),
    'instantaneous',
    1,
    60,
  ),
  nitrate: row(
    'water',
    MG_PER_LITRE,
    ['Nitrat (N-NO₃⁻)', 'Nitrate nitrogen'],
    within(0, 0, 50, 1_000),
    'instantaneous',
    2,
    60,
  ),
  nitrite: row(
    'water',
    MG_PER_LITRE,
    ['Nitrit (N-NO₂⁻)', 'Nitrite nitrogen'],
    within(0, 0, 5, 500),
    'instantaneous',
    3,
    60,
  ),
  phosphate: row(
    'water',
    MG_PER_LITRE,
    ['Phosphat (P-PO₄³⁻)', 'Phosphate phosphorus'],
    within(0, 0, 10, 500),
    'instantaneous',
    3,
    60,
  ),
  coliform: row(
    'water',
    ['{MPN}/(100.mL)', 'MPN/100 mL'],
    ['Tổng coliform', 'Total coliforms'],
    within(0, 0, 1e6, 1e9),
    'instantaneous',
    0,
    26 * 60,
  ),
  water_temperature: row(
    'water',
    CELSIUS,
    ['Nhiệt độ nước', 'Water temperature'],
    within(-5, 8, 38, 100),
    'instantaneous',
    1,
    60,
  ),

  // Water supply.
  water_flow: row(
    'water',
    ['m3/h', 'm³/h'],
    ['Lưu lượng nước', 'Water flow'],
    within(-20_000, -500, 15_000, 100_000),
    'interval_mean',
    1,
    50,
  ),
  water_volume: row(
    'water',
    ['m3', 'm³'],
    ['Sản lượng nước lũy kế', 'Water volume register'],
    within(0, 0, 1e9, 1e10),
    'cumulative',
    0,
    60,
  ),
  water_pressure: row(
    'water',
    ['bar', 'bar'],
    ['Áp lực nước', 'Water pressure'],
    within(-1, 0.1, 10, 60),
    'instantaneous',
    2,
    50,
  ),
  tank_level: row('water', METRE, ['Mực nước bể chứa', 'Tank level'], within(0, 0.2, 12, 60), 'instantaneous', 2, 20),
  free_chlorine: row(
    'water',
    MG_PER_LITRE,
    ['Clo dư tự do', 'Free residual chlorine'],
    within(0, 0, 3, 20),
    'instantaneous',
    2,
    30,
  ),
  turbidity: row('water', ['{NTU}', 'NTU'], ['Độ đục', 'Turbidity'], within(0, 0, 800, 10_000), 'instantaneous', 2, 30),
  ph: row('water', ['[pH]', 'pH'], ['Độ pH', 'pH'], within(0, 4, 10, 14), 'instantaneous', 2, 30),
  conductivity: row(
    'water',
    ['uS/cm', 'µS/cm'],
    ['Độ dẫn điện', 'Conductivity'],
    within(0, 50, 50_000, 200_000),
    'instantaneous',
    0,
    30,
  ),

  // Power. Low voltage 220/380 V; medium voltage (22 kV) as line voltage.
  active_power: row(
    'power',
    KILOWATT,
    ['Công suất tác dụng', 'Active power'],
    within(-1e6, -500, 80_000, 1e6),
    'instantaneous',
    2,
    60,
  ),
  reactive_power: row(
    'power',
    ['kV.A{reactive}', 'kvar'],
    ['Công suất phản kháng', 'Reactive power'],
    within(-1e6, -20_000, 40_000, 1e6),
    'instantaneous',
    2,
    60,
  ),
  voltage: row('power', VOLT, ['Điện áp pha', 'Phase voltage'], within(0, 150, 270, 1_000), 'instantaneous', 1, 60),
  voltage_l1: row('power', VOLT, ['Điện áp pha A', 'Voltage L1'], within(0, 150, 270, 1_000), 'instantaneous', 1, 40),
  voltage_l2: row('power', VOLT, ['Điện áp pha B', 'Voltage L2'], within(0, 150, 270, 1_000), 'instantaneous', 1, 40),
  voltage_l3: row('power', VOLT, ['Điện áp pha C', 'Voltage L3'], within(0, 150, 270, 1_000), 'instantaneous', 1, 40),
  line_voltage: row(
    'power',
    VOLT,
    ['Điện áp dây trung thế', 'Medium line voltage'],
    within(0, 18_000, 26_000, 200_000),
    'instantaneous',
    0,
    20,
  ),
  current: row(
    'power',
    AMPERE,
    ['Cường độ dòng điện', 'Current'],
    within(0, 0, 4_500, 100_000),
    'instantaneous',
    1,
    60,
  ),
  neutral_current: row(
    'power',
    AMPERE,
    ['Dòng điện dây trung tính', 'Neutral current'],
    within(0, 0, 600, 100_000),
    'instantaneous',
    1,
    60,
  ),
  power_factor: row(
    'power',
    ONE,
    ['Hệ số công suất (cos φ)', 'Power factor'],
    within(-1, 0.5, 1, 1),
    'instantaneous',
    3,
    60,
  ),
  frequency: row(
    'power',
    ['Hz', 'Hz'],
    ['Tần số lưới điện', 'Grid frequency'],
    within(0, 49, 51, 70),
    'instantaneous',
    3,
    20,
  ),
  active_energy: row(
    'power',
    ['kW.h', 'kWh'],
    ['Điện năng tác dụng (chỉ số công tơ)', 'Active energy register'],
    within(0, 0, 1e10, 1e12),
    'cumulative',
    1,
    90,
  ),
  load_percent: row('power', PERCENT, ['Mức mang tải', 'Loading'], within(0, 0, 160, 400), 'instantaneous', 1, 40),
  oil_temperature: row(
    'power',
    CELSIUS,
    ['Nhiệt độ dầu máy biến áp', 'Transformer oil temperature'],
    within(-40, 5, 110, 250),
    'instantaneous',
    1,
    40,
  ),
  power_present: eitherOf(
    'power',
    ['Nguồn điện', 'Supply'],
    [
      ['Mất điện', 'Out'],
      ['Có điện', 'Energised'],
    ],
    60,
  ),

  // Environment. Gases and particles at 25 °C and 760 mmHg, as QCVN 05:2023/BTNMT refers them.
  pm2_5: row('environment', UG_PER_M3, ['Bụi mịn PM2.5', 'PM2.5'], within(0, 0, 500, 2_000), 'interval_mean', 1, 40),
  pm10: row('environment', UG_PER_M3, ['Bụi PM10', 'PM10'], within(0, 0, 800, 5_000), 'interval_mean', 1, 40),
  o3: row('environment', UG_PER_M3, ['Ôzôn (O₃)', 'Ozone'], within(0, 0, 450, 2_000), 'interval_mean', 1, 40),
  no2: row(
    'environment',
    UG_PER_M3,
    ['Nitơ điôxít (NO₂)', 'Nitrogen dioxide'],
    within(0, 0, 500, 5_000),
    'interval_mean',
    1,
    40,
  ),
  so2: row(
    'environment',
    UG_PER_M3,
    ['Lưu huỳnh điôxít (SO₂)', 'Sulphur dioxide'],
    within(0, 0, 800, 10_000),
    'interval_mean',
    1,
    40,
  ),
  co: row(
    'environment',
    UG_PER_M3,
    ['Cacbon monoxit (CO)', 'Carbon monoxide'],
    within(0, 0, 30_000, 200_000),
    'interval_mean',
    0,
    40,
  ),
  noise_level: row(
    'environment',
    ['dB[SPL]{A}', 'dB(A)'],
    ['Mức ồn tương đương (LAeq)', 'Equivalent noise level (LAeq)'],
    within(0, 25, 115, 160),
    'interval_mean',
    1,
    20,
  ),
  temperature: row(
    'environment',
    CELSIUS,
    ['Nhiệt độ không khí', 'Air temperature'],
    within(-60, 2, 44, 85),
    'instantaneous',
    1,
    40,
  ),
  humidity: row(
    'environment',
    PERCENT,
    ['Độ ẩm không khí', 'Relative humidity'],
    within(0, 15, 100, 100),
    'instantaneous',
    0,
    40,
  ),
  air_pressure: row(
    'environment',
    ['hPa', 'hPa'],
    ['Khí áp', 'Air pressure'],
    within(800, 945, 1_045, 1_100),
    'instantaneous',
    1,
    40,
  ),
  wind_speed: row(
    'environment',
    ['m/s', 'm/s'],
    ['Tốc độ gió', 'Wind speed'],
    within(0, 0, 60, 120),
    'interval_mean',
    1,
    40,
  ),
  wind_direction: row(
    'environment',
    ['deg', '°'],
    ['Hướng gió', 'Wind direction'],
    within(0, 0, 360, 360),
    'direction',
    0,
    40,
  ),
  solar_irradiance: row(
    'environment',
    ['W/m2', 'W/m²'],
    ['Bức xạ mặt trời', 'Solar irradiance'],
    within(0, 0, 1_250, 2_000),
    'instantaneous',
    0,
    40,
  ),

  // Health of the hardware itself; shown with the point it serves.
  battery_voltage: row(
    'environment',
    VOLT,
    ['Điện áp ắc quy', 'Battery voltage'],
    within(0, 2.5, 16, 60),
    'instantaneous',
    2,
    120,
  ),
  battery_level: row(
    'environment',
    PERCENT,
    ['Mức pin', 'Battery level'],
    within(0, 0, 100, 100),
    'instantaneous',
    0,
    120,
  ),
  cabinet_temperature: row(
    'environment',
    CELSIUS,
    ['Nhiệt độ tủ thiết bị', 'Cabinet temperature'],
    within(-40, 5, 75, 120),
    'instantaneous',
    1,
    60,
  ),
  door_open: eitherOf(
    'environment',
    ['Cửa tủ thiết bị', 'Cabinet door'],
    [
      ['Đóng', 'Closed'],
      ['Mở', 'Open'],
    ],
    120,
  ),

  // Indices, worked out from the above (`config/indices/`). Stamped, like all means, with the end of their hour or day.
  vn_aqi_hourly: computed('environment', ONE, ['VN_AQI giờ', 'Hourly VN_AQI'], [0, 500], 0, 'hour'),
  vn_aqi_daily: computed('environment', ONE, ['VN_AQI ngày', 'Daily VN_AQI'], [0, 500], 0, 'day'),
  us_aqi_hourly: computed('environment', ONE, ['US AQI giờ (NowCast)', 'Hourly US AQI (NowCast)'], [0, 500], 0, 'hour'),
  us_aqi_daily: computed('environment', ONE, ['US AQI ngày', 'Daily US AQI'], [0, 500], 0, 'day'),
  lden: computed(
    'environment',
    ['dB[SPL]{A}', 'dB(A)'],
    ['Mức ồn ngày-tối-đêm (Lden)', 'Day-evening-night level (Lden)'],
    [0, 170],
    1,
    'day',
  ),
  vn_wqi_hourly: computed('water', ONE, ['VN_WQI giờ', 'Hourly VN_WQI'], [0, 100], 0, 'hour'),
} as const satisfies Record<string, Row>;

/** A key the catalogue is known to hold, checked when the program is. */
export type CatalogueKey = keyof typeof ROWS;

/** The branded key of a quantity that is certainly in the catalogue. */
export const quantityKey = (key: CatalogueKey): QuantityKey => key as string as QuantityKey;

const toQuantity = (key: string, given: Row): Quantity => ({
  key: key as QuantityKey,
  domain: given.domain,
  unit: given.unit,
  unitSymbol: given.symbol,
  ...(given.localSymbol ? { localUnitSymbol: given.localSymbol } : {}),
  name: given.name,
  physicalRange: { min: given.physical[0], max: given.physical[1] },
  plausibleRange: { min: given.plausible[0], max: given.plausible[1] },
  aggregation: given.aggregation,
  decimals: given.decimals,
  staleAfter: minutes(given.staleMinutes),
  ...(given.computed ? { computed: true } : {}),
  ...(given.stateNames ? { stateNames: given.stateNames } : {}),
});

/** Every quantity the platform knows, by key. A reading of any other is quarantined `UNKNOWN_QUANTITY`. */
export const QUANTITY_CATALOGUE: QuantityCatalogue = new Map(
  Object.entries(ROWS).map(([key, given]) => [key as QuantityKey, toQuantity(key, given)]),
);
