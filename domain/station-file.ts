import { QUALITY, type Quality, type QualityKind, qualityKind } from './quality.ts';
import { err, ok, type Result } from './result.ts';
import { type EpochMs, epochMs, hours } from './time.ts';

/**
 * Files of automatic monitoring stations, Circular 10/2021/TT-BTNMT, article 39 and Appendix 15: one file a station and interval, of
 * (symbol, value, unit, time, status) separated by TAB. Both layouts met in the field are read: one parameter a line, and all on one line.
 */

/** Table 34 of Appendix 15, as it is written there. */
export const STATION_SYMBOLS = [
  'Flow',
  'Temp',
  'Color',
  'pH',
  'TSS',
  'COD',
  'NH4',
  'TP',
  'TN',
  'TOC',
  'Cl',
  'RH',
  'P',
  'NO',
  'NO2',
  'CO',
  'SO2',
  'O2',
  'H2S',
  'NH3',
  'VHg',
  'PM',
  'O3',
  'PM10',
  'PM2,5',
] as const;
const TABLE_34: ReadonlyMap<string, string> = new Map(STATION_SYMBOLS.map((symbol) => [symbol.toLowerCase(), symbol]));
/** `PM2,5` carries a decimal comma that many loggers write otherwise. */
const FINE_DUST = /^pm2[.,_]?5$/i;

/** A symbol in the spelling of Table 34; one that isn't in it as it came. Symbols are one when this is one. */
export const canonicalSymbol = (symbol: string): string =>
  FINE_DUST.test(symbol) ? 'PM2,5' : (TABLE_34.get(symbol.toLowerCase()) ?? symbol);

/** Codes every logger writes; others are the maker's own (03 is maintenance with one) and never valid. */
export const STATION_STATUSES = { '00': 'measuring', '01': 'calibrating', '02': 'device_error' } as const;
export const stationStatusMeaning = (
  code: string,
): (typeof STATION_STATUSES)[keyof typeof STATION_STATUSES] | 'other' =>
  Object.hasOwn(STATION_STATUSES, code) ? STATION_STATUSES[code as keyof typeof STATION_STATUSES] : 'other';

/** What a status code makes of a reading. */
export function qualityOfStatus(code: string): Quality {
  const meaning = stationStatusMeaning(code);
  if (meaning === 'measuring') return QUALITY.GOOD;
  return meaning === 'calibrating' ? QUALITY.CALIBRATING : QUALITY.INVALID_DEVICE_FAULT;
}

/**
 * The status code of an interval whose readings had these qualities (reference, section 2): none, or any from a faulty device, is 02; any from a
 * calibration is 01. What is only doubtful was measured.
 */
export function statusOfInterval(qualities: Iterable<number>): '00' | '01' | '02' {
  const kinds = new Set<QualityKind>();
  for (const quality of qualities) kinds.add(qualityKind(quality));
  if (kinds.size === 0 || kinds.has('invalid')) return '02';
  return kinds.has('calibrating') ? '01' : '00';
}

export const STATION_FILE_PROBLEMS = [
  'TOKEN_COUNT',
  'VALUE_NOT_NUMERIC',
  'TIMESTAMP_INVALID',
  'STATUS_UNKNOWN',
  'NOT_UTF8',
  'EMPTY',
  'TOO_MANY_RECORDS',
] as const;
export type StationFileProblemCode = (typeof STATION_FILE_PROBLEMS)[number];
/** `record`: its place in the file from 0, or `null` when the whole file is meant. */
export interface StationFileProblem {
  readonly record: number | null;
  readonly symbol: string | null;
  readonly code: StationFileProblemCode;
  /** What stood there. */
  readonly detail: string;
}

export interface StationRecord {
  /** Place in the file, from 0; those that can't be read count too. */
  readonly record: number;
  /** As it is written in the file. */
  readonly symbol: string;
  readonly value: number;
  /** As it is written in the file; not a UCUM code. */
  readonly unit: string;
  readonly time: EpochMs;
  /** Two digits. */
  readonly status: string;
}

