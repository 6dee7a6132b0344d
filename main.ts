/** Composition root: with main-*.ts beside it the only one that knows every concrete class. Building is not starting. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Logger, pino } from 'pino';
import { Counter, Registry as MetricsRegistry } from 'prom-client';
import { createControlServer } from './adapters/backup/control-socket.ts';
import { createXmllintSchema } from './adapters/cap-schema/xmllint.ts';
import { watchDisk } from './adapters/disk/disk-watch.ts';
import { openFirmwareFolder } from './adapters/firmware/folder.ts';
import type { JournalFault } from './adapters/journal/journal-fault.ts';
import { findLmdbDamage, searchLmdbFile } from './adapters/journal/lmdb-file.ts';
import { openPhotoFolder } from './adapters/photos/folder.ts';
import {
  holdToRegistry,
  isHeldToPostgres,
  openPostgresRegistry,
  RegistryMismatchError,
} from './adapters/registry/postgres.ts';
import { openSqliteRegistry, RegistryDamagedError } from './adapters/registry/sqlite.ts';
import { type DuckDbTimeSeriesStore, openDuckDbStore } from './adapters/timeseries/duckdb.ts';
import { openInfluxStore } from './adapters/timeseries/influx.ts';
import { openOtlpTracing } from './adapters/tracing/otlp.ts';
import { createApi } from './api/create-api.ts';
import { type ApiSettings, DEFAULT_API_LIMITS } from './api/ports.ts';
import { loadPublicBasemap } from './config/basemap/public-basemap.ts';
import { demoClaimCode } from './config/city/demo-stock.ts';
import { HAI_PHONG_STOCK } from './config/city/hai-phong/stock.ts';
import { correlationSettings } from './config/correlation.ts';
import { publishedIndices } from './config/indices/published.ts';
import { NEIGHBOUR_TOLERANCES } from './config/neighbour-tolerances.ts';
import { QUALITY_CHECKS } from './config/quality-checks.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import { KEEPING_ALL, retentionClasses } from './config/retention.ts';
import { keepingOf, loadSettings, type Settings, SettingsError } from './config/settings.ts';
import { settingsTemplate } from './config/settings-template.ts';
import { type BrokerSource, loadSources } from './config/sources.ts';
import { startFailure } from './config/start-failure.ts';
import { DEFAULT_COMMISSIONING_TERMS } from './domain/commissioning.ts';
import type { SeriesId } from './domain/identifiers.ts';
import type { LiveBus } from './domain/ports/live-bus.ts';
import type { Registry } from './domain/ports/registry.ts';
import type { ResolveSeries, SeriesName, TimeSeriesStore } from './domain/ports/time-series-store.ts';
import { judgedReadings, VerdictBook } from './domain/quality-verdicts.ts';
import { standardOffset } from './domain/retention.ts';
import { type Clock, days, epochMs, hours, minutes, seconds } from './domain/time.ts';
import { localTimeIn } from './domain/time-zone.ts';
import { FindingsConsumer } from './ingest/consumers/findings/findings-consumer.ts';
import { IncidentCorrelator } from './ingest/consumers/incidents/incident-correlator.ts';
import { createIndicesConsumer } from './ingest/consumers/indices/indices-consumer.ts';
import { createRulesConsumer } from './ingest/consumers/rules/rules-consumer.ts';
import { VerdictWatch } from './ingest/consumers/rules/verdict-watch.ts';
import { FORMATS } from './ingest/decode/formats.ts';
import { createIngest } from './ingest/ingest.ts';
import type { RaiseNotice } from './ingest/notices.ts';
import { decodePayload } from './ingest/readings-codec.ts';
import { createRetention } from './ingest/retention.ts';
import { retentionBegins } from './ingest/retention-begin.ts';
import { traceEntries } from './ingest/trace-entries.ts';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, demoFleet, demoHistory, demoScenario, seedDemo } from './main-demo.ts';
import { openBus, openJournal, openNats } from './main-engines.ts';
import { exposeMetrics } from './main-metrics.ts';
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
  for (const name of ['assets.changed', 'events.missed'] as const)
    bus.subscribe(name, () => void load().catch(onError));
  await load();
  return (series) => names.get(series);
}

async function openStore(
  { store, dataDirectory, timeZone }: Settings,
  resolveSeries: ResolveSeries,
  onDamaged: (file: string, reason: string) => void,
  onBeyondRetention: (readings: number) => void,
): Promise<TimeSeriesStore | DuckDbTimeSeriesStore> {
  // Where the store begins its days and weeks. Days of a zone with summer time, or off by half an hour, come from finer buckets and are exact all the same.
  const utcOffsetHours = standardOffset(localTimeIn(timeZone)) / hours(1);
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
      utcOffsetHours,
      onBeyondRetention,
    });
  }
  return openDuckDbStore({
    path: join(dataDirectory, 'store'),
    memoryLimitMegabytes: store.memoryLimitMegabytes,
    utcOffsetHours,
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
/** Where the data directory holds readings. */
const readingsIn = (dataDirectory: string): readonly string[] =>
  ['journal', 'store'].map((name) => join(dataDirectory, name)).filter((path) => existsSync(path));

