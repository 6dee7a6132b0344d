import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY } from './quality.ts';
import {
  canonicalSymbol,
  parseStationFile,
  parseStationFileName,
  qualityOfStatus,
  STATION_SYMBOLS,
  type StationFileProblemCode,
  type StationNameProblem,
  stationFileName,
  stationFolder,
  stationStatusMeaning,
  stationTime,
  statusOfInterval,
  ucumOfStationUnit,
  writeStationFile,
} from './station-file.ts';
import { epochMs } from './time.ts';

interface Vectors {
  readonly symbols: readonly string[];
  readonly statuses: Readonly<Record<string, string>>;
  readonly files: readonly {
    readonly id: string;
    readonly content: string;
    readonly expected: readonly {
      readonly symbol: string;
      readonly value: number;
      readonly unit: string;
      readonly time: string;
      readonly status: string;
    }[];
  }[];
  readonly invalid: readonly { readonly id: string; readonly content: string; readonly error: string }[];
  readonly names: readonly {
    readonly name: string;
    readonly expected?: Readonly<Record<'province' | 'facility' | 'station' | 'time', string>>;
    readonly error?: string;
  }[];
  readonly paths: readonly { readonly station: string; readonly time: string; readonly remote: string }[];
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => parseStationFile(bytesOf(text));
const instant = (text: string) => epochMs(Date.parse(text));

const VECTORS = join(import.meta.dirname, '../../shared/reference/vectors/station-files.json');
const CODE_OF: Readonly<Record<string, StationFileProblemCode | StationNameProblem>> = {
  'token count not a multiple of five': 'TOKEN_COUNT',
  'unknown status': 'STATUS_UNKNOWN',
  'invalid timestamp': 'TIMESTAMP_INVALID',
  'value not numeric': 'VALUE_NOT_NUMERIC',
  'needs four parts': 'NAME_PARTS',
  'timestamp must be 14 digits': 'NAME_TIME',
  'extension must be .txt': 'EXTENSION',
};

describe.skipIf(!existsSync(VECTORS))('the vectors of station files (in ../shared/reference)', () => {
  const vectors: Vectors = existsSync(VECTORS)
    ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors)
    : { symbols: [], statuses: {}, files: [], invalid: [], names: [], paths: [] };

  it('know the same symbols and status codes', () => {
    expect(vectors.symbols).toEqual(STATION_SYMBOLS);
    for (const [code, meaning] of Object.entries(vectors.statuses))
      expect(stationStatusMeaning(code)).toBe(meaning.replace(' ', '_'));
  });
  it('are read as they say', () => {
    for (const { id, content, expected } of vectors.files) {
      const { records, problems } = read(content);
      expect(problems, id).toEqual([]);
      expect(records, id).toEqual(
        expected.map((record, at) => ({ ...record, record: at, time: instant(record.time) })),
      );
    }
  });
  it('are refused for the reason they say', () => {
    for (const { id, content, error } of vectors.invalid) {
      const { records, problems } = read(content);
      expect(records, id).toEqual([]);
      expect(
        problems.map(({ code }) => code),
        id,
      ).toEqual([CODE_OF[error]]);
    }
  });
  it('name files as they say', () => {
    for (const { name, expected, error } of vectors.names) {
      const read = parseStationFileName(name);
      if (expected !== undefined)
        expect(read, name).toEqual({ ok: true, value: { ...expected, time: instant(expected.time) } });
      else expect(read, name).toEqual({ ok: false, error: CODE_OF[error ?? ''] });
    }
  });
  it('put files where they say', () => {
    for (const { station, time, remote } of vectors.paths)
      expect(remote.startsWith(`/${stationFolder(station, instant(time))}/`)).toBe(true);
  });
});

