import type { UserId } from '../../../domain/identifiers.ts';
import type { EscalationPolicy } from '../../../domain/notifications/escalation.ts';
import type { NotificationMessage, PushSubscription, Webhook } from '../../../domain/notifications/notification.ts';
import type { NotificationView } from '../../../domain/ports/notifications.ts';
import { type Page, type PageRequest, RegistryError } from '../../../domain/ports/registry.ts';
import { type Context, type Gate, refused } from './access.ts';
import { type MessageRow, messageOf, NotificationRows, policyOf, webhookOf } from './notification-rows.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { Where } from './sql-database.ts';

const ALARM_THROUGH_POINT = { agency: 'a.agency_id', domain: 'p.domain', site: 'p.site_id', tags: 'p.tags' };

/** Being told, of a {@link RegistryView}. */
export function notificationViews(context: Context, gate: Gate): NotificationView {
  const { db, clock } = context;
  const rows = new NotificationRows(db);

  /** Who has wishes of their own. @throws {RegistryError} NOT_ALLOWED for the system. */
  const self = (): UserId => {
    if (gate.userId === null) throw new RegistryError('NOT_ALLOWED', { id: 'notifications' });
    return gate.userId;
  };
  const messages = async (where: Where, page: PageRequest): Promise<Page<NotificationMessage>> => {
    const limit = limitOf(page);
    where.add('number < ?', rowNumberOf(page));
    const found = await db.all<MessageRow>(
      `SELECT number, body FROM notification_messages ${where.sql} ORDER BY number DESC LIMIT ?`,
      ...where.values,
      limit + 1,
    );
    const { items, next } = pageOf(found, limit, ({ number }) => String(number));
    return { items: items.map(messageOf), next };
  };
  const owned = async <T extends { readonly agencyId: Webhook['agencyId'] }>(
    table: 'escalation_policies' | 'webhooks',
    id: string,
    parse: (row: { version: number; body: string }) => T,
  ): Promise<T> => {
    const row = await db.get<{ version: number; body: string }>(`SELECT version, body FROM ${table} WHERE id = ?`, id);
    const found = row && parse(row);
    if (!found || !gate.readableAgency(found.agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return found;
  };
  const list = async <T>(
    table: 'escalation_policies' | 'webhooks',
    parse: (row: { version: number; body: string }) => T,
  ) => {
    const where = gate.ownOnly(new Where(), 'agency_id');
    return (
      await db.all<{ version: number; body: string }>(
        `SELECT version, body FROM ${table} ${where.sql} ORDER BY id`,
        ...where.values,
      )
    ).map(parse);
  };
  /** Replaces a row when its version is still the one the edit was based on. */
  const replace = async <T extends { readonly id: string; readonly version: number }>(
    table: 'escalation_policies' | 'webhooks',
    next: T,
  ): Promise<T> => {
    const edited = { ...next, version: next.version + 1 };
    const { changes } = await db.run(
      `UPDATE ${table} SET version = ?, body = ? WHERE id = ? AND version = ?`,
      edited.version,
      JSON.stringify(edited),
      next.id,
      next.version,
    );
    if (changes === 0) throw new RegistryError('CONFLICT', { id: next.id });
    return edited;
  };
  const policy = (id: string): Promise<EscalationPolicy> => owned('escalation_policies', id, policyOf);
  const webhook = (id: string): Promise<Webhook> => owned('webhooks', id, webhookOf);
  const putSecrets = async (id: string, secrets: unknown): Promise<void> => {
    await db.run('UPDATE webhooks SET secrets = ? WHERE id = ?', JSON.stringify(secrets), id);
  };

  return {
    mine: {
      get: async () => rows.settings(self()),
      async set(next) {
        const userId = self();
        return db.transaction(async () => {
          const before = await rows.settings(userId);
          if (before.version !== next.version) throw new RegistryError('CONFLICT', { id: userId });
          const settings = { ...next, userId, version: before.version + 1 };
          await db.run(
            'INSERT INTO notification_settings VALUES (?,?,?) ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, body = excluded.body',
            userId,
            settings.version,
            JSON.stringify(settings),
          );
          await gate.audit(null, 'notifications.set', 'user', userId, before, settings);
          return settings;
        });
      },
      pushSubscriptions: async () => rows.pushSubscriptions(self()),
      async addPushSubscription(draft, limit) {
        const userId = self();
        return db.transaction(async () => {
          await db.run('DELETE FROM push_subscriptions WHERE endpoint = ?', draft.endpoint);
          if ((await rows.pushSubscriptions(userId)).length >= limit)
            throw new RegistryError('NOTIFICATION_LIMIT', { limit });
          const subscription: PushSubscription = { ...draft, userId, createdAt: clock() };
          await db.run(
            'INSERT INTO push_subscriptions VALUES (?,?,?,?)',
            subscription.id,
            userId,
            subscription.endpoint,
            JSON.stringify(subscription),
          );
          // Whoever has endpoint and keys can push: neither goes on record.
          await gate.audit(null, 'notifications.push_add', 'user', userId, null, { id: draft.id, label: draft.label });
          return subscription;
        });
      },
      async removePushSubscription(id) {
        const userId = self();
        await db.transaction(async () => {
          const { changes } = await db.run('DELETE FROM push_subscriptions WHERE id = ? AND user_id = ?', id, userId);
          if (changes === 0) throw new RegistryError('NOT_FOUND', { id });
          await gate.audit(null, 'notifications.push_remove', 'user', userId, { id }, null);
        });
      },
      messages: async (page) => messages(new Where().equals('user_id', self()), page),
    },
    policies: {
      list: async () => list('escalation_policies', policyOf),
      get: async (id) => policy(id),
      async create(draft) {
        return db.transaction(async () => {
          gate.mayWrite(draft.agencyId, draft.id);
          const made: EscalationPolicy = { ...draft, version: 1 };
          try {
            await db.run(
              'INSERT INTO escalation_policies VALUES (?,?,1,?)',
              made.id,
              made.agencyId,
              JSON.stringify(made),
            );
          } catch (error) {
            refused(error, { id: made.id });
          }
          await gate.audit(made.agencyId, 'escalation_policy.create', 'escalation_policy', made.id, null, made);
          return made;
        });
      },
      async update(next) {
        return db.transaction(async () => {
          const before = await policy(next.id);
          gate.mayWrite(before.agencyId, next.id, true);
          const edited = await replace('escalation_policies', { ...next, agencyId: before.agencyId });
          await gate.audit(before.agencyId, 'escalation_policy.update', 'escalation_policy', next.id, before, edited);
          return edited;
        });
      },
      async remove(id) {
        await db.transaction(async () => {
          const before = await policy(id);
          gate.mayWrite(before.agencyId, id, true);
          await db.run('DELETE FROM escalation_policies WHERE id = ?', id);
          await gate.audit(before.agencyId, 'escalation_policy.remove', 'escalation_policy', id, before, null);
        });
      },
    },
    webhooks: {
      list: async () => list('webhooks', webhookOf),
      get: async (id) => webhook(id),
      async create(draft, secrets) {
        return db.transaction(async () => {
          gate.mayWrite(draft.agencyId, draft.id);
          const made: Webhook = { ...draft, version: 1 };
          try {
            await db.run(
              'INSERT INTO webhooks VALUES (?,?,1,?,?)',
              made.id,
              made.agencyId,
              JSON.stringify(made),
              JSON.stringify(secrets),
            );
          } catch (error) {
            refused(error, { id: made.id });
          }
          await gate.audit(made.agencyId, 'webhook.create', 'webhook', made.id, null, made);
          return made;
        });
      },
      async update(next, secretFields) {
        return db.transaction(async () => {
          const before = await webhook(next.id);
          gate.mayWrite(before.agencyId, next.id, true);
          const edited = await replace('webhooks', { ...next, agencyId: before.agencyId });
          const secrets = await rows.secrets(next.id);
          await putSecrets(next.id, { ...secrets, fields: { ...secrets.fields, ...secretFields } });
          await gate.audit(before.agencyId, 'webhook.update', 'webhook', next.id, before, {
            ...edited,
            secretFieldsReplaced: Object.keys(secretFields),
          });
          return edited;
        });
      },
      async remove(id) {
        await db.transaction(async () => {
          const before = await webhook(id);
          gate.mayWrite(before.agencyId, id, true);
          await db.run('DELETE FROM webhooks WHERE id = ?', id);
          await gate.audit(before.agencyId, 'webhook.remove', 'webhook', id, before, null);
        });
      },
      async signingKeys(id) {
        return db.snapshot(async () => {
          await webhook(id);
          return (await rows.secrets(id)).signing.map(({ id: keyId, createdAt }) => ({ id: keyId, createdAt }));
        });
      },
      async addSigningKey(id, key, limit) {
        await db.transaction(async () => {
          const { agencyId } = await webhook(id);
          gate.mayWrite(agencyId, id, true);
          const secrets = await rows.secrets(id);
          if (secrets.signing.length >= limit) throw new RegistryError('NOTIFICATION_LIMIT', { limit });
          await putSecrets(id, { ...secrets, signing: [key, ...secrets.signing] });
          await gate.audit(agencyId, 'webhook.add_key', 'webhook', id, null, { key: key.id });
        });
      },
      async removeSigningKey(id, keyId) {
        await db.transaction(async () => {
          const { agencyId } = await webhook(id);
          gate.mayWrite(agencyId, id, true);
          const secrets = await rows.secrets(id);
          const left = secrets.signing.filter((key) => key.id !== keyId);
          if (left.length === secrets.signing.length) throw new RegistryError('NOT_FOUND', { id: keyId });
          if (left.length === 0) throw new RegistryError('INVALID_STATE', { id: keyId });
          await putSecrets(id, { ...secrets, signing: left });
          await gate.audit(agencyId, 'webhook.remove_key', 'webhook', id, { key: keyId }, null);
        });
      },
    },
    log: {
      async list(filter, page) {
        const where = new Where().equals('state', filter.state).equals('channel', filter.channel);
        return messages(gate.ownOnly(where, 'agency_id'), page);
      },
      async resend(id) {
        return db.transaction(async () => {
          const message = await rows.message(id);
          if (!message || !gate.readableAgency(message.agencyId)) throw new RegistryError('NOT_FOUND', { id });
          gate.mayWrite(message.agencyId, id, true);
          if (message.state !== 'dead') throw new RegistryError('INVALID_STATE', { id });
          const again: NotificationMessage = { ...message, state: 'waiting', attempts: 0, nextAt: clock() };
          await rows.updateMessage(again);
          await gate.audit(
            message.agencyId,
            'notification.resend',
            'notification',
            id,
            { state: 'dead' },
            { state: 'waiting' },
          );
          return again;
        });
      },
      async ofAlarm(id, limit) {
        return db.snapshot(async () => {
          const where = gate.readable(new Where().equals('a.id', id), ALARM_THROUGH_POINT);
          if (
            !(await db.get(`SELECT 1 FROM alarms a JOIN points p ON p.id = a.point_id ${where.sql}`, ...where.values))
          )
            throw new RegistryError('NOT_FOUND', { id });
          return (
            await db.all<MessageRow>(
              `SELECT m.number, m.body FROM notification_message_alarms n JOIN notification_messages m ON m.id = n.message_id
             WHERE n.alarm_id = ? ORDER BY m.number DESC LIMIT ?`,
              id,
              limit,
            )
          ).map(messageOf);
        });
      },
    },
  };
}
