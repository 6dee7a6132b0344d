import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { freePort } from '../../adapters/free-port.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong } from '../../config/city/hai-phong.ts';
import { epochMs } from '../../domain/time.ts';

/** The first devices of the demo city, each with the first channel of its model. */
export const CITY_DEVICES = haiPhong.devices.map((device) => {
  const channel = haiPhong.models.find((model) => model.id === device.modelId)?.channels[0];
  if (!channel) throw new Error(`${device.modelId} has no channel`);
  return { id: device.id, channel: channel.key, quantity: channel.quantity, point: device.serves[0] };
});
export type CityDevice = (typeof CITY_DEVICES)[number];

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'hd-fault-'));

export interface PlatformProcess {
  readonly child: ChildProcess;
  readonly mqttPort: number;
  readonly httpPort: number;
  /** Resolves when the process has gone, asked or not. */
  readonly gone: Promise<unknown>;
  /** SIGKILL; resolves when it has gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has stopped in good order. */
  stop(): Promise<void>;
  /** Resident memory, MB. */
  memoryMegabytes(): number;
  /** What `/metrics` says of a counter or gauge. */
  metric(name: string): Promise<number>;
}

const running = new Set<ChildProcess>();
/** For `afterEach`: nothing is left behind, whatever a test did. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}

/** The platform as its users run it (`main.ts --demo`, without fleet and history; `[]`: `main.ts` alone), in a process of its own; resolves when it is ready. `release`: the folder of the program, if not this one. */
export async function startPlatformProcess(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  words: readonly string[] = ['--demo'],
  release = process.cwd(),
): Promise<PlatformProcess> {
  const mqttPort = Number(environment['HD_MQTT_PORT'] ?? (await freePort()));
  const child = spawn(process.execPath, ['main.ts', ...words], {
    cwd: release,
    env: {
      ...process.env,
      HD_DATA_DIRECTORY: folder,
      HD_HTTP_PORT: '0',
      HD_MQTT_PORT: String(mqttPort),
      HD_DEMO_FLEET: 'false',
      HD_DEMO_HISTORY_DAYS: '0',
      HD_LOG_LEVEL: 'info',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const gone = once(child, 'exit').finally(() => running.delete(child));
  const httpPort = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      if (text === 'ready') return;
      text += String(chunk);
      const ready = text.split('\n').find((line) => line.includes('"event":"ready"') && line.endsWith('}'));
      if (ready === undefined) return;
      text = 'ready';
      resolve((JSON.parse(ready) as { http: number }).http);
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`the platform ended (${code ?? signal}) before it was ready`)),
    );
  });
  return {
    child,
    mqttPort,
    httpPort,
    gone,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
    memoryMegabytes: () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
      return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    },
  };
}

/** One of the demo's devices, connected. */
export async function connectDevice(
  { mqttPort }: Pick<PlatformProcess, 'mqttPort'>,
  id: string,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    clientId: id,
    username: id,
    password: demoToken('1', id),
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => {});
  return client;
}

/**
 * All readings of the devices' first channels in [from, to) as the store of a stopped platform has them, as `device@time`, and how many of those
 * it had more than once.
 */
export async function storedReadings(
  folder: string,
  devices: readonly CityDevice[],
  from: number,
  to: number,
): Promise<{ readonly stored: ReadonlySet<string>; readonly doubled: number }> {
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
  for (const { id, point, quantity } of devices) {
    const found = series.find((s) => s.pointId === point && s.quantity === quantity);
    if (!found) throw new Error(`no series for ${id}`);
    const limit = 1_000_000;
    const { eventTime, length } = await store.range({
      series: found.series,
      from: epochMs(from),
      to: epochMs(to),
      limit,
    });
    if (length === limit) throw new Error(`${id} has more readings than were asked for`);
    for (const time of eventTime.subarray(0, length)) {
      const key = `${id}@${time}`;
      if (stored.has(key)) doubled++;
      stored.add(key);
    }
  }
  await store.close();
  return { stored, doubled };
}
