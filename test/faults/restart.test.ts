import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { connect } from 'mqtt';
import { afterEach, expect, it, vi } from 'vitest';
import { freePort } from '../../adapters/free-port.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { epochMs } from '../../domain/time.ts';
import {
  CITY_DEVICES,
  connectDevice,
  killAll,
  newFolder,
  startPlatformProcess,
  storedReadings,
} from './platform-process.ts';

afterEach(killAll);

/** Devices that the registry in the folder holds for online; read beside the platform that writes it. */
async function onlineIn(folder: string): Promise<readonly string[]> {
  const path = join(folder, 'registry.sqlite');
  const registry = openSqliteRegistry({ path, clock: () => epochMs(Date.now()), newId: String });
  const current = await registry.deviceLog.currentStatus();
  await registry.close();
  return current.filter(({ online }) => online).map(({ deviceId }) => deviceId);
}

it('keeps retained messages, queued messages of QoS 1 and 2, sessions and wills over SIGKILL', async () => {
  const [sleeper, lost] = CITY_DEVICES as [(typeof CITY_DEVICES)[0], (typeof CITY_DEVICES)[0]];
  const folder = newFolder();
  const environment = { HD_MQTT_PORT: String(await freePort()), HD_MQTT_WILLS_AFTER_CRASH_SECONDS: '2' };
  const first = await startPlatformProcess(folder, environment);
  const status = (id: string): string => `hd/v1/${id}/status`;

  // A session subscribes and falls asleep without a goodbye: its will (QoS 2) and the platform's own word of it (QoS 1) wait for it.
  const asleep = await connectDevice(first, sleeper.id, {
    clean: false,
    will: { topic: status(sleeper.id), payload: Buffer.from('"asleep"'), qos: 2, retain: false },
  });
  await asleep.subscribeAsync(status(sleeper.id), { qos: 2 });
  asleep.stream.destroy();
  await expect.poll(() => first.metric('hd_mqtt_sessions'), { timeout: 5_000 }).toBe(0);

  // Another is connected when the platform is killed, and never comes back. Its last words are a reading.
  const lastWords = Date.now();
  const gone = await connectDevice(first, lost.id, {
    will: {
      topic: `hd/v1/${lost.id}/telemetry`,
      payload: Buffer.from(JSON.stringify({ ts: lastWords, values: { [lost.channel]: 1 } })),
      qos: 1,
      retain: false,
    },
  });
  const own = new Promise<string>((resolve) => gone.on('message', (_topic, payload) => resolve(String(payload))));
  await gone.subscribeAsync(status(lost.id), { qos: 1 });
  expect(JSON.parse(await own)).toMatchObject({ online: true });
  // Written down in batches, a fifth of a second apart.
  await expect.poll(() => onlineIn(folder), { timeout: 5_000 }).toContain(lost.id);
  await first.kill();
  gone.end(true);
  const level = new ClassicLevel(join(folder, 'broker', 'sessions'));
  expect(await level.get(`retained:${status(lost.id)}`)).toContain('"online":true');
  await level.close();

  const second = await startPlatformProcess(folder, environment);
  const waiting: { readonly text: string; readonly qos: number }[] = [];
  // Listens before it connects: what waits comes right after the CONNACK.
  const awake = connect(`mqtt://127.0.0.1:${second.mqttPort}`, {
    clientId: sleeper.id,
    username: sleeper.id,
    password: demoToken('1', sleeper.id),
    protocolVersion: 4,
    clean: false,
    reconnectPeriod: 0,
  });
  awake.on('message', (_topic, payload, { qos }) => waiting.push({ text: String(payload), qos }));
  await vi.waitFor(() => expect(waiting).toContainEqual({ text: '"asleep"', qos: 2 }), { timeout: 5_000 });
  await vi.waitFor(
    () => expect(waiting.some(({ text, qos }) => qos === 1 && text.includes('"reason":"lost"'))).toBe(true),
    { timeout: 5_000 },
  );
  await awake.endAsync();

  await expect.poll(() => second.metric('hd_readings_accepted_total'), { timeout: 15_000 }).toBe(1);
  await second.stop();
  const again = new ClassicLevel(join(folder, 'broker', 'sessions'));
  expect(await again.get(`retained:${status(lost.id)}`)).toContain('"online":false');
  await again.close();
  const { stored } = await storedReadings(folder, [lost], lastWords, lastWords + 1);
  expect([...stored]).toEqual([`${lost.id}@${lastWords}`]);
}, 60_000);
