import type { SeriesId } from './identifiers.ts';
import type { Quality } from './quality.ts';
import type { EpochMs } from './time.ts';

/** Bytes of one reading: float64 event time, float64 value, int32 series, uint8 quality. */
const BYTES_PER_READING = 21;

/** Newest readings of many series, read from a block. Views into the block where its alignment allows. */
export interface LatestColumns {
  readonly length: number;
  /** Epoch ms. */
  readonly eventTime: Float64Array;
  readonly value: Float64Array;
  readonly series: Int32Array;
  /** `Quality` codes. */
  readonly quality: Uint8Array;
}

/** Empty columns in one buffer, to be filled and sent: `bytes` is the block. */
export function allocateLatestBlock(length: number): LatestColumns & { readonly bytes: Uint8Array } {
  const buffer = new ArrayBuffer(length * BYTES_PER_READING);
  return { ...columnsOver(buffer, 0, length), bytes: new Uint8Array(buffer) };
}

/**
 * Reads a block of 21·n bytes: n event times, n values, n series, n qualities, little-endian (as all machines this runs on are).
 * @throws {RangeError} when the length is not a multiple of 21.
 */
export function readLatestBlock(block: ArrayBuffer | Uint8Array): LatestColumns {
  const length = block.byteLength / BYTES_PER_READING;
  if (!Number.isInteger(length)) throw new RangeError(`a block of ${block.byteLength} bytes is no block of readings`);
  if (block instanceof ArrayBuffer) return columnsOver(block, 0, length);
  // Typed arrays need an offset divisible by eight; a view into a larger buffer seldom has one.
  if (block.byteOffset % 8 === 0) return columnsOver(block.buffer, block.byteOffset, length);
  // Not `slice`: a Node Buffer's gives another view of the same bytes.
  return columnsOver(new Uint8Array(block).buffer, 0, length);
}

/** The reading at `index` of a block, as `[series, event time, value, quality]`. */
export const latestAt = (
  columns: LatestColumns,
  index: number,
): readonly [series: SeriesId, eventTime: EpochMs, value: number, quality: Quality] => [
  columns.series[index] as SeriesId,
  columns.eventTime[index] as EpochMs,
  columns.value[index] as number,
  columns.quality[index] as Quality,
];

const columnsOver = (buffer: ArrayBufferLike, offset: number, length: number): LatestColumns => ({
  length,
  eventTime: new Float64Array(buffer, offset, length),
  value: new Float64Array(buffer, offset + length * 8, length),
  series: new Int32Array(buffer, offset + length * 16, length),
  quality: new Uint8Array(buffer, offset + length * 20, length),
});
