import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadingColumns } from '../../../domain/reading.ts';
import { type Engine, EVENT_TIME, int, READING_COLUMNS } from './engine.ts';
import type { LatestReadings } from './latest-readings.ts';
import { type BucketHours, FILE_SPAN_MS, HOUR_MS, type Layout, MINUTE_MS } from './layout.ts';
import { type SeriesSlots, SlotColumn } from './series-slots.ts';

/** Event times, whole hours: from ≤ t < to. */
export interface Span {
  from: number;
  to: number;
}

const FORMAT = 1;
/** Stands in `series` for "no reading", where a series has a length of bucket but its readings are gone. */
export const NO_MINUTE = -2_147_483_648;
/** Rows of one VALUES list. */
const LISTED_ROWS = 1_000;

/**
 * One file: the readings of a week.
 *
 * - `tail`: readings in the order they came. No index: a repeated reading is a second row, of which the later counts.
 * - `sorted`: the readings before `sealedTo`, moved there slice by slice in the order of series and time, each identity once.
 * - `rollup`: their aggregates per bucket. `series`: each series' newest sealed reading and its length of bucket.
 * - `disorder`: the spans, per series, in which `tail` may hold an identity twice, or one that `sorted` has as well, or readings
 *   the rollup has not seen. Only there a query must look closely; sealing empties it.
 * - `meta`: one row; the store's cursor is in it, so it is kept in the transaction that keeps the readings.
 */
export class WeekFile {
  /** Ends the name of a file that is being written to take another's place; of no meaning once nobody writes it. */
  static readonly NEW_SUFFIX = '.new';
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly path: string;
  /** Name under which it is attached. */
  readonly alias: string;
  /** The cursor as it was when the file was opened. */
  cursorAtOpening = 0;
  /** Readings before it are in `sorted` and the rollup, but for those in `disorder`. Epoch ms, a whole hour. */
  sealedTo: number;
  tailRows = 0;
  /** Least event time in `tail`; +∞ when it is empty. */
  tailFrom = Number.POSITIVE_INFINITY;
  /** When it was last written to, epoch ms. */
  touchedAt = 0;
  /** Counts the changes to its tables, so that a copy knows whether it is still one. */
  changes = 0;
  /** Whether readings were deleted since it was opened or written anew: their place does not show among its free blocks. */
  hasHoles = false;
  /** {@link changes} when it was last asked whether it is worth writing anew. */
  lookedForRoomAt = -1;
  /** When it was last sealed, or opened; epoch ms. */
  sealedAt = Date.now();
  /** What was to be sealed when it was last looked at. */
  looked = { to: Number.NEGATIVE_INFINITY, rows: 0 };
  readonly disorder = new Map<number, Span>();
  readonly #slots: SeriesSlots;
  readonly #hours = new SlotColumn(Uint8Array, 0, 256);
  /** Newest event time of each series in this file; loaded before the first write. */
  #newest: SlotColumn | null = null;

  private constructor(directory: string, layout: Layout, start: number, slots: SeriesSlots) {
    this.start = start;
    this.end = start + FILE_SPAN_MS;
    this.name = layout.fileName(start);
    this.path = join(directory, this.name);
    this.alias = this.name.slice(0, -'.duckdb'.length).replaceAll('-', '_');
    this.sealedTo = start;
    this.#slots = slots;
  }

  /** Attaches the file, made if absent, and tells `latest` what it holds. Throws when it is damaged in a way that shows. */
  static async open(
    engine: Engine,
    layout: Layout,
    directory: string,
    start: number,
    latest: LatestReadings,
  ): Promise<WeekFile> {
    const file = new WeekFile(directory, layout, start, latest.slots);
    const { alias } = file;
    await engine.attach(file.path, alias);
    try {
      const tables = await engine.query(
        `SELECT count(*)::DOUBLE FROM duckdb_tables() WHERE database_name = '${alias}'`,
      );
      if (tables.columns[0]![0] === 0) await file.#create(engine, layout);
      else await engine.write(`ALTER TABLE ${alias}.rollup ADD COLUMN IF NOT EXISTS good INTEGER`);
      await file.#load(engine, layout, latest);
    } catch (error) {
      await file.detach(engine).catch(() => {});
      throw error;
    }
    return file;
  }

