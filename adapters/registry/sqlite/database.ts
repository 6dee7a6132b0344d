import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { migrate } from './migrations.ts';

export type Row = Record<string, SQLInputValue>;

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

/** One SQLite file with its prepared statements kept, and transactions that nest into one. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrayStatements = new Map<string, StatementSync>();
  readonly #path: string;
  readonly #onDamaged: ((error: RegistryDamagedError) => void) | undefined;
  #damage: RegistryDamagedError | null = null;
  #depth = 0;

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

  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number } {
    this.assertWhole();
    return this.#watched(() => ({ changes: Number(this.#prepare(sql).run(...values).changes) }));
  }
  get<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#watched(() => this.#prepare(sql).get(...values) as T | undefined);
  }
  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#watched(() => this.#prepare(sql).all(...values) as T[]);
  }

  /** Rows as arrays in the order of the columns: half the cost of objects where there are very many. */
  tuples<T extends readonly unknown[]>(sql: string, ...values: SQLInputValue[]): T[] {
    let statement = this.#arrayStatements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#arrayStatements.set(sql, statement);
    }
    const prepared = statement;
    return this.#watched(() => prepared.all(...values) as unknown as T[]);
  }

  /** All of `work` or none of it. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.assertWhole();
    this.#watched(() => this.#db.exec('BEGIN IMMEDIATE'));
    this.#depth++;
    try {
      const result = work();
      this.#watched(() => this.#db.exec('COMMIT'));
      return result;
    } catch (error) {
      // A failed commit may have rolled back by itself.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#arrayStatements.clear();
    this.#db.close();
  }
}

/** Where clauses gathered one by one; all must hold. */
export class Where {
  readonly #parts: string[] = [];
  readonly values: SQLInputValue[] = [];
  /** Adds `sql` with its values when `wanted` is not undefined. */
  add(sql: string, ...values: SQLInputValue[]): this {
    this.#parts.push(`(${sql})`);
    this.values.push(...values);
    return this;
  }
  equals(column: string, value: SQLInputValue | undefined): this {
    return value === undefined ? this : this.add(`${column} = ?`, value);
  }
  /** The parts joined, without the word WHERE; empty when there are none. */
  get condition(): string {
    return this.#parts.join(' AND ');
  }
  get sql(): string {
    return this.#parts.length === 0 ? '' : `WHERE ${this.condition}`;
  }
}

/** Text as it is searched: lower case, without diacritics, đ as d. */
export const fold = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();

/** Searched text with LIKE's own characters made plain. */
export const likePattern = (text: string): string => `%${fold(text).replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
