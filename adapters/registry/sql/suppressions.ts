import type { Device, Point, Site } from '../../../domain/asset.ts';
import type { AgencyId, DeviceId, UserId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { SuppressionLog, SuppressionsView, SuppressionWindowVersion } from '../../../domain/ports/suppressions.ts';
import type { SiteNetworkRows } from '../../../domain/site-network.ts';
import {
  endOf,
  openWindow,
  type SuppressionScope,
  type SuppressionWindow,
  type SuppressionWindowId,
  takeWindowStep,
} from '../../../domain/suppression-window.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { LIVE_RULES, ruleOf } from './alarms.ts';
import { AssetEditor, DEVICES, POINTS, SITES } from './editing.ts';
import { keepNotice } from './notices.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { Where } from './sql-database.ts';

interface WindowRow {
  readonly number: number;
  readonly body: string;
}
const parsed = (row: { readonly body: string }): SuppressionWindow => JSON.parse(row.body) as SuppressionWindow;

/** Windows, each with its versions and audit rows; used by people's views and by the steps in devices' lives alike. Checks no access. */
class WindowRows {
  readonly #context: Context;
  readonly #gate: Gate;

  constructor(context: Context, gate: Gate) {
    this.#context = context;
    this.#gate = gate;
  }

  async insert(window: SuppressionWindow): Promise<void> {
    const { id, agencyId, scope, version } = window;
    await this.#context.db.run(
      'INSERT INTO suppression_windows (id, agency_id, device_id, end_time, version, body) VALUES (?,?,?,?,?,?)',
      id,
      agencyId,
      scope.kind === 'device' ? scope.deviceId : null,
      endOf(window),
      version,
      JSON.stringify(window),
    );
    await this.#record('open', null, window);
  }

  async replace(step: 'end' | 'extend', before: SuppressionWindow, next: SuppressionWindow): Promise<void> {
    const { id, version } = next;
    await this.#context.db.run(
      'UPDATE suppression_windows SET end_time = ?, version = ?, body = ? WHERE id = ?',
      endOf(next),
      version,
      JSON.stringify(next),
      id,
    );
    await this.#record(step, before, next);
  }

  async #record(
    step: SuppressionWindowVersion['step'],
    before: SuppressionWindow | null,
    next: SuppressionWindow,
  ): Promise<void> {
    await this.#context.db.run(
      'INSERT INTO suppression_window_versions VALUES (?,?,?,?,?,?,?)',
      next.id,
      next.version,
      next.agencyId,
      this.#context.clock(),
      step,
      this.#gate.userId,
      JSON.stringify(next),
    );
    await this.#gate.audit(next.agencyId, `suppression.${step}`, 'suppression', next.id, before, next);
  }
}

/** Windows that go with the state of devices: one from the step into maintenance to the step out of it. */
export class DeviceMaintenance {
  readonly #context: Context;
  readonly #rows: WindowRows;

  constructor(context: Context, gate: Gate) {
    this.#context = context;
    this.#rows = new WindowRows(context, gate);
  }

  async begin({ id: deviceId, agencyId }: Device, at: EpochMs, owner: UserId | null, reason: string): Promise<void> {
    await this.#rows.insert({
      id: this.#context.newId() as SuppressionWindowId,
      agencyId,
      kind: 'maintenance',
      scope: { kind: 'device', deviceId },
      reason,
      owner,
      from: at,
      until: null,
      cause: 'device_step',
      endedAt: null,
      createdAt: this.#context.clock(),
      version: 1,
    });
  }

  async end(deviceId: DeviceId, at: EpochMs): Promise<void> {
    const open = await this.#context.db.all<WindowRow>(
      `SELECT number, body FROM suppression_windows WHERE device_id = ? AND end_time IS NULL AND body ->> 'cause' = 'device_step'`,
      deviceId,
    );
    for (const window of open.map(parsed))
      await this.#rows.replace('end', window, { ...window, endedAt: at, version: window.version + 1 });
  }
}

