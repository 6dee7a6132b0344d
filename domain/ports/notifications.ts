import type { Access } from '../access.ts';
import type { AlarmId, UserId } from '../identifiers.ts';
import type { Escalation, EscalationPolicy, PolicyId } from '../notifications/escalation.ts';
import type { NotificationGroup } from '../notifications/grouping.ts';
import type {
  GroupId,
  MessageChannel,
  MessageContent,
  MessageId,
  MessageState,
  NotificationMessage,
  PersonalNotifications,
  PushSubscription,
  PushSubscriptionId,
  RecipientKey,
  ToldEvent,
  Webhook,
  WebhookId,
  WebhookSecrets,
} from '../notifications/notification.ts';
import type { SendOutcome } from '../notifications/retry.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { OutboxMessage, Page, PageRequest, User } from './registry.ts';

export interface MessageFilter {
  readonly state?: MessageState;
  readonly channel?: MessageChannel;
}

/** Being told, as people set it and look it up; under the access of a `RegistryView`. */
export interface NotificationView {
  /** The actor's own. Everybody's own wishes are theirs alone: no other person may see or set them. */
  readonly mine: {
    get(): Promise<PersonalNotifications>;
    /** @throws {RegistryError} CONFLICT */
    set(next: PersonalNotifications): Promise<PersonalNotifications>;
    pushSubscriptions(): Promise<readonly PushSubscription[]>;
    /**
     * A browser has one subscription: the same endpoint again replaces it, whoever it was of.
     * @throws {RegistryError} NOTIFICATION_LIMIT when the person has `limit` of them.
     */
    addPushSubscription(
      subscription: Omit<PushSubscription, 'userId' | 'createdAt'>,
      limit: number,
    ): Promise<PushSubscription>;
    removePushSubscription(id: PushSubscriptionId): Promise<void>;
    /** Newest first. */
    messages(page: PageRequest): Promise<Page<NotificationMessage>>;
  };
  readonly policies: {
    list(): Promise<readonly EscalationPolicy[]>;
    get(id: PolicyId): Promise<EscalationPolicy>;
    create(policy: Omit<EscalationPolicy, 'version'>): Promise<EscalationPolicy>;
    update(policy: EscalationPolicy): Promise<EscalationPolicy>;
    remove(id: PolicyId): Promise<void>;
  };
  readonly webhooks: {
    list(): Promise<readonly Webhook[]>;
    get(id: WebhookId): Promise<Webhook>;
    create(webhook: Omit<Webhook, 'version'>, secrets: WebhookSecrets): Promise<Webhook>;
    /** Secret fields that are given replace those kept. */
    update(webhook: Webhook, secretFields: Readonly<Record<string, string>>): Promise<Webhook>;
    remove(id: WebhookId): Promise<void>;
    /** Ids and ages of the signing secrets, newest first; never the secrets. */
    signingKeys(id: WebhookId): Promise<readonly { readonly id: string; readonly createdAt: EpochMs }[]>;
    /** @throws {RegistryError} NOTIFICATION_LIMIT beyond `limit` secrets: take an old one away first. */
    addSigningKey(id: WebhookId, key: WebhookSecrets['signing'][number], limit: number): Promise<void>;
    /** @throws {RegistryError} INVALID_STATE for the last one. */
    removeSigningKey(id: WebhookId, keyId: string): Promise<void>;
  };
  readonly log: {
    /** Messages of the agencies that may be read whole, newest first. */
    list(filter: MessageFilter, page: PageRequest): Promise<Page<NotificationMessage>>;
    /** Gives up nothing: the message waits again, under its own id. @throws {RegistryError} INVALID_STATE unless it is dead. */
    resend(id: MessageId): Promise<NotificationMessage>;
    /** Who was told of an alarm that the actor may see, newest first, at most `limit`. */
    ofAlarm(id: AlarmId, limit: number): Promise<readonly NotificationMessage[]>;
  };
}

/** Everybody and everything that may be told something. */
export interface Audience {
  readonly people: readonly {
    readonly user: User;
    readonly settings: PersonalNotifications;
    readonly push: readonly PushSubscription[];
  }[];
  readonly policies: readonly EscalationPolicy[];
  readonly webhooks: readonly Webhook[];
}

export type MessageDraft = Omit<
  NotificationMessage,
  'state' | 'attempts' | 'nextAt' | 'lastAttemptAt' | 'acceptedAt' | 'answer' | 'maybeTwice'
