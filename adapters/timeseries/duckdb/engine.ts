import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBDoubleVector,
  DuckDBInstance,
  type DuckDBIntegerVector,
  type DuckDBUSmallIntVector,
  type DuckDBUTinyIntVector,
  INTEGER,
  USMALLINT,
  UTINYINT,
} from '@duckdb/node-api';
import type { ReadingColumns } from '../../../domain/reading.ts';
import { MINUTE_MS } from './layout.ts';

export interface EngineOptions {
  readonly memoryLimitMegabytes: number;
  readonly threads: number;
  /** Where queries larger than the memory limit spill. */
  readonly spillDirectory: string;
}

/** Columns of a result, all as numbers. */
export interface NumberColumns {
  readonly length: number;
  readonly columns: readonly Float64Array[];
}

/** A connection with its own transaction and temporary tables. */
export interface Session {
  run(sql: string): Promise<void>;
  /** Every column DOUBLE. */
  query(sql: string): Promise<NumberColumns>;
  /** Makes what runs now fail. */
  interrupt(): void;
  close(): void;
}

/** Connections that read at the same time; each holds a thread of libuv's pool (4 by default) while it works. */
const READERS = 2;
/** DuckDB's own vector size. */
const CHUNK_ROWS = 2_048;
/**
 * Larger than DuckDB's own 122,880: a column of a row group ends in a block of its own, and half-filled blocks of 256 KiB were a
 * quarter of the file.
 */
const ROW_GROUP_ROWS = 491_520;

/** One DuckDB instance in memory, to which the store's files are attached: one connection that writes, a few that read. */
export class Engine {
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #idle: DuckDBConnection[];
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = [];

  private constructor(instance: DuckDBInstance, writer: DuckDBConnection, readers: DuckDBConnection[]) {
    this.#instance = instance;
    this.#writer = writer;
    this.#idle = readers;
  }

