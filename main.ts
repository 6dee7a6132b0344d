/** Composition root: the only file that knows every concrete class. Building is not starting. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Logger, pino } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Registry as MetricsRegistry } from 'prom-client';
import { createControlServer } from './adapters/backup/control-socket.ts';
import { createInProcessBus } from './adapters/bus/in-process.ts';
import { createXmllintSchema } from './adapters/cap-schema/xmllint.ts';
import { type DiskWatch, watchDisk, withinDiskBudget } from './adapters/disk/disk-watch.ts';
import { openFirmwareFolder } from './adapters/firmware/folder.ts';
import { type JournalFault, openLmdbJournal } from './adapters/journal/lmdb.ts';
import { findLmdbDamage, searchLmdbFile } from './adapters/journal/lmdb-file.ts';
import { openPhotoFolder } from './adapters/photos/folder.ts';
import { openSqliteRegistry, RegistryDamagedError } from './adapters/registry/sqlite.ts';
import { type DuckDbTimeSeriesStore, openDuckDbStore } from './adapters/timeseries/duckdb.ts';
import { openInfluxStore } from './adapters/timeseries/influx.ts';
import { hashPassword } from './api/auth/passwords.ts';
import { sha256Hex } from './api/auth/secrets.ts';
import { createApi } from './api/create-api.ts';
import { type ApiSettings, DEFAULT_API_LIMITS } from './api/ports.ts';
import { loadPublicBasemap } from './config/basemap/public-basemap.ts';
import { demoFirmwareKey } from './config/city/demo-firmware.ts';
import { demoClaimCode } from './config/city/demo-stock.ts';
import { withDemoTokens } from './config/city/demo-tokens.ts';
import { HAI_PHONG_STOCK } from './config/city/hai-phong/stock.ts';
import { haiPhong, haiPhongFacts } from './config/city/hai-phong.ts';
import { correlationSettings } from './config/correlation.ts';
import { publishedIndices } from './config/indices/published.ts';
import { NEIGHBOUR_TOLERANCES } from './config/neighbour-tolerances.ts';
import { QUALITY_CHECKS } from './config/quality-checks.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import { loadSettings, type Settings, SettingsError } from './config/settings.ts';
import { settingsTemplate } from './config/settings-template.ts';
import { type BrokerSource, loadSources } from './config/sources.ts';
import { startFailure } from './config/start-failure.ts';
import type { Role } from './domain/access.ts';
import { DEFAULT_COMMISSIONING_TERMS } from './domain/commissioning.ts';
import type { FirmwareKeyId } from './domain/firmware/firmware-image.ts';
import type { DeviceId, SeriesId, UserId } from './domain/identifiers.ts';
import type { Localized } from './domain/localized.ts';
import type { PhotoFiles } from './domain/ports/commissioning.ts';
import type { FirmwareFiles } from './domain/ports/firmware.ts';
import type { Journal } from './domain/ports/journal.ts';
import type { LiveBus } from './domain/ports/live-bus.ts';
import type { Registry } from './domain/ports/registry.ts';
import type { ResolveSeries, SeriesName, TimeSeriesStore } from './domain/ports/time-series-store.ts';
import { claimPreimage } from './domain/provisioning.ts';
import { judgedReadings, VerdictBook } from './domain/quality-verdicts.ts';
import { after, before, days, epochMs, hours, minutes, seconds } from './domain/time.ts';
import { localTimeIn } from './domain/time-zone.ts';
import { type DemoFleet, startDemoFleet } from './firmware-sim/demo-fleet.ts';
import { historyFor } from './firmware-sim/history.ts';
import { isScenarioName, SCENARIO_NAMES, type ScenarioName } from './firmware-sim/scenarios/scenarios.ts';
import { createStreet } from './firmware-sim/signals/street.ts';
import { FindingsConsumer } from './ingest/consumers/findings/findings-consumer.ts';
import { IncidentCorrelator } from './ingest/consumers/incidents/incident-correlator.ts';
import { createIndicesConsumer, type IndicesConsumer } from './ingest/consumers/indices/indices-consumer.ts';
import { createRulesConsumer, type RulesConsumer } from './ingest/consumers/rules/rules-consumer.ts';
import { VerdictWatch } from './ingest/consumers/rules/verdict-watch.ts';
import { FORMATS } from './ingest/decode/formats.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { COUNTERS, type CounterName } from './ingest/metrics.ts';
import type { RaiseNotice } from './ingest/notices.ts';
import { decodePayload } from './ingest/readings-codec.ts';
import { createRetention } from './ingest/retention.ts';
import { composeTelling } from './main-notifications.ts';
import manifest from './package.json' with { type: 'json' };

const VERSION = manifest.version;

/** Something that runs; parts are started in order and stopped in reverse. */
interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Platform {
  readonly httpPort: number;
  readonly mqttPort: number;
  /** Page that makes the first administrator; null once there is a user. */
  readonly setupPath: string | null;
  stop(): Promise<void>;
}

