import type { AgencyId, DeviceId, DeviceModelId, GatewayId, QuarantineId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';

/** Why something could not be used. Stable: outside programs match on them. */
export const QUARANTINE_CODES = [
  'MALFORMED',
  'WRONG_TOPIC',
  'UNKNOWN_FORMAT',
  'UNKNOWN_DEVICE',
  'UNASSIGNED',
  'UNKNOWN_QUANTITY',
  'VALUE_NOT_NUMERIC',
  'VALUE_NOT_FINITE',
  'TIMESTAMP_INVALID',
  'CLOCK_UNSET',
  'CLOCK_AHEAD',
  'TOO_OLD',
  'TOO_MANY_ITEMS',
  'UNIT_MISMATCH',
  'BIRTH_MISSING',
  'CODEC_FAILED',
  'CODEC_LIMIT',
  'CODEC_SUSPENDED',
] as const;
export type QuarantineCode = (typeof QUARANTINE_CODES)[number];

/** How messages come; `file`: a station's, from a folder or by upload. */
export const TRANSPORTS = ['mqtt', 'http', 'file'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** One message of which something could not be used: its bytes whole, and what was wrong with which part. */
export interface QuarantinedMessage {
  readonly id: QuarantineId;
  /** The sender; of a station's file `station:` and its code. */
  readonly deviceId: DeviceId;
  /** The gateway or network server that sent it for the device, where it didn't come from the device itself. */
  readonly carrierId?: DeviceId;
  readonly agencyId: AgencyId | null;
  readonly transport: Transport;
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** First arrival; kept when it is replayed. */
  readonly arrivalTime: EpochMs;
  /** At least one. `index`: element of the array (0 for a bare message); `quantity`: `null` when the whole element or message is meant. */
  readonly problems: readonly QuarantineProblem[];
  readonly state: 'held' | 'replayed' | 'discarded';
}

export interface QuarantineProblem {
  readonly index: number;
  readonly quantity: string | null;
  readonly code: QuarantineCode;
  readonly detail: string;
}

export interface QuarantineFilter {
  readonly agencies: readonly AgencyId[] | 'all';
  readonly deviceId?: DeviceId;
  /** Of devices that are of this model now. */
  readonly modelId?: DeviceModelId;
  readonly code?: QuarantineCode;
  readonly state?: QuarantinedMessage['state'];
}

export interface QuarantineStatus {
  readonly messages: number;
  readonly bytes: number;
  readonly capacityBytes: number;
  /** Evicted since the quarantine was made, kept over restarts. */
  readonly evictedMessages: number;
  readonly evictedBytes: number;
  /** Found damaged and set aside since start. */
  readonly damagedMessages: number;
}

/** Held messages of one device that have the code among their problems. */
export interface HeldCount {
  readonly deviceId: DeviceId;
  readonly code: QuarantineCode;
  readonly messages: number;
}

/** Bounded, durable keeping place of one gateway for what can't be used. Each device has a share; its oldest go first; every eviction is counted. */
export interface Quarantine {
  /** Resolves when the messages are on disk. */
  hold(messages: readonly Omit<QuarantinedMessage, 'state'>[]): Promise<void>;
  get(id: QuarantineId): Promise<QuarantinedMessage | undefined>;
  /** Newest first; at most `limit`; `after` is the last id of the page before. */
  list(filter: QuarantineFilter, limit: number, after?: QuarantineId): Promise<readonly QuarantinedMessage[]>;
  /** How many messages the filter lets through. */
  count(filter: QuarantineFilter): Promise<number>;
  mark(id: QuarantineId, state: 'replayed' | 'discarded'): Promise<void>;
  /** Held messages per device and code. */
  counts(agencies: readonly AgencyId[] | 'all'): Promise<readonly HeldCount[]>;
  status(): QuarantineStatus;
  close(): Promise<void>;
}

/** Outcome of putting a held message through decode and validate again, at its first arrival time. */
export interface ReplayOutcome {
  readonly id: QuarantineId;
  readonly accepted: number;
  readonly problems: readonly QuarantineProblem[];
}
/** `backfill` allows readings older than the age limit. Idempotent: same readings, same identities. */
export type ReplayQuarantined = (
  ids: readonly QuarantineId[],
  options: { readonly backfill: boolean },
) => Promise<readonly ReplayOutcome[]>;

/** A message as it is told of to others: of its bytes perhaps only how many there are. */
export interface HeldMessage extends Omit<QuarantinedMessage, 'bytes'> {
  readonly sizeBytes: number;
  /** `null`: not asked for, or longer than was asked for. */
  readonly bytes: Uint8Array | null;
}

/** Which message, and whose. */
export type HeldIdentity = Pick<QuarantinedMessage, 'id' | 'agencyId' | 'deviceId'>;

/** A gateway as people know it. */
export interface GatewayName {
  readonly id: GatewayId;
  readonly name: string;
}
/** What came from the gateways that answered; `away`: those that are known and did not. */
export interface FromGateways<T> {
  readonly found: T;
  readonly away: readonly GatewayName[];
  /** Known, those that are away included. */
  readonly gateways: number;
}
export type HeldAt = HeldMessage & { readonly gateway: GatewayName };

/** The quarantines of all gateways, for people. */
export interface QuarantineDesk {
  /** With its bytes; `undefined`: no gateway that answered holds it. */
  get(id: QuarantineId): Promise<FromGateways<HeldAt | undefined>>;
  /**
   * Newest first over all gateways, at most `limit`; `after` is `next` of the page before, `null` on the last. Bytes only of messages with at most `bytesAtMost` of them.
   * What is held by a gateway that is away is missing from its place in the order.
   */
  list(
    filter: QuarantineFilter,
    limit: number,
    options?: { readonly after?: QuarantineId | undefined; readonly bytesAtMost?: number },
  ): Promise<FromGateways<readonly HeldAt[]> & { readonly next: QuarantineId | null }>;
  count(filter: QuarantineFilter): Promise<FromGateways<number>>;
  counts(agencies: readonly AgencyId[] | 'all'): Promise<
    FromGateways<{
      readonly counts: readonly HeldCount[];
      readonly statuses: readonly { readonly gateway: GatewayName; readonly status: QuarantineStatus }[];
    }>
  >;
  /** Those of them that are held by a gateway that answered. */
  some(ids: readonly QuarantineId[]): Promise<FromGateways<readonly HeldIdentity[]>>;
  /** Whether a gateway that answered held it. */
  discard(id: QuarantineId): Promise<FromGateways<boolean>>;
  /** Each message where it is held. */
  replay(
    ids: readonly QuarantineId[],
    options: { readonly backfill: boolean },
  ): Promise<FromGateways<readonly ReplayOutcome[]>>;
}
