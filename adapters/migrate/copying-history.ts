import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { epochMs } from '../../domain/time.ts';
import type { ControlClient } from '../backup/control-socket.ts';
import { openEngine } from '../backup/verify.ts';
import type { SeriesNames } from '../registry/series-names.ts';
import { copyReadings, differingDays, type TimeSpan } from '../timeseries/copy-readings.ts';
import { readArchive } from '../timeseries/duckdb/archive-rows.ts';
import { createLayout, FILE_SPAN_MS, HOUR_MS } from '../timeseries/duckdb/layout.ts';
import { type DuckDbTimeSeriesStore, openDuckDbStore } from '../timeseries/duckdb.ts';
import type { InfluxTimeSeriesStore } from '../timeseries/influx.ts';
import type { MigrationState } from './progress-file.ts';

export interface HistoryOptions {
  /** Data directory of the old platform. */
  readonly from: string;
  /** Folder of our own, for copies of files that are being read. */
  readonly staging: string;
  readonly utcOffsetHours: number;
  readonly names: SeriesNames;
  readonly store: InfluxTimeSeriesStore;
  /** Files that are over; added to, and told of by `onCopied`. */
  readonly copied: MigrationState['copied'];
  readonly onCopied: () => void;
  readonly onBytes: (bytes: number) => void;
}

interface OldFile {
  readonly name: string;
  readonly bytes: number;
}

const STORE_MEGABYTES = 256;
const NEVER_MS = 2 ** 31 - 1;

/** Takes what the old store holds into the new one, file by file. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Size and time of change of a file and its log: as long as they stay, so does what is in it. */
  #looksOf(name: string): string {
    const parts = ['', '.wal'].map((suffix) => {
      const found = statSync(join(this.#options.from, 'store', name + suffix), { throwIfNoEntry: false });
      return found ? `${found.size}@${found.mtimeMs}` : '-';
    });
    return parts.join(' ');
  }
  #spanOf(name: string): TimeSpan | null {
    const start = createLayout(this.#options.utcOffsetHours * HOUR_MS).startOf(name);
    return start === undefined ? null : { from: epochMs(start), to: epochMs(start + FILE_SPAN_MS) };
  }
  /** Those that changed since they were copied, or never were. */
  changed = (files: readonly OldFile[]): readonly OldFile[] =>
    files.filter(({ name }) => this.#options.copied[name]?.looks !== this.#looksOf(name));

  /** How far into the journal the old store was at least, when its files were copied. */
  get cursor(): JournalSequence {
    return Math.max(0, ...Object.values(this.#options.copied).map(({ cursor }) => cursor)) as JournalSequence;
  }

  #stage(): string {
    const { staging } = this.#options;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    return staging;
  }
  /** Those copies as a store of their own. */
  #open = (path: string): Promise<DuckDbTimeSeriesStore> =>
    openDuckDbStore({
      path,
      memoryLimitMegabytes: STORE_MEGABYTES,
      utcOffsetHours: this.#options.utcOffsetHours,
      verifyAfterMs: NEVER_MS,
    });

  /** Copies what changed. Every reading is read again in the new store. */
  async copy(old: ControlClient, files: readonly OldFile[]): Promise<void> {
    const { store, names, copied, onCopied, onBytes } = this.#options;
    for (const { name, bytes } of this.changed(files)) {
      const looks = this.#looksOf(name);
      const span = this.#spanOf(name);
      const path = this.#stage();
      const expected = await old.storeFile(name, join(path, name));
      // Retention took it meanwhile.
      if (expected === null) continue;
      let told = 0;
      let [readings, cursor] = [0, 0];
      if (span === null) await this.#keepArchive(path, [name]);
      else {
        const staged = await this.#open(path);
        try {
          cursor = await staged.cursor();
          readings = await copyReadings(staged, store, names.all, span, (written) => {
            const some = Math.min(bytes - told, Math.round((bytes * written) / Math.max(1, expected)));
            told += some;
            onBytes(some);
          });
        } finally {
          await staged.close();
        }
      }
      onBytes(bytes - told);
      copied[name] = { looks, readings, cursor };
      onCopied();
    }
    this.#stage();
  }

  /** Takes over the rollups of retired readings, and what is gone. */
  async #keepArchive(path: string, files: readonly string[]): Promise<void> {
    const engine = await openEngine(join(path, 'spill'));
    try {
      for (const name of files)
        await this.#options.store.keepGone(
          await readArchive(engine, join(path, name), (rows) => this.#options.store.keepRollups(rows)),
        );
    } finally {
      engine.close();
    }
  }

  /**
   * Holds what the old platform left against the new store, in every week that changed since it was copied: what the journal did not tell of (imports,
   * deletions, retention) is copied now. `finish` appends to the old readings what its journal has beyond them.
   * @returns how many days of series were copied again.
   */
  async settle(
    old: ControlClient,
    files: readonly OldFile[],
    finish: (staged: DuckDbTimeSeriesStore) => Promise<void>,
  ): Promise<number> {
    const { store, names } = this.#options;
    const changed = this.changed(files);
    const archives = files.filter(({ name }) => this.#spanOf(name) === null).map(({ name }) => name);
    const path = this.#stage();
    for (const name of new Set([...archives, ...changed.map(({ name }) => name)]))
      await old.storeFile(name, join(path, name));
    if (archives.length > 0) await this.#keepArchive(path, archives);
    const staged = await this.#open(path);
    let again = 0;
    try {
      await finish(staged);
      // What was copied before it was retired: its rollups stand already.
      for (const [raw, alike] of Map.groupBy(await staged.retired(names.all), ([, gone]) => gone.raw))
        if (raw !== null)
          await store.retire({
            series: alike.map(([id]) => id),
            directions: [],
            limits: { raw, hourly: null, daily: null },
          });
      for (const { name } of changed) {
        const span = this.#spanOf(name);
        if (span === null) continue;
        for (const day of await differingDays(staged, store, names.all, span)) {
          await copyReadings(staged, store, [day.series], day.span);
          again++;
        }
      }
    } finally {
      await staged.close();
    }
    // Days that were deleted before they were written again had their rollups with them.
    if (again > 0 && archives.length > 0) await this.#keepArchive(path, archives);
    rmSync(path, { recursive: true, force: true });
    return again;
  }
}
