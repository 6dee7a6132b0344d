import { decode, Encoder, ExtensionCodec } from '@msgpack/msgpack';

/** Columns of readings travel as they lie in memory; MessagePack itself has only bytes. */
const FLOAT64 = 1;
const INT32 = 2;

const extensionCodec = new ExtensionCodec();
const asBytes = (array: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
extensionCodec.register({
  type: FLOAT64,
  encode: (value) => (value instanceof Float64Array ? asBytes(value) : null),
  // Copied, to begin where eight bytes may.
  decode: (bytes) => new Float64Array(bytes.slice().buffer),
});
extensionCodec.register({
  type: INT32,
  encode: (value) => (value instanceof Int32Array ? asBytes(value) : null),
  decode: (bytes) => new Int32Array(bytes.slice().buffer),
});

const encoder = new Encoder({ extensionCodec, ignoreUndefined: true });

/** One event of one process: `number` counts the events of its name that the process has said, 1, 2, 3 … */
export interface Said {
  readonly by: string;
  readonly number: number;
  readonly payload: unknown;
}

export const encodeSaid = ({ by, number, payload }: Said): Uint8Array => encoder.encode([by, number, payload]);

/** @throws when the bytes are not what {@link encodeSaid} wrote. */
export function decodeSaid(bytes: Uint8Array): Said {
  // As bytes and nothing more: a `Buffer` would give its parts as views where copies are meant.
  const said = decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), { extensionCodec });
  if (!Array.isArray(said) || typeof said[0] !== 'string' || typeof said[1] !== 'number')
    throw new Error('it is no event');
  return { by: said[0], number: said[1], payload: said[2] };
}

/** What is only asked or answered, and numbered by others. */
export const encodeValue = (value: unknown): Uint8Array => encoder.encode(value);

/** @throws when the bytes are not what {@link encodeValue} wrote. */
export const decodeValue = (bytes: Uint8Array): unknown =>
  decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), { extensionCodec });
