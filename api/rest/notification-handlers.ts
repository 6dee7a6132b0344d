import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { WebhookTemplate } from '../../config/notification-templates/template.ts';
import { fillUrl } from '../../config/notification-templates/template.ts';
import { WEBHOOK_TEMPLATES } from '../../config/notification-templates/templates.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { type EscalationPolicy, type PolicyId, policyProblem } from '../../domain/notifications/escalation.ts';
import {
  type MessageChannel,
  type MessageId,
  type PersonalNotifications,
  type PushSubscriptionId,
  type Recipient,
  recipientKey,
  type Webhook,
  type WebhookId,
  type WebhookSecrets,
} from '../../domain/notifications/notification.ts';
import { testMessage } from '../../domain/notifications/notification-text.ts';
import type { SendOutcome } from '../../domain/notifications/retry.ts';
import type { MessageDraft, NotificationView, OutgoingMessage } from '../../domain/ports/notifications.ts';
import { RegistryError } from '../../domain/ports/registry.ts';
import { hours } from '../../domain/time.ts';
import type { Caller } from '../auth/caller.ts';
import { pay } from '../auth/rate.ts';
import type { EscalationPolicyWire, PersonalNotificationsWire } from '../contract/notifications.ts';
import type { NOTIFICATION_ROUTES } from '../contract/routes-notifications.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';
import { messageWire, webhookWire } from './notification-wire.ts';

type Wished = Pick<
  PersonalNotifications,
  'email' | 'timeZone' | 'subscriptions' | 'quietHours' | 'grouping' | 'tellsCleared' | 'version'
>;

