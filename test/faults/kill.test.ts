import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, expect, it } from 'vitest';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong } from '../../config/city/hai-phong.ts';
import { epochMs } from '../../domain/time.ts';

const DEVICES = haiPhong.devices.slice(0, 20).map((device) => {
  const channel = haiPhong.models.find((model) => model.id === device.modelId)?.channels[0];
  if (!channel) throw new Error(`${device.modelId} has no channel`);
  return { id: device.id, channel: channel.key, quantity: channel.quantity, point: device.serves[0] };
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The platform as its users run it, in a process of its own; resolves when it is ready. */
async function start(folder: string, mqttPort: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['main.ts', '--demo'], {
    env: {
      ...process.env,
      HD_DATA_DIRECTORY: folder,
      HD_HTTP_PORT: '0',
      HD_MQTT_PORT: String(mqttPort),
      HD_DEMO_FLEET: 'false',
      HD_DEMO_HISTORY_DAYS: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const chunk of child.stdout!) if (String(chunk).includes('"event":"ready"')) break;
  child.stdout?.resume();
  return child;
}

it('loses nothing it acknowledged and doubles nothing when it is killed again and again under load', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-kill-'));
  const mqttPort = await freePort();
  /** Acknowledged values: device → time → value. Times are whole and rise, so each identity is one message. */
  const acknowledged = new Map<string, number>();
  const from = Date.now() - 3_600_000;
  let step = 0;
  for (let round = 0; round < 4; round++) {
    const platform = await start(folder, mqttPort);
    const clients: MqttClient[] = await Promise.all(
      DEVICES.map(async ({ id }) => {
        const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
          clientId: id,
          username: id,
          password: demoToken('1', id),
          protocolVersion: 4,
          reconnectPeriod: 0,
        });
        client.on('error', () => {});
        return client;
      }),
    );
    const target = acknowledged.size + 60 + Math.floor(Math.random() * 120);
    let dead = false;
    platform.once('exit', () => {
      dead = true;
    });
    const work = clients.map(async (client, i) => {
      const { id, channel } = DEVICES[i]!;
      while (!dead && acknowledged.size < target) {
        const ts = from + ++step;
        // Whether this one was acknowledged decides whether it must be there; the next round goes on with new times.
        const kept = await Promise.race([
          client
            .publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ ts, values: { [channel]: 1 } }), { qos: 1 })
            .then(() => true),
          new Promise<boolean>((resolve) => client.once('close', () => resolve(false))),
        ]).catch(() => false);
        if (!kept) return;
        acknowledged.set(`${id}@${ts}`, 1);
      }
      if (!dead) platform.kill('SIGKILL');
    });
    await Promise.all(work);
    for (const client of clients) client.end(true);
  }

  // Once more, to let the store take in what the journal kept; then stopped in good order, so that the files may be opened here.
  const last = await start(folder, mqttPort);
  last.kill('SIGTERM');
  await new Promise((resolve) => last.once('exit', resolve));
  const registry = openSqliteRegistry({
    path: join(folder, 'registry.sqlite'),
    clock: () => epochMs(Date.now()),
    newId: String,
  });
  const series = await registry.directory.series();
  await registry.close();
  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 128 });
  const stored = new Set<string>();
  let doubled = 0;
  for (const { id, point, quantity } of DEVICES) {
    const found = series.find((s) => s.pointId === point && s.quantity === quantity);
    if (!found) throw new Error(`no series for ${id}`);
    const { eventTime } = await store.range({
      series: found.series,
      from: epochMs(from),
      to: epochMs(from + 3_000_000),
      limit: 100_000,
    });
    for (const time of eventTime) {
      if (stored.has(`${id}@${time}`)) doubled++;
      stored.add(`${id}@${time}`);
    }
  }
  await store.close();
  expect(acknowledged.size).toBeGreaterThan(200);
  expect([...acknowledged.keys()].filter((key) => !stored.has(key))).toEqual([]);
  expect(doubled).toBe(0);
}, 120_000);
