import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { demoToken } from '../config/city/demo-tokens.ts';
import { haiPhong } from '../config/city/hai-phong.ts';
import { loadSettings } from '../config/settings.ts';
import { type Platform, startPlatform } from '../main.ts';

const running: Platform[] = [];
afterEach(async () => {
  for (const platform of running.splice(0)) await platform.stop();
});

async function start(folder: string): Promise<Platform> {
  const settings = loadSettings(
    {},
    { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
  );
  const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
  running.push(platform);
  return platform;
}

/** A signed-in operator of the demo. */
async function signIn(platform: Platform) {
  const origin = `http://127.0.0.1:${platform.httpPort}`;
  const answer = await fetch(`${origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ loginName: 'vanhanh', password: 'hai-dang-demo' }),
  });
  const cookie = answer.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');
  const { csrfToken } = (await answer.json()) as { csrfToken: string };
  const headers = { cookie, origin, 'x-csrf-token': csrfToken, 'content-type': 'application/json' };
  return {
    get: async (path: string) =>
      (await fetch(`${origin}/api/v1${path}`, { headers })).json() as Promise<{ items: Record<string, unknown>[] }>,
    post: (path: string, body: unknown) =>
      fetch(`${origin}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  };
}

it('brings an alarm from the street to an operator, who acknowledges it, and keeps both over a restart', async () => {
  const model = haiPhong.models.find((m) => m.channels.some((c) => c.quantity === 'door_open'))!;
  const device = haiPhong.devices.find((d) => d.modelId === model.id)!;
  const folder = mkdtempSync(join(tmpdir(), 'hd-alarm-'));
  const platform = await start(folder);
  const operator = await signIn(platform);
  const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    clientId: device.id,
    username: device.id,
    password: demoToken('1', device.id),
    protocolVersion: 4,
  });
  await client.publishAsync(`hd/v1/${device.id}/telemetry`, JSON.stringify({ values: { door_open: 1 } }), { qos: 1 });
  const open = await vi.waitFor(
    async () => {
      const { items } = await operator.get('/alarms?open=true&limit=5');
      expect(items).toHaveLength(1);
      return items[0]!;
    },
    { timeout: 2000, interval: 20 },
  );
  expect(open).toMatchObject({ condition: 'active', work: 'new', pointId: device.serves[0], quantity: 'door_open' });
  expect((await operator.post(`/alarms/${encodeURIComponent(String(open['id']))}/acknowledge`, {})).status).toBe(200);
  await client.endAsync();
  await platform.stop();
  running.length = 0;

  const again = await start(folder);
  const { items } = await (await signIn(again)).get('/alarms?open=true&limit=5');
  expect(items).toMatchObject([{ id: open['id'], condition: 'active', work: 'acknowledged' }]);
});
