import type { UserId } from '../../../domain/identifiers.ts';
import type { EscalationPolicy } from '../../../domain/notifications/escalation.ts';
import {
  type NotificationMessage,
  type PersonalNotifications,
  type PushSubscription,
  recipientOf,
  type Webhook,
  type WebhookSecrets,
  withoutNotifications,
} from '../../../domain/notifications/notification.ts';
import type { Database } from './database.ts';

interface Versioned {
  readonly version: number;
  readonly body: string;
}
export const policyOf = (row: Versioned): EscalationPolicy => ({
  ...(JSON.parse(row.body) as EscalationPolicy),
  version: row.version,
});
export const webhookOf = (row: Versioned): Webhook => ({ ...(JSON.parse(row.body) as Webhook), version: row.version });

export interface MessageRow {
  readonly number: number;
  readonly body: string;
}
export const messageOf = ({ body }: { readonly body: string }): NotificationMessage =>
  JSON.parse(body) as NotificationMessage;

/** Rows of being told, used by people's views and by the notifier alike. */
export class NotificationRows {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  settings(userId: UserId): PersonalNotifications {
    const row = this.#db.get<Versioned>('SELECT version, body FROM notification_settings WHERE user_id = ?', userId);
    return row
      ? { ...(JSON.parse(row.body) as PersonalNotifications), version: row.version }
      : withoutNotifications(userId);
  }

  pushSubscriptions(userId: UserId): readonly PushSubscription[] {
    return this.#db
      .all<{ body: string }>('SELECT body FROM push_subscriptions WHERE user_id = ? ORDER BY id', userId)
      .map(({ body }) => JSON.parse(body) as PushSubscription);
  }

  secrets(webhookId: string): WebhookSecrets {
    const row = this.#db.get<{ secrets: string }>('SELECT secrets FROM webhooks WHERE id = ?', webhookId);
    return row ? (JSON.parse(row.secrets) as WebhookSecrets) : { signing: [], fields: {} };
  }

  insertMessage(message: NotificationMessage): void {
    const recipient = recipientOf(message.recipient);
    const { changes } = this.#db.run(
      `INSERT INTO notification_messages (id, agency_id, user_id, recipient, telling_id, channel, state, next_at, created_at, body)
       VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
      message.id,
      message.agencyId,
      recipient.kind === 'person' ? recipient.userId : null,
      message.recipient,
      message.tellingId,
      message.channel,
      message.state,
      message.nextAt,
      message.createdAt,
      JSON.stringify(message),
    );
    if (changes === 0) return;
    for (const alarmId of new Set(message.alarmIds))
      this.#db.run('INSERT INTO notification_message_alarms VALUES (?,?)', alarmId, message.id);
  }

  updateMessage(message: NotificationMessage): void {
    this.#db.run(
      'UPDATE notification_messages SET state = ?, next_at = ?, body = ? WHERE id = ?',
      message.state,
      message.nextAt,
      JSON.stringify(message),
      message.id,
    );
  }

  message(id: string): NotificationMessage | undefined {
    const row = this.#db.get<{ body: string }>('SELECT body FROM notification_messages WHERE id = ?', id);
    return row && messageOf(row);
  }
}
