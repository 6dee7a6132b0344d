import type { Alarm } from '../../domain/alarm.ts';
import { alarmKey, type IncidentCause } from '../../domain/incident.ts';
import type { NotificationGroup } from '../../domain/notifications/grouping.ts';
import type { GroupId, RecipientKey, ToldEvent } from '../../domain/notifications/notification.ts';
import type { ReadIncident } from '../../domain/ports/incidents.ts';
import { isWorse } from '../../domain/rule.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { AlarmLookup } from './alarm-lookup.ts';

/** From so many alarms on an incident is told as one thing; of one alone there is nothing more to say. */
const ALARMS_MIN = 2;

/** An event of an alarm that is still to be told. */
export interface Fresh {
  readonly event: ToldEvent;
  readonly alarm: Alarm;
}
/** What of one incident is to be told to one recipient, and its group: one for each agency, since the log of messages is an agency's. */
export interface IncidentTelling {
  readonly group: NotificationGroup;
  readonly read: ReadIncident;
  readonly parts: Fresh[];
}
export interface SortedParts {
  /** Of no incident, or reminders: told as ever. */
  readonly own: readonly Fresh[];
  readonly ofIncidents: readonly IncidentTelling[];
  /** Of an incident that the recipient knows of already: told to nobody. */
  readonly quiet: readonly Fresh[];
}

/**
 * The incidents of what waits for one recipient. The first message of one names its cause and its alarms; who joins later is not told again, unless it is
 * the cause itself, worse than all that was told, or the end of the whole.
 */
export class IncidentTellings {
  readonly #lookup: AlarmLookup;
  readonly #recipient: RecipientKey;
  readonly #groups: () => Promise<readonly NotificationGroup[]>;
  readonly #now: EpochMs;
  readonly #newId: () => string;
  readonly #tellings = new Map<string, IncidentTelling>();
  /** Groups of incidents that something quiet joined: kept as long as the incident goes on. */
  readonly #touched = new Map<string, NotificationGroup>();

  constructor(given: {
    readonly lookup: AlarmLookup;
    readonly recipient: RecipientKey;
    /** All groups there are, of everybody. */
    readonly groups: () => Promise<readonly NotificationGroup[]>;
    readonly now: EpochMs;
    readonly newId: () => string;
  }) {
    this.#lookup = given.lookup;
    this.#recipient = given.recipient;
    this.#groups = given.groups;
    this.#now = given.now;
    this.#newId = given.newId;
  }

  async sort(parts: readonly Fresh[]): Promise<SortedParts> {
    const own: Fresh[] = [];
    const quiet: Fresh[] = [];
    const ofIncidents = new Map<string, IncidentTelling>();
    for (const part of parts) {
      // A reminder is asked for by a policy: nothing else stands for it.
      const read = part.event.kind === 'unanswered' ? null : await this.#lookup.incident(part.alarm.id);
      if (read === null || read.summary.alarms < ALARMS_MIN) {
        own.push(part);
        continue;
      }
      const key = `incident:${read.incident.id}:${part.alarm.agencyId}`;
      const group = await this.#groupOf(key);
      if (await this.#isNews(part, read, group)) {
        const telling = ofIncidents.get(key) ?? { group, read, parts: [] };
        telling.parts.push(part);
        ofIncidents.set(key, telling);
      } else {
        quiet.push(part);
        this.#touched.set(key, { ...group, lastEventAt: this.#now });
      }
    }
    return { own, ofIncidents: [...ofIncidents.values()], quiet };
  }

  /** These are told now; with what others found of the same incident. */
  tell(telling: IncidentTelling): void {
    const known = this.#tellings.get(telling.group.key);
    if (known) known.parts.push(...telling.parts);
    else this.#tellings.set(telling.group.key, { ...telling, parts: [...telling.parts] });
  }

  tellings(): readonly IncidentTelling[] {
    return [...this.#tellings.values()];
  }
  /** Groups that nothing is told of now, but that go on. */
  touched(): readonly NotificationGroup[] {
    return [...this.#touched.values()].filter(({ key }) => !this.#tellings.has(key));
  }

  async #groupOf(key: string): Promise<NotificationGroup> {
    const planned = this.#tellings.get(key)?.group ?? this.#touched.get(key);
    const known = planned ?? (await this.#groups()).find((one) => one.key === key && one.recipient === this.#recipient);
    return (
      known ?? {
        id: this.#newId() as GroupId,
        recipient: this.#recipient,
        key,
        openedAt: this.#now,
        lastEventAt: this.#now,
        tellings: 0,
        lastToldAt: null,
        worstTold: null,
        dueAt: null,
        heldFor: null,
      }
    );
  }

  async #isNews(
    { event, alarm }: Fresh,
    { incident }: ReadIncident,
    { tellings, worstTold, lastToldAt }: NotificationGroup,
  ): Promise<boolean> {
    const isEnd = event.kind === 'cleared' || event.kind === 'ended';
    if (tellings === 0) return true;
    if (await this.#isRoot(alarm, incident.cause, incident.founder)) return true;
    if (!isEnd) return worstTold === null || isWorse(event.severity, worstTold);
    return incident.endedAt !== null && (lastToldAt === null || lastToldAt < incident.endedAt);
  }

  async #isRoot(alarm: Alarm, cause: IncidentCause, founder: string | null): Promise<boolean> {
    if (cause.kind === 'site') return (await this.#lookup.point(alarm.pointId))?.siteId === cause.siteId;
    if (cause.kind === 'device') return alarm.carrier?.kind === 'device' && alarm.carrier.id === cause.deviceId;
    return founder === alarmKey(alarm.id);
  }
}