/** Readings are kept under numbers that the registry gave: beside an empty one they would show as those of other points. */
function refuseReadingsWithoutRegistry(dataDirectory: string): void {
  const registry = join(dataDirectory, 'registry.sqlite');
  const readings = readingsIn(dataDirectory);
  if (existsSync(registry) || readings.length === 0) return;
  throw new RegistryDamagedError(
    `The registry ${registry} is missing, and ${readings.join(' and ')} hold readings under its numbers. Restore the last backup of the whole data directory, or move all of it away to start empty.`,
  );
}

/** @throws {RegistryMismatchError | RegistryDamagedError} when the readings in the data directory are not of this registry. */
async function openRegistry(
  { dataDirectory, registry: settings }: Settings,
  clock: Clock,
  onDamaged: (error: RegistryDamagedError, file: string) => void,
): Promise<Registry> {
  if (settings.engine === 'postgres') {
    const registry = await openPostgresRegistry({ ...settings, clock, newId: randomUUID });
    try {
      holdToRegistry(dataDirectory, registry.id);
    } catch (error) {
      await registry.close();
      throw error;
    }
    return registry;
  }
  if (isHeldToPostgres(dataDirectory))
    throw new RegistryMismatchError(
      `${dataDirectory} holds readings under the numbers of a registry in PostgreSQL: set HD_REGISTRY_ENGINE=postgres and HD_REGISTRY_URL.`,
    );
  refuseReadingsWithoutRegistry(dataDirectory);
  const path = join(dataDirectory, 'registry.sqlite');
  return openSqliteRegistry({ path, clock, newId: randomUUID, onDamaged: (error) => onDamaged(error, path) });
}

