/**
 * Reading and writing of protobuf's wire format (protobuf.dev/programming-guides/encoding), as much as Sparkplug's few messages need. By hand and not
 * by a library: three messages of a frozen schema, of which we read a third, need no schema compiler nor its run time in the ingest path.
 */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

export type WireField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'fixed64' | 'fixed32' | 'bytes'; readonly value: Uint8Array };

/** Fields of one message in order. @throws {ProtobufError} when the bytes are no message. */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new ProtobufError('the message ends inside a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('a number is longer than 64 bits');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProtobufError('a field is longer than the message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    if (number === 0 || number > 536_870_911) throw new ProtobufError('a field has no valid number');
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, kind: 'varint', value: varint() };
        break;
      case 1:
        yield { number, kind: 'fixed64', value: take(8) };
        break;
      case 2:
        yield { number, kind: 'bytes', value: take(Number(varint())) };
        break;
      case 5:
        yield { number, kind: 'fixed32', value: take(4) };
        break;
      default:
        throw new ProtobufError('a field has an unknown wire type');
    }
  }
}

const text = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 text of a field. @throws {ProtobufError} */
export function textOf(field: WireField): string {
  if (field.kind !== 'bytes') throw new ProtobufError(`field ${field.number} is no text`);
  try {
    return text.decode(field.value);
  } catch {
    throw new ProtobufError(`field ${field.number} is not UTF-8`);
  }
}
/** Bytes of a nested message. @throws {ProtobufError} */
export function messageOf(field: WireField): Uint8Array {
  if (field.kind !== 'bytes') throw new ProtobufError(`field ${field.number} is no message`);
  return field.value;
}
/** @throws {ProtobufError} */
export function integerOf(field: WireField): bigint {
  if (field.kind !== 'varint') throw new ProtobufError(`field ${field.number} is no integer`);
  return field.value;
}
/** Float or double, little-endian. @throws {ProtobufError} */
export function floatOf(field: WireField): number {
  if (field.kind !== 'fixed32' && field.kind !== 'fixed64')
    throw new ProtobufError(`field ${field.number} is no floating-point number`);
  const view = new DataView(field.value.buffer, field.value.byteOffset, field.value.byteLength);
  return field.kind === 'fixed32' ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

/** A field of a message to be written; integers are unsigned 64-bit. */
export type Writable = readonly [number: number, value: bigint | boolean | string | Uint8Array];

/** The bytes of a message with the fields in the order given. */
export function messageWith(fields: readonly Writable[]): Uint8Array {
  const out: number[] = [];
  const varint = (value: bigint): void => {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
    out.push(Number(rest));
  };
  for (const [number, value] of fields) {
    if (typeof value === 'bigint' || typeof value === 'boolean') {
      varint(BigInt(number << 3));
      varint(BigInt(value));
    } else {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      varint(BigInt((number << 3) | 2));
      varint(BigInt(bytes.length));
      out.push(...bytes);
    }
  }
  return Uint8Array.from(out);
}
