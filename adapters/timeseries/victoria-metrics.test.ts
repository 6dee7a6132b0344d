import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { StoreUnavailableError } from '../../domain/ports/time-series-store.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type Reading, toColumns } from '../../domain/reading.ts';
import { epochMs } from '../../domain/time.ts';
import { freePort } from '../free-port.ts';
import { openInfluxStore } from './influx.ts';

const version = spawnSync('victoria-metrics', ['-version']);
const present = version.error === undefined;
if (!present && process.env['CI'] === 'true') throw new Error('victoria-metrics is missing: this suite must run in CI');

/** A real VictoriaMetrics on an empty folder, gone when the test is over; its address. */
async function startVictoriaMetrics(): Promise<string> {
  const url = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'victoria-metrics',
    [
      `-httpListenAddr=${url}`,
      `-storageDataPath=${mkdtempSync(join(tmpdir(), 'hd-victoria-'))}`,
      '-retentionPeriod=100y',
      '-memory.allowedBytes=64MiB',
    ],
    { stdio: 'ignore' },
  );
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  await vi.waitFor(async () => expect((await fetch(`http://${url}/health`)).status).toBe(200), {
    timeout: 20_000,
    interval: 50,
  });
  return `http://${url}`;
}

interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}
async function exported(url: string): Promise<ExportedSeries[]> {
  await fetch(`${url}/internal/force_flush`);
  const response = await fetch(`${url}/api/v1/export?${new URLSearchParams({ 'match[]': '{__name__=~"pm2_5.*"}' })}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as ExportedSeries);
}

/** VictoriaMetrics takes InfluxDB's 2.x write requests. It keeps duplicates and has no strings, so that it is not held to the store's contract. */
describe.skipIf(!present)(
  `the 2.x write path against ${present ? 'VictoriaMetrics' : 'victoria-metrics, which is not installed'}`,
  () => {
    const resolveSeries = (id: SeriesId) => ({ quantity: 'pm2_5' as QuantityKey, point: `lê chân, ${id}` as PointId });
    const openAt = (url: string) =>
      openInfluxStore({
        url,
        access: { api: 'v2', token: 'a-token', organisation: 'hai-phong', bucket: 'readings' },
        resolveSeries,
      });

    it('keeps value, quality and lateness of every reading at its time, under its quantity and point', async () => {
      const url = await startVictoriaMetrics();
      const store = openAt(url);
      const at = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
      const readings = Array.from(
        { length: 12_000 },
        (_, i): Reading => ({
          series: (1 + (i % 2)) as SeriesId,
          eventTime: epochMs(at + i * 100 + 7),
          arrivalTime: epochMs(at + i * 100 + 7 + (i % 900)),
          value: (i % 1_000) / 10,
          quality: i % 50 === 0 ? QUALITY.SUSPECT_STUCK : QUALITY.GOOD,
        }),
      );
      // More than one request's worth, and the cursor with it.
      await store.append([toColumns(readings)], 7 as JournalSequence);
      const series = await exported(url);
      for (const id of [1, 2]) {
        const expected = readings.filter((reading) => reading.series === id);
        const field = (name: string) =>
          series.find(({ metric }) => metric['__name__'] === `pm2_5_${name}` && metric['point'] === `lê chân, ${id}`);
        expect(field('value')?.timestamps).toEqual(expected.map((reading) => reading.eventTime));
        expect(field('value')?.values).toEqual(expected.map((reading) => reading.value));
        expect(field('quality')?.values).toEqual(expected.map((reading) => reading.quality));
        expect(field('late_ms')?.values).toEqual(expected.map((reading) => reading.arrivalTime - reading.eventTime));
      }
      expect(series).toHaveLength(6);
    }, 60_000);

    it('says that nothing was kept when the server is gone', async () => {
      const store = openAt(`http://127.0.0.1:${await freePort()}`);
      const reading = { eventTime: epochMs(1e12), arrivalTime: epochMs(1e12), value: 1, quality: QUALITY.GOOD };
      const batch = toColumns([{ series: 1 as SeriesId, ...reading }]);
      await expect(store.append([batch], 1 as JournalSequence)).rejects.toBeInstanceOf(StoreUnavailableError);
    });
  },
);
