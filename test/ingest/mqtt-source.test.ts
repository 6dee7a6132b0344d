import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../adapters/free-port.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import type { MqttSourceSettings } from '../../ingest/sources/mqtt-source.ts';
import { newFolder, openIngest, smallCity } from './platform-parts.ts';

const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const missing = spawnSync('mosquitto', ['-h'], { env: environment }).error !== undefined;
if (missing && process.env['CI'] === 'true') throw new Error('mosquitto is missing: this suite must run in CI');

type Platform = Awaited<ReturnType<typeof openIngest>>;
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 60_000, interval: 20 });

/** Somebody else's broker: a real mosquitto that keeps its sessions and messages on disk. */
async function openMosquitto() {
  const folder = newFolder();
  const port = await freePort();
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(
    configuration,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${folder}/`,
      'autosave_on_changes true',
      'autosave_interval 1',
      'max_queued_messages 0',
      // mosquitto gives up root by default, and then can't write into our folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ].join('\n'),
  );
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn('mosquitto', ['-c', configuration], { env: environment, stdio: 'ignore' });
    await soon(async () => (await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })).endAsync());
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  await start();
  opened.push(() => kill('SIGKILL'));
  return { url: `mqtt://127.0.0.1:${port}`, start, kill };
}

const aSource = (
  url: string,
  change: Partial<MqttSourceSettings> = {},
): { settings: MqttSourceSettings; secrets: object } => ({
  settings: {
    name: 'plant',
    url,
    version: '3.1.1',
    device: 'air-1' as DeviceId,
    connections: 1,
    sessionExpirySeconds: 3_600,
    topics: [
      { filter: 'plant/+/data', deviceLevel: 2 },
      { filter: 'senml/+', deviceLevel: 2, format: 'senml-json' },
    ],
    ...change,
  },
  secrets: {},
});
async function open(sources: object[], folder = newFolder(), stations = 3): Promise<Platform> {
  const platform = await openIngest(folder, { sources }, smallCity(stations));
  opened.push(() => platform.stopAll());
  return platform;
}
async function plant(url: string): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 50 });
  client.on('error', () => {});
  opened.push(async () => client.end(true));
  return client;
}
/** Until the source takes messages, and has taken all it was sent to find out: what is published before it subscribed is not for it. */
const listening = async (platform: Platform, client: MqttClient): Promise<void> => {
  const from = Date.now() - 7_200_000;
  const sent: number[] = [];
  await soon(async () => {
    const ts = from + sent.length;
    sent.push(ts);
    await client.publishAsync('plant/air-1/data', JSON.stringify({ ts, values: { pm10: 1 } }), { qos: 1 });
    expect(platform.metrics.value('hd_source_messages_total')).toBeGreaterThan(0);
  });
  await soon(async () => {
    const taken = platform.metrics.value('hd_source_messages_total');
    const { length, eventTime } = await platform.store.range({
      series: platform.seriesOf('air-1', 'pm10'),
      from: epochMs(from),
      to: epochMs(from + sent.length),
      limit: 1_000,
    });
    expect([...eventTime]).toEqual(sent.slice(-length));
    expect(length).toBe(taken);
  });
};
const storedTimes = async (platform: Platform, device: string, from: number): Promise<number[]> => {
  const { eventTime } = await platform.store.range({
    series: platform.seriesOf(device),
    from: epochMs(from),
    to: epochMs(4e12),
    limit: 100_000,
  });
  return [...eventTime];
};

