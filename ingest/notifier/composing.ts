import type { Access } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { held, maySend, type NotificationGroup, told } from '../../domain/notifications/grouping.ts';
import type {
  MessageChannel,
  MessageId,
  PersonalNotifications,
  PushSubscription,
  RecipientKey,
  ToldEvent,
  ToldKind,
  Webhook,
} from '../../domain/notifications/notification.ts';
import { recipientOf } from '../../domain/notifications/notification.ts';
import { type AlarmLine, alarmMessage, incidentMessage } from '../../domain/notifications/notification-text.ts';
import { quietUntil } from '../../domain/notifications/quiet-hours.ts';
import type { Audience, MessageDraft } from '../../domain/ports/notifications.ts';
import { isWorse, type Severity } from '../../domain/rule.ts';
import type { EpochMs } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { readsAgency } from '../../domain/visibility.ts';
import type { AlarmLookup } from './alarm-lookup.ts';
import { type Fresh, type IncidentTelling, IncidentTellings } from './incident-telling.ts';
import type { NotifierSettings, UntoldReason } from './notifier-settings.ts';
import { seesAlarm } from './planning.ts';

/** What one recipient has waiting, and what is known of it now. */
export interface Waiting {
  readonly recipient: RecipientKey;
  readonly groups: readonly NotificationGroup[];
  readonly events: readonly ToldEvent[];
  /** When the recipient was told in the last hour, ascending. */
  readonly toldInLastHour: readonly EpochMs[];
}
export interface Composed {
  readonly groups: readonly NotificationGroup[];
  readonly settled: readonly ToldEvent[];
  readonly messages: readonly MessageDraft[];
  readonly untold: readonly UntoldReason[];
  /** Tellings put off, by why. */
  readonly heldFor: readonly ('quiet_hours' | 'rate')[];
}
export interface ComposeContext {
  readonly audience: Audience;
  readonly accessOf: (userId: UserId) => Promise<Access | null>;
  readonly lookup: AlarmLookup;
  /** All groups there are, those of incidents among them. */
  readonly groups: () => Promise<readonly NotificationGroup[]>;
  readonly settings: NotifierSettings;
  readonly now: EpochMs;
  readonly newId: () => string;
}

/** A recipient as messages are written to it. */
type Reader =
  | {
      readonly kind: 'person';
      readonly access: Access;
      readonly language: Language;
      readonly settings: PersonalNotifications;
      readonly push: readonly PushSubscription[];
    }
  | { readonly kind: 'webhook'; readonly webhook: Webhook; readonly language: Language };

/** Makes messages of what waits for one recipient: what it may still be told, in as few messages as that takes, or later. */
export async function compose(waiting: Waiting, context: ComposeContext): Promise<Composed> {
  const { now, lookup, newId } = context;
  const untold: UntoldReason[] = [];
  const reader = await readerOf(waiting.recipient, context);
  if (reader === null) {
    untold.push(...waiting.events.map(() => 'recipient_gone' as const));
    return nothing(waiting, untold);
  }
  const fresh: Fresh[] = [];
  for (const event of waiting.events) {
    const verdict = await stillToTell(event, reader, context.lookup);
    if (typeof verdict === 'string') untold.push(verdict);
    else fresh.push({ event, alarm: verdict });
  }

  const groups: NotificationGroup[] = [];
  const heldFor: ('quiet_hours' | 'rate')[] = [];
  const sending: { readonly group: NotificationGroup; readonly parts: readonly Fresh[] }[] = [];
  const settled = new Set(waiting.events);
  const incidents = new IncidentTellings({
    ...{ lookup, now, newId, groups: context.groups },
    recipient: waiting.recipient,
  });
  const toldAt = [...waiting.toldInLastHour];
  const quiet = reader.kind === 'person' ? reader.settings.quietHours : null;
  const zone = (reader.kind === 'person' && reader.settings.timeZone) || context.settings.timeZone;
  const until = quiet && quietUntil(quiet, now, localTimeIn(zone));
  for (const group of worstFirst(waiting.groups, fresh)) {
    const {
      own,
      ofIncidents,
      quiet: known,
    } = await incidents.sort(fresh.filter(({ event }) => event.groupId === group.id));
    untold.push(...known.map(() => 'in_incident' as const));
    const parts = [...own, ...ofIncidents.flatMap((one) => one.parts)];
    if (parts.length === 0) {
      groups.push({ ...group, dueAt: null, heldFor: null });
      continue;
    }
    const verdict = maySend({
      now,
      worst: worstOf(parts),
      passesQuietHours: parts.some(({ event }) => event.passesQuietHours),
      quietUntil: until,
      criticalPasses: quiet?.criticalPasses ?? false,
      told: toldAt,
      messagesPerHour: reader.kind === 'webhook' ? reader.webhook.messagesPerHour : context.settings.messagesPerHour,
    });
    if (verdict.kind === 'hold') {
      for (const { event } of parts) settled.delete(event);
      if (group.heldFor === null) heldFor.push(verdict.why);
      groups.push(held(group, verdict));
      continue;
    }
    if (group.heldFor === null) for (const one of ofIncidents) incidents.tell(one);
    // What was held comes together, its incidents too: then they are known.
    else groups.push(...ofIncidents.map((one) => told(one.group, worstOf(one.parts), now)));
    const here = group.heldFor === null ? own : parts;
    groups.push(here.length === 0 ? { ...group, dueAt: null } : told(group, worstOf(here), now));
    if (here.length === 0) continue;
    // What was held counts as one.
    if (!sending.some((other) => isSummed(other.group, group) && sameAgency(other.parts, here))) toldAt.push(now);
    sending.push({ group, parts: here });
  }
  groups.push(...incidents.touched());

  const messages: MessageDraft[] = [];
  for (const { group, read, parts } of incidents.tellings()) {
    groups.push({ ...told(group, worstOf(parts), now), lastEventAt: now });
    const kind = group.tellings === 0 ? 'alarms' : 'update';
    messages.push(...(await messagesOf({ kind, group, parts, incident: read }, reader, context, untold)));
  }
  for (const telling of tellingsOf(sending)) messages.push(...(await messagesOf(telling, reader, context, untold)));
  return { groups, settled: [...settled], messages, untold, heldFor };
}

