import { z } from 'zod';
import { ROLES } from '../../domain/access.ts';
import type { PolicyId } from '../../domain/notifications/escalation.ts';
import {
  GROUPINGS,
  MESSAGE_CHANNELS,
  MESSAGE_KINDS,
  MESSAGE_STATES,
  type MessageId,
  PERSONAL_CHANNELS,
  type PushSubscriptionId,
  type SubscriptionId,
  type WebhookId,
} from '../../domain/notifications/notification.ts';
import { quietHoursArePossible } from '../../domain/notifications/quiet-hours.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import type { DurationMs } from '../../domain/time.ts';
import {
  agencyId,
  alarmId,
  domainName,
  instant,
  language,
  localized,
  quantityKey,
  ruleId,
  siteId,
  tag,
  userId,
  version,
  wardCode,
} from './wire.ts';

const idOf = <T extends string>() =>
  z
    .string()
    .min(1)
    .max(96)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/) as unknown as z.ZodType<T, T>;
export const pushSubscriptionId = idOf<PushSubscriptionId>();
export const policyId = idOf<PolicyId>();
export const webhookId = idOf<WebhookId>();
export const messageId = idOf<MessageId>();

const severity = z.enum(SEVERITIES);
const severities = z.array(severity).min(1).max(SEVERITIES.length);
const few = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(200);
const name = z.string().trim().min(1).max(200);
const duration = z.number().int().min(0) as unknown as z.ZodType<DurationMs, DurationMs>;

/** Parts that are given must all match, each by one of its words. */
export const alarmInterest = z
  .strictObject({
    severities: severities.exactOptional(),
    agencies: few(agencyId).exactOptional(),
    domains: few(domainName).exactOptional(),
    quantities: few(quantityKey).exactOptional(),
    wards: few(wardCode).exactOptional(),
    sites: few(siteId).exactOptional(),
    tags: few(tag).exactOptional(),
    rules: few(ruleId).exactOptional(),
  })
  .meta({ id: 'AlarmInterest', description: 'Which alarms; a part left out matches all' });

const personalChannels = z.array(z.enum(PERSONAL_CHANNELS)).max(PERSONAL_CHANNELS.length);

const subscription = z.strictObject({
  id: idOf<SubscriptionId>(),
  interest: alarmInterest,
  channels: z.strictObject({
    critical: personalChannels,
    major: personalChannels,
    minor: personalChannels,
    notice: personalChannels,
  }),
});

const minuteOfDay = z.number().int().min(0).max(1439).meta({ description: 'Minutes after local midnight' });
export const quietHours = z
  .strictObject({
    from: minuteOfDay,
    to: minuteOfDay,
    weekdays: z.array(z.number().int().min(0).max(6)).min(1).max(7).meta({ description: '0 is Sunday' }),
    criticalPasses: z.boolean(),
  })
  .refine(quietHoursArePossible, 'refusal.quietHours');

export const SUBSCRIPTIONS_MAX = 20;
const timeZone = z
  .string()
  .max(64)
  .refine((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  }, 'refusal.timeZone');

const wishes = {
  email: z.email().max(254).nullable(),
  timeZone: timeZone.nullable(),
  subscriptions: z.array(subscription).max(SUBSCRIPTIONS_MAX).readonly(),
  quietHours: quietHours.nullable(),
  grouping: z.enum(['domain', 'rule', 'ward']),
  tellsCleared: z.boolean(),
};
/** `version`: the one the edit was based on, 0 for none. */
export const personalNotificationsEdit = z.strictObject({ ...wishes, version: z.number().int().min(0) });
export const browser = z
  .object({ id: pushSubscriptionId, label: z.string(), createdAt: instant })
  .meta({ id: 'NotifiedBrowser' });
export const personalNotifications = z
  .object({
    ...wishes,
    version: z.number().int().min(0),
    browsers: z.array(browser).readonly(),
    /** Whether the platform can send mail at all. */
    hasMail: z.boolean(),
    /** base64url key a browser needs to subscribe. */
    vapidPublicKey: z.string(),
    siteTimeZone: z.string(),
  })
  .meta({ id: 'PersonalNotifications' });
export type PersonalNotificationsWire = z.infer<typeof personalNotifications>;

