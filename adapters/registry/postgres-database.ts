import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type CustomTypesConfig, DatabaseError, Pool, type PoolClient, type QueryArrayConfig, types } from 'pg';
import { RegistryUnavailableError } from '../../domain/ports/registry.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { POSTGRES_MIGRATIONS } from './postgres-schema.ts';
import { refuseNewer } from './sql/migrations.ts';
import { ConstraintViolation, type Row, type SqlDatabase, type SqlDialect, type SqlValue } from './sql/sql-database.ts';

export interface PostgresOptions {
  /** `postgres://user@host:port/database`; more as libpq knows it (`?sslmode=verify-full`). */
  readonly url: string;
  /** Used when the URL holds none. */
  readonly password?: string | undefined;
  /** Connections at most; one of them writes. */
  readonly connections?: number;
  /** For how long a statement waits for a server that is starting or stopping. */
  readonly patienceMs?: number;
}

const CONNECTIONS = 10;
const PATIENCE_MS = 5_000;
const KNOCK_AGAIN_MS = 100;
/** The server takes a transaction back whose process says nothing for so long: one that stands still would keep all others from writing. */
const SILENT_AT_MOST_MS = 2_000;
/** Held by whoever writes: one transaction at a time, in all processes. "hd" and a number of its own. */
const WRITING = 0x6864_0001;
/** A table that is there while a city moves in: what is here is not all of it yet, and nobody else may write. */
export const MOVING_IN = 'moving_in';
/** Held by whoever brings the schema up to date. */
const MIGRATING = 0x6864_0002;
/** How often a transaction is begun again that the server broke off for another's sake. */
const ATTEMPTS = 3;
/** PostgreSQL takes 65,535 values in one statement. */
const VALUES_AT_ONCE = 30_000;
const ROWS_AT_ONCE = 1_000;
/** Translated statements kept; most are of the code and come again, a few have lists of varying length. */
const STATEMENTS_KEPT = 2_000;

const POSTGRES: SqlDialect = {
  name: 'postgres',
  texts: '(SELECT value FROM json_array_elements_text(?::json))',
  numbers: '(SELECT value::bigint FROM json_array_elements_text(?::json))',
  now: '(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
  json: 'JSON',
  listOf: (column) => `string_agg(DISTINCT ${column}, ',')`,
};

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error(`${text} is no whole number that can be told exactly`);
  return number;
};
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [types.builtins.INT8]: wholeNumber,
  [types.builtins.NUMERIC]: Number,
  // As SQLite answers.
  [types.builtins.BOOL]: (text) => (text === 't' ? 1 : 0),
  [types.builtins.JSON]: (text) => text,
  [types.builtins.BYTEA]: (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex')),
};
const TYPES = {
  getTypeParser: (oid: number, format: 'text' | 'binary') => parsers[oid] ?? types.getTypeParser(oid, format as 'text'),
} as CustomTypesConfig;

/** `?` outside of quotes to `$1`, `$2` … */
export function numbered(sql: string): string {
  let n = 0;
  return sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|\?/g, (part) => (part === '?' ? `$${++n}` : part));
}

/** An INSERT of one row of values: what stands before its values, how many there are, and what stands after. */
const INSERT = /^(INSERT INTO .*? VALUES )(\([^()]*\))(.*)$/s;

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '');
/** The server broke the transaction off so that another could go on: serialization failure, deadlock. */
const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));
/** Nobody answers there, or the server is just starting or stopping. */
const isAway = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', '57P03', '57P01', '57P02'].includes(codeOf(error));
const isBroken = (error: unknown): boolean =>
  isAway(error) ||
  // The server has ended the connection: nothing was said in a transaction for too long.
  codeOf(error) === '25P03' ||
  /^08(?!P)/.test(codeOf(error)) ||
  (!(error instanceof DatabaseError) &&
    /Connection terminated|not queryable|Client has encountered a connection error/.test((error as Error).message));

/** Host and database, without who signs in. */
function placeOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url);
  return `${host || (searchParams.get('host') ?? 'localhost')}${pathname}`;
}
function withPassword(url: string, password: string | undefined): string {
  const whole = new URL(url);
  if (password !== undefined) whole.password = encodeURIComponent(password);
  return whole.href;
}

