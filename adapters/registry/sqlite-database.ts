import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MIGRATIONS, refuseNewer } from './sql/migrations.ts';
import { ConstraintViolation, type Row, type SqlDatabase, type SqlDialect, type SqlValue } from './sql/sql-database.ts';

export class RegistryDamagedError extends Error {
  override readonly name = 'RegistryDamagedError';
}

const damaged = (path: string, what: string, cause?: unknown): RegistryDamagedError =>
  new RegistryDamagedError(
    `The registry ${path} is damaged (${what}). It is left as it is. Restore the last backup of the whole data directory, for readings are kept under the registry's numbers; what is younger than the backup may be rescued with sqlite3's ".recover". Never start with an empty registry beside old readings.`,
    { cause },
  );

/** SQLITE_CORRUPT and SQLITE_NOTADB, with their extended forms; a locked or unreadable file is another matter. */
const isCorruption = (error: unknown): boolean => {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && [11, 26].includes(code & 0xff);
};

/** SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY, or _FOREIGNKEY. */
const violationOf = (error: unknown): ConstraintViolation['kind'] | null => {
  const code = (error as { errcode?: unknown }).errcode;
  return code === 2067 || code === 1555 ? 'unique' : code === 787 ? 'reference' : null;
};

const SQLITE: SqlDialect = {
  name: 'sqlite',
  texts: '(SELECT value FROM json_each(?))',
  numbers: '(SELECT value FROM json_each(?))',
  now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  json: 'TEXT',
  listOf: (column) => `group_concat(DISTINCT ${column})`,
};

/** Several statements that belong together, from their beginning to their end. */
interface Unit {
  readonly kind: 'transaction' | 'snapshot';
  isOpen: boolean;
}

/**
 * One SQLite file over one connection, with its prepared statements kept. Statements finish at once; what must not come between the statements of a
 * transaction or a snapshot waits until it is over.
 */
export class SqliteDatabase implements SqlDatabase {
  readonly dialect = SQLITE;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrayStatements = new Map<string, StatementSync>();
  readonly #path: string;
  readonly #onDamaged: ((error: RegistryDamagedError) => void) | undefined;
  readonly #units = new AsyncLocalStorage<Unit>();
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;
  #damage: RegistryDamagedError | null = null;

  /** @throws {RegistryDamagedError} when the file is damaged: it is left as it is, for a backup to be restored over it. */
  constructor(path: string, onDamaged?: (error: RegistryDamagedError) => void) {
    this.#path = path;
    this.#onDamaged = onDamaged;
    mkdirSync(dirname(path), { recursive: true });
    const existed = existsSync(path);
    // SQLite takes an empty file for a new database; here it is one that lost everything.
    if (existed && statSync(path).size === 0) throw damaged(path, 'it is empty');
    this.#db = new DatabaseSync(path);
    try {
      this.#db.exec(
        'PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;',
      );
      if (existed) {
        const { quick_check: verdict } = this.#db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
        if (verdict !== 'ok') throw damaged(path, verdict);
      }
      migrate(this.#db);
    } catch (error) {
      this.#db.close();
      throw isCorruption(error) ? damaged(path, (error as Error).message, error) : error;
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Damage that shows only while running: what can still be read is, but nothing is written any more, since it could make things worse. Rules then keep
   * their place in the journal, and go on from there on the restored file.
   */
  #watched<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const kind = violationOf(error);
      if (kind !== null) throw new ConstraintViolation(kind, error as Error);
      if (!isCorruption(error)) throw error;
      if (this.#damage === null) {
        this.#damage = damaged(this.#path, (error as Error).message, error);
        this.#onDamaged?.(this.#damage);
      }
      throw this.#damage;
    }
  }
  /** @throws {RegistryDamagedError} once damage was met. */
  assertWhole(): void {
    if (this.#damage) throw this.#damage;
  }

  /** The unit that is being worked on here; `undefined` also for what outlived its unit. */
  #unit(): Unit | undefined {
    const unit = this.#units.getStore();
    return unit?.isOpen ? unit : undefined;
  }
  async #alone<T>(work: () => T | Promise<T>): Promise<T> {
    // Whoever is let in takes over from whoever has just gone: the file stays held between them.
    if (this.#isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isHeld = true;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#isHeld = false;
    }
  }
  async #statement<T>(work: () => T): Promise<T> {
    return !this.#isHeld || this.#unit() ? this.#watched(work) : await this.#alone(() => this.#watched(work));
  }
  #assertWriting(): void {
    this.assertWhole();
    if (this.#unit()?.kind === 'snapshot') throw new Error('a snapshot only reads');
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<{ readonly changes: number }> {
    this.#assertWriting();
    return this.#statement(() => ({ changes: Number(this.#prepare(sql).run(...values).changes) }));
  }
  async runEach(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    if (rows.length === 0) return;
    await this.transaction(() =>
      this.#watched(() => {
        const statement = this.#prepare(sql);
        for (const row of rows) statement.run(...row);
      }),
    );
  }
  async get<T = Row>(sql: string, ...values: readonly SqlValue[]): Promise<T | undefined> {
    return this.#statement(() => this.#prepare(sql).get(...values) as T | undefined);
  }
  async all<T = Row>(sql: string, ...values: readonly SqlValue[]): Promise<T[]> {
    return this.#statement(() => this.#prepare(sql).all(...values) as T[]);
  }
  async tuples<T extends readonly unknown[]>(sql: string, ...values: readonly SqlValue[]): Promise<T[]> {
    let statement = this.#arrayStatements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#arrayStatements.set(sql, statement);
    }
    const prepared = statement;
    return this.#statement(() => prepared.all(...values) as unknown as T[]);
  }

  async transaction<T>(work: () => T | Promise<T>): Promise<T> {
    this.#assertWriting();
    if (this.#unit()) return work();
    return this.#alone(async () => {
      this.#watched(() => this.#db.exec('BEGIN IMMEDIATE'));
      const unit: Unit = { kind: 'transaction', isOpen: true };
      try {
        const result = await this.#units.run(unit, work);
        this.#watched(() => this.#db.exec('COMMIT'));
        return result;
      } catch (error) {
        // A failed commit may have rolled back by itself.
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      } finally {
        unit.isOpen = false;
      }
    });
  }
  /** Nothing else comes between its reads, and nobody else has this connection: it needs no statement of its own. */
  async snapshot<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#unit()) return work();
    return this.#alone(async () => {
      const unit: Unit = { kind: 'snapshot', isOpen: true };
      try {
        return await this.#units.run(unit, work);
      } finally {
        unit.isOpen = false;
      }
    });
  }

  async close(): Promise<void> {
    await this.#alone(() => {
      this.#statements.clear();
      this.#arrayStatements.clear();
      this.#db.close();
    });
  }
}

/** Takes the steps not yet taken, all or none; their number is kept in `user_version`. @throws when the file was written by a newer release. */
function migrate(db: DatabaseSync): void {
  const { user_version: taken } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  refuseNewer(taken);
  if (taken === MIGRATIONS.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of MIGRATIONS.slice(taken)) db.exec(step);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
  // The room it needs is taken now, and not in the middle of work on a disk that may have filled up since.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
