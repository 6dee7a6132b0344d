import { decode, type TagDecoder } from 'cborg';

/** A tag that stands for the number `read` makes of what it holds. */
const numberTag =
  (read: (content: unknown) => number): TagDecoder =>
  (decodeContent) =>
    read(decodeContent());

const asNumber = (x: unknown): number => {
  if (typeof x === 'number') return x;
  if (typeof x === 'bigint') return Number(x);
  throw new TypeError('a number was expected inside a tag');
};

/** Base 256 digits, most significant first. */
const magnitude = (content: unknown): number => {
  if (!(content instanceof Uint8Array)) throw new TypeError('a bignum holds bytes');
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
};

/** Mantissa × base^exponent [RFC 8949 §3.4.4]. */
const fraction =
  (base: number) =>
  (content: unknown): number => {
    if (!Array.isArray(content) || content.length !== 2) throw new TypeError('a fraction has exponent and mantissa');
    const [exponent, mantissa] = [asNumber(content[0]), asNumber(content[1])];
    // Dividing by a power of ten keeps 2731 × 10⁻² the number that 27.31 is; multiplying by 0.01 does not.
    return exponent < 0 ? mantissa / base ** -exponent : mantissa * base ** exponent;
  };

const TAGS: { [tag: number]: TagDecoder } = {
  0: (decodeContent) => decodeContent(),
  1: numberTag(asNumber),
  2: numberTag(magnitude),
  3: numberTag((content) => -1 - magnitude(content)),
  4: numberTag(fraction(10)),
  5: numberTag(fraction(2)),
  // Self-described CBOR [RFC 8949 §3.4.6].
  55799: (decodeContent) => decodeContent(),
};

/** One CBOR item [RFC 8949], maps as `Map`. @throws {Error} when the bytes are not exactly one well-formed item. */
export const cborIn = (bytes: Uint8Array): unknown =>
  decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, tags: TAGS });
