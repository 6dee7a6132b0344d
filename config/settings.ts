import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { SEVERITIES } from '../domain/rule.ts';
import { NotificationSettings } from './notification-settings.ts';
import {
  DEFAULT_KEEPING,
  KEPT,
  type KeepingInDays,
  type KeptDays,
  keepingInDays,
  RETENTION_CLASSES,
  type RetentionClassKey,
} from './retention.ts';

/**
 * Every setting of the platform, in one schema: from a YAML or JSON file, then `HD_…` variables over it
 * (`HD_MQTT_PORT=1884` sets `mqtt.port`; `HD_…_FILE` reads the value from a file, for secrets). Strict: a misspelt key is an error.
 * Each key's description is what `npm run settings` prints.
 */
const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0']).transform((s) => s === 'true' || s === '1')]);
const positive = z.coerce.number().positive();
const count = z.coerce.number().int().positive();
const percent = z.coerce.number().positive().max(100);
const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
const retentionDays = positive.optional();
const keptDays = z.union([z.literal('forever'), positive]);

const CLASS_WORDS: Readonly<Record<RetentionClassKey, string>> = {
  environment: 'air, weather, noise, rivers, rain and water quality',
  supply: 'networks of power and water',
  traffic: 'traffic',
  hardware: 'what devices say of themselves',
  computed: 'indices worked out by the platform',
};
type KeptSetting = `${RetentionClassKey}${Capitalize<(typeof KEPT)[number]>}Days`;
const keptSetting = (key: RetentionClassKey, kept: (typeof KEPT)[number]): KeptSetting =>
  `${key}${kept[0]!.toUpperCase()}${kept.slice(1)}Days` as KeptSetting;
const KEPT_WORDS = { raw: 'Readings', hourly: 'Hourly values', daily: 'Daily values' } as const;

/** `trafficRawDays`, `trafficHourlyDays` … with the defaults of `config/retention.ts`. */
const keptShape = Object.fromEntries(
  RETENTION_CLASSES.flatMap((key) =>
    KEPT.map((kept) => [
      keptSetting(key, kept),
      keptDays
        .default(DEFAULT_KEEPING[key][kept])
        .describe(`${KEPT_WORDS[kept]} of ${CLASS_WORDS[key]}: days, or forever`),
    ]),
  ),
) as Record<KeptSetting, z.ZodDefault<typeof keptDays>>;

/** How long each class of quantities is kept. */
export const keepingOf = (given: Readonly<Record<KeptSetting, KeptDays>>): Record<RetentionClassKey, KeepingInDays> =>
  Object.fromEntries(
    RETENTION_CLASSES.map((key) => [
      key,
      Object.fromEntries(KEPT.map((kept) => [kept, given[keptSetting(key, kept)]])),
    ]),
  ) as unknown as Record<RetentionClassKey, KeepingInDays>;

