import type { DeviceStatusChange } from '../../../domain/asset.ts';
import type { DeviceId } from '../../../domain/identifiers.ts';
import type { CorrelationSettings } from '../../../domain/incident.ts';
import { IncidentBook } from '../../../domain/incident-book.ts';
import type { LiveBus } from '../../../domain/ports/live-bus.ts';
import { type Registry, RegistryError } from '../../../domain/ports/registry.ts';
import {
  after,
  type Clock,
  type DurationMs,
  type EpochMs,
  hours,
  milliseconds,
  seconds,
} from '../../../domain/time.ts';
import { type PlacesRegistry, SignalPlaces } from './signal-places.ts';

export interface CorrelatorPace {
  /** Between two looks at least: what comes meanwhile is looked at together, so that a flood costs no more than a few looks. */
  readonly lookEvery: DurationMs;
  /** Changed alarms taken in one look. */
  readonly alarmsPerLook: number;
  /** A device counts as lost when it has been away for so long. */
  readonly awayFor: DurationMs;
  /** After its end a signal, and an incident, may still be joined for so long. */
  readonly keptAfterEnd: DurationMs;
  readonly retryAfter: DurationMs;
}

const PACE: CorrelatorPace = {
  lookEvery: milliseconds(250),
  alarmsPerLook: 5_000,
  awayFor: seconds(30),
  keptAfterEnd: hours(1),
  retryAfter: seconds(2),
};

export interface IncidentCorrelatorOptions {
  readonly registry: PlacesRegistry & Pick<Registry, 'incidents' | 'deviceLog'>;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly correlation: CorrelationSettings;
  readonly log: {
    info(facts: object, text: string): void;
    error(facts: object, text: string): void;
  };
  readonly pace?: Partial<CorrelatorPace>;
}

/** Sessions that ended without a goodbye: the device, its power or its line is gone. */
const LOST: ReadonlySet<string> = new Set<DeviceStatusChange['reason']>(['lost', 'last_will']);

/**
 * Puts alarms and lost devices with one cause together, after they are on record. What changed of alarms waits in the registry until a commit has heard
 * it, so that a kill at any moment loses nothing; what an incident is called follows from its cause and its first sign, so that none is made twice.
 */
export class IncidentCorrelator {
  readonly #options: IncidentCorrelatorOptions;
  readonly #pace: CorrelatorPace;
  readonly #away = new Map<DeviceId, EpochMs>();
  /** Devices that are signals now, and since when they are away. */
  readonly #lost = new Map<DeviceId, EpochMs>();
  readonly #back: { readonly deviceId: DeviceId; readonly since: EpochMs; readonly at: EpochMs }[] = [];
  readonly #status = { looks: 0, openIncidents: 0, signals: 0, failing: false };
  #places: SignalPlaces | null = null;
  #book: IncidentBook | null = null;
  #unsubscribe: readonly (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #awayTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isLooking = false;
  #again = false;
  #stopping = false;

  constructor(options: IncidentCorrelatorOptions) {
    this.#options = options;
    this.#pace = { ...PACE, ...options.pace };
  }

