import type {
  Agency,
  Device,
  DeviceAssignment,
  DeviceCredential,
  DeviceModel,
  DeviceStatusChange,
  Point,
  Series,
  Site,
  SiteLink,
} from '../../../domain/asset.ts';
import type { AgencyId, DeviceId, PointId, SiteId } from '../../../domain/identifiers.ts';
import type { TextKey } from '../../../domain/localized.ts';
import {
  type Activity,
  type Page,
  type PageRequest,
  RegistryError,
  type RegistryView,
} from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, type GrantColumns, refused } from './access.ts';
import { fold, likePattern, Where } from './database.ts';

type AssetTable = 'agencies' | 'sites' | 'points' | 'models' | 'devices';
interface Stored {
  readonly body: string;
  readonly version: number;
}
const SITE_COLUMNS: GrantColumns = { agency: 'agency_id', domain: 'domain', site: 'id', tags: null };
const POINT_COLUMNS: GrantColumns = { agency: 'agency_id', domain: 'domain', site: 'site_id', tags: 'tags' };
const OWN_COLUMNS: GrantColumns = { agency: 'agency_id', domain: null, site: null, tags: null };

export const tagText = (tags: readonly string[]): string => `|${tags.join('|')}|`;
const folded = (...texts: (string | null)[]): string => fold(texts.filter((t) => t !== null).join(' '));
/** A page's items and the cursor of the next, when one more than asked for was found. */
export function pageOf<T>(rows: readonly T[], limit: number, cursor: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursor(last) : null };
}
export const limitOf = ({ limit }: PageRequest): number => Math.max(1, Math.min(1000, Math.trunc(limit)));

/** Agencies, sites, points, models and devices as rows; used by people's views and by seeding alike. */
export class Assets {
  readonly #c: Context;
  constructor(context: Context) {
    this.#c = context;
  }

