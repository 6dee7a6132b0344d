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
import { Where } from './database.ts';

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

/** Sheets of devices for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function deviceImportViews(context: Context, gate: Gate): DeviceImportView {
  const { db, clock, newId } = context;
  const assets = new Assets(context);

  const loadHead = (id: string): ImportHead => {
    const where = gate.ownOnly(new Where().equals('id', id), 'agency_id');
    const row = db.get<ImportHead>(`SELECT ${HEAD} FROM device_imports ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return row;
  };
  const loadSheet = (id: string): Sheet =>
    JSON.parse(db.get<{ sheet: string }>('SELECT sheet FROM device_imports WHERE id = ?', id)?.sheet ?? '') as Sheet;
  const toBe = (state: ImportState, head: ImportHead): void => {
    if (head.state !== state) throw new RegistryError('INVALID_STATE', { id: head.id, state: head.state });
  };

  /** The registry as it is now, each thing looked up once. */
  const surroundings = (agencyId: AgencyId): ImportSurroundings => {
    const models = new Map<DeviceModelId, ReturnType<ImportSurroundings['model']>>();
    const points = new Map<PointId, ReturnType<ImportSurroundings['point']>>();
    return {
      agencyId,
      device(id) {
        const row = db.get<{ agency_id: AgencyId; state: DeviceState; body: string }>(
          'SELECT agency_id, state, body FROM devices WHERE id = ?',
          id,
        );
        if (!row) return undefined;
        if (row.agency_id !== agencyId) return 'taken';
        const { modelId, serialNumber } = JSON.parse(row.body) as Device;
        return { modelId, serialNumber, state: row.state, points: assets.pointsServed(id) };
      },
      model(id) {
        if (!models.has(id)) {
          const row = db.get(
            'SELECT 1 FROM models WHERE id = ? AND (agency_id IS NULL OR agency_id = ?)',
            id,
            agencyId,
          );
          models.set(id, row && { measures: assets.measured(id), withdrawn: assets.isWithdrawn(id) });
        }
        return models.get(id);
      },
      point(id) {
        if (!points.has(id)) {
          const row = db.get('SELECT 1 FROM points WHERE id = ? AND agency_id = ?', id, agencyId);
          points.set(id, row && { quantities: assets.quantitiesOf(id), served: servedAt(id) });
        }
        return points.get(id);
      },
    };
  };
  const servedAt = (point: PointId): ReadonlySet<QuantityKey> =>
    new Set(
      db
        .all<{ model_id: DeviceModelId }>(
          `SELECT d.model_id FROM assignments a JOIN devices d ON d.id = a.device_id
           WHERE a.point_id = ? AND a.to_time IS NULL`,
          point,
        )
        .flatMap((row) => [...assets.measured(row.model_id)]),
    );

  const create = (
    outcome: ImportOutcome & { readonly kind: 'create' },
    agencyId: AgencyId,
    token: string | null,
  ): void => {
    const { pointId, ...device } = outcome.device;
    const now = clock();
    if (!assets.insertDevice({ ...device, agencyId }, gate.userId))
      throw new RegistryError('ALREADY_EXISTS', { id: device.id });
    if (pointId !== null) assets.assign({ ...device, agencyId }, pointId, now, gate.userId);
    if (token !== null)
      assets.insertCredential({
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

  const count = (sql: string, device: DeviceId): number => db.get<{ n: number }>(sql, device)?.n ?? 0;
  const obstaclesOf = (head: ImportHead, sheet: Sheet): ImportObstacle[] => {
    const found: ImportObstacle[] = [];
    for (const outcome of sheet.outcomes) {
      if (outcome.kind !== 'create') continue;
      const { id, state, pointId } = outcome.device;
      const row = db.get<{ version: number; state: DeviceState; created_at: EpochMs }>(
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
      if (count('SELECT COUNT(*) AS n FROM credentials WHERE device_id = ?', id) > Number(sheet.withTokens))
        stands('CREDENTIAL_ADDED');
      const served = assets.pointsServed(id);
      // An earlier device of that name may have left spans of its own.
      const spans = db.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM assignments WHERE device_id = ? AND recorded_at >= ?',
        id,
        row.created_at,
      )?.n;
      const given = pointId === null ? [] : [pointId];
      if (spans !== given.length || served.join() !== given.join()) stands('ASSIGNED');
      if (
        db.get(
          'SELECT 1 FROM device_status WHERE device_id = ? AND recorded_at >= ? LIMIT 1',
          id,
          head.applied_at ?? row.created_at,
        )
      )
        stands('CONNECTED');
      if (db.get('SELECT 1 FROM claim_codes WHERE device_id = ?', id)) stands('CLAIM_MADE');
      if (
        db.get(
          'SELECT 1 FROM device_commands WHERE device_id = ?1 UNION ALL SELECT 1 FROM desired_configurations WHERE device_id = ?1',
          id,
        )
      )
        stands('ORDERED');
    }
    return found;
  };

  const remove = (agencyId: AgencyId, id: DeviceId, at: EpochMs): boolean => {
    if (!db.get('SELECT 1 FROM devices WHERE id = ?', id)) return false;
    for (const point of assets.pointsServed(id)) assets.endAssignment(id, point, at, gate.userId);
    db.run('DELETE FROM credentials WHERE device_id = ?', id);
    db.run('DELETE FROM device_attributes WHERE device_id = ?', id);
    db.run('DELETE FROM reported_configurations WHERE device_id = ?', id);
    db.run('DELETE FROM devices WHERE id = ?', id);
    assets.activity(agencyId, id, 'removed', { key: 'activity.removed' }, at, gate.userId);
    return true;
  };

  return {
    async list(limit) {
      const where = gate.ownOnly(new Where(), 'agency_id');
      return db
        .all<ImportHead>(
          `SELECT ${HEAD} FROM device_imports ${where.sql} ORDER BY created_at DESC, id LIMIT ?`,
          ...where.values,
          limit,
        )
        .map(importOf);
    },
    get: async (id) => importOf(loadHead(id)),
    async outcomes(id) {
      loadHead(id);
      return loadSheet(id).outcomes;
    },
    async preview({ id, agencyId, fileName, unknownColumns, rows }) {
      return db.transaction(() => {
        gate.mayWrite(agencyId, agencyId);
        const outcomes = planImport(rows, surroundings(agencyId));
        const counts = { create: 0, unchanged: 0, error: 0 };
        for (const { kind } of outcomes) counts[kind]++;
        const sheet: Sheet = { rows, outcomes, withTokens: false };
        const body = { fileName, unknownColumns, counts, createdBy: gate.userId };
        try {
          db.run(
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
        db.run(
          `DELETE FROM device_imports WHERE state = 'previewed' AND agency_id = ? AND id NOT IN
             (SELECT id FROM device_imports WHERE state = 'previewed' AND agency_id = ? ORDER BY created_at DESC, rowid DESC LIMIT ?)`,
          agencyId,
          agencyId,
          PREVIEWS_KEPT,
        );
        gate.audit(agencyId, 'device_import.preview', 'device_import', id, null, { fileName, counts });
        return importOf(loadHead(id));
      });
    },
    async apply(id, { skipErrors, tokenSha256 }) {
      return db.transaction(() => {
        const head = loadHead(id);
        gate.mayWrite(head.agency_id, id, true);
        toBe('previewed', head);
        const sheet = loadSheet(id);
        const { counts } = importOf(head);
        if (counts.error > 0 && !skipErrors) throw new RegistryError('IMPORT_HAS_ERRORS', { id, errors: counts.error });
        // Planned again on what is there now: whatever matters shows as another outcome.
        const changed = changedLines(sheet.outcomes, planImport(sheet.rows, surroundings(head.agency_id)));
        if (changed.length > 0)
          throw new RegistryError('IMPORT_STALE', { id, line: changed[0] ?? 0, lines: changed.length });
        const created: DeviceId[] = [];
        for (const outcome of sheet.outcomes) {
          if (outcome.kind !== 'create') continue;
          create(outcome, head.agency_id, tokenSha256.get(outcome.device.id) ?? null);
          created.push(outcome.device.id);
        }
        db.run(
          "UPDATE device_imports SET state = 'applied', applied_at = ?, sheet = ? WHERE id = ?",
          clock(),
          JSON.stringify({ ...sheet, withTokens: tokenSha256.size > 0 } satisfies Sheet),
          id,
        );
        gate.audit(head.agency_id, 'device_import.apply', 'device_import', id, null, { created });
        return { done: importOf(loadHead(id)), created };
      });
    },
    async obstacles(id) {
      const head = loadHead(id);
      return head.state === 'applied' ? obstaclesOf(head, loadSheet(id)) : [];
    },
    async undo(id) {
      return db.transaction(() => {
        const head = loadHead(id);
        gate.mayWrite(head.agency_id, id, true);
        toBe('applied', head);
        const sheet = loadSheet(id);
        const obstacles = obstaclesOf(head, sheet);
        if (obstacles[0])
          throw new RegistryError('IMPORT_BUILT_UPON', {
            id,
            device: obstacles[0].deviceId,
            code: obstacles[0].code,
            devices: new Set(obstacles.map(({ deviceId }) => deviceId)).size,
          });
        const now = clock();
        const removed = sheet.outcomes.flatMap((outcome) =>
          outcome.kind === 'create' && remove(head.agency_id, outcome.device.id, now) ? [outcome.device.id] : [],
        );
        db.run("UPDATE device_imports SET state = 'undone', undone_at = ? WHERE id = ?", now, id);
        gate.audit(head.agency_id, 'device_import.undo', 'device_import', id, { removed }, null);
        return { done: importOf(loadHead(id)), removed };
      });
    },
    async sheet(agencyId) {
      if (!gate.readableAgency(agencyId)) throw new RegistryError('NOT_FOUND', { id: agencyId });
      return db
        .all<{ body: string; state: DeviceState; points: string | null }>(
          `SELECT d.body, d.state, (SELECT group_concat(point_id, ';') FROM
             (SELECT point_id FROM assignments a WHERE a.device_id = d.id AND a.to_time IS NULL ORDER BY point_id)) AS points
           FROM devices d WHERE d.agency_id = ? ORDER BY d.id`,
          agencyId,
        )
        .map(({ body, state, points }) => {
          const { id, modelId, serialNumber } = JSON.parse(body) as Device;
          return { id, agencyId, modelId, serialNumber, state, points: (points?.split(';') ?? []) as PointId[] };
        });
    },
  };
}