export function notificationHandlers(ports: HandlerPorts): Handlers<keyof typeof NOTIFICATION_ROUTES> {
  const { registry, notifications: sender, clock, newId, randomBytes, settings } = ports;
  const { limits } = settings;
  const tests = new RateLimiterMemory({
    keyPrefix: 'notification-test',
    points: limits.notificationTests,
    duration: limits.notificationTestWindow / 1000,
  });

  const mineWire = async (view: NotificationView, mine: PersonalNotifications): Promise<PersonalNotificationsWire> => ({
    email: mine.email,
    timeZone: mine.timeZone,
    subscriptions: mine.subscriptions as PersonalNotificationsWire['subscriptions'],
    quietHours: mine.quietHours as PersonalNotificationsWire['quietHours'],
    grouping: mine.grouping,
    tellsCleared: mine.tellsCleared,
    version: mine.version,
    browsers: (await view.mine.pushSubscriptions()).map(({ id, label, createdAt }) => ({ id, label, createdAt })),
    hasMail: sender.hasMail,
    vapidPublicKey: sender.vapidPublicKey,
    siteTimeZone: settings.timeZone,
  });

  /** Sends a test at once and puts it on record. */
  const test = async (
    to: {
      readonly recipient: Recipient;
      readonly channel: MessageChannel;
      readonly address: string;
      readonly agencyId: MessageDraft['agencyId'];
    },
    by: { readonly userId: UserId; readonly name: string; readonly language: Language; readonly origin: string },
    send: (message: OutgoingMessage) => Promise<SendOutcome>,
  ) => {
    await pay(tests, by.userId);
    const id = newId() as MessageId;
    const createdAt = clock();
    const listLink = `${settings.publicUrl ?? by.origin}/notifications`;
    const content = testMessage(by.name, { language: by.language, listLink });
    const outcome = await send({ id, thread: id, isUpdate: false, createdAt, content, usefulFor: hours(1) });
    const draft: MessageDraft = {
      id,
      recipient: recipientKey(to.recipient),
      tellingId: id,
      agencyId: to.agencyId,
      channel: to.channel,
      address: to.address,
      kind: 'test',
      groupId: null,
      content,
      alarmIds: [],
      createdAt,
    };
    await registry.notifications.record(draft, outcome, clock());
    return { outcome: outcome.kind, answer: outcome.answer };
  };

  const newSigningKey = (): WebhookSecrets['signing'][number] => ({
    id: newId(),
    secret: `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`,
    createdAt: clock(),
  });
  const requirePolicy = (policy: Pick<EscalationPolicy, 'steps' | 'repeat'>, language: Language): void => {
    const problem = policyProblem(policy);
    if (problem !== null)
      throw inputRefused(problem === 'REPEAT' ? 'repeat' : 'steps', `refusal.policy_${problem}`, language);
  };

  return {
    async 'GET /notifications/mine'({ view, caller }) {
      signedIn(caller);
      return mineWire(view.notifications, await view.notifications.mine.get());
    },
    async 'PUT /notifications/mine'({ view, caller, body }) {
      const { user } = signedIn(caller);
      const wished: Wished = body;
      return mineWire(view.notifications, await view.notifications.mine.set({ ...wished, userId: user.id }));
    },
    async 'POST /notifications/mine/browsers'({ view, caller, body }) {
      signedIn(caller);
      const { id, label, createdAt } = await view.notifications.mine.addPushSubscription(
        {
          id: newId() as PushSubscriptionId,
          endpoint: body.endpoint,
          p256dh: body.keys.p256dh.replace(/=+$/, ''),
          auth: body.keys.auth.replace(/=+$/, ''),
          label: body.label,
        },
        limits.browsersPerPerson,
      );
      return { id, label, createdAt };
    },
    async 'DELETE /notifications/mine/browsers/{browserId}'({ view, caller, params }) {
      signedIn(caller);
      await view.notifications.mine.removePushSubscription(params.browserId);
    },
    async 'POST /notifications/mine/test'({ view, caller, body, language, connection }) {
      const { user } = signedIn(caller);
      const { mine } = view.notifications;
      const recipient: Recipient = { kind: 'person', userId: user.id };
      const by = { userId: user.id, name: user.displayName, language, origin: connection.origin };
      if (body.channel === 'email') {
        const { email } = await mine.get();
        if (email === null) throw inputRefused('channel', 'refusal.noEmail', language);
        const to = { recipient, channel: 'email', address: email, agencyId: null } as const;
        return test(to, by, (message) => sender.email(email, message));
      }
      const { browserId } = body;
      const browser = (await mine.pushSubscriptions()).find(({ id }) => id === browserId);
      if (!browser) throw new RegistryError('NOT_FOUND', { id: browserId });
      const to = { recipient, channel: 'web_push', address: browser.id, agencyId: null } as const;
      const result = await test(to, by, (message) => sender.push(browser, message));
      if (result.outcome === 'gone') await mine.removePushSubscription(browser.id);
      return result;
    },
    async 'GET /notifications/mine/messages'({ view, caller, query }) {
      signedIn(caller);
      const { items, next } = await view.notifications.mine.messages(pageOf(query));
      const audience = await registry.notifications.audience();
      return { items: items.map((message) => messageWire(message, audience, true)), next };
    },

    async 'GET /notifications/templates'() {
      return {
        items: [...WEBHOOK_TEMPLATES.values()].map(({ key, name, help, signed, fields }) => ({
          key,
          name,
          help,
          signed,
          fields,
        })),
      };
    },
    async 'GET /notifications/messages'({ view, query }) {
      const filter = { ...given('state', query.state), ...given('channel', query.channel) };
      const { items, next } = await view.notifications.log.list(filter, pageOf(query));
      const audience = await registry.notifications.audience();
      return { items: items.map((message) => messageWire(message, audience, false)), next };
    },
    async 'POST /notifications/messages/{messageId}/resend'({ view, params }) {
      const message = await view.notifications.log.resend(params.messageId);
      return messageWire(message, await registry.notifications.audience(), false);
    },
    async 'GET /alarms/{alarmId}/notifications'({ view, params }) {
      const messages = await view.notifications.log.ofAlarm(params.alarmId, limits.messagesPerAlarmListed);
      const audience = await registry.notifications.audience();
      return { items: messages.map((message) => messageWire(message, audience, false)) };
    },

    async 'GET /escalation-policies'({ view }) {
      return { items: (await view.notifications.policies.list()) as readonly EscalationPolicyWire[] };
    },
    async 'POST /escalation-policies'({ view, body, language }) {
      requirePolicy(body, language);
      return (await view.notifications.policies.create({
        ...body,
        id: newId() as PolicyId,
      })) as EscalationPolicyWire;
    },
    async 'PUT /escalation-policies/{policyId}'({ view, params, body, version, language }) {
      requirePolicy(body, language);
      const { agencyId } = await view.notifications.policies.get(params.policyId);
      return (await view.notifications.policies.update({
        ...body,
        id: params.policyId,
        agencyId,
        version,
      })) as EscalationPolicyWire;
    },
    async 'DELETE /escalation-policies/{policyId}'({ view, params }) {
      await view.notifications.policies.remove(params.policyId);
    },

    async 'GET /webhooks'({ view }) {
      const webhooks = await view.notifications.webhooks.list();
      return { items: await Promise.all(webhooks.map((one) => webhookWire(one, view.notifications))) };
    },
    async 'POST /webhooks'({ view, body, language }) {
      const template = WEBHOOK_TEMPLATES.get(body.template);
      if (!template) throw inputRefused('template', 'refusal.templateUnknown', language);
      const { open, secret } = split(template, body.fields, language, true);
      const key = template.signed ? newSigningKey() : null;
      const webhook = await view.notifications.webhooks.create(
        { ...body, id: newId() as WebhookId, fields: open },
        { signing: key === null ? [] : [key], fields: secret },
      );
      return { webhook: await webhookWire(webhook, view.notifications), secret: key?.secret ?? null };
    },
    async 'PUT /webhooks/{webhookId}'({ view, params, body, version, language }) {
      const before = await view.notifications.webhooks.get(params.webhookId);
      const template = WEBHOOK_TEMPLATES.get(before.template);
      if (!template) throw inputRefused('template', 'refusal.templateUnknown', language);
      const { open, secret } = split(template, body.fields, language, false);
      const next: Webhook = { ...before, ...body, fields: open, version };
      return webhookWire(await view.notifications.webhooks.update(next, secret), view.notifications);
    },
    async 'DELETE /webhooks/{webhookId}'({ view, params }) {
      await view.notifications.webhooks.remove(params.webhookId);
    },
    async 'POST /webhooks/{webhookId}/test'({ view, params, caller, connection }) {
      const { id, agencyId, language } = await view.notifications.webhooks.get(params.webhookId);
      const { user } = signedIn(caller);
      const target = await registry.notifications.webhook(id);
      if (!target) throw new RegistryError('NOT_FOUND', { id });
      return test(
        { recipient: { kind: 'webhook', webhookId: id }, channel: 'webhook', address: id, agencyId },
        { userId: user.id, name: user.displayName, language, origin: connection.origin },
        (message) => sender.webhook(target.webhook, target.secrets, message),
      );
    },
    async 'POST /webhooks/{webhookId}/keys'({ view, params }) {
      const key = newSigningKey();
      await view.notifications.webhooks.addSigningKey(params.webhookId, key, limits.signingKeysPerWebhook);
      return { id: key.id, secret: key.secret };
    },
    async 'DELETE /webhooks/{webhookId}/keys/{keyId}'({ view, params }) {
      await view.notifications.webhooks.removeSigningKey(params.webhookId, params.keyId);
    },
  };
}

