import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
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
import { epochMs, hours, milliseconds } from '../../domain/time.ts';

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
let servers: ExportJobs[] = [];
beforeEach(() => {
  const place = mkdtempSync(join(tmpdir(), 'hd-export-jobs-'));
  folder = join(place, 'exports');
  registry = openSqliteRegistry({ path: join(place, 'registry.sqlite'), clock: () => now, newId: () => 'x' });
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
  await registry.close();
});

const mine = () => registry.as(officer).exports;
/** Exports whose writing is what the test says; they are real in everything else. */
function open(
  run: ExportJobsOptions['run'],
  bounds: Partial<ExportJobsOptions['bounds']> = {},
  times: Pick<ExportJobsOptions, 'ttl' | 'every'> = {},
): ExportJobs {
  let ids = 0;
  const server = new ExportJobs({
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
    every: milliseconds(20),
    ...times,
  });
  servers.push(server);
  return server;
}
const written: ExportJobsOptions['run'] = async () => ({
  progress: { seriesDone: 1, rows: 3, leftOut: 0, gone: 0 },
  bytes: 100,
});
const stateOf = async (id: string) => (await mine().get(id)).state;

/** Writes until it is told to stop. */
const endless: ExportJobsOptions['run'] = (_job, _writer, signal, onProgress) =>
  new Promise((_, reject) => {
    onProgress({ seriesDone: 0, rows: 2, leftOut: 0, gone: 0 });
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

it('begins anew what a killed platform was writing, and keeps no part of its file', async () => {
  await mine().order({ id: 'old', order, expiresAt: epochMs(now + hours(1)) });
  await registry.exports.takeUp(milliseconds(0));
  mkdirSync(folder);
  writeFileSync(join(folder, 'old.1.csv.part'), 'half');
  await open(written).start();
  await vi.waitFor(async () => expect((await stateOf('old')).kind).toBe('done'));
  expect(readdirSync(folder)).toEqual(['old.2.csv']);
});

it('throws away files of no export and of turns that are over, and touches no other', async () => {
  await mine().order({ id: 'held', order, expiresAt: epochMs(now + hours(1)) });
  await registry.exports.takeUp(hours(1));
  await mine().order({ id: 'old', order, expiresAt: epochMs(now + hours(1)) });
  mkdirSync(folder);
  // `old.csv`: of a release that knew no turns.
  for (const name of ['held.csv', 'held.1.csv.part', 'old.csv', 'stray.1.csv', 'notes.txt'])
    writeFileSync(join(folder, name), 'x');
  await open(written).start();
  await vi.waitFor(async () => expect((await stateOf('old')).kind).toBe('done'));
  expect(readdirSync(folder).sort()).toEqual(['held.1.csv.part', 'notes.txt', 'old.1.csv', 'old.csv']);
});

it('hands what it is writing to another server when it stops', async () => {
  const first = open(endless);
  await first.start();
  const { id } = await first.order(mine(), HA, order);
  await vi.waitFor(async () => expect((await mine().get(id)).progress.rows).toBe(2));
  const second = open(written);
  await second.start();
  await first.stop();
  await vi.waitFor(async () => expect((await stateOf(id)).kind).toBe('done'));
  expect(readdirSync(folder)).toEqual([`${id}.2.csv`]);
  expect(existsSync(second.fileOf(await mine().get(id)))).toBe(true);
  expect(existsSync(first.fileOf(await mine().get(id)))).toBe(true);
});

it('throws its file away when it stood still until another server had begun anew', async () => {
  const woken = Promise.withResolvers<void>();
  const asleep = open(
    async (...given) => {
      await woken.promise;
      return written(...given);
    },
    {},
    { ttl: milliseconds(0), every: hours(1) },
  );
  await asleep.start();
  const { id } = await asleep.order(mine(), HA, order);
  await vi.waitFor(async () => expect((await mine().get(id)).turn).toBe(1));
  await open(written).start();
  await vi.waitFor(async () => expect((await stateOf(id)).kind).toBe('done'));
  woken.resolve();
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([`${id}.2.csv`]));
});

it('stops writing what was removed at another server', async () => {
  const writing = open(endless);
  await writing.start();
  const { id } = await writing.order(mine(), HA, order);
  await vi.waitFor(async () => expect((await stateOf(id)).kind).toBe('running'));
  await open(written).remove(mine(), id);
  await vi.waitFor(() => expect(writing.unfinished).toBe(0));
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]));
});

it('removes files when they expire', async () => {
  const first = open(written);
  await first.start();
  const { id } = await first.order(mine(), HA, order);
  await vi.waitFor(async () => expect((await stateOf(id)).kind).toBe('done'));
  expect(existsSync(join(folder, `${id}.1.csv`))).toBe(true);
  await first.stop();
  now = epochMs(now + hours(2));
  await open(written).start();
  expect(existsSync(join(folder, `${id}.1.csv`))).toBe(false);
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
