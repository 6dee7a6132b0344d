import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { QUANTITY_CATALOGUE, quantityKey } from '../config/quantities.ts';
import { DEFAULT_KEEPING, KEEPING_ALL, retentionClasses } from '../config/retention.ts';
import type { AgencyId, SeriesId, UserId } from '../domain/identifiers.ts';
import type { QualitySpan } from '../domain/ports/quality-spans.ts';
import { QUALITY } from '../domain/quality.ts';
import { toColumns } from '../domain/reading.ts';
import { after, before, days, epochMs, hours, milliseconds } from '../domain/time.ts';
import { createRetention, type RetentionOptions } from '../ingest/retention.ts';
import { RETENTION_GRACE, retentionBegins } from '../ingest/retention-begin.ts';

const NOW = epochMs(Date.parse('2026-11-20T00:00:00Z'));
const FLOW = 1 as SeriesId;
const PM25 = 2 as SeriesId;

const readingOf = (series: SeriesId, daysAgo: number) => {
  const at = before(NOW, days(daysAgo));
  return { series, eventTime: at, arrivalTime: at, value: daysAgo, quality: QUALITY.GOOD };
};
const options = (store: RetentionOptions['store'], more: Partial<RetentionOptions> = {}): RetentionOptions => ({
  store,
  series: async () => [
    { series: FLOW, quantity: quantityKey('vehicle_flow') },
    { series: PM25, quantity: quantityKey('pm2_5') },
  ],
  verdictsOn: async () => [],
  classes: retentionClasses(DEFAULT_KEEPING),
  catalogue: QUANTITY_CATALOGUE,
  utcOffset: hours(7),
  clock: () => NOW,
  onError: (error) => expect.unreachable(String(error)),
  ...more,
});
async function openStore() {
  const folder = mkdtempSync(join(tmpdir(), 'hd-retention-'));
  const store = await openDuckDbStore({ path: folder, memoryLimitMegabytes: 100 });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const weeks = () => readdirSync(folder).filter((name) => /^week-.*\.duckdb$/.test(name)).length;
  return { store, weeks };
}
const everything = { from: epochMs(0), to: NOW, limit: 100 };

it('keeps each class of quantities as long as it says, and gives whole weeks back when all of them have passed', async () => {
  const { store, weeks } = await openStore();
  await store.load([
    toColumns([1_300, 400, 200, 100, 1].flatMap((age) => [readingOf(FLOW, age), readingOf(PM25, age)])),
  ]);
  expect(weeks()).toBe(5);
  const retention = createRetention(options(store));
  await retention.start();
  await vi.waitFor(() => expect(retention.status().finishedAt).toBe(NOW), 20_000);
  await retention.stop();
  expect([...(await store.range({ series: FLOW, ...everything })).value]).toEqual([100, 1]);
  expect([...(await store.range({ series: PM25, ...everything })).value]).toEqual([400, 200, 100, 1]);
  expect(weeks()).toBe(4);
  const daily = { from: epochMs(0), to: NOW, step: days(1), align: epochMs(Date.parse('2026-11-19T17:00:00Z')) };
  expect([...(await store.windows({ series: [FLOW], ...daily })).last]).toEqual([1_300, 400, 200, 100, 1]);
  const { finishedAt, failing, classes } = retention.status();
  expect({ finishedAt, failing }).toEqual({ finishedAt: NOW, failing: false });
  expect(classes.map(({ key, deleted }) => [key, deleted.readings])).toEqual([
    ['environment', 1],
    ['supply', 0],
    ['traffic', 3],
    ['hardware', 0],
    ['computed', 0],
  ]);
});

it('rolls up what verdicts make of readings, since a verdict cannot be laid over what is gone', async () => {
  const { store } = await openStore();
  const begin = before(NOW, days(400));
  const at = (minute: number, value: number) => ({
    ...readingOf(FLOW, 400),
    eventTime: epochMs(begin + minute * 60_000),
    value,
  });
  await store.load([toColumns([at(0, 10), at(1, 900), at(2, 20)])]);
  const verdict: QualitySpan = {
    id: 'v',
    agencyId: 'traffic' as AgencyId,
    series: FLOW,
    from: epochMs(begin + 60_000),
    to: epochMs(begin + 90_000),
    quality: QUALITY.INVALID_DECLARED,
    reason: 'loop repaired',
    by: 'u' as UserId,
    recordedAt: NOW,
    withdrawnAt: null,
  };
  const retention = createRetention(options(store, { verdictsOn: async () => [verdict] }));
  await retention.start();
  await vi.waitFor(() => expect(retention.status().finishedAt).toBe(NOW), 20_000);
  await retention.stop();
  const { count, mean } = await store.windows({
    series: [FLOW],
    from: before(NOW, days(401)),
    to: NOW,
    step: hours(1),
    align: epochMs(0),
  });
  expect([[...count], [...mean]]).toEqual([[2], [15]]);
});

it('goes on after a round the store could not do', async () => {
  let rounds = 0;
  const errors: unknown[] = [];
  const away: RetentionOptions['store'] = {
    async retire() {
      if (++rounds === 1) throw new Error('away');
      return { readings: 0, hourlyValues: 0, dailyValues: 0 };
    },
    range: () => expect.unreachable(),
    load: () => expect.unreachable(),
  };
  const onError = (error: unknown) => errors.push(error);
  const retention = createRetention(options(away, { onError, every: milliseconds(5) }));
  await retention.start();
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(6));
  await retention.stop();
  expect(errors).toHaveLength(1);
  expect(retention.status().failing).toBe(false);
});

it('deletes by the limits of old until those of the classes begin', async () => {
  const { store } = await openStore();
  await store.load([toColumns([readingOf(FLOW, 400), readingOf(FLOW, 200)])]);
  let now = NOW;
  const retention = createRetention(
    options(store, {
      clock: () => now,
      before: { begins: after(NOW, days(30)), classes: retentionClasses(KEEPING_ALL, 365) },
      every: milliseconds(5),
    }),
  );
  await retention.start();
  await vi.waitFor(() => expect(retention.status().finishedAt).toBe(NOW), 20_000);
  expect([...(await store.range({ series: FLOW, ...everything })).value]).toEqual([200]);
  now = after(NOW, days(30));
  await vi.waitFor(() => expect(retention.status().finishedAt).toBe(now), 20_000);
  await retention.stop();
  expect([...(await store.range({ series: FLOW, ...everything })).value]).toEqual([]);
});

it('gives people a month where readings were kept before, none in a new place, and goes by what they write', () => {
  const place = () => {
    const folder = mkdtempSync(join(tmpdir(), 'hd-retention-begin-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };
  expect(retentionBegins(place(), false, NOW)).toBe(NOW);
  const upgraded = place();
  expect(retentionBegins(upgraded, true, NOW)).toBe(after(NOW, RETENTION_GRACE));
  expect(retentionBegins(upgraded, true, after(NOW, days(10)))).toBe(after(NOW, RETENTION_GRACE));
  writeFileSync(join(upgraded, 'retention-begins'), '2026-11-25T00:00:00Z');
  expect(retentionBegins(upgraded, true, NOW)).toBe(Date.parse('2026-11-25T00:00:00Z'));
  writeFileSync(join(upgraded, 'retention-begins'), 'soon');
  expect(() => retentionBegins(upgraded, true, NOW)).toThrow(/holds no instant/);
});
