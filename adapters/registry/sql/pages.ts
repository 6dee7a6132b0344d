import { type Page, type PageRequest, RegistryError } from '../../../domain/ports/registry.ts';

/** A page's items and the cursor of the next, when one more than asked for was found. */
export function pageOf<T>(rows: readonly T[], limit: number, cursor: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursor(last) : null };
}

/** The limit asked for, held within 1 … 1000. */
export const limitOf = ({ limit }: PageRequest): number => Math.max(1, Math.min(1000, Math.trunc(limit)));

/**
 * The row number that a cursor of a newest-first list stands for; without a cursor, one above all.
 * @throws {RegistryError} INVALID_CURSOR
 */
export function rowNumberOf({ after }: PageRequest): number {
  if (after === undefined) return Number.MAX_SAFE_INTEGER;
  if (!/^\d{1,15}$/.test(after)) throw new RegistryError('INVALID_CURSOR');
  return Number(after);
}
