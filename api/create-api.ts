import type { Server as HttpServer, RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Actor } from '../domain/access.ts';
import type { SeriesId } from '../domain/identifiers.ts';
import type { Language } from '../domain/localized.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createSessions } from './auth/login.ts';
import { SetupLink } from './auth/setup.ts';
import { CityIndex } from './city/city-index.ts';
import { LatestTable } from './city/latest-table.ts';
import { OpenAlarms } from './city/open-alarms.ts';
import { PointStates } from './city/point-states.ts';
import { Scopes } from './city/scopes.ts';
import { ApiError, expectedError, problemOf } from './errors.ts';
import { askGateways } from './gateways/ask-gateways.ts';
import { createDeviceTailDesk } from './gateways/device-tail-desk.ts';
import { createDutyDesk } from './gateways/duty-desk.ts';
import { createMessageCodecsDesk } from './gateways/message-codecs-desk.ts';
import { createQuarantineDesk } from './gateways/quarantine-desk.ts';
import { createLiveMetrics } from './live/live-metrics.ts';
import { LiveServer } from './live/live-server.ts';
import { askProcesses } from './operations/ask-processes.ts';
import { PathHistory } from './operations/path-history.ts';
import type { ApiPorts, ApiSettings } from './ports.ts';
import { createCityReplay } from './replay/city-replay.ts';
import { administrationHandlers } from './rest/administration-handlers.ts';
import { alarmHandlers } from './rest/alarm-handlers.ts';
import { alarmHealthHandlers } from './rest/alarm-health-handlers.ts';
import { alarmStepsHandlers } from './rest/alarm-steps-handlers.ts';
import { sendProblem, sendText } from './rest/answer.ts';
import { assetHandlers } from './rest/asset-handlers.ts';
import { backtestHandlers, createBacktests } from './rest/backtest-handlers.ts';
import { commissioningHandlers } from './rest/commissioning-handlers.ts';
import { deviceControlHandlers } from './rest/device-control-handlers.ts';
import { deviceHandlers } from './rest/device-handlers.ts';
import { deviceImportHandlers } from './rest/device-import-handlers.ts';
import { deviceLifeHandlers } from './rest/device-life-handlers.ts';
import { displayHandlers } from './rest/display-handlers.ts';
import { DOCS_STYLESHEET, docsPage } from './rest/docs-page.ts';
import { createExportJobs, exportHandlers } from './rest/export-handlers.ts';
import { firmwareHandlers } from './rest/firmware-handlers.ts';
import type { HandlerPorts } from './rest/handler-ports.ts';
import { healthRouter } from './rest/health.ts';
import { IdempotentAnswers } from './rest/idempotency.ts';
import { incidentHandlers } from './rest/incident-handlers.ts';
import { indexHandlers } from './rest/index-handlers.ts';
import { labelHandlers } from './rest/label-handlers.ts';
import { mapHandlers } from './rest/map-handlers.ts';
import { modelHandlers } from './rest/model-handlers.ts';
import { notificationHandlers } from './rest/notification-handlers.ts';
import { openApiDocument } from './rest/openapi.ts';
import { operationsHandlers } from './rest/operations-handlers.ts';
import { peopleHandlers } from './rest/people-handlers.ts';
import { provisioningHandlers } from './rest/provisioning-handlers.ts';
import { qualityHandlers } from './rest/quality-handlers.ts';
import { quarantineHandlers } from './rest/quarantine-handlers.ts';
import { QueryGate } from './rest/query-gate.ts';
import { readingHandlers } from './rest/reading-handlers.ts';
import { replayHandlers } from './rest/replay-handlers.ts';
import { observed, requestMetrics } from './rest/request-metrics.ts';
import { createApiRouter, languageOf } from './rest/router.ts';
import { ruleDraftHandlers } from './rest/rule-draft-handlers.ts';
import { ruleHandlers } from './rest/rule-handlers.ts';
import { rulePresetHandlers } from './rest/rule-preset-handlers.ts';
import { savedViewHandlers } from './rest/saved-view-handlers.ts';
import { sessionHandlers } from './rest/session-handlers.ts';
import { shiftHandlers } from './rest/shift-handlers.ts';
import { staticFiles } from './rest/static-files.ts';
import { stationFileHandlers } from './rest/station-file-handlers.ts';
import { suppressionHandlers } from './rest/suppression-handlers.ts';
import { warningHandlers } from './rest/warning-handlers.ts';
import { routeUpgrades, type SharedServer } from './shared-server.ts';
import { createSuppressions } from './suppressions/create-suppressions.ts';
import { createWarnings } from './warnings/create-warnings.ts';

