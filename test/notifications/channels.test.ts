import { createECDH, createHmac } from 'node:crypto';
import { mkdtempSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostOutside } from '../../adapters/notifications/guarded-http.ts';
import { createMailer, type SmtpSettings } from '../../adapters/notifications/smtp.ts';
import { TargetGuard } from '../../adapters/notifications/target-guard.ts';
import { openVapidKeys } from '../../adapters/notifications/vapid-keys.ts';
import { createPushSender } from '../../adapters/notifications/web-push.ts';
import { encryptForBrowser } from '../../adapters/notifications/web-push-encryption.ts';
import { createWebhookSender } from '../../adapters/notifications/webhook.ts';
import { WEBHOOK_TEMPLATES } from '../../config/notification-templates/templates.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type {
  MessageId,
  PushSubscription,
  PushSubscriptionId,
  Webhook,
  WebhookId,
  WebhookSecrets,
} from '../../domain/notifications/notification.ts';
import type { OutgoingMessage } from '../../domain/ports/notifications.ts';
import { days, type EpochMs, epochMs, milliseconds, seconds } from '../../domain/time.ts';
import { bodyOf, headerOf, MAIL_PASSWORD, MAIL_USER, type MailServer, openMailServer } from './mail-server.ts';
import { type Outside, openOutside, status } from './outside.ts';
import { aBrowser, vapidClaims } from './push-service.ts';

const NOW = epochMs(Date.parse('2026-11-23T21:05+07:00'));
const clock = (): EpochMs => NOW;
const aMessage = (given: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: 'm-1' as MessageId,
  thread: 'g-1',
  isUpdate: false,
  createdAt: NOW,
  content: {
    title: 'Khẩn cấp: Ngập đường – Đà Nẵng × Lạch Tray',
    text: 'Khẩn cấp: Ngập đường\nMực nước: 0,45 m (giới hạn 0,30 m)',
    severity: 'critical',
    link: 'https://hd.example/alarms?alarm=a',
    facts: [{ id: 'a', value: 0.45 }],
  },
  usefulFor: days(1),
  ...given,
});

describe('mail', () => {
  let server: MailServer;
  beforeAll(async () => {
    server = await openMailServer();
  });
  afterAll(() => server.close());
  const mailer = (given: Partial<SmtpSettings> = {}) =>
    createMailer({
      host: 'localhost',
      port: server.port,
      security: 'starttls',
      user: MAIL_USER,
      password: MAIL_PASSWORD,
      ca: server.ca,
      from: 'Hải Đăng <canhbao@hd.example>',
      timeout: seconds(10),
      ...given,
    });

  it('goes out encrypted and signed in, in Vietnamese, under the message’s id and in the storm’s thread', async () => {
    const outcome = await mailer().send('truc@hd.example', aMessage());
    expect(outcome).toMatchObject({ kind: 'accepted', answer: expect.stringContaining('queued as') });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ to: ['truc@hd.example'], isEncrypted: true, user: MAIL_USER });
    expect(headerOf(mail!, 'Subject')).toBe('Khẩn cấp: Ngập đường – Đà Nẵng × Lạch Tray');
    expect(headerOf(mail!, 'Message-ID')).toBe('<m-1@hd.example>');
    expect(headerOf(mail!, 'References')).toBe('<thread.g-1@hd.example>');
    expect(headerOf(mail!, 'Auto-Submitted')).toBe('auto-generated');
    expect(bodyOf(mail!)).toContain('Mực nước: 0,45 m (giới hạn 0,30 m)');
  });

  it('does not leave when the server’s certificate is of nobody we know', async () => {
    const stranger = createMailer({
      host: 'localhost',
      port: server.port,
      security: 'starttls',
      from: 'a@hd.example',
      timeout: seconds(10),
    });
    const before = server.mails.length;
    expect(await stranger.send('truc@hd.example', aMessage())).toMatchObject({ kind: 'failed' });
    expect(server.mails).toHaveLength(before);
  });

  it('is tried again after a wrong password, which is ours to mend', async () => {
    expect(await mailer({ password: 'wrong' }).send('truc@hd.example', aMessage())).toMatchObject({ kind: 'failed' });
  });

  it('is given up when the mailbox does not exist, and tried again when it is full', async () => {
    server.refuse('nobody', 550);
    server.refuse('full', 452);
    expect(await mailer().send('nobody@hd.example', aMessage())).toMatchObject({
      kind: 'refused',
      answer: expect.stringContaining('550'),
    });
    expect(await mailer().send('full@hd.example', aMessage())).toMatchObject({ kind: 'failed' });
  });

  it('can’t be bent into other headers by the name of a rule', async () => {
    const content = { ...aMessage().content, title: 'x\r\nBcc: everybody@hd.example' };
    await mailer().send('truc@hd.example', aMessage({ content }));
    const mail = server.mails.at(-1);
    expect(mail?.to).toEqual(['truc@hd.example']);
    expect(headerOf(mail!, 'Bcc')).toBeUndefined();
  });

  it('is tried again when the server is away', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(await mailer({ port }).send('truc@hd.example', aMessage())).toMatchObject({ kind: 'failed' });
  });
});

