import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, AlarmId, UserId } from '../../domain/identifiers.ts';
import type { Escalation, EscalationPolicy, PolicyId } from '../../domain/notifications/escalation.ts';
import type { NotificationGroup } from '../../domain/notifications/grouping.ts';
import {
  type GroupId,
  type MessageId,
  type PushSubscriptionId,
  recipientKey,
  type ToldEvent,
  type Webhook,
  type WebhookId,
  withoutNotifications,
} from '../../domain/notifications/notification.ts';
import type { MessageDraft } from '../../domain/ports/notifications.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const HA = 'ha' as UserId;
const TO_HA = recipientKey({ kind: 'person', userId: HA });
const person = (id: UserId, agency: AgencyId): Actor => ({
  kind: 'person',
  userId: id,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'environment' }],
});
const POLICY: Omit<EscalationPolicy, 'version'> = {
  id: 'p-1' as PolicyId,
  agencyId: ENV,
  name: 'Ca trực',
  enabled: true,
  interest: {},
  steps: [{ after: minutes(0), roles: ['operator'], people: [], webhooks: [], channels: ['email'] }],
  repeat: null,
  stopsOn: 'acknowledged',
  passesQuietHours: false,
};
const WEBHOOK: Omit<Webhook, 'version'> = {
  id: 'w-1' as WebhookId,
  agencyId: ENV,
  name: 'Phòng trực',
  enabled: true,
  template: 'hai-dang',
  fields: { url: 'https://hook.example' },
  interest: {},
  grouping: 'domain',
  language: 'vi',
  tellsCleared: true,
  messagesPerHour: 100,
};
const key = (id: string) => ({ id, secret: `whsec_${id}`, createdAt: epochMs(1) });
const aGroup = (given: Partial<NotificationGroup> = {}): NotificationGroup => ({
  id: 'g-1' as GroupId,
  recipient: TO_HA,
  key: 'domain:env:environment',
  openedAt: epochMs(100),
  lastEventAt: epochMs(100),
  tellings: 0,
  lastToldAt: null,
  worstTold: null,
  dueAt: epochMs(200),
  heldFor: null,
  ...given,
});
const anEvent = (id: string, given: Partial<ToldEvent> = {}): ToldEvent => ({
  id,
  recipient: TO_HA,
  groupId: 'g-1' as GroupId,
  alarmId: 'alarm-1' as AlarmId,
  kind: 'raised',
  severity: 'major',
  at: epochMs(100),
  channels: ['email'],
  passesQuietHours: false,
  ...given,
});
const aDraft = (id: string, given: Partial<MessageDraft> = {}): MessageDraft => ({
  id: id as MessageId,
  recipient: TO_HA,
  tellingId: 't-1',
  agencyId: ENV,
  channel: 'email',
  address: 'ha@env.example',
  kind: 'alarms',
  groupId: 'g-1' as GroupId,
  content: { title: 't', text: 'x', severity: 'major', link: '/' },
  alarmIds: [],
  createdAt: epochMs(200),
  ...given,
});