const nothing = ({ groups, events }: Waiting, untold: readonly UntoldReason[]): Composed => ({
  groups: groups.map((group) => ({ ...group, dueAt: null, heldFor: null })),
  settled: events,
  messages: [],
  untold,
  heldFor: [],
});

async function readerOf(recipient: RecipientKey, { audience, accessOf }: ComposeContext): Promise<Reader | null> {
  const who = recipientOf(recipient);
  if (who.kind === 'webhook') {
    const webhook = audience.webhooks.find(({ id, enabled }) => id === who.webhookId && enabled);
    return webhook ? { kind: 'webhook', webhook, language: webhook.language } : null;
  }
  const person = audience.people.find(({ user }) => user.id === who.userId);
  const access = await accessOf(who.userId);
  if (!person || access === null) return null;
  return {
    kind: 'person',
    access,
    language: person.user.language,
    settings: person.settings,
    push: person.push,
  };
}

/** The alarm as it is now, or why nobody is told of it any more. */
async function stillToTell(event: ToldEvent, reader: Reader, lookup: AlarmLookup): Promise<Alarm | UntoldReason> {
  const alarm = await lookup.alarm(event.alarmId);
  const place = alarm && (await lookup.place(alarm, event.severity));
  if (alarm === null || place === null) return 'alarm_gone';
  if (alarm.suppression !== null) return 'hidden';
  if (event.kind === 'unanswered' && (alarm.work !== 'new' || alarm.endedAt !== null)) return 'answered';
  if (reader.kind === 'person' ? !seesAlarm(reader.access, place, alarm) : reader.webhook.agencyId !== alarm.agencyId)
    return 'not_permitted';
  return alarm;
}

const worstOf = (parts: readonly Fresh[]): Severity =>
  parts.reduce<Severity>((worst, { event }) => (isWorse(event.severity, worst) ? event.severity : worst), 'notice');

function worstFirst(groups: readonly NotificationGroup[], fresh: readonly Fresh[]): readonly NotificationGroup[] {
  const worst = new Map(groups.map(({ id }) => [id, worstOf(fresh.filter(({ event }) => event.groupId === id))]));
  return [...groups].sort((a, b) => {
    const [of, other] = [worst.get(a.id) ?? 'notice', worst.get(b.id) ?? 'notice'];
    return isWorse(of, other) ? -1 : isWorse(other, of) ? 1 : 0;
  });
}

const isSummed = (a: NotificationGroup, b: NotificationGroup): boolean => a.heldFor !== null && b.heldFor !== null;
const agencyOf = (parts: readonly Fresh[]): AgencyId | undefined => parts[0]?.alarm.agencyId;
const sameAgency = (a: readonly Fresh[], b: readonly Fresh[]): boolean => agencyOf(a) === agencyOf(b);

