import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBDoubleVector,
  DuckDBInstance,
} from '@duckdb/node-api';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import {
  StoreUnavailableError,
  type TimeSeriesStore,
  type WindowColumns,
} from '../../domain/ports/time-series-store.ts';
import { emptyColumns, type ReadingColumns } from '../../domain/reading.ts';

export interface DuckDbStoreOptions {
  /** Folder of the store; made if absent. */
  readonly path: string;
  readonly memoryLimitMegabytes: number;
  readonly threads?: number;
  /** Told of each damaged file that was set aside. */
  readonly onDamaged?: (file: string, reason: string) => void;
}

/** One file holds a week, counted from the Monday 1970-01-05: retention and backup go by whole files, and a query opens few. */
const FILE_SPAN_MS = 7 * 86_400_000;
const FILE_ORIGIN_MS = 4 * 86_400_000;
const FILE_PATTERN = /^readings-(\d{4}-\d{2}-\d{2})\.duckdb$/;
/** Rows of one chunk; DuckDB's own vector size. */
const CHUNK_ROWS = 2_048;

interface WeekFile {
  readonly start: number;
  readonly file: string;
  /** Name under which it is attached. */
  readonly alias: string;
  /** Greatest event time of each series in this file; loaded before the first write. */
  newest: Map<number, number> | null;
}

/** The latest reading of a series, kept in memory. */
interface Latest {
  eventTime: number;
  arrivalTime: number;
  value: number;
  quality: number;
}

const weekOf = (eventTime: number): number =>
  Math.floor((eventTime - FILE_ORIGIN_MS) / FILE_SPAN_MS) * FILE_SPAN_MS + FILE_ORIGIN_MS;
const nameOf = (start: number): string => `readings-${new Date(start).toISOString().slice(0, 10)}.duckdb`;