/** Only people themselves say how they want to be told: a key is no person. */
function signedIn(caller: Caller) {
  if (caller.kind !== 'person' || caller.by.kind !== 'session')
    throw new ApiError('NOT_PERMITTED', { permission: 'session' });
  return caller.by;
}

/** Parts a template's fields into those that may be shown and those that may not. `all`: none may be missing. */
function split(
  template: WebhookTemplate,
  fields: Readonly<Record<string, string>>,
  language: Language,
  all: boolean,
): { readonly open: Record<string, string>; readonly secret: Record<string, string> } {
  const open: Record<string, string> = {};
  const secret: Record<string, string> = {};
  for (const key of Object.keys(fields))
    if (!template.fields.some((field) => field.key === key))
      throw inputRefused(`fields.${key}`, 'refusal.fieldUnknown', language);
  for (const field of template.fields) {
    const value = fields[field.key];
    if (value === undefined) {
      if (all || !field.secret) throw inputRefused(`fields.${field.key}`, 'refusal.fieldNeeded', language);
    } else (field.secret ? secret : open)[field.key] = value;
  }
  if (fields['url'] !== undefined) {
    const url = URL.parse(fillUrl(template, fields));
    // Whether it may be reached is asked when it is: what a name leads to can change at any time.
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw inputRefused('fields.url', 'refusal.urlInvalid', language);
  }
  return { open, secret };
}
