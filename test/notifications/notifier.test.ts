import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SiteId } from '../../domain/identifiers.ts';
import type { PolicyId } from '../../domain/notifications/escalation.ts';
import type { PushSubscriptionId, Webhook, WebhookId } from '../../domain/notifications/notification.ts';
import { epochMs, milliseconds, minutes } from '../../domain/time.ts';
import { bodyOf, headerOf, MAIL_PASSWORD, MAIL_USER, type MailServer, openMailServer } from './mail-server.ts';
import { type Outside, openOutside, status } from './outside.ts';
import { aBrowser } from './push-service.ts';
import { asPerson, ENV, openToldCity, SYSTEM, type ToldCity, type ToldCityOptions, WATER } from './told-city.ts';

let city: ToldCity;
let mail: MailServer;
let outside: Outside;
beforeEach(async () => {
  mail = await openMailServer();
  outside = await openOutside();
});
afterEach(async () => {
  expect(city.problems).toEqual([]);
  await city.close();
  await mail.close();
  await outside.close();
});

async function begin(options: ToldCityOptions = {}): Promise<ToldCity> {
  city = await openToldCity({
    ...options,
    sender: {
      smtp: {
        host: 'localhost',
        port: mail.port,
        security: 'starttls',
        user: MAIL_USER,
        password: MAIL_PASSWORD,
        ca: mail.ca,
        from: 'Hải Đăng <canhbao@hd.example>',
        timeout: milliseconds(10_000),
      },
      ...options.sender,
    },
  });
  await city.notifier.start();
  return city;
}
const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 10_000, interval: 15 });
/** Everything that was raised has been planned. */
const planned = () => until(async () => expect((await city.registry.notifications.counts()).outbox).toBe(0));
/** Everything that is due has been written and sent. */
const settled = () =>
  until(async () => {
    const now = city.clock();
    expect(await city.registry.notifications.dueEscalations(now, 1)).toEqual([]);
    expect(await city.registry.notifications.dueGroups(now, 1)).toEqual([]);
    expect((await city.registry.notifications.counts()).waiting).toBe(0);
  });
async function later(ms: number): Promise<void> {
  await planned();
  city.pass(ms);
  await settled();
}
const log = async () => (await city.registry.as(SYSTEM).notifications.log.list({}, { limit: 100 })).items;
const subjects = () => mail.mails.map((one) => headerOf(one, 'Subject'));

const aWebhook = (given: Partial<Webhook> = {}): Omit<Webhook, 'version'> => ({
  id: 'w' as WebhookId,
  agencyId: ENV,
  name: 'Phòng trực',
  enabled: true,
  template: 'hai-dang',
  fields: { url: outside.url },
  interest: {},
  grouping: 'domain',
  language: 'vi',
  tellsCleared: true,
  messagesPerHour: 1000,
  ...given,
});
const addWebhook = (given: Partial<Webhook> = {}) =>
  city.registry.as(SYSTEM).notifications.webhooks.create(aWebhook(given), { signing: [], fields: {} });