export const SettingsSchema = z.strictObject({
  roles: z
    .string()
    .default('all')
    .describe(
      'What this process does: all, alone; or some of gateway, worker, api with commas between them, beside other processes on the same servers',
    ),
  dataDirectory: z
    .string()
    .min(1)
    .default('data')
    .describe('Folder of everything that is kept: journal, store, registry, quarantine, broker sessions'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severity that is logged'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'no such time zone, e.g. Asia/Ho_Chi_Minh')
    .default('Asia/Ho_Chi_Minh')
    .describe("The site's time zone: where its days begin"),
  http: z
    .strictObject({
      host: z
        .string()
        .default('::')
        .describe('Address to listen on; "::" is all of IPv6 and IPv4. The demo: 127.0.0.1'),
      port: port.default(8080).describe('Dashboard, API, live connections, ingest by HTTP and MQTT over WebSocket'),
      publicUrl: z
        .url()
        .optional()
        .describe('Address people use, e.g. https://haidang.example; https makes cookies Secure'),
      trustedProxies: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('Number of reverse proxies in front whose X-Forwarded-* headers are believed'),
      bodyLimitBytes: count.default(1_048_576).describe('Larger request bodies are refused with 413'),
    })
    .prefault({})
    .describe('The HTTP port'),
  mqtt: z
    .strictObject({
      host: z.string().default('::').describe('Address to listen on. The demo: 127.0.0.1'),
      port: port.default(1883).describe('MQTT 3.1 and 3.1.1 without TLS'),
      tlsPort: port.default(8883).describe('MQTT over TLS, when certificate and key are given'),
      tlsCertificateFile: z.string().optional().describe('Certificate chain, PEM'),
      tlsKeyFile: z.string().optional().describe('Private key, PEM'),
      proxyProtocol: flag
        .default(false)
        .describe(
          'A balancer in front says where each connection comes from, by the PROXY protocol, version 2; one that does not begin with it is closed',
        ),
      maxConnections: count.default(20_000).describe('Connections beyond this are refused'),
      maxPacketBytes: count.default(262_144).describe('A larger MQTT packet closes its connection'),
      maxSubscriptions: count.default(100).describe('Subscriptions of one connection; more are refused'),
      maxQueuedMessages: count.default(1_000).describe('Messages kept for an absent session; later ones are dropped'),
      willsAfterCrashSeconds: positive
        .default(60)
        .describe(
          'After a crash, wills of devices that did not come back are published this long after the next start',
        ),
      deviceMessagesPerSecond: positive
        .default(10)
        .describe('Sustained messages a second of one device; its model may say otherwise'),
      deviceBurstMessages: count.default(100).describe('Messages a device may send at once'),
      registrationsPerSecond: positive
        .default(500)
        .describe(
          'Devices that register themselves with one profile; beyond it they wait, then are refused with a code',
        ),
      registrationBurst: count.default(10_000).describe('Registrations with one profile that are taken at once'),
      slowedBeforeCutSeconds: positive
        .default(30)
        .describe('A device above its rate is read more slowly; after this long it is cut off'),
      cutForSeconds: positive.default(300).describe('How long a device that was cut off is refused'),
    })
    .prefault({})
    .describe('The broker'),
  ingest: z
    .strictObject({
      processName: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe(
          'What people call this process, where there are several that messages come to; otherwise the name of the machine',
        ),
      goneAfterSeconds: positive
        .default(15)
        .describe(
          'A process that was not heard of for so long is taken for gone by the others, and its devices for offline',
        ),
      clockAheadSeconds: positive
        .default(300)
        .describe('Readings dated ahead of their arrival by up to this are kept as suspect, beyond it quarantined'),
      maximumAgeDays: positive.default(30).describe('Older readings go to quarantine, from where they can be replayed'),
      outOfRangeBeforeNotice: count
        .default(3)
        .describe('Impossible values of one series in a row before the operators are told of a faulty sensor'),
      maximumItemsPerMessage: count.default(10_000).describe('A message with more items goes to quarantine'),
      resendWindowSeconds: positive
        .default(300)
        .describe('How long a message without a time is recognised when it is sent again'),
      maximumMessagesInFlight: count
        .default(50_000)
        .describe('Messages accepted but not yet durable, over all devices; beyond it none is acknowledged'),
      codecMilliseconds: positive
        .default(50)
        .describe(
          'Computing time of one call of a device model’s JavaScript codec; beyond it the message goes to quarantine',
        ),
      codecMemoryBytes: count
        .default(16_777_216)
        .describe('Memory a JavaScript codec may hold; beyond it the message goes to quarantine'),
      sourcesPath: z.string().optional().describe('YAML file that lists other brokers to read from'),
    })
    .prefault({})
    .describe('What is believed of a message'),
  firmware: z
    .strictObject({
      maximumImageBytes: count.default(67_108_864).describe('A larger image is refused with 413'),
      capacityBytes: count
        .default(2_147_483_648)
        .describe('Bytes of all images kept; beyond it uploads are refused until old ones are withdrawn'),
      downloadsAtOnce: count
        .default(64)
        .describe('Devices that load an image at the same time; others are told to come again in 10 s'),
    })
    .prefault({})
    .describe('Firmware for devices'),
  stationFiles: z
    .strictObject({
      watchedFolder: z
        .string()
        .min(1)
        .optional()
        .describe('Folder that an FTP server fills with files of monitoring stations. Absent: none is watched'),
      pollSeconds: positive.default(10).describe('How often it is looked at, and files to be written are looked for'),
      quietSeconds: positive.default(5).describe('A file is read once it has been left alone for this long'),
      maximumFileBytes: count.default(1_048_576).describe('A larger file goes to failed/, or is refused with 413'),
      keepDoneDays: positive.default(60).describe('Processed files are deleted from done/ after this many days'),
      exportFolder: z
        .string()
        .min(1)
        .optional()
        .describe('Folder below which files of stations are written on schedule. Absent: none are'),
      exportDelaySeconds: positive
        .default(60)
        .describe('The file of an interval is written this long after its end, so that ordinary lateness is in it'),
    })
    .prefault({})
    .describe('Files of automatic monitoring stations (Circular 10/2021/TT-BTNMT)'),
  exports: z
    .strictObject({
      keepHours: positive.default(72).describe('Files of readings that people ordered can be loaded this long'),
      maximumRows: count.default(50_000_000).describe('An order of more rows is refused'),
      capacityBytes: count
        .default(10_737_418_240)
        .describe(
          'Bytes of all files that wait to be loaded; beyond it orders are refused until some expire or are removed',
        ),
    })
    .prefault({})
    .describe('Exports of readings'),
  quarantine: z
    .strictObject({
      capacityBytes: count.default(268_435_456).describe('Bytes of all messages held; beyond it the oldest go first'),
      deviceShareBytes: count
        .default(4_194_304)
        .describe("One device's share of it; beyond it its own oldest go first"),
    })
    .prefault({})
    .describe('Where messages go that cannot be used'),
  photos: z
    .strictObject({
      capacityBytes: count
        .default(21_474_836_480)
        .describe('Bytes of all pictures of installations; full, new ones are refused and none is removed'),
    })
    .prefault({})
    .describe('Pictures that installers take'),
  disk: z
    .strictObject({
      warnAtPercent: percent.default(80).describe('So much of the data directory’s disk in use, operators are told'),
      stopAtPercent: percent
        .default(98)
        .describe('So much in use, nothing new is acknowledged until there is room again; above warnAtPercent'),
    })
    .refine(({ warnAtPercent, stopAtPercent }) => warnAtPercent < stopAtPercent, {
      path: ['stopAtPercent'],
      message: 'must be above warnAtPercent',
    })
    .prefault({})
    .describe('The disk that the data directory is on'),
  journal: z
    .strictObject({
      engine: z
        .enum(['lmdb', 'nats'])
        .default('lmdb')
        .describe('lmdb: in the process, in the data directory. nats: JetStream of the servers in nats.servers'),
      capacityBytes: count
        .default(4_294_967_296)
        .describe('Bytes of readings the journal may hold while a consumer is behind; full, nothing is acknowledged'),
      retainSeconds: positive
        .default(300)
        .describe('Entries stay at least this long; not less than ingest.resendWindowSeconds'),
    })
    .prefault({})
    .describe('The durable line between accepting a reading and everything done with it'),
  bus: z
    .strictObject({
      engine: z
        .enum(['in-process', 'nats'])
        .default('in-process')
        .describe('nats: what happens is also told to other processes on the servers in nats.servers'),
    })
    .prefault({})
    .describe('The live bus: who tells whom what just happened'),
  nats: z
    .strictObject({
      servers: z
        .string()
        .optional()
        .describe('Addresses separated by commas, e.g. nats://nats-1:4222,nats://nats-2:4222; tls://… for TLS'),
      user: z.string().optional().describe('User, when the servers ask for one'),
      password: z.string().optional().describe('Password of the user'),
      stream: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/)
        .default('hai-dang-journal')
        .describe(
          'Name of the stream that is the journal, and first word of its subjects; with -live behind it, of those of the bus',
        ),
      replicas: z.coerce
        .number()
        .int()
        .min(1)
        .max(5)
        .default(3)
        .describe('Servers that hold each entry; it is acknowledged once most of them have it. Odd numbers'),
    })
    .prefault({})
    .describe('NATS servers with JetStream, version 2.9 or later, for a platform of several machines'),
  registry: z
    .discriminatedUnion('engine', [
      z.strictObject({
        engine: z.literal('sqlite').describe('In the process, in the data directory; nothing to install'),
      }),
      z.strictObject({
        engine: z
          .literal('postgres')
          .describe('A PostgreSQL server, 15 or newer, with a database for this platform alone'),
        url: z
          .url({ protocol: /^postgres(ql)?$/ })
          .describe('Its address, e.g. postgres://hai_dang@postgres:5432/hai_dang?sslmode=verify-full'),
        password: z.string().optional().describe('Password of the user'),
        connections: count.max(100).default(10).describe('Connections at most; one of them writes'),
      }),
    ])
    .prefault({ engine: 'sqlite' })
    .describe('Agencies, sites, points, devices, rules, alarms, users and audit'),
  store: z
    .discriminatedUnion('engine', [
      z.strictObject({
        engine: z.literal('duckdb').describe('In the process, in the data directory; nothing to install'),
        memoryLimitMegabytes: count.default(160).describe('What DuckDB may use'),
        retentionDays: retentionDays.describe(
          'No class of quantities keeps readings for longer than these days, whatever the section retention says',
        ),
      }),
      z.strictObject({
        engine: z.literal('influxdb').describe('A server of its own'),
        url: z.url().describe('Its address, e.g. http://influxdb:8086'),
        api: z
          .enum(['v1', 'v2'])
          .default('v2')
          .describe('v2 (InfluxDB 2.x): token, organisation, bucket. v1 (1.8 and older): database, user, password'),
        token: z.string().optional().describe('v2: token that may read, write and delete in the bucket'),
        organisation: z.string().optional().describe('v2: organisation'),
        bucket: z.string().optional().describe('v2: bucket, kept for ever: the section retention says how long'),
        database: z.string().optional().describe('v1: database, kept for ever: the section retention says how long'),
        user: z.string().optional().describe('v1: user, when the server asks for one'),
        password: z.string().optional().describe('v1: password of the user'),
        retentionDays: retentionDays.describe(
          'No class of quantities keeps readings for longer than these days, whatever the section retention says',
        ),
      }),
    ])
    .prefault({ engine: 'duckdb' })
    .describe('The time-series store'),
  retention: z
    .strictObject(keptShape)
    .superRefine((given, context) => {
      for (const [key, keeping] of Object.entries(keepingOf(given))) {
        const checked = keepingInDays.safeParse(keeping);
        for (const { message } of checked.error?.issues ?? [])
          context.addIssue({ code: 'custom', path: [`${key}RawDays`], message });
      }
    })
    .prefault({})
    .describe('How long readings are kept, and after them their hourly and daily values'),
  alarms: z
    .strictObject({
      lateQuietSeconds: positive
        .default(120)
        .describe('A series must have been quiet this long about late readings before they are judged'),
      maximumShelveHours: positive.default(168).describe('An alarm is shelved for so long at the most'),
      maintenanceReminderMinutes: positive
        .default(15)
        .describe('So long before its end the owner of maintenance is reminded'),
      carrierGraceSeconds: positive
        .default(300)
        .describe('What is behind a gateway or site is kept quiet for so long after its return'),
      incidentRadiusMetres: positive
        .default(300)
        .describe(
          'Alarms of one quantity within this distance are taken for one incident; weather and jams reach farther',
        ),
      incidentWindowMinutes: positive
        .default(10)
        .describe(
          'Alarms are taken for one incident when they begin within this time; silence and weather have longer',
        ),
      reviewFrom: z
        .enum([...SEVERITIES, 'never'])
        .default('major')
        .describe(
          'From this severity on a rule needs a second person to go live; administrators of the agency may do without',
        ),
    })
    .prefault({})
    .describe('Rules and alarms'),
  warnings: z
    .strictObject({
      senderDomain: z
        .string()
        .regex(/^[A-Za-z0-9.-]+$/)
        .optional()
        .describe('Host name behind the @ of the agencies as senders of CAP messages; absent: that of http.publicUrl'),
      shownAfterEndHours: positive
        .default(24)
        .describe('A warning stays on the public page and in the feed for so long after its end'),
    })
    .prefault({})
    .describe('Official warnings'),
  notifications: NotificationSettings,
  tracing: z
    .strictObject({
      otlpUrl: z
        .url()
        .optional()
        .describe(
          'Address of an OpenTelemetry collector that takes OTLP by HTTP, e.g. http://collector:4318. Absent: nothing is traced',
        ),
      share: positive
        .max(1)
        .default(0.01)
        .describe('Share of the batches of messages whose way is traced, from gateway to alarm and message'),
    })
    .prefault({})
    .describe('Traces'),
  live: z
    .strictObject({
      maximumClients: count.default(2_000).describe('Live connections beyond this are refused'),
      framesPerSecond: positive.max(4).default(4).describe('Frames a second that a screen gets at the most'),
      pointsWhole: count
        .default(5_000)
        .describe('A city of more points is not given to screens whole: names and readings come for what they show'),
    })
    .prefault({})
    .describe('Live connections of screens'),
  map: z
    .strictObject({
      mode: z
        .enum(['offline', 'style', 'pmtiles'])
        .default('offline')
        .describe("The base map: the one that comes with the platform, the site's style, or the site's PMTiles file"),
      styleUrl: z.url().optional().describe('mode style: address of a MapLibre style'),
      pmtilesUrl: z.url().optional().describe('mode pmtiles: address of a file with Protomaps tiles'),
      flavor: z.enum(['light', 'dark']).optional().describe('mode pmtiles: always this flavour; absent: as the screen'),
      attribution: z.string().optional().describe('Shown in the corner of the map'),
      boundariesUrl: z.string().optional().describe('GeoJSON with the outlines of wards'),
    })
    .prefault({})
    .describe('The map'),
  demo: z
    .strictObject({
      historyDays: z.coerce.number().min(0).default(30).describe('Days of history that are filled in; 0: none'),
      seed: z.coerce.number().int().default(1).describe('Of the signals and of the device tokens'),
      scenario: z
        .string()
        .optional()
        .describe(
          'Begins with the start: typhoon-flood, transformer-outage, pipe-burst, smog-episode, road-crash or gateway-outage',
        ),
      fleet: flag.default(true).describe('false: no simulated devices; send readings of your own'),
    })
    .prefault({})
    .describe('The demo city of `npm start`; without meaning for `npm run serve`'),
});