/** What a server says of itself, and how many steps of the schema are taken there; `null` for none yet. Changes nothing. */
export async function lookAtPostgres({ url, password }: Pick<PostgresOptions, 'url' | 'password'>): Promise<{
  readonly version: number;
  readonly steps: number | null;
  readonly place: string;
}> {
  const client = new Client({
    connectionString: withPassword(url, password),
    connectionTimeoutMillis: 5_000,
    types: TYPES,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ version: number; made: number }>(
      "SELECT current_setting('server_version_num')::bigint / 10000 AS version, to_regclass('schema_version') IS NOT NULL AS made",
    );
    const [{ version, made } = { version: 0, made: 0 }] = rows;
    const steps =
      made === 1 ? (await client.query<{ steps: number }>('SELECT steps FROM schema_version')).rows[0]?.steps : null;
    return { version, steps: steps ?? null, place: placeOf(url) };
  } finally {
    await client.end();
  }
}

interface Unit {
  readonly kind: 'transaction' | 'snapshot';
  readonly client: PoolClient;
  isOpen: boolean;
}

/**
 * One PostgreSQL database over a pool of connections. Writing transactions follow one another, in this process by a queue and between processes by an
 * advisory lock: as in SQLite, so that "look, then write" needs no thought of what others write meanwhile, and rows are numbered in the order in which
 * they can be seen. Reads wait for nobody.
 */
export class PostgresDatabase implements SqlDatabase {
  readonly dialect = POSTGRES;
  readonly #pool: Pool;
  readonly #place: string;
  readonly #patienceMs: number;
  readonly #units = new AsyncLocalStorage<Unit>();
  readonly #statements = new Map<string, string>();
  #writing: Promise<unknown> = Promise.resolve();
  #registryId = '';

