import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry as MetricsRegistry } from 'prom-client';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { createXmllintSchema } from '../../adapters/cap-schema/xmllint.ts';
import { openFirmwareFolder } from '../../adapters/firmware/folder.ts';
import { openLmdbJournal } from '../../adapters/journal/lmdb.ts';
import { findLmdbDamage, searchLmdbFile } from '../../adapters/journal/lmdb-file.ts';
import { createSender } from '../../adapters/notifications/sender.ts';
import { openPhotoFolder } from '../../adapters/photos/folder.ts';
import { watchProcess } from '../../adapters/process/process-counters.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import { hashPassword } from '../../api/auth/passwords.ts';
import { type Api, createApi } from '../../api/create-api.ts';
import { type ApiLimits, type ApiSettings, DEFAULT_API_LIMITS } from '../../api/ports.ts';
import { NEIGHBOUR_TOLERANCES } from '../../config/neighbour-tolerances.ts';
import { QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import { DEFAULT_KEEPING, retentionClasses } from '../../config/retention.ts';
import type { Actor, Role, RoleAssignment } from '../../domain/access.ts';
import type { Alarm, AlarmTransition } from '../../domain/alarm.ts';
import { DEFAULT_COMMISSIONING_TERMS } from '../../domain/commissioning.ts';
import type { AgencyId, AlarmId, GatewayId, PointId, RuleId, SeriesId, UserId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { NotificationSender } from '../../domain/ports/notifications.ts';
import type { Quarantine } from '../../domain/ports/quarantine.ts';
import type { CitySeed, Registry } from '../../domain/ports/registry.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type Reading, toColumns } from '../../domain/reading.ts';
import { type Clock, epochMs, hours, minutes, seconds } from '../../domain/time.ts';
import { answerForDuties } from '../../ingest/answer-for-duties.ts';
import { answerQuestions } from '../../ingest/answer-questions.ts';
import { createCodecBench } from '../../ingest/codec-bench.ts';
import { createCodecSandbox } from '../../ingest/decode/codec/codec-sandbox.ts';
import { createDeviceTail } from '../../ingest/device-tail.ts';
import { openQuarantine } from '../../ingest/quarantine/quarantine.ts';
import { createRetention } from '../../ingest/retention.ts';
import { ApiClient } from './api-client.ts';
import { stationFilesOf } from './station-file-parts.ts';

export const SYSTEM: Actor = { kind: 'system', name: 'test' };
export const ENVIRONMENT = 'env' as AgencyId;
export const POWER = 'power' as AgencyId;
export const PASSWORD = 'correct horse battery';
/** argon2id takes its time by design: one hash serves all the suites' accounts. */
const passwordHash = hashPassword(PASSWORD);

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const HERE = 'here' as GatewayId;
/** At the other servers: who does the duty is to be asked over the bus. */
const WITHOUT_DUTY = {
  status(): never {
    throw new Error('this process does nothing of it');
  },
  retry: async () => false,
};
const CODEC_LIMITS = { callMilliseconds: 50, memoryBytes: 16 * 1024 * 1024 };
const NAME = { vi: 'Trạm Lê Chân', en: 'Le Chan station' };
const LE_CHAN = { longitude: 106.68, latitude: 20.85 };
const DO_SON = { longitude: 106.79, latitude: 20.71 };

/** Two agencies: two air stations of one, a transformer of the other. */
export const CITY = {
  agencies: [
    { id: ENVIRONMENT, name: { vi: 'Sở Nông nghiệp và Môi trường', en: 'Department of Environment' } },
    { id: POWER, name: { vi: 'Điện lực Hải Phòng', en: 'Hai Phong Power' } },
  ],
  models: [
    model('air-1', ENVIRONMENT, 'environment', ['pm2_5', 'temperature']),
    model('meter-1', POWER, 'power', ['voltage']),
  ],
  sites: [
    site('s-le-chan', ENVIRONMENT, 'air_station', 'environment', LE_CHAN),
    site('s-do-son', ENVIRONMENT, 'air_station', 'environment', DO_SON),
    site('s-tba', POWER, 'transformer', 'power', LE_CHAN),
  ],
  links: [],
  points: [
    point('p-le-chan', 's-le-chan', ENVIRONMENT, 'environment', LE_CHAN, ['pm2_5', 'temperature'], ['school']),
    point('p-do-son', 's-do-son', ENVIRONMENT, 'environment', DO_SON, ['pm2_5'], []),
    point('p-tba', 's-tba', POWER, 'power', LE_CHAN, ['voltage'], []),
  ],
  devices: [
    device('air-le-chan', ENVIRONMENT, 'air-1', 'p-le-chan'),
    device('air-do-son', ENVIRONMENT, 'air-1', 'p-do-son'),
    device('meter-tba', POWER, 'meter-1', 'p-tba'),
  ],
  rules: [
    {
      id: 'r-pm',
      agencyId: ENVIRONMENT,
      name: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
      advice: null,
      enabled: true,
      quantity: 'pm2_5',
      selection: {},
      condition: { kind: 'above', levels: [{ severity: 'major', limit: 50, hold: 0 }], hysteresis: 5 },
      clearHold: 0,
      judgeSuspect: true,
      endsUnacknowledged: [],
    },
  ],
} as unknown as CitySeed;

function model(id: string, agencyId: AgencyId, domain: string, quantities: readonly string[]) {
  const channels = quantities.map((quantity) => ({ key: quantity, quantity, plausibleRange: null }));
  return {
    id,
    agencyId,
    maker: 'Maker',
    name: id,
    domain,
    format: 'native-json',
    channels,
    expectedInterval: seconds(60),
    rateLimit: null,
  };
}
function site(id: string, agencyId: AgencyId, kind: string, domain: string, location: object) {
  return { id, agencyId, kind, domain, name: NAME, location, wardCode: null, parentId: null, tags: [] };
}
function point(
  id: string,
  siteId: string,
  agencyId: AgencyId,
  domain: string,
  location: object,
  quantities: readonly string[],
  tags: readonly string[],
) {
  return { id, siteId, agencyId, domain, name: NAME, location, wardCode: null, tags, quantities };
}
function device(id: string, agencyId: AgencyId, modelId: string, serves: string) {
  return {
    id,
    agencyId,
    modelId,
    serialNumber: null,
    state: 'commissioned',
    tokenSha256: sha256(id),
    serves: [serves],
  };
}

/** An alarm of the rule `r-pm` as the rules raise it, with its first transition. */
export function aRaisedAlarm(given: Partial<Alarm> & Pick<Alarm, 'series' | 'startedAt'>): {
  readonly alarm: Alarm;
  readonly transitions: readonly AlarmTransition[];
} {
  const { series, startedAt } = given;
  const alarm: Alarm = {
    id: `r-pm:${series}:${startedAt}` as AlarmId,
    agencyId: ENVIRONMENT,
    ruleId: 'r-pm' as RuleId,
    ruleVersion: 1,
    pointId: 'p-le-chan' as PointId,
    quantity: 'pm2_5' as QuantityKey,
    origin: 'live',
    condition: 'active',
    work: 'new',
    severity: 'major',
    worstSeverity: 'major',
    activatedAt: startedAt,
    activationCount: 1,
    clearedAt: given.condition === 'cleared' ? startedAt : null,
    endedAt: null,
    silentSince: null,
    triggerValue: 61,
    worstValue: 61,
    lastValue: 61,
    limit: 50,
    onSuspectData: false,
    suppression: null,
    assignee: null,
    revision: null,
    recordedAt: startedAt,
    version: 1,
    ...given,
  };
  const transition: AlarmTransition = {
    alarmId: alarm.id,
    index: 1,
    kind: 'activated',
    eventTime: startedAt,
    recordedAt: alarm.recordedAt,
    by: null,
    severity: 'major',
    value: 61,
    note: null,
  };
  return { alarm, transitions: [transition] };
}

/** One of the API servers of a city. */
export interface ServingApi {
  readonly api: Api;
  readonly url: string;
  close(): Promise<void>;
}

export interface RunningApi extends ServingApi {
  readonly registry: Registry;
  readonly store: TimeSeriesStore;
  readonly bus: LiveBus;
  readonly quarantine: Quarantine;
  readonly stationFiles: Awaited<ReturnType<typeof stationFilesOf>>;
  readonly exportsFolder: string;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  /** Moves the platform's clock on. */
  pass(ms: number): void;
  /** A person holding the roles; made on first use. */
  person(name: string, roles: readonly RoleAssignment[]): Promise<UserId>;
  /** Signed in as a new person with one role. */
  as(role: Role, agency?: AgencyId): Promise<ApiClient>;
  anonymous(): ApiClient;
  /** Stores readings and announces them, as ingest does. */
  arrive(...readings: readonly Pick<Reading, 'series' | 'eventTime' | 'value'>[]): Promise<void>;
  series(point: string, quantity: string): Promise<SeriesId>;
  /** One more server on the same engines, closed with this one at the latest. */
  another(): Promise<ServingApi>;
}

export interface RunningOptions {
  /** Room for pictures; default: 1 GB. */
  readonly photoBytes?: number;
  readonly settings?: Partial<Omit<ApiSettings, 'limits'>>;
  readonly limits?: Partial<ApiLimits>;
  readonly city?: CitySeed;
  readonly notifications?: NotificationSender;
  /** Where station files are looked for. */
  readonly watchedFolder?: string;
}

/** The API on real engines in a folder of its own, listening on a free port. */
export async function runApi(options: RunningOptions = {}): Promise<RunningApi> {
  const folder = await mkdtemp(join(tmpdir(), 'hd-api-'));
  let shift = 0;
  const clock: Clock = () => epochMs(Date.now() + shift);
  const log = pino({ level: 'silent' });
  const bus = createInProcessBus((name, error) => {
    throw new Error(`listener of ${name} failed`, { cause: error });
  });
  const registry = openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  const city = options.city ?? CITY;
  await registry.seed(SYSTEM, city);
  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 128, onDamaged: () => {} });
  const journal = await openLmdbJournal({
    path: join(folder, 'journal'),
    capacityBytes: 16 * 1024 * 1024,
    retain: seconds(1),
    consumers: ['store', 'rules', 'live', 'indices'],
    clock,
    onFault: () => {},
  });
  const quarantine = openQuarantine({
    path: join(folder, 'quarantine'),
    capacityBytes: 1_048_576,
    deviceShareBytes: 262_144,
    modelOf: (id) => city.devices.find((one) => one.id === id)?.modelId,
    lmdbFiles: { findDamage: findLmdbDamage, search: searchLmdbFile },
  });
  const metrics = new MetricsRegistry();
  const sandbox = createCodecSandbox(CODEC_LIMITS);
  const codecs = createCodecBench({
    catalogue: QUANTITY_CATALOGUE,
    maximumItems: 1_000,
    ...CODEC_LIMITS,
  });
  answerQuestions({
    bus,
    gateway: HERE,
    quarantine,
    // What ingest does with a message whose cause was mended: it is marked, and says how many readings it gave.
    replay: async (ids) => {
      for (const id of ids) await quarantine.mark(id, 'replayed');
      return ids.map((id) => ({ id, accepted: 1, problems: [] }));
    },
    tail: createDeviceTail(clock),
    codecs: sandbox,
    directory: { settled: async () => {} },
  });
  const stationFiles = await stationFilesOf({
    folder,
    registry,
    store,
    bus,
    journal,
    quarantine,
    clock,
    watchedFolder: options.watchedFolder,
  });
  const retention = createRetention({
    store,
    series: () => registry.directory.series(),
    verdictsOn: async () => [],
    classes: retentionClasses(DEFAULT_KEEPING),
    catalogue: QUANTITY_CATALOGUE,
    utcOffset: hours(7),
    clock,
    onError: () => {},
  });
  answerForDuties({ bus, process: HERE, retention: () => retention.status(), stationFiles: () => stationFiles });
  const serve = async (process: GatewayId, of: MetricsRegistry) => {
    const api = createApi({
      process,
      registry,
      store,
      stationFiles: process === HERE ? stationFiles : { ...stationFiles, ...WITHOUT_DUTY },
      exportsFolder: join(folder, 'exports'),
      retention: process === HERE ? retention : WITHOUT_DUTY,
      bus,
      journal,
      firmwareFiles: openFirmwareFolder({
        path: join(folder, 'firmware'),
        maximumImageBytes: 400_000,
        capacityBytes: 1_000_000,
      }),
      photos: await openPhotoFolder({ path: join(folder, 'photos'), capacityBytes: options.photoBytes ?? 1e9 }),
      notifications:
        options.notifications ??
        createSender(
          {
            smtp: null,
            vapidFile: join(folder, 'web-push-key.pem'),
            contact: 'mailto:test@localhost.invalid',
            allowedTargets: ['127.0.0.0/8'],
            timeout: seconds(5),
          },
          clock,
        ),
      codecs,
      commissioning: { ...DEFAULT_COMMISSIONING_TERMS, neighbours: NEIGHBOUR_TOLERANCES },
      capSchema: createXmllintSchema({
        schema: readFileSync(join(import.meta.dirname, '../../config/cap/CAP-v1.2.xsd'), 'utf8'),
      }),
      catalogue: QUANTITY_CATALOGUE,
      formats: ['native-json'],
      clock,
      newId: randomUUID,
      randomBytes: (length) => randomBytes(length),
      metrics: of,
      onReloadFailed: (err) => log.error({ err }, 'not read again'),
      log,
      settings: {
        mode: 'serve',
        version: '0.1.0',
        timeZone: 'Asia/Ho_Chi_Minh',
        ruleReviewFrom: 'major',
        publicUrl: null,
        trustedProxies: 0,
        map: { basemap: { mode: 'offline' }, attribution: null, boundariesUrl: null },
        mapOrigins: [],
        warnings: { senderDomain: 'haidang.example', shownAfterEnd: hours(24), basemap: null },
        demoAccounts: null,
        demoStock: null,
        staticFolders: [],
        ...options.settings,
        limits: { ...DEFAULT_API_LIMITS, ...options.limits },
      },
    });
    const watched = watchProcess({ roles: ['api'], version: '0.1.0', startedAt: clock(), metrics: of, folder });
    const answersNoMore = bus.answer('process.counters', process, () => watched.read());
    const server = createServer(api.requestListener);
    api.attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await api.start();
    return {
      api,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        answersNoMore();
        watched.stop();
        await api.stop();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
  const first = await serve(HERE, metrics);
  const others: ServingApi[] = [];
  const { api, url } = first;

  const people = new Map<string, UserId>();
  const person = async (name: string, roles: readonly RoleAssignment[]): Promise<UserId> => {
    const known = people.get(name);
    if (known) return known;
    const user = await registry
      .as(SYSTEM)
      .users.create(
        { id: `u-${name}` as UserId, loginName: name, displayName: `Person ${name}`, language: 'vi', roles },
        await passwordHash,
      );
    people.set(name, user.id);
    return user.id;
  };
  return {
    api,
    url,
    registry,
    store,
    bus,
    quarantine,
    stationFiles,
    exportsFolder: join(folder, 'exports'),
    metrics,
    clock,
    pass: (ms) => {
      shift += ms;
    },
    person,
    async as(role, agency = ENVIRONMENT) {
      const agencyId = role === 'platform_admin' ? null : agency;
      const name = `${role}-${agencyId ?? 'all'}`;
      await person(name, [{ agencyId, role }]);
      return ApiClient.signIn(url, name, PASSWORD);
    },
    anonymous: () => new ApiClient(url),
    async arrive(...readings) {
      const columns = toColumns(readings.map((reading) => ({ ...reading, arrivalTime: clock(), quality: 0 as const })));
      await store.load([columns]);
      bus.publish('readings.kept', columns);
    },
    async series(pointId, quantity) {
      const found = (await registry.directory.series()).find(
        (entry) => entry.pointId === pointId && entry.quantity === quantity,
      );
      if (!found) throw new Error(`no series ${pointId} ${quantity}`);
      return found.series;
    },
    async another() {
      const process = `there-${others.length + 1}` as GatewayId;
      for (const id of [HERE, process])
        await registry.gateways.beat({ id, name: id, ttl: minutes(10), held: 0 }, clock());
      const other = await serve(process, new MetricsRegistry());
      others.push(other);
      return other;
    },
    async close() {
      await stationFiles.stop();
      for (const other of others) await other.close();
      await first.close();
      await codecs.stop();
      await sandbox.stop();
      await store.close();
      await journal.close();
      await quarantine.close();
      await bus.close();
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