describe('a station file', () => {
  it('keeps the records that can be read beside one that cannot', () => {
    const { records, problems } = read('pH\t7.2\t-\t20260101120000\t00\r\nCO\tN/A\tmg/Nm3\t20260101120000\t00\r\n');
    expect(records).toMatchObject([{ record: 0, symbol: 'pH' }]);
    expect(problems).toEqual([{ record: 1, symbol: 'CO', code: 'VALUE_NOT_NUMERIC', detail: 'N/A' }]);
  });
  it('may have blank lines and a tab before the line end, as loggers leave them', () => {
    const { records, problems } = read('pH\t7.2\t-\t20260101120000\t00\t\r\n\r\nCO\t1\t\t20260101120000\t00\t\r\n\r\n');
    expect(problems).toEqual([]);
    expect(records.map(({ symbol, unit }) => [symbol, unit])).toEqual([
      ['pH', '-'],
      ['CO', ''],
    ]);
  });
  it('says when it is empty, or not UTF-8', () => {
    expect(read('\r\n\t\n').problems).toMatchObject([{ record: null, code: 'EMPTY' }]);
    expect(parseStationFile(Uint8Array.of(0xff, 0xfe, 0x70)).problems).toMatchObject([{ code: 'NOT_UTF8' }]);
  });
  it('does not take a day that never was for another', () => {
    expect(read('pH\t7\t-\t20260230120000\t00').problems).toMatchObject([{ code: 'TIMESTAMP_INVALID' }]);
    expect(read('pH\t7\t-\t20260101240000\t00').problems).toMatchObject([{ code: 'TIMESTAMP_INVALID' }]);
  });
  it('never throws, and accounts for every record, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { records, problems } = parseStationFile(bytes);
        expect(records.length + problems.length).toBeGreaterThan(0);
        if (problems.some(({ record }) => record === null)) expect(records).toEqual([]);
      }),
    );
    const token = fc.oneof(
      fc.constantFrom('PM2,5', '7,5', '1e400', '00', '03', '20260101120000', '-', '', '0X', '99999999999999'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(token, { minLength: 5, maxLength: 5 }), { maxLength: 6 }), (lines) => {
        const { records, problems } = read(lines.map((line) => line.join('\t')).join('\r\n'));
        for (const { value, time } of records) expect(Number.isFinite(value) && Number.isInteger(time)).toBe(true);
        const places = [...records, ...problems].map(({ record }) => record).filter((record) => record !== null);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
  it('is read back as it was written', () => {
    const record = fc.record({
      symbol: fc.constantFrom(...STATION_SYMBOLS),
      value: fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => Number(value.toFixed(6)) + 0),
      unit: fc.constantFrom('mg/L', '-', '°C', ''),
      time: fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => epochMs(s * 1000)),
      status: fc.constantFrom('00', '01', '02', '03'),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (written) => {
        expect(read(writeStationFile(written))).toEqual({
          records: written.map((one, at) => ({ ...one, record: at })),
          problems: [],
        });
      }),
    );
  });
});

describe('the name of a station file', () => {
  it('may have two parts where that is said', () => {
    expect(parseStationFileName('NUO001_20260101120000.txt').ok).toBe(false);
    expect(parseStationFileName('NUO001_20260101120000.txt', { anyParts: true })).toMatchObject({
      value: { province: '', facility: '', station: 'NUO001' },
    });
  });
  it('is read back as it was written', () => {
    const name = { province: 'HP', facility: 'A_B', station: 'KHI001', time: instant('2026-02-28T23:55:00+07:00') };
    expect(stationFileName(name)).toBe('HP_A_B_KHI001_20260228235500.txt');
    expect(parseStationFileName(stationFileName(name))).toEqual({ ok: true, value: name });
    expect(stationTime(name.time)).toBe('20260228235500');
  });
});

describe('symbols, units and status codes', () => {
  it('know fine dust in all its spellings', () => {
    expect(['PM2,5', 'PM2.5', 'PM25', 'pm2_5'].map(canonicalSymbol)).toEqual(Array(4).fill('PM2,5'));
    expect(canonicalSymbol('FLOW')).toBe('Flow');
    expect(canonicalSymbol('Flow_in')).toBe('Flow_in');
  });
  it('turn units into UCUM', () => {
    expect(['µg/Nm3', 'μg/Nm3', '°C', 'm3/h', 'mg/l', '-', ''].map(ucumOfStationUnit)).toEqual([
      'ug/m3',
      'ug/m3',
      'Cel',
      'm3/h',
      'mg/L',
      null,
      null,
    ]);
  });
  it('never take a code nobody knows for valid', () => {
    expect(['00', '01', '02', '03', '77'].map(qualityOfStatus)).toEqual([
      QUALITY.GOOD,
      QUALITY.CALIBRATING,
      QUALITY.INVALID_DEVICE_FAULT,
      QUALITY.INVALID_DEVICE_FAULT,
      QUALITY.INVALID_DEVICE_FAULT,
    ]);
  });
  it('say 02 of an interval without readings, or with one of a faulty device', () => {
    expect(statusOfInterval([])).toBe('02');
    expect(statusOfInterval([QUALITY.GOOD, QUALITY.INVALID_DEVICE_FAULT, QUALITY.CALIBRATING])).toBe('02');
    expect(statusOfInterval([QUALITY.GOOD, QUALITY.CALIBRATING])).toBe('01');
    expect(statusOfInterval([QUALITY.GOOD, QUALITY.SUSPECT_STUCK])).toBe('00');
  });
});