export type Settings = z.output<typeof SettingsSchema>;

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** A schema without what wraps it (default, prefault, optional). */
export function unwrapped(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional)
    inner = inner.def.innerType as z.ZodType;
  return inner;
}

/** The settings of a section, one set for each engine it can have; none when `schema` is a single setting. */
export function variantsOf(schema: z.ZodType): readonly Readonly<Record<string, z.ZodType>>[] {
  const inner = unwrapped(schema);
  const options = inner instanceof z.ZodDiscriminatedUnion ? (inner.options as readonly z.ZodType[]) : [inner];
  return options.flatMap((option) =>
    option instanceof z.ZodObject ? [option.shape as Record<string, z.ZodType>] : [],
  );
}

/** `HD_MQTT_TLS_PORT` of `['mqtt', 'tlsPort']`. */
export const variableOf = (...path: readonly string[]): string =>
  `HD_${path.map((word) => word.replaceAll(/(?=[A-Z])/g, '_').toUpperCase()).join('_')}`;

/** Where each variable's value goes: one entry per setting. */
const PATHS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(SettingsSchema.shape).flatMap(([section, schema]) => {
    const variants = variantsOf(schema);
    const paths =
      variants.length === 0
        ? [[section]]
        : variants.flatMap((shape) => Object.keys(shape).map((key) => [section, key]));
    return paths.map((path) => [variableOf(...path), path] as const);
  }),
);