export interface Api {
  readonly app: Express;
  readonly requestListener: RequestListener;
  /** Puts the live namespace and the upgrades on a server made with `requestListener`. Before it listens. */
  attach(server: HttpServer, shared?: SharedServer): void;
  /** Reads the city, the newest readings and the open alarms into memory; then requests are answered. */
  start(): Promise<void>;
  /** Says goodbye to live clients and lets running requests end. The HTTP server is its owner's to close, afterwards. */
  stop(): Promise<void>;
  /** Path of the page that makes the first administrator; null unless the platform has no user (known after `start`). */
  readonly setupPath: string | null;
  readonly liveClients: number;
}

export interface ApiOptions extends ApiPorts {
  readonly settings: ApiSettings;
  /** Routers of others, e.g. ingest by HTTP: asked first; they read bodies and answer errors themselves, and pass on what isn't theirs. */
  readonly mounts?: readonly RequestHandler[];
}

const SEEDER: Actor = { kind: 'system', name: 'live state' };
/** Series asked for in one query while the table of newest readings is first filled. */
const SEED_SERIES = 10_000;
/** What was not heard of is in the store after this long. */
const FILL_AGAIN_MS = 2_000;
/** Running requests get this long when the platform stops. */
const DRAIN_MS = 3_000;
const SOCKET_IO_PATH = '/socket.io/';

