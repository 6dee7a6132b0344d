import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import type { ChangesQuery, LatestAtQuery, StepColumns } from '../../../domain/ports/past-readings.ts';
import {
  type RetentionLimits,
  type Retired,
  type Retirement,
  StoreUnavailableError,
  type StretchColumns,
  type StretchQuery,
  type TimeSeriesStore,
} from '../../../domain/ports/time-series-store.ts';
import { emptyColumns, type ReadingColumns } from '../../../domain/reading.ts';
import { type EpochMs, epochMs } from '../../../domain/time.ts';
import { Archive, listRetiring, prepareRetiring, YearFile } from './archive.ts';
import { copyDatabase, finishCopy } from './copying.ts';
import { troubleOf } from './damage.ts';
import { Engine, int, within } from './engine.ts';
import { FORMER_ARCHIVE, takeOverFormerArchive } from './former-archive.ts';
import { createGate } from './gate.ts';
import { LatestReadings } from './latest-readings.ts';
import { createLayout, DAY_MS, HOUR_MS, type Layout } from './layout.ts';
import type { StoreFile, StoreFileCopy, StoreVerbs } from './messages.ts';
import { queryChanges, queryLatestAt } from './past-queries.ts';
import { queryLatestBefore, queryRange, queryWindows } from './queries.ts';
import { hasRoomToGive, sync, writeAnew } from './rewriting.ts';
import { prepareSealing, recompute, seal } from './sealing.ts';
import { queryStretch } from './stretch.ts';
import { NO_MINUTE, WeekFile } from './week-file.ts';

export interface StoreOptions {
  readonly path: string;
  readonly memoryLimitMegabytes: number;
  readonly threads: number;
  readonly utcOffsetMs: number;
  /** How long after opening every block of every file is read once, to find damage before someone asks for it. */
  readonly verifyAfterMs: number;
  readonly onDamaged: (file: string, reason: string) => void;
}

/** Rows in a file's tail that can be sealed before it is worth doing at once. */
const SEAL_ROWS = 1_000_000;
/** … and their age in event time, once the file has been left alone for {@link IDLE_MS}. */
const SEAL_SPAN_MS = DAY_MS;
const IDLE_MS = 60_000;
/** Least time between two sealings that only mend disorder. */
const MEND_EVERY_MS = 600_000;
const MAINTAIN_EVERY_MS = 30_000;
/** An hour is sealed this long after it ended, so that ordinary lateness does not make disorder. */
const LATENESS_MS = 300_000;

/** A file that can be written anew. */
interface Exchangeable {
  readonly path: string;
  readonly alias: string;
  readonly changes: number;
  lookedForRoomAt: number;
}
interface Exchange<F extends Exchangeable> {
  readonly file: F;
  readonly isThere: () => boolean;
  readonly isWorthIt: () => Promise<boolean>;
  /** Writes it anew beside itself and returns the path. */
  readonly copy: () => Promise<string>;
  readonly exchanged: () => void;
}

/** The store as it runs in its thread: files of a week, one writer at a time, readers beside it. */
export class DuckDbStore implements TimeSeriesStore {
  readonly #options: StoreOptions;
  readonly #layout: Layout;
  readonly #gate = createGate();
  readonly #damaged: string[] = [];
  #engine!: Engine;
  #archive!: Archive;
  #files = new Map<number, WeekFile>();
  #latest = new LatestReadings();
  #cursor = 0;
  /** Greatest event time that was not ahead of arrival: what the city's clock is known to have passed. */
  #clock = Number.NEGATIVE_INFINITY;
  #queue: Promise<unknown> = Promise.resolve();
  /** The writing anew of files. */
  #copying: Promise<unknown> = Promise.resolve();
  readonly #stopCopying = new AbortController();
  #closed = false;
  #maintenance: NodeJS.Timeout | undefined;
  #verification: NodeJS.Timeout | undefined;

  private constructor(options: StoreOptions) {
    this.#options = options;
    this.#layout = createLayout(options.utcOffsetMs);
  }

