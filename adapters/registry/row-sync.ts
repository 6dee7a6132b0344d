import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { NUMBERED } from './postgres-schema.ts';
import { MIGRATIONS } from './sql/migrations.ts';
import { ConstraintViolation, type SqlDatabase, type SqlDialect, type SqlValue } from './sql/sql-database.ts';

/** Rows that can be read, in the words that all engines understand. */
export interface Rows extends Pick<SqlDatabase, 'tuples'> {
  readonly dialect: Pick<SqlDialect, 'name'>;
}

export interface Table {
  readonly name: string;
  /** In the order of `SqlDatabase`'s tuples; of lists that are read in the order of their making, SQLite's hidden number too. */
  readonly columns: readonly string[];
  /** Columns of the primary key; empty when the table has none. */
  readonly key: readonly string[];
  /** The column whose numbers the engine gives; `null` for none. */
  readonly numbered: string | null;
}

/** What making one table like another came to. */
export interface SyncedTable {
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Of processes that run at this moment: of no meaning elsewhere. */
const LEFT_OUT = new Set(['workers', 'duty_leases']);
const ROWS_AT_ONCE = 2_000;

const quoted = (name: string): string => `"${name}"`;
const list = (columns: readonly string[]): string => columns.map(quoted).join(', ');
const places = (columns: readonly string[]): string => columns.map(() => '?').join(',');

/** A registry's file that somebody else may be writing to, as it is at one moment: what is committed meanwhile does not show. */
export class RegistrySnapshot implements Rows {
  readonly dialect = { name: 'sqlite' } as const;
  readonly #db: DatabaseSync;

  /** @throws when it is of another release's schema: reading it would say too little of it. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true });
    try {
      this.#db.exec('PRAGMA busy_timeout = 60000; BEGIN');
      const { user_version: steps } = this.#db.prepare('PRAGMA user_version').get() as { user_version: number };
      if (steps !== MIGRATIONS.length)
        throw new Error(
          `${path} is of another release (step ${steps}, this one is at ${MIGRATIONS.length}): bring the platform there to this release first`,
        );
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }
  async tuples<T extends readonly unknown[]>(sql: string, ...values: readonly SqlValue[]): Promise<T[]> {
    const statement = this.#db.prepare(sql);
    statement.setReturnArrays(true);
    return statement.all(...(values as SQLInputValue[])) as unknown as T[];
  }
  close(): void {
    this.#db.close();
  }
}

/** Tables of the registry as its SQLite file tells them, each behind those it refers to. */
export async function tablesOf(sqlite: Rows): Promise<readonly Table[]> {
  const found = await sqlite.tuples<[string, string]>(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  const referred = await sqlite.tuples<[string, string]>(
    `SELECT m.name, f."table" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" <> m.name`,
  );
  const tables: Table[] = [];
  const waiting = new Map(found.filter(([name]) => !LEFT_OUT.has(name)));
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([name]) => !referred.some(([from, to]) => from === name && waiting.has(to)));
    if (ready.length === 0) throw new Error(`tables refer to each other in a ring: ${[...waiting.keys()].join(', ')}`);
    for (const [name, sql] of ready) {
      const columns = await sqlite.tuples<[string, number]>('SELECT name, pk FROM pragma_table_info(?)', name);
      const key = columns.filter(([, pk]) => pk > 0).sort((a, b) => a[1] - b[1]);
      const hidden = NUMBERED.has(name);
      tables.push({
        name,
        columns: [...columns.map(([column]) => column), ...(hidden ? ['rowid'] : [])],
        key: key.map(([column]) => column),
        numbered: hidden ? 'rowid' : /\bAUTOINCREMENT\b/.test(sql) ? (key[0]?.[0] ?? null) : null,
      });
      waiting.delete(name);
    }
  }
  return tables;
}

/** Whether nothing was ever kept in a registry whose schema is there. */
export async function holdsNothing(db: Rows, tables: readonly Table[]): Promise<boolean> {
  for (const { name } of tables) {
    // The schema itself makes the one row of `rule_cursor`.
    const some = name === 'rule_cursor' ? ' WHERE cursor > 0' : '';
    if ((await db.tuples(`SELECT 1 FROM ${quoted(name)}${some} LIMIT 1`)).length > 0) return false;
  }
  return true;
}

type Tuple = readonly SqlValue[];
const encoded = (tuple: Tuple): string =>
  JSON.stringify(tuple.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)));

interface Difference {
  readonly rows: number;
  readonly missing: readonly Tuple[];
  readonly changed: readonly Tuple[];
  /** Keys. */
  readonly surplus: readonly Tuple[];
}

/** Where `to` differs from `from`, some rows at a time, in the order of the key. */
async function* differences(from: Rows, to: Rows, { name, columns, key }: Table): AsyncGenerator<Difference> {
  const order = key.length === 0 ? columns : key;
  const row = `(${list(order)})`;
  const keyOf = (tuple: Tuple): Tuple => order.map((column) => tuple[columns.indexOf(column)]!);
  const select = (bounds: readonly string[], limit: string): string =>
    `SELECT ${list(columns)} FROM ${quoted(name)}${bounds.length > 0 ? ` WHERE ${bounds.join(' AND ')}` : ''} ORDER BY ${list(order)}${limit}`;
  // One without a key is looked at whole: its columns may be empty, which no bound finds.
  const size = key.length === 0 ? Number.MAX_SAFE_INTEGER : ROWS_AT_ONCE;
  for (let after: Tuple | null = null; ; ) {
    const behind = after === null ? [] : [`${row} > (${places(order)})`];
    const given: Tuple = after ?? [];
    const page: Tuple[] = await from.tuples<Tuple>(select(behind, ` LIMIT ${size}`), ...given);
    const last = page.length < size ? null : keyOf(page.at(-1)!);
    const upTo = last === null ? [] : [`${row} <= (${places(order)})`];
    const there = await to.tuples<Tuple>(select([...behind, ...upTo], ''), ...given, ...(last ?? []));
    const kept = new Map(there.map((tuple) => [encoded(keyOf(tuple)), tuple]));
    const missing: Tuple[] = [];
    const changed: Tuple[] = [];
    for (const tuple of page) {
      const at = encoded(keyOf(tuple));
      const known = kept.get(at);
      kept.delete(at);
      if (known === undefined) missing.push(tuple);
      else if (encoded(known) !== encoded(tuple)) changed.push(tuple);
    }
    yield { rows: page.length, missing, changed, surplus: [...kept.values()].map(keyOf) };
    if (last === null) return;
    after = last;
  }
}

