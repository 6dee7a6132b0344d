import type { Severity } from '../rule.ts';
import { isWorse } from '../rule.ts';
import { after, type DurationMs, type EpochMs } from '../time.ts';
import type { AlarmPlace } from './alarm-interest.ts';
import type { GroupId, Grouping, RecipientKey, ToldKind } from './notification.ts';

/** What of one storm goes to one recipient: first one message with all that came in a short while, then updates. */
export interface NotificationGroup {
  readonly id: GroupId;
  readonly recipient: RecipientKey;
  /** The cause they share, see {@link groupKey}. */
  readonly key: string;
  readonly openedAt: EpochMs;
  readonly lastEventAt: EpochMs;
  /** Messages made of it. */
  readonly tellings: number;
  readonly lastToldAt: EpochMs | null;
  /** Worst severity told so far. */
  readonly worstTold: Severity | null;
  /** When what waits is to be sent; `null` while nothing waits. */
  readonly dueAt: EpochMs | null;
  /** Why it was put off; what was put off comes as a summary. */
  readonly heldFor: 'quiet_hours' | 'rate' | null;
}

export interface GroupTiming {
  /** Alarms are gathered this long before the first message; critical ones a quarter of it. */
  readonly gather: DurationMs;
  /** Between two messages of one group at least this long, unless it becomes worse than what was told. */
  readonly update: DurationMs;
  /** A group without news for this long is over; what comes then begins a new one. */
  readonly follow: DurationMs;
}

export function groupKey(grouping: Grouping, place: AlarmPlace, alarmId: string): string {
  switch (grouping) {
    case 'domain':
      return `domain:${place.agencyId}:${place.domain}`;
    case 'rule':
      return `rule:${place.ruleId}`;
    case 'ward':
      return `ward:${place.wardCode ?? `site:${place.sites[0] ?? place.pointId}`}`;
    case 'alarm':
      return `alarm:${alarmId}`;
  }
}

/** True while what comes still belongs to the group. */
export const isOpen = (group: NotificationGroup, now: EpochMs, { follow }: GroupTiming): boolean =>
  group.dueAt !== null || now < after(group.lastEventAt, follow);

/** The group with one more event in it; `null`: there is none open, a new one begins under `id`. */
export function gather(
  group: NotificationGroup | null,
  event: {
    readonly recipient: RecipientKey;
    readonly key: string;
    readonly severity: Severity;
    readonly kind: ToldKind;
  },
  now: EpochMs,
  timing: GroupTiming,
  id: GroupId,
): NotificationGroup {
  const soon = after(now, (event.severity === 'critical' ? timing.gather / 4 : timing.gather) as DurationMs);
  if (group === null)
    return {
      id,
      recipient: event.recipient,
      key: event.key,
      openedAt: now,
      lastEventAt: now,
      tellings: 0,
      lastToldAt: null,
      worstTold: null,
      dueAt: soon,
      heldFor: null,
    };
  const { worstTold, lastToldAt, dueAt } = group;
  const isNews = event.kind === 'raised' || event.kind === 'escalated' || event.kind === 'unanswered';
  const presses = event.kind === 'unanswered' || (isNews && (worstTold === null || isWorse(event.severity, worstTold)));
  const unhurried = lastToldAt === null ? soon : (Math.max(soon, after(lastToldAt, timing.update)) as EpochMs);
  const wanted = presses ? soon : unhurried;
  return { ...group, lastEventAt: now, dueAt: dueAt === null || wanted < dueAt ? wanted : dueAt };
}

export type SendVerdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'hold'; readonly until: EpochMs; readonly why: 'quiet_hours' | 'rate' };

/**
 * Whether a recipient may be told now. Quiet hours come first; then the bound on messages an hour, of which critical ones may use the double: what is held
 * is gathered into one summary, nothing is dropped.
 */
export function maySend(given: {
  readonly now: EpochMs;
  readonly worst: Severity;
  readonly passesQuietHours: boolean;
  readonly quietUntil: EpochMs | null;
  readonly criticalPasses: boolean;
  /** When the recipient was told in the last hour, ascending. */
  readonly told: readonly EpochMs[];
  readonly messagesPerHour: number;
}): SendVerdict {
  const { now, worst, quietUntil, told } = given;
  const critical = worst === 'critical';
  if (quietUntil !== null && !given.passesQuietHours && !(critical && given.criticalPasses))
    return { kind: 'hold', until: quietUntil, why: 'quiet_hours' };
  const bound = given.messagesPerHour * (critical ? 2 : 1);
  if (told.length < bound) return { kind: 'send' };
  // When so many have fallen out of the hour that one more fits.
  const freed = told[told.length - bound] ?? now;
  return { kind: 'hold', until: after(freed, HOUR), why: 'rate' };
}

const HOUR = 3_600_000 as DurationMs;

/** The group after its events were put into a message. */
export const told = (group: NotificationGroup, worst: Severity, now: EpochMs): NotificationGroup => ({
  ...group,
  tellings: group.tellings + 1,
  lastToldAt: now,
  worstTold: group.worstTold === null || isWorse(worst, group.worstTold) ? worst : group.worstTold,
  dueAt: null,
  heldFor: null,
});

export const held = (group: NotificationGroup, verdict: Extract<SendVerdict, { kind: 'hold' }>): NotificationGroup => ({
  ...group,
  dueAt: verdict.until,
  heldFor: verdict.why,
});
