import type { QuarantineCode } from '../../domain/ports/quarantine.ts';
import {
  canonicalSymbol,
  parseStationFile,
  type StationFileProblemCode,
  type StationRecord,
  stationStatusMeaning,
  ucumOfStationUnit,
} from '../../domain/station-file.ts';
import { channelOf, type DecodeFormat, type DecodeServices, type Frame } from './frame.ts';
import { emptyDecoded, problem, type RawMeasurement, refused } from './measurement.ts';

const CODES: Readonly<Record<StationFileProblemCode, QuarantineCode>> = {
  TOKEN_COUNT: 'MALFORMED',
  VALUE_NOT_NUMERIC: 'VALUE_NOT_NUMERIC',
  TIMESTAMP_INVALID: 'TIMESTAMP_INVALID',
  STATUS_UNKNOWN: 'MALFORMED',
  NOT_UTF8: 'MALFORMED',
  EMPTY: 'MALFORMED',
  TOO_MANY_RECORDS: 'TOO_MANY_ITEMS',
};

/**
 * Files of automatic monitoring stations (Circular 10/2021/TT-BTNMT): from the watched folder, uploaded, or sent as they are by a logger. A symbol is the
 * channel of that name.
 */
export const openStationFile = ({ limits }: DecodeServices): DecodeFormat => {
  return function decodeStationFile({ device, bytes }) {
    const { records, problems } = parseStationFile(bytes);
    if (records.length > limits.maximumItems)
      return refused('TOO_MANY_ITEMS', `${records.length} records, ${limits.maximumItems} are allowed`);
    return {
      ...emptyDecoded(),
      measurements: records.map((record) => stationMeasurement(record, device)),
      problems: problems.map(({ record, symbol, code, detail }) =>
        problem(record ?? 0, symbol, CODES[code], `${code}: ${detail}`),
      ),
    };
  };
};

/** One record as any device would have said it. */
export function stationMeasurement(record: StationRecord, device: Frame['device']): RawMeasurement {
  const unit = ucumOfStationUnit(record.unit);
  const meaning = stationStatusMeaning(record.status);
  return {
    index: record.record,
    channel: channelOf(device, canonicalSymbol(record.symbol), record.symbol),
    value: record.value,
    ...(unit === null ? undefined : { unit }),
    deviceTime: record.time,
    status: meaning === 'measuring' ? 'ok' : meaning === 'calibrating' ? 'calibrating' : 'fault',
  };
}
