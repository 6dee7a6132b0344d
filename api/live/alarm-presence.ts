import type { AlarmId, UserId } from '../../domain/identifiers.ts';
import { readsAgency } from '../../domain/visibility.ts';
import type { Caller } from '../auth/caller.ts';
import type { OpenAlarms } from '../city/open-alarms.ts';
import { seesSeries } from '../city/scopes.ts';
import { type AlarmLookers, LOOKERS_NAMED_MAX } from '../contract/presence.ts';
import type { LiveSocket, Subscriber } from './subscriber.ts';

/** Changes are told together, at most this often. */
const TOLD_EVERY_MS = 500;

interface Person {
  readonly id: UserId;
  readonly name: string;
}
interface Screen {
  readonly subscriber: Subscriber;
  /** `null`: a key's, which nobody sits before. */
  readonly person: Person | null;
  alarm: AlarmId | null;
  /** It has yet to be told how things stand. */
  isOwed: boolean;
}

/**
 * Who is looking at which alarm. Kept in memory alone, one alarm for each connection, and gone with it. Names are told to those who read
 * the whole agency that the alarm is of: whom it is only shared with doesn't learn who works on it.
 */
export class AlarmPresence {
  readonly #openAlarms: OpenAlarms;
  readonly #people = new WeakMap<LiveSocket, Person>();
  readonly #screens = new Set<Screen>();
  #timer: NodeJS.Timeout | undefined;

  constructor(openAlarms: OpenAlarms) {
    this.#openAlarms = openAlarms;
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
        this.#oweAll();
      }
      this.#tellSoon();
    });
    socket.on('disconnect', () => {
      if (screen === null) return;
      this.#screens.delete(screen);
      if (screen.alarm === null) return;
      this.#oweAll();
      this.#tellSoon();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #sees({ scope }: Subscriber, id: AlarmId): boolean {
    const alarm = this.#openAlarms.get(id);
    return alarm !== undefined && seesSeries(scope, alarm.series) && readsAgency(scope.access, alarm.agencyId);
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
    const byAlarm = new Map<AlarmId, Map<UserId, Person>>();
    for (const { alarm, person } of this.#screens) {
      if (alarm === null || person === null) continue;
      const people = byAlarm.get(alarm) ?? new Map<UserId, Person>();
      byAlarm.set(alarm, people.set(person.id, person));
    }
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
