import { z } from 'zod';
import { DEVICE_STATES } from '../../domain/asset.ts';
import {
  agencyId,
  deviceId,
  deviceModelId,
  domainName,
  instant,
  language,
  localized,
  location,
  pointId,
  quantityKey,
  queryList,
  seriesId,
  siteId,
  tags,
  wardCode,
} from './wire.ts';

/** A device that serves a point now. `online` is null until its first connection is known. */
export const mapDevice = z.object({
  id: deviceId,
  modelId: deviceModelId,
  state: z.enum(DEVICE_STATES),
  online: z.boolean().nullable(),
  /** When `online` last changed. */
  since: instant.nullable(),
});
export type MapDevice = z.infer<typeof mapDevice>;

export const mapPoint = z
  .object({
    id: pointId,
    number: z.int().meta({ description: 'Stands for the id in `GET /map/places` and in live states' }),
    agencyId,
    siteId,
    domain: domainName,
    name: localized,
    location,
    wardCode: wardCode.nullable(),
    tags,
    series: z
      .array(
        z.object({
          id: seriesId,
          quantity: quantityKey,
          computed: z
            .literal(true)
            .exactOptional()
            .meta({ description: 'Worked out by the platform, sent by no device' }),
          staleAfterMs: z.number().meta({
            description:
              'No data once the newest reading is older: the catalogue’s, narrowed to three expected intervals of the device serving it',
          }),
        }),
      )
      .readonly(),
    /** Usually one; several when different devices serve different quantities. */
    devices: z.array(mapDevice).readonly(),
  })
  .meta({ id: 'MapPoint' });
export type MapPoint = z.infer<typeof mapPoint>;

/** Points named in one question. */
const MAP_POINTS_NAMED_MAX = 200;
/** Everything the map needs besides live values, in one answer: of all points, or of those named. */
export const mapPointsQuery = z.object({
  numbers: queryList(
    z
      .string()
      .regex(/^[0-9]{1,9}$/)
      .transform(Number),
    MAP_POINTS_NAMED_MAX,
  ).exactOptional(),
  ids: queryList(
    z.string().pipe(pointId as unknown as z.ZodType<string, string>),
    MAP_POINTS_NAMED_MAX,
  ).exactOptional(),
});
/** Answered with an ETag; ask again with `If-None-Match`. */
export const mapPoints = z.object({
  at: instant,
  /** Changes with whatever is told of points, devices and agencies here; not with a device's coming and going. */
  assets: z.string(),
  agencies: z.array(z.object({ id: agencyId, name: localized })).readonly(),
  points: z.array(mapPoint).readonly(),
});
export type MapPoints = z.infer<typeof mapPoints>;

export const basemap = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('offline') }),
  z.object({ mode: z.literal('style'), styleUrl: z.string() }),
  z.object({ mode: z.literal('pmtiles'), pmtilesUrl: z.string(), flavor: z.enum(['light', 'dark']).nullable() }),
]);
export const appSettings = z
  .object({
    mode: z.enum(['demo', 'serve']),
    version: z.string(),
    /** True until the first administrator exists: the page offers the set-up form. */
    setupOpen: z.boolean(),
    timeZone: z.string(),
    defaultLanguage: language,
    map: z.object({ basemap, attribution: z.string().nullable(), boundariesUrl: z.string().nullable() }),
    alarms: z.object({
      shelveAtMostMs: z.number().meta({ description: 'An alarm is shelved for so long at the most' }),
    }),
    live: z.object({
      /** A frame comes at least this often, changes or none: data older than a few of these means a dead line. */
      heartbeatMs: z.number(),
      /** A city of more points is not given whole: screens ask for what they show. */
      pointsWhole: z.number(),
    }),
    /** Only in demo mode, which listens on loopback only. */
    demoAccounts: z
      .array(z.object({ loginName: z.string(), password: z.string(), title: localized }))
      .readonly()
      .nullable(),
    demoStock: z
      .array(z.object({ deviceId, code: z.string() }))
      .readonly()
      .nullable()
      .meta({
        description:
          'In the demo alone: devices in stock and the codes on their labels, for trying the installer’s app',
      }),
  })
  .meta({ id: 'AppSettings' });
export type AppSettings = z.infer<typeof appSettings>;

export const searchHit = z
  .object({
    kind: z.enum(['point', 'site', 'device']),
    id: z.string(),
    label: z.string(),
    location: location.nullable(),
  })
  .meta({ id: 'SearchHit' });
