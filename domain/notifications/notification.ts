import type { Brand } from '../brand.ts';
import type { AgencyId, AlarmId, UserId } from '../identifiers.ts';
import type { Language } from '../localized.ts';
import type { Severity } from '../rule.ts';
import type { EpochMs } from '../time.ts';
import type { AlarmInterest } from './alarm-interest.ts';
import type { QuietHours } from './quiet-hours.ts';

export type SubscriptionId = Brand<string, 'SubscriptionId'>;
export type PushSubscriptionId = Brand<string, 'PushSubscriptionId'>;
export type WebhookId = Brand<string, 'WebhookId'>;
export type MessageId = Brand<string, 'MessageId'>;
export type GroupId = Brand<string, 'GroupId'>;

/** Ways to a person. */
export const PERSONAL_CHANNELS = ['email', 'web_push'] as const;
export type PersonalChannel = (typeof PERSONAL_CHANNELS)[number];
export const MESSAGE_CHANNELS = [...PERSONAL_CHANNELS, 'webhook'] as const;
export type MessageChannel = (typeof MESSAGE_CHANNELS)[number];

/** What makes alarms one storm: the same field of city life, the same rule, the same ward; or each alarm by itself. */
export const GROUPINGS = ['domain', 'rule', 'ward', 'alarm'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** One wish of a person: these alarms, by these ways. */
export interface Subscription {
  readonly id: SubscriptionId;
  readonly interest: AlarmInterest;
  /** Ways for each severity; none: not told. */
  readonly channels: Readonly<Record<Severity, readonly PersonalChannel[]>>;
}

/** How a person wants to be told. Version 0: never set, told nothing. */
export interface PersonalNotifications {
  readonly userId: UserId;
  readonly email: string | null;
  /** IANA zone of the quiet hours; `null`: the site's. */
  readonly timeZone: string | null;
  readonly subscriptions: readonly Subscription[];
  readonly quietHours: QuietHours | null;
  readonly grouping: Exclude<Grouping, 'alarm'>;
  /** Whether the end of an alarm is told too. */
  readonly tellsCleared: boolean;
  readonly version: number;
}

export const withoutNotifications = (userId: UserId): PersonalNotifications => ({
  userId,
  email: null,
  timeZone: null,
  subscriptions: [],
  quietHours: null,
  grouping: 'domain',
  tellsCleared: true,
  version: 0,
});

/** A browser that a person lets us push to (RFC 8030, 8291). */
export interface PushSubscription {
  readonly id: PushSubscriptionId;
  readonly userId: UserId;
  readonly endpoint: string;
  /** base64url: the browser's public key, and the secret it shares with us. */
  readonly p256dh: string;
  readonly auth: string;
  /** What the person calls the device, e.g. "Chrome trên Android". */
  readonly label: string;
  readonly createdAt: EpochMs;
}

/** An address outside that is told by HTTP, of what its agency may see. */
export interface Webhook {
  readonly id: WebhookId;
  readonly agencyId: AgencyId;
  readonly name: string;
  readonly enabled: boolean;
  /** Key of a template in `config/notification-templates/`. */
  readonly template: string;
  /** Values of the template's open fields. */
  readonly fields: Readonly<Record<string, string>>;
  readonly interest: AlarmInterest;
  readonly grouping: Grouping;
  readonly language: Language;
  readonly tellsCleared: boolean;
  /** Beyond it, what comes is gathered into digests. */
  readonly messagesPerHour: number;
  readonly version: number;
}

/** What signs or opens a webhook: never shown again, never in the audit. */
export interface WebhookSecrets {
  /** Newest first; all of them sign, so that the receiver can change over in its own time. */
  readonly signing: readonly { readonly id: string; readonly secret: string; readonly createdAt: EpochMs }[];
  /** Values of the template's secret fields. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Who gets messages together: a person or a webhook. */
export type Recipient =
  | { readonly kind: 'person'; readonly userId: UserId }
  | { readonly kind: 'webhook'; readonly webhookId: WebhookId };
export type RecipientKey = Brand<string, 'RecipientKey'>;
export const recipientKey = (recipient: Recipient): RecipientKey =>
  (recipient.kind === 'person' ? `person:${recipient.userId}` : `webhook:${recipient.webhookId}`) as RecipientKey;
export function recipientOf(key: RecipientKey): Recipient {
  const id = key.slice(key.indexOf(':') + 1);
  return key.startsWith('person:')
    ? { kind: 'person', userId: id as UserId }
    : { kind: 'webhook', webhookId: id as WebhookId };
}

/** Why somebody is told: a step of an alarm, or that nobody has looked after it. */
export const TOLD_KINDS = ['raised', 'escalated', 'cleared', 'ended', 'unanswered'] as const;
export type ToldKind = (typeof TOLD_KINDS)[number];

/** Something one recipient is to be told, gathered until it is sent. */
export interface ToldEvent {
  /** Deterministic within the recipient: planning again adds nothing. */
  readonly id: string;
  readonly recipient: RecipientKey;
  readonly groupId: GroupId;
  readonly alarmId: AlarmId;
  readonly kind: ToldKind;
  readonly severity: Severity;
  /** When it happened, or fell due. */
  readonly at: EpochMs;
  readonly channels: readonly MessageChannel[];
  readonly passesQuietHours: boolean;
}

/** Everything a channel needs, written when the message was made: sent again, it says the same. */
export interface MessageContent {
  readonly title: string;
  readonly text: string;
  readonly severity: Severity | null;
  /** Page that shows it, absolute when the platform knows its own address. */
  readonly link: string;
  /** Further facts for programs; only webhooks carry them. */
  readonly facts?: unknown;
}

export const MESSAGE_KINDS = ['alarms', 'update', 'summary', 'handover', 'test'] as const;

export type MessageState =
  /** To be sent at `nextAt`. */
  | 'waiting'
  /** A sending began and has no result yet. */
  | 'sending'
  /** The mail server, the push service or the webhook took it: no more is known. */
  | 'accepted'
  /** Given up; a person may send it again. */
  | 'dead';
export const MESSAGE_STATES = ['waiting', 'sending', 'accepted', 'dead'] as const satisfies readonly MessageState[];

/** One message to one address. Its id is told to the receiver, so that a repetition is known as one. */
export interface NotificationMessage {
  readonly id: MessageId;
  readonly recipient: RecipientKey;
  /** Messages of one telling (mail and phones of one person) share it. */
  readonly tellingId: string;
  /** `null`: of no agency (a person's test). */
  readonly agencyId: AgencyId | null;
  readonly channel: MessageChannel;
  /** Mail address, push subscription's id, webhook's id. */
  readonly address: string;
  readonly kind: (typeof MESSAGE_KINDS)[number];
  readonly groupId: GroupId | null;
  readonly content: MessageContent;
  readonly alarmIds: readonly AlarmId[];
  readonly createdAt: EpochMs;
  readonly state: MessageState;
  readonly attempts: number;
  readonly nextAt: EpochMs | null;
  readonly lastAttemptAt: EpochMs | null;
  readonly acceptedAt: EpochMs | null;
  /** What the other side said last, in its own words. */
  readonly answer: string | null;
  /** A sending was broken off and repeated: it may have arrived twice, under the same id. */
  readonly maybeTwice: boolean;
}
