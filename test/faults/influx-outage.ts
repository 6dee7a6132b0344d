import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { vi } from 'vitest';
import { InfluxServer } from '../../adapters/timeseries/influx-server.ts';
import {
  CITY_DEVICES,
  connectDevice,
  newFolder,
  type PlatformProcess,
  startPlatformProcess,
} from './platform-process.ts';

const DEVICES = CITY_DEVICES.slice(0, 8);

/** A real InfluxDB, killed and started again, behind a running platform with devices that send all the while. */
export class InfluxOutage {
  readonly influx = new InfluxServer();
  readonly folder = newFolder();
  /** Acknowledged messages: point → event times. */
  readonly acknowledged = new Map<string, number>();
  #platform: PlatformProcess | null = null;
  #database = '';
  #sending = true;
  #senders: Promise<void>[] = [];

  async prepare(): Promise<void> {
    await this.influx.start();
    this.#database = await this.influx.newDatabase();
    await this.influx.stop();
    await this.influx.start();
  }
  get platform(): PlatformProcess {
    if (!this.#platform) throw new Error('not started');
    return this.#platform;
  }
  async startPlatform(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#platform = await startPlatformProcess(this.folder, {
      HD_STORE_ENGINE: 'influxdb',
      HD_STORE_URL: this.influx.url,
      HD_STORE_API: 'v1',
      HD_STORE_DATABASE: this.#database,
      HD_LOG_LEVEL: 'info',
      ...more,
    });
  }

  /** Each device sends a reading as soon as the one before is acknowledged and `paceMs` has passed, until {@link stop}. */
  async send(paceMs: number): Promise<void> {
    const from = Date.now() - 3_600_000;
    this.#senders = DEVICES.map(async ({ id, channel }, i) => {
      const client = await connectDevice(this.platform, id);
      for (let n = 0; this.#sending; n++) {
        const ts = from + n * 10 + i;
        await client.publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ ts, values: { [channel]: n % 7 } }), {
          qos: 1,
        });
        this.acknowledged.set(`${id}@${ts}`, ts);
        await new Promise((resolve) => setTimeout(resolve, paceMs));
      }
      await client.endAsync();
    });
  }
  async stopSending(): Promise<void> {
    this.#sending = false;
    await Promise.all(this.#senders);
  }

  /** Readings in InfluxDB, as `device@time`; one more than once would show in the list's length. */
  async stored(): Promise<string[]> {
    const found: string[] = [];
    for (const { id, quantity, point } of DEVICES) {
      const rows = await this.influx.query(
        `SELECT "value" FROM "${quantity}" WHERE "point" = '${point}'`,
        this.#database,
      );
      for (const [time] of rows) found.push(`${id}@${time}`);
    }
    return found;
  }
  /** Acknowledged readings that InfluxDB has not. */
  async missing(): Promise<string[]> {
    const stored = new Set(await this.stored());
    return [...this.acknowledged.keys()].filter((key) => !stored.has(key));
  }
  async acknowledgedAtLeast(count: number, timeoutMs = 60_000): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.acknowledged.size < count) throw new Error(`${this.acknowledged.size} of ${count} are acknowledged`);
      },
      { timeout: timeoutMs },
    );
  }
  async readiness(): Promise<{ readonly status: number; readonly storeOk: boolean }> {
    const response = await fetch(`http://127.0.0.1:${this.platform.httpPort}/readyz`);
    const { checks } = (await response.json()) as { checks: { name: string; ok: boolean }[] };
    return { status: response.status, storeOk: checks.find((check) => check.name === 'store')?.ok ?? false };
  }
  /** Kinds of the notices that were raised, oldest first. */
  notices(): string[] {
    const registry = new DatabaseSync(join(this.folder, 'registry.sqlite'), { readOnly: true });
    const rows = registry.prepare('SELECT body FROM notices ORDER BY number').all() as { body: string }[];
    registry.close();
    return rows.map(({ body }) => (JSON.parse(body) as { kind: string }).kind);
  }
  async end(): Promise<void> {
    this.#sending = false;
    await this.#platform?.kill();
    await this.influx.discard();
  }
}
