import { z } from 'zod';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { IncidentId } from '../../domain/incident.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { AlarmWire } from './alarms.ts';
import type { PresenceClientEvents, PresenceServerEvents } from './presence.ts';
import type { NoticeWire } from './users.ts';

/**
 * Live data by socket.io, namespace `/live`, with the session's cookie, an API key as `auth: { apiKey }`,
 * or a wall screen's cookie with the build of its page as `auth: { display }`.
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
  /** true: the state of every point the reader may see comes too, as the platform judges it. */
  states: z.boolean().default(false),
  /**
   * `selected`: newest readings and device changes of all that the viewport and the domains select. `fitting`: the same in a city whose points fit a
   * screen's memory (`isWhole` of the snapshot); in a larger one only of the series last named by `want`.
   */
  readings: z.enum(['selected', 'fitting']).default('selected'),
});
export type Subscription = z.input<typeof subscription>;
export type WantAnswer =
  | { readonly ok: true; readonly readings: LatestBlock; readonly devices: readonly DeviceTuple[] }
  | { readonly ok: false; readonly code: 'INPUT_INVALID' };
export type SubscribeAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'INPUT_INVALID' | 'TOO_MANY_REQUESTS' };

/**
 * Newest readings packed in one buffer of 21·n bytes, little-endian, columns one after the other:
 * n × float64 event time (epoch ms), n × float64 value, n × int32 series, n × uint8 quality code.
 * In the browser it arrives as an ArrayBuffer, in Node as a Buffer. `domain/latest-block.ts` reads and writes it.
 */
export type LatestBlock = ArrayBuffer | Uint8Array;

/** Series a screen shows at once: more than fit on one. */
export const wantedSeries = z.array(z.int().min(0)).max(1_500).readonly();

/** Newest states packed in one buffer of 5·n bytes: n × int32 point number, n × uint8 rank. `domain/state-block.ts` reads and writes it. */
export type StateBlock = ArrayBuffer | Uint8Array;

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
  /** Whether readings and devices are those of everything selected; false: only what `want` names comes. */
  readonly isWhole: boolean;
  /** As in `GET /map/points` and `GET /map/places`: what was fetched with another one is out of date. */
  readonly assets: string;
  /** Where asked for. `ranks`: by point number, the rank in `POINT_STATES`, 255 for what may not be seen; `epoch` as in `GET /map/places`. */
  readonly states?: { readonly epoch: string; readonly ranks: ArrayBuffer | Uint8Array };
}
export interface LiveDelta {
  readonly seq: number;
  readonly at: EpochMs;
  /** The newest reading of each series that changed since the frame before; empty in a heartbeat. */
  readonly readings: LatestBlock;
  readonly devices: readonly DeviceTuple[];
  /** Where asked for and one changed. */
  readonly states?: StateBlock;
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
  /** An incident with members that the reader may see began, changed or ended: fetch it again. */
  incidentChanged(incident: IncidentId): void;
  /** Points, sites or devices changed: a snapshot follows, whose `assets` tell whether what is held is out of date. */
  assetsChanged(): void;
  /** Rules changed. */
  rulesChanged(): void;
  /** The server disconnects after this. On ACCESS_CHANGED connect again; on SESSION_ENDED sign in; on STOPPING wait and connect. */
  goodbye(reason: GoodbyeReason): void;
}
export interface LiveClientEvents extends PresenceClientEvents {
  /** Replaces the subscription of before; the first one starts the flow. */
  subscribe(subscription: Subscription, answer: (answer: SubscribeAnswer) => void): void;
  /**
   * Replaces the series wanted before, for a subscription to what is `fitting`. Answered with the newest readings of all of them, and the devices
   * that serve their points, as they are now; what changes after comes with the deltas.
   */
  want(series: readonly number[], answer: (answer: WantAnswer) => void): void;
  resync(): void;
}
