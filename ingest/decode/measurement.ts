import type { QuarantineCode, QuarantineProblem } from '../../domain/ports/quarantine.ts';

/** One value as the device sent it, before anyone asked whether the device has such a channel. */
export interface RawMeasurement {
  /** Element of the array it stood in; 0 for a bare message. */
  readonly index: number;
  readonly channel: string;
  readonly value: number;
  /** Epoch ms the device gave, or `null` when arrival counts. */
  readonly deviceTime: number | null;
  readonly status: DeviceDeclaration;
}

/** What the device says of its own data. */
export type DeviceDeclaration = 'ok' | 'calibrating' | 'fault';

/** What a payload format makes of one message. Items stand alone: what can't be used is a problem, the rest is kept. */
export interface Decoded {
  readonly measurements: RawMeasurement[];
  readonly problems: QuarantineProblem[];
  /** Values the device says it doesn't have (`null`). */
  noValues: number;
  /** Sequence numbers in order of appearance. */
  readonly sequences: number[];
  /** Top-level keys that mean nothing to us. */
  readonly unknownKeys: string[];
}

/** One payload format. Total: never throws, whatever the bytes. */
export type DecodeFormat = (bytes: Uint8Array, limits: DecodeLimits) => Decoded;
export interface DecodeLimits {
  /** Elements and values of one message; beyond it the message is `TOO_MANY_ITEMS`. */
  readonly maximumItems: number;
}

export const emptyDecoded = (): Decoded => ({
  measurements: [],
  problems: [],
  noValues: 0,
  sequences: [],
  unknownKeys: [],
});
export const problem = (
  index: number,
  quantity: string | null,
  code: QuarantineCode,
  detail: string,
): QuarantineProblem => ({ index, quantity, code, detail });
