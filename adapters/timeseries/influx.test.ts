import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { StoreUnavailableError } from '../../domain/ports/time-series-store.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs } from '../../domain/time.ts';
import { openInfluxStore } from './influx.ts';
import { describeTimeSeriesStore } from './time-series-store.contract.ts';

const influxd = spawnSync('influxd', ['version']);
const present = influxd.error === undefined;
if (!present && process.env['CI'] === 'true') throw new Error('influxd is missing: this suite must run in CI');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real influxd with a folder and ports of its own, which can be killed and started again on the same data. */
class Server {
  readonly folder = mkdtempSync(join(tmpdir(), 'hd-influx-'));
  url = '';
  #process: ChildProcess | null = null;
  async prepare(): Promise<void> {
    const [http, rpc] = [await freePort(), await freePort()];
    this.url = `http://127.0.0.1:${http}`;
    const at = (name: string) => JSON.stringify(join(this.folder, name));
    writeFileSync(
      join(this.folder, 'influxdb.conf'),
      `reporting-disabled = true\nbind-address = "127.0.0.1:${rpc}"\n[meta]\ndir = ${at('meta')}\n[data]\ndir = ${at('data')}\nwal-dir = ${at('wal')}\n[http]\nbind-address = "127.0.0.1:${http}"\nlog-enabled = false\n[monitor]\nstore-enabled = false\n`,
    );
  }
  async start(): Promise<void> {
    this.#process = spawn('influxd', ['-config', join(this.folder, 'influxdb.conf')], { stdio: 'ignore' });
    await vi.waitFor(async () => expect((await fetch(`${this.url}/ping`)).status).toBe(204), {
      timeout: 20_000,
      interval: 50,
    });
  }
  /** In good order: 1.6 keeps a database made a moment ago only then. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
}

const resolveSeries = (id: SeriesId) => ({ quantity: 'pm2_5' as QuantityKey, point: `p-${id}` as PointId });
const server = new Server();
let databases = 0;
const newDatabase = async (): Promise<string> => {
  const name = `d${databases++}`;
  await fetch(`${server.url}/query`, { method: 'POST', body: new URLSearchParams({ q: `CREATE DATABASE ${name}` }) });
  return name;
};

describe.skipIf(!present)(`InfluxDB (${present ? String(influxd.stdout).trim() : 'influxd is not installed'})`, () => {
  beforeAll(async () => {
    await server.prepare();
    await server.start();
  });
  afterAll(() => server.stop());

  describeTimeSeriesStore('the InfluxDB store, by the 1.x write path', () => {
    const database = { name: null as Promise<string> | null };
    return async () => {
      database.name ??= newDatabase();
      return openInfluxStore({ url: server.url, access: { api: 'v1', database: await database.name }, resolveSeries });
    };
  });

  it('says that it is away, and keeps what is appended once it is back', async () => {
    const store = openInfluxStore({
      url: server.url,
      access: { api: 'v1', database: await newDatabase() },
      resolveSeries,
    });
    const at = Date.parse('2026-11-20T00:00:00Z');
    const batch = toColumns([
      { series: 1 as SeriesId, eventTime: epochMs(at), arrivalTime: epochMs(at), value: 1, quality: QUALITY.GOOD },
    ]);
    await server.stop();
    await expect(store.append([batch], 1 as JournalSequence)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await store.status()).reachable).toBe(false);
    await server.start();
    await store.append([batch], 1 as JournalSequence);
    expect(await store.cursor()).toBe(1);
    expect(await store.range({ series: 1 as SeriesId, from: epochMs(0), to: epochMs(4e12), limit: 5 })).toHaveLength(1);
  });
});
