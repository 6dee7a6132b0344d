import type { DeviceId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { QuarantineProblem, Transport } from './quarantine.ts';

/** A message as it came, and what was understood of it for one device. */
export interface SeenMessage {
  /** Rises with every message seen of the device since somebody began to watch. */
  readonly number: number;
  readonly arrivalTime: EpochMs;
  readonly transport: Transport;
  readonly topic: string;
  /** The beginning of the message. */
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  /** The first of what it measured, as the device named and timed it; `deviceTime` null: arrival counts. */
  readonly values: readonly {
    readonly channel: string;
    readonly value: number;
    readonly unit: string | null;
    readonly deviceTime: number | null;
  }[];
  readonly problems: readonly QuarantineProblem[];
}

/** The last messages of devices that somebody watches. Nothing is kept of any other device, and nothing on disk. */
export interface DeviceTail {
  /**
   * Begins to watch the device, or goes on; ends by itself a while after it was last asked for. Newest first.
   * `watchedSince`: messages before it were not seen.
   */
  watch(device: DeviceId): { readonly watchedSince: EpochMs; readonly messages: readonly SeenMessage[] };
}