describe('an alarm', () => {
  it('reaches who wishes it by mail, in their words, and the log says what is known', async () => {
    await begin();
    await city.person('ha');
    const alarm = await city.raise(1);
    await later(20_000);
    expect(subjects()).toEqual(['Nghiêm trọng: Bụi mịn cao – Điểm 1']);
    expect(bodyOf(mail.mails[0]!)).toContain('61,0 µg/m³ (giới hạn 50,0 µg/m³)');
    expect(bodyOf(mail.mails[0]!)).toContain(`https://hd.example/alarms?alarm=${encodeURIComponent(alarm.id)}`);
    expect(await city.registry.as(SYSTEM).notifications.log.ofAlarm(alarm.id, 10)).toMatchObject([
      { state: 'accepted', address: 'ha@hd.example', attempts: 1, answer: expect.stringContaining('250') },
    ]);
  });

  it('is told with others of its storm in one message, and what follows comes as an update in the same thread', async () => {
    await begin();
    await city.person('ha');
    const alarms = [];
    for (let point = 0; point < 30; point++)
      alarms.push(await city.raise(point, point === 7 ? 'critical' : 'minor', point % 2 ? 'r-1' : 'r-2'));
    await later(20_000);
    expect(subjects()).toEqual(['30 cảnh báo – Khẩn cấp: Bụi mịn cao – Điểm 7']);
    await city.clear(alarms[7]!, 7);
    await city.clear(alarms[8]!, 8, 'r-2');
    await later(300_000);
    expect(subjects()[1]).toMatch(/^Cập nhật: 2 cảnh báo – Đã trở lại bình thường/);
    expect(headerOf(mail.mails[1]!, 'References')).toBe(headerOf(mail.mails[0]!, 'References'));
    expect(mail.mails).toHaveLength(2);
  });

  it('of an incident is told with all of it in one message that names the cause and the count; who joins later is not told again', async () => {
    await begin();
    await city.person('ha', { grouping: 'ward' });
    const founder = await city.raise(0, 'major');
    const others = [await city.raise(1, 'minor'), await city.raise(2, 'major', 'r-2')];
    await city.incident([founder, ...others], 1, { kind: 'site', siteId: 's' as SiteId, inferred: false });
    await later(20_000);
    expect(subjects()).toEqual(['Nghiêm trọng: Trạm mất tín hiệu – 3 cảnh báo']);
    const body = bodyOf(mail.mails[0]!);
    expect(body).toContain('Nguyên nhân gốc: Trạm mất tín hiệu');
    expect(body).toContain('3 cảnh báo: 2 nghiêm trọng, 1 nhẹ');
    expect(body).toContain('https://hd.example/incidents?incident=test');
  });

  it('that joins an incident tells nobody who knows of it, but the cause, what is worse, and reminders do', async () => {
    await begin();
    await city.person('ha');
    const founder = await city.raise(0, 'minor');
    const second = await city.raise(1, 'minor');
    await city.incident([founder, second]);
    await later(20_000);
    expect(subjects()).toEqual(['Nhẹ: Cùng một hiện tượng trên diện rộng – 2 cảnh báo']);

    const third = await city.raise(2, 'minor', 'r-2');
    await city.incident([founder, third], 2);
    await later(300_000);
    await city.clear(second, 1);
    await later(300_000);
    expect(mail.mails).toHaveLength(1);
    expect(city.notifier.status().untold.in_incident).toBe(2);

    const worse = await city.raise(3, 'critical');
    await city.incident([founder, worse], 3);
    await later(300_000);
    expect(subjects()[1]).toBe('Cập nhật: Khẩn cấp: Cùng một hiện tượng trên diện rộng – 4 cảnh báo');
    expect(headerOf(mail.mails[1]!, 'References')).toBe(headerOf(mail.mails[0]!, 'References'));

    await city.clear(founder, 0);
    await later(300_000);
    expect(subjects()[2]).toMatch(/^Cập nhật: .*4 cảnh báo$/);
    // An alarm of nothing else is told as ever.
    await city.raise(9, 'minor', 'r-2');
    await later(300_000);
    expect(subjects()[3]).toBe('Nhẹ: Bụi mịn tăng nhanh – Điểm 9');
  });

  it('that is hidden tells nobody, nor does one that was hidden before its message was sent, until it is shown again', async () => {
    await begin();
    const ha = await city.person('ha');
    const alarm = await city.raise(1);
    await planned();
    const view = city.registry.as(await asPerson(city.registry, ha)).alarms;
    const at = city.clock();
    const shelved = await view.work(
      alarm.id,
      {
        kind: 'suppress',
        suppression: { kind: 'shelved', reason: 'Đang sửa', by: ha, since: at, until: epochMs(at + 3_600_000) },
        version: alarm.version,
      },
      at,
    );
    await later(60_000);
    expect(mail.mails).toEqual([]);
    expect(city.notifier.status().untold.hidden).toBe(1);
    await view.work(alarm.id, { kind: 'unsuppress', by: ha, version: shelved.alarm.version }, city.clock());
    city.notifier.wake();
    await later(20_000);
    expect(subjects()).toEqual(['Nghiêm trọng: Bụi mịn cao – Điểm 1']);
  });

  it('is told only to who may see it as the message is sent: not to another agency, and to it once it is shared', async () => {
    await begin();
    await city.person('minh', {}, 'operator', WATER);
    await city.raise(1);
    await later(20_000);
    expect(mail.mails).toEqual([]);
    await city.share(WATER);
    await city.raise(2);
    await planned();
    // Taken back while the message is being gathered.
    await city.registry.as(SYSTEM).grants.remove('g');
    await later(20_000);
    expect(mail.mails).toEqual([]);
    expect(city.notifier.status().untold.not_permitted).toBe(1);
    await city.share(WATER);
    await city.raise(3);
    await later(1_900_000);
    expect(mail.mails.map(({ to }) => to)).toEqual([['minh@hd.example']]);
  });

  it('is not told to who has left', async () => {
    await begin();
    const ha = await city.person('ha');
    await city.raise(1);
    await planned();
    const { users } = city.registry.as(SYSTEM);
    await users.update({ ...(await users.get(ha)), disabledAt: city.clock() });
    await later(20_000);
    expect(mail.mails).toEqual([]);
    expect(city.notifier.status().untold.recipient_gone).toBe(1);
  });
});