/** The API on its ports: REST, live, documentation, health and static files. Building is not starting. */
export function createApi(options: ApiOptions): Api {
  const { settings, registry, store, bus, clock, log, metrics } = options;
  const { limits } = settings;
  const publicOrigin = settings.publicUrl === null ? null : new URL(settings.publicUrl).origin;
  const { onReloadFailed: onError } = options;

  const index = new CityIndex({ registry, bus, catalogue: options.catalogue, onError });
  const scopes = new Scopes(index);
  const latest = new LatestTable();
  const openAlarms = new OpenAlarms({ registry, bus, index, onError });
  const authenticate = createAuthenticate(registry, clock);
  const queries = new QueryGate(limits.queriesAtOnce, limits.queriesWaiting);
  const setup = new SetupLink(registry);
  const idempotent = new IdempotentAnswers({
    requests: registry.answeredRequests,
    keys: limits.idempotencyKeys,
    answerBytes: limits.idempotencyAnswerBytes,
    window: limits.idempotencyWindow,
  });
  const suppressions = createSuppressions({ ...options, index });
  const states = new PointStates({ index, latest, openAlarms, quiet: suppressions.quiet });
  const live: LiveServer = new LiveServer(
    {
      bus,
      index,
      scopes,
      latest,
      openAlarms,
      states,
      server: options.process,
      authenticate,
      clock,
      log,
      metrics: createLiveMetrics(metrics, () => live.clients),
    },
    {
      limits,
      publicOrigin,
      // Express's own trust of proxies isn't there on an upgrade: the same rule, by hand.
      isSecure: (request) =>
        (request.socket as { encrypted?: boolean }).encrypted === true ||
        (settings.trustedProxies > 0 && /^https\b/.test(String(request.headers['x-forwarded-proto'] ?? ''))),
    },
  );
  const ask = askGateways({ bus, gateways: registry.gateways, clock });
  const handlerPorts: HandlerPorts = {
    ...options,
    quarantine: createQuarantineDesk(ask),
    tail: createDeviceTailDesk(ask, clock),
    messageCodecs: createMessageCodecsDesk(ask),
    duties: createDutyDesk(ask, options),
    settings,
    index,
    scopes,
    latest,
    openAlarms,
    queries,
    sessions: createSessions(options, limits),
    setup,
    accessChanged: () => live.recheck(),
  };
  const backtests = createBacktests(handlerPorts);
  const exports = createExportJobs(handlerPorts);
  const replay = createCityReplay({ ...handlerPorts, suppressedPlaces: suppressions.places });
  const pathHistory = new PathHistory({
    ...options,
    hear: askProcesses({ self: options.process, bus, gateways: registry.gateways, clock }),
  });
  const warnings = createWarnings({
    ...options,
    agencyName: (agency) => index.agencies.find(({ id }) => id === agency)?.name,
  });

  let state: 'built' | 'ready' | 'stopping' = 'built';
  const unsubscribe: (() => void)[] = [];
  let filling: NodeJS.Timeout | undefined;
  const requests = requestMetrics(metrics);
  observed(metrics, 'gauge', 'hd_api_queries_running', 'Queries at the store', () => queries.running);
  observed(metrics, 'gauge', 'hd_api_queries_waiting', 'Queries waiting for the store', () => queries.waiting);
  observed(
    metrics,
    'counter',
    'hd_api_queries_refused_total',
    'Queries refused: too many waiting',
    () => queries.refused,
  );
  observed(metrics, 'gauge', 'hd_replay_running', 'Looks at the past being taken', () => replay.gate.running);
  observed(metrics, 'gauge', 'hd_replay_waiting', 'Looks at the past waiting', () => replay.gate.waiting);
  observed(
    metrics,
    'counter',
    'hd_replay_refused_total',
    'Looks at the past refused: too many waiting',
    () => replay.gate.refused,
  );
  observed(metrics, 'gauge', 'hd_exports_unfinished', 'Exports waiting and being written', () => exports.unfinished);
  observed(metrics, 'gauge', 'hd_exports_bytes', 'Bytes of the files that people exported', () => exports.bytes());
  observed(metrics, 'gauge', 'hd_api_idempotency_keys', 'Answers kept by Idempotency-Key', () => idempotent.size);
  observed(
    metrics,
    'counter',
    'hd_api_idempotency_evicted_total',
    'Kept answers given up for newer ones',
    () => idempotent.evicted,
  );
  observed(
    metrics,
    'counter',
    'hd_api_idempotency_unkept_total',
    'Answers that would not be given again: too large, or the registry was away',
    () => idempotent.unkept,
  );
  observed(
    metrics,
    'counter',
    'hd_live_late_readings_total',
    'Readings older than the newest shown',
    () => latest.lateReadings,
  );

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', settings.trustedProxies);
  app.set('query parser', 'simple');
  app.use(requests.measure);
  app.use(healthRouter({ ...options, name: 'api', isReady: () => state === 'ready' }));
  for (const mounted of options.mounts ?? []) app.use(mounted);
  app.use(securityHeaders(settings));
  app.use(warnings.router);

  // Made when it is first asked for: it takes a good part of a start.
  const documents = new Map<Language, ReturnType<typeof openApiDocument>>();
  const documentIn = (language: Language) => {
    const document = documents.get(language) ?? openApiDocument(settings.version, language);
    documents.set(language, document);
    return document;
  };
  app.get('/api/v1/openapi.json', async (request, response) => {
    response.vary('Accept-Language');
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Cache-Control', 'no-cache');
    const language = request.acceptsLanguages('en', 'vi') === 'vi' ? 'vi' : 'en';
    await sendText(request, response, JSON.stringify(documentIn(language)));
  });
  app.get('/api/docs', async (request, response) => {
    const asked = request.query['lang'];
    const language =
      asked === 'vi' || asked === 'en' ? asked : request.acceptsLanguages('vi', 'en') === 'en' ? 'en' : 'vi';
    response.vary('Accept-Language');
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Cache-Control', 'no-cache');
    await sendText(request, response, docsPage(documentIn(language), language));
  });
  app.get('/api/docs.css', (_request, response) => {
    response.setHeader('Content-Type', 'text/css; charset=utf-8');
    response.send(DOCS_STYLESHEET);
  });
  app.use(
    '/api/v1',
    createApiRouter({
      registry,
      authenticate,
      handlers: {
        ...sessionHandlers(handlerPorts),
        ...mapHandlers(handlerPorts),
        ...assetHandlers(handlerPorts),
        ...modelHandlers(handlerPorts),
        ...deviceHandlers(handlerPorts),
        ...deviceControlHandlers(handlerPorts),
        ...firmwareHandlers(handlerPorts),
        ...notificationHandlers(handlerPorts),
        ...commissioningHandlers(handlerPorts),
        ...deviceLifeHandlers(handlerPorts),
        ...deviceImportHandlers(handlerPorts),
        ...labelHandlers(handlerPorts),
        ...provisioningHandlers(handlerPorts),
        ...readingHandlers(handlerPorts),
        ...qualityHandlers(handlerPorts),
        ...alarmHandlers(handlerPorts),
        ...alarmStepsHandlers(handlerPorts),
        ...alarmHealthHandlers(handlerPorts),
        ...ruleHandlers(handlerPorts),
        ...ruleDraftHandlers(handlerPorts),
        ...rulePresetHandlers(handlerPorts),
        ...backtestHandlers(handlerPorts, backtests),
        ...indexHandlers(handlerPorts),
        ...savedViewHandlers(handlerPorts),
        ...replayHandlers(handlerPorts, replay),
        ...incidentHandlers(handlerPorts),
        ...administrationHandlers(handlerPorts),
        ...suppressionHandlers({ ...handlerPorts, suppressedPlaces: suppressions.places }),
        ...shiftHandlers(handlerPorts),
        ...displayHandlers(handlerPorts),
        ...warningHandlers({
          ...handlerPorts,
          publishing: warnings.publishing,
          publishedWarnings: warnings.list,
        }),
        ...quarantineHandlers(handlerPorts),
        ...peopleHandlers(handlerPorts),
        ...exportHandlers(handlerPorts, exports),
        ...stationFileHandlers(handlerPorts),
        ...operationsHandlers(handlerPorts, pathHistory),
      },
      idempotent,
      bodyBytes: limits.bodyBytes,
      uploadBytes: limits.uploadBytes,
      publicOrigin,
      isStopping: () => state !== 'ready',
    }),
  );
  app.use('/api', () => {
    throw new ApiError('NOT_FOUND');
  });
  app.use(staticFiles(settings.staticFolders));
  app.use(() => {
    throw new ApiError('NOT_FOUND');
  });

  const onRequestError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    if (response.headersSent) {
      // Half an answer can't be mended: the client sees a broken connection, not a wrong ending.
      log.error({ event: 'http.failed_midway', path: request.path, err: error }, 'answer broken off');
      response.destroy();
      return;
    }
    const language = languageOf(response);
    const expected = expectedError(error) ?? pathError(error);
    if (expected) {
      sendProblem(response, problemOf(expected, language, request.path));
      return;
    }
    const trace = options.newId();
    log.error(
      { event: 'http.unhandled', trace, method: request.method, path: request.path, err: error },
      'unexpected error',
    );
    sendProblem(response, problemOf(new ApiError('INTERNAL', { trace }), language, request.path));
  };
  app.use(onRequestError);

  const fillLatest = async (): Promise<void> => {
    const series = (await registry.directory.series()).map((entry) => entry.series);
    for (let at = 0; at < series.length; at += SEED_SERIES) {
      latest.fold(await store.latest(series.slice(at, at + SEED_SERIES) as SeriesId[]));
    }
  };

  return {
    app,
    requestListener: app,
    attach(server, shared) {
      live.attach(server);
      routeUpgrades(server, shared, SOCKET_IO_PATH);
    },
    async start() {
      // Listening first: what arrives while the newest readings are fetched is newer, and the table keeps the newer one.
      unsubscribe.push(
        bus.subscribe('readings.kept', (columns) => latest.fold(columns)),
        bus.subscribe('events.missed', () => {
          clearTimeout(filling);
          filling = setTimeout(() => void fillLatest().catch(onError), FILL_AGAIN_MS);
        }),
      );
      await index.start();
      await openAlarms.start();
      await warnings.start();
      await suppressions.start();
      try {
        await fillLatest();
      } catch (error) {
        // Readings go on arriving without the store: the map fills as they come.
        log.warn({ event: 'live.not_filled', err: error }, 'newest readings could not be fetched from the store');
      }
      if (settings.mode === 'serve' && (await registry.identity.isEmpty())) await setup.open(options.randomBytes);
      await exports.start();
      states.start(clock());
      pathHistory.start();
      live.start();
      state = 'ready';
      const seen = await registry.as(SEEDER).agencies.list();
      log.info(
        { event: 'api.ready', agencies: seen.length, points: index.points.size, alarms: openAlarms.size },
        'API ready',
      );
    },
    async stop() {
      state = 'stopping';
      live.stop();
      states.stop();
      backtests.stop();
      await exports.stop();
      await pathHistory.stop();
      clearTimeout(filling);
      for (const one of unsubscribe) one();
      await drained(requests.inFlight, DRAIN_MS);
      await suppressions.stop();
      await warnings.stop();
      await openAlarms.stop();
      await index.stop();
    },
    get setupPath() {
      return setup.path;
    },
    get liveClients() {
      return live.clients;
    },
  };
}

