import type { SharingGrant } from '../../../domain/access.ts';
import { readAccessOf } from '../../../domain/access.ts';
import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import type { Escalation } from '../../../domain/notifications/escalation.ts';
import type { NotificationGroup } from '../../../domain/notifications/grouping.ts';
import type { NotificationMessage, PushSubscription, ToldEvent } from '../../../domain/notifications/notification.ts';
import type { NotificationStore } from '../../../domain/ports/notifications.ts';
import type { OutboxMessage } from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context } from './access.ts';
import { eachInTurn } from './in-turn.ts';
import { messageOf, NotificationRows, policyOf, webhookOf } from './notification-rows.ts';
import { userOf } from './people.ts';

interface Body {
  readonly body: string;
}
const groupOf = ({ body }: Body): NotificationGroup => JSON.parse(body) as NotificationGroup;
const escalationOf = ({ body }: Body): Escalation => JSON.parse(body) as Escalation;
const list = (values: readonly string[]): string => JSON.stringify(values);

/** Being told, as the notifier deals with it. */
export function notificationStore({ db, clock }: Context): NotificationStore {
  const rows = new NotificationRows(db);

  const putGroup = async (group: NotificationGroup): Promise<void> => {
    await db.run(
      `INSERT INTO notification_groups VALUES (?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at,
         last_event_at = excluded.last_event_at, body = excluded.body`,
      group.id,
      group.recipient,
      group.dueAt,
      group.lastEventAt,
      JSON.stringify(group),
    );
  };
  const putEscalation = async (escalation: Escalation): Promise<void> => {
    const { policyId, alarmId, state } = escalation;
    await db.run(
      'INSERT INTO escalations VALUES (?,?,?,?) ON CONFLICT (policy_id, alarm_id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body',
      policyId,
      alarmId,
      state.kind === 'running' ? state.dueAt : null,
      JSON.stringify(escalation),
    );
  };
  const change = async (id: string, step: (message: NotificationMessage) => NotificationMessage): Promise<void> => {
    await db.transaction(async () => {
      const message = await rows.message(id);
      if (message) await rows.updateMessage(step(message));
    });
  };

  return {
    async undelivered(limit) {
      return (
        await db.all<Body>('SELECT body FROM outbox WHERE delivered_at IS NULL ORDER BY created_at, id LIMIT ?', limit)
      ).map(({ body }) => JSON.parse(body) as OutboxMessage);
    },
    async audience() {
      return db.snapshot(async () => {
        const push = new Map<UserId, PushSubscription[]>();
        for (const { body } of await db.all<Body>('SELECT body FROM push_subscriptions ORDER BY id')) {
          const subscription = JSON.parse(body) as PushSubscription;
          push.set(subscription.userId, [...(push.get(subscription.userId) ?? []), subscription]);
        }
        const people = await eachInTurn(
          await db.all<{ id: UserId; body: string; disabled_at: EpochMs | null; version: number }>(
            'SELECT id, body, disabled_at, version FROM users WHERE disabled_at IS NULL ORDER BY id',
          ),
          async (row) => ({
            user: await userOf(db, row),
            settings: await rows.settings(row.id),
            push: push.get(row.id) ?? [],
          }),
        );
        return {
          people,
          policies: (
            await db.all<{ version: number; body: string }>('SELECT version, body FROM escalation_policies ORDER BY id')
          ).map(policyOf),
          webhooks: (
            await db.all<{ version: number; body: string }>('SELECT version, body FROM webhooks ORDER BY id')
          ).map(webhookOf),
        };
      });
    },
    async accessOf(userId) {
      return db.snapshot(async () => {
        const row = await db.get<{ id: UserId; body: string; disabled_at: EpochMs | null; version: number }>(
          'SELECT id, body, disabled_at, version FROM users WHERE id = ? AND disabled_at IS NULL',
          userId,
        );
        if (!row) return null;
        const { roles } = await userOf(db, row);
        const own = roles.map((held) => held.agencyId);
        const grants = (
          await db.all<{ to_agency_id: AgencyId | null; body: string }>('SELECT to_agency_id, body FROM sharing_grants')
        )
          .filter((grant) => grant.to_agency_id === null || own.includes(grant.to_agency_id))
          .map((grant) => JSON.parse(grant.body) as SharingGrant)
          .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > clock());
        return readAccessOf(roles, grants);
      });
    },
    async groups(since) {
      return (
        await db.all<Body>('SELECT body FROM notification_groups WHERE due_at IS NOT NULL OR last_event_at >= ?', since)
      ).map(groupOf);
    },
    async escalations(alarms) {
      return (
        await db.all<Body>(`SELECT body FROM escalations WHERE alarm_id IN ${db.dialect.texts}`, list(alarms))
      ).map(escalationOf);
    },
    async plan({ outbox, groups, events, escalations, at }) {
      await db.transaction(async () => {
        for (const group of groups) await putGroup(group);
        await db.runEach(
          'INSERT INTO notification_events VALUES (?,?,?,?,NULL,?) ON CONFLICT DO NOTHING',
          events.map((event) => [event.recipient, event.id, event.groupId, event.at, JSON.stringify(event)]),
        );
        for (const escalation of escalations) await putEscalation(escalation);
        await db.run(`UPDATE outbox SET delivered_at = ? WHERE id IN ${db.dialect.texts}`, at, JSON.stringify(outbox));
      });
    },
    async dueEscalations(at, limit) {
      return (
        await db.all<Body>('SELECT body FROM escalations WHERE due_at <= ? ORDER BY due_at LIMIT ?', at, limit)
      ).map(escalationOf);
    },
    async dueGroups(at, limit) {
      return (
        await db.all<Body>('SELECT body FROM notification_groups WHERE due_at <= ? ORDER BY due_at LIMIT ?', at, limit)
      ).map(groupOf);
    },
    async waitingEvents(groups) {
      return (
        await db.all<Body>(
          `SELECT body FROM notification_events WHERE settled_at IS NULL AND group_id IN ${db.dialect.texts} ORDER BY at, id`,
          list(groups),
        )
      ).map(({ body }) => JSON.parse(body) as ToldEvent);
    },
    async toldSince(recipient, from) {
      return (
        await db.all<{ at: EpochMs }>(
          'SELECT MIN(created_at) AS at FROM notification_messages WHERE recipient = ? AND created_at > ? GROUP BY telling_id ORDER BY at',
          recipient,
          from,
        )
      ).map(({ at }) => at);
    },
    async compose({ groups, settled, messages, at }) {
      await db.transaction(async () => {
        for (const group of groups) await putGroup(group);
        await db.runEach(
          'UPDATE notification_events SET settled_at = ? WHERE recipient = ? AND id = ?',
          settled.map(({ recipient, id }) => [at, recipient, id]),
        );
        for (const draft of messages)
          await rows.insertMessage({
            ...draft,
            state: 'waiting',
            attempts: 0,
            nextAt: at,
            lastAttemptAt: null,
            acceptedAt: null,
            answer: null,
            maybeTwice: false,
          });
      });
    },
    async recover(at) {
      return db.transaction(async () => {
        const broken = (await db.all<Body>("SELECT body FROM notification_messages WHERE state = 'sending'")).map(
          messageOf,
        );
        for (const message of broken)
          await rows.updateMessage({ ...message, state: 'waiting', nextAt: at, maybeTwice: true });
        return broken.length;
      });
    },
    async dueMessages(at, limit) {
      return (
        await db.all<Body>(
          "SELECT body FROM notification_messages WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, number LIMIT ?",
          at,
          limit,
        )
      ).map(messageOf);
    },
    async sending(id, at) {
      return db.transaction(async () => {
        await change(id, (message) => ({
          ...message,
          state: 'sending',
          attempts: message.attempts + 1,
          lastAttemptAt: at,
          nextAt: null,
        }));
      });
    },
    async sent(id, outcome, nextAt, at) {
      return db.transaction(async () => {
        const accepted = outcome.kind === 'accepted';
        await change(id, (message) => ({
          ...message,
          state: accepted ? 'accepted' : nextAt === null ? 'dead' : 'waiting',
          nextAt: accepted ? null : nextAt,
          acceptedAt: accepted ? at : null,
          answer: outcome.answer,
        }));
      });
    },
    async counts() {
      return db.snapshot(async () => {
        const { waiting, dead } = (await db.get<{ waiting: number; dead: number }>(
          "SELECT COUNT(*) FILTER (WHERE state IN ('waiting','sending')) AS waiting, COUNT(*) FILTER (WHERE state = 'dead') AS dead FROM notification_messages WHERE state <> 'accepted'",
        ))!;
        const { n: outbox } = (await db.get<{ n: number }>(
          'SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NULL',
        ))!;
        const { n: events } = (await db.get<{ n: number }>(
          'SELECT COUNT(*) AS n FROM notification_events WHERE settled_at IS NULL',
        ))!;
        return { waiting, dead, outbox, events };
      });
    },
    async pushSubscription(id) {
      const row = await db.get<Body>('SELECT body FROM push_subscriptions WHERE id = ?', id);
      return row && (JSON.parse(row.body) as PushSubscription);
    },
    async forgetPushSubscription(id) {
      await db.run('DELETE FROM push_subscriptions WHERE id = ?', id);
    },
    async webhook(id) {
      return db.snapshot(async () => {
        const row = await db.get<{ version: number; body: string }>(
          'SELECT version, body FROM webhooks WHERE id = ?',
          id,
        );
        return row && { webhook: webhookOf(row), secrets: await rows.secrets(id) };
      });
    },
    async record(draft, outcome, at) {
      const accepted = outcome.kind === 'accepted';
      await db.transaction(async () => {
        await rows.insertMessage({
          ...draft,
          state: accepted ? 'accepted' : 'dead',
          attempts: 1,
          nextAt: null,
          lastAttemptAt: at,
          acceptedAt: accepted ? at : null,
          answer: outcome.answer,
          maybeTwice: false,
        });
      });
    },
    async forget(before, groupsBefore) {
      return db.transaction(async () => {
        await db.run(
          "DELETE FROM notification_message_alarms WHERE message_id IN (SELECT id FROM notification_messages WHERE created_at < ? AND state IN ('accepted','dead'))",
          before,
        );
        const { changes } = await db.run(
          "DELETE FROM notification_messages WHERE created_at < ? AND state IN ('accepted','dead')",
          before,
        );
        await db.run('DELETE FROM notification_events WHERE settled_at IS NOT NULL AND at < ?', before);
        await db.run('DELETE FROM notification_groups WHERE due_at IS NULL AND last_event_at < ?', groupsBefore);
        await db.run('DELETE FROM outbox WHERE delivered_at < ?', before);
        return changes;
      });
    },
  };
}