/**
 * The time-series store on DuckDB: one file a week, attached to one in-memory instance. Rows newer than their series' newest are plain appends; others
 * replace what stands under the same identity. One append may touch several files, each in its own transaction; the cursor goes with the last of them,
 * so a crash in between repeats whole appends, which changes nothing.
 */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<TimeSeriesStore> {
  mkdirSync(options.path, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryLimitMegabytes}MB`,
    threads: String(options.threads ?? 2),
    temp_directory: join(options.path, 'spill'),
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const writer = await instance.connect();
  const reader = await instance.connect();
  await writer.run('CREATE TEMP TABLE staging (series DOUBLE, event_time DOUBLE)');
  const files = new Map<number, WeekFile>();
  const damaged: string[] = [];
  const latest = new Map<number, Latest>();
  let cursor = 0;
  let closed = false;

  const attach = async (start: number): Promise<WeekFile> => {
    const known = files.get(start);
    if (known) return known;
    const file = join(options.path, nameOf(start));
    const alias = `w${nameOf(start).slice(9, 19).replaceAll('-', '')}`;
    await writer.run(`ATTACH '${file.replaceAll("'", "''")}' AS ${alias}`);
    await writer.run(
      `CREATE TABLE IF NOT EXISTS ${alias}.readings (series INTEGER NOT NULL, event_time BIGINT NOT NULL, late_ms BIGINT NOT NULL, value DOUBLE NOT NULL, quality UTINYINT NOT NULL)`,
    );
    await writer.run(`CREATE TABLE IF NOT EXISTS ${alias}.cursor (sequence BIGINT NOT NULL)`);
    const week: WeekFile = { start, file, alias, newest: null };
    files.set(start, week);
    return week;
  };

  const remember = (series: number, eventTime: number, arrivalTime: number, value: number, quality: number): void => {
    const known = latest.get(series);
    if (!known) latest.set(series, { eventTime, arrivalTime, value, quality });
    else if (eventTime >= known.eventTime) {
      known.eventTime = eventTime;
      known.arrivalTime = arrivalTime;
      known.value = value;
      known.quality = quality;
    }
  };

  for (const name of readdirSync(options.path).sort()) {
    const day = FILE_PATTERN.exec(name)?.[1];
    if (!day) continue;
    try {
      const week = await attach(Date.parse(`${day}T00:00:00Z`));
      const found = await rows(
        writer,
        `SELECT series::DOUBLE, max(event_time)::DOUBLE, arg_max(late_ms, event_time)::DOUBLE, arg_max(value, event_time), arg_max(quality, event_time)::DOUBLE FROM ${week.alias}.readings GROUP BY series`,
      );
      week.newest = new Map();
      for (const [series, eventTime, late, value, quality] of found as number[][]) {
        week.newest.set(series!, eventTime!);
        remember(series!, eventTime!, eventTime! + late!, value!, quality!);
      }
      const [[sequence]] = (await rows(
        writer,
        `SELECT coalesce(max(sequence), 0)::DOUBLE FROM ${week.alias}.cursor`,
      )) as [[number]];
      cursor = Math.max(cursor, sequence);
    } catch (error) {
      await setAside(name, error);
    }
  }

  async function setAside(name: string, error: unknown): Promise<void> {
    const start = Date.parse(`${FILE_PATTERN.exec(name)?.[1]}T00:00:00Z`);
    const week = files.get(start);
    files.delete(start);
    if (week) await writer.run(`DETACH ${week.alias}`).catch(() => {});
    const folder = join(options.path, 'damaged');
    mkdirSync(folder, { recursive: true });
    for (const part of [name, `${name}.wal`])
      if (existsSync(join(options.path, part))) renameSync(join(options.path, part), join(folder, part));
    damaged.push(name);
    options.onDamaged?.(name, String((error as Error).message ?? error));
  }

  /** One write at a time; a failed one does not stop those behind it. */
  let queue: Promise<unknown> = Promise.resolve();
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(new StoreUnavailableError('the store is closed'));
    const result = queue.then(work, work);
    queue = result.catch(() => {});
    return result;
  };

  async function store(batches: readonly ReadingColumns[], upTo: number | null): Promise<void> {
    const byWeek = new Map<number, Sorter>();
    for (const batch of batches) {
      for (let i = 0; i < batch.length; i++) {
        const week = weekOf(batch.eventTime[i]!);
        let sorter = byWeek.get(week);
        if (!sorter) {
          sorter = new Sorter();
          byWeek.set(week, sorter);
        }
        sorter.add(batch, i);
      }
    }
    const starts = [...byWeek.keys()].sort((a, b) => a - b);
    // A cursor without readings (all was quarantined, or marks only) still has to be kept.
    if (starts.length === 0 && upTo !== null && upTo > cursor)
      starts.push([...files.keys()].at(-1) ?? weekOf(Date.now()));
    for (const [index, start] of starts.entries()) {
      const week = await attach(start);
      week.newest ??= new Map(
        (await rows(
          writer,
          `SELECT series::DOUBLE, max(event_time)::DOUBLE FROM ${week.alias}.readings GROUP BY series`,
        )) as [number, number][],
      );
      await writeWeek(week, byWeek.get(start) ?? new Sorter(), index === starts.length - 1 ? upTo : null);
    }
    for (const sorter of byWeek.values()) sorter.each(remember);
    if (upTo !== null) cursor = Math.max(cursor, upTo);
  }

  async function writeWeek(week: WeekFile, sorter: Sorter, upTo: number | null): Promise<void> {
    const { inOrder, others } = sorter.split(week.newest!);
    if (others.length > 0) {
      await writer.run('DELETE FROM staging');
      const appender = await writer.createAppender('staging');
      appendRows(appender, others, (row) => [row.series, row.eventTime]);
      appender.closeSync();
    }
    await writer.run('BEGIN TRANSACTION');
    try {
      if (others.length > 0) {
        await writer.run(
          `DELETE FROM ${week.alias}.readings USING staging WHERE readings.series = staging.series AND readings.event_time = staging.event_time`,
        );
      }
      const appender = await writer.createAppender('readings', 'main', week.alias);
      const columns = (row: Row): number[] => [
        row.series,
        row.eventTime,
        row.arrivalTime - row.eventTime,
        row.value,
        row.quality,
      ];
      appendRows(appender, inOrder, columns);
      appendRows(appender, others, columns);
      appender.closeSync();
      if (upTo !== null) {
        await writer.run(`DELETE FROM ${week.alias}.cursor`);
        await writer.run(`INSERT INTO ${week.alias}.cursor VALUES (${upTo})`);
      }
      await writer.run('COMMIT');
    } catch (error) {
      await writer.run('ROLLBACK').catch(() => {});
      // What was thought newest may not have been kept.
      week.newest = null;
      throw new StoreUnavailableError(`DuckDB did not keep the readings: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Files that may hold readings of [from, to), oldest first. */
  const filesWithin = (from: number, to: number): WeekFile[] =>
    [...files.values()]
      .filter((week) => week.start < to && week.start + FILE_SPAN_MS > from)
      .sort((a, b) => a.start - b.start);
  const relearn = async (): Promise<void> => {
    latest.clear();
    for (const week of filesWithin(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) {
      const found = await rows(
        writer,
        `SELECT series::DOUBLE, max(event_time)::DOUBLE, arg_max(late_ms, event_time)::DOUBLE, arg_max(value, event_time), arg_max(quality, event_time)::DOUBLE FROM ${week.alias}.readings GROUP BY series`,
      );
      for (const [series, eventTime, late, value, quality] of found as number[][])
        remember(series!, eventTime!, eventTime! + late!, value!, quality!);
    }
  };

  return {
    append: (batches, upTo) => exclusively(() => store(batches, upTo)),
    load: (batches) => exclusively(() => store(batches, null)),
    cursor: async () => cursor as JournalSequence,

    async range({ series, from, to, limit }) {
      const found: number[][] = [];
      for (const week of filesWithin(from, to)) {
        if (found.length >= limit) break;
        const part = await rows(
          reader,
          `SELECT event_time::DOUBLE, late_ms::DOUBLE, value, quality::DOUBLE FROM ${week.alias}.readings WHERE series = ${int(series)} AND event_time >= ${int(from)} AND event_time < ${int(to)} ORDER BY event_time LIMIT ${int(limit - found.length)}`,
        );
        found.push(...(part as number[][]));
      }
      const columns = emptyColumns(found.length);
      found.forEach(([eventTime, late, value, quality], i) => {
        columns.series[i] = series;
        columns.eventTime[i] = eventTime!;
        columns.arrivalTime[i] = eventTime! + late!;
        columns.value[i] = value!;
        columns.quality[i] = quality!;
      });
      return columns;
    },

    async windows({ series, from, to, step, align }) {
      const merged = new Map<string, number[]>();
      const listed = series.map(int).join(',');
      if (series.length > 0) {
        for (const week of filesWithin(from, to)) {
          const part = (await rows(
            reader,
            `SELECT series::DOUBLE, (${int(align)} + floor((event_time - ${int(align)})::DOUBLE / ${int(step)}) * ${int(step)})::DOUBLE AS start, count(*)::DOUBLE, min(value), max(value), sum(value), arg_max(value, event_time), max(event_time)::DOUBLE
             FROM ${week.alias}.readings WHERE ${series.length === 1 ? `series = ${listed}` : `series IN (${listed})`} AND event_time >= ${int(from)} AND event_time < ${int(to)} AND quality < 32 GROUP BY 1, 2`,
          )) as number[][];
          for (const row of part) {
            const key = `${row[0]}:${row[1]}`;
            const known = merged.get(key);
            if (!known) merged.set(key, row);
            else
              merged.set(key, [
                row[0]!,
                row[1]!,
                known[2]! + row[2]!,
                Math.min(known[3]!, row[3]!),
                Math.max(known[4]!, row[4]!),
                known[5]! + row[5]!,
                row[6]!,
                row[7]!,
              ]);
          }
        }
      }
      return windowColumns([...merged.values()].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!));
    },

    async latest(series, before) {
      const found = new Map<number, Latest>();
      const missing: number[] = [];
      for (const id of series) {
        const known = latest.get(id);
        if (!known) continue;
        if (before === undefined || known.eventTime < before) found.set(id, known);
        else missing.push(id);
      }
      if (before !== undefined) {
        for (const week of filesWithin(Number.NEGATIVE_INFINITY, before).reverse()) {
          const wanted = missing.filter((id) => !found.has(id));
          if (wanted.length === 0) break;
          const part = await rows(
            reader,
            `SELECT series::DOUBLE, max(event_time)::DOUBLE, arg_max(late_ms, event_time)::DOUBLE, arg_max(value, event_time), arg_max(quality, event_time)::DOUBLE FROM ${week.alias}.readings WHERE series IN (${wanted.map(int).join(',')}) AND event_time < ${int(before)} GROUP BY series`,
          );
          for (const [id, eventTime, late, value, quality] of part as number[][]) {
            found.set(id!, {
              eventTime: eventTime!,
              arrivalTime: eventTime! + late!,
              value: value!,
              quality: quality!,
            });
          }
        }
      }
      const ids = [...found.keys()].sort((a, b) => a - b);
      const columns = emptyColumns(ids.length);
      ids.forEach((id, i) => {
        const { eventTime, arrivalTime, value, quality } = found.get(id)!;
        columns.series[i] = id;
        columns.eventTime[i] = eventTime;
        columns.arrivalTime[i] = arrivalTime;
        columns.value[i] = value;
        columns.quality[i] = quality;
      });
      return columns;
    },

    deleteRange: (series: SeriesId, from, to) =>
      exclusively(async () => {
        for (const week of filesWithin(from, to)) {
          await writer.run(
            `DELETE FROM ${week.alias}.readings WHERE series = ${int(series)} AND event_time >= ${int(from)} AND event_time < ${int(to)}`,
          );
        }
        await relearn();
      }),

    dropBefore: (instant) =>
      exclusively(async () => {
        for (const week of filesWithin(Number.NEGATIVE_INFINITY, instant)) {
          if (week.start + FILE_SPAN_MS > instant) {
            await writer.run(`DELETE FROM ${week.alias}.readings WHERE event_time < ${int(instant)}`);
            continue;
          }
          // The cursor must outlive the file it happens to be in.
          const heir = await attach(Math.max(weekOf(instant), ...files.keys()));
          await writer.run(`DELETE FROM ${heir.alias}.cursor`);
          await writer.run(`INSERT INTO ${heir.alias}.cursor VALUES (${cursor})`);
          files.delete(week.start);
          await writer.run(`DETACH ${week.alias}`);
          for (const part of [week.file, `${week.file}.wal`]) rmSync(part, { force: true });
        }
        await relearn();
      }),

    async status() {
      const bytes = [...files.values()].reduce(
        (sum, { file }) => sum + (existsSync(file) ? statSync(file).size : 0),
        0,
      );
      return { engine: 'DuckDB', reachable: !closed, bytesOnDisk: bytes, damagedFiles: damaged };
    },

    async close() {
      if (closed) return;
      closed = true;
      await queue;
      for (const { alias } of files.values()) await writer.run(`CHECKPOINT ${alias}`).catch(() => {});
      reader.closeSync();
      writer.closeSync();
      instance.closeSync();
    },
  };
}

interface Row {
  readonly series: number;
  readonly eventTime: number;
  readonly arrivalTime: number;
  readonly value: number;
  readonly quality: number;
}

/** Divides the rows of one file into those newer than anything known of their series, and the rest, of which the last of each identity counts. */
class Sorter {
  readonly #rows: Row[] = [];
  add(batch: ReadingColumns, i: number): void {
    this.#rows.push({
      series: batch.series[i]!,
      eventTime: batch.eventTime[i]!,
      arrivalTime: batch.arrivalTime[i]!,
      value: batch.value[i]!,
      quality: batch.quality[i]!,
    });
  }
  split(newest: Map<number, number>): { readonly inOrder: readonly Row[]; readonly others: readonly Row[] } {
    const fresh = new Map<string, number>();
    const inOrder: (Row | null)[] = [];
    const others = new Map<string, Row>();
    for (const row of this.#rows) {
      const key = `${row.series}:${row.eventTime}`;
      if (row.eventTime > (newest.get(row.series) ?? Number.NEGATIVE_INFINITY)) {
        newest.set(row.series, row.eventTime);
        fresh.set(key, inOrder.push(row) - 1);
        continue;
      }
      const replaced = fresh.get(key);
      if (replaced !== undefined) inOrder[replaced] = row;
      else others.set(key, row);
    }
    return { inOrder: inOrder.filter((row) => row !== null), others: [...others.values()] };
  }
  each(take: (series: number, eventTime: number, arrivalTime: number, value: number, quality: number) => void): void {
    for (const row of this.#rows) take(row.series, row.eventTime, row.arrivalTime, row.value, row.quality);
  }
}

/** Appends rows through data chunks of doubles, which DuckDB casts to the columns' types. */
function appendRows(
  appender: { appendDataChunk(chunk: DuckDBDataChunk): void },
  all: readonly Row[],
  columns: (row: Row) => number[],
): void {
  const width = all[0] ? columns(all[0]).length : 0;
  for (let from = 0; from < all.length; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, all.length - from);
    const chunk = DuckDBDataChunk.create(new Array(width).fill(DOUBLE), count);
    const vectors = Array.from({ length: width }, (_, c) => chunk.getColumnVector(c) as DuckDBDoubleVector);
    for (let i = 0; i < count; i++) {
      const row = columns(all[from + i]!);
      for (let c = 0; c < width; c++) vectors[c]!.setItem(i, row[c]!);
    }
    for (const vector of vectors) vector.flush();
    appender.appendDataChunk(chunk);
  }
}

/** An integer written into SQL; anything else is a mistake of ours. */
function int(n: number): string {
  if (!Number.isSafeInteger(n)) throw new RangeError(`${n} is not an integer`);
  return String(n);
}

const rows = async (connection: DuckDBConnection, sql: string): Promise<unknown[][]> =>
  (await connection.runAndReadAll(sql)).getRows();

function windowColumns(found: readonly number[][]): WindowColumns {
  const n = found.length;
  const columns = {
    length: n,
    series: new Int32Array(n),
    start: new Float64Array(n),
    count: new Int32Array(n),
    mean: new Float64Array(n),
    min: new Float64Array(n),
    max: new Float64Array(n),
    sum: new Float64Array(n),
    last: new Float64Array(n),
  };
  found.forEach(([series, start, count, min, max, sum, last], i) => {
    columns.series[i] = series!;
    columns.start[i] = start!;
    columns.count[i] = count!;
    columns.mean[i] = sum! / count!;
    columns.min[i] = min!;
    columns.max[i] = max!;
    columns.sum[i] = sum!;
    columns.last[i] = last!;
  });
  return columns;
}
