/** What a statement takes: booleans are 1 and 0, times are whole milliseconds, bodies are JSON as text. */
export type SqlValue = null | number | string | Uint8Array;
export type Row = Record<string, unknown>;

/**
 * A registry's rows in one engine, spoken to in the SQL that all engines here understand: `?` for values in their order, and {@link SqlDialect} for the
 * little they say differently.
 */
export interface SqlDatabase {
  readonly dialect: SqlDialect;
  run(sql: string, ...values: readonly SqlValue[]): Promise<{ readonly changes: number }>;
  /** The same statement for each of many rows, in as few round trips as the engine needs. The rows' keys differ. */
  runEach(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  get<T = Row>(sql: string, ...values: readonly SqlValue[]): Promise<T | undefined>;
  all<T = Row>(sql: string, ...values: readonly SqlValue[]): Promise<T[]>;
  /** Rows as arrays in the order of the columns: half the cost of objects where there are very many. */
  tuples<T extends readonly unknown[]>(sql: string, ...values: readonly SqlValue[]): Promise<T[]>;
  /**
   * All of `work` or none of it. One transaction writes at a time, so what it has read stays true until it is over: "look, then write" is safe inside.
   * A transaction or a snapshot in a transaction is part of it. `work` waits for nothing but its statements.
   */
  transaction<T>(work: () => T | Promise<T>): Promise<T>;
  /** Reads of one moment: nothing that is committed meanwhile shows in some of them only. */
  snapshot<T>(work: () => T | Promise<T>): Promise<T>;
  /** @throws when what is written now could make damage worse. */
  assertWhole(): void;
  close(): Promise<void>;
}

/** A row was refused: there is one with its key already, or what it refers to is missing. */
export class ConstraintViolation extends Error {
  override readonly name = 'ConstraintViolation';
  readonly kind: 'unique' | 'reference';

  constructor(kind: 'unique' | 'reference', cause: Error) {
    super(cause.message, { cause });
    this.kind = kind;
  }
}

/** What engines say differently. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres';
  /** The values of a JSON array of texts, given as one text: `id IN ${texts}`. */
  readonly texts: string;
  /** The same of whole numbers. */
  readonly numbers: string;
  /** Milliseconds since 1970 by the database's own clock, at this statement. */
  readonly now: string;
  /** The type of a body. */
  readonly json: 'TEXT' | 'JSON';
  /** The different values of a column in one text, commas between them; `null` for none. */
  listOf(column: string): string;
}

/** Where clauses gathered one by one; all must hold. */
export class Where {
  readonly #parts: string[] = [];
  readonly values: SqlValue[] = [];
  /** Adds `sql` with its values when `wanted` is not undefined. */
  add(sql: string, ...values: SqlValue[]): this {
    this.#parts.push(`(${sql})`);
    this.values.push(...values);
    return this;
  }
  equals(column: string, value: SqlValue | undefined): this {
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