/** Records stand alone: what can't be read is a problem, the rest is kept. With a problem of the whole file there are no records. */
export interface StationFileContent {
  readonly records: readonly StationRecord[];
  readonly problems: readonly StationFileProblem[];
}

const TOKENS_PER_RECORD = 5;
/** A year of one parameter at five minutes in one file. */
export const STATION_FILE_RECORDS_MAX = 120_000;
const LONGEST_DETAIL = 60;
/** Vietnam time, the only one these files know. */
const ZONE_MS = hours(7);
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?$/;

/** Reads a file's bytes (UTF-8, with or without a byte order mark). Total: never throws, whatever the bytes. */
export function parseStationFile(bytes: Uint8Array): StationFileContent {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('NOT_UTF8', '');
  }
  const tokens = text.split(/\r\n|[\t\r\n]/).map((token) => token.trim());
  while (tokens.length > 0 && tokens.at(-1) === '') tokens.pop();
  const filled = withoutBlankLines(tokens);
  if (filled.length === 0) return whole('EMPTY', '');
  if (filled.length % TOKENS_PER_RECORD !== 0) return whole('TOKEN_COUNT', String(filled.length));
  if (filled.length / TOKENS_PER_RECORD > STATION_FILE_RECORDS_MAX)
    return whole('TOO_MANY_RECORDS', String(filled.length / TOKENS_PER_RECORD));
  const records: StationRecord[] = [];
  const problems: StationFileProblem[] = [];
  for (let at = 0, record = 0; at < filled.length; at += TOKENS_PER_RECORD, record++) {
    const read = readRecord(record, filled.slice(at, at + TOKENS_PER_RECORD));
    if (read.ok) records.push(read.value);
    else problems.push(read.error);
  }
  return { records, problems };
}

const whole = (code: StationFileProblemCode, detail: string): StationFileContent => ({
  records: [],
  problems: [{ record: null, symbol: null, code, detail }],
});

/** A record begins with its symbol, so an empty token there is the gap that a tab before the line end, or a blank line, leaves. */
function withoutBlankLines(tokens: readonly string[]): readonly string[] {
  const filled: string[] = [];
  for (const token of tokens) if (token !== '' || filled.length % TOKENS_PER_RECORD !== 0) filled.push(token);
  return filled;
}

function readRecord(record: number, tokens: readonly string[]): Result<StationRecord, StationFileProblem> {
  const [symbol, value, unit, time, status] = tokens as [string, string, string, string, string];
  const refuse = (code: StationFileProblemCode, detail: string) =>
    err({ record, symbol: symbol.slice(0, LONGEST_DETAIL), code, detail: detail.slice(0, LONGEST_DETAIL) });
  const number = NUMBER.test(value) ? Number(value.replace(',', '.')) : Number.NaN;
  if (!Number.isFinite(number)) return refuse('VALUE_NOT_NUMERIC', value);
  const at = parseStationTime(time);
  if (at === undefined) return refuse('TIMESTAMP_INVALID', time);
  if (!/^\d{2}$/.test(status)) return refuse('STATUS_UNKNOWN', status);
  return ok({ record, symbol, value: number, unit, time: at, status });
}

/** `yyyyMMddHHmmss` in Vietnam time; `undefined` when there is no such moment. */
export function parseStationTime(text: string): EpochMs | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  // 31 February and 25 o'clock would be carried over into another moment: not the one that was written.
  return stationTime(epochMs(local - ZONE_MS)) === text ? epochMs(local - ZONE_MS) : undefined;
}

/** `yyyyMMddHHmmss` in Vietnam time; parts of a second are left out. */
export const stationTime = (at: EpochMs): string =>
  new Date(at + ZONE_MS).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '');

