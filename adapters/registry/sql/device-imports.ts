import type { Device, DeviceState } from '../../../domain/asset.ts';
import { OWN_TOPICS } from '../../../domain/asset.ts';
import {
  changedLines,
  type ImportObstacle,
  type ImportOutcome,
  type ImportRow,
  type ImportSurroundings,
  planImport,
} from '../../../domain/device-import.ts';
import type { AgencyId, CredentialId, DeviceId, DeviceModelId, PointId } from '../../../domain/identifiers.ts';
import type { DeviceImport, DeviceImportView, ImportState } from '../../../domain/ports/device-registry.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { Assets } from './assets.ts';
import { eachInTurn } from './in-turn.ts';
import { Where } from './sql-database.ts';

interface ImportHead {
  readonly id: string;
  readonly agency_id: AgencyId;
  readonly state: ImportState;
  readonly created_at: EpochMs;
  readonly applied_at: EpochMs | null;
  readonly undone_at: EpochMs | null;
  readonly body: string;
}
/** Rows as they were read and what was planned for them, in the same order. */
interface Sheet {
  readonly rows: readonly ImportRow[];
  readonly outcomes: readonly ImportOutcome[];
  /** Whether the devices made got a token with the import. */
  readonly withTokens: boolean;
}
/** Previews of an agency that wait to be applied; an older one is forgotten for a new one, and its sheet can be uploaded again. */
const PREVIEWS_KEPT = 20;
const HEAD = 'id, agency_id, state, created_at, applied_at, undone_at, body';

const importOf = (row: ImportHead): DeviceImport => ({
  ...(JSON.parse(row.body) as Pick<DeviceImport, 'fileName' | 'unknownColumns' | 'counts' | 'createdBy'>),
  id: row.id,
  agencyId: row.agency_id,
  state: row.state,
  createdAt: row.created_at,
  appliedAt: row.applied_at,
  undoneAt: row.undone_at,
});

/** What `find` knows of everything that the rows name in a column. */
async function lookedUp<K extends string, V>(
  rows: readonly ImportRow[],
  column: keyof ImportRow['cells'],
  find: (id: K) => Promise<V>,
): Promise<ReadonlyMap<K, V>> {
  const found = new Map<K, V>();
  for (const { cells } of rows) {
    const id = cells[column] as K | undefined;
    if (id !== undefined && !found.has(id)) found.set(id, await find(id));
  }
  return found;
}