/** Names of series as the registry has them now; an engine that keeps names asks for them. */
async function seriesNames(
  registry: Registry,
  bus: LiveBus,
  onError: (error: unknown) => void,
): Promise<ResolveSeries> {
  let names = new Map<SeriesId, SeriesName>();
  const load = async (): Promise<void> => {
    names = new Map(
      (await registry.directory.series()).map((entry) => [
        entry.series,
        { quantity: entry.quantity, point: entry.pointId },
      ]),
    );
  };
  bus.subscribe('assets.changed', () => void load().catch(onError));
  await load();
  return (series) => names.get(series);
}

/**
 * How far the zone's standard time is ahead of UTC, in whole hours rounded down: where the store begins its days and weeks. Days of a zone with summer time,
 * or off by half an hour, come from finer buckets and are exact all the same.
 */
function standardOffsetHours(timeZone: string): number {
  const offset = localTimeIn(timeZone);
  const [january, july] = [offset(epochMs(Date.UTC(2026, 0, 15))), offset(epochMs(Date.UTC(2026, 6, 15)))];
  return Math.floor(Math.min(january, july) / hours(1));
}

async function openStore(
  { store, dataDirectory, timeZone }: Settings,
  resolveSeries: ResolveSeries,
  onDamaged: (file: string, reason: string) => void,
  onBeyondRetention: (readings: number) => void,
): Promise<TimeSeriesStore | DuckDbTimeSeriesStore> {
  if (store.engine === 'influxdb') {
    const missing = (name: string): never => {
      throw new SettingsError(`store.${name} is needed for InfluxDB by its ${store.api} interface`);
    };
    return openInfluxStore({
      url: store.url,
      access:
        store.api === 'v2'
          ? {
              api: 'v2',
              token: store.token ?? missing('token'),
              organisation: store.organisation ?? missing('organisation'),
              bucket: store.bucket ?? missing('bucket'),
            }
          : {
              api: 'v1',
              database: store.database ?? missing('database'),
              ...(store.user ? { user: store.user, password: store.password ?? missing('password') } : {}),
            },
      resolveSeries,
      onBeyondRetention,
    });
  }
  return openDuckDbStore({
    path: join(dataDirectory, 'store'),
    memoryLimitMegabytes: store.memoryLimitMegabytes,
    utcOffsetHours: standardOffsetHours(timeZone),
    onDamaged,
  });
}

type Told = Parameters<RaiseNotice>[0];
const notice = (kind: Told['kind'], params: Told['text']['params'] = {}): Told => ({
  kind,
  agencyId: null,
  deviceId: null,
  text: { key: `notice.${kind.replace('.', '_')}`, params },
});
/** Readings are kept under numbers that the registry gave: beside an empty one they would show as those of other points. */
function refuseReadingsWithoutRegistry(dataDirectory: string): void {
  const registry = join(dataDirectory, 'registry.sqlite');
  const readings = ['journal', 'store'].map((name) => join(dataDirectory, name)).filter((path) => existsSync(path));
  if (existsSync(registry) || readings.length === 0) return;
  throw new RegistryDamagedError(
    `The registry ${registry} is missing, and ${readings.join(' and ')} hold readings under its numbers. Restore the last backup of the whole data directory, or move all of it away to start empty.`,
  );
}

/** What the operators are told of a fault of the journal. */
function journalNotice(fault: JournalFault): Told {
  switch (fault.kind) {
    case 'unavailable':
      return notice(fault.reason === 'FULL' ? 'journal.full' : 'journal.failing');
    case 'recovered':
      return notice('journal.recovered');
    case 'entry_damaged':
      return notice('file.damaged', { file: `journal #${fault.sequence}` });
    case 'file_damaged':
      return notice('file.damaged', { file: fault.movedTo });
  }
}

