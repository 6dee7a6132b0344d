import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { io } from 'socket.io-client';
import { afterEach, expect, it } from 'vitest';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong } from '../../config/city/hai-phong.ts';
import { loadSettings } from '../../config/settings.ts';
import { type Platform, startPlatform } from '../../main.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The cookie of a signed-in operator of the demo. */
async function signIn({ httpPort }: Platform): Promise<string> {
  const origin = `http://127.0.0.1:${httpPort}`;
  const answer = await fetch(`${origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ loginName: 'vanhanh', password: 'hai-dang-demo' }),
  });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

it('serves devices by MQTT and screens by socket.io over WebSocket, side by side on the one HTTP port', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-websocket-'));
  const platform = await startPlatform(
    loadSettings(
      {},
      { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
    ),
    'demo',
    pino({ level: 'silent' }),
  );
  closing.push(() => platform.stop());
  const origin = `http://127.0.0.1:${platform.httpPort}`;
  const screen = io(`${origin}/live`, {
    transports: ['websocket'],
    extraHeaders: { cookie: await signIn(platform), origin },
    reconnection: false,
  });
  closing.push(() => screen.close());
  await new Promise<void>((resolve, reject) => {
    screen.once('connect', resolve);
    screen.once('connect_error', reject);
  });
  const { id } = haiPhong.devices[0]!;
  const device = await connectAsync(`ws://127.0.0.1:${platform.httpPort}/mqtt`, {
    clientId: id,
    username: id,
    password: demoToken('1', id),
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  closing.push(() => device.endAsync(true));
  await device.publishAsync(`hd/v1/${id}/telemetry`, '{"values":{}}', { qos: 1 });
  expect([device.connected, screen.connected]).toEqual([true, true]);
  // And neither of them took the other's way in.
  await expect(
    connectAsync(
      `ws://127.0.0.1:${platform.httpPort}/elsewhere`,
      { clientId: id, reconnectPeriod: 0, connectTimeout: 5_000 },
      false,
    ),
  ).rejects.toThrow();
});
