/** Bytes of one point: int32 number, uint8 rank. */
const BYTES_PER_POINT = 5;

/** Rank of a point that is not to be seen, or not there. */
export const NO_STATE = 255;

/** States of points, read from a block. */
export interface StateColumns {
  readonly length: number;
  readonly number: Int32Array;
  /** Ranks in `POINT_STATES`. */
  readonly rank: Uint8Array;
}

/** Empty columns in one buffer, to be filled and sent: `bytes` is the block. */
export function allocateStateBlock(length: number): StateColumns & { readonly bytes: Uint8Array } {
  const buffer = new ArrayBuffer(length * BYTES_PER_POINT);
  return { ...columnsOver(buffer, 0, length), bytes: new Uint8Array(buffer) };
}

/**
 * Reads a block of 5·n bytes: n point numbers, n ranks, little-endian (as all machines this runs on are).
 * @throws {RangeError} when the length is not a multiple of 5.
 */
export function readStateBlock(block: ArrayBuffer | Uint8Array): StateColumns {
  const length = block.byteLength / BYTES_PER_POINT;
  if (!Number.isInteger(length)) throw new RangeError(`a block of ${block.byteLength} bytes is no block of states`);
  if (block instanceof ArrayBuffer) return columnsOver(block, 0, length);
  // Typed arrays need an offset divisible by four; a view into a larger buffer seldom has one.
  return columnsOver(new Uint8Array(block).buffer, 0, length);
}

const columnsOver = (buffer: ArrayBufferLike, offset: number, length: number): StateColumns => ({
  length,
  number: new Int32Array(buffer, offset, length),
  rank: new Uint8Array(buffer, offset + length * 4, length),
});
