import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Notice } from '../../domain/events.ts';
import type { QuarantineId } from '../../domain/identifiers.ts';
import { smallCity } from './platform-parts.ts';
import { closeOf, createStreet, post, stored, telemetry } from './small-street.ts';

const street = createStreet();
const { open, device } = street;
afterEach(street.close);

describe('the answers of HTTP ingest', () => {
  it('say 200 with what was kept when the device has no value to give', async () => {
    const platform = await open();
    const answer = await post(platform, '{"values":{"pm2_5":null}}');
    expect([answer.status, await answer.json()]).toEqual([200, { accepted: 0, quarantined: [] }]);
    expect(platform.metrics.value('hd_readings_no_value_total')).toBe(1);
  });

  it('say 422 and where it is kept when nothing can be used, with a code for each item', async () => {
    const platform = await open();
    for (const { body, codes } of [
      { body: '', codes: ['MALFORMED'] },
      { body: '{"values":{"pm2_5":"12"}}', codes: ['VALUE_NOT_NUMERIC'] },
      { body: '{"values":{"pm2_5":1e999}}', codes: ['VALUE_NOT_FINITE'] },
      { body: '{"values":{"moonlight":1}}', codes: ['UNKNOWN_QUANTITY'] },
      { body: '{"ts":"yesterday","values":{"pm2_5":1}}', codes: ['TIMESTAMP_INVALID'] },
      { body: '{"ts":0,"values":{"pm2_5":1}}', codes: ['CLOCK_UNSET'] },
      { body: `{"ts":${Date.now() + 3_600_000},"values":{"pm2_5":1}}`, codes: ['CLOCK_AHEAD'] },
      { body: '{"ts":1600000000,"values":{"pm2_5":1}}', codes: ['TOO_OLD'] },
      { body: '[{"values":{"a":1}},7]', codes: ['MALFORMED', 'UNKNOWN_QUANTITY'] },
    ]) {
      const answer = await post(platform, body);
      expect([body, answer.status]).toEqual([body, 422]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      const problem = (await answer.json()) as { code: string; quarantineId: string; quarantined: { code: string }[] };
      expect(problem.code).toBe('NOTHING_USABLE');
      expect(problem.quarantined.map(({ code }) => code).toSorted()).toEqual(codes);
      const kept = await platform.quarantine.get(problem.quarantineId as QuarantineId);
      expect(kept).toMatchObject({ deviceId: 'air-1', transport: 'http' });
      expect(Buffer.from(kept!.bytes).toString()).toBe(body);
    }
  });

  it('say 401 before the body is read, however large it is', async () => {
    const platform = await open();
    const answer = await post(platform, 'x'.repeat(3_000_000), { authorization: 'Bearer nobody' });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('say 400 or 415 to an encoding that is broken or unknown, and keep nothing', async () => {
    const platform = await open();
    const broken = await post(platform, 'not gzip', { 'content-encoding': 'gzip' });
    const unknown = await post(platform, '{"pm2_5":1}', { 'content-encoding': 'snappy' });
    expect([broken.status, unknown.status]).toEqual([400, 415]);
    expect(await broken.json()).toMatchObject({ code: 'BODY_UNREADABLE' });
    expect(platform.journal.head()).toBe(0);
  });

  it('say 429 and when to come again beyond the rate; a device that goes on is cut off everywhere, and named', async () => {
    const platform = await open(undefined, {
      mqtt: { deviceMessagesPerSecond: 1, deviceBurstMessages: 3, slowedBeforeCutSeconds: 0.2, cutForSeconds: 60 },
    });
    const notices: Notice[] = [];
    platform.bus.subscribe('notice.raised', (notice) => notices.push(notice));
    const client = await device(platform);
    const closed = closeOf(client);
    for (let i = 0; i < 3; i++) expect((await post(platform, '{"pm2_5":1}')).status).toBe(200);
    const slowed = await post(platform, '{"pm2_5":1}');
    expect([slowed.status, slowed.headers.get('retry-after')]).toEqual([429, '1']);
    await vi.waitFor(async () =>
      expect(Number((await post(platform, '{"pm2_5":1}')).headers.get('retry-after'))).toBeGreaterThan(50),
    );
    await closed;
    expect(notices).toMatchObject([{ kind: 'device.rate_limited', deviceId: 'air-1', agencyId: 'env' }]);
    await expect(device(platform)).rejects.toThrow();
    expect((await post(platform, '{"pm2_5":1}')).status).toBe(429);
  });

  it('say 503 while too much is on its way to the disk, and 200 again after', async () => {
    const platform = await open(undefined, {
      ingest: { maximumMessagesInFlight: 2 },
      mqtt: { deviceBurstMessages: 1_000 },
    });
    const answers = await Promise.all(Array.from({ length: 60 }, () => post(platform, '{"pm2_5":1}')));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('retry-after')).toBe('5');
    expect(refused.length + answers.filter(({ status }) => status === 200).length).toBe(60);
    expect((await post(platform, '{"pm2_5":1}')).status).toBe(200);
  });
});

describe('over MQTT', () => {
  it('messages wait, and nothing is refused, while too much is on its way to the disk', async () => {
    const platform = await open(undefined, {
      ingest: { maximumMessagesInFlight: 2 },
      mqtt: { deviceBurstMessages: 1_000 },
    });
    const client = await device(platform);
    const from = Date.now() - 1_000_000;
    const sent = Array.from({ length: 200 }, (_, i) =>
      client.publishAsync(telemetry(), JSON.stringify({ ts: from + i, values: { pm2_5: 1 } }), { qos: 1 }),
    );
    await Promise.all(sent);
    expect(platform.metrics.value('hd_messages_waited_for_room_total')).toBeGreaterThan(0);
    await vi.waitFor(async () => expect(await stored(platform)).toHaveLength(200), { timeout: 10_000 });
  });

  it('a device whose model is allowed more is not slowed', async () => {
    const city = smallCity(2);
    const faster = { messagesPerSecond: 1_000, burstMessages: 1_000 };
    const platform = await open(
      undefined,
      { mqtt: { deviceMessagesPerSecond: 1, deviceBurstMessages: 2 } },
      { ...city, models: city.models.map((model) => ({ ...model, rateLimit: faster })) },
    );
    const client = await device(platform);
    await Promise.all(Array.from({ length: 50 }, () => client.publishAsync(telemetry(), '{"pm2_5":1}', { qos: 1 })));
    expect(platform.metrics.value('hd_messages_slowed_total')).toBe(0);
  });
});