/** Gauges and counters of the ingest path and of the rules, read when `/metrics` is. */
function exposeMetrics(
  metrics: MetricsRegistry,
  ingest: Ingest,
  journal: Journal,
  rules: RulesConsumer,
  firmwareFiles: FirmwareFiles,
): void {
  collectDefaultMetrics({ register: metrics });
  for (const name of Object.keys(COUNTERS) as CounterName[]) {
    new Counter({
      name,
      help: COUNTERS[name],
      registers: [metrics],
      collect() {
        this.reset();
        this.inc(ingest.metrics.value(name));
      },
    });
  }
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  gauge('hd_mqtt_sessions', 'Connected MQTT sessions', () => ingest.gateway.sessions);
  gauge('hd_tail_watched_devices', 'Devices whose last messages somebody watches', () => ingest.tail.watchedDevices);
  gauge('hd_messages_in_flight', 'Messages accepted and not yet durable', () => ingest.pipeline.inFlight);
  gauge('hd_journal_bytes', 'Bytes in the journal', () => journal.status().bytes);
  gauge('hd_journal_capacity_bytes', 'Bytes the journal may hold', () => journal.status().capacityBytes);
  gauge('hd_journal_writable', '1 while the journal takes entries', () => Number(journal.status().writable));
  gauge('hd_journal_head', 'Sequence of the newest entry: its slope is how many come', () => journal.head());
  gauge('hd_journal_damaged_entries', 'Entries found damaged since start', () => journal.status().damaged);
  gauge('hd_rules_open_alarms', 'Open alarms', () => rules.status().openAlarms);
  gauge('hd_rules_registry_failing', '1 while alarms cannot be written', () => Number(rules.status().registryFailing));
  gauge('hd_rules_late_series', 'Series with late readings still to be judged', () => rules.status().lateSeries);
  gauge('hd_rules_unreadable_entries', 'Journal entries skipped as unreadable', () => rules.status().undecodable);
  gauge(
    'hd_rules_late_approximate',
    'Late judgements that reached the bound of readings looked back at',
    () => rules.status().lateApproximate,
  );
  gauge('hd_firmware_downloads_running', 'Downloads of images running', () => ingest.firmwareDownloads);
  gauge('hd_firmware_files_bytes', 'Bytes of the images kept', () => firmwareFiles.status().bytes);
  gauge(
    'hd_firmware_files_capacity_bytes',
    'Bytes that images may have together',
    () => firmwareFiles.status().capacityBytes,
  );
  gauge('hd_quarantine_messages', 'Messages held in quarantine', () => ingest.quarantine.status().messages);
  gauge('hd_quarantine_bytes', 'Bytes held in quarantine', () => ingest.quarantine.status().bytes);
  gauge(
    'hd_quarantine_damaged_messages',
    'Quarantined messages found damaged since start',
    () => ingest.quarantine.status().damagedMessages,
  );
  gauge(
    'hd_quarantine_evicted_messages',
    'Messages evicted from quarantine since it was made',
    () => ingest.quarantine.status().evictedMessages,
  );
  const depth = new Gauge({
    name: 'hd_journal_depth',
    help: 'Entries a consumer has still to pass',
    labelNames: ['consumer'],
    registers: [metrics],
    collect() {
      for (const [consumer, entries] of Object.entries(journal.status().depth)) this.set({ consumer }, entries);
    },
  });
  void depth;
}

function exposeDiskMetrics(metrics: MetricsRegistry, disk: DiskWatch): void {
  const gauges: readonly (readonly [name: string, help: string, read: () => number])[] = [
    ['hd_disk_free_bytes', 'Bytes free on the disk of the data directory', () => disk.use.freeBytes],
    ['hd_disk_total_bytes', 'Bytes of the disk of the data directory', () => disk.use.totalBytes],
    [
      'hd_disk_full',
      '1 while the disk has reached its budget and nothing is acknowledged',
      () => Number(disk.state === 'full'),
    ],
  ];
  for (const [name, help, read] of gauges)
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
}

function exposePhotoMetrics(metrics: MetricsRegistry, photos: PhotoFiles): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  gauge('hd_photos_bytes', 'Bytes of all pictures kept', () => photos.status().bytes);
  gauge('hd_photos_capacity_bytes', 'Bytes of pictures there is room for', () => photos.status().capacityBytes);
  new Counter({
    name: 'hd_photos_refused_total',
    help: 'Pictures refused for want of room',
    registers: [metrics],
    collect() {
      this.reset();
      this.inc(photos.status().refused);
    },
  });
}

/** Gauges of the indices, read when `/metrics` is. */
function exposeIndexMetrics(metrics: MetricsRegistry, indices: IndicesConsumer): void {
  const gauges: readonly (readonly [name: string, help: string, read: () => number])[] = [
    ['hd_indices_stations', 'Points that have indices', () => indices.status().stations],
    ['hd_indices_values', 'Values of indices published since start', () => indices.status().values],
    ['hd_indices_touched_hours', 'Hours with late readings still to be counted', () => indices.status().touchedHours],
    ['hd_indices_failing', '1 while indices cannot be worked out', () => Number(indices.status().failing)],
    ['hd_indices_unreadable_entries', 'Journal entries skipped as unreadable', () => indices.status().undecodable],
  ];
  for (const [name, help, read] of gauges)
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
}

