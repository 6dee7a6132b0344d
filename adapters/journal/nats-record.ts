import { crc32 } from 'node:zlib';

const RECORD_VERSION = 1;
/** version u8, length of the trace id u8, spare to 4, crc32 u32 of all behind it, arrival f64. */
const HEADER_BYTES = 16;

/** One entry as it lies in the stream. The stream's own sequence is the entry's; the partition is in the message's subject. */
export interface NatsRecord {
  readonly traceId: string;
  /** Epoch ms, by the clock of the process that appended. */
  readonly arrivedAt: number;
  readonly payload: Uint8Array;
}

const padding = (length: number): number => (8 - (length % 8)) % 8;

export function encodeRecord({ traceId, arrivedAt, payload }: NatsRecord): Uint8Array {
  const trace = Buffer.from(traceId).subarray(0, 255);
  const start = HEADER_BYTES + trace.length + padding(trace.length);
  const bytes = Buffer.alloc(start + payload.length);
  bytes.writeUInt8(RECORD_VERSION, 0);
  bytes.writeUInt8(trace.length, 1);
  bytes.writeDoubleLE(arrivedAt, 8);
  trace.copy(bytes, HEADER_BYTES);
  bytes.set(payload, start);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The record, in memory of its own so that nothing else of what was received is kept with it; or what is wrong with it. */
export function decodeRecord(received: Uint8Array): NatsRecord | string {
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
  if (bytes.length < HEADER_BYTES) return `record of ${bytes.length} bytes is too short`;
  if (bytes.readUInt8(0) !== RECORD_VERSION) return `record version ${bytes.readUInt8(0)} is not known`;
  if (bytes.readUInt32LE(4) !== crc32(bytes.subarray(8))) return 'checksum does not fit';
  const traceLength = bytes.readUInt8(1);
  return {
    traceId: bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + traceLength),
    arrivedAt: bytes.readDoubleLE(8),
    payload: new Uint8Array(bytes.subarray(HEADER_BYTES + traceLength + padding(traceLength))),
  };
}