  insertAgency(agency: Omit<Agency, 'version'>): boolean {
    return (
      this.#c.db.run(
        'INSERT INTO agencies VALUES (?,?,1,?) ON CONFLICT DO NOTHING',
        agency.id,
        agency.id,
        JSON.stringify(agency),
      ).changes > 0
    );
  }
  insertSite(site: Omit<Site, 'version'>): boolean {
    const { changes } = this.#c.db.run(
      'INSERT INTO sites VALUES (?,?,?,?,?,?,1,?) ON CONFLICT DO NOTHING',
      site.id,
      site.agencyId,
      site.domain,
      site.kind,
      site.parentId,
      folded(site.name.vi, site.name.en, site.id),
      JSON.stringify(site),
    );
    return changes > 0;
  }
  insertPoint({
    quantities,
    ...point
  }: Omit<Point, 'version' | 'series'> & { readonly quantities: readonly QuantityKey[] }): boolean {
    const { changes } = this.#c.db.run(
      'INSERT INTO points VALUES (?,?,?,?,?,?,1,?) ON CONFLICT DO NOTHING',
      point.id,
      point.agencyId,
      point.siteId,
      point.domain,
      tagText(point.tags),
      folded(point.name.vi, point.name.en, point.id),
      JSON.stringify(point),
    );
    if (changes > 0) for (const quantity of quantities) this.insertSeries(point.agencyId, point.id, quantity);
    return changes > 0;
  }
  insertSeries(agency: AgencyId, point: PointId, quantity: QuantityKey): void {
    this.#c.db.run(
      'INSERT INTO series (agency_id, point_id, quantity) VALUES (?,?,?) ON CONFLICT DO NOTHING',
      agency,
      point,
      quantity,
    );
  }
  insertModel(model: Omit<DeviceModel, 'version'>): boolean {
    return (
      this.#c.db.run(
        'INSERT INTO models VALUES (?,?,1,?) ON CONFLICT DO NOTHING',
        model.id,
        model.agencyId,
        JSON.stringify(model),
      ).changes > 0
    );
  }
  insertDevice(device: Omit<Device, 'version' | 'createdAt'>, by: Activity['by']): boolean {
    const now = this.#c.clock();
    const { changes } = this.#c.db.run(
      'INSERT INTO devices VALUES (?,?,?,?,?,?,1,?) ON CONFLICT DO NOTHING',
      device.id,
      device.agencyId,
      device.modelId,
      device.state,
      now,
      folded(device.id, device.serialNumber),
      JSON.stringify({ ...device, createdAt: now }),
    );
    if (changes > 0) this.activity(device.agencyId, device.id, 'created', { key: 'activity.created' }, now, by);
    return changes > 0;
  }
  insertCredential(credential: DeviceCredential): void {
    this.#c.db.run(
      'INSERT INTO credentials VALUES (?,?,?,?,?,?,?,NULL)',
      credential.id,
      credential.agencyId,
      credential.deviceId,
      credential.tokenSha256,
      JSON.stringify(credential.topicFilters),
      credential.createdAt,
      credential.expiresAt,
    );
  }
  /** Ends what the device served before for the same quantities, and what served the point before. */
  assign(device: Device, point: Point, from: EpochMs, by: Activity['by']): DeviceAssignment {
    const now = this.#c.clock();
    this.#c.db.run(
      'UPDATE assignments SET to_time = MAX(from_time, ?) WHERE to_time IS NULL AND point_id = ?',
      from,
      point.id,
    );
    this.#c.db.run(
      `UPDATE assignments SET to_time = MAX(from_time, ?) WHERE to_time IS NULL AND device_id = ? AND point_id IN (
         SELECT s.point_id FROM series s WHERE s.quantity IN (SELECT quantity FROM series WHERE point_id = ?))`,
      from,
      device.id,
      point.id,
    );
    this.#c.db.run(
      'INSERT INTO assignments (agency_id, device_id, point_id, from_time, recorded_at) VALUES (?,?,?,?,?)',
      device.agencyId,
      device.id,
      point.id,
      from,
      now,
    );
    this.activity(
      device.agencyId,
      device.id,
      'assigned',
      { key: 'activity.assigned', params: { point: point.id } },
      from,
      by,
    );
    return { deviceId: device.id, pointId: point.id, agencyId: device.agencyId, from, to: null };
  }
  activity(
    agency: AgencyId,
    device: DeviceId,
    kind: Activity['kind'],
    text: TextKey,
    eventTime: EpochMs,
    by: Activity['by'],
  ): void {
    this.#c.db.run(
      'INSERT INTO activities (agency_id, device_id, event_time, recorded_at, body) VALUES (?,?,?,?,?)',
      agency,
      device,
      eventTime,
      this.#c.clock(),
      JSON.stringify({ kind, text, by }),
    );
  }
  seriesOf(point: PointId): Series[] {
    return this.#c.db.all<{ id: number; quantity: string }>(
      'SELECT id, quantity FROM series WHERE point_id = ? ORDER BY id',
      point,
    ) as unknown as Series[];
  }
}

const parse = <T>(row: Stored): T => ({ ...JSON.parse(row.body), version: row.version }) as T;

