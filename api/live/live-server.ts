import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import type { Alarm } from '../../domain/alarm.ts';
import type { Notice } from '../../domain/events.ts';
import type { DeviceId, GatewayId, PointId } from '../../domain/identifiers.ts';
import type { IncidentId } from '../../domain/incident.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import { readsAgency } from '../../domain/visibility.ts';
import { type Authenticate, displayProofIn, type Proof, proofIn } from '../auth/authenticate.ts';
import { accessKey, type Caller, holdsSomewhere, readAccess } from '../auth/caller.ts';
import { isSameOrigin } from '../auth/same-origin.ts';
import { sha256Hex } from '../auth/secrets.ts';
import type { CityIndex } from '../city/city-index.ts';
import type { LatestTable } from '../city/latest-table.ts';
import type { OpenAlarms } from '../city/open-alarms.ts';
import type { PointStates } from '../city/point-states.ts';
import { type Scope, type Scopes, SeriesPlaces, seesSeries } from '../city/scopes.ts';
import {
  type DeviceTuple,
  type LiveClientEvents,
  type LiveServerEvents,
  type SubscribeAnswer,
  subscription,
  type WantAnswer,
  wantedSeries,
} from '../contract/live.ts';
import type { NoticeWire } from '../contract/users.ts';
import { ApiError, expectedError, HTTP_STATUS } from '../errors.ts';
import type { ApiLimits } from '../ports.ts';
import { AlarmPresence } from './alarm-presence.ts';
import { FrameBlocks, selectionOf } from './frames.ts';
import type { LiveMetrics } from './live-metrics.ts';
import { DeviceChanges, type LiveSocket, type NoEvents, type SnapshotContent, Subscriber } from './subscriber.ts';

export interface LivePorts {
  readonly bus: LiveBus;
  readonly index: CityIndex;
  readonly scopes: Scopes;
  readonly latest: LatestTable;
  readonly openAlarms: OpenAlarms;
  readonly states: PointStates;
  /** Which of the servers it is. */
  readonly server: GatewayId;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly metrics: LiveMetrics;
  readonly log: Logger;
}
export interface LiveOptions {
  readonly limits: ApiLimits;
  readonly publicOrigin: string | null;
  /** Whether the connection is (or is said by a believed proxy to be) over TLS. */
  readonly isSecure: (request: IncomingMessage) => boolean;
}

/** Messages of a screen are a few hundred bytes. */
const CLIENT_MESSAGE_BYTES = 16_384;

type LiveIo = Server<LiveClientEvents, LiveServerEvents, NoEvents, { subscriber?: Subscriber }>;

/** The namespace `/live`: snapshots, frames at a steady beat, alarms at once. */
export class LiveServer {
  readonly io: LiveIo;
  readonly #ports: LivePorts;
  readonly #options: LiveOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #blocks: FrameBlocks;
  readonly #devices = new DeviceChanges();
  readonly #presence: AlarmPresence;
  #unsubscribe: (() => void)[] = [];
  #frameTimer: NodeJS.Timeout | undefined;
  #recheckTimer: NodeJS.Timeout | undefined;
  #rechecking = false;
  #isAttached = false;