/** What `PushManager.subscribe` gives, with what the person calls the device. */
export const browserAdded = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}=?$/),
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}={0,2}$/),
  }),
  label: name,
});
export const personalTest = z.discriminatedUnion('channel', [
  z.strictObject({ channel: z.literal('email') }),
  z.strictObject({ channel: z.literal('web_push'), browserId: pushSubscriptionId }),
]);
/** What is known of a sending, and what the other side said. */
export const testOutcome = z
  .object({ outcome: z.enum(['accepted', 'failed', 'refused', 'gone']), answer: z.string() })
  .meta({ id: 'TestOutcome' });
export type TestOutcomeWire = z.infer<typeof testOutcome>;

const step = z.strictObject({
  after: duration,
  roles: z.array(z.enum(ROLES)).max(ROLES.length),
  people: z.array(userId).max(100),
  webhooks: z.array(webhookId).max(20),
  channels: personalChannels,
});
const policyParts = {
  name,
  enabled: z.boolean(),
  interest: alarmInterest,
  steps: z.array(step).min(1).max(10).readonly(),
  repeat: z.strictObject({ every: duration, times: z.number().int().min(1).max(100) }).nullable(),
  stopsOn: z.enum(['acknowledged', 'acknowledged_or_cleared']),
  passesQuietHours: z.boolean(),
};
export const escalationPolicy = z
  .object({ id: policyId, agencyId, ...policyParts, version })
  .meta({ id: 'EscalationPolicy' });
export type EscalationPolicyWire = z.infer<typeof escalationPolicy>;
export const escalationPolicyNew = z.strictObject({ agencyId, ...policyParts });
export const escalationPolicyEdit = z.strictObject(policyParts);

const webhookParts = {
  name,
  enabled: z.boolean(),
  fields: z.record(z.string().max(64), z.string().trim().min(1).max(2_000)),
  interest: alarmInterest,
  grouping: z.enum(GROUPINGS),
  language,
  tellsCleared: z.boolean(),
  messagesPerHour: z.number().int().min(1).max(100_000),
};
export const signingKey = z.object({ id: z.string(), createdAt: instant });
export const webhook = z
  .object({
    id: webhookId,
    agencyId,
    template: z.string(),
    ...webhookParts,
    /** Newest first; their secrets are never shown again. */
    signingKeys: z.array(signingKey).readonly(),
    version,
  })
  .meta({ id: 'Webhook' });
export type WebhookWire = z.infer<typeof webhook>;
/** `fields` with the secret ones; of an edit, secret ones that are left out stay as they are. */
export const webhookNew = z.strictObject({ agencyId, template: z.string().max(64), ...webhookParts });
export const webhookEdit = z.strictObject(webhookParts);
/** `secret` is shown this once. */
export const webhookMade = z.object({ webhook, secret: z.string().nullable() });
export const signingKeyMade = z.object({ id: z.string(), secret: z.string() });

export const webhookTemplate = z
  .object({
    key: z.string(),
    name: localized,
    help: localized,
    signed: z.boolean(),
    fields: z
      .array(z.object({ key: z.string(), secret: z.boolean(), label: localized, example: z.string() }))
      .readonly(),
  })
  .meta({ id: 'WebhookTemplate' });

export const notificationMessage = z
  .object({
    id: messageId,
    agencyId: agencyId.nullable(),
    channel: z.enum(MESSAGE_CHANNELS),
    /** Name of the person or webhook. */
    recipient: z.string(),
    /** Mail address (to others than its owner: masked) or label of the browser; null when it is no more. */
    address: z.string().nullable(),
    kind: z.enum(MESSAGE_KINDS),
    title: z.string(),
    severity: severity.nullable(),
    alarmIds: z.array(alarmId).readonly(),
    state: z.enum(MESSAGE_STATES),
    attempts: z.number().int(),
    createdAt: instant,
    nextAt: instant.nullable(),
    lastAttemptAt: instant.nullable(),
    /** When the mail server, the push service or the webhook took it; whether anybody read it isn't known. */
    acceptedAt: instant.nullable(),
    answer: z.string().nullable(),
    maybeTwice: z.boolean(),
  })
  .meta({ id: 'NotificationMessage' });
export type NotificationMessageWire = z.infer<typeof notificationMessage>;
export const messageState = z.enum(MESSAGE_STATES);
export const messageChannel = z.enum(MESSAGE_CHANNELS);
