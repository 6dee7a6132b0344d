/** Blocks begin at multiples of this, as their columns of 64-bit numbers want. */
const ALIGNMENT = 8;
const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/**
 * One answer of words and readings: the length of the JSON (uint32, little-endian), the JSON (UTF-8), then blocks (`latest-block.ts`, `state-block.ts`), each begun at
 * a multiple of eight bytes. How long each block is, the JSON says.
 */
export function packReplay(head: unknown, blocks: readonly Uint8Array[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const begin = aligned(4 + json.length);
  const bytes = new Uint8Array(blocks.reduce((sum, block) => sum + aligned(block.length), begin));
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  let at = begin;
  for (const block of blocks) {
    bytes.set(block, at);
    at += aligned(block.length);
  }
  return bytes;
}

/** The head of such an answer, and its blocks: `next(length)` gives the bytes of the one that follows. @throws {RangeError} when it is cut short. */
export function unpackReplay(answer: ArrayBuffer): {
  readonly head: unknown;
  readonly next: (length: number) => Uint8Array;
} {
  const length = new DataView(answer).getUint32(0, true);
  if (4 + length > answer.byteLength) throw new RangeError('the answer is cut short');
  const head: unknown = JSON.parse(new TextDecoder().decode(new Uint8Array(answer, 4, length)));
  let at = aligned(4 + length);
  return {
    head,
    next(bytes) {
      if (at + bytes > answer.byteLength) throw new RangeError('the answer is cut short');
      const block = new Uint8Array(answer, at, bytes);
      at += aligned(bytes);
      return block;
    },
  };
}
