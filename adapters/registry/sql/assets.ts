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
import type { AgencyId, DeviceId, DeviceModelId, PointId } from '../../../domain/identifiers.ts';
import type { TextKey } from '../../../domain/localized.ts';
import { type Activity, RegistryError } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context } from './access.ts';
import { fold } from './sql-database.ts';

/** Tags as they are kept for `instr`: each between bars. */
export const tagText = (tags: readonly string[]): string => `|${tags.join('|')}|`;
/** The searched form of several texts together. */
export const folded = (...texts: (string | null)[]): string => fold(texts.filter((t) => t !== null).join(' '));

/** Agencies, sites, points, models and devices as rows; used by people's views and by seeding alike. Checks no access. */
export class Assets {
  readonly #c: Context;
  constructor(context: Context) {
    this.#c = context;
  }

  async insertAgency(agency: Omit<Agency, 'version'>): Promise<boolean> {
    return (
      (
        await this.#c.db.run(
          'INSERT INTO agencies VALUES (?,?,1,?) ON CONFLICT DO NOTHING',
          agency.id,
          agency.id,
          JSON.stringify(agency),
        )
      ).changes > 0
    );
  }
  async insertSite(site: Omit<Site, 'version'>): Promise<boolean> {
    const { changes } = await this.#c.db.run(
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
  async insertPoint({
    quantities,
    ...point
  }: Omit<Point, 'version' | 'series'> & { readonly quantities: readonly QuantityKey[] }): Promise<boolean> {
    const { changes } = await this.#c.db.run(
      'INSERT INTO points VALUES (?,?,?,?,?,?,1,?) ON CONFLICT DO NOTHING',
      point.id,
      point.agencyId,
      point.siteId,
      point.domain,
      tagText(point.tags),
      folded(point.name.vi, point.name.en, point.id),
      JSON.stringify(point),
    );
    if (changes > 0) for (const quantity of quantities) await this.insertSeries(point.agencyId, point.id, quantity);
    return changes > 0;
  }
  async insertLink({ agencyId, from, to, kind }: SiteLink): Promise<void> {
    await this.#c.db.run('INSERT INTO site_links VALUES (?,?,?,?) ON CONFLICT DO NOTHING', agencyId, from, to, kind);
  }
  async insertSeries(agency: AgencyId, point: PointId, quantity: QuantityKey): Promise<void> {
    await this.#c.db.run(
      'INSERT INTO series (agency_id, point_id, quantity) VALUES (?,?,?) ON CONFLICT DO NOTHING',
      agency,
      point,
      quantity,
    );
  }
  async insertModel(model: Omit<DeviceModel, 'version'>): Promise<boolean> {
    return (
      (
        await this.#c.db.run(
          'INSERT INTO models VALUES (?,?,1,?) ON CONFLICT DO NOTHING',
          model.id,
          model.agencyId,
          JSON.stringify(model),
        )
      ).changes > 0
    );
  }
  async insertDevice(device: Omit<Device, 'version' | 'createdAt'>, by: Activity['by']): Promise<boolean> {
    const now = this.#c.clock();
    const { changes } = await this.#c.db.run(
      'INSERT INTO devices VALUES (?,?,?,?,?,?,1,?) ON CONFLICT DO NOTHING',
      device.id,
      device.agencyId,
      device.modelId,
      device.state,
      now,
      folded(device.id, device.serialNumber),
      JSON.stringify({ ...device, createdAt: now }),
    );
    if (changes > 0) await this.activity(device.agencyId, device.id, 'created', { key: 'activity.created' }, now, by);
    return changes > 0;
  }
  /** `madeBy`: the profile with which the device registered itself. */
  async insertCredential(credential: DeviceCredential & { readonly madeBy?: string }): Promise<void> {
    await this.#c.db.run(
      `INSERT INTO credentials (id, agency_id, device_id, token_sha256, topic_filters, created_at, expires_at, kind, authority_id, subject)
       VALUES (?,?,?,?,?,?,?,?,?,?)`,
      credential.id,
      credential.agencyId,
      credential.deviceId,
      credential.kind === 'token' ? credential.tokenSha256 : credential.fingerprintSha256,
      JSON.stringify(credential.topicFilters),
      credential.createdAt,
      credential.expiresAt,
      credential.kind,
      credential.kind === 'certificate' ? credential.authorityId : null,
      credential.kind === 'certificate' ? credential.subject : (credential.madeBy ?? null),
    );
  }
  /**
   * Ends what the device served before of the quantities it measures here, and what else served these quantities of the point;
   * each end is an activity in the life of the device it ends for. Other devices at the point go on with other quantities.
   */
  async assign(
    device: Pick<Device, 'id' | 'agencyId' | 'modelId'>,
    point: PointId,
    from: EpochMs,
    by: Activity['by'],
  ): Promise<DeviceAssignment> {
    const { db, clock } = this.#c;
    const measured = await this.measured(device.modelId);
    const wanted = (await this.quantitiesOf(point)).filter((quantity) => measured.has(quantity));
    const open = await db.all<{ device_id: DeviceId; point_id: PointId; model_id: DeviceModelId }>(
      `SELECT a.device_id, a.point_id, d.model_id FROM assignments a JOIN devices d ON d.id = a.device_id
       WHERE a.to_time IS NULL AND (a.point_id = ? OR a.device_id = ?)`,
      point,
      device.id,
    );
    for (const other of open) {
      const measuredByOther = await this.measured(other.model_id);
      const served = new Set(
        (await this.quantitiesOf(other.point_id)).filter((quantity) => measuredByOther.has(quantity)),
      );
      const again = other.point_id === point && other.device_id === device.id;
      if (again || wanted.some((quantity) => served.has(quantity)))
        await this.endAssignment(other.device_id, other.point_id, from, by);
    }
    await db.run(
      'INSERT INTO assignments (agency_id, device_id, point_id, from_time, recorded_at) VALUES (?,?,?,?,?)',
      device.agencyId,
      device.id,
      point,
      from,
      clock(),
    );
    await this.activity(
      device.agencyId,
      device.id,
      'assigned',
      { key: 'activity.assigned', params: { point } },
      from,
      by,
    );
    return { deviceId: device.id, pointId: point, agencyId: device.agencyId, from, to: null };
  }
  /** False when the device doesn't serve the point. An end before the beginning leaves an empty span. */
  async endAssignment(device: DeviceId, point: PointId, at: EpochMs, by: Activity['by']): Promise<boolean> {
    const { db, clock } = this.#c;
    const row = await db.get<{ id: number; agency_id: AgencyId; from_time: EpochMs }>(
      'SELECT id, agency_id, from_time FROM assignments WHERE device_id = ? AND point_id = ? AND to_time IS NULL',
      device,
      point,
    );
    if (!row) return false;
    await db.run(
      'UPDATE assignments SET to_time = ?, end_recorded_at = ? WHERE id = ?',
      Math.max(row.from_time, at),
      clock(),
      row.id,
    );
    await this.activity(row.agency_id, device, 'unassigned', { key: 'activity.unassigned', params: { point } }, at, by);
    return true;
  }
  async isWithdrawn(model: DeviceModelId): Promise<boolean> {
    return (
      (await this.#c.db.get("SELECT 1 FROM models WHERE id = ? AND body ->> 'withdrawn' IS NOT NULL", model)) !==
      undefined
    );
  }
  /** @throws {RegistryError} MODEL_WITHDRAWN when no new device may be of the model. */
  async mustBeOffered(model: DeviceModelId): Promise<void> {
    if (await this.isWithdrawn(model)) throw new RegistryError('MODEL_WITHDRAWN', { model });
  }
  /** What devices of the model measure. */
  async measured(model: DeviceModelId): Promise<ReadonlySet<QuantityKey>> {
    const row = await this.#c.db.get<{ body: string }>('SELECT body FROM models WHERE id = ?', model);
    return new Set(row ? (JSON.parse(row.body) as DeviceModel).channels.map((channel) => channel.quantity) : []);
  }
  async quantitiesOf(point: PointId): Promise<QuantityKey[]> {
    return (await this.seriesOf(point)).map((series) => series.quantity);
  }
  async activity(
    agency: AgencyId,
    device: DeviceId,
    kind: Activity['kind'],
    text: TextKey,
    eventTime: EpochMs,
    by: Activity['by'],
    reason: string | null = null,
  ): Promise<void> {
    await this.#c.db.run(
      'INSERT INTO activities (agency_id, device_id, event_time, recorded_at, body) VALUES (?,?,?,?,?)',
      agency,
      device,
      eventTime,
      this.#c.clock(),
      JSON.stringify({ kind, text, by, reason }),
    );
  }
  /** Points the device serves now. */
  async pointsServed(device: DeviceId): Promise<PointId[]> {
    return (
      await this.#c.db.all<{ point_id: PointId }>(
        'SELECT point_id FROM assignments WHERE device_id = ? AND to_time IS NULL ORDER BY point_id',
        device,
      )
    ).map((row) => row.point_id);
  }
  async seriesOf(point: PointId): Promise<Series[]> {
    return (await this.#c.db.all<{ id: number; quantity: string }>(
      'SELECT id, quantity FROM series WHERE point_id = ? ORDER BY id',
      point,
    )) as unknown as Series[];
  }
}

export const credentialOf = (row: Record<string, unknown>): DeviceCredential => {
  const rights = {
    id: row['id'],
    deviceId: row['device_id'],
    agencyId: row['agency_id'],
    topicFilters: JSON.parse(row['topic_filters'] as string),
    createdAt: row['created_at'],
    expiresAt: row['expires_at'],
    revokedAt: row['revoked_at'],
  };
  return (
    row['kind'] === 'token'
      ? { ...rights, kind: 'token', tokenSha256: row['token_sha256'] }
      : {
          ...rights,
          kind: 'certificate',
          fingerprintSha256: row['token_sha256'],
          authorityId: row['authority_id'],
          subject: row['subject'],
        }
  ) as DeviceCredential;
};

export const statusOf = (row: Record<string, unknown>): DeviceStatusChange =>
  ({
    deviceId: row['device_id'],
    agencyId: row['agency_id'],
    online: row['online'] === 1,
    reason: row['reason'],
    eventTime: row['event_time'],
    recordedAt: row['recorded_at'],
    ...(row['gateway'] == null ? {} : { session: { gateway: row['gateway'], stamp: row['session_stamp'] } }),
  }) as DeviceStatusChange;