  private constructor({ url, password, connections = CONNECTIONS, patienceMs = PATIENCE_MS }: PostgresOptions) {
    this.#place = placeOf(url);
    this.#patienceMs = patienceMs;
    this.#pool = new Pool({
      connectionString: withPassword(url, password),
      max: connections,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      idle_in_transaction_session_timeout: SILENT_AT_MOST_MS,
      types: TYPES,
      application_name: 'hai-dang registry',
    });
    // An idle connection that breaks is taken out of the pool; the next statement opens another.
    this.#pool.on('error', () => undefined);
    // One that breaks between two statements of a transaction shows at the next of them.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Opens it and brings its schema up to date.
   * @throws {RegistryUnavailableError} when nobody answers; what the server says when it answers with a refusal.
   */
  static async open(options: PostgresOptions): Promise<PostgresDatabase> {
    const db = new PostgresDatabase(options);
    try {
      await db.#migrate();
    } catch (error) {
      await db.close();
      throw error;
    }
    return db;
  }

  async #migrate(): Promise<void> {
    const client = await this.#connect();
    try {
      // Two processes that start at once: the second waits here, and finds the steps taken.
      await client.query(`SELECT pg_advisory_lock(${MIGRATING})`);
      await client.query(
        'CREATE TABLE IF NOT EXISTS schema_version (steps BIGINT NOT NULL, registry_id TEXT NOT NULL)',
      );
      await client.query(
        'INSERT INTO schema_version SELECT 0, gen_random_uuid()::text WHERE NOT EXISTS (SELECT 1 FROM schema_version)',
      );
      const { rows } = await client.query<{ steps: number; registry_id: string }>('SELECT * FROM schema_version');
      const [{ steps: taken, registry_id } = { steps: 0, registry_id: '' }] = rows;
      refuseNewer(taken);
      this.#registryId = registry_id;
      for (let step = taken; step < POSTGRES_MIGRATIONS.length; step++) {
        const statements = POSTGRES_MIGRATIONS[step] ?? [];
        await client.query(
          ['BEGIN', ...statements, `UPDATE schema_version SET steps = ${step + 1}`, 'COMMIT'].join(';\n'),
        );
      }
      await client.query(`SELECT pg_advisory_unlock(${MIGRATING})`);
      client.release();
    } catch (error) {
      // With its connection the lock goes too.
      client.release(true);
      throw this.#told(error);
    }
  }

  /** @throws what the registry knows of the error, or the error. */
  #told(error: unknown): unknown {
    if (codeOf(error) === '23505') return new ConstraintViolation('unique', error as Error);
    if (codeOf(error) === '23503') return new ConstraintViolation('reference', error as Error);
    if (isBroken(error))
      return new RegistryUnavailableError(
        `The registry's PostgreSQL (${this.#place}) does not answer: ${(error as Error).message || codeOf(error)}. Nothing is lost; what was being written is not, or is whole.`,
        { cause: error },
      );
    return error;
  }

  /** A connection that answers; a server that is starting or stopping is waited for. */
  async #connect(): Promise<PoolClient> {
    const until = performance.now() + this.#patienceMs;
    for (;;) {
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (!isAway(error) || performance.now() >= until) throw this.#told(error);
        await sleep(KNOCK_AGAIN_MS);
      }
    }
  }

  /** Given to the database when its schema was made, and the same ever since: what keeps readings under its numbers knows it again. */
  get registryId(): string {
    return this.#registryId;
  }

  #unit(): Unit | undefined {
    const unit = this.#units.getStore();
    return unit?.isOpen ? unit : undefined;
  }
  #numbered(sql: string): string {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
    const made = numbered(sql);
    this.#statements.set(sql, made);
    return made;
  }

  async #query<T>(
    sql: string,
    values: readonly SqlValue[],
    rowMode?: 'array',
  ): Promise<{ rows: T[]; rowCount: number | null }> {
    const text = this.#numbered(sql);
    const query = { text, values: [...values], ...(rowMode && { rowMode }) } as QueryArrayConfig;
    const unit = this.#unit();
    try {
      if (unit) return (await unit.client.query(query)) as { rows: unknown[]; rowCount: number | null } as never;
    } catch (error) {
      throw this.#told(error);
    }
    // A read alone: asked again when it met a connection that had been closed from the other side.
    for (let attempt = 1; ; attempt++) {
      const client = await this.#connect();
      try {
        const result = await client.query(query);
        client.release();
        return result as never;
      } catch (error) {
        client.release(isBroken(error));
        if (!isBroken(error) || attempt >= ATTEMPTS) throw this.#told(error);
      }
    }
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<{ readonly changes: number }> {
    return this.transaction(async () => ({ changes: (await this.#query(sql, values)).rowCount ?? 0 }));
  }
  async runEach(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const [, before, tuple = '', after = ''] = INSERT.exec(sql) ?? [];
    await this.transaction(async () => {
      if (before === undefined) {
        for (const row of rows) await this.#query(sql, row);
        return;
      }
      const size = Math.min(ROWS_AT_ONCE, Math.max(1, Math.floor(VALUES_AT_ONCE / first.length)));
      for (let from = 0; from < rows.length; from += size) {
        const some = rows.slice(from, from + size);
        await this.#query(`${before}${Array(some.length).fill(tuple).join(',')}${after}`, some.flat());
      }
    });
  }
  async get<T = Row>(sql: string, ...values: readonly SqlValue[]): Promise<T | undefined> {
    return (await this.#query<T>(sql, values)).rows[0];
  }
  async all<T = Row>(sql: string, ...values: readonly SqlValue[]): Promise<T[]> {
    return (await this.#query<T>(sql, values)).rows;
  }
  async tuples<T extends readonly unknown[]>(sql: string, ...values: readonly SqlValue[]): Promise<T[]> {
    return (await this.#query<T>(sql, values, 'array')).rows;
  }

  async transaction<T>(work: () => T | Promise<T>): Promise<T> {
    const unit = this.#unit();
    if (unit?.kind === 'snapshot') throw new Error('a snapshot only reads');
    if (unit) return work();
    // One connection of the pool for all that is written: those who wait for their turn hold none.
    const before = this.#writing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writing = promise;
    await before;
    try {
      return await this.#whole('transaction', `BEGIN; SELECT pg_advisory_xact_lock(${WRITING})`, work);
    } finally {
      resolve();
    }
  }
  async snapshot<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#unit()) return work();
    return this.#whole('snapshot', 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work);
  }

  async #whole<T>(kind: Unit['kind'], begin: string, work: () => T | Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const client = await this.#connect();
      const unit: Unit = { kind, client, isOpen: true };
      let hasBegun = false;
      try {
        await client.query(begin);
        hasBegun = true;
        const result = await this.#units.run(unit, work);
        unit.isOpen = false;
        await client.query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        unit.isOpen = false;
        const cause = error instanceof RegistryUnavailableError ? error.cause : error;
        const broken = isBroken(cause);
        // A connection that cannot say it has rolled back is not used again; the server rolls back when it goes.
        const clean =
          !broken &&
          (await client.query('ROLLBACK').then(
            () => true,
            () => false,
          ));
        client.release(!clean);
        // Nothing was done yet, only read, or taken back for another's sake: once more.
        const again = broken ? !hasBegun || kind === 'snapshot' : isRetryable(cause);
        if (!again || attempt >= ATTEMPTS) throw this.#told(error);
      }
    }
  }

  assertWhole(): void {}

  /** What time the server has. */
  async serverTime(): Promise<EpochMs> {
    return epochMs((await this.get<{ now: number }>(`SELECT ${POSTGRES.now} AS now`))?.now ?? Number.NaN);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#pool.end();
  }
}
