import { emptyColumns, type ReadingColumns } from '../domain/reading.ts';

/**
 * A message without `ts` that may be sent again: the bytes it was recognised by, and the arrival time its readings were given.
 * Kept beside the readings so that a resend after a crash is still recognised.
 */
export interface ResendMark {
  /** Device and packet id or idempotency key, and a hash of the bytes, as one text. */
  readonly key: string;
  /** Epoch ms. */
  readonly arrivalTime: number;
}

export interface JournalPayload {
  readonly readings: ReadingColumns;
  readonly marks: readonly ResendMark[];
}

export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

const VERSION = 1;
const HEADER_BYTES = 16;
const BYTES_PER_READING = 8 + 8 + 8 + 4 + 1;

/**
 * Layout, little-endian: version u8, 3 spare bytes, readings u32, bytes of marks u32, spare u32; then the columns event time f64,
 * arrival time f64, value f64, series i32, quality u8; then the marks as UTF-8 JSON. Wide columns come first, so that every column is
 * aligned and decoding copies nothing when the payload itself is.
 */
export function encodePayload({ readings, marks }: JournalPayload): Uint8Array {
  const n = readings.length;
  const markBytes =
    marks.length === 0 ? new Uint8Array(0) : Buffer.from(JSON.stringify(marks.map((m) => [m.key, m.arrivalTime])));
  const bytes = new Uint8Array(HEADER_BYTES + n * BYTES_PER_READING + markBytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint32(4, n, true);
  view.setUint32(8, markBytes.length, true);
  const at = columnsAt(bytes.buffer, HEADER_BYTES, n);
  at.eventTime.set(readings.eventTime.subarray(0, n));
  at.arrivalTime.set(readings.arrivalTime.subarray(0, n));
  at.value.set(readings.value.subarray(0, n));
  at.series.set(readings.series.subarray(0, n));
  at.quality.set(readings.quality.subarray(0, n));
  bytes.set(markBytes, HEADER_BYTES + n * BYTES_PER_READING);
  return bytes;
}

/**
 * Reads what {@link encodePayload} wrote. The columns may be views of `bytes`.
 * @throws {PayloadError} when version or lengths don't fit.
 */
export function decodePayload(bytes: Uint8Array): JournalPayload {
  if (bytes.length < HEADER_BYTES) throw new PayloadError(`payload of ${bytes.length} bytes is too short`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== VERSION) throw new PayloadError(`payload version ${version} is not known`);
  const n = view.getUint32(4, true);
  const markLength = view.getUint32(8, true);
  if (HEADER_BYTES + n * BYTES_PER_READING + markLength !== bytes.length)
    throw new PayloadError('payload length does not fit its header');
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const readings = n === 0 ? emptyColumns(0) : columnsAt(aligned.buffer, aligned.byteOffset + HEADER_BYTES, n);
  if (markLength === 0) return { readings, marks: [] };
  const text = new TextDecoder().decode(bytes.subarray(bytes.length - markLength));
  const marks = (JSON.parse(text) as [string, number][]).map(([key, arrivalTime]) => ({ key, arrivalTime }));
  return { readings, marks };
}

function columnsAt(buffer: ArrayBufferLike, start: number, n: number): ReadingColumns {
  return {
    length: n,
    eventTime: new Float64Array(buffer as ArrayBuffer, start, n),
    arrivalTime: new Float64Array(buffer as ArrayBuffer, start + 8 * n, n),
    value: new Float64Array(buffer as ArrayBuffer, start + 16 * n, n),
    series: new Int32Array(buffer as ArrayBuffer, start + 24 * n, n),
    quality: new Uint8Array(buffer as ArrayBuffer, start + 28 * n, n),
  };
}
