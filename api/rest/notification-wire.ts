import { type NotificationMessage, recipientOf, type Webhook } from '../../domain/notifications/notification.ts';
import type { Audience, NotificationView } from '../../domain/ports/notifications.ts';
import type { NotificationMessageWire, WebhookWire } from '../contract/notifications.ts';

/** `l…@haiphong.gov.vn`: enough to see which it is, not enough to write to it. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '…' : `${address[0]}…${address.slice(at)}`;
}

/** A message as people read it. `owner`: it is told to the recipient, who may see the whole address. */
export function messageWire(message: NotificationMessage, audience: Audience, owner: boolean): NotificationMessageWire {
  const { id, agencyId, channel, kind, content, alarmIds, state, attempts, createdAt } = message;
  const recipient = recipientOf(message.recipient);
  const person =
    recipient.kind === 'person' ? audience.people.find(({ user }) => user.id === recipient.userId) : undefined;
  const webhook =
    recipient.kind === 'webhook' ? audience.webhooks.find((one) => one.id === recipient.webhookId) : undefined;
  const address =
    channel === 'email'
      ? owner
        ? message.address
        : maskedAddress(message.address)
      : channel === 'web_push'
        ? (person?.push.find((one) => one.id === message.address)?.label ?? null)
        : null;
  return {
    id,
    agencyId,
    channel,
    recipient: person?.user.displayName ?? webhook?.name ?? '–',
    address,
    kind,
    title: content.title,
    severity: content.severity,
    alarmIds,
    state,
    attempts,
    createdAt,
    nextAt: message.nextAt,
    lastAttemptAt: message.lastAttemptAt,
    acceptedAt: message.acceptedAt,
    answer: message.answer,
    maybeTwice: message.maybeTwice,
  };
}

export async function webhookWire(webhook: Webhook, view: NotificationView): Promise<WebhookWire> {
  const { id, agencyId, name, enabled, template, fields, interest, grouping, language, tellsCleared } = webhook;
  return {
    id,
    agencyId,
    name,
    enabled,
    template,
    fields: { ...fields },
    interest: interest as WebhookWire['interest'],
    grouping,
    language,
    tellsCleared,
    messagesPerHour: webhook.messagesPerHour,
    signingKeys: await view.webhooks.signingKeys(id),
    version: webhook.version,
  };
}
