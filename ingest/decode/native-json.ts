import { type Decoded, type DecodeLimits, type DeviceDeclaration, emptyDecoded, problem } from './measurement.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/**
 * The native telemetry JSON: `{"ts", "values", "seq"?, "status"?}`, an array of those, or the bare `values` object.
 * Checked by hand and not by a schema: this runs for every message of the city (see docs/decisions/0002-hand-written-decode.md).
 */
export function decodeNativeJson(bytes: Uint8Array, limits: DecodeLimits): Decoded {
  const decoded = emptyDecoded();
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    decoded.problems.push(problem(0, null, 'MALFORMED', (error as Error).message.slice(0, 200)));
    return decoded;
  }
  if (Array.isArray(parsed)) {
    if (parsed.length > limits.maximumItems) {
      decoded.problems.push(
        problem(0, null, 'TOO_MANY_ITEMS', `${parsed.length} elements, ${limits.maximumItems} are allowed`),
      );
      return decoded;
    }
    if (parsed.length === 0) decoded.problems.push(problem(0, null, 'MALFORMED', 'the array is empty'));
    for (let i = 0; i < parsed.length; i++) decodeElement(parsed[i], i, decoded, limits);
  } else decodeElement(parsed, 0, decoded, limits);
  return decoded;
}

function decodeElement(element: unknown, index: number, decoded: Decoded, limits: DecodeLimits): void {
  if (!isObject(element)) {
    decoded.problems.push(problem(index, null, 'MALFORMED', 'an object with "values" was expected'));
    return;
  }
  const hasValues = Object.hasOwn(element, 'values');
  // Without "values" the object is the bare values itself; "ts" beside measurements would be read as a quantity by mistake, so it tells them apart.
  const values = hasValues ? element['values'] : element;
  if (!isObject(values) || (!hasValues && Object.hasOwn(element, 'ts'))) {
    decoded.problems.push(problem(index, null, 'MALFORMED', '"values" must be an object'));
    return;
  }
  let deviceTime: number | null = null;
  let status: DeviceDeclaration = 'ok';
  if (hasValues) {
    const time = element['ts'] === undefined || element['ts'] === null ? null : deviceTimeOf(element['ts']);
    if (time !== null && Number.isNaN(time)) {
      decoded.problems.push(
        problem(index, null, 'TIMESTAMP_INVALID', `"ts" is ${JSON.stringify(element['ts']).slice(0, 80)}`),
      );
      return;
    }
    deviceTime = time;
    for (const key in element) {
      if (key === 'values' || key === 'ts') continue;
      if (key === 'seq' && Number.isSafeInteger(element['seq'])) decoded.sequences.push(element['seq'] as number);
      else if (key === 'status')
        status = element['status'] === 'calibrating' ? 'calibrating' : element['status'] === 'fault' ? 'fault' : 'ok';
      else if (key !== 'seq') decoded.unknownKeys.push(key);
    }
  }
  let items = 0;
  for (const channel in values) {
    if (++items + decoded.measurements.length > limits.maximumItems) {
      decoded.problems.push(problem(index, null, 'TOO_MANY_ITEMS', `more than ${limits.maximumItems} values`));
      return;
    }
    const value = values[channel];
    if (typeof value === 'number') {
      if (Number.isFinite(value)) decoded.measurements.push({ index, channel, value, deviceTime, status });
      else decoded.problems.push(problem(index, channel, 'VALUE_NOT_FINITE', String(value)));
    } else if (value === true || value === false)
      decoded.measurements.push({ index, channel, value: value ? 1 : 0, deviceTime, status });
    else if (value === null) decoded.noValues++;
    else decoded.problems.push(problem(index, channel, 'VALUE_NOT_NUMERIC', typeof value));
  }
  if (items === 0) decoded.problems.push(problem(index, null, 'MALFORMED', 'there are no values'));
}

/** Epoch ms of a device's `ts`: seconds below 1e11, milliseconds below 1e14, microseconds below 1e17, else nanoseconds; ISO 8601 with offset. NaN if neither. */
export function deviceTimeOf(ts: unknown): number {
  if (typeof ts === 'number') {
    if (!Number.isFinite(ts)) return Number.NaN;
    if (ts < 1e11) return Math.round(ts * 1000);
    if (ts < 1e14) return Math.round(ts);
    if (ts < 1e17) return Math.round(ts / 1e3);
    return Math.round(ts / 1e6);
  }
  if (typeof ts === 'string' && ISO_WITH_OFFSET.test(ts)) return Date.parse(ts);
  return Number.NaN;
}
