import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { StoreUnavailableError } from '../../domain/ports/time-series-store.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs } from '../../domain/time.ts';
import { openInfluxStore } from './influx.ts';
import { InfluxServer, influxPresent, influxVersion } from './influx-server.ts';
import { describeTimeSeriesStore } from './time-series-store.contract.ts';

const resolveSeries = (id: SeriesId) => ({ quantity: 'pm2_5' as QuantityKey, point: `p-${id}` as PointId });
const server = new InfluxServer();

describe.skipIf(!influxPresent)(`InfluxDB (${influxVersion})`, () => {
  beforeAll(() => server.start());
  afterAll(() => server.discard());

  describeTimeSeriesStore('the InfluxDB store, by the 1.x write path', () => {
    const database = { name: null as Promise<string> | null };
    return async () => {
      database.name ??= server.newDatabase();
      return openInfluxStore({ url: server.url, access: { api: 'v1', database: await database.name }, resolveSeries });
    };
  });

  it('goes on where a retention policy refuses old readings, keeps the others, and counts', async () => {
    const database = await server.newDatabase();
    await server.query(`CREATE RETENTION POLICY week ON ${database} DURATION 7d REPLICATION 1 DEFAULT`);
    let dropped = 0;
    const store = openInfluxStore({
      url: server.url,
      access: { api: 'v1', database },
      resolveSeries,
      onBeyondRetention: (readings) => {
        dropped += readings;
      },
    });
    const reading = (daysAgo: number) => {
      const at = epochMs(Math.floor(Date.now() / 1_000) * 1_000 - daysAgo * 86_400_000);
      return { series: 1 as SeriesId, eventTime: at, arrivalTime: at, value: daysAgo, quality: QUALITY.GOOD };
    };
    await store.append([toColumns([reading(30), reading(1)])], 5 as JournalSequence);
    expect(dropped).toBe(1);
    expect(await store.cursor()).toBe(5);
    const { value } = await store.range({ series: 1 as SeriesId, from: epochMs(0), to: epochMs(4e12), limit: 5 });
    expect([...value]).toEqual([1]);
  });

  it('says that it is away, and keeps what is appended once it is back', async () => {
    const store = openInfluxStore({
      url: server.url,
      access: { api: 'v1', database: await server.newDatabase() },
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