  constructor(ports: LivePorts, options: LiveOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#presence = new AlarmPresence(ports);
    this.#blocks = new FrameBlocks(ports.latest, new SeriesPlaces(ports.index), ports.states);
    this.io = new Server({
      serveClient: false,
      maxHttpBufferSize: CLIENT_MESSAGE_BYTES,
      // The upgrade of paths that are not socket.io's is for whoever shares the HTTP server.
      destroyUpgrade: false,
      cleanupEmptyChildNamespaces: true,
      allowRequest: (request, callback) => {
        const { headers } = request;
        const fits = this.#subscribers.size < options.limits.liveClients;
        if (!fits) ports.metrics.refused.inc();
        // Another site's page could open a WebSocket with the person's cookie: only our own pages may.
        callback(null, fits && isSameOrigin(headers, headers.host, options.publicOrigin));
      },
    });
    const live = this.io.of('/live');
    live.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (error: unknown) => next(new Error(expectedError(error)?.code ?? 'INTERNAL')),
      );
    });
    live.on('connection', (socket) => this.#connected(socket));
  }

  get clients(): number {
    return this.#subscribers.size;
  }

  start(): void {
    const { bus, latest, index, openAlarms } = this.#ports;
    const { limits } = this.#options;
    this.#unsubscribe = [
      bus.subscribe('device.status', ({ deviceId }) => this.#devices.note(deviceId, latest.frame)),
      bus.subscribe('notice.raised', (notice) => this.#notice(notice)),
      bus.subscribe('incident.changed', ({ incidentId, points }) => this.#incident(incidentId, points)),
      bus.subscribe('rule.changed', () => this.#tellAll('rulesChanged')),
      index.onChanged(() => this.#assetsChanged()),
      openAlarms.onChanged((alarm) => this.#alarm(alarm)),
    ];
    this.#presence.start();
    this.#frameTimer = setInterval(() => this.#frame(), 1000 / limits.liveFramesPerSecond);
    this.#recheckTimer = setInterval(() => this.recheck(), limits.liveAccessRecheck);
  }

  attach(server: HttpServer): void {
    this.#isAttached = true;
    this.io.attach(server);
  }

  stop(): void {
    clearInterval(this.#frameTimer);
    clearInterval(this.#recheckTimer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#presence.stop();
    for (const subscriber of [...this.#subscribers]) subscriber.dismiss('STOPPING');
    // Not `io.close()`: that would close the HTTP server, too, which others share and its owner closes.
    if (this.#isAttached) this.io.engine.close();
  }

  /** Looks up every connection's session and rights again, and ends those that are no longer the same. */
  recheck(): void {
    if (this.#rechecking) return;
    this.#rechecking = true;
    const look = async (): Promise<void> => {
      const callers = new Map<string, Caller | null>();
      for (const subscriber of [...this.#subscribers]) {
        const { proof } = subscriber;
        const key = proof.kind === 'none' ? '' : proof.sha256;
        if (!callers.has(key)) callers.set(key, await this.#callerNow(proof));
        const caller = callers.get(key) ?? null;
        if (caller === null || (proof.kind === 'session' && caller.kind === 'anonymous')) {
          subscriber.dismiss('SESSION_ENDED');
        } else if (
          accessKey(readAccess(caller)) !== subscriber.scope.key ||
          holdsSomewhere(caller, 'read') !== subscriber.seesAlarms
        ) {
          subscriber.dismiss('ACCESS_CHANGED');
        }
      }
    };
    look()
      .catch((error: unknown) =>
        this.#ports.log.error({ event: 'live.recheck_failed', err: error }, 'access not rechecked'),
      )
      .finally(() => {
        this.#rechecking = false;
      });
  }

  /** `null` when the proof is refused outright (a revoked key). @throws when nobody can say: that is no word against it. */
  async #callerNow(proof: Proof): Promise<Caller | null> {
    try {
      return await this.#ports.authenticate(proof);
    } catch (error) {
      const expected = expectedError(error);
      if (expected && HTTP_STATUS[expected.code] < 500) return null;
      throw error;
    }
  }

  async #admit(socket: LiveSocket): Promise<void> {
    const { apiKey, display } = socket.handshake.auth as { apiKey?: unknown; display?: unknown };
    const isSecure = this.#options.isSecure(socket.request);
    const proof: Proof =
      typeof apiKey === 'string'
        ? { kind: 'api_key', sha256: sha256Hex(apiKey) }
        : typeof display === 'string'
          ? displayProofIn(socket.request.headers, isSecure, display)
          : proofIn(socket.request.headers, isSecure);
    // A screen that is not one any more sees nothing, what is for everybody among it.
    if (typeof display === 'string' && proof.kind === 'none') throw new ApiError('NOT_SIGNED_IN');
    const caller = await this.#ports.authenticate(proof);
    const scope = this.#ports.scopes.of(readAccess(caller));
    this.#presence.admitted(socket, caller);
    socket.data.subscriber = new Subscriber(
      socket,
      caller.kind === 'anonymous' ? { kind: 'none' } : proof,
      scope,
      holdsSomewhere(caller, 'read'),
      this.#options.limits,
    );
  }

  #connected(socket: LiveSocket): void {
    const { subscriber } = socket.data;
    if (!subscriber) return;
    this.#subscribers.add(subscriber);
    this.#presence.join(socket, subscriber);
    socket.on('disconnect', () => this.#subscribers.delete(subscriber));
    socket.on('subscribe', (input, answer) => {
      const reply: (answer: SubscribeAnswer) => void = typeof answer === 'function' ? answer : () => {};
      const parsed = subscription.safeParse(input);
      if (!parsed.success) return reply({ ok: false, code: 'INPUT_INVALID' });
      const isFirst = subscriber.selection === null;
      subscriber.selection = selectionOf(parsed.data.viewport, parsed.data.domains);
      subscriber.acknowledges = parsed.data.acknowledges;
      subscriber.wantsStates = parsed.data.states;
      subscriber.selectsAlways = parsed.data.readings === 'selected';
      subscriber.wanted = subscriber.selectsAlways || this.#fits() ? null : (subscriber.wanted ?? []);
      subscriber.needsSnapshot = true;
      reply({ ok: true });
      // Later ones wait for the beat: whoever pans the map asks more often than it can be answered.
      // What changes in the rest of this frame comes with its number: this snapshot counts as the frame before.
      if (isFirst) this.#snapshot(subscriber, this.#ports.latest.frame - 1);
    });
    socket.on('want', (input, answer) => {
      const reply: (answer: WantAnswer) => void = typeof answer === 'function' ? answer : () => {};
      const parsed = wantedSeries.safeParse(input);
      if (!parsed.success) return reply({ ok: false, code: 'INPUT_INVALID' });
      // What a whole city is sent needs no asking: there only the answer counts.
      if (subscriber.wanted !== null) subscriber.wanted = parsed.data;
      reply({
        ok: true,
        readings: this.#blocks.wantedSince(0, subscriber.scope, parsed.data),
        devices: this.#deviceTuples(this.#devicesOf(parsed.data, subscriber.scope), subscriber.scope),
      });
    });
    socket.on('resync', () => {
      if (subscriber.selection !== null) subscriber.needsSnapshot = true;
    });
  }

  /** Whether a screen can hold every point of the city, and be told of every reading. */
  #fits(): boolean {
    return this.#ports.index.points.size <= this.#options.limits.livePointsWhole;
  }

  #devicesOf(series: readonly number[], scope: Scope): Set<DeviceId> {
    const devices = new Set<DeviceId>();
    for (const id of series)
      if (seesSeries(scope, id))
        for (const device of this.#ports.index.series[id]?.point.devices ?? []) devices.add(device);
    return devices;
  }

  /** One beat: whoever is ready gets what changed since what it was last sent, or a heartbeat, or the snapshot it is owed. */
  #frame(): void {
    const { latest, clock, metrics, states } = this.#ports;
    const at = clock();
    const frame = latest.frame;
    states.judge(at);
    let furthestBehind = frame;
    let isSent = false;
    for (const subscriber of this.#subscribers) {
      const { selection } = subscriber;
      if (selection === null) continue;
      if (!subscriber.isReady) {
        metrics.framesHeldBack.inc();
      } else if (subscriber.needsSnapshot) {
        this.#snapshot(subscriber, frame);
      } else {
        const { sentFrame, scope, wanted, wantsStates, seesAlarms } = subscriber;
        const readings =
          wanted === null
            ? this.#blocks.changedSince(sentFrame, scope, selection)
            : this.#blocks.wantedSince(sentFrame, scope, wanted);
        const devices = this.#deviceTuples(this.#devices.since(sentFrame), scope);
        const changed = wantsStates ? this.#blocks.statesSince(sentFrame, scope, seesAlarms) : null;
        const isSilent = readings.length === 0 && devices.length === 0 && changed === null;
        if (!isSilent || at - subscriber.lastSentAt >= this.#options.limits.liveHeartbeat) {
          subscriber.sendDelta(at, frame, { readings, devices, ...(changed === null ? {} : { states: changed }) });
          metrics.framesSent.inc();
          isSent = true;
        } else {
          // Nothing it wants changed: it is as up to date as if it had been told so.
          subscriber.sentFrame = frame;
        }
      }
      furthestBehind = Math.min(furthestBehind, subscriber.sentFrame);
    }
    if (isSent && Number.isFinite(latest.oldestArrival))
      metrics.toScreen.observe({ what: 'readings' }, Math.max(0, clock() - latest.oldestArrival) / 1_000);
    this.#blocks.clear();
    this.#devices.forgetUpTo(furthestBehind);
    latest.closeFrame();
  }

  #snapshot(subscriber: Subscriber, frame: number): void {
    subscriber.sendSnapshot(this.#ports.clock(), frame, this.#content(subscriber));
    this.#ports.metrics.snapshotsSent.inc();
  }

  #content({ scope, selection, seesAlarms, wanted, wantsStates }: Subscriber): SnapshotContent {
    const { index, openAlarms } = this.#ports;
    const { liveSnapshotAlarms } = this.#options.limits;
    const alarms = seesAlarms ? openAlarms.list().filter((alarm) => seesSeries(scope, alarm.series)) : [];
    return {
      readings:
        wanted === null
          ? this.#blocks.whole(scope, selection ?? selectionOf(null, null))
          : this.#blocks.wantedSince(0, scope, wanted),
      devices: this.#deviceTuples(wanted === null ? index.devices.keys() : this.#devicesOf(wanted, scope), scope),
      alarms: alarms.slice(0, liveSnapshotAlarms).map((alarm) => openAlarms.wire(alarm)),
      alarmsTruncated: alarms.length > liveSnapshotAlarms,
      isWhole: wanted === null,
      assets: index.assets,
      ...(wantsStates ? { states: { epoch: index.epoch, ranks: this.#blocks.allStates(scope, seesAlarms) } } : {}),
    };
  }

  #deviceTuples(ids: Iterable<DeviceId>, scope: Scope): DeviceTuple[] {
    const tuples: DeviceTuple[] = [];
    for (const id of ids) {
      const known = this.#ports.index.devices.get(id);
      if (known && known.online !== null && readsAgency(scope.access, known.device.agencyId))
        tuples.push([id, known.online, known.since ?? (0 as EpochMs)]);
    }
    return tuples;
  }

  #alarm(alarm: Alarm): void {
    const { openAlarms, clock, metrics } = this.#ports;
    if (this.#subscribers.size === 0) return;
    const wire = openAlarms.wire(alarm);
    const at = clock();
    for (const subscriber of this.#subscribers) {
      if (!subscriber.seesAlarms || !seesSeries(subscriber.scope, alarm.series)) continue;
      if (subscriber.sendAlarm(at, wire)) metrics.alarmsSent.inc();
      else metrics.alarmsHeldBack.inc();
    }
    metrics.toScreen.observe({ what: 'alarms' }, Math.max(0, clock() - alarm.recordedAt) / 1_000);
  }

  #notice(notice: Notice): void {
    for (const subscriber of this.#subscribers) {
      const isForAll = notice.agencyId === null;
      if (!subscriber.seesAlarms || !(isForAll || readsAgency(subscriber.scope.access, notice.agencyId))) continue;
      // Kept in the registry: a line that isn't draining reads it there.
      if (subscriber.isReady) subscriber.socket.emit('notice', notice as NoticeWire);
    }
  }

  /** Its members' points decide who may know of it. */
  #incident(incident: IncidentId, points: readonly PointId[]): void {
    const { index } = this.#ports;
    const series = points.flatMap((id) => index.points.get(id)?.point.series[0]?.id ?? []);
    for (const subscriber of this.#subscribers) {
      if (!subscriber.seesAlarms || !subscriber.isReady) continue;
      if (series.some((id) => seesSeries(subscriber.scope, id))) subscriber.socket.emit('incidentChanged', incident);
    }
  }

  #tellAll(event: 'assetsChanged' | 'rulesChanged'): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.selection !== null && subscriber.isReady) subscriber.socket.emit(event);
    }
  }

  /** What may be seen can have changed with the assets: scopes are made anew and everyone gets a snapshot with the next beat. */
  #assetsChanged(): void {
    for (const subscriber of this.#subscribers) {
      subscriber.scope = this.#ports.scopes.of(subscriber.scope.access);
      if (!subscriber.selectsAlways) subscriber.wanted = this.#fits() ? null : (subscriber.wanted ?? []);
      if (subscriber.selection !== null) subscriber.needsSnapshot = true;
    }
    this.#tellAll('assetsChanged');
  }
}