/** Sheets of devices for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function deviceImportViews(context: Context, gate: Gate): DeviceImportView {
  const { db, clock, newId } = context;
  const assets = new Assets(context);

  const loadHead = async (id: string): Promise<ImportHead> => {
    const where = gate.ownOnly(new Where().equals('id', id), 'agency_id');
    const row = await db.get<ImportHead>(`SELECT ${HEAD} FROM device_imports ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return row;
  };
  const loadSheet = async (id: string): Promise<Sheet> =>
    JSON.parse(
      (await db.get<{ sheet: string }>('SELECT sheet FROM device_imports WHERE id = ?', id))?.sheet ?? '',
    ) as Sheet;
  const toBe = (state: ImportState, head: ImportHead): void => {
    if (head.state !== state) throw new RegistryError('INVALID_STATE', { id: head.id, state: head.state });
  };

  /** The registry as it is now, as far as the rows speak of it; each thing looked up once. */
  const surroundings = async (agencyId: AgencyId, rows: readonly ImportRow[]): Promise<ImportSurroundings> => {
    const devices = await lookedUp(rows, 'id', async (id: DeviceId) => {
      const row = await db.get<{ agency_id: AgencyId; state: DeviceState; body: string }>(
        'SELECT agency_id, state, body FROM devices WHERE id = ?',
        id,
      );
      if (!row) return undefined;
      if (row.agency_id !== agencyId) return 'taken';
      const { modelId, serialNumber } = JSON.parse(row.body) as Device;
      return { modelId, serialNumber, state: row.state, points: await assets.pointsServed(id) };
    });
    const models = await lookedUp(rows, 'model', async (id: DeviceModelId) => {
      const row = await db.get(
        'SELECT 1 FROM models WHERE id = ? AND (agency_id IS NULL OR agency_id = ?)',
        id,
        agencyId,
      );
      return row && { measures: await assets.measured(id), withdrawn: await assets.isWithdrawn(id) };
    });
    const points = await lookedUp(rows, 'point', async (id: PointId) => {
      const row = await db.get('SELECT 1 FROM points WHERE id = ? AND agency_id = ?', id, agencyId);
      return row && { quantities: await assets.quantitiesOf(id), served: await servedAt(id) };
    });
    return { agencyId, device: (id) => devices.get(id), model: (id) => models.get(id), point: (id) => points.get(id) };
  };
  const servedAt = async (point: PointId): Promise<ReadonlySet<QuantityKey>> =>
    new Set(
      (
        await eachInTurn(
          await db.all<{ model_id: DeviceModelId }>(
            `SELECT d.model_id FROM assignments a JOIN devices d ON d.id = a.device_id
           WHERE a.point_id = ? AND a.to_time IS NULL`,
            point,
          ),
          async (row) => [...(await assets.measured(row.model_id))],
        )
      ).flat(),
    );

  const create = async (
    outcome: ImportOutcome & { readonly kind: 'create' },
    agencyId: AgencyId,
    token: string | null,
  ): Promise<void> => {
    const { pointId, ...device } = outcome.device;
    const now = clock();
    if (!(await assets.insertDevice({ ...device, agencyId }, gate.userId)))
      throw new RegistryError('ALREADY_EXISTS', { id: device.id });
    if (pointId !== null) await assets.assign({ ...device, agencyId }, pointId, now, gate.userId);
    if (token !== null)
      await assets.insertCredential({
        id: newId() as CredentialId,
        deviceId: device.id,
        agencyId,
        kind: 'token',
        tokenSha256: token,
        topicFilters: OWN_TOPICS,
        createdAt: now,
        expiresAt: null,
        revokedAt: null,
      });
  };

  const count = async (sql: string, device: DeviceId): Promise<number> =>
    (await db.get<{ n: number }>(sql, device))?.n ?? 0;
  const obstaclesOf = async (head: ImportHead, sheet: Sheet): Promise<ImportObstacle[]> => {
    const found: ImportObstacle[] = [];
    for (const outcome of sheet.outcomes) {
      if (outcome.kind !== 'create') continue;
      const { id, state, pointId } = outcome.device;
      const row = await db.get<{ version: number; state: DeviceState; created_at: EpochMs }>(
        'SELECT version, state, created_at FROM devices WHERE id = ?',
        id,
      );
      // Gone by another way: nothing to take back.
      if (!row) continue;
      const stands = (code: ImportObstacle['code']): void => {
        found.push({ deviceId: id, code });
      };
      if (row.state !== state) stands('STEP_TAKEN');
      else if (row.version > 1) stands('EDITED');
      if ((await count('SELECT COUNT(*) AS n FROM credentials WHERE device_id = ?', id)) > Number(sheet.withTokens))
        stands('CREDENTIAL_ADDED');
      const served = await assets.pointsServed(id);
      // An earlier device of that name may have left spans of its own.
      const spans = (
        await db.get<{ n: number }>(
          'SELECT COUNT(*) AS n FROM assignments WHERE device_id = ? AND recorded_at >= ?',
          id,
          row.created_at,
        )
      )?.n;
      const given = pointId === null ? [] : [pointId];
      if (spans !== given.length || served.join() !== given.join()) stands('ASSIGNED');
      if (
        await db.get(
          'SELECT 1 FROM device_status WHERE device_id = ? AND recorded_at >= ? LIMIT 1',
          id,
          head.applied_at ?? row.created_at,
        )
      )
        stands('CONNECTED');
      if (await db.get('SELECT 1 FROM claim_codes WHERE device_id = ?', id)) stands('CLAIM_MADE');
      if (
        await db.get(
          'SELECT 1 FROM device_commands WHERE device_id = ? UNION ALL SELECT 1 FROM desired_configurations WHERE device_id = ?',
          id,
          id,
        )
      )
        stands('ORDERED');
    }
    return found;
  };

  const remove = async (agencyId: AgencyId, id: DeviceId, at: EpochMs): Promise<boolean> => {
    if (!(await db.get('SELECT 1 FROM devices WHERE id = ?', id))) return false;
    for (const point of await assets.pointsServed(id)) await assets.endAssignment(id, point, at, gate.userId);
    await db.run('DELETE FROM credentials WHERE device_id = ?', id);
    await db.run('DELETE FROM device_attributes WHERE device_id = ?', id);
    await db.run('DELETE FROM reported_configurations WHERE device_id = ?', id);
    await db.run('DELETE FROM devices WHERE id = ?', id);
    await assets.activity(agencyId, id, 'removed', { key: 'activity.removed' }, at, gate.userId);
    return true;
  };

  return {
    async list(limit) {
      const where = gate.ownOnly(new Where(), 'agency_id');
      return (
        await db.all<ImportHead>(
          `SELECT ${HEAD} FROM device_imports ${where.sql} ORDER BY created_at DESC, id LIMIT ?`,
          ...where.values,
          limit,
        )
      ).map(importOf);
    },
    get: async (id) => importOf(await loadHead(id)),
    async outcomes(id) {
      return db.snapshot(async () => {
        await loadHead(id);
        return (await loadSheet(id)).outcomes;
      });
    },
    async preview({ id, agencyId, fileName, unknownColumns, rows }) {
      return db.transaction(async () => {
        gate.mayWrite(agencyId, agencyId);
        const outcomes = planImport(rows, await surroundings(agencyId, rows));
        const counts = { create: 0, unchanged: 0, error: 0 };
        for (const { kind } of outcomes) counts[kind]++;
        const sheet: Sheet = { rows, outcomes, withTokens: false };
        const body = { fileName, unknownColumns, counts, createdBy: gate.userId };
        try {
          await db.run(
            "INSERT INTO device_imports VALUES (?,?,'previewed',?,NULL,NULL,?,?)",
            id,
            agencyId,
            clock(),
            JSON.stringify(body),
            JSON.stringify(sheet),
          );
        } catch (error) {
          refused(error, { id: agencyId });
        }
        await db.run(
          `DELETE FROM device_imports WHERE state = 'previewed' AND agency_id = ? AND id NOT IN
             (SELECT id FROM device_imports WHERE state = 'previewed' AND agency_id = ? ORDER BY created_at DESC, rowid DESC LIMIT ?)`,
          agencyId,
          agencyId,
          PREVIEWS_KEPT,
        );
        await gate.audit(agencyId, 'device_import.preview', 'device_import', id, null, { fileName, counts });
        return importOf(await loadHead(id));
      });
    },
    async apply(id, { skipErrors, tokenSha256 }) {
      return db.transaction(async () => {
        const head = await loadHead(id);
        gate.mayWrite(head.agency_id, id, true);
        toBe('previewed', head);
        const sheet = await loadSheet(id);
        const { counts } = importOf(head);
        if (counts.error > 0 && !skipErrors) throw new RegistryError('IMPORT_HAS_ERRORS', { id, errors: counts.error });
        // Planned again on what is there now: whatever matters shows as another outcome.
        const changed = changedLines(
          sheet.outcomes,
          planImport(sheet.rows, await surroundings(head.agency_id, sheet.rows)),
        );
        if (changed.length > 0)
          throw new RegistryError('IMPORT_STALE', { id, line: changed[0] ?? 0, lines: changed.length });
        const created: DeviceId[] = [];
        for (const outcome of sheet.outcomes) {
          if (outcome.kind !== 'create') continue;
          await create(outcome, head.agency_id, tokenSha256.get(outcome.device.id) ?? null);
          created.push(outcome.device.id);
        }
        await db.run(
          "UPDATE device_imports SET state = 'applied', applied_at = ?, sheet = ? WHERE id = ?",
          clock(),
          JSON.stringify({ ...sheet, withTokens: tokenSha256.size > 0 } satisfies Sheet),
          id,
        );
        await gate.audit(head.agency_id, 'device_import.apply', 'device_import', id, null, { created });
        return { done: importOf(await loadHead(id)), created };
      });
    },
    async obstacles(id) {
      return db.snapshot(async () => {
        const head = await loadHead(id);
        return head.state === 'applied' ? await obstaclesOf(head, await loadSheet(id)) : [];
      });
    },
    async undo(id) {
      return db.transaction(async () => {
        const head = await loadHead(id);
        gate.mayWrite(head.agency_id, id, true);
        toBe('applied', head);
        const sheet = await loadSheet(id);
        const obstacles = await obstaclesOf(head, sheet);
        if (obstacles[0])
          throw new RegistryError('IMPORT_BUILT_UPON', {
            id,
            device: obstacles[0].deviceId,
            code: obstacles[0].code,
            devices: new Set(obstacles.map(({ deviceId }) => deviceId)).size,
          });
        const now = clock();
        const removed = (
          await eachInTurn(sheet.outcomes, async (outcome) =>
            outcome.kind === 'create' && (await remove(head.agency_id, outcome.device.id, now))
              ? [outcome.device.id]
              : [],
          )
        ).flat();
        await db.run("UPDATE device_imports SET state = 'undone', undone_at = ? WHERE id = ?", now, id);
        await gate.audit(head.agency_id, 'device_import.undo', 'device_import', id, { removed }, null);
        return { done: importOf(await loadHead(id)), removed };
      });
    },
    async sheet(agencyId) {
      if (!gate.readableAgency(agencyId)) throw new RegistryError('NOT_FOUND', { id: agencyId });
      return (
        await db.all<{ body: string; state: DeviceState; points: string | null }>(
          `SELECT d.body, d.state, (SELECT string_agg(point_id, ';') FROM
             (SELECT point_id FROM assignments a WHERE a.device_id = d.id AND a.to_time IS NULL ORDER BY point_id) served) AS points
           FROM devices d WHERE d.agency_id = ? ORDER BY d.id`,
          agencyId,
        )
      ).map(({ body, state, points }) => {
        const { id, modelId, serialNumber } = JSON.parse(body) as Device;
        return { id, agencyId, modelId, serialNumber, state, points: (points?.split(';') ?? []) as PointId[] };
      });
    },
  };
}