  async #create(engine: Engine, layout: Layout): Promise<void> {
    const { alias } = this;
    await engine.transaction(async () => {
      await createTables((sql) => engine.write(sql), alias);
      await engine.write(
        `INSERT INTO ${alias}.meta VALUES (${FORMAT}, ${int(layout.utcOffsetMs)}, 0, ${int(this.start)})`,
      );
    });
  }

  async #load(engine: Engine, layout: Layout, latest: LatestReadings): Promise<void> {
    const { alias } = this;
    // Only of used blocks: free ones at the end may never have been written, and the file then ends before them.
    const blocks = await engine.query(
      `SELECT (block_size * used_blocks)::DOUBLE FROM pragma_database_size() WHERE database_name = '${alias}'`,
    );
    if (statSync(this.path).size < blocks.columns[0]![0]!) throw new Error(`${this.name} is truncated`);
    const meta = await engine.query(
      `SELECT format::DOUBLE, utc_offset_ms::DOUBLE, cursor::DOUBLE, sealed_to::DOUBLE FROM ${alias}.meta`,
    );
    const [format, utcOffset, cursor, sealedTo] = meta.columns.map((column) => column[0]!);
    if (meta.length !== 1 || format !== FORMAT)
      throw new Error(`${this.name} is corrupt: it has no description of itself`);
    if (utcOffset !== layout.utcOffsetMs) {
      throw new RangeError(
        `${this.name} was made with local time ${utcOffset! / HOUR_MS} h from UTC, not ${layout.utcOffsetMs / HOUR_MS} h`,
      );
    }
    this.cursorAtOpening = cursor!;
    this.sealedTo = sealedTo!;
    const kinds = await engine.query(`SELECT series::DOUBLE, hours::DOUBLE FROM ${alias}.series`);
    for (let i = 0; i < kinds.length; i++) this.setHours(kinds.columns[0]![i]!, kinds.columns[1]![i]! as BucketHours);
    const tail = await engine.query(`SELECT count(*)::DOUBLE, min(${EVENT_TIME})::DOUBLE FROM ${alias}.tail`);
    this.tailRows = tail.columns[0]![0]!;
    if (this.tailRows > 0) this.tailFrom = tail.columns[1]![0]!;
    const disorder = await engine.query(
      `SELECT series::DOUBLE, min(from_ms)::DOUBLE, max(to_ms)::DOUBLE FROM ${alias}.disorder GROUP BY series`,
    );
    for (let i = 0; i < disorder.length; i++) {
      const [series, from, to] = disorder.columns.map((column) => column[i]!);
      this.disorder.set(series!, { from: from!, to: to! });
    }
    await this.tellLatest(engine, latest);
  }

  /** Tells `latest` the newest reading of each series here. */
  async tellLatest(engine: Engine, latest: LatestReadings): Promise<void> {
    const { alias } = this;
    const columns = `series::DOUBLE, ${EVENT_TIME}::DOUBLE, late_ms::DOUBLE, value, quality::DOUBLE`;
    const found = [await engine.query(`SELECT ${columns} FROM ${alias}.series WHERE minute > ${NO_MINUTE}`)];
    if (this.tailRows > 0) {
      // Of rows with one identity the later came later: it has the greater rowid.
      found.push(
        await engine.query(
          `WITH t AS (SELECT series, max(${EVENT_TIME}) AS at_ms FROM ${alias}.tail GROUP BY series),
                r AS (SELECT max(tail.rowid) AS id FROM ${alias}.tail JOIN t ON tail.series = t.series AND ${EVENT_TIME} = t.at_ms GROUP BY tail.series)
           SELECT ${columns} FROM ${alias}.tail JOIN r ON tail.rowid = r.id`,
        ),
      );
    }
    for (const part of found) {
      for (let i = 0; i < part.length; i++) {
        const [series, eventTime, late, value, quality] = part.columns.map((column) => column[i]!);
        latest.take(series!, eventTime!, eventTime! + late!, value!, quality!);
      }
    }
  }

  /** Length of the series' buckets here; 0 when it has none yet. */
  hoursOf(series: number): BucketHours | 0 {
    const slot = this.#slots.find(series);
    return slot === undefined ? 0 : (this.#hours.get(slot) as BucketHours | 0);
  }
  setHours(series: number, hours: BucketHours): void {
    this.#hours.set(this.#slots.of(series), hours);
  }

  /**
   * Keeps the readings at `rows` (indices, in order of acceptance, all of this week) and the cursor in one transaction. `commit` is given the last
   * step: when disorder grows it must keep queries out, for what they were planned on changes with it.
   */
  async write(
    engine: Engine,
    columns: ReadingColumns,
    rows: Uint32Array,
    cursor: number | null,
    commit: (disorderly: boolean, step: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    this.#newest ??= await this.#loadNewest(engine);
    const { changed, earliest } = this.#arrange(columns, rows, this.#newest);
    await engine.write('BEGIN TRANSACTION');
    try {
      if (rows.length > 0) await engine.appendReadings(this.alias, 'tail', columns, rows);
      for (let from = 0; from < changed.length; from += LISTED_ROWS) {
        const listed = changed.slice(from, from + LISTED_ROWS).map((series) => {
          const span = this.disorder.get(series)!;
          return `(${int(series)},${int(span.from)},${int(span.to)})`;
        });
        await engine.write(`INSERT INTO ${this.alias}.disorder VALUES ${listed.join(',')}`);
      }
      if (cursor !== null) await engine.write(`UPDATE ${this.alias}.meta SET cursor = ${int(cursor)}`);
      await commit(changed.length > 0, () => engine.write('COMMIT'));
    } catch (error) {
      await engine.write('ROLLBACK').catch(() => {});
      throw error;
    }
    this.changes++;
    this.tailRows += rows.length;
    this.tailFrom = Math.min(this.tailFrom, earliest);
    this.touchedAt = Date.now();
  }

  /**
   * Finds the rows that are not simply newer than everything of their series, and widens the spans of disorder over them. When the transaction fails
   * then what is known here covers more than there is, which costs time but no truth.
   */
  #arrange(columns: ReadingColumns, rows: Uint32Array, newest: SlotColumn): { changed: number[]; earliest: number } {
    const changed = new Set<number>();
    let earliest = Number.POSITIVE_INFINITY;
    for (const row of rows) {
      const series = columns.series[row]!;
      const eventTime = columns.eventTime[row]!;
      const slot = this.#slots.of(series);
      if (eventTime < earliest) earliest = eventTime;
      const isNewest = eventTime > newest.get(slot);
      if (isNewest) newest.set(slot, eventTime);
      if (isNewest && eventTime >= this.sealedTo) continue;
      const from = Math.floor(eventTime / HOUR_MS) * HOUR_MS;
      const span = this.disorder.get(series);
      if (span === undefined) this.disorder.set(series, { from, to: from + HOUR_MS });
      else if (from < span.from) span.from = from;
      else if (from >= span.to) span.to = from + HOUR_MS;
      else continue;
      changed.add(series);
    }
    return { changed: [...changed], earliest };
  }

  async #loadNewest(engine: Engine): Promise<SlotColumn> {
    const newest = new SlotColumn(Float64Array, Number.NEGATIVE_INFINITY);
    const found = await engine.query(
      `SELECT series::DOUBLE, max(at_ms)::DOUBLE FROM (
         SELECT series, ${EVENT_TIME} AS at_ms FROM ${this.alias}.series UNION ALL SELECT series, max(${EVENT_TIME}) FROM ${this.alias}.tail GROUP BY series
       ) GROUP BY series`,
    );
    for (let i = 0; i < found.length; i++) newest.set(this.#slots.of(found.columns[0]![i]!), found.columns[1]![i]!);
    return newest;
  }
  /** Frees what only writing needs; the next write loads it again. */
  rest(): void {
    this.#newest = null;
  }

  /** Reads every block of the file, so that damage shows. */
  async verify(engine: Engine): Promise<void> {
    for (const table of ['tail', 'sorted', 'series']) {
      await engine.query(
        `SELECT (sum(series) + sum(minute) + sum(ms) + sum(late_ms) + sum(quality))::DOUBLE, sum(value) FROM ${this.alias}.${table}`,
      );
    }
    await engine.query(
      `SELECT (sum(series) + sum(start_minute) + sum(hours) + sum(n))::DOUBLE, sum(sum) + sum(min) + sum(max) + sum(last) FROM ${this.alias}.rollup`,
    );
  }

  detach(engine: Engine): Promise<void> {
    return engine.write(`DETACH ${this.alias}`);
  }
  /** Minutes since the epoch. */
  static minute(instant: number): number {
    return Math.floor(instant / MINUTE_MS);
  }
}

export async function createTables(run: (sql: string) => Promise<void>, alias: string): Promise<void> {
  for (const table of [
    'meta (format INTEGER NOT NULL, utc_offset_ms BIGINT NOT NULL, cursor BIGINT NOT NULL, sealed_to BIGINT NOT NULL)',
    `tail (${READING_COLUMNS})`,
    `sorted (${READING_COLUMNS})`,
    `rollup (${ROLLUP_COLUMNS})`,
    `series (hours UTINYINT NOT NULL, ${READING_COLUMNS})`,
    'disorder (series INTEGER NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL)',
  ]) {
    await run(`CREATE TABLE ${alias}.${table}`);
  }
}

/** Aggregates of the usable readings of one bucket of one series; `good` NULL where it was made before that was counted. */
const ROLLUP_COLUMNS =
  'series INTEGER NOT NULL, start_minute INTEGER NOT NULL, hours UTINYINT NOT NULL, n INTEGER NOT NULL, sum DOUBLE NOT NULL, min DOUBLE NOT NULL, max DOUBLE NOT NULL, last DOUBLE NOT NULL, good INTEGER';