/** What every registry promises of telling people. */
export function describeNotifications(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps whom to tell, and what became of it`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(SYSTEM, city());
      for (const [id, agencyId] of [
        [HA, ENV],
        ['minh' as UserId, POWER],
      ] as const)
        await registry
          .as(SYSTEM)
          .users.create(
            { id, loginName: id, displayName: id, language: 'vi', roles: [{ agencyId, role: 'environment' }] },
            null,
          );
    });
    afterEach(() => registry.close());
    const ha = () => registry.as(person(HA, ENV)).notifications;
    const stranger = () => registry.as(person('minh' as UserId, POWER)).notifications;
    const compose = (...messages: MessageDraft[]) =>
      registry.notifications.compose({ groups: [], settled: [], messages, at: epochMs(200) });

    it('tells who has wished for nothing nothing, and keeps wishes by their version', async () => {
      expect(await ha().mine.get()).toEqual(withoutNotifications(HA));
      const first = await ha().mine.set({ ...withoutNotifications(HA), email: 'ha@env.example' });
      expect(first.version).toBe(1);
      await expect(ha().mine.set(withoutNotifications(HA))).rejects.toMatchObject({ code: 'CONFLICT' });
      await registry.close();
      registry = await open();
      expect(await ha().mine.get()).toEqual(first);
    });

    it('lets nobody set another’s wishes, whatever they write into them', async () => {
      await stranger().mine.set({ ...withoutNotifications(HA), email: 'minh@power.example' });
      expect((await ha().mine.get()).email).toBeNull();
    });

    it('knows a browser by its endpoint: who signs in on it next gets it, and nobody can take another’s away', async () => {
      const browser = { endpoint: 'https://push.example/1', p256dh: 'k', auth: 'a', label: 'Máy' };
      await ha().mine.addPushSubscription({ ...browser, id: 'b-1' as PushSubscriptionId }, 2);
      await expect(stranger().mine.removePushSubscription('b-1' as PushSubscriptionId)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await stranger().mine.addPushSubscription({ ...browser, id: 'b-2' as PushSubscriptionId }, 2);
      expect(await ha().mine.pushSubscriptions()).toEqual([]);
      expect(await stranger().mine.pushSubscriptions()).toMatchObject([{ id: 'b-2', label: 'Máy' }]);
    });

    it('bounds the browsers of a person', async () => {
      const add = (n: number) =>
        ha().mine.addPushSubscription(
          { id: `b-${n}` as PushSubscriptionId, endpoint: `https://p.example/${n}`, p256dh: '', auth: '', label: '' },
          1,
        );
      await add(1);
      await expect(add(2)).rejects.toMatchObject({ code: 'NOTIFICATION_LIMIT' });
    });

    it('shows policies and webhooks to their agency alone', async () => {
      await ha().policies.create(POLICY);
      await ha().webhooks.create(WEBHOOK, { signing: [key('k1')], fields: {} });
      expect(await ha().policies.list()).toMatchObject([{ id: 'p-1', version: 1 }]);
      expect(await stranger().policies.list()).toEqual([]);
      expect(await stranger().webhooks.list()).toEqual([]);
      await expect(stranger().policies.get(POLICY.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stranger().webhooks.remove(WEBHOOK.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stranger().policies.create({ ...POLICY, id: 'p-2' as PolicyId })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('refuses edits of what has changed since', async () => {
      const made = await ha().policies.create(POLICY);
      await ha().policies.update({ ...made, name: 'Khác' });
      await expect(ha().policies.update(made)).rejects.toMatchObject({ code: 'CONFLICT' });
      const webhook = await ha().webhooks.create(WEBHOOK, { signing: [key('k1')], fields: {} });
      await ha().webhooks.update({ ...webhook, enabled: false }, {});
      await expect(ha().webhooks.update(webhook, {})).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('changes signing secrets over one after the other, never to none, and shows none of them', async () => {
      await ha().webhooks.create(WEBHOOK, { signing: [key('k1')], fields: { token: 'open sesame' } });
      await ha().webhooks.addSigningKey(WEBHOOK.id, key('k2'), 2);
      await expect(ha().webhooks.addSigningKey(WEBHOOK.id, key('k3'), 2)).rejects.toMatchObject({
        code: 'NOTIFICATION_LIMIT',
      });
      await ha().webhooks.removeSigningKey(WEBHOOK.id, 'k1');
      await expect(ha().webhooks.removeSigningKey(WEBHOOK.id, 'k2')).rejects.toMatchObject({ code: 'INVALID_STATE' });
      expect(await ha().webhooks.signingKeys(WEBHOOK.id)).toEqual([{ id: 'k2', createdAt: 1 }]);
      const audit = await registry.as(SYSTEM).audit.list({ targetKind: 'webhook' }, { limit: 100 });
      expect(audit.items.map(({ action }) => action)).toEqual(
        expect.arrayContaining(['webhook.create', 'webhook.add_key', 'webhook.remove_key']),
      );
      expect(JSON.stringify([audit, await ha().webhooks.list()])).not.toMatch(/whsec_|sesame/);
    });

    it('plans a message’s events once, however often it is planned, and all of it or nothing', async () => {
      const escalation: Escalation = {
        policyId: POLICY.id,
        alarmId: 'alarm-1' as AlarmId,
        agencyId: ENV,
        startedAt: epochMs(100),
        round: 1,
        state: { kind: 'running', next: 0, dueAt: epochMs(150) },
      };
      const step = {
        outbox: [],
        groups: [aGroup()],
        events: [anEvent('e-1'), anEvent('e-2')],
        escalations: [escalation],
        at: epochMs(100),
      };
      await registry.notifications.plan(step);
      await registry.notifications.plan(step);
      expect(await registry.notifications.waitingEvents(['g-1' as GroupId])).toEqual(step.events);
      expect(await registry.notifications.dueEscalations(epochMs(149), 10)).toEqual([]);
      expect(await registry.notifications.dueEscalations(epochMs(150), 10)).toEqual([escalation]);
      const broken = { ...step, events: [anEvent('e-3'), undefined as unknown as ToldEvent] };
      await expect(registry.notifications.plan(broken)).rejects.toThrow();
      expect(await registry.notifications.waitingEvents(['g-1' as GroupId])).toHaveLength(2);
    });

    it('gives groups when they are due, and forgets events once they are in a message', async () => {
      await registry.notifications.plan({
        outbox: [],
        groups: [aGroup()],
        events: [anEvent('e-1')],
        escalations: [],
        at: epochMs(100),
      });
      expect(await registry.notifications.dueGroups(epochMs(199), 10)).toEqual([]);
      expect(await registry.notifications.dueGroups(epochMs(200), 10)).toEqual([aGroup()]);
      await registry.notifications.compose({
        groups: [aGroup({ dueAt: null, tellings: 1 })],
        settled: [anEvent('e-1')],
        messages: [aDraft('m-1'), aDraft('m-2', { channel: 'web_push', address: 'b-1' })],
        at: epochMs(200),
      });
      expect(await registry.notifications.dueGroups(epochMs(9_999), 10)).toEqual([]);
      expect(await registry.notifications.waitingEvents(['g-1' as GroupId])).toEqual([]);
      // Mail and phone of one telling count once.
      expect(await registry.notifications.toldSince(TO_HA, epochMs(0))).toEqual([200]);
      expect(await registry.notifications.toldSince(TO_HA, epochMs(200))).toEqual([]);
    });

    it('knows after a kill which sendings had begun, and marks them', async () => {
      await compose(aDraft('m-1'), aDraft('m-2'));
      await registry.notifications.sending('m-1' as MessageId, epochMs(300));
      expect((await registry.notifications.dueMessages(epochMs(300), 10)).map(({ id }) => id)).toEqual(['m-2']);
      await registry.close();
      registry = await open();
      expect(await registry.notifications.recover(epochMs(400))).toBe(1);
      const due = await registry.notifications.dueMessages(epochMs(400), 10);
      expect(due).toMatchObject([
        { id: 'm-2', attempts: 0, maybeTwice: false },
        { id: 'm-1', attempts: 1, maybeTwice: true },
      ]);
    });

    it('keeps what became of a message: tried again later, accepted, or given up and sent again by hand', async () => {
      await compose(aDraft('m-1'));
      const { notifications } = registry;
      const id = 'm-1' as MessageId;
      await notifications.sending(id, epochMs(300));
      await notifications.sent(id, { kind: 'failed', answer: 'HTTP 500' }, epochMs(900), epochMs(301));
      expect(await notifications.dueMessages(epochMs(899), 10)).toEqual([]);
      await notifications.sending(id, epochMs(900));
      await notifications.sent(id, { kind: 'refused', answer: 'HTTP 404' }, null, epochMs(901));
      expect((await ha().log.list({ state: 'dead' }, { limit: 10 })).items).toMatchObject([
        { id, attempts: 2, answer: 'HTTP 404' },
      ]);
      expect(await notifications.counts()).toMatchObject({ waiting: 0, dead: 1 });
      await expect(stranger().log.resend(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await ha().log.resend(id)).toMatchObject({ id, state: 'waiting', attempts: 0 });
      await expect(ha().log.resend(id)).rejects.toMatchObject({ code: 'INVALID_STATE' });
      await notifications.sending(id, epochMs(1_000));
      await notifications.sent(id, { kind: 'accepted', answer: '250 ok' }, null, epochMs(1_001));
      expect((await ha().mine.messages({ limit: 10 })).items).toMatchObject([
        { id, state: 'accepted', acceptedAt: 1_001, answer: '250 ok' },
      ]);
      expect((await stranger().log.list({}, { limit: 10 })).items).toEqual([]);
      expect((await stranger().mine.messages({ limit: 10 })).items).toEqual([]);
    });

    it('forgets what is settled and old, and nothing that waits', async () => {
      await compose(aDraft('old'), aDraft('waiting'), aDraft('young', { createdAt: epochMs(5_000) }));
      for (const id of ['old', 'young'] as MessageId[])
        await registry.notifications.sent(id, { kind: 'accepted', answer: 'ok' }, null, epochMs(300));
      expect(await registry.notifications.forget(epochMs(1_000), epochMs(1_000))).toBe(1);
      expect((await ha().log.list({}, { limit: 10 })).items.map(({ id }) => id)).toEqual(['young', 'waiting']);
    });

    it('says what a person may see as it is at that moment', async () => {
      expect(await registry.notifications.accessOf(HA)).toMatchObject({ readAgencies: ['env'] });
      const user = await registry.as(SYSTEM).users.get(HA);
      const moved = await registry.as(SYSTEM).users.update({ ...user, roles: [{ agencyId: POWER, role: 'viewer' }] });
      expect(await registry.notifications.accessOf(HA)).toMatchObject({ readAgencies: ['power'] });
      await registry.as(SYSTEM).users.update({ ...moved, disabledAt: epochMs(1) });
      expect(await registry.notifications.accessOf(HA)).toBeNull();
      expect((await registry.notifications.audience()).people.map(({ user: { id } }) => id)).toEqual(['minh']);
    });
  });
}