/** Maintenance and out of service of a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function suppressionViews(context: Context, gate: Gate): SuppressionsView {
  const { db, clock } = context;
  const rows = new WindowRows(context, gate);
  const assets = new AssetEditor(context, gate);

  const load = async (id: SuppressionWindowId): Promise<SuppressionWindow> => {
    const where = gate.ownOnly(new Where().equals('id', id), 'agency_id');
    const row = await db.get<WindowRow>(`SELECT number, body FROM suppression_windows ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return parsed(row);
  };
  const agencyOfRule = async (id: string): Promise<AgencyId> => {
    const row = await db.get<{ body: string }>(`${LIVE_RULES} AND r.id = ?`, id);
    const rule = row && ruleOf(row);
    if (!rule || !gate.readableAgency(rule.agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return rule.agencyId;
  };
  const agencyOf = async (scope: SuppressionScope): Promise<AgencyId> => {
    switch (scope.kind) {
      case 'device':
        return (await assets.load<Device>(DEVICES, scope.deviceId)).agencyId;
      case 'point':
        return (await assets.load<Point>(POINTS, scope.pointId)).agencyId;
      case 'site':
        return (await assets.load<Site>(SITES, scope.siteId)).agencyId;
      case 'rule':
        return agencyOfRule(scope.ruleId);
      case 'rule_on_point': {
        const agency = await agencyOfRule(scope.ruleId);
        // A rule watches the points of its own agency alone.
        if ((await assets.load<Point>(POINTS, scope.pointId)).agencyId !== agency)
          throw new RegistryError('REFERENCE_MISSING', { id: scope.pointId });
        return agency;
      }
    }
  };
  const targetOf = (scope: SuppressionScope): string => {
    switch (scope.kind) {
      case 'device':
        return scope.deviceId;
      case 'site':
        return scope.siteId;
      case 'rule':
        return scope.ruleId;
      case 'point':
      case 'rule_on_point':
        return scope.pointId;
    }
  };

  return {
    async list({ agencyId, over }, page) {
      const where = gate.ownOnly(new Where().equals('agency_id', agencyId), 'agency_id');
      where.add('number < ?', rowNumberOf(page));
      if (over !== undefined) where.add(over ? 'end_time <= ?' : '(end_time IS NULL OR end_time > ?)', clock());
      const limit = limitOf(page);
      const found = await db.all<WindowRow>(
        `SELECT number, body FROM suppression_windows ${where.sql} ORDER BY number DESC LIMIT ?`,
        ...where.values,
        limit + 1,
      );
      const { items, next } = pageOf(found, limit, ({ number }) => String(number));
      return { items: items.map(parsed), next };
    },
    get: async (id) => load(id),
    async versions(id) {
      return db.snapshot(async () => {
        await load(id);
        return (
          await db.all<{
            step: SuppressionWindowVersion['step'];
            user_id: UserId | null;
            recorded_at: EpochMs;
            body: string;
          }>(
            'SELECT step, user_id, recorded_at, body FROM suppression_window_versions WHERE window_id = ? ORDER BY version',
            id,
          )
        ).map((row) => ({ step: row.step, by: row.user_id, at: row.recorded_at, window: parsed(row) }));
      });
    },
    async open(draft) {
      return db.transaction(async () => {
        const agencyId = await agencyOf(draft.scope);
        gate.mayWrite(agencyId, targetOf(draft.scope), true);
        const opened = openWindow({ ...draft, agencyId }, clock());
        if (!opened.ok) throw new RegistryError(opened.error, { id: draft.id });
        await rows.insert(opened.value);
        return opened.value;
      });
    },
    async step(id, version, step) {
      return db.transaction(async () => {
        const before = await load(id);
        gate.mayWrite(before.agencyId, id, true);
        if (before.version !== version) throw new RegistryError('CONFLICT', { id });
        const taken = takeWindowStep(before, step, clock());
        if (!taken.ok) throw new RegistryError(taken.error, { id });
        await rows.replace(step.kind, before, taken.value);
        return taken.value;
      });
    },
  };
}

/** What judging reads of windows and of how sites hang together. */
export function suppressionLog({ db }: Context): SuppressionLog {
  return {
    async windows(since) {
      return (
        await db.all<WindowRow>(
          'SELECT number, body FROM suppression_windows WHERE end_time IS NULL OR end_time > ? ORDER BY number',
          since,
        )
      ).map(parsed);
    },
    async network(): Promise<SiteNetworkRows> {
      return db.snapshot(async () => {
        return {
          sites: (
            await db.tuples<
              readonly [SiteNetworkRows['sites'][number]['id'], SiteNetworkRows['sites'][number]['parentId']]
            >('SELECT id, parent_id FROM sites')
          ).map(([id, parentId]) => ({ id, parentId })),
          links: (
            await db.all<{ from_id: string; to_id: string; kind: string }>(
              'SELECT from_id, to_id, kind FROM site_links',
            )
          ).map(({ from_id, to_id, kind }) => ({ from: from_id, to: to_id, kind }) as SiteNetworkRows['links'][number]),
        };
      });
    },
    async endingSoon(now, before) {
      return (
        await db.all<WindowRow>(
          'SELECT number, body FROM suppression_windows WHERE end_time > ? AND end_time <= ? AND reminded_of IS DISTINCT FROM end_time ORDER BY number',
          now,
          before,
        )
      )
        .map(parsed)
        .filter(({ from }) => from <= now);
    },
    async remind(window, notice) {
      return db.transaction(async () => {
        const { changes } = await db.run(
          'UPDATE suppression_windows SET reminded_of = end_time WHERE id = ? AND end_time = ? AND reminded_of IS DISTINCT FROM end_time',
          window.id,
          endOf(window),
        );
        if (changes > 0) await keepNotice(db, notice);
        return changes > 0;
      });
    },
  };
}