  static async open(options: StoreOptions): Promise<DuckDbStore> {
    mkdirSync(options.path, { recursive: true });
    const store = new DuckDbStore(options);
    await store.#start();
    store.#maintenance = setInterval(() => void store.#maintain(), MAINTAIN_EVERY_MS);
    store.#verification = setTimeout(() => void store.#verifyAll(), options.verifyAfterMs);
    store.#maintenance.unref();
    store.#verification.unref();
    return store;
  }

  async #start(): Promise<void> {
    const { path, memoryLimitMegabytes, threads } = this.#options;
    const spillDirectory = join(path, 'spill');
    rmSync(spillDirectory, { recursive: true, force: true });
    // Copies that a crash left unfinished.
    for (const name of readdirSync(path)) if (/\.new(\.wal)?$/.test(name)) rmSync(join(path, name));
    this.#engine = await Engine.open({ memoryLimitMegabytes, threads, spillDirectory });
    await prepareSealing(this.#engine);
    await prepareRetiring(this.#engine);
    this.#files = new Map();
    this.#latest = new LatestReadings();
    this.#archive = new Archive(path, this.#layout);
    const orSetAside = (name: string, work: () => Promise<void>): Promise<void> =>
      work().catch((error: unknown) => {
        if (troubleOf(error) !== 'damaged') throw error;
        this.#setAside(name, error);
      });
    for (const name of readdirSync(path).sort()) {
      const start = this.#layout.startOf(name);
      const year = YearFile.yearOf(name);
      await orSetAside(name, async () => {
        if (year !== undefined) await this.#archive.attach(this.#engine, year);
        if (start === undefined) return;
        const file = await this.#attach(start);
        this.#cursor = Math.max(this.#cursor, file.cursorAtOpening);
      });
    }
    await orSetAside(FORMER_ARCHIVE, () =>
      takeOverFormerArchive(this.#engine, this.#layout, path, this.#archive, [...this.#files.values()]),
    );
    this.#clock = this.#latest.passed();
  }

  async #attach(start: number): Promise<WeekFile> {
    const known = this.#files.get(start);
    if (known) return known;
    const file = await WeekFile.open(this.#engine, this.#layout, this.#options.path, start, this.#latest);
    this.#files.set(start, file);
    return file;
  }

  /** Moves a file, no longer attached, out of the way. */
  #setAside(name: string, error: unknown): void {
    const { path, onDamaged } = this.#options;
    const folder = join(path, 'damaged');
    mkdirSync(folder, { recursive: true });
    let target = name;
    for (let i = 2; existsSync(join(folder, target)); i++) target = `${name}.${i}`;
    for (const suffix of ['', '.wal']) {
      if (existsSync(join(path, name + suffix))) renameSync(join(path, name + suffix), join(folder, target + suffix));
    }
    this.#damaged.push(name);
    onDamaged(name, String((error as Error | undefined)?.message ?? error));
  }

  /** One change at a time; a failed one does not stop those behind it. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (this.#closed) throw new StoreUnavailableError('the store is closed');
      try {
        return await work();
      } catch (error) {
        await this.#recover(error);
        throw unavailable(error);
      }
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Reads beside changes; once more after a damaged file was found and set aside. */
  async #reading<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) throw new StoreUnavailableError('the store is closed');
      try {
        return await this.#gate.reading(work);
      } catch (error) {
        if (attempt > 1 || troubleOf(error) === 'other') throw unavailable(error);
        await this.#exclusively(() => Promise.reject(error)).catch(() => {});
      }
    }
  }

  /** Sets damaged files aside, and opens the engine again when it refuses to go on. */
  async #recover(error: unknown): Promise<void> {
    const trouble = troubleOf(error);
    if (trouble === 'other') return;
    await this.#gate.changing(async () => {
      if (trouble === 'invalidated') {
        this.#engine.close();
        await this.#start();
      }
      for (const [start, file] of this.#files) {
        try {
          await file.verify(this.#engine);
        } catch (found) {
          if (troubleOf(found) !== 'damaged') throw found;
          this.#files.delete(start);
          await file.detach(this.#engine).catch(() => {});
          this.#setAside(file.name, found);
        }
      }
      await this.#relearn();
    });
  }

  /** Every block read once, a file at a time, the newest first; what is found damaged is set aside. */
  async #verifyAll(): Promise<void> {
    for (const start of [...this.#files.keys()].sort((a, b) => b - a)) {
      await this.#reading(async () => this.#files.get(start)?.verify(this.#engine)).catch(() => {});
    }
  }

  append(batches: readonly ReadingColumns[], cursor: JournalSequence): Promise<void> {
    return this.#exclusively(() => this.#store(batches, cursor));
  }
  load(batches: readonly ReadingColumns[]): Promise<void> {
    return this.#exclusively(() => this.#store(batches, null));
  }

  async #store(batches: readonly ReadingColumns[], cursor: number | null): Promise<void> {
    for (const [i, columns] of batches.entries()) {
      await this.#storeBatch(columns, i === batches.length - 1 ? cursor : null);
    }
    if (batches.length === 0 && cursor !== null) await this.#storeBatch(emptyColumns(0), cursor);
    if (cursor !== null) this.#cursor = Math.max(this.#cursor, cursor);
  }

  async #storeBatch(columns: ReadingColumns, cursor: number | null): Promise<void> {
    const rowsOf = rowsByFile(this.#layout, columns);
    const starts = [...rowsOf.keys()].sort((a, b) => a - b);
    if (starts.length === 0 && cursor !== null) starts.push(this.#newestStart());
    for (const [i, start] of starts.entries()) {
      const file = await this.#attach(start);
      // The cursor goes with the last file: what it promises is then on disk in all of them. A crash before repeats the append, which changes nothing.
      await this.#write(
        file,
        columns,
        rowsOf.get(start) ?? new Uint32Array(0),
        i === starts.length - 1 ? cursor : null,
      );
    }
    for (let i = 0; i < columns.length; i++) {
      const eventTime = columns.eventTime[i]!;
      const arrivalTime = columns.arrivalTime[i]!;
      this.#latest.take(columns.series[i]!, eventTime, arrivalTime, columns.value[i]!, columns.quality[i]!);
      const passed = Math.min(eventTime, arrivalTime);
      if (passed > this.#clock) this.#clock = passed;
    }
    for (const start of starts) {
      const file = this.#files.get(start);
      if (file) await this.#sealIfFull(file);
    }
  }

  /** The file that takes a cursor without readings. */
  #newestStart(): number {
    return this.#files.size > 0 ? Math.max(...this.#files.keys()) : this.#layout.fileStart(Date.now());
  }

  #write(file: WeekFile, columns: ReadingColumns, rows: Uint32Array, cursor: number | null): Promise<void> {
    return file.write(this.#engine, columns, rows, cursor, (disorderly, commit) =>
      disorderly ? this.#gate.changing(commit) : commit(),
    );
  }

  /** The hour up to which the file can be sealed. */
  #closedTo(file: WeekFile): number {
    return Math.min(file.end, Math.floor((this.#clock - LATENESS_MS) / HOUR_MS) * HOUR_MS);
  }
  async #sealIfFull(file: WeekFile): Promise<void> {
    const to = this.#closedTo(file);
    const looked = file.looked;
    if (file.tailRows < SEAL_ROWS || (to <= looked.to && file.tailRows < looked.rows + SEAL_ROWS)) return;
    file.looked = { to, rows: file.tailRows };
    const closed = await this.#engine.query(
      `SELECT count(*)::DOUBLE FROM ${file.alias}.tail WHERE minute < ${int(WeekFile.minute(Math.max(to, file.sealedTo)))}`,
    );
    if (closed.columns[0]![0]! >= SEAL_ROWS) await this.#seal(file, to);
  }
  async #seal(file: WeekFile, to: number): Promise<void> {
    await seal(this.#engine, this.#layout, file, to);
    file.looked = { to, rows: file.tailRows };
  }

  /** Seals what is old enough, and frees what only writing needed. */
  async #maintain(): Promise<void> {
    for (const file of [...this.#files.values()]) {
      const to = this.#closedTo(file);
      const idle = Date.now() - file.touchedAt >= IDLE_MS;
      const old = to > file.sealedTo && to - file.tailFrom >= SEAL_SPAN_MS;
      const complete = to === file.end && file.tailRows > 0 && idle;
      const disorderly = file.disorder.size > 0 && Date.now() - file.sealedAt >= MEND_EVERY_MS;
      if (old || complete || disorderly) {
        await this.#exclusively(async () => {
          if (this.#files.get(file.start) === file) await this.#seal(file, to);
        }).catch(() => {});
      } else if (idle) file.rest();
      if (idle && to === file.end && file.tailRows === 0) await this.#giveRoomBack(file).catch(() => {});
    }
    await this.#giveYearsRoomBack().catch(() => {});
  }

  /**
   * Writes a file anew when much of it lies free. Appends and queries go on meanwhile; the copy takes the file's place in one rename, unless the file
   * has changed since: then the copy is dropped, for another time. One file at a time.
   */
  #giveRoomBack(file: WeekFile): Promise<void> {
    return this.#exchange({
      file,
      isThere: () => this.#files.get(file.start) === file,
      isWorthIt: async () => file.hasHoles || (await hasRoomToGive(this.#engine, file)),
      // Not a reader to the gate: it would hold up every change for as long as it takes. A file that goes meanwhile makes it fail, which is all right.
      copy: () => writeAnew(this.#engine, file, this.#stopCopying.signal),
      exchanged: () => {
        file.hasHoles = false;
      },
    });
  }

  /** The same for what is left of a year; a file that has nothing left goes. */
  async #giveYearsRoomBack(): Promise<void> {
    for (const file of this.#archive.files) {
      const isThere = (): boolean => this.#archive.files.includes(file);
      await this.#exchange({
        file,
        isThere,
        isWorthIt: async () => (await this.#archive.holes(this.#engine, file)) === 'many',
        copy: () => this.#archive.writeAnew(this.#engine, file, WeekFile.NEW_SUFFIX),
        exchanged: () => {},
      });
      await this.#exclusively(async () => {
        if (!isThere() || (await this.#archive.holes(this.#engine, file)) !== 'empty') return;
        await this.#gate.changing(async () => {
          await this.#archive.forget(this.#engine, file);
          for (const part of [file.path, `${file.path}.wal`]) rmSync(part, { force: true });
        });
      });
    }
  }

  #exchange<F extends Exchangeable>({ file, isThere, isWorthIt, copy, exchanged }: Exchange<F>): Promise<void> {
    const done = this.#copying.then(async () => {
      const { changes } = file;
      const current = () => !this.#closed && isThere() && file.changes === changes;
      if (file.lookedForRoomAt === changes || !current()) return;
      file.lookedForRoomAt = changes;
      if (!(await isWorthIt())) return;
      const path = await copy();
      await this.#exclusively(() =>
        this.#gate.changing(async () => {
          if (!current()) return;
          await this.#engine.write(`DETACH ${file.alias}`);
          // A log that belongs to the old file must never meet the new one.
          if (!existsSync(`${file.path}.wal`)) {
            renameSync(path, file.path);
            exchanged();
            sync(this.#options.path);
          }
          await this.#engine.attach(file.path, file.alias);
        }),
      ).finally(() => rmSync(path, { force: true }));
    });
    this.#copying = done.catch(() => {});
    return done;
  }

  async cursor(): Promise<JournalSequence> {
    return this.#cursor as JournalSequence;
  }

  /** Files that may hold readings of [from, to), oldest first. */
  #filesWithin(from: number, to: number): WeekFile[] {
    return [...this.#files.values()]
      .filter((file) => file.start < to && file.end > from)
      .sort((a, b) => a.start - b.start);
  }

  range(query: Parameters<TimeSeriesStore['range']>[0]): Promise<ReadingColumns> {
    return this.#reading(() => queryRange(this.#engine, this.#filesWithin(query.from, query.to), query));
  }

  stretch(query: StretchQuery): Promise<StretchColumns> {
    return this.#reading(() => queryStretch(this.#engine, this.#filesWithin(query.from, query.to), query));
  }

  windows(query: Parameters<TimeSeriesStore['windows']>[0]): ReturnType<TimeSeriesStore['windows']> {
    return this.#reading(() =>
      queryWindows(
        this.#engine,
        this.#layout,
        {
          files: this.#filesWithin(query.from, query.to),
          archives: this.#archive.within(query.from, query.to),
          goneBefore: (id) => this.#archive.gone(id)?.raw ?? Number.NEGATIVE_INFINITY,
        },
        query,
      ),
    );
  }

  latest(series: readonly SeriesId[], before?: EpochMs): Promise<ReadingColumns> {
    return this.#reading(async () => {
      const found = new LatestReadings();
      const latest = this.#latest;
      let missing: number[] = [];
      for (const id of series) {
        const eventTime = latest.eventTime(id);
        if (eventTime === Number.NEGATIVE_INFINITY) continue;
        if (before !== undefined && eventTime >= before) missing.push(id);
        else found.take(id, eventTime, latest.arrivalTime(id), latest.value(id), latest.quality(id));
      }
      if (before !== undefined) {
        for (const file of this.#filesWithin(Number.NEGATIVE_INFINITY, before).reverse()) {
          if (missing.length === 0) break;
          await queryLatestBefore(this.#engine, file, missing, before, (...reading) => found.take(...reading));
          missing = missing.filter((id) => found.eventTime(id) === Number.NEGATIVE_INFINITY);
        }
      }
      return found.columns(series);
    });
  }

  latestAt(query: LatestAtQuery): Promise<ReadingColumns> {
    return this.#reading(() =>
      queryLatestAt(this.#engine, this.#filesWithin(query.at - query.lookback + 1, query.at + 1), this.#latest, query),
    );
  }

  changes(query: ChangesQuery): Promise<StepColumns> {
    const from = query.arrived ? query.from - query.lookback : query.from;
    return this.#reading(() => queryChanges(this.#engine, this.#filesWithin(from + 1, query.to + 1), query));
  }

  deleteRange(series: SeriesId, from: EpochMs, to: EpochMs): Promise<void> {
    return this.#exclusively(async () => {
      for (const file of this.#filesWithin(from, to)) {
        const span = { from: Math.max(from, file.start), to: Math.min(to, file.end) };
        await this.#engine.transaction(async () => {
          for (const table of ['tail', 'sorted']) {
            await this.#engine.write(
              `DELETE FROM ${file.alias}.${table} WHERE series = ${int(series)} AND ${within(span.from, span.to)}`,
            );
          }
          const hours = {
            from: Math.floor(span.from / HOUR_MS) * HOUR_MS,
            to: Math.ceil(span.to / HOUR_MS) * HOUR_MS,
          };
          await recompute(this.#engine, this.#layout, file, series, hours);
        });
        file.changes++;
        file.hasHoles = true;
      }
      await this.#archive.deleteRange(this.#engine, series, from, to);
      this.#latest.forget(series);
      for (const file of this.#filesWithin(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).reverse()) {
        await queryLatestBefore(this.#engine, file, [series], file.end, (...reading) => this.#latest.take(...reading));
        if (this.#latest.eventTime(series) !== Number.NEGATIVE_INFINITY) break;
      }
    });
  }

  retire({ series, directions, limits }: Retirement): Promise<Retired> {
    return this.#exclusively(async () => {
      const done = { readings: 0, hourlyValues: 0, dailyValues: 0 };
      if (series.length === 0) return done;
      await listRetiring(this.#engine, series, new Set(directions));
      if (limits.raw !== null) done.readings = await this.#retireReadings(series, limits.raw);
      if (limits.hourly !== null)
        done.hourlyValues = await this.#archive.expire(this.#engine, 'hours', series, limits.hourly);
      if (limits.daily !== null)
        done.dailyValues = await this.#archive.expire(this.#engine, 'days', series, limits.daily);
      return done;
    });
  }

  /** Of the series in `retiring`, in the weeks that end by `limit`. */
  async #retireReadings(series: readonly number[], limit: number): Promise<number> {
    let deleted = 0;
    const mine = 'series IN (SELECT series FROM retiring)';
    for (const file of this.#filesWithin(Number.NEGATIVE_INFINITY, limit)) {
      if (file.end > limit) continue;
      // Each identity once, and as it was last sent.
      if (file.tailRows > 0) await this.#seal(file, file.end);
      const held = await this.#engine.queryAsWriter(
        `SELECT count(*)::DOUBLE, count(*) FILTER (NOT ${mine})::DOUBLE FROM ${file.alias}.sorted`,
      );
      const [readings, others] = held.columns.map((column) => column[0]!);
      if (readings! > others!) {
        const year = await this.#archive.attach(this.#engine, this.#archive.yearOf(file));
        await this.#engine.write('BEGIN TRANSACTION');
        try {
          await this.#archive.take(this.#engine, file, year);
          // Queries see the readings or what they came to, never both: they wait from the commit of the one to that of the other.
          await this.#gate.changing(async () => {
            await this.#engine.write('COMMIT');
            this.#archive.taken(file, year, series);
            await this.#engine.transaction(async () => {
              deleted += await this.#engine.change(`DELETE FROM ${file.alias}.sorted WHERE ${mine}`);
              await this.#engine.write(`DELETE FROM ${file.alias}.rollup WHERE ${mine}`);
              await this.#engine.write(`UPDATE ${file.alias}.series SET minute = ${NO_MINUTE}, ms = 0 WHERE ${mine}`);
            });
          });
        } catch (error) {
          await this.#engine.write('ROLLBACK').catch(() => {});
          throw error;
        }
        file.changes++;
        file.hasHoles = true;
      }
      if (others === 0) await this.#remove(file);
    }
    await this.#relearn();
    return deleted;
  }

  /** Removes a file that holds no reading any more. */
  async #remove(file: WeekFile): Promise<void> {
    await this.#keepCursorOutside(file);
    await this.#gate.changing(async () => {
      this.#files.delete(file.start);
      await file.detach(this.#engine);
      for (const part of [file.path, `${file.path}.wal`]) rmSync(part, { force: true });
    });
  }

  async retired(series: readonly SeriesId[]): Promise<ReadonlyMap<SeriesId, RetentionLimits>> {
    const limit = (instant: number): EpochMs | null => (Number.isFinite(instant) ? epochMs(instant) : null);
    return new Map(
      series.flatMap((id) => {
        const gone = this.#archive.gone(id);
        return gone
          ? [[id, { raw: limit(gone.raw), hourly: limit(gone.hourly), daily: limit(gone.daily) }] as const]
          : [];
      }),
    );
  }

  /** The cursor must outlive the file it happens to be in. */
  async #keepCursorOutside(file: WeekFile): Promise<void> {
    const others = [...this.#files.keys()].filter((start) => start > file.start);
    const heir = await this.#attach(
      others.length > 0 ? Math.max(...others) : Math.max(file.end, this.#layout.fileStart(Date.now())),
    );
    await this.#write(heir, emptyColumns(0), new Uint32Array(0), this.#cursor);
  }

  /** Learns anew what is latest, after readings or files have gone. */
  async #relearn(): Promise<void> {
    const latest = new LatestReadings(this.#latest.slots);
    for (const file of this.#files.values()) await file.tellLatest(this.#engine, latest);
    this.#latest = latest;
  }

  async status(): ReturnType<TimeSeriesStore['status']> {
    const sizes = readdirSync(this.#options.path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => statSync(join(this.#options.path, name), { throwIfNoEntry: false })?.size ?? 0);
    return {
      engine: 'DuckDB',
      reachable: !this.#closed,
      bytesOnDisk: sizes.reduce((sum, size) => sum + size, 0),
      damagedFiles: [...this.#damaged],
    };
  }

  async files(): Promise<readonly StoreFile[]> {
    const { path } = this.#options;
    const names = [...this.#filesWithin(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).map((file) => file.name)];
    names.unshift(...this.#archive.files.map((file) => file.name));
    return names.map((name) => ({
      name,
      bytes: ['', '.wal'].reduce(
        (sum, suffix) => sum + (statSync(join(path, name + suffix), { throwIfNoEntry: false })?.size ?? 0),
        0,
      ),
    }));
  }

  /** A file that nobody writes to meanwhile is copied beside all else; one that changed is copied again while changes wait. */
  async copyFile({ name, target, cursor }: StoreVerbs['copyFile']['ask']): Promise<StoreFileCopy | null> {
    const path = join(this.#options.path, name);
    const fileNow = () => [...this.#files.values(), ...this.#archive.files].find((file) => file.name === name);
    const before = fileNow();
    const changes = before?.changes;
    if (before) await copyDatabase(path, target);
    const sound = await this.#exclusively(async () => {
      const now = fileNow();
      if (!now) return false;
      if (now !== before || now.changes !== changes) await copyDatabase(path, target);
      return true;
    });
    if (!sound) {
      for (const suffix of ['', '.wal']) rmSync(target + suffix, { force: true });
      return null;
    }
    return finishCopy(this.#engine, target, YearFile.yearOf(name) === undefined ? cursor : null);
  }

  /** Seals every file as far as it can be, and writes those anew in which much lies free; for the end of a large import. */
  async settle(): Promise<void> {
    for (const file of [...this.#files.values()]) {
      if (file.tailRows > 0) await this.#exclusively(() => this.#seal(file, this.#closedTo(file)));
      await this.#giveRoomBack(file);
    }
    await this.#giveYearsRoomBack();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    clearInterval(this.#maintenance);
    clearTimeout(this.#verification);
    this.#stopCopying.abort();
    await this.#copying;
    await this.#exclusively(async () => {
      this.#closed = true;
    }).catch(() => {});
    await this.#gate.changing(async () => {
      for (const file of this.#files.values()) await file.detach(this.#engine).catch(() => {});
      await this.#archive.detach(this.#engine).catch(() => {});
      this.#engine.close();
    });
  }
}

/** Indices of the rows of each file, in order of acceptance. */
function rowsByFile(layout: Layout, columns: ReadingColumns): Map<number, Uint32Array> {
  const rows = new Map<number, Uint32Array>();
  const counts = new Map<number, number>();
  const fileOf = new Float64Array(columns.length);
  let start = Number.NaN;
  let end = Number.NaN;
  for (let i = 0; i < columns.length; i++) {
    const eventTime = columns.eventTime[i]!;
    if (!(eventTime >= start && eventTime < end)) {
      start = layout.fileStart(eventTime);
      end = start + 7 * DAY_MS;
    }
    fileOf[i] = start;
    counts.set(start, (counts.get(start) ?? 0) + 1);
  }
  for (const [file, count] of counts) rows.set(file, new Uint32Array(count));
  const filled = new Map<number, number>();
  for (let i = 0; i < columns.length; i++) {
    const at = filled.get(fileOf[i]!) ?? 0;
    rows.get(fileOf[i]!)![at] = i;
    filled.set(fileOf[i]!, at + 1);
  }
  return rows;
}

const unavailable = (error: unknown): Error =>
  error instanceof StoreUnavailableError || error instanceof RangeError
    ? error
    : new StoreUnavailableError(`DuckDB: ${String((error as Error | undefined)?.message ?? error)}`, { cause: error });