>;

/** The same as the notifier deals with it. Every step is one transaction. */
export interface NotificationStore {
  undelivered(limit: number): Promise<readonly OutboxMessage[]>;
  audience(): Promise<Audience>;
  /** What a person may see now, roles and grants as they are; `null`: disabled or gone. */
  accessOf(userId: UserId): Promise<Access | null>;
  /** Groups that something waits in, or that heard of something since `since`. */
  groups(since: EpochMs): Promise<readonly NotificationGroup[]>;
  escalations(alarms: readonly AlarmId[]): Promise<readonly Escalation[]>;
  /** Outbox messages become events of groups and escalations, all or nothing; events known already (recipient and id) are left as they are. */
  plan(step: {
    readonly outbox: readonly OutboxMessage['id'][];
    readonly groups: readonly NotificationGroup[];
    readonly events: readonly ToldEvent[];
    readonly escalations: readonly Escalation[];
    readonly at: EpochMs;
  }): Promise<void>;
  dueEscalations(at: EpochMs, limit: number): Promise<readonly Escalation[]>;
  dueGroups(at: EpochMs, limit: number): Promise<readonly NotificationGroup[]>;
  /** Events of the groups that are in no message yet, oldest first. */
  waitingEvents(groups: readonly GroupId[]): Promise<readonly ToldEvent[]>;
  /** When the recipient was told since `from`, once per telling, ascending. */
  toldSince(recipient: RecipientKey, from: EpochMs): Promise<readonly EpochMs[]>;
  /** Events leave their groups for messages (or for nothing, when nobody is to be told any more), all or nothing. */
  compose(step: {
    readonly groups: readonly NotificationGroup[];
    readonly settled: readonly Pick<ToldEvent, 'recipient' | 'id'>[];
    readonly messages: readonly MessageDraft[];
    readonly at: EpochMs;
  }): Promise<void>;
  /** After a start: sendings without a result are repeated, marked as perhaps done twice. @returns how many. */
  recover(at: EpochMs): Promise<number>;
  dueMessages(at: EpochMs, limit: number): Promise<readonly NotificationMessage[]>;
  /** Notes that a sending begins, before it does. */
  sending(id: MessageId, at: EpochMs): Promise<void>;
  /** `nextAt` null: not sent again. */
  sent(id: MessageId, outcome: SendOutcome, nextAt: EpochMs | null, at: EpochMs): Promise<void>;
  counts(): Promise<{
    readonly waiting: number;
    readonly dead: number;
    readonly outbox: number;
    readonly events: number;
  }>;
  pushSubscription(id: PushSubscriptionId): Promise<PushSubscription | undefined>;
  forgetPushSubscription(id: PushSubscriptionId): Promise<void>;
  webhook(id: WebhookId): Promise<{ readonly webhook: Webhook; readonly secrets: WebhookSecrets } | undefined>;
  /** A test that a person sent by hand, with what came of it. */
  record(message: MessageDraft, outcome: SendOutcome, at: EpochMs): Promise<void>;
  /** Messages, events and delivered outbox rows that are settled and older than `before` are forgotten, and groups that ended before `groupsBefore`. @returns messages forgotten. */
  forget(before: EpochMs, groupsBefore: EpochMs): Promise<number>;
}

/** How a message leaves the house. Never throws for what the other side does. */
export interface NotificationSender {
  /** Whether mail can be sent at all. */
  readonly hasMail: boolean;
  /** base64url of the server's public key, which a browser needs to subscribe. */
  readonly vapidPublicKey: string;
  email(to: string, message: OutgoingMessage): Promise<SendOutcome>;
  push(subscription: PushSubscription, message: OutgoingMessage): Promise<SendOutcome>;
  webhook(webhook: Webhook, secrets: WebhookSecrets, message: OutgoingMessage): Promise<SendOutcome>;
  close(): Promise<void>;
}

export interface OutgoingMessage {
  readonly id: MessageId;
  /** The same for all messages of one storm: mail threads by it, phones replace by it. */
  readonly thread: string;
  /** Not the first of its thread. */
  readonly isUpdate: boolean;
  readonly createdAt: EpochMs;
  readonly content: MessageContent;
  /** How long it is worth delivering. */
  readonly usefulFor: DurationMs;
}
