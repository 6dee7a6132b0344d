import type { AgencyId } from '../../../domain/identifiers.ts';
import { type Page, type PageRequest, RegistryError } from '../../../domain/ports/registry.ts';
import { type Context, type Gate, type GrantColumns, refused } from './access.ts';
import { limitOf, pageOf } from './pages.ts';
import { likePattern, Where } from './sql-database.ts';

/** What a kind of asset is kept in, and how grants reach it. */
export interface AssetTable {
  readonly name: 'agencies' | 'sites' | 'points' | 'models' | 'devices';
  readonly columns: GrantColumns;
  /** Rows without agency are offered to everyone. */
  readonly offeredToAll?: boolean;
}
export const AGENCIES: AssetTable = {
  name: 'agencies',
  columns: { agency: 'agency_id', domain: null, site: null, tags: null },
};
export const SITES: AssetTable = {
  name: 'sites',
  columns: { agency: 'agency_id', domain: 'domain', site: 'id', tags: null },
};
export const POINTS: AssetTable = {
  name: 'points',
  columns: { agency: 'agency_id', domain: 'domain', site: 'site_id', tags: 'tags' },
};
export const MODELS: AssetTable = { name: 'models', columns: AGENCIES.columns, offeredToAll: true };
export const DEVICES: AssetTable = { name: 'devices', columns: AGENCIES.columns };

export interface Stored {
  readonly body: string;
  readonly version: number;
}
export const parseAsset = <T>(row: Stored): T => ({ ...JSON.parse(row.body), version: row.version }) as T;

/** Reads and edits assets under one actor's access. */
export class AssetEditor {
  readonly #context: Context;
  readonly #gate: Gate;

  constructor(context: Context, gate: Gate) {
    this.#context = context;
    this.#gate = gate;
  }

  /** @throws {RegistryError} NOT_FOUND when it isn't there, or not for this actor. */
  async load<T>(table: AssetTable, id: string): Promise<T> {
    const row = await this.#row(table, id);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return parseAsset<T>(row);
  }

  /** @throws {RegistryError} REFERENCE_MISSING when what a row refers to isn't there, or not for this actor. */
  async mustSee(table: AssetTable, id: string): Promise<void> {
    if (!(await this.#row(table, id))) throw new RegistryError('REFERENCE_MISSING', { id });
  }

  async #row(table: AssetTable, id: string): Promise<Stored | undefined> {
    const where = new Where().equals('id', id);
    this.readable(where, table);
    return this.#context.db.get<Stored>(`SELECT body, version FROM ${table.name} ${where.sql}`, ...where.values);
  }

  readable(where: Where, table: AssetTable): Where {
    if (!table.offeredToAll) return this.#gate.readable(where, table.columns);
    const own = this.#gate.readable(new Where(), table.columns);
    return own.condition === ''
      ? where
      : where.add(`${table.columns.agency} IS NULL OR ${own.condition}`, ...own.values);
  }

  /** By id ascending; the cursor is the last id. */
  async list<T extends { readonly id: string }>(table: AssetTable, where: Where, page: PageRequest): Promise<Page<T>> {
    if (page.after !== undefined) where.add('id > ?', page.after);
    this.readable(where, table);
    const limit = limitOf(page);
    const rows = (
      await this.#context.db.all<Stored>(
        `SELECT body, version FROM ${table.name} ${where.sql} ORDER BY id LIMIT ?`,
        ...where.values,
        limit + 1,
      )
    ).map((row) => parseAsset<T>(row));
    return pageOf(rows, limit, (item) => item.id);
  }

  /**
   * Replaces a row's body when its version is still the one the edit was based on.
   * @throws {RegistryError} CONFLICT
   */
  async replace<T extends { readonly id: string; readonly version: number }>(
    table: AssetTable,
    next: T,
    columns: Readonly<Record<string, string | null>> = {},
  ): Promise<T> {
    const version = next.version + 1;
    const also = Object.keys(columns)
      .map((column) => `, ${column} = ?`)
      .join('');
    const { changes } = await this.#context.db.run(
      `UPDATE ${table.name} SET version = ?, body = ?${also} WHERE id = ? AND version = ?`,
      version,
      JSON.stringify({ ...next, version }),
      ...Object.values(columns),
      next.id,
      next.version,
    );
    if (changes === 0) throw new RegistryError('CONFLICT', { id: next.id });
    return { ...next, version };
  }

  /** Runs a write whole, with its audit row. `before` is what was read of the target under this actor's access, `null` for a new one. */
  async write<T>(
    agency: AgencyId | null,
    action: string,
    kind: string,
    id: string,
    before: unknown,
    work: () => T | Promise<T>,
  ): Promise<T> {
    return this.#context.db.transaction(async () => {
      this.#gate.mayWrite(agency, id, before !== null);
      try {
        const result = await work();
        await this.#gate.audit(agency, action, kind, id, before, result);
        return result;
      } catch (error) {
        return refused(error, { id });
      }
    });
  }
}

/** @throws {RegistryError} ALREADY_EXISTS unless the row was made. */
export function created(made: boolean, id: string): void {
  if (!made) throw new RegistryError('ALREADY_EXISTS', { id });
}

/** Adds "every word of `text` occurs in the names", diacritics and case aside. */
export function byWords(where: Where, text: string | undefined): Where {
  for (const word of text?.split(/\s+/).filter((part) => part !== '') ?? [])
    where.add("folded LIKE ? ESCAPE '\\'", likePattern(word));
  return where;
}
