import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connectAsync } from 'mqtt';
import { freePort } from '../../adapters/free-port.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { epochMs } from '../../domain/time.ts';
import { tokenOf } from '../ingest/platform-parts.ts';
import { alarmingCity, CityOfProcesses } from './city-of-processes.ts';
import { newFolder, type PlatformProcess, startPlatformProcess } from './platform-process.ts';

const DAY_MS = 86_400_000;

/** A city on one box, with servers beside it to which it is to move. */
export class MovingCity {
  readonly servers: CityOfProcesses;
  readonly from = newFolder();
  readonly to = newFolder();
  readonly mqttPort: number;
  #old: PlatformProcess | null = null;

  private constructor(servers: CityOfProcesses, mqttPort: number) {
    this.servers = servers;
    this.mqttPort = mqttPort;
  }

  static async open(devices: number): Promise<MovingCity> {
    const [servers, mqttPort] = await Promise.all([CityOfProcesses.empty(devices), freePort()]);
    const city = new MovingCity(servers, mqttPort);
    const registry = openSqliteRegistry({
      path: join(city.from, 'registry.sqlite'),
      clock: () => epochMs(Date.now()),
      newId: randomUUID,
    });
    await registry.seed({ kind: 'system', name: 'test' }, alarmingCity(devices));
    await registry.close();
    await city.startOld();
    return city;
  }

  async startOld(): Promise<PlatformProcess> {
    this.#old = await startPlatformProcess(this.from, this.#environment, []);
    return this.#old;
  }
  get old(): PlatformProcess {
    if (this.#old === null) throw new Error('it was never started');
    return this.#old;
  }
  get #environment() {
    const unlimited = { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '100000' };
    return { HD_MQTT_PORT: String(this.mqttPort), ...unlimited };
  }
  /** What is to take over, on the same port. */
  startNew = (): Promise<PlatformProcess> =>
    this.servers.start('gateway,worker,api', { ...this.#environment, HD_DATA_DIRECTORY: this.to });

  /** Readings of the last weeks, as a device sends them that was offline: some not to be believed, some below zero. @returns how many. */
  async sendHistory(weeks: number): Promise<number> {
    const [id = ''] = this.servers.devices;
    const device = await connectAsync(`mqtt://127.0.0.1:${this.mqttPort}`, {
      clientId: id,
      username: id,
      password: tokenOf(id),
    });
    const from = Date.now() - weeks * 7 * DAY_MS;
    const items = Array.from({ length: weeks * 7 * 24 }, (_, hour) => ({
      ts: from + hour * 3_600_000,
      values: { pm2_5: hour % 50 === 0 ? 1e7 : 20 + Math.sin(hour) * 10, pm10: hour / 3 },
    }));
    await device.publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify(items), { qos: 1 });
    await device.endAsync();
    return items.length;
  }

  /** `npm run migrate`, begun. */
  migrating(servers = this.servers): {
    readonly child: ChildProcess;
    readonly ended: Promise<{ code: number | null; said: string }>;
  } {
    const child = spawn(process.execPath, ['main-migrate.ts', this.from, '--lang', 'en'], {
      env: { ...process.env, ...servers.environment, HD_DATA_DIRECTORY: this.to },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += String(text)));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
    return { child, ended };
  }

  /** Alarms as the old registry has them. */
  alarmsBefore(): readonly string[] {
    const file = new DatabaseSync(join(this.from, 'registry.sqlite'), { readOnly: true });
    try {
      return file
        .prepare('SELECT id FROM alarms ORDER BY id')
        .all()
        .map(({ id }) => String(id));
    } finally {
      file.close();
    }
  }
  async alarmsAfter(): Promise<readonly string[]> {
    return (await this.servers.inRegistry<{ id: string }>('SELECT id FROM alarms ORDER BY id')).map(({ id }) => id);
  }

  async close(): Promise<void> {
    await this.#old?.kill();
    await this.servers.close();
    await Promise.all([this.from, this.to].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
