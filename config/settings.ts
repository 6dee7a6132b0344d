import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

/**
 * Every setting of the platform, in one schema: from a YAML or JSON file, then `HD_…` variables over it
 * (`HD_MQTT_PORT=1884` sets `mqtt.port`; `HD_…_FILE` reads the value from a file, for secrets). Strict: a misspelt key is an error.
 */
const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0']).transform((s) => s === 'true' || s === '1')]);
const positive = z.coerce.number().positive();
const count = z.coerce.number().int().positive();

export const SettingsSchema = z.strictObject({
  /** Where journal, store, registry, quarantine and broker sessions live. */
  dataDirectory: z.string().min(1).default('data'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  timeZone: z.string().default('Asia/Ho_Chi_Minh'),
  http: z
    .strictObject({
      host: z.string().default('::'),
      port: port.default(8080),
      /** Address people use, e.g. `https://haidang.example`; https makes cookies Secure. */
      publicUrl: z.url().optional(),
      /** Number of reverse proxies in front whose `X-Forwarded-*` is believed. */
      trustedProxies: z.coerce.number().int().min(0).default(0),
      bodyLimitBytes: count.default(1_048_576),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      host: z.string().default('::'),
      port: port.default(1883),
      tlsPort: port.default(8883),
      tlsCertificateFile: z.string().optional(),
      tlsKeyFile: z.string().optional(),
      maxConnections: count.default(20_000),
      /** MQTT packets above this close the connection. */
      maxPacketBytes: count.default(262_144),
      /** Sustained messages a second per device; a model may say otherwise. */
      deviceMessagesPerSecond: positive.default(10),
      deviceBurstMessages: count.default(100),
      slowedBeforeCutSeconds: positive.default(30),
      cutForSeconds: positive.default(300),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      /** Readings dated ahead of arrival by up to this are kept as suspect, beyond it quarantined. */
      clockAheadSeconds: positive.default(300),
      maximumAgeDays: positive.default(30),
      outOfRangeBeforeNotice: count.default(3),
      maximumItemsPerMessage: count.default(10_000),
      resendWindowSeconds: positive.default(300),
      /** Messages accepted but not yet durable, over all devices; beyond it connections are read no further. */
      maximumMessagesInFlight: count.default(50_000),
    })
    .prefault({}),
  quarantine: z
    .strictObject({ capacityBytes: count.default(268_435_456), deviceShareBytes: count.default(4_194_304) })
    .prefault({}),
  journal: z
    .strictObject({ capacityBytes: count.default(4_294_967_296), retainSeconds: positive.default(300) })
    .prefault({}),
  store: z
    .discriminatedUnion('engine', [
      z.strictObject({
        engine: z.literal('duckdb'),
        memoryLimitMegabytes: count.default(160),
        /** Raw readings older than this are dropped, rollups stay; absent keeps everything. */
        retentionDays: positive.optional(),
      }),
      z.strictObject({
        engine: z.literal('influxdb'),
        url: z.url(),
        /** 2.x: token, organisation, bucket; 1.8+: database, user, password. */
        api: z.enum(['v1', 'v2']).default('v2'),
        token: z.string().optional(),
        organisation: z.string().optional(),
        bucket: z.string().optional(),
        database: z.string().optional(),
        user: z.string().optional(),
        password: z.string().optional(),
      }),
    ])
    .prefault({ engine: 'duckdb' }),
  alarms: z.strictObject({ lateQuietSeconds: positive.default(120) }).prefault({}),
  live: z
    .strictObject({ maximumClients: count.default(2_000), framesPerSecond: positive.max(4).default(4) })
    .prefault({}),
  map: z
    .strictObject({
      mode: z.enum(['offline', 'style', 'pmtiles']).default('offline'),
      styleUrl: z.url().optional(),
      pmtilesUrl: z.url().optional(),
      flavor: z.enum(['light', 'dark']).optional(),
      attribution: z.string().optional(),
      boundariesUrl: z.string().optional(),
    })
    .prefault({}),
  demo: z
    .strictObject({
      devices: z.coerce.number().int().min(0).default(10_000),
      historyDays: z.coerce.number().min(0).default(30),
      seed: z.coerce.number().int().default(1),
      scenario: z.string().optional(),
      fleet: flag.default(true),
    })
    .prefault({}),
});

export type Settings = z.output<typeof SettingsSchema>;

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Names a variable's words are tried against: `HD_MQTT_TLS_PORT` → `mqtt.tlsPort`. */
function keyFor(schema: Record<string, unknown>, name: string): string | undefined {
  const wanted = name.replaceAll('_', '').toLowerCase();
  return Object.keys(schema).find((key) => key.toLowerCase() === wanted);
}

const SECTIONS = SettingsSchema.shape;
const SECTION_KEYS: Record<string, readonly string[]> = {
  http: ['host', 'port', 'publicUrl', 'trustedProxies', 'bodyLimitBytes'],
  store: [
    'engine',
    'memoryLimitMegabytes',
    'retentionDays',
    'url',
    'api',
    'token',
    'organisation',
    'bucket',
    'database',
    'user',
    'password',
  ],
};

/** All keys of a section of the schema. */
function keysOf(section: string): readonly string[] {
  const named = SECTION_KEYS[section];
  if (named) return named;
  const inner = (SECTIONS as Record<string, { def?: { innerType?: { shape?: object } } }>)[section]?.def?.innerType
    ?.shape;
  return inner ? Object.keys(inner) : [];
}

/** Lays `HD_…` variables over `base`. @throws {SettingsError} naming every variable that means nothing. */
function withVariables(
  base: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const result = structuredClone(base);
  const unknown: string[] = [];
  for (const [variable, raw] of Object.entries(environment)) {
    if (!variable.startsWith('HD_') || raw === undefined || variable === 'HD_SETTINGS') continue;
    const fromFile =
      variable.endsWith('_FILE') && !variable.endsWith('CERTIFICATE_FILE') && !variable.endsWith('KEY_FILE');
    const name = (fromFile ? variable.slice(3, -5) : variable.slice(3)).toUpperCase();
    const value = fromFile ? readFileSync(raw, 'utf8').trim() : raw;
    const whole = keyFor(SECTIONS, name);
    if (whole) {
      result[whole] = value;
      continue;
    }
    const section = Object.keys(SECTIONS).find((s) => name.startsWith(`${s.toUpperCase()}_`));
    const key =
      section && keyFor(Object.fromEntries(keysOf(section).map((k) => [k, 0])), name.slice(section.length + 1));
    if (!section || !key) {
      unknown.push(variable);
      continue;
    }
    result[section] = { ...((result[section] as object | undefined) ?? {}), [key]: value };
  }
  if (unknown.length > 0) throw new SettingsError(`Unknown settings in the environment: ${unknown.join(', ')}`);
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