interface Telling {
  readonly kind: 'alarms' | 'update' | 'summary';
  readonly group: NotificationGroup;
  readonly parts: readonly Fresh[];
  /** What they are all of. */
  readonly incident?: IncidentTelling['read'];
}

/** One for each group; those that were held become one summary for each agency, since what is of one agency isn't shown in another's log. */
function tellingsOf(sending: readonly Omit<Telling, 'kind'>[]): readonly Telling[] {
  const tellings: Telling[] = [];
  const summaries = new Map<AgencyId | undefined, Omit<Telling, 'kind'>[]>();
  for (const one of sending) {
    if (one.group.heldFor === null) tellings.push({ ...one, kind: one.group.tellings === 0 ? 'alarms' : 'update' });
    else summaries.set(agencyOf(one.parts), [...(summaries.get(agencyOf(one.parts)) ?? []), one]);
  }
  for (const held of summaries.values()) {
    const [first] = held;
    if (first) tellings.push({ kind: 'summary', group: first.group, parts: held.flatMap(({ parts }) => [...parts]) });
  }
  return tellings;
}

/** One message for each address that the events are to go by. */
async function messagesOf(
  { kind, group, parts, incident }: Telling,
  reader: Reader,
  { lookup, settings, now, newId }: ComposeContext,
  untold: UntoldReason[],
): Promise<readonly MessageDraft[]> {
  const tellingId = newId();
  const messages: MessageDraft[] = [];
  const channels = new Set(parts.flatMap(({ event }) => event.channels));
  for (const channel of channels) {
    const addresses = addressesOf(channel, reader);
    const wanted = parts.filter(({ event }) => event.channels.includes(channel));
    if (addresses.length === 0) untold.push(...wanted.map(() => 'no_address' as const));
    else {
      const lines = await linesOf(wanted, lookup);
      const words = {
        language: reader.language,
        timeZone: settings.timeZone,
        now,
        listLink: `${settings.publicUrl}/alarms`,
      };
      const content =
        incident === undefined
          ? alarmMessage(lines, kind, words)
          : incidentMessage(await lookup.incidentLine(incident, seenBy(reader)), lines, kind, words);
      for (const address of addresses)
        messages.push({
          id: newId() as MessageId,
          recipient: group.recipient,
          tellingId,
          agencyId: agencyOf(wanted) ?? null,
          channel,
          address,
          kind,
          groupId: group.id,
          content: channel === 'webhook' ? { ...content, facts: lines.map(factsOf) } : content,
          alarmIds: lines.map(({ alarm }) => alarm.id),
          createdAt: now,
        });
    }
  }
  return messages;
}

/** Whether the reader may know of what belongs to an agency as a whole. */
const seenBy =
  (reader: Reader) =>
  (agency: AgencyId): boolean =>
    reader.kind === 'person' ? readsAgency(reader.access, agency) : reader.webhook.agencyId === agency;

function addressesOf(channel: MessageChannel, reader: Reader): readonly string[] {
  if (reader.kind === 'webhook') return [reader.webhook.id];
  if (channel === 'email') return reader.settings.email === null ? [] : [reader.settings.email];
  return reader.push.map(({ id }) => id);
}

async function linesOf(parts: readonly Fresh[], lookup: AlarmLookup): Promise<readonly AlarmLine[]> {
  const byAlarm = new Map<string, { readonly alarm: Alarm; readonly kinds: ToldKind[] }>();
  for (const { event, alarm } of parts) {
    const known = byAlarm.get(alarm.id);
    if (known) known.kinds.push(event.kind);
    else byAlarm.set(alarm.id, { alarm, kinds: [event.kind] });
  }
  return Promise.all([...byAlarm.values()].map(({ alarm, kinds }) => lookup.line(alarm, kinds)));
}

/** An alarm as programs read it: the domain's own words and units. */
const factsOf = ({ alarm, told: happened, ruleName, pointName, wardName, advice, quantity, link }: AlarmLine) => ({
  id: alarm.id,
  agency: alarm.agencyId,
  rule: { id: alarm.ruleId, version: alarm.ruleVersion, name: ruleName, advice },
  point: { id: alarm.pointId, name: pointName, ward: wardName },
  quantity: alarm.quantity,
  unit: quantity?.unit ?? null,
  told: happened,
  severity: alarm.severity,
  condition: alarm.condition,
  work: alarm.work,
  activatedAt: new Date(alarm.activatedAt).toISOString(),
  clearedAt: alarm.clearedAt === null ? null : new Date(alarm.clearedAt).toISOString(),
  value: alarm.lastValue ?? alarm.triggerValue,
  limit: alarm.limit,
  onSuspectData: alarm.onSuspectData,
  link,
});
