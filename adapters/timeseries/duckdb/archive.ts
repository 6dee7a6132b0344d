import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UNUSABLE_FROM } from '../../../domain/quality.ts';
import { attachment, type Engine, int } from './engine.ts';
import { DAY_MS, HOUR_MS, type Layout, MINUTE_MS } from './layout.ts';
import { sync } from './rewriting.ts';
import { bucket } from './sealing.ts';
import type { WeekFile } from './week-file.ts';

/** Of one series, epoch ms; −∞ where nothing is gone. */
export interface Gone {
  raw: number;
  hourly: number;
  daily: number;
}

const FORMAT = 1;
const FILE_PATTERN = /^rollups-(\d{4})\.duckdb$/;
/** Aggregates of the usable readings of one hour or local day; `good` NULL: not counted; `cosine`, `sine`: sums of unit vectors, of directions alone. */
const COLUMNS =
  'series INTEGER NOT NULL, start_minute INTEGER NOT NULL, n INTEGER NOT NULL, good INTEGER, sum DOUBLE NOT NULL, min DOUBLE NOT NULL, max DOUBLE NOT NULL, last DOUBLE NOT NULL, cosine DOUBLE, sine DOUBLE';
/** Of several buckets as one: not counted when it was not in one of them. */
export const SUM_OF_GOOD = 'CASE WHEN count(good) = count(*) THEN sum(good) END';
const TABLES = ['hours', 'days'] as const;
/** From this share of rows deleted on a file is written anew. */
const HOLES_SHARE = 0.1;
const LISTED_ROWS = 1_000;

/** Rollups of the weeks that begin in one local year, of series whose readings of those weeks are gone. */
export class YearFile {
  readonly year: number;
  readonly start: number;
  /** Epoch ms: the last week that begins in the year ends by it. */
  readonly end: number;
  readonly name: string;
  readonly path: string;
  readonly alias: string;
  /** Counts the changes to its tables, so that a copy knows whether it is still one. */
  changes = 0;
  /** {@link changes} when it was last asked whether it is worth writing anew. */
  lookedForRoomAt = -1;

  constructor(directory: string, layout: Layout, year: number) {
    this.year = year;
    const newYear = (of: number): number => Date.UTC(of, 0, 1) - layout.utcOffsetMs;
    this.start = newYear(year);
    this.end = newYear(year + 1) + 7 * DAY_MS;
    this.name = `rollups-${year}.duckdb`;
    this.path = join(directory, this.name);
    this.alias = `rollups_${year}`;
  }

  static yearOf(name: string): number | undefined {
    const year = FILE_PATTERN.exec(name)?.[1];
    return year === undefined ? undefined : Number(year);
  }
}

/** What is left of readings that were retired: a file for each year, made when the first week of it goes. */
export class Archive {
  readonly #directory: string;
  readonly #layout: Layout;
  readonly #files = new Map<number, YearFile>();
  readonly #gone = new Map<number, Gone>();

  constructor(directory: string, layout: Layout) {
    this.#directory = directory;
    this.#layout = layout;
  }

