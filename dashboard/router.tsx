import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { PROGRESS_KINDS } from '../domain/firmware/rollout-device.ts';
import { LANGUAGES } from '../domain/localized.ts';
import { POINT_STATES } from '../domain/point-state.ts';
import { DOMAINS } from '../domain/quantity.ts';
import { SEVERITIES } from '../domain/rule.ts';
import { PageLoading } from './components/Loading.tsx';
import { RouteError } from './components/RouteError.tsx';
import { Shell } from './shell/Shell.tsx';
import { HEALTH_PERIODS } from './state/alarm-health-view.ts';
import { CONDITION_FILTERS, WORK_FILTERS } from './state/alarm-list.ts';
import { ALARM_SINCE } from './state/alarm-search.ts';
import { CHART_PRESETS } from './state/chart-span.ts';
import { INSTALL_STEPS } from './state/install-steps.ts';
import { LABEL_SOURCES } from './state/label-printing.ts';
import { readLayers, writeLayers } from './state/map-layers.ts';
import { NOTIFICATION_TABS } from './state/notification-tabs.ts';
import { writeMoment } from './state/replay-clock.ts';

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

/** Words of `text` that are among `allowed`; undefined when none is. */
function wordsOf<T extends string>(value: unknown, allowed: readonly T[]): readonly T[] | undefined {
  const words = (textOf(value) ?? '')
    .split(' ')
    .filter((word): word is T => (allowed as readonly string[]).includes(word));
  return words.length > 0 ? words : undefined;
}
const joined = (words: readonly string[] | undefined) => (words ? words.join(' ') : undefined);

/** Leaves out what is not given, so that the address stays short. */
function present<T extends Record<string, unknown>>(search: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

const root = createRootRoute({ component: Outlet, errorComponent: RouteError });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>) => present({ next: textOf(search['next']) }),
  component: lazyRouteComponent(() => import('./pages/LoginPage.tsx'), 'LoginPage'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./pages/SetupPage.tsx'), 'SetupPage'),
});

/** What a one-time link leads to; the secret stands behind the #, where no server sees it. */
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./pages/WelcomePage.tsx'), 'WelcomePage'),
});
/** A screen on a wall, signed in as itself. */
const wall = createRoute({
  getParentRoute: () => root,
  path: '/wall',
  component: lazyRouteComponent(() => import('./pages/WallPage.tsx'), 'WallPage'),
});

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

/** The moment of the past that a page shows; it stays from page to page until somebody leaves it. */
const inThePast = (search: Record<string, unknown>) => ({
  at: textOf(search['at']),
  known: wordsOf(search['known'], ['now'] as const)?.[0],
  speed: Number(textOf(search['speed'])) || undefined,
});
const keepsMoment = {
  middlewares: [retainSearchParams<{ at?: string; known?: 'now'; speed?: number }>(['at', 'known', 'speed'])],
};
/** So long before now the replay begins when nothing else is said. */
const REPLAY_BEGINS_MS = 3_600_000;
const replay = createRoute({
  getParentRoute: () => shell,
  path: '/replay',
  beforeLoad: () => {
    throw redirect({ to: '/', search: { at: writeMoment(Date.now() - REPLAY_BEGINS_MS) } });
  },
});

