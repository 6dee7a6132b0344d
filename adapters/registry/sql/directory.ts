import type { Channel, DeviceDirectoryEntry, DeviceModel, Point, SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type {
  AgencyId,
  CredentialId,
  DeviceId,
  DeviceModelId,
  PointId,
  SeriesId,
} from '../../../domain/identifiers.ts';
import type { Registry } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context } from './access.ts';
import { pointNumbers } from './point-numbers.ts';

type Token = DeviceDirectoryEntry['credentials'][number];
type Certificate = DeviceDirectoryEntry['certificates'][number];

/** What the ingest path keeps in memory, read whole in few passes (twenty thousand devices in a few hundred milliseconds). */
export function directoryOf(context: Context): Registry['directory'] {
  const { db, clock } = context;
  const read = async (ids?: readonly DeviceId[]): Promise<DeviceDirectoryEntry[]> => {
    const one = ids === undefined ? '' : `WHERE d.id IN ${db.dialect.texts}`;
    const values = ids === undefined ? [] : [JSON.stringify(ids)];
    const series = new Map<DeviceId, Map<QuantityKey, SeriesId>>();
    for (const [device, number, quantity] of await db.tuples<readonly [DeviceId, SeriesId, QuantityKey]>(
      `SELECT d.id, s.id, s.quantity FROM devices d
       JOIN assignments a ON a.device_id = d.id AND a.to_time IS NULL JOIN series s ON s.point_id = a.point_id ${one}`,
      ...values,
    )) {
      const known = series.get(device);
      if (known) known.set(quantity, number);
      else series.set(device, new Map([[quantity, number]]));
    }
    const tokens = new Map<DeviceId, Token[]>();
    const certificates = new Map<DeviceId, Certificate[]>();
    const filters = remembered((text: string) => JSON.parse(text) as readonly string[]);
    for (const [credentialId, device, sha256, topicFilters, expiresAt, authorityId] of await db.tuples<
      readonly [CredentialId, DeviceId, string, string, EpochMs | null, string | null]
    >(
      `SELECT c.id, c.device_id, c.token_sha256, c.topic_filters, c.expires_at, c.authority_id FROM devices d
       JOIN credentials c ON c.device_id = d.id AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > ?) ${one}`,
      clock(),
      ...values,
    )) {
      const rights = { id: credentialId, topicFilters: filters(topicFilters), expiresAt };
      if (authorityId === null) added(tokens, device, { ...rights, tokenSha256: sha256 });
      else added(certificates, device, { ...rights, fingerprintSha256: sha256, authorityId });
    }
    const bodies = new Map(
      await db.tuples<readonly [DeviceModelId, string]>(
        `SELECT m.id, m.body FROM models m WHERE m.id IN (SELECT d.model_id FROM devices d ${one})`,
        ...values,
      ),
    );
    const models = remembered((model: DeviceModelId) => {
      const { format, codec = null, rateLimit, channels } = JSON.parse(bodies.get(model) ?? 'null') as DeviceModel;
      return { format, codec, rateLimit, channels, knownChannels: new Set(channels.map((channel) => channel.key)) };
    });
    return (
      await db.tuples<readonly [DeviceId, AgencyId, DeviceModelId, DeviceDirectoryEntry['state'], string | null]>(
        `SELECT d.id, d.agency_id, d.model_id, d.state, d.body ->> 'serialNumber' FROM devices d ${one}`,
        ...values,
      )
    ).map(([deviceId, agencyId, modelId, state, serialNumber]) => {
      const { format, codec, rateLimit, channels, knownChannels } = models(modelId);
      const served = series.get(deviceId);
      const connected: [string, { series: SeriesId; unit: string | null } & Omit<Channel, 'key' | 'unit'>][] = [];
      for (const { key, quantity, plausibleRange, unit = null, checks } of channels) {
        const number = served?.get(quantity);
        if (number !== undefined)
          connected.push([key, { series: number, quantity, plausibleRange, unit, ...(checks && { checks }) }]);
      }
      return {
        deviceId,
        agencyId,
        modelId,
        state,
        serialNumber,
        format,
        codec,
        rateLimit,
        channels: new Map(connected),
        knownChannels,
        credentials: tokens.get(deviceId) ?? [],
        certificates: certificates.get(deviceId) ?? [],
      };
    });
  };

  return {
    pointNumbers: () => pointNumbers(context),
    devices: async () => db.snapshot(async () => read()),
    device: async (id) => db.snapshot(async () => (await read([id]))[0]),
    some: async (ids) => db.snapshot(async () => read(ids)),
    async series() {
      return db.snapshot(async () => {
        const bodies = new Map(await db.tuples<readonly [PointId, string]>('SELECT id, body FROM points'));
        const place = remembered((id: PointId) => {
          const { siteId, agencyId, domain, tags, location, wardCode } = JSON.parse(bodies.get(id) ?? 'null') as Point;
          return { siteId, agencyId, domain, tags, location, wardCode };
        });
        const models = new Map<PointId, DeviceModelId[]>();
        for (const [pointId, model] of await db.tuples<readonly [PointId, DeviceModelId]>(
          'SELECT DISTINCT a.point_id, d.model_id FROM assignments a JOIN devices d ON d.id = a.device_id WHERE a.to_time IS NULL',
        )) {
          added(models, pointId, model);
        }
        return (
          await db.tuples<readonly [SeriesId, PointId, QuantityKey]>(
            'SELECT id, point_id, quantity FROM series ORDER BY id',
          )
        ).map(([series, pointId, quantity]): SeriesDirectoryEntry => {
          return { series, quantity, pointId, ...place(pointId), models: models.get(pointId) ?? [] };
        });
      });
    },
  };
}

function added<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const known = lists.get(key);
  if (known) known.push(item);
  else lists.set(key, [item]);
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