  static async open(options: EngineOptions): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${options.memoryLimitMegabytes}MB`,
      threads: String(options.threads),
      temp_directory: options.spillDirectory,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const writer = await instance.connect();
    const readers: DuckDBConnection[] = [];
    for (let i = 0; i < READERS; i++) readers.push(await instance.connect());
    return new Engine(instance, writer, readers);
  }

  /** Runs a statement on the writing connection. One at a time: the caller queues. */
  async write(sql: string): Promise<void> {
    await this.#writer.run(sql);
  }
  /** The same for one that changes rows. @returns how many. */
  async change(sql: string): Promise<number> {
    return (await this.#writer.run(sql)).rowsChanged;
  }
  /** A query on the writing connection, which sees what its open transaction has done. */
  queryAsWriter(sql: string): Promise<NumberColumns> {
    return query(this.#writer, sql);
  }
  /** A query whose every column is DOUBLE, on the next idle reading connection. */
  async query(sql: string): Promise<NumberColumns> {
    const connection =
      this.#idle.pop() ?? (await new Promise<DuckDBConnection>((resolve) => this.#waiting.push(resolve)));
    try {
      return await query(connection, sql);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(connection);
      else this.#idle.push(connection);
    }
  }

  /** Runs `work` in one transaction of the writing connection, rolled back when it throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.#writer.run('BEGIN TRANSACTION');
    try {
      const result = await work();
      await this.#writer.run('COMMIT');
      return result;
    } catch (error) {
      await this.#writer.run('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async attach(file: string, alias: string): Promise<void> {
    await this.#writer.run(attachment(file, alias));
  }

  /** A connection of its own for long work beside the writer's; the caller closes it. */
  async session(): Promise<Session> {
    const connection = await this.#instance.connect();
    return {
      run: async (sql) => void (await connection.run(sql)),
      query: (sql) => query(connection, sql),
      interrupt: () => connection.interrupt(),
      close: () => connection.closeSync(),
    };
  }

  /** Appends the readings at `rows` (indices into `columns`) to a table of {@link READING_COLUMNS}, within the open transaction. */
  async appendReadings(alias: string, table: string, columns: ReadingColumns, rows: Uint32Array): Promise<void> {
    const appender = await this.#writer.createAppender(table, 'main', alias);
    // late_ms goes in as DOUBLE and is cast by the appender: writing BigInts one by one costs several times more.
    const types = [INTEGER, INTEGER, USMALLINT, DOUBLE, DOUBLE, UTINYINT];
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows.length - from);
      const chunk = DuckDBDataChunk.create(types, count);
      const series = chunk.getColumnVector(0) as DuckDBIntegerVector;
      const minute = chunk.getColumnVector(1) as DuckDBIntegerVector;
      const ms = chunk.getColumnVector(2) as DuckDBUSmallIntVector;
      const late = chunk.getColumnVector(3) as DuckDBDoubleVector;
      const value = chunk.getColumnVector(4) as DuckDBDoubleVector;
      const quality = chunk.getColumnVector(5) as DuckDBUTinyIntVector;
      for (let i = 0; i < count; i++) {
        const row = rows[from + i]!;
        const eventTime = columns.eventTime[row]!;
        const wholeMinutes = Math.floor(eventTime / MINUTE_MS);
        series.setItem(i, columns.series[row]!);
        minute.setItem(i, wholeMinutes);
        ms.setItem(i, eventTime - wholeMinutes * MINUTE_MS);
        late.setItem(i, columns.arrivalTime[row]! - eventTime);
        value.setItem(i, columns.value[row]!);
        quality.setItem(i, columns.quality[row]!);
      }
      series.flush();
      minute.flush();
      ms.flush();
      late.flush();
      value.flush();
      quality.flush();
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  close(): void {
    for (const connection of this.#idle) connection.closeSync();
    this.#writer.closeSync();
    this.#instance.closeSync();
  }
}

/**
 * Columns of every table of readings. The event time lies in two columns because readings mostly come on a schedule: minutes and the rest
 * each compress far better than milliseconds do (4.5 against 6.5 bytes a reading).
 */
export const READING_COLUMNS =
  'series INTEGER NOT NULL, minute INTEGER NOT NULL, ms USMALLINT NOT NULL, late_ms BIGINT NOT NULL, value DOUBLE NOT NULL, quality UTINYINT NOT NULL';
/** Event time of such a row, epoch ms, BIGINT. */
export const EVENT_TIME = '(minute::BIGINT * 60000 + ms)';

/** The statement that attaches a file, made if absent. */
export const attachment = (file: string, alias: string): string =>
  `ATTACH '${file.replaceAll("'", "''")}' AS ${alias} (STORAGE_VERSION 'latest', ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`;

/** An integer written into SQL; anything else is a mistake of ours. */
export function int(n: number): string {
  if (!Number.isSafeInteger(n)) throw new RangeError(`${n} is not an integer`);
  return String(n);
}
/** Condition that `from` ≤ event time < `to` (epoch ms); the minutes come first, since files are skipped over by them. */
export function within(from: number, to: number): string {
  const first = Math.floor(from / MINUTE_MS);
  const last = Math.ceil(to / MINUTE_MS) - 1;
  const exact =
    from % MINUTE_MS === 0 && to % MINUTE_MS === 0
      ? ''
      : ` AND ${EVENT_TIME} >= ${int(from)} AND ${EVENT_TIME} < ${int(to)}`;
  return `minute BETWEEN ${int(first)} AND ${int(last)}${exact}`;
}
/** Condition on `series`; `ids` not empty. */
export function among(ids: readonly number[]): string {
  if (ids.length === 1) return `series = ${int(ids[0]!)}`;
  let low = ids[0]!;
  let high = low;
  for (const id of ids) {
    if (id < low) low = id;
    if (id > high) high = id;
  }
  const bounds = `series BETWEEN ${int(low)} AND ${int(high)}`;
  return high - low + 1 === new Set(ids).size ? bounds : `${bounds} AND series IN (${ids.map(int).join(',')})`;
}

async function query(connection: DuckDBConnection, sql: string): Promise<NumberColumns> {
  const result = await connection.run(sql);
  const chunks = await result.fetchAllChunks();
  const length = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const columns = Array.from({ length: result.columnCount }, () => new Float64Array(length));
  let offset = 0;
  for (const chunk of chunks) {
    columns.forEach((column, c) => {
      const vector = chunk.getColumnVector(c) as DuckDBDoubleVector;
      const count = vector.itemCount;
      for (let i = 0; i < count; i++) column[offset + i] = vector.getItem(i) ?? Number.NaN;
    });
    offset += chunk.rowCount;
  }
  return { length, columns };
}
