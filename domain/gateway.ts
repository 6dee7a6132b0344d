import type { GatewayId } from './identifiers.ts';
import { type DurationMs, days, type EpochMs } from './time.ts';

/** `here`: it has not said otherwise. `stopped`: in good order. `gone`: it was not heard of for as long as it had announced. */
export const GATEWAY_STATES = ['here', 'stopped', 'gone'] as const;

/** A process that messages come to, as the others know it: a gateway, or one that reads files of stations and other brokers. */
export interface GatewayPresence {
  readonly id: GatewayId;
  /** For people: not unique. */
  readonly name: string;
  readonly state: (typeof GATEWAY_STATES)[number];
  /** Rises while it lives: whoever sees it stand still for {@link ttl} may take it for gone. No clocks are compared. */
  readonly beats: number;
  readonly ttl: DurationMs;
  /** Messages in its quarantine when it was last seen: whether it is missed while it is away. */
  readonly held: number;
  /** By its own clock. */
  readonly seenAt: EpochMs;
}

/** What the process says of itself with each beat. */
export type GatewayBeat = Pick<GatewayPresence, 'id' | 'name' | 'ttl' | 'held'>;

/** Which connection of a device: {@link stamp} is greater than that of every connection the gateway had heard of, and `gateway` decides between equal ones. */
export interface SessionMark {
  readonly gateway: GatewayId;
  readonly stamp: number;
}

/** Above 0: `a` is the newer connection. The same wherever it is asked. */
export const compareSessions = (a: SessionMark, b: SessionMark): number =>
  a.stamp - b.stamp || (a.gateway === b.gateway ? 0 : a.gateway > b.gateway ? 1 : -1);

/** What it holds is not asked for any longer, nor missed, when it was last seen so long ago. */
export const GATEWAY_FORGOTTEN_AFTER: DurationMs = days(30);
