import { cborIn } from './cbor.ts';
import type { DecodeFormat, DecodeServices } from './frame.ts';
import { refused } from './measurement.ts';
import { decodeNativeJson } from './native-json.ts';

/** The native telemetry in CBOR: the same shapes, keys as text. What JSON can't say of its values is no value here either. */
export const openNativeCbor = ({ limits }: DecodeServices): DecodeFormat =>
  function decodeNativeCbor({ bytes }) {
    let text: string;
    try {
      text = JSON.stringify(cborIn(bytes), asJson) ?? 'null';
    } catch (error) {
      return refused('MALFORMED', (error as Error).message);
    }
    // Read as JSON, so that both mean the same in every detail; CBOR devices are the slow ones, on narrow lines.
    return decodeNativeJson(Buffer.from(text), limits);
  };

/** Maps become objects, big integers numbers; bytes and values that are not finite become text, which is refused as a value by name. */
function asJson(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