const UNAVAILABLE_NOTICES = {
  FULL: 'journal.full',
  DISK_FAILING: 'journal.failing',
  UNREACHABLE: 'journal.unreachable',
} as const;
/** What the operators are told of a fault of the journal. */
function journalNotice(fault: JournalFault): Told {
  switch (fault.kind) {
    case 'unavailable':
      return notice(UNAVAILABLE_NOTICES[fault.reason]);
    case 'recovered':
      return notice('journal.recovered');
    case 'entry_damaged':
      return notice('file.damaged', { file: `journal #${fault.sequence}` });
    case 'file_damaged':
      return notice('file.damaged', { file: fault.movedTo });
  }
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

const FOLDER = import.meta.dirname;

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
  const heldReadings = readingsIn(dataDirectory).length > 0;
  const clock = () => epochMs(Date.now());
  const host = mode === 'demo' ? '127.0.0.1' : settings.http.host;
  const bus = await openBus(
    settings,
    (name, err) => log.error({ event: 'bus.listener_failed', name, err }, 'a listener failed'),
    (err) => log.error({ event: 'bus.failed', err }, 'an event was not brought'),
  );
  // What goes wrong while parts are being opened is told once there is somebody to tell it.
  const early: Told[] = [];
  let raise: RaiseNotice = (told) => early.push(told);
  const registry = await openRegistry(settings, clock, (err, file) => {
    log.fatal({ event: 'registry.damaged', err }, 'the registry is damaged: nothing is written to it any more');
    raise(notice('file.damaged', { file }));
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
  const nats = await openNats(settings);
  const kept = await openJournal(settings, { nats, disk, clock, onFault });
  const tracing =
    settings.tracing.otlpUrl === undefined
      ? null
      : await openOtlpTracing({ url: settings.tracing.otlpUrl, share: settings.tracing.share, version: VERSION });
  const traced = tracing && traceEntries(kept, bus, tracing);
  const journal = traced?.journal ?? kept;
  const onError = (where: string, err: unknown) => log.error({ event: `${where}.failed`, err }, where);
  const resolveSeries = await seriesNames(registry, bus, (error) => onError('series', error));
  const metrics = new MetricsRegistry();
  const beyondRetention = new Counter({
    name: 'hd_store_beyond_retention_total',
    help: 'Readings older than the retention policy of InfluxDB, which it did not keep',
    registers: [metrics],
  });
  const eventsMissed = new Counter({
    name: 'hd_bus_events_missed_total',
    help: 'Times that something other processes said was missed, and read again by whoever follows it',
    registers: [metrics],
  });
  bus.subscribe('events.missed', () => eventsMissed.inc());
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
      ...(tracing && { tracing }),
      // Where an alarm's line in the log names a trace, this is the line of the messages it came of.
      ...(log.isLevelEnabled('debug') && {
        onJournalled: (batch) => log.debug({ event: 'batch.journalled', ...batch }, 'journalled'),
      }),
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
    journal: traced?.journalOfRules ?? journal,
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
  const retentionBegin = retentionBegins(dataDirectory, heldReadings, clock());
  const retention = createRetention({
    store,
    series: () => registry.directory.series(),
    verdictsOn: (series, from, to) => judging.qualitySpans.list({ series, from, to }),
    classes: retentionClasses(keepingOf(settings.retention), settings.store.retentionDays),
    before: { begins: retentionBegin, classes: retentionClasses(KEEPING_ALL, settings.store.retentionDays) },
    catalogue: QUANTITY_CATALOGUE,
    utcOffset: standardOffset(siteTime),
    clock,
    onError: (err) => onError('retention', err),
  });
  if (retentionBegin > clock())
    raise(notice('retention.waiting', { days: Math.ceil((retentionBegin - clock()) / days(1)) }));
  const photos = await openPhotoFolder({ path: join(dataDirectory, 'photos'), ...settings.photos });
  exposeMetrics(metrics, { ingest, journal, rules, indices, incidents, retention, firmwareFiles, photos, disk });
  const telling = composeTelling(settings, settings.http.publicUrl ?? `http://localhost:${settings.http.port}`, {
    registry,
    bus,
    clock,
    log,
    metrics,
    ...(traced && { onSent: traced.onSent }),
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
    retention,
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
    { name: 'retention', start: () => retention.start(), stop: () => retention.stop() },
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
  if (mode === 'demo') {
    parts.push(demoHistory(settings, registry, store, indices, log));
    const httpPort = (): number => (http.address() as AddressInfo).port;
    if (settings.demo.fleet)
      parts.push(demoFleet(settings, { registry, bus, log }, () => ingest.gateway.port, httpPort));
  }
  const control = createControlServer(dataDirectory, {
    release: VERSION,
    journal: 'hold' in kept ? kept : null,
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
    await nats?.close();
    await registry.close();
    await tracing?.close();
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
