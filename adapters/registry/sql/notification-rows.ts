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
import type { SqlDatabase } from './sql-database.ts';

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
  readonly #db: SqlDatabase;
  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  async settings(userId: UserId): Promise<PersonalNotifications> {
    const row = await this.#db.get<Versioned>(
      'SELECT version, body FROM notification_settings WHERE user_id = ?',
      userId,
    );
    return row
      ? { ...(JSON.parse(row.body) as PersonalNotifications), version: row.version }
      : withoutNotifications(userId);
  }

  async pushSubscriptions(userId: UserId): Promise<readonly PushSubscription[]> {
    return (
      await this.#db.all<{ body: string }>('SELECT body FROM push_subscriptions WHERE user_id = ? ORDER BY id', userId)
    ).map(({ body }) => JSON.parse(body) as PushSubscription);
  }

  async secrets(webhookId: string): Promise<WebhookSecrets> {
    const row = await this.#db.get<{ secrets: string }>('SELECT secrets FROM webhooks WHERE id = ?', webhookId);
    return row ? (JSON.parse(row.secrets) as WebhookSecrets) : { signing: [], fields: {} };
  }

  async insertMessage(message: NotificationMessage): Promise<void> {
    const recipient = recipientOf(message.recipient);
    const { changes } = await this.#db.run(
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
      await this.#db.run('INSERT INTO notification_message_alarms VALUES (?,?)', alarmId, message.id);
  }

  async updateMessage(message: NotificationMessage): Promise<void> {
    await this.#db.run(
      'UPDATE notification_messages SET state = ?, next_at = ?, body = ? WHERE id = ?',
      message.state,
      message.nextAt,
      JSON.stringify(message),
      message.id,
    );
  }

  async message(id: string): Promise<NotificationMessage | undefined> {
    const row = await this.#db.get<{ body: string }>('SELECT body FROM notification_messages WHERE id = ?', id);
    return row && messageOf(row);
  }
}
