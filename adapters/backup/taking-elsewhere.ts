import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { Journal, JournalSequence } from '../../domain/ports/journal.ts';
import { type EpochMs, epochMs, seconds } from '../../domain/time.ts';
import { openLmdbJournal } from '../journal/lmdb.ts';
import type { PostgresDatabase } from '../registry/postgres-database.ts';
import { compareRows, syncRows, tablesOf } from '../registry/row-sync.ts';
import { SqliteDatabase } from '../registry/sqlite-database.ts';
import { copyReadings } from '../timeseries/copy-readings.ts';
import { writeArchive } from '../timeseries/duckdb/archive-rows.ts';
import { countCopy } from '../timeseries/duckdb/copying.ts';
import { createLayout, FILE_SPAN_MS, HOUR_MS } from '../timeseries/duckdb/layout.ts';
import { openDuckDbStore } from '../timeseries/duckdb.ts';
import type { InfluxTimeSeriesStore } from '../timeseries/influx.ts';
import type { Gone } from '../timeseries/rollup-rows.ts';
import { BackupError } from './manifest.ts';
import { openEngine } from './verify.ts';

const STORE_MEGABYTES = 256;
const NEVER_MS = 2 ** 31 - 1;
const LOOK_EVERY_MS = 500;
const ENTRIES_AT_ONCE = 256;
const SERIES_AT_ONCE = 200;
/** Room for a journal's copy; the file is as large as what is in it. */
const JOURNAL_BYTES = 2 ** 37;

/** Writes what PostgreSQL holds at one moment as a registry's file, and reads both again. */
export async function takeRegistry(from: PostgresDatabase, path: string): Promise<void> {
  const file = new SqliteDatabase(path);
  try {
    const tables = await tablesOf(file);
    await from.snapshot(async () => {
      await syncRows(from, file, tables);
      await compareRows(from, file, tables);
    });
  } finally {
    await file.close();
  }
}

export interface TakenReadings {
  readonly store: InfluxTimeSeriesStore;
  /** Those the registry knows by now. */
  readonly series: () => Promise<readonly SeriesId[]>;
  readonly utcOffsetHours: number;
}

/**
 * Writes what InfluxDB holds as the files of a store, week by week, and reads each reading again. Their cursor is where InfluxDB was before: what comes while
 * they are written is in the journal.
 * @returns readings by the file's name.
 */
export async function takeReadings(
  { store, series, utcOffsetHours }: TakenReadings,
  path: string,
  spill: string,
): Promise<ReadonlyMap<string, number>> {
  mkdirSync(path, { recursive: true });
  const cursor = await store.cursor();
  const known = await series();
  await takeRollups(store, known, utcOffsetHours, path, spill);
  const files = await openDuckDbStore({
    path,
    memoryLimitMegabytes: STORE_MEGABYTES,
    utcOffsetHours,
    verifyAfterMs: NEVER_MS,
  });
  try {
    const extent = await store.extent('readings', known);
    const layout = createLayout(utcOffsetHours * HOUR_MS);
    if (extent !== null)
      for (let from = layout.fileStart(extent[0]); from <= extent[1]; from += FILE_SPAN_MS)
        await copyReadings(store, files, known, { from: epochMs(from), to: epochMs(from + FILE_SPAN_MS) });
    await files.settle();
    await files.append([], cursor);
  } finally {
    await files.close();
  }
  const engine = await openEngine(spill);
  try {
    const counted = new Map<string, number>();
    for (const name of readdirSync(path).filter((one) => one.endsWith('.duckdb')))
      counted.set(name, await countCopy(engine, join(path, name)));
    return counted;
  } finally {
    engine.close();
  }
}

/** Rollups of retired readings, a file for the year in which their week begins. What is gone stands in the last one. */
async function takeRollups(
  store: InfluxTimeSeriesStore,
  series: readonly SeriesId[],
  utcOffsetHours: number,
  path: string,
  spill: string,
): Promise<void> {
  const gone: Gone = await store.retired(series);
  if (gone.size === 0) return;
  const extent = await store.extent('rollups', series);
  const now = epochMs(Date.now());
  const [first, last] = extent ?? [now, now];
  const layout = createLayout(utcOffsetHours * HOUR_MS);
  const yearOf = (at: number): number => new Date(layout.fileStart(at) + layout.utcOffsetMs).getUTCFullYear();
  /** The first week that begins in the year. */
  const startOf = (year: number): EpochMs =>
    epochMs(layout.fileStart(Date.UTC(year, 0, 1) - layout.utcOffsetMs + FILE_SPAN_MS - 1));
  const engine = await openEngine(spill);
  try {
    for (let year = yearOf(first); year <= yearOf(last); year++) {
      const file = join(path, `rollups-${year}.duckdb`);
      for (let at = 0; at < series.length; at += SERIES_AT_ONCE) {
        const some = series.slice(at, at + SERIES_AT_ONCE);
        const parts = [];
        for (const table of ['hours', 'days'] as const)
          parts.push(await store.rollups(table, some, startOf(year), startOf(year + 1)));
        await writeArchive(engine, file, parts, new Map());
      }
      if (year === yearOf(last)) await writeArchive(engine, file, [], gone);
    }
  } finally {
    engine.close();
  }
}

/** A copy of a journal that is being made. */
export interface TakenJournal {
  /** Takes what is there by now too, and ends. @throws {BackupError} when something was trimmed before it was taken. */
  finish(): Promise<void>;
  /** Ends without. */
  abandon(): Promise<void>;
}

/**
 * Begins to write what a journal elsewhere holds, and what comes, into one in a folder, under the same sequences. Entries are trimmed only minutes after they
 * came, and are taken at once; `firstKept` shows if one was trimmed before all the same.
 */
export async function takeJournal(
  from: Journal,
  firstKept: () => Promise<number>,
  path: string,
): Promise<TakenJournal> {
  const to = await openLmdbJournal({
    ...{ path, capacityBytes: JOURNAL_BYTES, retain: seconds(0), clock: () => epochMs(Date.now()) },
    // Passed by nobody, so that nothing of it is trimmed.
    consumers: ['store'],
  });
  let at = 0;
  let ended = false;
  async function takeUpTo(head: number): Promise<void> {
    while (at < head) {
      if (at > 0 && (await firstKept()) > at + 1)
        throw new BackupError('the journal was about to be full and was trimmed: see why it is, and try again');
      const entries = await from.read(at as JournalSequence, ENTRIES_AT_ONCE);
      if (entries.length === 0) return;
      const appended = entries.map(({ sequence, ...entry }) => {
        to.skipTo((sequence - 1) as JournalSequence);
        return to.append(entry);
      });
      at = (await Promise.all(appended)).at(-1) ?? at;
    }
  }
  let failure: unknown;
  const following = (async () => {
    for (; !ended; await pause(LOOK_EVERY_MS)) await takeUpTo(from.head());
  })().catch((error: unknown) => {
    failure = error;
  });
  const end = async (): Promise<void> => {
    ended = true;
    await following;
  };
  const close = async (): Promise<void> => {
    await to.close();
    rmSync(join(path, 'journal.mdb-lock'), { force: true });
  };
  return {
    async finish() {
      await end();
      try {
        if (failure !== undefined) throw failure;
        await takeUpTo(from.head());
      } finally {
        await close();
      }
    },
    async abandon() {
      await end();
      await close();
    },
  };
}
