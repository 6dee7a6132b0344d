import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import type { ChangesQuery, LatestAtQuery, StepColumns } from '../../../domain/ports/past-readings.ts';
import { StoreUnavailableError, type TimeSeriesStore } from '../../../domain/ports/time-series-store.ts';
import { emptyColumns, type ReadingColumns } from '../../../domain/reading.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { Archive } from './archive.ts';
import { copyDatabase, finishCopy } from './copying.ts';
import { troubleOf } from './damage.ts';
import { Engine, EVENT_TIME, int, within } from './engine.ts';
import { createGate } from './gate.ts';
import { LatestReadings } from './latest-readings.ts';
import { createLayout, DAY_MS, HOUR_MS, type Layout } from './layout.ts';
import type { StoreFile, StoreFileCopy, StoreVerbs } from './messages.ts';
import { queryChanges, queryLatestAt } from './past-queries.ts';
import { queryLatestBefore, queryRange, queryWindows } from './queries.ts';
import { hasRoomToGive, sync, writeAnew } from './rewriting.ts';
import { prepareSealing, recompute, seal } from './sealing.ts';
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
    this.#files = new Map();
    this.#latest = new LatestReadings();
    this.#archive = await Archive.open(this.#engine, path).catch(async (error: unknown) => {
      if (troubleOf(error) !== 'damaged') throw error;
      this.#setAside(Archive.FILE, error);
      return Archive.open(this.#engine, path);
    });
    for (const name of readdirSync(path).sort()) {
      const start = this.#layout.startOf(name);
      if (start === undefined) continue;
      try {
        const file = await this.#attach(start);
        this.#cursor = Math.max(this.#cursor, file.cursorAtOpening);
      } catch (error) {
        if (troubleOf(error) !== 'damaged') throw error;
        this.#setAside(name, error);
      }
    }
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
    await seal(this.#engine, this.#layout, file, to, this.#archive.droppedBefore);
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
  }

  /**
   * Writes a file anew when much of it lies free. Appends and queries go on meanwhile; the copy takes the file's place in one rename, unless the file
   * has changed since: then the copy is dropped, for another time. One file at a time.
   */
  #giveRoomBack(file: WeekFile): Promise<void> {
    const done = this.#copying.then(async () => {
      const { changes } = file;
      const current = () => !this.#closed && this.#files.get(file.start) === file && file.changes === changes;
      if (file.lookedForRoomAt === changes || !current()) return;
      file.lookedForRoomAt = changes;
      if (!file.hasHoles && !(await hasRoomToGive(this.#engine, file))) return;
      // Not a reader to the gate: it would hold up every change for as long as it takes. A file that goes meanwhile makes it fail, which is all right.
      const copy = await writeAnew(this.#engine, file, this.#stopCopying.signal);
      await this.#exclusively(() =>
        this.#gate.changing(async () => {
          if (!current()) return;
          await file.detach(this.#engine);
          // A log that belongs to the old file must never meet the new one.
          if (!existsSync(`${file.path}.wal`)) {
            renameSync(copy, file.path);
            file.hasHoles = false;
            sync(this.#options.path);
          }
          await this.#engine.attach(file.path, file.alias);
        }),
      ).finally(() => rmSync(copy, { force: true }));
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

  windows(query: Parameters<TimeSeriesStore['windows']>[0]): ReturnType<TimeSeriesStore['windows']> {
    return this.#reading(() =>
      queryWindows(
        this.#engine,
        this.#layout,
        {
          files: this.#filesWithin(query.from, query.to),
          archive: this.#archive.alias,
          droppedBefore: this.#archive.droppedBefore,
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
          await recompute(this.#engine, this.#layout, file, series, hours, this.#archive.droppedBefore);
        });
        file.changes++;
        file.hasHoles = true;
      }
      this.#latest.forget(series);
      for (const file of this.#filesWithin(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).reverse()) {
        await queryLatestBefore(this.#engine, file, [series], file.end, (...reading) => this.#latest.take(...reading));
        if (this.#latest.eventTime(series) !== Number.NEGATIVE_INFINITY) break;
      }
    });
  }

  dropBefore(instant: EpochMs): Promise<void> {
    return this.#exclusively(async () => {
      const ending = this.#filesWithin(Number.NEGATIVE_INFINITY, instant);
      if (ending.length === 0) return;
      // What is about to go must be in the rollups first.
      for (const file of ending) {
        const to = Math.min(file.end, Math.floor(instant / HOUR_MS) * HOUR_MS);
        if (file.tailRows > 0) await this.#seal(file, to);
      }
      await this.#archive.drop(
        this.#engine,
        instant,
        ending.filter((file) => file.end <= instant),
      );
      for (const file of ending) {
        if (file.end > instant) {
          await this.#engine.transaction(async () => {
            for (const table of ['tail', 'sorted']) {
              await this.#engine.write(`DELETE FROM ${file.alias}.${table} WHERE ${within(file.start, instant)}`);
            }
            await this.#engine.write(
              `UPDATE ${file.alias}.series SET minute = ${NO_MINUTE}, ms = 0 WHERE ${EVENT_TIME} < ${int(instant)}`,
            );
          });
          file.changes++;
          file.hasHoles = true;
          continue;
        }
        await this.#keepCursorOutside(file, instant);
        await this.#gate.changing(async () => {
          this.#files.delete(file.start);
          await file.detach(this.#engine);
          for (const part of [file.path, `${file.path}.wal`]) rmSync(part, { force: true });
        });
      }
      await this.#relearn();
    });
  }

  /** The cursor must outlive the file it happens to be in. */
  async #keepCursorOutside(file: WeekFile, instant: number): Promise<void> {
    const others = [...this.#files.keys()].filter(
      (start) => start !== file.start && start + (file.end - file.start) > instant,
    );
    const heir = await this.#attach(others.length > 0 ? Math.max(...others) : this.#layout.fileStart(instant));
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
    if (this.#archive.alias !== null) names.unshift(Archive.FILE);
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
    const fileNow = () => [...this.#files.values()].find((file) => file.name === name);
    const before = fileNow();
    const changes = before?.changes;
    if (before) await copyDatabase(path, target);
    const sound = await this.#exclusively(async () => {
      if (before && fileNow() === before && before.changes === changes) return true;
      if (!(fileNow() || (name === Archive.FILE && this.#archive.alias !== null))) return false;
      await copyDatabase(path, target);
      return true;
    });
    if (!sound) {
      for (const suffix of ['', '.wal']) rmSync(target + suffix, { force: true });
      return null;
    }
    return finishCopy(this.#engine, target, name === Archive.FILE ? null : cursor);
  }

  /** Seals every file as far as it can be, and writes those anew in which much lies free; for the end of a large import. */
  async settle(): Promise<void> {
    for (const file of [...this.#files.values()]) {
      if (file.tailRows > 0) await this.#exclusively(() => this.#seal(file, this.#closedTo(file)));
      await this.#giveRoomBack(file);
    }
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