export interface StationFileName {
  readonly province: string;
  readonly facility: string;
  readonly station: string;
  readonly time: EpochMs;
}
export const STATION_NAME_PROBLEMS = ['EXTENSION', 'NAME_PARTS', 'NAME_TIME'] as const;
export type StationNameProblem = (typeof STATION_NAME_PROBLEMS)[number];

/**
 * `Province_Facility_Station_yyyyMMddHHmmss.txt`; further underscores belong to the facility. With `anyParts` two are enough, `Station_time.txt`, as one
 * logger writes them: what is missing is empty.
 */
export function parseStationFileName(
  name: string,
  { anyParts = false }: { readonly anyParts?: boolean } = {},
): Result<StationFileName, StationNameProblem> {
  if (!/\.txt$/i.test(name)) return err('EXTENSION');
  const parts = name.slice(0, -4).split('_');
  if (parts.length < (anyParts ? 2 : 4) || parts.some((part) => part === '')) return err('NAME_PARTS');
  const time = parseStationTime(parts.at(-1) ?? '');
  if (time === undefined) return err('NAME_TIME');
  const station = parts.at(-2) ?? '';
  const province = parts.length > 2 ? (parts[0] ?? '') : '';
  return ok({ province, facility: parts.slice(1, -2).join('_'), station, time });
}

/** A name that {@link parseStationFileName} reads back. */
export const stationFileName = ({ province, facility, station, time }: StationFileName): string =>
  `${[province, facility, station, stationTime(time)].filter((part) => part !== '').join('_')}.txt`;

/** Where a file goes on the receiving server, e.g. `NUO001/2026/01/01`; days are Vietnam's. */
export const stationFolder = (station: string, time: EpochMs): string => {
  const text = stationTime(time);
  return [station, text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].join('/');
};

/** One parameter a line, ending CRLF; numbers with a decimal point, as the circular's loggers write them. */
export const writeStationFile = (records: readonly Omit<StationRecord, 'record'>[]): string =>
  records
    .map(({ symbol, value, unit, time, status }) =>
      [symbol, plainNumber(value), unit, stationTime(time), status].join('\t'),
    )
    .map((line) => `${line}\r\n`)
    .join('');

/** Six digits behind the point are beyond any analyser; exponents would be beyond some readers. */
const plainNumber = (value: number): string => {
  const text = value.toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
};

/** UCUM codes of the units that such files carry; a unit that is none of them is taken to be UCUM already. */
const UCUM_OF_UNIT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'm3/h': 'm3/h',
    'm³/h': 'm3/h',
    'm3/s': 'm3/s',
    'm³/s': 'm3/s',
    'm3/day': 'm3/d',
    'm³/ngày': 'm3/d',
    'l/s': 'L/s',
    'mg/l': 'mg/L',
    'µg/l': 'ug/L',
    'ug/l': 'ug/L',
    '°c': 'Cel',
    oc: 'Cel',
    c: 'Cel',
    '%': '%',
    '%rh': '%',
    hpa: 'hPa',
    kpa: 'kPa',
    mbar: 'hPa',
    'mg/nm3': 'mg/m3',
    'mg/m3': 'mg/m3',
    'mg/nm³': 'mg/m3',
    'mg/m³': 'mg/m3',
    'µg/nm3': 'ug/m3',
    'ug/nm3': 'ug/m3',
    'µg/m3': 'ug/m3',
    'ug/m3': 'ug/m3',
    'µg/nm³': 'ug/m3',
    'ug/nm³': 'ug/m3',
    'µg/m³': 'ug/m3',
    'ug/m³': 'ug/m3',
  }),
);

/** The UCUM code of a unit as files write it; `null` for none (`-`, empty, `pH`): the quantity's own then counts. */
export function ucumOfStationUnit(unit: string): string | null {
  // The Greek letter and the micro sign look alike and are both written.
  const text = unit.trim().replaceAll('μ', 'µ');
  if (text === '' || text === '-' || text.toLowerCase() === 'ph') return null;
  return UCUM_OF_UNIT.get(text.toLowerCase()) ?? text;
}
