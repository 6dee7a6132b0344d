import type { DeviceId, GatewayId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { FromGateways, QuarantineProblem, Transport } from './quarantine.ts';

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

/** `watchedSince`: messages before it were not seen. Newest first. */
export interface DeviceWatch {
  readonly watchedSince: EpochMs;
  readonly messages: readonly SeenMessage[];
}

/** The last messages of devices that somebody watches, of one gateway. Nothing is kept of any other device, and nothing on disk. */
export interface DeviceTail {
  /** Begins to watch the device, or goes on; ends by itself a while after it was last asked for. */
  watch(device: DeviceId): DeviceWatch;
}

/** The same over all gateways: each keeps what it sees of the device, and sends it when it is asked. */
export interface DeviceTailDesk {
  /** `away`: gateways that are known and did not answer; messages that came to them are missing. `from`: the gateway that saw the message. */
  watch(
    device: DeviceId,
  ): Promise<
    FromGateways<
      Omit<DeviceWatch, 'messages'> & { readonly messages: readonly (SeenMessage & { readonly from: GatewayId })[] }
    >
  >;
}