describe('a webhook', () => {
  let outside: Outside;
  beforeEach(async () => {
    outside = await openOutside();
  });
  afterEach(() => outside.close());

  const post = createPostOutside(new TargetGuard(['127.0.0.0/8']), { timeout: milliseconds(600), answerBytes: 1_000 });
  const send = createWebhookSender({ post, templates: WEBHOOK_TEMPLATES, clock });
  const secret = (name: string) => `whsec_${Buffer.from(name.repeat(8)).toString('base64')}`;
  const secrets: WebhookSecrets = {
    signing: [
      { id: 'new', secret: secret('new!'), createdAt: NOW },
      { id: 'old', secret: secret('old!'), createdAt: NOW },
    ],
    fields: {},
  };
  const aWebhook = (given: Partial<Webhook> = {}): Webhook => ({
    id: 'w' as WebhookId,
    agencyId: 'env' as AgencyId,
    name: 'w',
    enabled: true,
    template: 'hai-dang',
    fields: { url: `${outside.url}/hook` },
    interest: {},
    grouping: 'domain',
    language: 'vi',
    tellsCleared: true,
    messagesPerHour: 100,
    version: 1,
    ...given,
  });

  it('carries its id and time, signed with each secret, so that a receiver can check it and change over', async () => {
    expect(await send(aWebhook(), secrets, aMessage())).toEqual({ kind: 'accepted', answer: 'HTTP 200' });
    const [{ headers, body }] = outside.received as [(typeof outside.received)[0]];
    expect(JSON.parse(String(body))).toMatchObject({ id: 'm-1', thread: 'g-1', alarms: [{ id: 'a', value: 0.45 }] });
    const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
    expect([id, timestamp]).toEqual(['m-1', String(NOW / 1000)]);
    // As a receiver checks it, with nothing but its own secret.
    const expected = (name: string) =>
      `v1,${createHmac('sha256', Buffer.from(name.repeat(8)))
        .update(`${id}.${timestamp}.${body}`)
        .digest('base64')}`;
    expect(headers['webhook-signature']).toBe(`${expected('new!')} ${expected('old!')}`);
  });

  it.each([
    {
      it: 'is tried again when the server fails',
      answer: status(500),
      outcome: { kind: 'failed', answer: 'HTTP 500' },
    },
    {
      it: 'is tried again when the server asked for, in seconds',
      answer: status(429, { 'Retry-After': '120' }),
      outcome: { kind: 'failed', retryAfter: 120_000 },
    },
    {
      it: 'is tried again when the server asked for, by a date',
      answer: status(503, { 'Retry-After': new Date(NOW + 60_000).toUTCString() }),
      outcome: { kind: 'failed', retryAfter: 60_000 },
    },
    { it: 'is given up when the address knows nothing of it', answer: status(404), outcome: { kind: 'refused' } },
    {
      it: 'says what the other side said',
      answer: status(400, {}, '{"error":"bad chat"}'),
      outcome: { kind: 'refused', answer: 'HTTP 400: {"error":"bad chat"}' },
    },
    {
      it: 'fails when the server keeps us waiting',
      answer: () => {},
      outcome: { kind: 'failed', answer: 'no answer within 600 ms' },
    },
  ])('$it', async ({ answer, outcome }) => {
    outside.answers(answer);
    expect(await send(aWebhook(), secrets, aMessage())).toMatchObject(outcome);
  });

  it('follows no redirect', async () => {
    const elsewhere = await openOutside();
    outside.answers(status(307, { Location: `${elsewhere.url}/secret` }));
    expect(await send(aWebhook(), secrets, aMessage())).toMatchObject({ kind: 'refused', answer: 'HTTP 307' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('reads no more of an endless answer than it must', async () => {
    outside.answers((response) => {
      response.writeHead(200);
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
      response.on('error', () => {});
    });
    const outcome = await send(aWebhook(), secrets, aMessage());
    expect(outcome.kind).toBe('accepted');
    expect(outcome.answer.length).toBeLessThan(300);
  });

  it('fills a template without letting a value change its shape, and tells no secret', async () => {
    // Telegram's own template, with our server in place of theirs.
    const telegram = WEBHOOK_TEMPLATES.get('telegram')!;
    const here = { ...telegram, url: `${outside.url}/bot{{token}}/sendMessage` };
    const sendHere = createWebhookSender({ post, templates: new Map([['telegram', here]]), clock });
    const chat = aWebhook({ template: 'telegram', fields: { chat: '-100","x":"y' } });
    const keys = { signing: [], fields: { token: '12:ab/../../evil' } };
    outside.answers(status(200, {}, '{"ok":true}'), status(200, {}, '{"ok":false,"description":"12:ab/../../evil"}'));
    expect((await sendHere(chat, keys, aMessage())).kind).toBe('accepted');
    const [{ path, body, headers }] = outside.received as [(typeof outside.received)[0]];
    expect(path).toBe('/bot12%3Aab%2F..%2F..%2Fevil/sendMessage');
    expect(JSON.parse(String(body))).toMatchObject({ chat_id: '-100","x":"y', text: aMessage().content.text });
    expect(headers['webhook-signature']).toBeUndefined();
    // 200 with "no" in it is a no.
    const refused = await sendHere(chat, keys, aMessage());
    expect(refused).toMatchObject({ kind: 'failed', answer: 'HTTP 200: {"ok":false,"description":"•••"}' });
  });
});

describe('push', () => {
  let outside: Outside;
  beforeEach(async () => {
    outside = await openOutside();
  });
  afterEach(() => outside.close());
  const post = createPostOutside(new TargetGuard(['127.0.0.0/8']), { timeout: seconds(5), answerBytes: 1_000 });
  const folder = mkdtempSync(join(tmpdir(), 'hd-vapid-'));
  const keys = openVapidKeys(join(folder, 'key.pem'));
  const send = createPushSender({ post, keys, subject: 'mailto:truc@hd.example', clock });
  const subscribed = (browser: ReturnType<typeof aBrowser>): PushSubscription => ({
    id: 'p' as PushSubscriptionId,
    userId: 'u' as UserId,
    endpoint: `${outside.url}/push/abc`,
    p256dh: browser.p256dh,
    auth: browser.auth,
    label: 'phone',
    createdAt: NOW,
  });

  /*
   * Our server stands in for the push service and the browser behind it: it checks the signature and opens the message with the browser's own keys. The real
   * services (FCM, Mozilla, Apple) would add their queues and TTLs, and the browser the showing of it; neither can be reached from here.
   */
  it('can be read by the subscribed browser alone, and comes from the key it subscribed to', async () => {
    outside.answers(status(201));
    const browser = aBrowser();
    expect(await send(subscribed(browser), aMessage())).toEqual({ kind: 'accepted', answer: 'HTTP 201' });
    const [request] = outside.received as [(typeof outside.received)[0]];
    expect(browser.open(request.body)).toEqual({
      id: 'm-1',
      title: aMessage().content.title,
      body: aMessage().content.text,
      link: 'https://hd.example/alarms?alarm=a',
      tag: 'g-1',
      severity: 'critical',
      at: NOW,
    });
    expect(() => aBrowser().open(request.body)).toThrow();
    expect(vapidClaims(request, keys.publicKey)).toEqual({
      aud: outside.url,
      exp: NOW / 1000 + 43_200,
      sub: 'mailto:truc@hd.example',
    });
    expect(request.headers).toMatchObject({ ttl: '86400', urgency: 'high', 'content-encoding': 'aes128gcm' });
    expect(request.headers['topic']).toMatch(/^[\w-]{32}$/);
  });

  it('stays within what push services take, however long the message', async () => {
    const browser = aBrowser();
    const content = {
      ...aMessage().content,
      title: 'Ngập '.repeat(500),
      text: 'Đường ngập sâu ở nhiều nơi. '.repeat(2_000),
    };
    expect((await send(subscribed(browser), aMessage({ content }))).kind).toBe('accepted');
    const [request] = outside.received as [(typeof outside.received)[0]];
    expect(request.body.length).toBeLessThanOrEqual(4096);
    expect(browser.open(request.body)).toMatchObject({ body: expect.stringMatching(/ …$/) });
  });

  it.each([
    [404, 'gone'],
    [410, 'gone'],
    [413, 'refused'],
    [429, 'failed'],
    [502, 'failed'],
  ] as const)('takes %i for: %s', async (code, kind) => {
    outside.answers(status(code));
    expect((await send(subscribed(aBrowser()), aMessage())).kind).toBe(kind);
  });

  it('keeps its key over restarts, readable by the platform alone', () => {
    expect(openVapidKeys(join(folder, 'key.pem')).publicKey).toBe(keys.publicKey);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
  });

  it('seals as the example of RFC 8291, appendix A, does', () => {
    const sender = createECDH('prime256v1');
    sender.setPrivateKey(Buffer.from('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url'));
    const sealed = encryptForBrowser(
      Buffer.from('When I grow up, I want to be a watermelon'),
      {
        p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
      { salt: Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url'), sender },
    );
    expect(sealed.toString('base64url')).toBe(
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    );
  });
});

describe('what people type in as an address', () => {
  const bounds = { timeout: seconds(5), answerBytes: 100 };
  const nowhere = new Uint8Array(0);

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'https://10.0.0.8/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[fd00::7]/',
    'https://0.0.0.0/',
    'http://93.184.215.14/',
    'https://user:secret@93.184.215.14/',
    'file:///etc/passwd',
    'no address',
  ])('does not lead inside, or out in the clear: %s', async (url) => {
    const post = createPostOutside(new TargetGuard([]), bounds);
    expect(await post(url, {}, nowhere)).toMatchObject({ kind: 'forbidden' });
  });

  it('does not lead inside by a name either, though only one of its addresses does', async () => {
    const guard = new TargetGuard([], async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '10.0.0.8', family: 4 },
    ]);
    expect(await createPostOutside(guard, bounds)('https://rebound.example/', {}, nowhere)).toMatchObject({
      kind: 'forbidden',
      why: expect.stringContaining('10.0.0.8'),
    });
  });

  it('is looked up anew for each connection: a name that turns inside is refused then', async () => {
    const outside = await openOutside();
    let asked = 0;
    const guard = new TargetGuard(['127.0.0.1'], async () => [
      { address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 },
    ]);
    const post = createPostOutside(guard, bounds);
    const url = outside.url.replace('127.0.0.1', 'turning.example');
    expect(await post(url, {}, nowhere)).toMatchObject({ kind: 'answered', status: 200 });
    expect(await post(url, {}, nowhere)).toMatchObject({ kind: 'forbidden' });
    expect(outside.received).toHaveLength(1);
    await outside.close();
  });

  it('may lead to the internal addresses that the administrator named, and no others', async () => {
    const outside = await openOutside();
    const post = createPostOutside(new TargetGuard(['127.0.0.1']), bounds);
    expect(await post(outside.url, {}, nowhere)).toMatchObject({ kind: 'answered' });
    expect(await post('http://127.0.0.2/', {}, nowhere)).toMatchObject({ kind: 'forbidden' });
    await outside.close();
    expect(() => new TargetGuard(['10.0.0.0/40'])).toThrow('10.0.0.0/40');
  });
});
