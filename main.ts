/** Composition root: the only file that knows every concrete class. Building is not starting. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import express, { type Express } from 'express';
import { type Logger, pino } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Registry as MetricsRegistry } from 'prom-client';
import { createInProcessBus } from './adapters/bus/in-process.ts';
import { type JournalFault, openLmdbJournal } from './adapters/journal/lmdb.ts';
import { openSqliteRegistry } from './adapters/registry/sqlite.ts';
import { openDuckDbStore } from './adapters/timeseries/duckdb.ts';
import { withDemoTokens } from './config/city/demo-tokens.ts';
import { haiPhong } from './config/city/hai-phong.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import { loadSettings, type Settings, SettingsError } from './config/settings.ts';
import type { Journal } from './domain/ports/journal.ts';
import type { TimeSeriesStore } from './domain/ports/time-series-store.ts';
import { epochMs, seconds } from './domain/time.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { COUNTERS, type CounterName } from './ingest/metrics.ts';

/** Something that runs; parts are started in order and stopped in reverse. */
interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Platform {
  readonly httpPort: number;
  readonly mqttPort: number;
  stop(): Promise<void>;
}

async function openStore({ store, dataDirectory }: Settings, log: Logger): Promise<TimeSeriesStore> {
  if (store.engine !== 'duckdb')
    throw new SettingsError(`Store engine ${store.engine} is not built into this release; use duckdb.`);
  return openDuckDbStore({
    path: join(dataDirectory, 'store'),
    memoryLimitMegabytes: store.memoryLimitMegabytes,
    onDamaged: (file, reason) =>
      log.error({ event: 'store.file_damaged', file, reason }, 'a damaged file was set aside'),
  });
}

/** Gauges and counters of the ingest path, read when `/metrics` is. */
function exposeMetrics(metrics: MetricsRegistry, ingest: Ingest, journal: Journal): void {
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
  gauge('hd_messages_in_flight', 'Messages accepted and not yet durable', () => ingest.pipeline.inFlight);
  gauge('hd_journal_bytes', 'Bytes in the journal', () => journal.status().bytes);
  gauge('hd_journal_capacity_bytes', 'Bytes the journal may hold', () => journal.status().capacityBytes);
  gauge('hd_journal_writable', '1 while the journal takes entries', () => Number(journal.status().writable));
  gauge('hd_journal_damaged_entries', 'Entries found damaged since start', () => journal.status().damaged);
  gauge('hd_quarantine_messages', 'Messages held in quarantine', () => ingest.quarantine.status().messages);
  gauge('hd_quarantine_bytes', 'Bytes held in quarantine', () => ingest.quarantine.status().bytes);
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

/** Answers for machines that watch the platform. */
function healthRoutes(app: Express, journal: Journal, store: TimeSeriesStore, metrics: MetricsRegistry): void {
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/readyz', async (_request, response) => {
    const [kept, stored] = [journal.status(), await store.status()];
    response.status(kept.writable ? 200 : 503).json({
      ready: kept.writable,
      journal: { writable: kept.writable, reason: kept.reason },
      store: { engine: stored.engine, reachable: stored.reachable },
    });
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
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
  mkdirSync(dataDirectory, { recursive: true });
  const clock = () => epochMs(Date.now());
  const host = mode === 'demo' ? '127.0.0.1' : settings.http.host;
  const bus = createInProcessBus((name, err) =>
    log.error({ event: 'bus.listener_failed', name, err }, 'a listener failed'),
  );
  const registry = openSqliteRegistry({ path: join(dataDirectory, 'registry.sqlite'), clock, newId: randomUUID });
  if (mode === 'demo') {
    const seeded = await registry.seed(
      { kind: 'system', name: 'demo' },
      withDemoTokens(haiPhong, String(settings.demo.seed)),
    );
    log.info({ event: 'demo.city', ...seeded }, 'Hải Phòng is registered');
  }
  const onFault = (fault: JournalFault) => log.error({ event: `journal.${fault.kind}`, ...fault }, 'journal');
  const journal = await openLmdbJournal({
    path: join(dataDirectory, 'journal'),
    capacityBytes: settings.journal.capacityBytes,
    retain: seconds(settings.journal.retainSeconds),
    consumers: ['store', 'live'],
    clock,
    onFault,
  });
  const store = await openStore(settings, log);
  const ingest = await createIngest(
    {
      journal,
      store,
      registry,
      bus,
      catalogue: QUANTITY_CATALOGUE,
      clock,
      newId: randomUUID,
      onError: (where, err) => log.error({ event: `${where}.failed`, err }, 'ingest'),
    },
    {
      mqtt: { ...settings.mqtt, host: mode === 'demo' ? '127.0.0.1' : settings.mqtt.host },
      ingest: settings.ingest,
      quarantine: { path: join(dataDirectory, 'quarantine'), ...settings.quarantine },
      sessionsPath: join(dataDirectory, 'broker'),
      httpBodyBytes: settings.http.bodyLimitBytes,
    },
  );
  const metrics = new MetricsRegistry();
  exposeMetrics(metrics, ingest, journal);
  const app = express();
  app.disable('x-powered-by');
  healthRoutes(app, journal, store, metrics);
  app.use(ingest.http);
  const http = createServer(app);
  http.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname === '/mqtt')
      ingest.gateway.handleUpgrade(request, socket, head);
    else socket.destroy();
  });

  const parts: Part[] = [
    { name: 'ingest', start: () => ingest.start(), stop: () => ingest.stop() },
    {
      name: 'http',
      start: () => listen(http, host, settings.http.port),
      stop: async () => {
        http.closeAllConnections();
        await new Promise<void>((resolve) => http.close(() => resolve()));
      },
    },
  ];
  const running: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of running.splice(0).reverse())
      await part.stop().catch((err) => log.error({ event: 'stop.failed', part: part.name, err }, 'stop'));
    await store.close();
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
  return { httpPort: (http.address() as AddressInfo).port, mqttPort: ingest.gateway.port, stop };
}

async function main(): Promise<void> {
  const mode = process.argv.includes('--demo') ? 'demo' : 'serve';
  let settings: Settings;
  try {
    settings = loadSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
    return;
  }
  const log = pino({ level: settings.logLevel });
  const platform = await startPlatform(settings, mode, log);
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
  log.info(
    { event: 'ready', mode, http: platform.httpPort, mqtt: platform.mqttPort },
    `ready: http://localhost:${platform.httpPort}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error: NodeJS.ErrnoException) => {
    console.error(
      error.code === 'EADDRINUSE'
        ? `${error.message}. Another program uses the port: stop it, or set HD_HTTP_PORT / HD_MQTT_PORT.`
        : error,
    );
    process.exit(1);
  });
}
