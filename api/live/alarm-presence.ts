import type { AlarmLooker, PlatformEvents } from '../../domain/events.ts';
import type { AlarmId, GatewayId, UserId } from '../../domain/identifiers.ts';
import type { EventBus } from '../../domain/ports/live-bus.ts';
import { readsAgency } from '../../domain/visibility.ts';
import type { Caller } from '../auth/caller.ts';
import type { OpenAlarms } from '../city/open-alarms.ts';
import { seesSeries } from '../city/scopes.ts';
import { type AlarmLookers, LOOKERS_NAMED_MAX } from '../contract/presence.ts';
import type { LiveSocket, Subscriber } from './subscriber.ts';

/** Changes are told together, at most this often. */
const TOLD_EVERY_MS = 500;
/** Between two words to other servers while anybody looks here. */
const SAID_EVERY_MS = 10_000;
/** A server that has said nothing for so long has nobody. */
const FORGOTTEN_AFTER_MS = 3 * SAID_EVERY_MS;

type Looks = PlatformEvents['alarm.lookers']['looks'];
interface Screen {
  readonly subscriber: Subscriber;
  /** `null`: a key's, which nobody sits before. */
  readonly person: AlarmLooker | null;
  alarm: AlarmId | null;
  /** It has yet to be told how things stand. */
  isOwed: boolean;
}

export interface AlarmPresenceOptions {
  readonly openAlarms: OpenAlarms;
  readonly bus: EventBus;
  /** Whose screens these are, among all servers. */
  readonly server: GatewayId;
}

/**
 * Who is looking at which alarm, at this server and at others. Kept in memory alone, one alarm for each connection, and gone with it. Names are told to those who
 * read the whole agency that the alarm is of: whom it is only shared with doesn't learn who works on it.
 */
export class AlarmPresence {
  readonly #openAlarms: OpenAlarms;
  readonly #bus: EventBus;
  readonly #server: GatewayId;
  readonly #people = new WeakMap<LiveSocket, AlarmLooker>();
  readonly #screens = new Set<Screen>();
  readonly #elsewhere = new Map<GatewayId, { readonly looks: Looks; readonly heardAt: number }>();
  #said: Looks = [];
  #isChanged = false;
  #timer: NodeJS.Timeout | undefined;
  #sayTimer: NodeJS.Timeout | undefined;
  #leave = (): void => {};

  constructor({ openAlarms, bus, server }: AlarmPresenceOptions) {
    this.#openAlarms = openAlarms;
    this.#bus = bus;
    this.#server = server;
  }

  start(): void {
    this.#leave = this.#bus.subscribe('alarm.lookers', ({ server, looks }) => {
      if (server === this.#server) return;
      this.#elsewhere.set(server, { looks, heardAt: performance.now() });
      this.#oweAll();
      this.#tellSoon();
    });
    this.#sayTimer = setInterval(() => this.#sayAgain(), SAID_EVERY_MS);
  }

  /** Notes who has been let in. */
  admitted(socket: LiveSocket, caller: Caller): void {
    if (caller.kind !== 'person' || caller.by.kind !== 'session') return;
    const { id, displayName } = caller.by.user;
    this.#people.set(socket, { id, name: displayName });
  }

  /** Listens to a connection until it ends. */
  join(socket: LiveSocket, subscriber: Subscriber): void {
    if (!subscriber.seesAlarms) return;
    let screen: Screen | null = null;
    socket.on('look', (alarm: unknown) => {
      if (screen === null) {
        screen = { subscriber, person: this.#people.get(socket) ?? null, alarm: null, isOwed: true };
        this.#screens.add(screen);
      }
      const seen = typeof alarm === 'string' && this.#sees(subscriber, alarm as AlarmId) ? (alarm as AlarmId) : null;
      if (screen.alarm !== seen) {
        screen.alarm = seen;
        this.#changed();
      }
      this.#tellSoon();
    });
    socket.on('disconnect', () => {
      if (screen === null) return;
      this.#screens.delete(screen);
      if (screen.alarm === null) return;
      this.#changed();
      this.#tellSoon();
    });
  }

  /** Nobody looks here any more. */
  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#sayTimer);
    this.#leave();
    if (this.#said.length > 0) this.#bus.publish('alarm.lookers', { server: this.#server, looks: [] });
  }

  #sees({ scope }: Subscriber, id: AlarmId): boolean {
    const alarm = this.#openAlarms.get(id);
    return alarm !== undefined && seesSeries(scope, alarm.series) && readsAgency(scope.access, alarm.agencyId);
  }

  #changed(): void {
    this.#isChanged = true;
    this.#oweAll();
  }

  /** Whoever has begun to listen meanwhile hears it, too; who has died is forgotten. */
  #sayAgain(): void {
    if (this.#said.length > 0) this.#say();
    const before = performance.now() - FORGOTTEN_AFTER_MS;
    for (const [server, { heardAt }] of this.#elsewhere) {
      if (heardAt > before) continue;
      this.#elsewhere.delete(server);
      this.#oweAll();
      this.#tellSoon();
    }
  }

  #say(): void {
    this.#isChanged = false;
    this.#said = [...this.#here()].map(([alarmId, people]) => ({ alarmId, people: [...people.values()] }));
    this.#bus.publish('alarm.lookers', { server: this.#server, looks: this.#said });
  }

  /** By alarm, each person once. */
  #here(): Map<AlarmId, Map<UserId, AlarmLooker>> {
    const byAlarm = new Map<AlarmId, Map<UserId, AlarmLooker>>();
    for (const { alarm, person } of this.#screens) if (alarm !== null && person !== null) note(byAlarm, alarm, person);
    return byAlarm;
  }

  #oweAll(): void {
    for (const screen of this.#screens) screen.isOwed = true;
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, TOLD_EVERY_MS);
  }

  #tell(): void {
    if (this.#isChanged) this.#say();
    const byAlarm = this.#here();
    for (const { looks } of this.#elsewhere.values())
      for (const { alarmId, people } of looks) for (const person of people) note(byAlarm, alarmId, person);
    for (const screen of this.#screens) {
      if (!screen.isOwed) continue;
      // A line that isn't draining is told with the next change that finds it ready.
      if (!screen.subscriber.isReady) {
        this.#tellSoon();
        continue;
      }
      screen.isOwed = false;
      const lookers: AlarmLookers[] = [];
      for (const [alarmId, people] of byAlarm) {
        if (!this.#sees(screen.subscriber, alarmId)) continue;
        const all = [...people.values()];
        const named = all.slice(0, LOOKERS_NAMED_MAX);
        lookers.push({ alarmId, people: named, more: all.length - named.length });
      }
      screen.subscriber.socket.emit('presence', lookers);
    }
  }
}

function note(byAlarm: Map<AlarmId, Map<UserId, AlarmLooker>>, alarm: AlarmId, person: AlarmLooker): void {
  const people = byAlarm.get(alarm) ?? new Map<UserId, AlarmLooker>();
  byAlarm.set(alarm, people.set(person.id, person));
}