describe('quiet hours', () => {
  const QUIET = { from: 11 * 60, to: 13 * 60, weekdays: [0, 1, 2, 3, 4, 5, 6], criticalPasses: true };

  it('hold everything but what is critical, and end with one summary of all that was held', async () => {
    await begin();
    await city.person('ha', { quietHours: QUIET, grouping: 'rule' });
    await city.raise(1, 'major', 'r-1');
    await city.raise(2, 'minor', 'r-2');
    await later(20_000);
    expect(mail.mails).toEqual([]);
    expect(city.notifier.status().held.quiet_hours).toBe(2);
    // An hour to go.
    await later(3_600_000);
    expect(subjects()).toEqual(['Tổng hợp: 2 cảnh báo – Nghiêm trọng: Bụi mịn cao – Điểm 1']);
    expect(await log()).toMatchObject([{ kind: 'summary', state: 'accepted' }]);
  });

  it('let critical alarms through', async () => {
    await begin();
    await city.person('ha', { quietHours: QUIET });
    await city.raise(1, 'critical');
    await later(20_000);
    expect(subjects()).toEqual(['Khẩn cấp: Bụi mịn cao – Điểm 1']);
  });
});

describe('more messages than a person can bear', () => {
  it('come as one digest once there is room again, and nothing is lost', async () => {
    await begin({
      settings: {
        messagesPerHour: 2,
        grouping: { gather: milliseconds(1_000), update: milliseconds(1_000), follow: milliseconds(1_000) },
      },
    });
    await city.person('ha');
    for (let point = 0; point < 6; point++) {
      await city.raise(point);
      await later(10_000);
    }
    expect(mail.mails).toHaveLength(2);
    expect(city.notifier.status().held.rate).toBeGreaterThan(0);
    await later(3_600_000);
    expect(mail.mails).toHaveLength(3);
    expect(subjects()[2]).toContain('4 cảnh báo');
    const told = new Set((await log()).flatMap(({ alarmIds }) => alarmIds));
    expect(told.size).toBe(6);
  });
});

describe('an escalation', () => {
  const policy = (given: object = {}) =>
    city.registry.as(SYSTEM).notifications.policies.create({
      id: 'p' as PolicyId,
      agencyId: ENV,
      name: 'Ca trực',
      enabled: true,
      interest: { severities: ['critical', 'major'] },
      steps: [
        { after: minutes(0), roles: ['operator'], people: [], webhooks: [], channels: ['email'] },
        { after: minutes(15), roles: ['agency_admin'], people: [], webhooks: [], channels: ['email'] },
      ],
      repeat: { every: minutes(10), times: 1 },
      stopsOn: 'acknowledged',
      passesQuietHours: false,
      ...given,
    });

  it('tells the shift at once, its head when nobody looks, once more, and then no more', async () => {
    await begin();
    await city.person('truc', { subscriptions: [] }, 'operator');
    await city.person('truong', { subscriptions: [] }, 'agency_admin');
    await policy();
    await city.raise(1);
    // The policy's first step is planned, before the clock goes on.
    await later(0);
    await later(20_000);
    expect(mail.mails.map(({ to }) => to[0])).toEqual(['truc@hd.example']);
    for (let i = 0; i < 40; i++) await later(60_000);
    const toHead = mail.mails.filter(({ to }) => to[0] === 'truong@hd.example');
    expect(toHead.map((one) => headerOf(one, 'Subject'))).toEqual([
      'Chưa ai xác nhận (nghiêm trọng): Bụi mịn cao – Điểm 1',
      'Cập nhật: Chưa ai xác nhận (nghiêm trọng): Bụi mịn cao – Điểm 1',
    ]);
    expect(mail.mails).toHaveLength(3);
  });

  it('tells of a whole storm nobody looks at in one message', async () => {
    await begin();
    await city.person('truong', { subscriptions: [] }, 'agency_admin');
    await policy();
    for (let point = 0; point < 20; point++) await city.raise(point);
    await later(0);
    await later(900_000);
    await later(20_000);
    expect(subjects()).toEqual([expect.stringMatching(/^20 cảnh báo chưa ai xác nhận/)]);
  });

  it('stops when somebody acknowledges, also between the step and its message', async () => {
    await begin();
    const head = await city.person('truong', { subscriptions: [] }, 'agency_admin');
    await policy();
    const alarm = await city.raise(1);
    await later(0);
    await planned();
    city.pass(900_000);
    await until(async () => expect((await city.registry.notifications.counts()).events).toBe(1));
    await city.registry
      .as(await asPerson(city.registry, head))
      .alarms.work(alarm.id, { kind: 'acknowledge', by: head }, city.clock());
    await later(60_000);
    for (let i = 0; i < 20; i++) await later(60_000);
    expect(mail.mails).toEqual([]);
    expect(city.notifier.status().untold.answered).toBe(1);
  });

  it('goes on after a restart where it was', async () => {
    await begin();
    await city.person('truong', { subscriptions: [] }, 'agency_admin');
    await policy();
    await city.raise(1);
    await later(60_000);
    const { folder } = city;
    const then = city.clock();
    await city.close();
    await begin({ path: folder, clock: () => epochMs(then + 901_000) });
    await until(async () => expect((await city.registry.notifications.counts()).events).toBe(1));
    const { folder: again } = city;
    await city.close();
    await begin({ path: again, clock: () => epochMs(then + 950_000) });
    await until(() => expect(mail.mails).toHaveLength(1));
    expect(subjects()[0]).toMatch(/^Chưa ai xác nhận/);
  });
});