  async start(): Promise<void> {
    const { bus, registry } = this.#options;
    const anew = (): void => {
      this.#places = null;
      this.wake();
    };
    this.#unsubscribe = [
      bus.subscribe('alarm.changed', () => this.wake()),
      bus.subscribe('device.status', ({ deviceId, online, reason, at }) => {
        this.#heard(deviceId, online, reason, at);
        this.wake();
      }),
      bus.subscribe('incident.changed', ({ by }) => {
        if (by === null) return;
        this.#book = null;
        this.wake();
      }),
      ...(['assets.changed', 'device.changed', 'rule.changed'] as const).map((name) => bus.subscribe(name, anew)),
      bus.subscribe('events.missed', () => {
        this.#book = null;
        anew();
      }),
    ];
    for (const { deviceId, online, reason, eventTime } of await registry.deviceLog.currentStatus())
      this.#heard(deviceId, online, reason, eventTime);
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    clearTimeout(this.#timer);
    clearTimeout(this.#awayTimer);
    await this.#running;
  }

  status(): {
    readonly looks: number;
    readonly openIncidents: number;
    readonly signals: number;
    readonly failing: boolean;
  } {
    return this.#status;
  }

  #heard(deviceId: DeviceId, online: boolean, reason: string, at: EpochMs): void {
    if (!online && LOST.has(reason)) {
      if (!this.#away.has(deviceId) && !this.#lost.has(deviceId)) this.#away.set(deviceId, at);
      return;
    }
    this.#away.delete(deviceId);
    const since = this.#lost.get(deviceId);
    if (since === undefined) return;
    this.#lost.delete(deviceId);
    this.#back.push({ deviceId, since, at });
  }

  /** Looks soon: at once when nothing was looked at for a while. */
  wake(): void {
    if (this.#stopping) return;
    if (this.#isLooking) {
      this.#again = true;
      return;
    }
    this.#timer ??= setTimeout(() => this.#begin(), this.#pace.lookEvery);
  }

  #begin(): void {
    this.#timer = undefined;
    this.#isLooking = true;
    this.#again = false;
    this.#running = this.#look()
      .then((isMore) => {
        this.#again ||= isMore;
        if (this.#status.failing) {
          this.#status.failing = false;
          this.#options.log.info({ event: 'incidents.back' }, 'alarms are put together again');
        }
      })
      .catch((error: unknown) => {
        this.#book = null;
        this.#again = true;
        if (error instanceof RegistryError && error.code === 'CONFLICT') return undefined;
        if (!this.#status.failing)
          this.#options.log.error({ event: 'incidents.failing', err: error }, 'alarms are not put together; trying on');
        this.#status.failing = true;
        return new Promise<void>((resolve) => setTimeout(resolve, this.#pace.retryAfter));
      })
      .finally(() => {
        this.#isLooking = false;
        if (this.#again) this.wake();
        clearTimeout(this.#awayTimer);
        // Somebody may have been away long enough by then.
        if (!this.#stopping && this.#away.size > 0)
          this.#awayTimer = setTimeout(() => this.wake(), this.#pace.awayFor / 4).unref();
      });
  }

  /** @returns whether more waits. */
  async #look(): Promise<boolean> {
    const { registry, bus, clock } = this.#options;
    this.#status.looks++;
    const { places, book } = await this.#known();
    const unheard = await registry.incidents.unheard(this.#pace.alarmsPerLook);
    for (const { alarm } of unheard) {
      const signal = await places.ofAlarm(alarm);
      if (signal !== undefined) book.put(signal);
    }
    const now = clock();
    this.#lookAtDevices(places, book, now);
    const settled = book.settle(now);
    const heard = unheard.map(({ number }) => number);
    if (settled !== null || heard.length > 0) {
      const nothing = { incidents: [], joined: [], merges: [], facts: [], events: [] };
      await registry.incidents.commit({ heard, ...(settled?.commit ?? nothing) });
    }
    for (const incidentId of settled?.touched ?? [])
      bus.publish('incident.changed', { incidentId, points: book.pointsOf(incidentId), by: null });
    book.forget(now, this.#pace.keptAfterEnd);
    this.#status.openIncidents = book.openIncidents;
    this.#status.signals = book.size;
    return unheard.length === this.#pace.alarmsPerLook;
  }

  #lookAtDevices(places: SignalPlaces, book: IncidentBook, now: EpochMs): void {
    for (const [deviceId, since] of this.#away) {
      if (now < after(since, this.#pace.awayFor)) continue;
      this.#away.delete(deviceId);
      this.#lost.set(deviceId, since);
      const signal = places.ofDevice(deviceId, since, null);
      if (signal !== undefined) book.put(signal);
    }
    for (const { deviceId, since, at } of this.#back.splice(0)) {
      const signal = places.ofDevice(deviceId, since, at);
      if (signal !== undefined) book.put(signal);
    }
  }

  /** The book as it is, or made anew from what is on record. */
  async #known(): Promise<{ readonly places: SignalPlaces; readonly book: IncidentBook }> {
    const { registry, correlation } = this.#options;
    if (this.#places === null) {
      this.#places = await SignalPlaces.load(registry, correlation);
      this.#book = null;
    }
    const places = this.#places;
    if (this.#book !== null) return { places, book: this.#book };
    const { incidents, members, alarms } = await registry.incidents.load();
    const book = new IncidentBook(places.forest, correlation);
    book.restore(incidents, members);
    for (const alarm of alarms) {
      const signal = await places.ofAlarm(alarm);
      if (signal !== undefined) book.put(signal);
    }
    for (const { of, at, endedAt } of members) {
      if (of.kind !== 'device') continue;
      const signal = places.ofDevice(of.id, at, endedAt);
      if (signal !== undefined) book.put(signal);
      if (endedAt === null) this.#restoreDevice(of.id, at);
    }
    for (const [deviceId, since] of this.#lost) {
      const signal = places.ofDevice(deviceId, since, null);
      if (signal !== undefined) book.put(signal);
    }
    this.#book = book;
    return { places, book };
  }

  /** A device that was lost before the platform went down: it may have come back since. */
  #restoreDevice(deviceId: DeviceId, since: EpochMs): void {
    if (this.#lost.get(deviceId) === since || this.#back.some((one) => one.deviceId === deviceId)) return;
    if (this.#away.get(deviceId) === since) {
      this.#away.delete(deviceId);
      this.#lost.set(deviceId, since);
    } else this.#back.push({ deviceId, since, at: this.#options.clock() });
  }
}