/** The asset half of a {@link RegistryView}. */
export function assetViews(
  context: Context,
  gate: Gate,
): Pick<RegistryView, 'agencies' | 'sites' | 'points' | 'models' | 'devices' | 'search'> {
  const { db, clock } = context;
  const assets = new Assets(context);

  const load = <T>(table: AssetTable, columns: GrantColumns, id: string): T => {
    const where = gate.readable(new Where().equals('id', id), columns);
    const row = db.get<Stored>(`SELECT body, version FROM ${table} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return parse<T>(row);
  };
  /** Replaces a row's body when its version is still the one the edit was based on. */
  const replace = <T extends { id: string; version: number }>(
    table: AssetTable,
    next: T,
    extra: string,
    ...values: (string | null)[]
  ): T => {
    const version = next.version + 1;
    const { changes } = db.run(
      `UPDATE ${table} SET version = ?, body = ?${extra} WHERE id = ? AND version = ?`,
      version,
      JSON.stringify({ ...next, version }),
      ...values,
      next.id,
      next.version,
    );
    if (changes === 0) throw new RegistryError('CONFLICT', { id: next.id });
    return { ...next, version };
  };
  const device = (id: DeviceId) => load<Device>('devices', OWN_COLUMNS, id);
  const point = (id: PointId): Point => ({
    ...load<Omit<Point, 'series'>>('points', POINT_COLUMNS, id),
    series: assets.seriesOf(id),
  });

  /** Lists by id ascending; the cursor is the last id. */
  const list = <T extends { id: string }>(
    table: AssetTable,
    columns: GrantColumns,
    where: Where,
    page: PageRequest,
  ): Page<T> => {
    if (page.after !== undefined) where.add('id > ?', page.after);
    gate.readable(where, columns);
    const limit = limitOf(page);
    const rows = db.all<Stored>(
      `SELECT body, version FROM ${table} ${where.sql} ORDER BY id LIMIT ?`,
      ...where.values,
      limit + 1,
    );
    return pageOf(
      rows.map((row) => parse<T>(row)),
      limit,
      (item) => item.id,
    );
  };
  const byText = (where: Where, text: string | undefined): Where =>
    text ? where.add("folded LIKE ? ESCAPE '\\'", likePattern(text)) : where;

  /** Runs a write whole, with its audit row. */
  const write = <T>(
    agency: AgencyId | null,
    action: string,
    kind: string,
    id: string,
    before: unknown,
    work: () => T,
  ): T =>
    db.transaction(() => {
      gate.mayWrite(agency, id);
      try {
        const result = work();
        gate.audit(agency, action, kind, id, before, result);
        return result;
      } catch (error) {
        return refused(error, { id });
      }
    });
  const created = (made: boolean, id: string): void => {
    if (!made) throw new RegistryError('ALREADY_EXISTS', { id });
  };

  return {
    agencies: {
      async list() {
        const rows = db.all<Stored & { id: AgencyId }>('SELECT id, body, version FROM agencies ORDER BY id');
        const shared = gate.actor.kind === 'person' ? gate.actor.access.grants.map((g) => g.agencyId) : [];
        return rows
          .filter((row) => gate.readableAgency(row.id) || shared.includes(row.id))
          .map((row) => parse<Agency>(row));
      },
      async create(agency) {
        return write(agency.id, 'agency.create', 'agency', agency.id, null, () => {
          created(assets.insertAgency(agency), agency.id);
          return { ...agency, version: 1 };
        });
      },
      async update(agency) {
        const before = load<Agency>('agencies', OWN_COLUMNS, agency.id);
        return write(agency.id, 'agency.update', 'agency', agency.id, before, () => replace('agencies', agency, ''));
      },
    },
    sites: {
      async list(filter, page) {
        const where = new Where()
          .equals('agency_id', filter.agencyId)
          .equals('domain', filter.domain)
          .equals('kind', filter.kind)
          .equals('parent_id', filter.parentId);
        return list<Site>('sites', SITE_COLUMNS, byText(where, filter.text), page);
      },
      get: async (id) => load<Site>('sites', SITE_COLUMNS, id),
      async create(site) {
        return write(site.agencyId, 'site.create', 'site', site.id, null, () => {
          created(assets.insertSite(site), site.id);
          return { ...site, version: 1 };
        });
      },
      async update(site) {
        const before = load<Site>('sites', SITE_COLUMNS, site.id);
        const next = { ...site, agencyId: before.agencyId };
        return write(before.agencyId, 'site.update', 'site', site.id, before, () =>
          replace(
            'sites',
            next,
            ', domain = ?, kind = ?, parent_id = ?, folded = ?',
            next.domain,
            next.kind,
            next.parentId,
            folded(next.name.vi, next.name.en, next.id),
          ),
        );
      },
      async links({ siteId }) {
        const where = new Where();
        if (siteId) where.add('from_id = ? OR to_id = ?', siteId, siteId);
        gate.readable(where, OWN_COLUMNS);
        return db
          .all<{ agency_id: AgencyId; from_id: SiteId; to_id: SiteId; kind: SiteLink['kind'] }>(
            `SELECT * FROM site_links ${where.sql} ORDER BY from_id, to_id`,
            ...where.values,
          )
          .map((row) => ({ agencyId: row.agency_id, from: row.from_id, to: row.to_id, kind: row.kind }));
      },
      async link(link) {
        write(link.agencyId, 'site.link', 'site', link.from, null, () => {
          db.run(
            'INSERT INTO site_links VALUES (?,?,?,?) ON CONFLICT DO NOTHING',
            link.agencyId,
            link.from,
            link.to,
            link.kind,
          );
          return link;
        });
      },
    },
    points: {
      async list(filter, page) {
        const where = new Where()
          .equals('agency_id', filter.agencyId)
          .equals('domain', filter.domain)
          .equals('site_id', filter.siteId);
        if (filter.tag) where.add('instr(tags, ?) > 0', `|${filter.tag}|`);
        if (filter.ids) where.add(`id IN (SELECT value FROM json_each(?))`, JSON.stringify(filter.ids));
        const found = list<Omit<Point, 'series'>>('points', POINT_COLUMNS, byText(where, filter.text), page);
        return { ...found, items: found.items.map((item) => ({ ...item, series: assets.seriesOf(item.id) })) };
      },
      get: async (id) => point(id),
      async create(next) {
        return write(next.agencyId, 'point.create', 'point', next.id, null, () => {
          created(assets.insertPoint(next), next.id);
          return point(next.id);
        });
      },
      async update({ series: _, ...next }) {
        const before = point(next.id);
        const body = { ...next, agencyId: before.agencyId };
        return write(before.agencyId, 'point.update', 'point', next.id, before, () => ({
          ...replace(
            'points',
            body,
            ', site_id = ?, domain = ?, tags = ?, folded = ?',
            body.siteId,
            body.domain,
            tagText(body.tags),
            folded(body.name.vi, body.name.en, body.id),
          ),
          series: before.series,
        }));
      },
      async addQuantity(id, quantity) {
        const before = point(id);
        return write(before.agencyId, 'point.add_quantity', 'point', id, before, () => {
          assets.insertSeries(before.agencyId, id, quantity);
          return point(id);
        });
      },
    },
    models: {
      async list() {
        return db
          .all<Stored & { agency_id: AgencyId | null }>('SELECT agency_id, body, version FROM models ORDER BY id')
          .filter((row) => row.agency_id === null || gate.readableAgency(row.agency_id))
          .map((row) => parse<DeviceModel>(row));
      },
      async get(id) {
        const row = db.get<Stored & { agency_id: AgencyId | null }>(
          'SELECT agency_id, body, version FROM models WHERE id = ?',
          id,
        );
        if (!row || (row.agency_id !== null && !gate.readableAgency(row.agency_id)))
          throw new RegistryError('NOT_FOUND', { id });
        return parse<DeviceModel>(row);
      },
      async create(model) {
        return write(model.agencyId, 'model.create', 'model', model.id, null, () => {
          created(assets.insertModel(model), model.id);
          return { ...model, version: 1 };
        });
      },
      async update(model) {
        const before = await this.get(model.id);
        return write(before.agencyId, 'model.update', 'model', model.id, before, () =>
          replace('models', { ...model, agencyId: before.agencyId }, ''),
        );
      },
    },
    devices: {
      async list(filter, page) {
        const where = new Where()
          .equals('agency_id', filter.agencyId)
          .equals('model_id', filter.modelId)
          .equals('state', filter.state);
        if (filter.pointId)
          where.add('id IN (SELECT device_id FROM assignments WHERE point_id = ? AND to_time IS NULL)', filter.pointId);
        return list<Device>('devices', OWN_COLUMNS, byText(where, filter.text), page);
      },
      get: async (id) => device(id),
      async create(next) {
        return write(next.agencyId, 'device.create', 'device', next.id, null, () => {
          created(assets.insertDevice(next, gate.userId), next.id);
          return device(next.id);
        });
      },
      async update(next) {
        const before = device(next.id);
        const body = { ...next, agencyId: before.agencyId, createdAt: before.createdAt };
        return write(before.agencyId, 'device.update', 'device', next.id, before, () => {
          if (before.state !== next.state) {
            assets.activity(
              before.agencyId,
              next.id,
              'state_changed',
              { key: 'activity.state_changed', params: { from: before.state, to: next.state } },
              clock(),
              gate.userId,
            );
          }
          return replace(
            'devices',
            body,
            ', model_id = ?, state = ?, folded = ?',
            body.modelId,
            body.state,
            folded(body.id, body.serialNumber),
          );
        });
      },
      async assignments({ deviceId, pointId }) {
        const where = gate.readable(new Where().equals('device_id', deviceId).equals('point_id', pointId), OWN_COLUMNS);
        return db
          .all<{
            agency_id: AgencyId;
            device_id: DeviceId;
            point_id: PointId;
            from_time: EpochMs;
            to_time: EpochMs | null;
          }>(`SELECT * FROM assignments ${where.sql} ORDER BY from_time, id`, ...where.values)
          .map((row) => ({
            deviceId: row.device_id,
            pointId: row.point_id,
            agencyId: row.agency_id,
            from: row.from_time,
            to: row.to_time,
          }));
      },
      async assign({ deviceId, pointId, from }) {
        const served = point(pointId);
        const hardware = device(deviceId);
        gate.mayWrite(served.agencyId, pointId);
        return write(hardware.agencyId, 'device.assign', 'device', deviceId, null, () =>
          assets.assign(hardware, served, from, gate.userId),
        );
      },
      async unassign(deviceId, pointId, at) {
        const { agencyId } = device(deviceId);
        write(agencyId, 'device.unassign', 'device', deviceId, null, () => {
          const { changes } = db.run(
            'UPDATE assignments SET to_time = MAX(from_time, ?) WHERE device_id = ? AND point_id = ? AND to_time IS NULL',
            at,
            deviceId,
            pointId,
          );
          if (changes === 0) throw new RegistryError('NOT_FOUND', { id: pointId });
          assets.activity(
            agencyId,
            deviceId,
            'unassigned',
            { key: 'activity.unassigned', params: { point: pointId } },
            at,
            gate.userId,
          );
          return { pointId, at };
        });
      },
      async credentials(id) {
        device(id);
        return db.all('SELECT * FROM credentials WHERE device_id = ? ORDER BY created_at', id).map(credentialOf);
      },
      async addCredential(credential) {
        const { agencyId } = device(credential.deviceId);
        const whole: DeviceCredential = { ...credential, agencyId, createdAt: clock(), revokedAt: null };
        db.transaction(() => {
          gate.mayWrite(agencyId, credential.deviceId);
          assets.insertCredential(whole);
          assets.activity(
            agencyId,
            credential.deviceId,
            'credential_created',
            { key: 'activity.credential_created' },
            whole.createdAt,
            gate.userId,
          );
          gate.audit(agencyId, 'credential.create', 'device', credential.deviceId, null, { id: credential.id });
        });
        return whole;
      },
      async revokeCredential(deviceId, id) {
        const { agencyId } = device(deviceId);
        db.transaction(() => {
          gate.mayWrite(agencyId, deviceId);
          const { changes } = db.run(
            'UPDATE credentials SET revoked_at = ? WHERE id = ? AND device_id = ? AND revoked_at IS NULL',
            clock(),
            id,
            deviceId,
          );
          if (changes === 0) throw new RegistryError('NOT_FOUND', { id });
          assets.activity(
            agencyId,
            deviceId,
            'credential_revoked',
            { key: 'activity.credential_revoked' },
            clock(),
            gate.userId,
          );
          gate.audit(agencyId, 'credential.revoke', 'device', deviceId, { id }, null);
        });
      },
      async statusHistory(id, page) {
        device(id);
        const limit = limitOf(page);
        const rows = db.all(
          'SELECT * FROM device_status WHERE device_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
          id,
          page.after ? Number(page.after) : Number.MAX_SAFE_INTEGER,
          limit + 1,
        );
        const { items, next } = pageOf(rows, limit, (row) => String(row['id']));
        return { items: items.map(statusOf), next };
      },
      async attributes(id) {
        device(id);
        const rows = db.all<{ name: string; value: string; at: EpochMs }>(
          'SELECT name, value, at FROM device_attributes WHERE device_id = ? ORDER BY name',
          id,
        );
        return Object.fromEntries(
          rows.map((row) => [row.name, { value: JSON.parse(row.value) as string | number | boolean, at: row.at }]),
        );
      },
      async activities(id) {
        device(id);
        return db
          .all<{ agency_id: AgencyId; event_time: EpochMs; recorded_at: EpochMs; body: string }>(
            'SELECT * FROM activities WHERE device_id = ? ORDER BY id DESC',
            id,
          )
          .map((row) => ({
            agencyId: row.agency_id,
            deviceId: id,
            eventTime: row.event_time,
            recordedAt: row.recorded_at,
            ...(JSON.parse(row.body) as Pick<Activity, 'kind' | 'text' | 'by'>),
          }));
      },
    },
    async search(text, limit) {
      const pattern = likePattern(text);
      const find = (table: 'points' | 'sites' | 'devices', columns: GrantColumns) => {
        const where = gate.readable(new Where().add("folded LIKE ? ESCAPE '\\'", pattern), columns);
        return db.all<Stored & { id: string; folded: string }>(
          `SELECT id, folded, body, version FROM ${table} ${where.sql} ORDER BY instr(folded, ?), id LIMIT ?`,
          ...where.values,
          fold(text),
          limit,
        );
      };
      const named = (kind: 'point' | 'site') => (row: Stored & { id: string; folded: string }) => {
        const { name, location } = parse<Site>(row);
        return { kind, id: row.id, label: name.vi, location, rank: row.folded.indexOf(fold(text)) };
      };
      return [
        ...find('points', POINT_COLUMNS).map(named('point')),
        ...find('sites', SITE_COLUMNS).map(named('site')),
        ...find('devices', OWN_COLUMNS).map((row) => ({
          kind: 'device' as const,
          id: row.id,
          label: row.id,
          location: null,
          rank: row.folded.indexOf(fold(text)),
        })),
      ]
        .sort((a, b) => a.rank - b.rank)
        .slice(0, limit)
        .map(({ rank: _, ...found }) => found);
    },
  };
}

export const credentialOf = (row: Record<string, unknown>): DeviceCredential =>
  ({
    id: row['id'],
    deviceId: row['device_id'],
    agencyId: row['agency_id'],
    kind: 'token',
    tokenSha256: row['token_sha256'],
    topicFilters: JSON.parse(row['topic_filters'] as string),
    createdAt: row['created_at'],
    expiresAt: row['expires_at'],
    revokedAt: row['revoked_at'],
  }) as DeviceCredential;

export const statusOf = (row: Record<string, unknown>): DeviceStatusChange =>
  ({
    deviceId: row['device_id'],
    agencyId: row['agency_id'],
    online: row['online'] === 1,
    reason: row['reason'],
    eventTime: row['event_time'],
    recordedAt: row['recorded_at'],
  }) as DeviceStatusChange;
