import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { SubscriptionId } from '../../domain/notifications/notification.ts';
import type { DurationMs } from '../../domain/time.ts';
import { type Outside, openOutside } from '../notifications/outside.ts';
import { aBrowser } from '../notifications/push-service.ts';
import { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let officer: ApiClient;
let neighbour: ApiClient;
let operator: ApiClient;
let outside: Outside;
beforeAll(async () => {
  running = await runApi({ limits: { notificationTests: 3 } });
  officer = await running.as('environment');
  neighbour = await running.as('environment', POWER);
  operator = await running.as('operator');
  outside = await openOutside();
});
afterAll(async () => {
  await outside.close();
  await running.close();
});

const STEP = {
  after: 0 as DurationMs,
  roles: ['operator' as const],
  people: [],
  webhooks: [],
  channels: ['email' as const],
};
const policy = (given: object = {}) => ({
  agencyId: ENVIRONMENT,
  name: 'Ca trực',
  enabled: true,
  interest: {},
  steps: [STEP],
  repeat: null,
  stopsOn: 'acknowledged' as const,
  passesQuietHours: false,
  ...given,
});
const webhook = (given: object = {}) => ({
  agencyId: ENVIRONMENT,
  template: 'telegram',
  name: 'Nhóm trực',
  enabled: true,
  fields: { token: '123:very-secret', chat: '-100' },
  interest: {},
  grouping: 'domain' as const,
  language: 'vi' as const,
  tellsCleared: true,
  messagesPerHour: 100,
  ...given,
});
const wishes = (given: object = {}) => ({
  email: null,
  timeZone: null,
  subscriptions: [],
  quietHours: null,
  grouping: 'domain' as const,
  tellsCleared: true,
  version: 0,
  ...given,
});

describe('policies and webhooks', () => {
  it('are not there for another agency, and can’t be made in its name', async () => {
    const { body: made } = await officer.call('POST /escalation-policies', { body: policy() });
    const { body: hook } = await officer.call('POST /webhooks', { body: webhook() });
    const params = { policyId: made.id, webhookId: hook.webhook.id };
    expect((await neighbour.call('GET /escalation-policies')).body.items).toEqual([]);
    expect((await neighbour.call('GET /webhooks')).body.items).toEqual([]);
    for (const [key, input] of [
      ['DELETE /escalation-policies/{policyId}', {}],
      ['PUT /escalation-policies/{policyId}', { version: 1, rawBody: (({ agencyId: _, ...rest }) => rest)(policy()) }],
      ['DELETE /webhooks/{webhookId}', {}],
      ['POST /webhooks/{webhookId}/test', {}],
      ['POST /webhooks/{webhookId}/keys', {}],
      ['POST /escalation-policies', { rawBody: policy() }],
      ['POST /webhooks', { rawBody: webhook() }],
    ] as const)
      expect((await neighbour.call(key, { params, ...input })).status, key).toBe(404);
  });

  it('never show a secret again, nor leave one in the audit', async () => {
    const listed = await officer.call('GET /webhooks');
    const audit = await (await running.as('agency_admin')).call('GET /audit', { query: { limit: 1000 } });
    expect(audit.text).toContain('webhook.create');
    expect(listed.text + audit.text).not.toMatch(/very-secret|whsec_/);
  });

  it('keep the secret fields of an edit that leaves them out', async () => {
    const [hook] = (await officer.call('GET /webhooks')).body.items;
    const { agencyId: _, template: __, ...parts } = webhook({ fields: { chat: '-200' } });
    const edited = await officer.call('PUT /webhooks/{webhookId}', {
      params: { webhookId: hook!.id },
      version: hook!.version,
      body: parts,
    });
    expect(edited.body.fields).toEqual({ chat: '-200' });
    const kept = await running.registry.notifications.webhook(hook!.id);
    expect(kept?.secrets.fields).toEqual({ token: '123:very-secret' });
  });

  it.each([
    ['POST /webhooks', webhook({ template: 'pigeon' }), 'template'],
    ['POST /webhooks', webhook({ fields: { chat: '-1' } }), 'fields.token'],
    ['POST /webhooks', webhook({ fields: { token: 'x', chat: '-1', more: 'y' } }), 'fields.more'],
    ['POST /webhooks', webhook({ template: 'hai-dang', fields: { url: 'ftp://x' } }), 'fields.url'],
    ['POST /escalation-policies', policy({ steps: [{ ...STEP, roles: [] }] }), 'steps'],
    ['POST /escalation-policies', policy({ repeat: { every: 1_000, times: 2 } }), 'repeat'],
  ] as const)('are refused with the place that is wrong: %s %#', async (key, rawBody, path) => {
    const refused = await officer.call(key, { rawBody });
    expect(refused.code).toBe('INPUT_INVALID');
    expect((refused.body as unknown as { errors: { path: string }[] }).errors).toMatchObject([{ path }]);
  });
});

describe('one’s own wishes', () => {
  it('are refused when they can’t be', async () => {
    for (const body of [
      wishes({ email: 'no address' }),
      wishes({ timeZone: 'Mars/Olympus' }),
      wishes({ quietHours: { from: 60, to: 60, weekdays: [1], criticalPasses: true } }),
    ])
      expect((await operator.call('PUT /notifications/mine', { rawBody: body })).code).toBe('INPUT_INVALID');
  });

  it('are not another’s to see, whoever asks', async () => {
    const channels = { critical: ['email'], major: [], minor: [], notice: [] };
    const body = wishes({
      email: 'truc@hd.example',
      subscriptions: [{ id: 's' as SubscriptionId, interest: {}, channels }],
    });
    expect((await operator.call('PUT /notifications/mine', { rawBody: body })).status).toBe(200);
    expect((await officer.call('GET /notifications/mine')).body.email).toBeNull();
    expect((await operator.call('PUT /notifications/mine', { rawBody: body })).code).toBe('VERSION_STALE');
  });

  it('are no matter of an API key', async () => {
    const admin = await running.as('agency_admin');
    const { body } = await admin.call('POST /api-keys', {
      body: { agencyId: ENVIRONMENT, name: 'k', roles: [{ agencyId: ENVIRONMENT, role: 'viewer' }], expiresAt: null },
    });
    const key = new ApiClient(running.url);
    key.bearer = body.secret;
    expect((await key.call('GET /notifications/mine')).code).toBe('NOT_PERMITTED');
  });

  it('can be tried only so often, to one’s own browsers, and never into the house', async () => {
    const { p256dh, auth } = aBrowser();
    const add = (endpoint: string) =>
      operator.call('POST /notifications/mine/browsers', { body: { endpoint, keys: { p256dh, auth }, label: 'x' } });
    const inside = (await add('https://10.0.0.8/push')).body;
    const test = (client: ApiClient, browserId: typeof inside.id) =>
      client.call('POST /notifications/mine/test', { body: { channel: 'web_push', browserId } });
    expect((await test(operator, inside.id)).body).toMatchObject({
      outcome: 'refused',
      answer: expect.stringContaining('internal address'),
    });
    expect((await test(officer, inside.id)).status).toBe(404);
    const ours = (await add(`${outside.url}/push`)).body;
    expect((await test(operator, ours.id)).body.outcome).toBe('accepted');
    expect((await test(operator, ours.id)).body.outcome).toBe('accepted');
    expect((await test(operator, ours.id)).code).toBe('TOO_MANY_REQUESTS');
  });

  it('show whole addresses to their owner, and to nobody else', async () => {
    const at = running.clock();
    const draft = {
      id: 'm-1' as never,
      recipient: `person:u-operator-${ENVIRONMENT}` as never,
      tellingId: 't',
      agencyId: ENVIRONMENT as AgencyId,
      channel: 'email' as const,
      address: 'truc@hd.example',
      kind: 'alarms' as const,
      groupId: null,
      content: { title: 'x', text: 'x', severity: null, link: '/' },
      alarmIds: [],
      createdAt: at,
    };
    await running.registry.notifications.record(draft, { kind: 'accepted', answer: '250 ok' }, at);
    const own = (await operator.call('GET /notifications/mine/messages')).body.items;
    expect(own[0]).toMatchObject({ address: 'truc@hd.example', answer: '250 ok' });
    const seen = (await officer.call('GET /notifications/messages')).body.items.find(({ id }) => id === 'm-1');
    expect(seen).toMatchObject({ address: 't…@hd.example', recipient: expect.stringContaining('operator') });
    expect((await neighbour.call('GET /notifications/messages')).body.items).toEqual([]);
  });
});