  /** Oldest first. */
  get files(): readonly YearFile[] {
    return [...this.#files.values()].sort((a, b) => a.year - b.year);
  }
  within(from: number, to: number): readonly YearFile[] {
    return this.files.filter((file) => file.start < to && file.end > from);
  }
  gone(series: number): Gone | undefined {
    return this.#gone.get(series);
  }

  /** Attaches a year's file, made if absent. Throws when it is damaged in a way that shows. */
  async attach(engine: Engine, year: number): Promise<YearFile> {
    const known = this.#files.get(year);
    if (known) return known;
    const file = new YearFile(this.#directory, this.#layout, year);
    const { alias } = file;
    await engine.attach(file.path, alias);
    try {
      await engine.transaction(() => createTables((sql) => engine.write(sql), alias));
      await this.learnAgain(engine, file);
    } catch (error) {
      await engine.write(`DETACH ${alias}`).catch(() => {});
      throw error;
    }
    this.#files.set(year, file);
    return file;
  }

  /** Learns what a file says is gone. */
  async learnAgain(engine: Engine, { alias }: YearFile): Promise<void> {
    const columns = ['raw', 'hourly', 'daily'].map((what) => `coalesce(${what}_ms::DOUBLE, '-inf'::DOUBLE)`);
    const found = await engine.query(`SELECT series::DOUBLE, ${columns.join(', ')} FROM ${alias}.gone`);
    for (let i = 0; i < found.length; i++) {
      const [series, raw, hourly, daily] = found.columns.map((column) => column[i]!);
      this.#learn(series!, { raw: raw!, hourly: hourly!, daily: daily! });
    }
  }

  #learn(series: number, { raw, hourly, daily }: Gone): void {
    const known = this.#gone.get(series);
    if (!known) this.#gone.set(series, { raw, hourly, daily });
    else {
      known.raw = Math.max(known.raw, raw);
      known.hourly = Math.max(known.hourly, hourly);
      known.daily = Math.max(known.daily, daily);
    }
  }

  /** The year whose file a week's rollups go to. */
  yearOf(file: WeekFile): number {
    return new Date(file.start + this.#layout.utcOffsetMs).getUTCFullYear();
  }

  /**
   * Takes over what a week's file, sealed to its end, has of the series in `retiring`: within the open transaction. Buckets that are there already stand, so
   * that doing it twice changes nothing.
   */
  async take(engine: Engine, file: WeekFile, year: YearFile): Promise<void> {
    const span = `start_minute >= ${int(file.start / MINUTE_MS)} AND start_minute < ${int(file.end / MINUTE_MS)}`;
    await engine.write(
      `INSERT INTO ${year.alias}.hours SELECT made.* FROM (
         SELECT sorted.series, ${bucket('sorted.minute', 1, this.#layout)} AS start_minute, count(*) AS n, count(*) FILTER (quality = 0) AS good,
           sum(value) AS sum, min(value) AS min, max(value) AS max, arg_max(value, minute::BIGINT * ${MINUTE_MS} + ms) AS last,
           sum(cos(radians(value))) FILTER (direction) AS cosine, sum(sin(radians(value))) FILTER (direction) AS sine
         FROM ${file.alias}.sorted JOIN retiring ON retiring.series = sorted.series WHERE quality < ${UNUSABLE_FROM} GROUP BY 1, 2) AS made
       ANTI JOIN (FROM ${year.alias}.hours WHERE ${span}) AS kept ON kept.series = made.series AND kept.start_minute = made.start_minute
       ORDER BY made.series, made.start_minute`,
    );
    // Days are those of their hours, unless more is known of them than the hours tell (which have expired, or never were).
    await engine.write(
      `CREATE OR REPLACE TEMP TABLE made_days AS
         SELECT hours.series, ${bucket('start_minute', 24, this.#layout)} AS start_minute, sum(n)::INTEGER AS n, ${SUM_OF_GOOD}::INTEGER AS good, sum(sum) AS sum, min(min) AS min,
           max(max) AS max, arg_max(last, start_minute) AS last, sum(cosine) AS cosine, sum(sine) AS sine
         FROM ${year.alias}.hours JOIN retiring ON retiring.series = hours.series WHERE ${span} GROUP BY 1, 2`,
    );
    await engine.write(
      `DELETE FROM ${year.alias}.days USING made_days AS made WHERE days.series = made.series AND days.start_minute = made.start_minute AND days.n < made.n`,
    );
    await engine.write(
      `INSERT INTO ${year.alias}.days SELECT made.* FROM made_days AS made ANTI JOIN (FROM ${year.alias}.days WHERE ${span}) AS kept
         ON kept.series = made.series AND kept.start_minute = made.start_minute ORDER BY made.series, made.start_minute`,
    );
    await engine.write(
      `INSERT INTO ${year.alias}.gone SELECT DISTINCT retiring.series, ${int(file.end)}, NULL, NULL FROM retiring JOIN ${file.alias}.series AS held ON held.series = retiring.series
       ON CONFLICT DO UPDATE SET raw_ms = greatest(raw_ms, excluded.raw_ms)`,
    );
  }

  /** Deletes hourly (daily) values before `limit` of the series in `retiring`. @returns how many. */
  async expire(engine: Engine, table: (typeof TABLES)[number], series: readonly number[], limit: number) {
    let deleted = 0;
    const column = table === 'hours' ? 'hourly_ms' : 'daily_ms';
    for (const file of this.within(Number.NEGATIVE_INFINITY, limit)) {
      const old = `start_minute < ${int(limit / MINUTE_MS)} AND series IN (SELECT series FROM retiring)`;
      deleted += await engine.transaction(async () => {
        const rows = await engine.change(`DELETE FROM ${file.alias}.${table} WHERE ${old}`);
        if (rows === 0) return 0;
        await engine.write(`UPDATE ${file.alias}.meta SET deleted = deleted + ${int(rows)}`);
        await engine.write(
          `UPDATE ${file.alias}.gone SET ${column} = ${int(limit)} WHERE series IN (SELECT series FROM retiring) AND (${column} IS NULL OR ${column} < ${int(limit)})`,
        );
        return rows;
      });
      file.changes++;
    }
    if (deleted > 0) {
      const known = {
        raw: Number.NEGATIVE_INFINITY,
        hourly: Number.NEGATIVE_INFINITY,
        daily: Number.NEGATIVE_INFINITY,
      };
      for (const id of series) {
        if (this.#gone.has(id)) this.#learn(id, { ...known, [table === 'hours' ? 'hourly' : 'daily']: limit });
      }
    }
    return deleted;
  }

  /** To be said once {@link take} is committed: it is in memory from then on. */
  taken(file: WeekFile, year: YearFile, series: readonly number[]): void {
    year.changes++;
    for (const id of series) {
      if (file.hoursOf(id) !== 0)
        this.#learn(id, { raw: file.end, hourly: Number.NEGATIVE_INFINITY, daily: Number.NEGATIVE_INFINITY });
    }
  }

  /** Deletes the buckets that lie wholly in [from, to). */
  async deleteRange(engine: Engine, series: number, from: number, to: number): Promise<void> {
    for (const file of this.within(from, to)) {
      await engine.transaction(async () => {
        for (const [table, span] of [
          ['hours', HOUR_MS],
          ['days', DAY_MS],
        ] as const) {
          const rows = await engine.change(
            `DELETE FROM ${file.alias}.${table} WHERE series = ${int(series)} AND start_minute >= ${int(Math.ceil(from / MINUTE_MS))} AND start_minute <= ${int(Math.floor((to - span) / MINUTE_MS))}`,
          );
          await engine.write(`UPDATE ${file.alias}.meta SET deleted = deleted + ${int(rows)}`);
        }
      });
      file.changes++;
    }
  }

  /** Whether so much was deleted from a file that it should be written anew; `empty`: nothing is left in it. */
  async holes(engine: Engine, { alias }: YearFile): Promise<'none' | 'many' | 'empty'> {
    const found = await engine.query(
      `SELECT deleted::DOUBLE, ((SELECT count(*) FROM ${alias}.hours) + (SELECT count(*) FROM ${alias}.days))::DOUBLE FROM ${alias}.meta`,
    );
    const [deleted, left] = found.columns.map((column) => column[0]!);
    if (left === 0) return deleted! > 0 ? 'empty' : 'none';
    return deleted! > left! * HOLES_SHARE ? 'many' : 'none';
  }

  /** Copies a file's rows into a new one beside it, without what was deleted. @returns its path. */
  async writeAnew(engine: Engine, file: YearFile, suffix: string): Promise<string> {
    const path = file.path + suffix;
    const alias = `${file.alias}_new`;
    for (const part of [path, `${path}.wal`]) rmSync(part, { force: true });
    const session = await engine.session();
    try {
      await session.run(attachment(path, alias));
      try {
        await createTables((sql) => session.run(sql), alias);
        for (const table of TABLES) await session.run(`INSERT INTO ${alias}.${table} FROM ${file.alias}.${table}`);
        await session.run(`INSERT INTO ${alias}.gone FROM ${file.alias}.gone`);
        await session.run(`CHECKPOINT ${alias}`);
      } finally {
        await session.run(`DETACH ${alias}`);
      }
      sync(path);
      return path;
    } finally {
      session.close();
    }
  }

  async forget(engine: Engine, file: YearFile): Promise<void> {
    this.#files.delete(file.year);
    await engine.write(`DETACH ${file.alias}`);
  }

  async detach(engine: Engine): Promise<void> {
    for (const file of this.files) await engine.write(`DETACH ${file.alias}`);
  }
}

export async function createTables(run: (sql: string) => Promise<void>, alias: string): Promise<void> {
  await run(`CREATE TABLE IF NOT EXISTS ${alias}.meta (format INTEGER NOT NULL, deleted BIGINT NOT NULL)`);
  await run(`INSERT INTO ${alias}.meta SELECT ${FORMAT}, 0 WHERE NOT EXISTS (FROM ${alias}.meta)`);
  for (const table of TABLES) await run(`CREATE TABLE IF NOT EXISTS ${alias}.${table} (${COLUMNS})`);
  await run(
    `CREATE TABLE IF NOT EXISTS ${alias}.gone (series INTEGER PRIMARY KEY, raw_ms BIGINT, hourly_ms BIGINT, daily_ms BIGINT)`,
  );
}

/** Made once per connection. */
export const prepareRetiring = (engine: Engine): Promise<void> =>
  engine.write('CREATE TEMP TABLE retiring (series INTEGER, direction BOOLEAN)');

/** Puts the series into `retiring`, where the statements here look for them. */
export async function listRetiring(
  engine: Engine,
  series: readonly number[],
  directions: ReadonlySet<number>,
): Promise<void> {
  await engine.write('DELETE FROM retiring');
  for (let from = 0; from < series.length; from += LISTED_ROWS) {
    const listed = series.slice(from, from + LISTED_ROWS).map((id) => `(${int(id)},${directions.has(id)})`);
    await engine.write(`INSERT INTO retiring VALUES ${listed.join(',')}`);
  }
}