const map = createRoute({
  getParentRoute: () => shell,
  path: '/',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      /** Selected point. */
      point: textOf(search['point']),
      /** `longitude,latitude,zoom` */
      view: textOf(search['view']),
      domains: joined(wordsOf(search['domains'], DOMAINS)),
      states: joined(wordsOf(search['states'], POINT_STATES)),
      agency: textOf(search['agency']),
      layer: textOf(search['layer']),
      /** What is laid over the map. */
      layers: writeLayers(readLayers(textOf(search['layers']))),
      /** What stands beside the map in place of the points in view. */
      list: wordsOf(search['list'], ['layers'] as const)?.[0],
      ...inThePast(search),
      /** Only the points of this incident. */
      incident: textOf(search['incident']),
    }),
  search: keepsMoment,
  component: lazyRouteComponent(() => import('./pages/MapPage.tsx'), 'MapPage'),
});
const alarms = createRoute({
  getParentRoute: () => shell,
  path: '/alarms',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      /** Selected alarm. */
      alarm: textOf(search['alarm']),
      list: wordsOf(search['list'], ['open', 'hidden', 'ended', 'past'] as const)?.[0],
      severities: joined(wordsOf(search['severities'], SEVERITIES)),
      domains: joined(wordsOf(search['domains'], DOMAINS)),
      agency: textOf(search['agency']),
      work: joined(wordsOf(search['work'], WORK_FILTERS)),
      condition: wordsOf(search['condition'], CONDITION_FILTERS)?.[0],
      text: textOf(search['text']),
      assignee: textOf(search['assignee']),
      rule: textOf(search['rule']),
      ward: textOf(search['ward']),
      since: wordsOf(search['since'], Object.keys(ALARM_SINCE))?.[0],
      ...inThePast(search),
    }),
  search: keepsMoment,
  component: lazyRouteComponent(() => import('./pages/AlarmsPage.tsx'), 'AlarmsPage'),
});
const alarmHealth = createRoute({
  getParentRoute: () => shell,
  path: '/alarm-health',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      period: wordsOf(search['period'], Object.keys(HEALTH_PERIODS))?.[0],
      /** Local days, `2026-11-26`; instead of a period. */
      from: textOf(search['from']),
      to: textOf(search['to']),
      operators: textOf(search['operators']),
      agency: textOf(search['agency']),
    }),
  component: lazyRouteComponent(() => import('./pages/AlarmHealthPage.tsx'), 'AlarmHealthPage'),
});
const suppressions = createRoute({
  getParentRoute: () => shell,
  path: '/suppressions',
  component: lazyRouteComponent(() => import('./pages/SuppressionsPage.tsx'), 'SuppressionsPage'),
});
const shift = createRoute({
  getParentRoute: () => shell,
  path: '/shift',
  validateSearch: (search: Record<string, unknown>) =>
    present({ agency: textOf(search['agency']), tab: wordsOf(search['tab'], ['records'] as const)?.[0] }),
  component: lazyRouteComponent(() => import('./pages/ShiftPage.tsx'), 'ShiftPage'),
});
const handover = createRoute({
  getParentRoute: () => shell,
  path: '/shift/handovers/$handoverId',
  component: lazyRouteComponent(() => import('./pages/ShiftHandoverPage.tsx'), 'ShiftHandoverPage'),
});
const incidents = createRoute({
  getParentRoute: () => shell,
  path: '/incidents',
  validateSearch: (search: Record<string, unknown>) =>
    present({ incident: textOf(search['incident']), list: wordsOf(search['list'], ['open', 'over'] as const)?.[0] }),
  component: lazyRouteComponent(() => import('./pages/IncidentsPage.tsx'), 'IncidentsPage'),
});
const points = createRoute({
  getParentRoute: () => shell,
  path: '/points',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      text: textOf(search['text']),
      domains: joined(wordsOf(search['domains'], DOMAINS)),
      point: textOf(search['point']),
      ...inThePast(search),
    }),
  search: keepsMoment,
  component: lazyRouteComponent(() => import('./pages/PointsPage.tsx'), 'PointsPage'),
});
const devices = createRoute({
  getParentRoute: () => shell,
  path: '/devices',
  validateSearch: (search: Record<string, unknown>) =>
    present({ text: textOf(search['text']), device: textOf(search['device']) }),
  component: lazyRouteComponent(() => import('./pages/DevicesPage.tsx'), 'DevicesPage'),
});
const device = createRoute({
  getParentRoute: () => shell,
  path: '/devices/$deviceId',
  component: lazyRouteComponent(() => import('./pages/DevicePage.tsx'), 'DevicePage'),
});
const models = createRoute({
  getParentRoute: () => shell,
  path: '/models',
  validateSearch: (search: Record<string, unknown>) => present({ text: textOf(search['text']) }),
  component: lazyRouteComponent(() => import('./pages/ModelsPage.tsx'), 'ModelsPage'),
});
const model = createRoute({
  getParentRoute: () => shell,
  path: '/models/$modelId',
  component: lazyRouteComponent(() => import('./pages/ModelPage.tsx'), 'ModelPage'),
});
const firmware = createRoute({
  getParentRoute: () => shell,
  path: '/firmware',
  component: lazyRouteComponent(() => import('./pages/FirmwarePage.tsx'), 'FirmwarePage'),
});
const rollout = createRoute({
  getParentRoute: () => shell,
  path: '/firmware/rollouts/$rolloutId',
  validateSearch: (search: Record<string, unknown>) =>
    present({ state: wordsOf(search['state'], PROGRESS_KINDS)?.[0] }),
  component: lazyRouteComponent(() => import('./pages/RolloutPage.tsx'), 'RolloutPage'),
});
const record = createRoute({
  getParentRoute: () => shell,
  path: '/devices/$deviceId/record/$recordId',
  validateSearch: (search: Record<string, unknown>) =>
    present({ language: wordsOf(search['language'], LANGUAGES)?.[0] }),
  component: lazyRouteComponent(() => import('./pages/CommissionRecordPage.tsx'), 'CommissionRecordPage'),
});
const jobs = createRoute({
  getParentRoute: () => shell,
  path: '/jobs',
  component: lazyRouteComponent(() => import('./pages/JobsPage.tsx'), 'JobsPage'),
});
const claim = createRoute({
  getParentRoute: () => shell,
  path: '/claim',
  component: lazyRouteComponent(() => import('./pages/ClaimPage.tsx'), 'ClaimPage'),
});
/** What a label's QR code leads to; the code stands behind the #, where no server sees it. */
const claimDevice = createRoute({
  getParentRoute: () => shell,
  path: '/claim/$deviceId',
  component: lazyRouteComponent(() => import('./pages/ClaimPage.tsx'), 'ClaimPage'),
});
const install = createRoute({
  getParentRoute: () => shell,
  path: '/install/$deviceId',
  validateSearch: (search: Record<string, unknown>) => present({ step: wordsOf(search['step'], INSTALL_STEPS)?.[0] }),
  component: lazyRouteComponent(() => import('./pages/InstallPage.tsx'), 'InstallPage'),
});
const quarantine = createRoute({
  getParentRoute: () => shell,
  path: '/quarantine',
  validateSearch: (search: Record<string, unknown>) =>
    present({ device: textOf(search['device']), code: textOf(search['code']), state: textOf(search['state']) }),
  component: lazyRouteComponent(() => import('./pages/QuarantinePage.tsx'), 'QuarantinePage'),
});
const imports = createRoute({
  getParentRoute: () => shell,
  path: '/imports',
  validateSearch: (search: Record<string, unknown>) => present({ import: textOf(search['import']) }),
  component: lazyRouteComponent(() => import('./pages/ImportsPage.tsx'), 'ImportsPage'),
});
const labels = createRoute({
  getParentRoute: () => shell,
  path: '/labels',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      from: wordsOf(search['from'], LABEL_SOURCES)?.[0],
      import: textOf(search['import']),
      text: textOf(search['text']),
    }),
  component: lazyRouteComponent(() => import('./pages/LabelsPage.tsx'), 'LabelsPage'),
});
const provisioning = createRoute({
  getParentRoute: () => shell,
  path: '/provisioning',
  validateSearch: (search: Record<string, unknown>) =>
    present({ profile: textOf(search['profile']), authority: textOf(search['authority']) }),
  component: lazyRouteComponent(() => import('./pages/ProvisioningPage.tsx'), 'ProvisioningPage'),
});
const rules = createRoute({
  getParentRoute: () => shell,
  path: '/rules',
  validateSearch: (search: Record<string, unknown>) => present({ text: textOf(search['text']) }),
  component: lazyRouteComponent(() => import('./pages/RulesPage.tsx'), 'RulesPage'),
});
const rule = createRoute({
  getParentRoute: () => shell,
  path: '/rules/$ruleId',
  validateSearch: (search: Record<string, unknown>) =>
    present({ agency: textOf(search['agency']), preset: textOf(search['preset']) }),
  component: lazyRouteComponent(() => import('./pages/RulePage.tsx'), 'RulePage'),
});
const warnings = createRoute({
  getParentRoute: () => shell,
  path: '/official-warnings',
  component: lazyRouteComponent(() => import('./pages/WarningsPage.tsx'), 'WarningsPage'),
});
const warning = createRoute({
  getParentRoute: () => shell,
  path: '/official-warnings/$warningId',
  component: lazyRouteComponent(() => import('./pages/WarningPage.tsx'), 'WarningPage'),
});
const exporting = createRoute({
  getParentRoute: () => shell,
  path: '/export',
  component: lazyRouteComponent(() => import('./pages/ExportPage.tsx'), 'ExportPage'),
});
const compare = createRoute({
  getParentRoute: () => shell,
  path: '/compare',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      /** `point~quantity`, with spaces between. */
      lines: textOf(search['lines']),
      period: wordsOf(
        search['period'],
        CHART_PRESETS.map(({ key }) => key),
      )?.[0],
      /** A free range instead: ISO 8601. */
      from: textOf(search['from']),
      to: textOf(search['to']),
    }),
  component: lazyRouteComponent(() => import('./pages/ComparePage.tsx'), 'ComparePage'),
});
const stations = createRoute({
  getParentRoute: () => shell,
  path: '/stations',
  component: lazyRouteComponent(() => import('./pages/StationsPage.tsx'), 'StationsPage'),
});
const notifications = createRoute({
  getParentRoute: () => shell,
  path: '/notifications',
  validateSearch: (search: Record<string, unknown>) => present({ tab: wordsOf(search['tab'], NOTIFICATION_TABS)?.[0] }),
  component: lazyRouteComponent(() => import('./pages/NotificationsPage.tsx'), 'NotificationsPage'),
});
const users = createRoute({
  getParentRoute: () => shell,
  path: '/users',
  validateSearch: (search: Record<string, unknown>) => present({ user: textOf(search['user']) }),
  component: lazyRouteComponent(() => import('./pages/UsersPage.tsx'), 'UsersPage'),
});
const operations = createRoute({
  getParentRoute: () => shell,
  path: '/operations',
  component: lazyRouteComponent(() => import('./pages/OperationsPage.tsx'), 'OperationsPage'),
});
const roles = createRoute({
  getParentRoute: () => shell,
  path: '/roles',
  component: lazyRouteComponent(() => import('./pages/RolesPage.tsx'), 'RolesPage'),
});
const agencies = createRoute({
  getParentRoute: () => shell,
  path: '/agencies',
  component: lazyRouteComponent(() => import('./pages/AgenciesPage.tsx'), 'AgenciesPage'),
});
const sharing = createRoute({
  getParentRoute: () => shell,
  path: '/sharing',
  component: lazyRouteComponent(() => import('./pages/SharingPage.tsx'), 'SharingPage'),
});
const apiKeys = createRoute({
  getParentRoute: () => shell,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/ApiKeysPage.tsx'), 'ApiKeysPage'),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      actor: textOf(search['actor']),
      kind: textOf(search['kind']),
      target: textOf(search['target']),
      /** ISO 8601. */
      from: textOf(search['from']),
      to: textOf(search['to']),
    }),
  component: lazyRouteComponent(() => import('./pages/AuditPage.tsx'), 'AuditPage'),
});
const displays = createRoute({
  getParentRoute: () => shell,
  path: '/displays',
  component: lazyRouteComponent(() => import('./pages/DisplaysPage.tsx'), 'DisplaysPage'),
});
const anythingElse = createRoute({
  getParentRoute: () => root,
  path: '$',
  beforeLoad: () => {
    throw redirect({ to: '/' });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    setup,
    welcome,
    wall,
    shell.addChildren([
      map,
      replay,
      alarms,
      alarmHealth,
      suppressions,
      incidents,
      shift,
      handover,
      points,
      devices,
      device,
      models,
      firmware,
      rollout,
      model,
      record,
      jobs,
      claim,
      claimDevice,
      install,
      imports,
      labels,
      provisioning,
      quarantine,
      rules,
      rule,
      warnings,
      warning,
      exporting,
      compare,
      stations,
      notifications,
      users,
      operations,
      roles,
      agencies,
      sharing,
      apiKeys,
      audit,
      displays,
    ]),
    anythingElse,
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: PageLoading,
  defaultPendingMs: 150,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
