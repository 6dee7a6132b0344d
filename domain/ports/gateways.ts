import type { DeviceStatusChange } from '../asset.ts';
import type { GatewayBeat, GatewayPresence } from '../gateway.ts';
import type { GatewayId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';

/** Who the gateways are, and which of them live. */
export interface GatewayLog {
  /** It lives. @returns true when it had been taken for gone meanwhile, and its devices for offline. */
  beat(gateway: GatewayBeat, at: EpochMs): Promise<boolean>;
  /** Stopped in good order, `held` messages in its quarantine. */
  stopped(id: GatewayId, held: number, at: EpochMs): Promise<void>;
  /** Those seen after `since`, by name. */
  list(since: EpochMs): Promise<readonly GatewayPresence[]>;
  /**
   * Takes a gateway for gone that has not beaten since `beats`: it and the status of its devices are settled together, once, whoever asks.
   * @returns the devices that were online by its word and are offline now; none when it has beaten, or somebody was faster.
   */
  settle(id: GatewayId, beats: number, at: EpochMs): Promise<readonly DeviceStatusChange[]>;
}