describe('a message that is not taken', () => {
  it('is tried again, ever later, under the same id, given up in the end, and sent again by hand', async () => {
    await begin({ settings: { retry: { first: milliseconds(1_000), longest: milliseconds(60_000), attempts: 3 } } });
    await addWebhook();
    outside.answers(status(500), status(503, { 'Retry-After': '30' }), status(500), status(200));
    await city.raise(1);
    await planned();
    city.pass(20_000);
    await until(() => expect(outside.received).toHaveLength(1));
    await until(async () => expect(await log()).toMatchObject([{ state: 'waiting', attempts: 1, answer: 'HTTP 500' }]));
    city.pass(2_000);
    await until(async () => expect(await log()).toMatchObject([{ state: 'waiting', attempts: 2, answer: 'HTTP 503' }]));
    // Not before the other side asked for.
    city.pass(10_000);
    await planned();
    expect(outside.received).toHaveLength(2);
    city.pass(21_000);
    await until(async () => expect(await log()).toMatchObject([{ state: 'dead', attempts: 3 }]));
    const [dead] = await log();
    await city.registry.as(SYSTEM).notifications.log.resend(dead!.id);
    city.notifier.wake();
    await until(async () => expect(await log()).toMatchObject([{ state: 'accepted', answer: 'HTTP 200' }]));
    expect(new Set(outside.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('does not hold up the others', async () => {
    await begin({ sender: { timeout: milliseconds(1_500) } });
    await addWebhook({ fields: { url: `${outside.url}/slow` } });
    await city.person('ha');
    outside.answers(() => {});
    await city.raise(1);
    await planned();
    city.pass(20_000);
    await until(() => expect(mail.mails).toHaveLength(1));
    expect((await log()).find(({ channel }) => channel === 'webhook')).toMatchObject({ state: 'sending' });
  });
});

describe('a phone', () => {
  it('gets what it subscribed to, and is forgotten when its subscription has ended', async () => {
    await begin();
    const channels = { critical: ['web_push'], major: ['web_push'], minor: [], notice: [] } as const;
    const ha = await city.person('ha', { email: null, subscriptions: [{ id: 's' as never, interest: {}, channels }] });
    const browser = aBrowser();
    const { mine } = city.registry.as(await asPerson(city.registry, ha)).notifications;
    await mine.addPushSubscription(
      { id: 'b' as PushSubscriptionId, endpoint: `${outside.url}/push`, label: 'Điện thoại', ...browser },
      10,
    );
    outside.answers(status(201), status(410));
    await city.raise(1);
    await later(20_000);
    expect(browser.open(outside.received[0]!.body)).toMatchObject({ title: 'Nghiêm trọng: Bụi mịn cao – Điểm 1' });
    await city.raise(2);
    await planned();
    city.pass(300_000);
    await until(async () => expect(await mine.pushSubscriptions()).toEqual([]));
    expect(await log()).toMatchObject([{ state: 'dead', answer: 'HTTP 410' }, { state: 'accepted' }]);
    // From then on there is no way to her: counted, not lost.
    await city.raise(3);
    await later(300_000);
    expect(city.notifier.status().untold.no_address).toBe(1);
  });
});