function exposeIncidentMetrics(metrics: MetricsRegistry, incidents: IncidentCorrelator): void {
  const gauges: readonly (readonly [name: string, help: string, read: () => number])[] = [
    ['hd_incidents_open', 'Incidents that are open', () => incidents.status().openIncidents],
    [
      'hd_incidents_signals',
      'Alarms and lost devices that are held against each other',
      () => incidents.status().signals,
    ],
    ['hd_incidents_failing', '1 while alarms cannot be put together', () => Number(incidents.status().failing)],
  ];
  for (const [name, help, read] of gauges)
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
}

/** A source with what its files hold. */
const withSecrets = (source: BrokerSource) => {
  const contents = (file: string | undefined): Buffer | undefined =>
    file === undefined ? undefined : readFileSync(file);
  return {
    settings: source,
    secrets: {
      password: contents(source.passwordFile)?.toString('utf8').trim(),
      ca: contents(source.caFile),
      cert: contents(source.certificateFile),
      key: contents(source.keyFile),
    },
  };
};

/** One account of each role, for the demo alone: it listens on loopback only. */
const DEMO_PASSWORD = 'hai-dang-demo';
const DEMO_ACCOUNTS: readonly {
  readonly loginName: string;
  readonly displayName: string;
  readonly role: Role;
  readonly title: Localized;
}[] = [
  {
    loginName: 'vanhanh',
    displayName: 'Nguyễn Thị Hoa',
    role: 'operator',
    title: { vi: 'Trực điều hành', en: 'Operator' },
  },
  {
    loginName: 'lapdat',
    displayName: 'Trần Văn Minh',
    role: 'installer',
    title: { vi: 'Nhân viên lắp đặt', en: 'Installer' },
  },
  {
    loginName: 'moitruong',
    displayName: 'Lê Thu Hà',
    role: 'environment',
    title: { vi: 'Cán bộ môi trường', en: 'Environmental officer' },
  },
  {
    loginName: 'quantri',
    displayName: 'Phạm Quốc Anh',
    role: 'platform_admin',
    title: { vi: 'Quản trị nền tảng', en: 'Platform administrator' },
  },
];

/** A year: as long as a claim code may count. */
const STOCK_LABELS_GOOD_FOR = days(365);

/** Makes the claim codes of the demo's stock, where there is none that counts; a label that somebody has printed stays good. */
async function labelStock(registry: Registry, seed: string): Promise<void> {
  const { devices } = registry.as({ kind: 'system', name: 'demo' });
  const opensAt = epochMs(Date.now());
  for (const { id } of HAI_PHONG_STOCK) {
    const [{ state }, window] = [await devices.get(id), await devices.claimWindow(id)];
    if (state !== 'in_stock' || (window !== null && window.closesAt > opensAt)) continue;
    const codeSha256 = sha256Hex(claimPreimage(id, demoClaimCode(seed, id)));
    await devices.openClaims([{ deviceId: id, codeSha256 }], {
      opensAt,
      closesAt: after(opensAt, STOCK_LABELS_GOOD_FOR),
    });
  }
}

/** Registers the demo's city and accounts; what is there already stays as it is. */
async function seedDemo(registry: Registry, settings: Settings, log: Logger): Promise<void> {
  const actor = { kind: 'system', name: 'demo' } as const;
  const seeded = await registry.seed(
    actor,
    withDemoTokens({ ...haiPhong, devices: [...haiPhong.devices, ...HAI_PHONG_STOCK] }, String(settings.demo.seed)),
  );
  log.info({ event: 'demo.city', ...seeded }, 'Hải Phòng is registered');
  await labelStock(registry, String(settings.demo.seed));
  const { users, firmware } = registry.as(actor);
  const known = new Set((await firmware.keys.list()).map(({ id }) => id));
  const { publicKey } = demoFirmwareKey(String(settings.demo.seed));
  for (const { id: agencyId } of haiPhong.agencies) {
    const id = `demo-${agencyId}` as FirmwareKeyId;
    if (known.has(id)) continue;
    await firmware.keys.create({ id, agencyId, name: 'Khóa của chế độ trình diễn', modelIds: [], publicKey });
  }
  for (const { loginName, displayName, role } of DEMO_ACCOUNTS) {
    if (await registry.identity.userByLogin(loginName)) continue;
    const roles =
      role === 'platform_admin'
        ? [{ agencyId: null, role }]
        : haiPhong.agencies.map((agency) => ({ agencyId: agency.id, role }));
    await users.create(
      { id: `demo-${loginName}` as UserId, loginName, displayName, language: 'vi', roles },
      await hashPassword(DEMO_PASSWORD),
    );
  }
}

const FOLDER = import.meta.dirname;

/** What is to happen in the demo city. @throws {SettingsError} when there is no such scenario. */
function demoScenario({ demo: { scenario } }: Settings): ScenarioName | undefined {
  if (scenario === undefined || isScenarioName(scenario)) return scenario;
  throw new SettingsError(`demo.scenario: there is no "${scenario}", only ${SCENARIO_NAMES.join(', ')}`);
}

