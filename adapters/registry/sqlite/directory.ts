import type { DeviceDirectoryEntry, DeviceModel, Point, SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, SeriesId } from '../../../domain/identifiers.ts';
import type { Registry } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context } from './access.ts';

interface ServedRow {
  readonly device_id: DeviceId;
  readonly series: SeriesId;
  readonly quantity: QuantityKey;
}
interface CredentialRow {
  readonly id: string;
  readonly device_id: DeviceId;
  readonly token_sha256: string;
  readonly topic_filters: string;
  readonly expires_at: EpochMs | null;
}
type Credential = DeviceDirectoryEntry['credentials'][number];

/** What the ingest path keeps in memory, read whole in three passes (twenty thousand devices in a few hundred milliseconds). */
export function directoryOf({ db, clock }: Context): Registry['directory'] {
  const read = (id?: DeviceId): DeviceDirectoryEntry[] => {
    const one = id === undefined ? '' : 'WHERE d.id = ?';
    const values = id === undefined ? [] : [id];
    const series = new Map<DeviceId, Map<QuantityKey, SeriesId>>();
    for (const row of db.all<ServedRow>(
      `SELECT d.id AS device_id, s.id AS series, s.quantity FROM devices d
       JOIN assignments a ON a.device_id = d.id AND a.to_time IS NULL JOIN series s ON s.point_id = a.point_id ${one}`,
      ...values,
    )) {
      const known = series.get(row.device_id);
      if (known) known.set(row.quantity, row.series);
      else series.set(row.device_id, new Map([[row.quantity, row.series]]));
    }
    const credentials = new Map<DeviceId, Credential[]>();
    const filters = remembered((text: string) => JSON.parse(text) as readonly string[]);
    for (const row of db.all<CredentialRow>(
      `SELECT c.id, c.device_id, c.token_sha256, c.topic_filters, c.expires_at FROM devices d
       JOIN credentials c ON c.device_id = d.id AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > ?) ${one}`,
      clock(),
      ...values,
    )) {
      const credential = {
        id: row.id as Credential['id'],
        tokenSha256: row.token_sha256,
        topicFilters: filters(row.topic_filters),
        expiresAt: row.expires_at,
      };
      const known = credentials.get(row.device_id);
      if (known) known.push(credential);
      else credentials.set(row.device_id, [credential]);
    }
    const models = remembered((model: DeviceModelId) => {
      const row = db.get<{ body: string }>('SELECT body FROM models WHERE id = ?', model);
      const { format, rateLimit, channels } = JSON.parse(row?.body ?? 'null') as DeviceModel;
      return { format, rateLimit, channels, knownChannels: new Set(channels.map((channel) => channel.key)) };
    });
    return db
      .all<{
        id: DeviceId;
        agency_id: AgencyId;
        model_id: DeviceModelId;
        state: DeviceDirectoryEntry['state'];
      }>(`SELECT d.id, d.agency_id, d.model_id, d.state FROM devices d ${one}`, ...values)
      .map((device) => {
        const { format, rateLimit, channels, knownChannels } = models(device.model_id);
        const served = series.get(device.id);
        const connected: [string, { series: SeriesId } & Omit<DeviceModel['channels'][number], 'key'>][] = [];
        for (const { key, quantity, plausibleRange } of channels) {
          const number = served?.get(quantity);
          if (number !== undefined) connected.push([key, { series: number, quantity, plausibleRange }]);
        }
        return {
          deviceId: device.id,
          agencyId: device.agency_id,
          state: device.state,
          format,
          rateLimit,
          channels: new Map(connected),
          knownChannels,
          credentials: credentials.get(device.id) ?? [],
        };
      });
  };

  return {
    devices: async () => read(),
    device: async (id) => read(id)[0],
    async series() {
      const place = remembered((id: PointId) => {
        const row = db.get<{ body: string }>('SELECT body FROM points WHERE id = ?', id);
        const { siteId, agencyId, domain, tags } = JSON.parse(row?.body ?? 'null') as Point;
        return { siteId, agencyId, domain, tags };
      });
      return db
        .all<{ id: SeriesId; point_id: PointId; quantity: QuantityKey }>(
          'SELECT id, point_id, quantity FROM series ORDER BY id',
        )
        .map(({ id, point_id, quantity }): SeriesDirectoryEntry => {
          const { siteId, agencyId, domain, tags } = place(point_id);
          return { series: id, quantity, pointId: point_id, siteId, agencyId, domain, tags };
        });
    },
  };
}

/** `make` called once for each key, for as long as the returned function is kept. */
function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}
