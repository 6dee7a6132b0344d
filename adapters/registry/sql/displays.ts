import type { Display, DisplayId, DisplaySighting } from '../../../domain/display.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import type { DisplayLogins, DisplaysView, SeenDisplay } from '../../../domain/ports/displays.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, Gate, refused } from './access.ts';
import { Where } from './sql-database.ts';

interface DisplayRow {
  readonly body: string;
  readonly link_expires_at: EpochMs | null;
  readonly seen: string | null;
}
const DISPLAYS =
  'SELECT d.body, d.link_expires_at, s.body AS seen FROM displays d LEFT JOIN display_sightings s ON s.display_id = d.id';

/** Displays of releases before maps had layers on the wall show none. */
function displayOf(row: Pick<DisplayRow, 'body'>): Display {
  const display = JSON.parse(row.body) as Display;
  return {
    ...display,
    views: display.views.map((view) => (view.kind === 'map' ? { ...view, layers: view.layers ?? [] } : view)),
  };
}
const seenOf = (row: DisplayRow): SeenDisplay => ({
  display: displayOf(row),
  seen: row.seen === null ? null : (JSON.parse(row.seen) as DisplaySighting),
  linkExpiresAt: row.link_expires_at,
});

/** Wall screens of a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function displayViews({ db, clock }: Context, gate: Gate): DisplaysView {
  const load = async (id: DisplayId): Promise<SeenDisplay> => {
    const where = gate.ownOnly(new Where().equals('d.id', id), 'd.agency_id');
    const row = await db.get<DisplayRow>(`${DISPLAYS} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return seenOf(row);
  };
  /** Whoever changes a screen administers what it shows before and after. */
  const mayWrite = async (
    { agencyId, agencies }: Pick<Display, 'agencyId' | 'agencies'>,
    id: DisplayId,
    isSeen: boolean,
  ): Promise<void> => {
    for (const each of new Set<AgencyId>([agencyId, ...agencies])) {
      gate.mayWrite(each, id, isSeen);
      if ((await db.get('SELECT 1 FROM agencies WHERE id = ?', each)) === undefined)
        throw new RegistryError('REFERENCE_MISSING', { id: each });
    }
  };
  const replace = async (next: Display): Promise<void> => {
    const { id, revokedAt, version } = next;
    await db.run(
      'UPDATE displays SET revoked_at = ?, version = ?, body = ? WHERE id = ?',
      revokedAt,
      version,
      JSON.stringify(next),
      id,
    );
  };
  const requireLive = ({ display }: SeenDisplay): Display => {
    if (display.revokedAt !== null) throw new RegistryError('INVALID_STATE', { id: display.id });
    return display;
  };

  return {
    async list() {
      const where = gate.ownOnly(new Where(), 'd.agency_id');
      return (
        await db.all<DisplayRow>(`${DISPLAYS} ${where.sql} ORDER BY d.body ->> 'name', d.id`, ...where.values)
      ).map(seenOf);
    },
    get: async (id) => load(id),
    async create(draft, { codeSha256, expiresAt }) {
      return db.transaction(async () => {
        await mayWrite(draft, draft.id, false);
        const display: Display = {
          ...draft,
          createdBy: gate.userId,
          createdAt: clock(),
          linkedAt: null,
          revokedAt: null,
          version: 1,
        };
        try {
          await db.run(
            'INSERT INTO displays (id, agency_id, link_sha256, link_expires_at, version, body) VALUES (?,?,?,?,1,?)',
            display.id,
            display.agencyId,
            codeSha256,
            expiresAt,
            JSON.stringify(display),
          );
        } catch (error) {
          refused(error, { id: display.id });
        }
        await gate.audit(display.agencyId, 'display.create', 'display', display.id, null, display);
        return load(display.id);
      });
    },
    async update(next) {
      return db.transaction(async () => {
        const before = requireLive(await load(next.id));
        await mayWrite(before, next.id, true);
        await mayWrite(next, next.id, false);
        if (before.version !== next.version) throw new RegistryError('CONFLICT', { id: next.id });
        const { name, agencies, language, theme, views } = next;
        const display: Display = { ...before, name, agencies, language, theme, views, version: before.version + 1 };
        await replace(display);
        await gate.audit(display.agencyId, 'display.update', 'display', display.id, before, display);
        return load(display.id);
      });
    },
    async link(id, { codeSha256, expiresAt }) {
      return db.transaction(async () => {
        const display = requireLive(await load(id));
        await mayWrite(display, id, true);
        await db.run(
          'UPDATE displays SET link_sha256 = ?, link_expires_at = ? WHERE id = ?',
          codeSha256,
          expiresAt,
          id,
        );
        await gate.audit(display.agencyId, 'display.link', 'display', id, display, { expiresAt });
        return load(id);
      });
    },
    async revoke(id) {
      return db.transaction(async () => {
        const before = (await load(id)).display;
        await mayWrite(before, id, true);
        if (before.revokedAt === null) {
          const display: Display = { ...before, revokedAt: clock(), version: before.version + 1 };
          await replace(display);
          await db.run(
            'UPDATE displays SET link_sha256 = NULL, link_expires_at = NULL, secret_sha256 = NULL WHERE id = ?',
            id,
          );
          await gate.audit(display.agencyId, 'display.revoke', 'display', id, before, display);
        }
        return load(id);
      });
    },
  };
}

/** How screens sign in. */
export function displayLogins(context: Context): DisplayLogins {
  const { db } = context;
  const gate = new Gate({ kind: 'system', name: 'display' }, context);
  return {
    async redeem(codeSha256, secretSha256, at) {
      return db.transaction(async () => {
        const row = await db.get<DisplayRow>(
          `${DISPLAYS} WHERE d.link_sha256 = ? AND d.link_expires_at > ? AND d.revoked_at IS NULL`,
          codeSha256,
          at,
        );
        if (!row) return undefined;
        const before = displayOf(row);
        const display: Display = { ...before, linkedAt: at, version: before.version + 1 };
        await db.run(
          'UPDATE displays SET link_sha256 = NULL, link_expires_at = NULL, secret_sha256 = ?, version = ?, body = ? WHERE id = ?',
          secretSha256,
          display.version,
          JSON.stringify(display),
          display.id,
        );
        await gate.audit(display.agencyId, 'display.linked', 'display', display.id, before, display);
        return display;
      });
    },
    async bySecret(secretSha256) {
      const row = await db.get<DisplayRow>(
        `${DISPLAYS} WHERE d.secret_sha256 = ? AND d.revoked_at IS NULL`,
        secretSha256,
      );
      return row && displayOf(row);
    },
    async seen(id, sighting) {
      await db.run(
        `INSERT INTO display_sightings SELECT id, agency_id, CAST(? AS ${db.dialect.json}) FROM displays WHERE id = ?
           ON CONFLICT (display_id) DO UPDATE SET body = excluded.body`,
        JSON.stringify(sighting),
        id,
      );
    },
  };
}