/** The demo's stock comes alive where somebody hangs it up, and falls silent when it serves nothing any more. */
function followStock(
  registry: Registry,
  bus: LiveBus,
  fleet: DemoFleet,
  onError: (error: unknown) => void,
): () => void {
  const stock = new Set(HAI_PHONG_STOCK.map(({ id }) => id));
  const { devices, points } = registry.as({ kind: 'system', name: 'demo' });
  const look = async (id: DeviceId): Promise<void> => {
    const { modelId } = await devices.get(id);
    const served = (await devices.assignments({ deviceId: id })).find(({ to }) => to === null);
    if (!served) return fleet.fetch(id);
    const { location } = await points.get(served.pointId);
    fleet.place({ id, modelId, pointId: served.pointId, location });
  };
  for (const id of stock) look(id).catch(onError);
  return bus.subscribe('device.changed', ({ deviceId }) => {
    if (stock.has(deviceId)) look(deviceId).catch(onError);
  });
}

/** The demo's devices, in a process of their own. */
function demoFleet(
  settings: Settings,
  { registry, bus, log }: { readonly registry: Registry; readonly bus: LiveBus; readonly log: Logger },
  mqttPort: () => number,
  httpPort: () => number,
): Part {
  let fleet: DemoFleet | null = null;
  let leave = (): void => undefined;
  const { seed } = settings.demo;
  const scenario = demoScenario(settings);
  return {
    name: 'demo fleet',
    async start() {
      fleet = startDemoFleet({
        brokerUrl: `mqtt://127.0.0.1:${mqttPort()}`,
        httpUrl: `http://127.0.0.1:${httpPort()}`,
        seed,
        tokenSeed: String(seed),
      });
      if (scenario !== undefined) fleet.startScenario(scenario, epochMs(Date.now()));
      leave = followStock(registry, bus, fleet, (err) => log.error({ event: 'demo.stock_failed', err }, 'demo stock'));
    },
    async stop() {
      leave();
      await fleet?.stop();
    },
  };
}

