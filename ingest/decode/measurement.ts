import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { QuarantineCode, QuarantineProblem } from '../../domain/ports/quarantine.ts';

/** One value as the device sent it, before anyone asked whether the device has such a channel. */
export interface RawMeasurement {
  /** Element of the array it stood in; 0 for a bare message. */
  readonly index: number;
  readonly channel: string;
  readonly value: number;
  /** UCUM code, where the payload says it. */
  readonly unit?: string;
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
  /** What the message says of other devices than its sender: a gateway's or network server's cargo. */
  readonly carried?: readonly Carried[];
  /** Times were given relative to now: sent again, the message would say something else. */
  readonly relativeTimes?: boolean;
  /** What its sender is to be told, at once and once (QoS 0). */
  readonly replies?: readonly Reply[];
  /** Carried devices that came or went, by word of their gateway. */
  readonly presence?: readonly Presence[];
}

export interface Carried {
  readonly device: DeviceDirectoryEntry;
  readonly decoded: Decoded;
}
export interface Reply {
  readonly topic: string;
  readonly payload: Uint8Array;
}
export interface Presence {
  readonly device: DeviceDirectoryEntry;
  readonly online: boolean;
}

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
/** A message of which nothing can be used. */
export const refused = (code: QuarantineCode, detail: string): Decoded => ({
  ...emptyDecoded(),
  problems: [problem(0, null, code, detail)],
});
/** Longest explanation kept with a problem; it may quote what came. */
const LONGEST_DETAIL = 200;
export const problem = (
  index: number,
  quantity: string | null,
  code: QuarantineCode,
  detail: string,
): QuarantineProblem => ({ index, quantity, code, detail: detail.slice(0, LONGEST_DETAIL) });
