import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { ExportJobs, type ExportJobsOptions } from '../../api/exports/export-jobs.ts';
import { ExportDiskFull } from '../../api/exports/export-writer.ts';
import type { Actor } from '../../domain/access.ts';
import { type ExportOrder, PLAIN_CSV } from '../../domain/data-export.ts';
import type { SeriesId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, hours } from '../../domain/time.ts';

const HA = 'ha' as UserId;
const officer: Actor = {
  kind: 'person',
  userId: HA,
  access: { readAgencies: [], writeAgencies: [], grants: [] },
  roles: [],
};
const order: ExportOrder = {
  series: [1 as SeriesId],
  from: epochMs(0),
  to: epochMs(1_000),
  step: null,
  format: 'csv',
  withUnusable: true,
  csv: PLAIN_CSV,
  language: 'vi',
};

let registry: Registry;
let folder: string;
let now = epochMs(Date.parse('2026-11-26T00:00:00Z'));
let jobs: ExportJobs | null = null;
beforeEach(() => {
  const place = mkdtempSync(join(tmpdir(), 'hd-export-jobs-'));
  folder = join(place, 'exports');
  registry = openSqliteRegistry({ path: join(place, 'registry.sqlite'), clock: () => now, newId: () => 'x' });
});
afterEach(async () => {
  await jobs?.stop();
  await registry.close();
});

const mine = () => registry.as(officer).exports;
/** Exports whose writing is what the test says; they are real in everything else. */
function open(run: ExportJobsOptions['run'], bounds: Partial<ExportJobsOptions['bounds']> = {}): ExportJobs {
  let ids = 0;
  jobs = new ExportJobs({
    folder,
    registry,
    bounds: {
      unfinished: 10,
      unfinishedPerPerson: 5,
      keptPerPerson: 3,
      capacityBytes: 1_000,
      keep: hours(1),
      ...bounds,
    },
    clock: () => now,
    newId: () => `e${++ids}`,
    openWriter: (_job, path) => {
      writeFileSync(path, 'x'.repeat(100));
      return { begin: async () => {}, write: async () => {}, end: async () => 100, close: async () => {} };
    },
    run,
    onFailure: () => {},
  });
  return jobs;
}
const written: ExportJobsOptions['run'] = async () => ({
  progress: { seriesDone: 1, rows: 3, leftOut: 0, gone: 0 },
  bytes: 100,
});
const stateOf = async (id: string) => (await mine().get(id)).state;

it('says of an export that a restart interrupted that it was, and keeps no part of its file', async () => {
  await mine().order({ id: 'old', order, expiresAt: epochMs(now + hours(1)) });
  await registry.exports.settle('old', { kind: 'running' });
  mkdirSync(folder);
  writeFileSync(join(folder, 'old.csv.part'), 'half');
  await open(written).start();
  expect(await stateOf('old')).toEqual({ kind: 'interrupted' });
  expect(existsSync(join(folder, 'old.csv.part'))).toBe(false);
});

it('interrupts the one that is being written when the platform stops', async () => {
  const running = open(
    (_job, _writer, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  await running.start();
  const { id } = await running.order(mine(), HA, order);
  await vi.waitFor(async () => expect((await stateOf(id)).kind).toBe('running'));
  await running.stop();
  expect(await stateOf(id)).toEqual({ kind: 'interrupted' });
  expect(existsSync(join(folder, `${id}.csv.part`))).toBe(false);
});

it('removes files when they expire', async () => {
  const first = open(written);
  await first.start();
  const { id } = await first.order(mine(), HA, order);
  await vi.waitFor(async () => expect((await stateOf(id)).kind).toBe('done'));
  expect(existsSync(join(folder, `${id}.csv`))).toBe(true);
  await first.stop();
  now = epochMs(now + hours(2));
  await open(written).start();
  expect(existsSync(join(folder, `${id}.csv`))).toBe(false);
  expect(await mine().list()).toEqual([]);
});

it('refuses one more than a person may keep, and any while there is no room; says of a full disk what it is', async () => {
  const full = open(written);
  await full.start();
  for (let i = 0; i < 3; i++) await full.order(mine(), HA, order);
  await expect(full.order(mine(), HA, order)).rejects.toMatchObject({ code: 'EXPORTS_FULL' });
  await vi.waitFor(() => expect(full.unfinished).toBe(0));
  await full.stop();

  const narrow = open(written, { capacityBytes: 300, keptPerPerson: 50 });
  await narrow.start();
  await expect(narrow.order(mine(), HA, order)).rejects.toMatchObject({ code: 'EXPORTS_FULL' });
  await narrow.stop();

  for (const { id } of await mine().list()) await mine().remove(id);
  const broken = open(async () => {
    throw new ExportDiskFull('no space left on device');
  });
  await broken.start();
  const { id } = await broken.order(mine(), HA, order);
  await vi.waitFor(async () => expect(await stateOf(id)).toEqual({ kind: 'failed', why: 'DISK_FULL' }));
});
