import type { Access } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { UserId } from '../../domain/identifiers.ts';
import { type AlarmPlace, concerns } from '../../domain/notifications/alarm-interest.ts';
import { advance, begin, type Escalation, type Fired } from '../../domain/notifications/escalation.ts';
import {
  type GroupTiming,
  gather,
  groupKey,
  isOpen,
  type NotificationGroup,
} from '../../domain/notifications/grouping.ts';
import {
  type GroupId,
  type MessageChannel,
  type RecipientKey,
  recipientKey,
  type ToldEvent,
  type ToldKind,
} from '../../domain/notifications/notification.ts';
import type { Audience } from '../../domain/ports/notifications.ts';
import type { OutboxMessage } from '../../domain/ports/registry.ts';
import type { Severity } from '../../domain/rule.ts';
import type { EpochMs } from '../../domain/time.ts';
import { maySee } from '../../domain/visibility.ts';

const KIND: Readonly<Record<OutboxMessage['kind'], ToldKind>> = {
  'alarm.raised': 'raised',
  'alarm.escalated': 'escalated',
  'alarm.cleared': 'cleared',
  'alarm.ended': 'ended',
};

/** Groups as one step finds and leaves them. */
export class Gathering {
  readonly events: ToldEvent[] = [];
  readonly changed = new Map<GroupId, NotificationGroup>();
  readonly #open = new Map<string, NotificationGroup>();
  readonly #timing: GroupTiming;
  readonly #now: EpochMs;
  readonly #newId: () => string;

  constructor(groups: readonly NotificationGroup[], timing: GroupTiming, now: EpochMs, newId: () => string) {
    this.#timing = timing;
    this.#now = now;
    this.#newId = newId;
    for (const group of groups)
      if (isOpen(group, now, timing)) this.#open.set(`${group.recipient}\n${group.key}`, group);
  }

  add(event: Omit<ToldEvent, 'groupId'>, key: string): void {
    const place = `${event.recipient}\n${key}`;
    const group = gather(
      this.#open.get(place) ?? null,
      { ...event, key },
      this.#now,
      this.#timing,
      this.#newId() as GroupId,
    );
    this.#open.set(place, group);
    this.changed.set(group.id, group);
    this.events.push({ ...event, groupId: group.id });
  }
}

export interface PlanContext {
  readonly audience: Audience;
  readonly accessOf: (userId: UserId) => Promise<Access | null>;
  readonly gathering: Gathering;
  readonly now: EpochMs;
}

const shareable = (place: AlarmPlace, alarm: Alarm) => ({
  agencyId: alarm.agencyId,
  domain: place.domain,
  siteId: place.sites[0] as NonNullable<(typeof place.sites)[0]>,
  tags: place.tags,
});

/** Whether an access covers the alarm. */
export const seesAlarm = (access: Access, place: AlarmPlace, alarm: Alarm): boolean =>
  maySee(access, shareable(place, alarm));

