import { accessOf } from '../../../domain/access.ts';
import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { SavedViewsView } from '../../../domain/ports/saved-views.ts';
import { SAVED_VIEWS_MAX, type SavedView, type SavedViewId, type SavedViewKind } from '../../../domain/saved-view.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { Where } from './sql-database.ts';

interface Row {
  readonly id: SavedViewId;
  readonly kind: SavedViewKind;
  readonly user_id: UserId;
  readonly name: string;
  readonly shared_with: AgencyId | null;
  readonly created_at: EpochMs;
  readonly updated_at: EpochMs;
  readonly version: number;
  readonly body: string;
}
const viewOf = (row: Row): SavedView => ({
  id: row.id,
  kind: row.kind,
  owner: row.user_id,
  name: row.name,
  content: JSON.parse(row.body) as SavedView['content'],
  sharedWith: row.shared_with,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
});

/** Saved views for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function savedViewsViews({ db, clock }: Context, gate: Gate): SavedViewsView {
  const visible = (where: Where): Where => {
    const { readAgencies } = accessOf(gate.actor);
    if (readAgencies === 'all') return where.add('user_id = ? OR shared_with IS NOT NULL', gate.userId);
    const agencies = readAgencies.map(() => '?').join(',') || 'NULL';
    return where.add(`user_id = ? OR shared_with IN (${agencies})`, gate.userId, ...readAgencies);
  };
  const load = async (id: SavedViewId): Promise<SavedView> => {
    const where = visible(new Where().equals('id', id));
    const row = await db.get<Row>(`SELECT * FROM saved_views ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return viewOf(row);
  };
  /** The owner's own view, as it was when the change was thought of. */
  const own = async (id: SavedViewId, version: number): Promise<SavedView> => {
    const view = await load(id);
    if (view.owner !== gate.userId) throw new RegistryError('NOT_ALLOWED', { id });
    if (view.version !== version) throw new RegistryError('CONFLICT', { id });
    return view;
  };
  const mayShareWith = async (agency: AgencyId | null): Promise<void> => {
    if (agency === null) return;
    const known = (await db.get('SELECT 1 FROM agencies WHERE id = ?', agency)) !== undefined;
    if (!known || !gate.readableAgency(agency)) throw new RegistryError('REFERENCE_MISSING', { id: agency });
  };

  return {
    async list({ kind }) {
      const where = visible(new Where().equals('kind', kind));
      const order = 'ORDER BY CASE WHEN user_id = ? THEN 0 ELSE 1 END, lower(name), id';
      return (await db.all<Row>(`SELECT * FROM saved_views ${where.sql} ${order}`, ...where.values, gate.userId)).map(
        viewOf,
      );
    },
    get: async (id) => load(id),
    async create({ id, kind, name, content, sharedWith }) {
      return db.transaction(async () => {
        const owner = gate.userId;
        if (owner === null) throw new RegistryError('NOT_ALLOWED', { id });
        await mayShareWith(sharedWith);
        const count = 'SELECT COUNT(*) AS kept FROM saved_views WHERE user_id = ? AND kind = ?';
        const kept = (await db.get<{ kept: number }>(count, owner, kind))?.kept ?? 0;
        if (kept >= SAVED_VIEWS_MAX) throw new RegistryError('SAVED_VIEWS_FULL', { kept });
        const now = clock();
        try {
          await db.run(
            'INSERT INTO saved_views (id, user_id, kind, name, shared_with, created_at, updated_at, version, body) VALUES (?,?,?,?,?,?,?,1,?)',
            ...[id, owner, kind, name, sharedWith, now, now, JSON.stringify(content)],
          );
        } catch (error) {
          refused(error, { id: name });
        }
        const made = await load(id);
        await gate.audit(sharedWith, 'view.create', 'saved_view', id, null, made);
        return made;
      });
    },
    async update({ id, kind, name, content, sharedWith, version }) {
      return db.transaction(async () => {
        const before = await own(id, version);
        if (before.kind !== kind) throw new RegistryError('INVALID_STATE', { id });
        if (sharedWith !== before.sharedWith) await mayShareWith(sharedWith);
        try {
          await db.run(
            'UPDATE saved_views SET name = ?, shared_with = ?, updated_at = ?, version = version + 1, body = ? WHERE id = ?',
            ...[name, sharedWith, clock(), JSON.stringify(content), id],
          );
        } catch (error) {
          refused(error, { id: name });
        }
        const after = await load(id);
        await gate.audit(sharedWith ?? before.sharedWith, 'view.update', 'saved_view', id, before, after);
        return after;
      });
    },
    async remove(id, version) {
      await db.transaction(async () => {
        const before = await own(id, version);
        await db.run('DELETE FROM saved_views WHERE id = ?', id);
        await gate.audit(before.sharedWith, 'view.remove', 'saved_view', id, before, null);
      });
    },
  };
}
