import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import type { SeriesId } from '../domain/identifiers.ts';
import { QUALITY } from '../domain/quality.ts';
import { toColumns } from '../domain/reading.ts';
import { before, days, epochMs, milliseconds } from '../domain/time.ts';
import { createRetention } from '../ingest/retention.ts';

const NOW = epochMs(Date.parse('2026-11-20T00:00:00Z'));
const SERIES = 1 as SeriesId;

const readingOf = (daysAgo: number) => {
  const at = before(NOW, days(daysAgo));
  return { series: SERIES, eventTime: at, arrivalTime: at, value: daysAgo, quality: QUALITY.GOOD };
};

it('drops readings and files that have outlived their time, and keeps the others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-retention-'));
  const store = await openDuckDbStore({ path: folder, memoryLimitMegabytes: 100 });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const weeks = () => readdirSync(folder).filter((name) => /^week-.*\.duckdb$/.test(name)).length;
  await store.load([toColumns([90, 60, 29, 1].map(readingOf))]);
  expect(weeks()).toBe(4);

  const retention = createRetention({
    store,
    keep: days(30),
    clock: () => NOW,
    onError: (error) => expect.unreachable(String(error)),
  });
  await retention.start();
  await retention.stop();

  const kept = await store.range({ series: SERIES, from: epochMs(0), to: NOW, limit: 10 });
  expect([...kept.value]).toEqual([29, 1]);
  expect(weeks()).toBe(2);
});

it('goes on after a round the store could not do', async () => {
  let rounds = 0;
  const errors: unknown[] = [];
  const retention = createRetention({
    store: {
      async dropBefore() {
        if (++rounds === 1) throw new Error('away');
      },
    },
    keep: days(30),
    clock: () => NOW,
    onError: (error) => errors.push(error),
    every: milliseconds(5),
  });
  await retention.start();
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(2));
  await retention.stop();
  expect(errors).toHaveLength(1);
});