/** Who wishes to be told of one step of an alarm: an event for each recipient, in its group. */
export async function planSubscriptions(
  message: OutboxMessage,
  alarm: Alarm,
  place: AlarmPlace,
  { audience, accessOf, gathering }: PlanContext,
): Promise<void> {
  const kind = KIND[message.kind];
  const isEnd = kind === 'cleared' || kind === 'ended';
  // Who was told of the worst is told of the end.
  const asTold: AlarmPlace = isEnd ? { ...place, severity: alarm.worstSeverity } : place;
  const event = (recipient: RecipientKey, channels: readonly MessageChannel[]): Omit<ToldEvent, 'groupId'> => ({
    id: message.id,
    recipient,
    alarmId: alarm.id,
    kind,
    severity: asTold.severity,
    at: message.createdAt,
    channels,
    passesQuietHours: false,
  });
  for (const { user, settings } of audience.people) {
    if (isEnd && !settings.tellsCleared) continue;
    const channels = new Set<MessageChannel>();
    for (const { interest, channels: ways } of settings.subscriptions)
      if (concerns(interest, asTold)) for (const way of ways[asTold.severity]) channels.add(way);
    if (channels.size === 0) continue;
    const access = await accessOf(user.id);
    // Nobody wonders about what was never there for them: this isn't counted.
    if (access === null || !seesAlarm(access, place, alarm)) continue;
    gathering.add(
      event(recipientKey({ kind: 'person', userId: user.id }), [...channels]),
      groupKey(settings.grouping, place, alarm.id),
    );
  }
  for (const webhook of audience.webhooks) {
    if (!webhook.enabled || webhook.agencyId !== alarm.agencyId || (isEnd && !webhook.tellsCleared)) continue;
    if (!concerns(webhook.interest, asTold)) continue;
    gathering.add(
      event(recipientKey({ kind: 'webhook', webhookId: webhook.id }), ['webhook']),
      groupKey(webhook.grouping, place, alarm.id),
    );
  }
}

/** The escalations that one step of an alarm begins. */
export function planEscalations(
  message: OutboxMessage,
  alarm: Alarm,
  place: AlarmPlace,
  known: readonly Escalation[],
  { audience, now }: PlanContext,
): readonly Escalation[] {
  if (message.kind !== 'alarm.raised' && message.kind !== 'alarm.escalated') return [];
  return audience.policies
    .filter((policy) => policy.enabled && policy.agencyId === alarm.agencyId && concerns(policy.interest, place))
    .map((policy) =>
      begin(
        policy,
        alarm,
        known.find(({ policyId, alarmId }) => policyId === policy.id && alarmId === alarm.id) ?? null,
        now,
      ),
    );
}

/** What an escalation that is due tells whom; the escalation after it. */
export function planDueEscalation(
  escalation: Escalation,
  alarm: Alarm,
  place: AlarmPlace,
  { audience, gathering, now }: PlanContext,
): Escalation {
  const policy = audience.policies.find(({ id, enabled }) => id === escalation.policyId && enabled) ?? null;
  const { escalation: next, fired } = advance(escalation, policy, alarm, now);
  if (policy === null) return next;
  for (const { step, repetition } of fired) {
    const orders = policy.steps[step];
    if (!orders) continue;
    // The first step is news like any other, and comes with what the person is told anyway.
    const isNews = step === 0 && repetition === 0;
    const event = (recipient: RecipientKey, channels: readonly MessageChannel[]): Omit<ToldEvent, 'groupId'> => ({
      id: eventId(escalation, { step, repetition }),
      recipient,
      alarmId: alarm.id,
      kind: isNews ? 'raised' : 'unanswered',
      severity: alarm.severity satisfies Severity,
      at: now,
      channels,
      passesQuietHours: policy.passesQuietHours,
    });
    for (const { user, settings } of audience.people) {
      const holds = user.roles.some((held) => held.agencyId === policy.agencyId && orders.roles.includes(held.role));
      if (!holds && !orders.people.includes(user.id)) continue;
      gathering.add(
        event(recipientKey({ kind: 'person', userId: user.id }), orders.channels),
        isNews ? groupKey(settings.grouping, place, alarm.id) : `policy:${policy.id}`,
      );
    }
    for (const webhook of audience.webhooks) {
      if (!webhook.enabled || webhook.agencyId !== policy.agencyId || !orders.webhooks.includes(webhook.id)) continue;
      gathering.add(
        event(recipientKey({ kind: 'webhook', webhookId: webhook.id }), ['webhook']),
        isNews ? groupKey(webhook.grouping, place, alarm.id) : `policy:${policy.id}`,
      );
    }
  }
  return next;
}

const eventId = ({ alarmId, policyId, round }: Escalation, { step, repetition }: Fired): string =>
  `${alarmId}!${policyId}.${round}.${step}.${repetition}`;