/** Resolves when no request is running, or the time is over. */
async function drained(inFlight: () => number, withinMs: number): Promise<void> {
  const STEP_MS = 20;
  for (let waited = 0; inFlight() > 0 && waited < withinMs; waited += STEP_MS) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** A path that can't be decoded (`%E0%A4%A`) is nobody's fault but the path's. */
function pathError(error: unknown): ApiError | undefined {
  return error instanceof URIError ? new ApiError('NOT_FOUND', {}, [], { cause: error }) : undefined;
}

/** Pages may load what is ours, and the map what it was configured to. */
function securityHeaders({ mapOrigins, publicUrl }: ApiSettings): ReturnType<typeof helmet> {
  const isTls = publicUrl?.startsWith('https:') ?? false;
  const map = [...mapOrigins];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // WebAssembly is compiled by the page; `unsafe-eval` stays out.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        // MapLibre's worker is made from a blob when it isn't a file of its own.
        workerSrc: ["'self'", 'blob:'],
        childSrc: ["'self'", 'blob:'],
        // Component styles are set as attributes by the libraries in use.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:', ...map],
        fontSrc: ["'self'", 'data:', ...map],
        // `ws:` is named for browsers that don't count it as 'self'.
        connectSrc: ["'self'", ...liveOrigins(publicUrl), ...map],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(isTls ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    hsts: isTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}

/** The live connection's own origin, as a WebSocket has it. */
function liveOrigins(publicUrl: string | null): string[] {
  return publicUrl === null ? [] : [new URL(publicUrl).origin.replace(/^http/, 'ws')];
}