/** Names of all variables that set something; each also exists with `_FILE` behind it, which names a file to read the value from. */
export const SETTING_VARIABLES: ReadonlySet<string> = new Set(PATHS.keys());

const FROM_FILE = '_FILE';

/** What a section without any setting is made from: the store's engine, nothing else. */
function startOf(section: string): unknown {
  const schema = (SettingsSchema.shape as Record<string, z.ZodType>)[section];
  return schema instanceof z.ZodPrefault ? schema.def.defaultValue : {};
}

function secretIn(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new SettingsError(`${variable} names a file that can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** Lays `HD_…` variables over `base`. @throws {SettingsError} naming every variable that means nothing. */
function withVariables(
  base: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const result = structuredClone(base);
  const unknown: string[] = [];
  for (const [variable, raw] of Object.entries(environment)) {
    // An empty variable is one that a compose file or a unit left out.
    if (!variable.startsWith('HD_') || !raw || variable === 'HD_SETTINGS') continue;
    const direct = PATHS.get(variable);
    const path = direct ?? (variable.endsWith(FROM_FILE) ? PATHS.get(variable.slice(0, -FROM_FILE.length)) : undefined);
    if (path === undefined) {
      unknown.push(variable);
      continue;
    }
    const value = direct ? raw : secretIn(raw, variable);
    const [section, key] = path as readonly [string, string?];
    result[section] =
      key === undefined ? value : { ...((result[section] ?? startOf(section)) as object), [key]: value };
  }
  if (unknown.length > 0)
    throw new SettingsError(
      `Unknown settings in the environment: ${unknown.join(', ')}. \`npm run settings\` prints those there are.`,
    );
  return result;
}

/**
 * The whole of the settings, read once. `environment.HD_SETTINGS` names the file (YAML or JSON), if any.
 * @throws {SettingsError} with every problem at once.
 */
export function loadSettings(
  environment: Readonly<Record<string, string | undefined>>,
  overrides: Record<string, unknown> = {},
): Settings {
  const file = environment['HD_SETTINGS'];
  let base: Record<string, unknown> = {};
  if (file) {
    try {
      base = (parseYaml(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
    } catch (cause) {
      throw new SettingsError(`Settings file ${file} can't be read: ${(cause as Error).message}`, { cause });
    }
  }
  const parsed = SettingsSchema.safeParse(withVariables({ ...base, ...overrides }, environment));
  if (!parsed.success) throw new SettingsError(`Settings are wrong:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
