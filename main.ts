/** Composition root: with main-*.ts beside it the only one that knows every concrete class. Building is not starting. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Logger, pino } from 'pino';
import { createControlServer } from './adapters/backup/control-socket.ts';
import { findLmdbDamage, searchLmdbFile } from './adapters/journal/lmdb-file.ts';
import { watchProcess } from './adapters/process/process-counters.ts';
import { createOps } from './api/create-ops.ts';
import { QUALITY_CHECKS } from './config/quality-checks.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import { rolesOf } from './config/roles.ts';
import { loadSettings, type Settings, SettingsError } from './config/settings.ts';
import { settingsTemplate } from './config/settings-template.ts';
import { type BrokerSource, loadSources } from './config/sources.ts';
import { startFailure } from './config/start-failure.ts';
import type { DutyName } from './domain/duties.ts';
import type { ProcessRole } from './domain/process-counters.ts';
import { VerdictBook } from './domain/quality-verdicts.ts';
import { days } from './domain/time.ts';
import { followVerdicts } from './ingest/consumers/followed-verdicts.ts';
import { createLiveState } from './ingest/consumers/live-state.ts';
import { createDoors } from './ingest/doors.ts';
import { createIngest } from './ingest/ingest.ts';
import { composeApi } from './main-api.ts';
import { type Base, openBase, type Part, VERSION } from './main-base.ts';
import { demoFleet, demoHistory, demoScenario } from './main-demo.ts';
import { composeDuties, type Duties, followRoster, refuseBesideWorkers, shareDuties } from './main-duties.ts';
import { exposeMetrics } from './main-metrics.ts';
import { composeTelling } from './main-notifications.ts';

export interface Platform {
  readonly httpPort: number;
  /** 0 in a process without a gateway. */
  readonly mqttPort: number;
  /** Page that makes the first administrator; null once there is a user. */
  readonly setupPath: string | null;
  stop(): Promise<void>;
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