/**
 * Makes the rows of `to` those of `from`, whatever it held of them: repeated, or begun again after a kill, it comes to the same. The triggers of `to` watch
 * over its histories meanwhile. Numbers that its engine gives go on behind the greatest that `from` ever gave.
 */
export async function syncRows(
  from: Rows,
  to: SqlDatabase,
  tables: readonly Table[],
  onRows: (rows: number) => void = () => {},
): Promise<ReadonlyMap<string, SyncedTable>> {
  try {
    return await makeAlike(from, to, tables, onRows);
  } catch (error) {
    if (!(error instanceof ConstraintViolation) || to.dialect.name !== 'postgres') throw error;
    // A value that stands only once went from one row to another since the last time: all of it anew.
    await to.run(`TRUNCATE ${list(tables.map(({ name }) => name))}`);
    return makeAlike(from, to, tables, onRows);
  }
}

async function makeAlike(
  from: Rows,
  to: SqlDatabase,
  tables: readonly Table[],
  onRows: (rows: number) => void,
): Promise<ReadonlyMap<string, SyncedTable>> {
  const synced = new Map<string, SyncedTable>();
  const gone: (readonly [Table, readonly Tuple[]])[] = [];
  for (const table of tables) {
    const { name, columns, key } = table;
    const rest = columns.filter((column) => !key.includes(column));
    const sum = { rows: 0, inserted: 0, updated: 0, deleted: 0 };
    for await (const { rows, missing, changed, surplus } of differences(from, to, table)) {
      sum.rows += rows;
      sum.inserted += missing.length;
      sum.updated += changed.length;
      sum.deleted += surplus.length;
      await to.runEach(`INSERT INTO ${quoted(name)} (${list(columns)}) VALUES (${places(columns)})`, missing);
      await to.runEach(
        `UPDATE ${quoted(name)} SET ${rest.map((column) => `${quoted(column)} = ?`).join(', ')} WHERE ${key.map((column) => `${quoted(column)} = ?`).join(' AND ')}`,
        changed.map((tuple) => [...rest, ...key].map((column) => tuple[columns.indexOf(column)]!)),
      );
      if (surplus.length > 0) gone.push([table, surplus]);
      onRows(rows);
    }
    synced.set(name, sum);
  }
  // What refers to others goes before them.
  for (const [{ name, columns, key }, keys] of gone.reverse()) {
    const order = key.length === 0 ? columns : key;
    for (const values of keys) {
      const is = order.map((column, i) => (values[i] === null ? `${quoted(column)} IS NULL` : `${quoted(column)} = ?`));
      await to.run(
        `DELETE FROM ${quoted(name)} WHERE ${is.join(' AND ')}`,
        ...values.filter((value) => value !== null),
      );
    }
  }
  await goOnCounting(from, to, tables);
  return synced;
}

/** Rows of each table. @throws when a table of `to` is not, row by row, that of `from`. */
export async function compareRows(
  from: Rows,
  to: Rows,
  tables: readonly Table[],
): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {};
  for (const table of tables) {
    let count = 0;
    for await (const { rows, missing, changed, surplus } of differences(from, to, table)) {
      count += rows;
      if (missing.length + changed.length + surplus.length > 0)
        throw new Error(
          `the registry's ${table.name} differs: ${missing.length} rows are missing, ${changed.length} differ, ${surplus.length} are too many`,
        );
    }
    counted[table.name] = count;
  }
  return counted;
}

async function goOnCounting(from: Rows, to: SqlDatabase, tables: readonly Table[]): Promise<void> {
  for (const { name, numbered } of tables) {
    if (numbered === null) continue;
    const last = await lastNumber(from, name, numbered);
    if (last === 0) continue;
    if (to.dialect.name === 'postgres')
      await to.get(`SELECT setval(pg_get_serial_sequence(?, ?), ?)`, name, numbered, last);
    else if (numbered !== 'rowid') await to.run('UPDATE sqlite_sequence SET seq = ? WHERE name = ?', last, name);
  }
}

/** The greatest number ever given: of a row that is gone too, where the engine remembers. */
async function lastNumber(db: Rows, table: string, column: string): Promise<number> {
  const greatest = async (sql: string, ...values: readonly SqlValue[]): Promise<number> =>
    Number((await db.tuples<[number | null]>(sql, ...values))[0]?.[0] ?? 0);
  const kept = await greatest(`SELECT max(${quoted(column)}) FROM ${quoted(table)}`);
  if (column === 'rowid') return kept;
  const given =
    db.dialect.name === 'sqlite'
      ? await greatest('SELECT seq FROM sqlite_sequence WHERE name = ?', table)
      : await greatest('SELECT pg_sequence_last_value(pg_get_serial_sequence(?, ?)::regclass)', table, column);
  return Math.max(kept, given);
}
