import type { CatalogueKey } from '../../config/quantities.ts';

/** A line of a recording as the file has it: column → text. */
export type RecordingLine = Readonly<Record<string, string>>;

/** One quantity taken from a line. `undefined`: the recording says "no value". `NaN`: it says something that can't be read. */
export interface ColumnMapping {
  readonly quantity: CatalogueKey;
  /** The columns it is made from, for people. */
  readonly from: string;
  read(line: RecordingLine): number | undefined;
}

export interface RecordingKind {
  readonly name: string;
  readonly delimiter: ',' | ';';
  /** Columns by which a file of this kind is known. */
  readonly columns: readonly string[];
  /** Further told apart by the file's name, where columns are alike. */
  readonly fileName?: RegExp;
  /** Offset of the recording's local times from UTC, ms. */
  readonly utcOffsetMs: number;
  /** Local time of the line as if it were UTC, epoch ms; `NaN` when it can't be read. */
  localTime(line: RecordingLine): number;
  readonly mappings: readonly ColumnMapping[];
}

const HOUR_MS = 3_600_000;
const KM_PER_MILE = 1.609344;
const MISSING: ReadonlySet<string> = new Set(['', 'NA', '?', 'NaN', 'null']);

const number = (text: string | undefined): number | undefined =>
  text === undefined || MISSING.has(text) ? undefined : Number(text);
const column = (from: string, quantity: CatalogueKey, factor = 1): ColumnMapping => ({
  quantity,
  from,
  read: (line) => {
    const value = number(line[from]);
    return value === undefined ? undefined : tidy(value * factor);
  },
});
/** Cuts the tail that a unit conversion leaves. */
const tidy = (value: number): number => Number(value.toPrecision(6));

const COMPASS = ['N', 'NNE', 'NE', 'ENE', 'E', 'ESE', 'SE', 'SSE', 'S', 'SSW', 'SW', 'WSW', 'W', 'WNW', 'NW', 'NNW'];
/** Degrees of a compass point. */
export const compassDegrees = (point: string): number => {
  const index = COMPASS.indexOf(point);
  return index < 0 ? Number.NaN : index * 22.5;
};

/** Relative humidity, %, from temperature and dew point, °C: Magnus formula with the coefficients of Alduchov & Eskridge (1996). */
export function relativeHumidity(temperatureC: number, dewPointC: number): number {
  const vapour = (t: number): number => Math.exp((17.625 * t) / (243.04 + t));
  return Math.min(100, (100 * vapour(dewPointC)) / vapour(temperatureC));
}

/** `2015-09-01 13:45:00` as if UTC. */
const isoLike = (text: string | undefined): number => Date.parse(`${(text ?? '').replace(' ', 'T')}Z`);

const trafficColumns = ['timestamp', 'value'] as const;

/** The recordings known to the replay, with their columns and units. A new kind is one more entry. */
export const RECORDING_KINDS: readonly RecordingKind[] = [
  {
    name: 'air',
    delimiter: ',',
    columns: ['year', 'month', 'day', 'hour', 'PM2.5', 'PM10', 'station'],
    utcOffsetMs: 8 * HOUR_MS,
    localTime: (line) =>
      Date.UTC(Number(line['year']), Number(line['month']) - 1, Number(line['day']), Number(line['hour'])),
    mappings: [
      column('PM2.5', 'pm2_5'),
      column('PM10', 'pm10'),
      column('SO2', 'so2'),
      column('NO2', 'no2'),
      column('CO', 'co'),
      column('O3', 'o3'),
      column('TEMP', 'temperature'),
      {
        quantity: 'humidity',
        from: 'TEMP, DEWP',
        read: (line) => {
          const temperature = number(line['TEMP']);
          const dewPoint = number(line['DEWP']);
          if (temperature === undefined || dewPoint === undefined) return undefined;
          return tidy(relativeHumidity(temperature, dewPoint));
        },
      },
      column('PRES', 'air_pressure'),
      column('RAIN', 'rain'),
      column('WSPM', 'wind_speed'),
      {
        quantity: 'wind_direction',
        from: 'wd',
        read: (line) => {
          const point = line['wd'];
          return point === undefined || MISSING.has(point) ? undefined : compassDegrees(point);
        },
      },
    ],
  },
  {
    name: 'traffic-speed',
    delimiter: ',',
    columns: trafficColumns,
    fileName: /speed/i,
    utcOffsetMs: -5 * HOUR_MS,
    localTime: (line) => isoLike(line['timestamp']),
    // Miles an hour.
    mappings: [column('value', 'vehicle_speed', KM_PER_MILE)],
  },
  {
    name: 'traffic-occupancy',
    delimiter: ',',
    columns: trafficColumns,
    fileName: /occupancy/i,
    utcOffsetMs: -5 * HOUR_MS,
    localTime: (line) => isoLike(line['timestamp']),
    mappings: [column('value', 'occupancy')],
  },
  {
    name: 'power',
    delimiter: ';',
    columns: ['Date', 'Time', 'Global_active_power', 'Voltage'],
    utcOffsetMs: HOUR_MS,
    localTime: (line) => {
      const [day, month, year] = (line['Date'] ?? '').split('/');
      return isoLike(`${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')} ${line['Time']}`);
    },
    mappings: [
      column('Global_active_power', 'active_power'),
      column('Global_reactive_power', 'reactive_power'),
      column('Voltage', 'voltage'),
      column('Global_intensity', 'current'),
      {
        quantity: 'power_factor',
        from: 'Global_active_power, Global_reactive_power',
        read: (line) => {
          const active = number(line['Global_active_power']);
          const reactive = number(line['Global_reactive_power']);
          if (active === undefined || reactive === undefined || active === 0) return undefined;
          return tidy(active / Math.hypot(active, reactive));
        },
      },
    ],
  },
];