describe.skipIf(missing)('a broker of others (mosquitto)', () => {
  it.each(['3.1.1', '5'] as const)('is read as MQTT %s, topics mapped to devices and formats', async (version) => {
    const mosquitto = await openMosquitto();
    const platform = await open([aSource(mosquitto.url, { version })]);
    const client = await plant(mosquitto.url);
    await listening(platform, client);
    const ts = Date.now() - 60_000;
    await client.publishAsync('plant/air-2/data', JSON.stringify({ ts, values: { pm2_5: 12 } }), { qos: 1 });
    await client.publishAsync('senml/air-3', JSON.stringify([{ n: 'pm2_5', t: ts / 1000, v: 13 }]), { qos: 1 });
    await soon(async () => {
      expect(await storedTimes(platform, 'air-2', 0)).toEqual([ts]);
      expect(await storedTimes(platform, 'air-3', 0)).toHaveLength(1);
    });
  });

  it('keeps what names no device of ours in quarantine, from where it can be replayed when the device is there', async () => {
    const mosquitto = await openMosquitto();
    const platform = await open([aSource(mosquitto.url)]);
    const client = await plant(mosquitto.url);
    await listening(platform, client);
    const ts = Date.now() - 60_000;
    await client.publishAsync('senml/air-4', JSON.stringify([{ n: 'pm2_5', t: ts / 1000, v: 13 }]), { qos: 1 });
    // Counted the moment it comes, listed once it is on disk.
    const held = async () => (await platform.quarantine.list({ agencies: 'all' }, 10))[0];
    await soon(async () =>
      expect((await held())?.problems).toMatchObject([{ code: 'UNKNOWN_DEVICE', detail: 'air-4' }]),
    );
    const { id } = (await held())!;
    await platform.registry.seed({ kind: 'system', name: 'test' }, smallCity(4));
    platform.bus.publish('device.changed', { deviceId: 'air-4' as DeviceId });
    await soon(async () => {
      const [outcome] = await platform.pipeline.replay([id], { backfill: false });
      expect(outcome).toMatchObject({ accepted: 1, problems: [] });
    });
  });

  it('loses nothing it was given when either of the two is stopped under load', async () => {
    const mosquitto = await openMosquitto();
    const folder = newFolder();
    const source = aSource(mosquitto.url);
    let platform = await openIngest(folder, { sources: [source] });
    const client = await plant(mosquitto.url);
    await listening(platform, client);
    const from = Date.now() - 3_600_000;
    const acknowledged: number[] = [];
    let next = from;
    const send = async (count: number): Promise<void> => {
      const sent = Array.from({ length: count }, async () => {
        const ts = next++;
        await client.publishAsync('plant/air-2/data', JSON.stringify({ ts, values: { pm2_5: 5 } }), { qos: 1 });
        acknowledged.push(ts);
      });
      await Promise.all(sent);
    };
    await send(100);
    // Ours stops in the middle: what it has not acknowledged waits with the broker.
    const half = send(100);
    await platform.stopAll();
    await half;
    platform = await open([source], folder);
    // Theirs is stopped in good order and comes back; a message its sender has no word of is sent again by it.
    const rest = send(100);
    await mosquitto.kill('SIGTERM');
    await mosquitto.start();
    await rest;
    await soon(async () => {
      const stored = await storedTimes(platform, 'air-2', from);
      expect(new Set(stored).size).toBe(stored.length);
      const kept = new Set(stored);
      expect(acknowledged.filter((ts) => !kept.has(ts)).length).toBe(0);
    });
    expect(acknowledged).toHaveLength(300);
  }, 120_000);

  it('divides messages over several connections that share a subscription, each taken once', async () => {
    const mosquitto = await openMosquitto();
    const platform = await open([aSource(mosquitto.url, { connections: 3, shareGroup: 'city' })]);
    const client = await plant(mosquitto.url);
    await listening(platform, client);
    const before = platform.metrics.value('hd_source_messages_total');
    const from = Date.now() - 3_600_000;
    const times = Array.from({ length: 300 }, (_, i) => from + i);
    await Promise.all(
      times.map((ts) =>
        client.publishAsync('plant/air-2/data', JSON.stringify({ ts, values: { pm2_5: 5 } }), { qos: 1 }),
      ),
    );
    await soon(async () => expect(await storedTimes(platform, 'air-2', from)).toEqual(times));
    expect(platform.metrics.value('hd_source_messages_total') - before).toBe(300);
  });

  it('tells the operators when it is away, and when it is back', async () => {
    const mosquitto = await openMosquitto();
    const platform = await open([aSource(mosquitto.url)]);
    const said: string[] = [];
    platform.bus.subscribe('notice.raised', ({ kind }) => said.push(kind));
    await listening(platform, await plant(mosquitto.url));
    await mosquitto.kill('SIGKILL');
    await soon(() => expect(said).toContain('source.away'));
    await mosquitto.start();
    await soon(() => expect(said.at(-1)).toBe('source.back'));
  });
});