const listen = (server: Server, host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Those whose cursors say what of the journal can go. Live screens need what comes from now on, so that of several processes none has a say for them. */
const CONSUMERS = { alone: ['store', 'rules', 'live', 'indices'], shared: ['store', 'rules', 'indices'] } as const;
/** What is done with readings is there before devices come in, and ends after they are gone: a stop in good order leaves nothing behind. */
const BEFORE_DEVICES: readonly DutyName[] = ['notifier', 'incidents', 'store', 'rules', 'findings', 'retention'];
const BEHIND_DEVICES: readonly DutyName[] = ['rollouts', 'sources', 'station-files'];

/** Duties of a process that is alone, as parts of it. */
const partsOf = ({ begin }: Duties, base: Base, names: readonly DutyName[]): readonly Part[] =>
  names.flatMap((name) => begin[name](base.registry).map((part) => ({ name, start: part.start, stop: part.stop })));

/** The control socket, by which a backup asks for what only the running platform can copy soundly. */
function controlPart(
  { settings, log, keptJournal, store }: Base,
  copySessions: (target: string) => Promise<void>,
): Part {
  const { dataDirectory } = settings;
  const control = createControlServer(dataDirectory, {
    release: VERSION,
    journal: 'hold' in keptJournal ? keptJournal : null,
    store: 'copyFile' in store ? store : null,
    copySessions,
    // As whoever runs it would ask for it.
    stop: () => process.kill(process.pid, 'SIGTERM'),
  });
  return {
    name: 'control socket',
    async start() {
      if (!(await control.start()))
        log.warn(
          { event: 'control.path_too_long', dataDirectory },
          'the path is too long for a socket: backups need the platform stopped',
        );
    },
    stop: () => control.stop(),
  };
}

/**
 * Builds and starts in this process what its roles are. In `demo` mode Hải Phòng is registered with devices whose tokens come from the demo's seed,
 * and everything listens on loopback only.
 * @throws when a part can't start; what was started is taken down again.
 */
export async function startPlatform(settings: Settings, mode: 'demo' | 'serve', log: Logger): Promise<Platform> {
  const roles = rolesOf(settings);
  if (mode === 'demo') demoScenario(settings);
  if (mode === 'demo' && roles !== null) throw new SettingsError('roles: the demo is one process, HD_ROLES=all');
  const is = (role: ProcessRole): boolean => roles === null || roles.has(role);
  const sharesDuties = roles !== null && (is('worker') || is('api'));
  const base = await openBase(
    settings,
    mode,
    log,
    roles === null ? CONSUMERS.alone : sharesDuties ? CONSUMERS.shared : [],
  );
  if (roles === null) await refuseBesideWorkers(base);
  const { dataDirectory } = settings;
  const { registry, bus, journal, store, clock, tracing, traced, metrics, onError } = base;
  const brokers = loadSources(settings.ingest.sourcesPath).map(withSecrets);
  const ingest = await createIngest(
    {
      ...{ journal, store, registry, bus, clock, onError },
      catalogue: QUANTITY_CATALOGUE,
      newId: randomUUID,
      lmdbFiles: { findDamage: findLmdbDamage, search: searchLmdbFile },
      checks: QUALITY_CHECKS,
      ...(tracing && { tracing }),
      // Where an alarm's line in the log names a trace, this is the line of the messages it came of.
      ...(log.isLevelEnabled('debug') && {
        onJournalled: (batch) => log.debug({ event: 'batch.journalled', ...batch }, 'journalled'),
      }),
    },
    {
      ingest: settings.ingest,
      quarantine: { path: join(dataDirectory, 'quarantine'), ...settings.quarantine },
      stationFiles: settings.stationFiles,
      foreignTopics: brokers.map((broker) => broker.settings.topics),
    },
  );
  base.tellBy(ingest.raise);
  const doors = is('gateway')
    ? await createDoors({ ...base, newId: randomUUID }, ingest, {
        mqtt: { ...settings.mqtt, host: mode === 'demo' ? '127.0.0.1' : settings.mqtt.host },
        sessionsPath: join(dataDirectory, 'broker'),
        httpBodyBytes: settings.http.bodyLimitBytes,
        downloadsAtOnce: settings.firmware.downloadsAtOnce,
      })
    : null;
  const book = new VerdictBook();
  const verdicts = followVerdicts({
    ...{ registry, bus, clock, book },
    maximumAge: days(settings.ingest.maximumAgeDays),
    onError: (error) => onError('verdicts', error),
  });
  const liveState = () => createLiveState(journal, bus, (readings) => book.over(readings));
  const { sender, notifierOver } = composeTelling(
    settings,
    settings.http.publicUrl ?? `http://localhost:${settings.http.port}`,
    { bus, clock, log, ...(traced && { onSent: traced.onSent }) },
  );
  const duties = composeDuties({
    ...{ base, ingest, doors, notifierOver, book, verdicts, brokers },
    liveState: is('api') ? null : liveState,
  });
  const served = is('api') ? await composeApi({ base, ingest, doors, duties, sender }) : null;
  const holder = roles?.has('worker') ? shareDuties(base, duties) : null;
  let isReady = false;
  const ops =
    served === null ? createOps({ ...base, mounts: doors ? [doors.http] : [], isReady: () => isReady }) : null;
  exposeMetrics(metrics, {
    base,
    ingest,
    doors,
    doing: is('worker') ? duties.doing : null,
    photos: served?.photos ?? null,
    holder,
  });
  const http = createServer(served?.api.requestListener ?? ops?.requestListener);
  const upgrades = doors && {
    '/mqtt': (...upgrade: Parameters<typeof doors.gateway.handleUpgrade>) => doors.gateway.handleUpgrade(...upgrade),
  };
  (served?.api ?? ops)?.attach(http, { ...(upgrades && { upgrades }) });

  const watched = watchProcess({
    roles: roles === null ? null : [...roles],
    ...{ version: VERSION, startedAt: clock(), metrics, folder: dataDirectory },
  });
  bus.answer('process.counters', ingest.id, () => watched.read());
  const parts: Part[] = [
    { name: 'process', start: async () => {}, stop: async () => watched.stop() },
    { name: 'ingest', start: () => ingest.start(), stop: () => ingest.stop() },
  ];
  if (is('api') || is('worker')) parts.push({ name: 'verdicts', ...verdicts });
  if (served) parts.push({ name: 'api', start: () => served.api.start(), stop: () => served.api.stop() });
  if (served) parts.push({ name: 'live', ...liveState() });
  if (roles === null) parts.push(...partsOf(duties, base, BEFORE_DEVICES));
  if (doors) parts.push({ name: 'doors', start: () => doors.start(), stop: () => doors.stop() });
  if (roles === null) parts.push(...partsOf(duties, base, BEHIND_DEVICES));
  if (holder) parts.push({ name: 'duties', start: () => holder.start(), stop: () => holder.stop() });
  else if (sharesDuties) parts.push(followRoster(base));
  parts.push({
    name: 'http',
    start: () => listen(http, base.host, settings.http.port),
    // Takes no new connection from here on. The live screens' own are ended by the API's stop, which comes after: waiting for
    // them here would wait for as long as anybody looks.
    stop: async () => {
      isReady = false;
      http.close();
      http.closeAllConnections();
    },
  });
  if (mode === 'demo' && doors) {
    parts.push(demoHistory(settings, registry, store, () => duties.doing.indices, log));
    const httpPort = (): number => (http.address() as AddressInfo).port;
    if (settings.demo.fleet)
      parts.push(demoFleet(settings, { registry, bus, log }, () => doors.gateway.port, httpPort));
  }
  if (doors) parts.push(controlPart(base, (target) => doors.gateway.copySessions(target)));
  const running: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of running.splice(0).reverse())
      await part.stop().catch((err) => log.error({ event: 'stop.failed', part: part.name, err }, 'stop'));
    await sender.close();
    await base.close();
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
  isReady = true;
  return {
    httpPort: (http.address() as AddressInfo).port,
    mqttPort: doors?.gateway.port ?? 0,
    setupPath: served?.api.setupPath ?? null,
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
