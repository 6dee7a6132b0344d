import type { Site } from '../../../domain/asset.ts';
import type { RegistryView } from '../../../domain/ports/registry.ts';
import type { Context, Gate } from './access.ts';
import { AssetEditor, type AssetTable, byWords, DEVICES, POINTS, parseAsset, SITES, type Stored } from './editing.ts';
import { fold, Where } from './sql-database.ts';

type Found = Stored & { readonly id: string; readonly folded: string };

/** Search of a {@link RegistryView}: every word must occur; a name that begins with the text comes first, then where it occurs earlier. */
export function searchView(context: Context, gate: Gate): Pick<RegistryView, 'search'> {
  const editor = new AssetEditor(context, gate);
  return {
    async search(text, limit) {
      return context.db.snapshot(async () => {
        const sought = fold(text.trim());
        if (sought === '' || limit <= 0) return [];
        const firstWord = sought.split(/\s+/)[0] ?? sought;
        // Whole text found at its place; else its words are scattered, which ranks after any whole find.
        const rank = ({ folded }: Found): number => {
          const whole = folded.indexOf(sought);
          return whole >= 0 ? whole : folded.length + Math.max(0, folded.indexOf(firstWord));
        };
        const find = async (table: AssetTable) => {
          const where = editor.readable(byWords(new Where(), text), table);
          return context.db.all<Found>(
            `SELECT id, folded, body, version FROM ${table.name} ${where.sql}
           ORDER BY CASE WHEN instr(folded, ?) > 0 THEN instr(folded, ?) ELSE 100000 + instr(folded, ?) END, id LIMIT ?`,
            ...where.values,
            sought,
            sought,
            firstWord,
            limit,
          );
        };
        const named = (kind: 'point' | 'site') => (row: Found) => {
          const { name, location } = parseAsset<Pick<Site, 'name' | 'location'>>(row);
          return { kind, id: row.id, label: name.vi, location, rank: rank(row) };
        };
        return [
          ...(await find(POINTS)).map(named('point')),
          ...(await find(SITES)).map(named('site')),
          ...(await find(DEVICES)).map((row) => ({
            kind: 'device' as const,
            id: row.id,
            label: row.id,
            location: null,
            rank: rank(row),
          })),
        ]
          .sort((a, b) => a.rank - b.rank)
          .slice(0, limit)
          .map(({ rank: _, ...found }) => found);
      });
    },
  };
}
