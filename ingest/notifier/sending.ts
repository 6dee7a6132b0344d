import type { NotificationMessage, PushSubscriptionId, WebhookId } from '../../domain/notifications/notification.ts';
import { nextAttempt, type SendOutcome } from '../../domain/notifications/retry.ts';
import type { NotificationSender, NotificationStore, OutgoingMessage } from '../../domain/ports/notifications.ts';
import { type Clock, days } from '../../domain/time.ts';
import type { NotifierSettings } from './notifier-settings.ts';

export interface SendingPorts {
  readonly store: NotificationStore;
  readonly sender: NotificationSender;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly settings: Pick<NotifierSettings, 'retry'>;
}

/** What the other side learns of a message. */
export const outgoing = ({
  id,
  groupId,
  kind,
  createdAt,
  content,
}: Pick<NotificationMessage, 'id' | 'groupId' | 'kind' | 'createdAt' | 'content'>): OutgoingMessage => ({
  id,
  thread: groupId ?? id,
  isUpdate: kind === 'update',
  createdAt,
  content,
  usefulFor: days(1),
});

/**
 * Sends one message that is due. That it begins is on record before a byte leaves, and what came of it after: a kill between the two leaves a message of which it
 * isn't known whether it arrived, and which is sent again under the same id, marked so.
 */
export async function sendOne(
  message: NotificationMessage,
  { store, sender, clock, random, settings }: SendingPorts,
): Promise<SendOutcome> {
  await store.sending(message.id, clock());
  let outcome: SendOutcome;
  try {
    outcome = await deliver(message, store, sender);
  } catch (error) {
    outcome = { kind: 'failed', answer: (error as Error).message };
  }
  const now = clock();
  const nextAt =
    outcome.kind === 'failed'
      ? nextAttempt(settings.retry, message.attempts + 1, now, random(), outcome.retryAfter)
      : null;
  await store.sent(message.id, outcome, nextAt, now);
  if (outcome.kind === 'gone' && message.channel === 'web_push')
    await store.forgetPushSubscription(message.address as PushSubscriptionId);
  return outcome;
}

async function deliver(
  message: NotificationMessage,
  store: NotificationStore,
  sender: NotificationSender,
): Promise<SendOutcome> {
  const letter = outgoing(message);
  switch (message.channel) {
    case 'email':
      return sender.email(message.address, letter);
    case 'web_push': {
      const subscription = await store.pushSubscription(message.address as PushSubscriptionId);
      return subscription
        ? sender.push(subscription, letter)
        : { kind: 'gone', answer: 'the browser is no longer subscribed' };
    }
    case 'webhook': {
      const target = await store.webhook(message.address as WebhookId);
      return target
        ? sender.webhook(target.webhook, target.secrets, letter)
        : { kind: 'refused', answer: 'the webhook was taken away' };
    }
  }
}