/** Fills the days before now from the same models, behind the scenes; a store that has older readings already is left as it is. */
function demoHistory(
  settings: Settings,
  registry: Registry,
  store: TimeSeriesStore,
  indices: IndicesConsumer,
  log: Logger,
): Part {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const fill = async (): Promise<void> => {
    const to = epochMs(Math.floor(Date.now() / 600_000) * 600_000);
    const from = before(to, days(settings.demo.historyDays));
    const names = new Map(
      (await registry.directory.series()).map((entry) => [`${entry.pointId}\n${entry.quantity}`, entry.series]),
    );
    const known = await store.latest([...names.values()], before(to, minutes(30)));
    if (known.length > 0) return;
    const street = createStreet({ city: haiPhong, facts: haiPhongFacts, seed: settings.demo.seed });
    let readings = 0;
    // The last days first: what the air is like then shows within seconds, while the rest is still being filled in.
    const recent = epochMs(Math.max(from, before(to, days(2))));
    for (const span of [
      { from: recent, to },
      { from, to: recent },
    ]) {
      for (const columns of historyFor({
        street,
        city: haiPhong,
        ...span,
        seriesOf: (point, quantity) => names.get(`${point}\n${quantity}`),
      })) {
        if (stopped) return;
        await store.load([columns]);
        readings += columns.length;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await indices.readingsLoaded([...names.values()].map((series) => ({ series, ...span })));
    }
    log.info({ event: 'demo.history', days: settings.demo.historyDays, readings }, 'history is filled in');
  };
  return {
    name: 'demo history',
    async start() {
      if (settings.demo.historyDays > 0)
        running = fill().catch((err) => log.error({ event: 'demo.history_failed', err }, 'history'));
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** What the API is told of the settings. */
function apiSettings(settings: Settings, mode: 'demo' | 'serve'): ApiSettings {
  const { map } = settings;
  const origins = [map.styleUrl, map.pmtilesUrl, map.boundariesUrl].flatMap((url) =>
    url && URL.canParse(url) ? [new URL(url).origin] : [],
  );
  const basemap =
    map.mode === 'style' && map.styleUrl
      ? { mode: 'style' as const, styleUrl: map.styleUrl }
      : map.mode === 'pmtiles' && map.pmtilesUrl
        ? { mode: 'pmtiles' as const, pmtilesUrl: map.pmtilesUrl, flavor: map.flavor ?? null }
        : { mode: 'offline' as const };
  return {
    mode,
    version: VERSION,
    timeZone: settings.timeZone,
    ruleReviewFrom: settings.alarms.reviewFrom,
    publicUrl: settings.http.publicUrl ?? null,
    trustedProxies: settings.http.trustedProxies,
    map: { basemap, attribution: map.attribution ?? null, boundariesUrl: map.boundariesUrl ?? null },
    mapOrigins: origins,
    warnings: {
      senderDomain:
        settings.warnings.senderDomain ??
        (settings.http.publicUrl ? new URL(settings.http.publicUrl).hostname : 'localhost'),
      shownAfterEnd: hours(settings.warnings.shownAfterEndHours),
      basemap: loadPublicBasemap(),
    },
    demoAccounts:
      mode === 'demo'
        ? DEMO_ACCOUNTS.map(({ loginName, title }) => ({ loginName, password: DEMO_PASSWORD, title }))
        : null,
    demoStock:
      mode === 'demo'
        ? HAI_PHONG_STOCK.map(({ id }) => ({ deviceId: id, code: demoClaimCode(String(settings.demo.seed), id) }))
        : null,
    // The build has the base map's data and fonts in it, so that the platform runs without the packages it was built from.
    staticFolders: [{ path: '/', folder: join(FOLDER, 'dashboard/dist'), singlePage: true, immutable: ['assets'] }],
    limits: {
      ...DEFAULT_API_LIMITS,
      bodyBytes: settings.http.bodyLimitBytes,
      shelveAtMost: hours(settings.alarms.maximumShelveHours),
      suppressionReminder: minutes(settings.alarms.maintenanceReminderMinutes),
      exportsKeep: hours(settings.exports.keepHours),
      exportRows: settings.exports.maximumRows,
      exportsBytes: settings.exports.capacityBytes,
      stationFileBytes: settings.stationFiles.maximumFileBytes,
      liveClients: settings.live.maximumClients,
      liveFramesPerSecond: settings.live.framesPerSecond,
      livePointsWhole: settings.live.pointsWhole,
    },
  };
}

const listen = (server: Server, host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.off('error', reject);
      resolve();
    });
  });

/**
 * Builds and starts the whole platform in this process. In `demo` mode Hải Phòng is registered with devices whose tokens come from the demo's seed,
 * and everything listens on loopback only.
 * @throws when a part can't start; what was started is taken down again.
 */
export async function startPlatform(settings: Settings, mode: 'demo' | 'serve', log: Logger): Promise<Platform> {
  const { dataDirectory } = settings;
  if (mode === 'demo') demoScenario(settings);
  mkdirSync(dataDirectory, { recursive: true });
  const clock = () => epochMs(Date.now());
  const host = mode === 'demo' ? '127.0.0.1' : settings.http.host;
  const bus = createInProcessBus((name, err) =>
    log.error({ event: 'bus.listener_failed', name, err }, 'a listener failed'),
  );
  // What goes wrong while parts are being opened is told once there is somebody to tell it.
  const early: Told[] = [];
  let raise: RaiseNotice = (told) => early.push(told);
  refuseReadingsWithoutRegistry(dataDirectory);
  const registryPath = join(dataDirectory, 'registry.sqlite');
  const registry = openSqliteRegistry({
    path: registryPath,
    clock,
    newId: randomUUID,
    onDamaged: (err) => {
      log.fatal({ event: 'registry.damaged', err }, 'the registry is damaged: nothing is written to it any more');
      raise(notice('file.damaged', { file: registryPath }));
    },
  });
  if (mode === 'demo') await seedDemo(registry, settings, log);
  const onFault = (fault: JournalFault): void => {
    log[fault.kind === 'recovered' ? 'info' : 'error']({ event: `journal.${fault.kind}`, ...fault }, 'journal');
    raise(journalNotice(fault));
  };
  const onDamaged = (file: string, reason: string): void => {
    log.error({ event: 'store.file_damaged', file, reason }, 'a damaged file was set aside');
    raise(notice('file.damaged', { file }));
  };
  const disk = await watchDisk({
    path: dataDirectory,
    budget: { scarce: settings.disk.warnAtPercent / 100, full: settings.disk.stopAtPercent / 100 },
    onState: (state, before, use) => {
      log[state === 'ample' ? 'info' : 'error']({ event: `disk.${state}`, ...use }, 'disk');
      const percent = Math.round(100 * (1 - use.freeBytes / use.totalBytes));
      if (state === 'ample' || before === 'full') raise(notice('disk.recovered', { percent }));
      else raise(notice(`disk.${state}`, { percent, stop: settings.disk.stopAtPercent }));
    },
  });
  const ownJournal = await openLmdbJournal({
    path: join(dataDirectory, 'journal'),
    capacityBytes: settings.journal.capacityBytes,
    retain: seconds(settings.journal.retainSeconds),
    consumers: ['store', 'rules', 'live', 'indices'],
    clock,
    onFault,
  });
  const journal = withinDiskBudget(ownJournal, disk);
  const onError = (where: string, err: unknown) => log.error({ event: `${where}.failed`, err }, where);
  const resolveSeries = await seriesNames(registry, bus, (error) => onError('series', error));
  const metrics = new MetricsRegistry();
  const beyondRetention = new Counter({
    name: 'hd_store_beyond_retention_total',
    help: 'Readings older than the retention policy of InfluxDB, which it did not keep',
    registers: [metrics],
  });
  const store = await openStore(settings, resolveSeries, onDamaged, (readings) => beyondRetention.inc(readings));
  const firmwareFiles = openFirmwareFolder({
    path: join(dataDirectory, 'firmware'),
    maximumImageBytes: settings.firmware.maximumImageBytes,
    capacityBytes: settings.firmware.capacityBytes,
  });
  const verdictBook = new VerdictBook();
  const ingest = await createIngest(
    {
      journal,
      store,
      registry,
      bus,
      catalogue: QUANTITY_CATALOGUE,
      clock,
      newId: randomUUID,
      onError,
      lmdbFiles: { findDamage: findLmdbDamage, search: searchLmdbFile },
      firmwareFiles,
      checks: QUALITY_CHECKS,
      judged: (readings) => verdictBook.over(readings),
    },
    {
      mqtt: { ...settings.mqtt, host: mode === 'demo' ? '127.0.0.1' : settings.mqtt.host },
      ingest: settings.ingest,
      quarantine: { path: join(dataDirectory, 'quarantine'), ...settings.quarantine },
      stationFiles: settings.stationFiles,
      sessionsPath: join(dataDirectory, 'broker'),
      httpBodyBytes: settings.http.bodyLimitBytes,
      firmware: {
        downloadsAtOnce: settings.firmware.downloadsAtOnce,
        publicUrl: settings.http.publicUrl?.replace(/\/+$/, '') ?? null,
      },
      sources: loadSources(settings.ingest.sourcesPath).map(withSecrets),
    },
  );
  raise = ingest.raise;
  for (const told of early) raise(told);
  const siteTime = localTimeIn(settings.timeZone);
  const judging = registry.as({ kind: 'system', name: 'rules' });
  const judgedStore = judgedReadings(store, (series, from, to) => judging.qualitySpans.list({ series, from, to }));
  const rules = createRulesConsumer({
    journal,
    registry,
    store: { ...judgedStore, latest: (series) => store.latest(series), cursor: () => store.cursor() },
    bus,
    clock,
    decodePayload: (payload) => verdictBook.over(decodePayload(payload).readings),
    staleAfter: ({ quantity }) => QUANTITY_CATALOGUE.get(quantity)?.staleAfter ?? minutes(30),
    log,
    localTime: siteTime,
    settings: {
      lateQuiet: seconds(settings.alarms.lateQuietSeconds),
      carrierGrace: seconds(settings.alarms.carrierGraceSeconds),
    },
  });
  const incidents = new IncidentCorrelator({
    registry,
    bus,
    clock,
    correlation: correlationSettings({
      radiusM: settings.alarms.incidentRadiusMetres,
      window: minutes(settings.alarms.incidentWindowMinutes),
    }),
    log,
  });
  exposeIncidentMetrics(metrics, incidents);
  const verdicts = new VerdictWatch({
    registry,
    rules,
    bus,
    clock,
    book: verdictBook,
    maximumAge: days(settings.ingest.maximumAgeDays),
    retryAfter: seconds(10),
    log,
  });
  const findings = new FindingsConsumer({
    registry,
    store,
    bus,
    clock,
    checks: QUALITY_CHECKS,
    neighbours: NEIGHBOUR_TOLERANCES,
    log,
  });
  // Before anything is judged or shown.
  await verdicts.load();
  const indices = createIndicesConsumer({
    journal,
    registry,
    store,
    bus,
    clock,
    newId: randomUUID,
    definitions: publishedIndices(siteTime),
    offset: siteTime,
    onLoaded: rules.lateDataLoaded,
    log,
  });
  exposeIndexMetrics(metrics, indices);
  const photos = await openPhotoFolder({ path: join(dataDirectory, 'photos'), ...settings.photos });
  exposeMetrics(metrics, ingest, journal, rules, firmwareFiles);
  exposePhotoMetrics(metrics, photos);
  exposeDiskMetrics(metrics, disk);
  const telling = composeTelling(settings, settings.http.publicUrl ?? `http://localhost:${settings.http.port}`, {
    registry,
    bus,
    clock,
    log,
    metrics,
  });
  const api = createApi({
    registry,
    store,
    notifications: telling.sender,
    quarantine: ingest.quarantine,
    replayQuarantined: ingest.pipeline.replay,
    bus,
    journal,
    photos,
    firmwareFiles,
    stationFiles: ingest.stationFiles,
    exportsFolder: resolve(dataDirectory, 'exports'),
    tail: ingest.tail,
    codecs: ingest.codecs,
    commissioning: { ...DEFAULT_COMMISSIONING_TERMS, neighbours: NEIGHBOUR_TOLERANCES },
    capSchema: createXmllintSchema({ schema: readFileSync(join(FOLDER, 'config/cap/CAP-v1.2.xsd'), 'utf8') }),
    catalogue: QUANTITY_CATALOGUE,
    formats: [...FORMATS.keys()],
    clock,
    newId: randomUUID,
    randomBytes,
    metrics,
    log,
    settings: apiSettings(settings, mode),
    mounts: [ingest.http],
  });
  const http = createServer(api.requestListener);
  api.attach(http, {
    upgrades: { '/mqtt': (request, socket, head) => ingest.gateway.handleUpgrade(request, socket, head) },
  });

  const parts: Part[] = [
    { name: 'api', start: () => api.start(), stop: () => api.stop() },
    { name: 'notifier', start: () => telling.notifier.start(), stop: () => telling.notifier.stop() },
    { name: 'incidents', start: () => incidents.start(), stop: () => incidents.stop() },
    { name: 'rules', start: () => rules.start(), stop: () => rules.stop() },
    { name: 'ingest', start: () => ingest.start(), stop: () => ingest.stop() },
    { name: 'verdicts', start: async () => verdicts.start(), stop: () => verdicts.stop() },
    { name: 'findings', start: () => findings.start(), stop: () => findings.stop() },
    { name: 'indices', start: () => indices.start(), stop: () => indices.stop() },
    {
      name: 'http',
      start: () => listen(http, host, settings.http.port),
      // Takes no new connection from here on. The live screens' own are ended by the API's stop, which comes after: waiting for
      // them here would wait for as long as anybody looks.
      stop: async () => {
        http.close();
        http.closeAllConnections();
      },
    },
  ];
  const { retentionDays } = settings.store;
  if (retentionDays !== undefined) {
    const onRetentionError = (err: unknown) => onError('retention', err);
    const retention = createRetention({ store, keep: days(retentionDays), clock, onError: onRetentionError });
    parts.push({ name: 'retention', ...retention });
  }
  if (mode === 'demo') {
    parts.push(demoHistory(settings, registry, store, indices, log));
    const httpPort = (): number => (http.address() as AddressInfo).port;
    if (settings.demo.fleet)
      parts.push(demoFleet(settings, { registry, bus, log }, () => ingest.gateway.port, httpPort));
  }
  const control = createControlServer(dataDirectory, {
    release: VERSION,
    journal,
    store: 'copyFile' in store ? store : null,
    copySessions: (target) => ingest.gateway.copySessions(target),
  });
  parts.push({
    name: 'control socket',
    async start() {
      if (!(await control.start()))
        log.warn(
          { event: 'control.path_too_long', dataDirectory },
          'the path is too long for a socket: backups need the platform stopped',
        );
    },
    stop: () => control.stop(),
  });
  const running: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of running.splice(0).reverse())
      await part.stop().catch((err) => log.error({ event: 'stop.failed', part: part.name, err }, 'stop'));
    await telling.sender.close();
    await store.close();
    disk.stop();
    await journal.close();
    await bus.close();
    await registry.close();
  };
  try {
    for (const part of parts) {
      await part.start();
      running.push(part);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    httpPort: (http.address() as AddressInfo).port,
    mqttPort: ingest.gateway.port,
    setupPath: api.setupPath,
    stop,
  };
}

async function main(): Promise<void> {
  if (process.argv.includes('--print-settings')) {
    process.stdout.write(settingsTemplate());
    return;
  }
  const mode = process.argv.includes('--demo') ? 'demo' : 'serve';
  const settings = loadSettings(process.env);
  const log = pino({ level: settings.logLevel });
  const platform = await startPlatform(settings, mode, log);
  const address = settings.http.publicUrl ?? `http://localhost:${platform.httpPort}`;
  let stopping = false;
  const finish = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ event: 'stopping', signal }, 'stopping');
    platform.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', finish);
  process.on('SIGTERM', finish);
  // Said last: whoever waits for it may ask for a stop at once.
  log.info({ event: 'ready', mode, http: platform.httpPort, mqtt: platform.mqttPort }, `ready: ${address}`);
  if (platform.setupPath)
    console.log(
      `\nNobody can sign in yet. Make the first administrator, once: ${new URL(platform.setupPath, address)}\n`,
    );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error: unknown) => {
    console.error(startFailure(error) ?? error);
    process.exit(error instanceof SettingsError ? 2 : 1);
  });
}
