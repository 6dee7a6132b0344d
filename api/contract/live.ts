import { z } from 'zod';
import type { DeviceId } from '../../domain/identifiers.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { AlarmWire } from './alarms.ts';
import type { PresenceClientEvents, PresenceServerEvents } from './presence.ts';
import type { NoticeWire } from './users.ts';

/**
 * Live data by socket.io, namespace `/live`, with the session's cookie, or an API key as `auth: { apiKey }`.
 *
 *     client → subscribe(subscription, ack)     server → snapshot, then delta…, alarm… as they come
 *     client → resync()                         server → snapshot anew (after a gap in seq or alarmSeq)
 *
 * `seq` counts snapshots and deltas of this connection without gaps: each is one more than the one before.
 * `alarmSeq` does the same for alarms; a snapshot says where both stand. A snapshot may come unasked (the client fell behind,
 * the city changed): it replaces everything. Who is no longer permitted is told `goodbye` and disconnected.
 */

/** `[west, south, east, north]` in degrees. */
export const boundingBox = z
  .tuple([
    z.number().min(-180).max(180),
    z.number().min(-90).max(90),
    z.number().min(-180).max(180),
    z.number().min(-90).max(90),
  ])
  .refine(([west, south, east, north]) => west <= east && south <= north, 'refusal.boxReversed');
export type BoundingBox = z.infer<typeof boundingBox>;

/** What readings and device changes to send. Alarms always come for all the reader may see: a map section hides none. */
export const subscription = z.strictObject({
  /** null: everywhere. */
  viewport: boundingBox.nullable(),
  /** null: all domains. */
  domains: z.array(z.enum(DOMAINS)).max(DOMAINS.length).readonly().nullable(),
  /**
   * true: the client calls `received()` for every snapshot and delta it has worked through, and the server then holds the next delta
   * back until it has: a screen that can't keep up gets fewer and newer values. false (default): only the line's own pace counts.
   */
  acknowledges: z.boolean().default(false),
});
export type Subscription = z.input<typeof subscription>;
export type SubscribeAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'INPUT_INVALID' | 'TOO_MANY_REQUESTS' };

/**
 * Newest readings packed in one buffer of 21·n bytes, little-endian, columns one after the other:
 * n × float64 event time (epoch ms), n × float64 value, n × int32 series, n × uint8 quality code.
 * In the browser it arrives as an ArrayBuffer, in Node as a Buffer. `domain/latest-block.ts` reads and writes it.
 */
export type LatestBlock = ArrayBuffer | Uint8Array;

/** `[device, online, since]` */
export type DeviceTuple = readonly [DeviceId, boolean, EpochMs];

export interface LiveSnapshot {
  readonly seq: number;
  readonly alarmSeq: number;
  /** The server's clock: against it the client tells the age of everything. */
  readonly at: EpochMs;
  readonly readings: LatestBlock;
  readonly devices: readonly DeviceTuple[];
  /** Every open alarm the reader may see, suppressed ones too. */
  readonly alarms: readonly AlarmWire[];
  /** More alarms are open than one snapshot holds: ask REST for the rest. */
  readonly alarmsTruncated: boolean;
}
export interface LiveDelta {
  readonly seq: number;
  readonly at: EpochMs;
  /** The newest reading of each series that changed since the frame before; empty in a heartbeat. */
  readonly readings: LatestBlock;
  readonly devices: readonly DeviceTuple[];
}
export interface LiveAlarm {
  readonly alarmSeq: number;
  readonly at: EpochMs;
  /** After the change; `endedAt` set means it has left the list. */
  readonly alarm: AlarmWire;
}
export type GoodbyeReason = 'SESSION_ENDED' | 'ACCESS_CHANGED' | 'STOPPING';

export interface LiveServerEvents extends PresenceServerEvents {
  snapshot(snapshot: LiveSnapshot, received?: () => void): void;
  delta(delta: LiveDelta, received?: () => void): void;
  alarm(alarm: LiveAlarm): void;
  notice(notice: NoticeWire): void;
  /** Points, sites or devices changed: fetch `/map/points` again; a snapshot follows. */
  assetsChanged(): void;
  /** Rules changed. */
  rulesChanged(): void;
  /** The server disconnects after this. On ACCESS_CHANGED connect again; on SESSION_ENDED sign in; on STOPPING wait and connect. */
  goodbye(reason: GoodbyeReason): void;
}
export interface LiveClientEvents extends PresenceClientEvents {
  /** Replaces the subscription of before; the first one starts the flow. */
  subscribe(subscription: Subscription, answer: (answer: SubscribeAnswer) => void): void;
  resync(): void;
}
