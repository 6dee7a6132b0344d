import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { DeviceWire, SiteWire } from '../../api/contract/assets.ts';
import type { ImportOutcomeWire } from '../../api/contract/device-imports.ts';
import type { ClaimWindowWire } from '../../api/contract/device-life.ts';
import type { ApiRoute, RouteAnswer, RouteBodyInput } from '../../api/contract/routes.ts';
import type { Page } from '../../api/contract/wire.ts';
import { readCityPlaces } from '../../domain/city-places.ts';
import type { AlarmId, DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import type { AlarmListFilter } from '../state/alarm-list.ts';
import { type Call, call, callForBytes } from './http.ts';
import { ApiProblem } from './problem.ts';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // What the server has refused it will refuse again; only silence and its own failures are worth another try.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500),
    },
  },
});

/** Largest number of pages followed for a list that is shown whole. */
const PAGES_FOLLOWED = 50;

/** All items of a paged list, page by page. */
async function everyPage<T>(route: ApiRoute, options: Call<ApiRoute>): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_FOLLOWED; page += 1) {
    const answer = (await call(route, {
      ...options,
      query: { ...options.query, limit: 1000, after },
    })) as unknown as Page<T>;
    items.push(...answer.items);
    if (answer.next === null) break;
    after = answer.next;
  }
  return items;
}

const whole = <K extends ApiRoute>(key: readonly unknown[], route: K, options: Call<K> = {}) =>
  queryOptions<RouteAnswer<K>>({
    queryKey: key,
    queryFn: ({ signal }) => call(route, { ...options, signal }),
  });

export const settingsQuery = queryOptions({
  ...whole(['settings'], 'GET /settings'),
  staleTime: Number.POSITIVE_INFINITY,
});
export const sessionQuery = queryOptions({ ...whole(['session'], 'GET /session'), staleTime: 300_000 });
export const mapPointsQuery = queryOptions({ ...whole(['map-points'], 'GET /map/points'), staleTime: 600_000 });
export const mapPlacesQuery = queryOptions({
  queryKey: ['map-places'],
  queryFn: async ({ signal }) => readCityPlaces(await callForBytes('GET /map/places', { signal })),
  staleTime: 600_000,
  // Columns of numbers, compared by nobody entry by entry.
  structuralSharing: false,
});
export const quantitiesQuery = queryOptions({
  ...whole(['quantities'], 'GET /quantities'),
  staleTime: Number.POSITIVE_INFINITY,
});
export const modelsQuery = whole(['models'], 'GET /models');
export const agenciesQuery = whole(['agencies'], 'GET /agencies');
export const colleaguesQuery = whole(['colleagues'], 'GET /colleagues');
export const rulesQuery = whole(['rules'], 'GET /rules');
export const noticesQuery = whole(['notices'], 'GET /notices');

export const modelUsageQuery = whole(['model-usage'], 'GET /model-usage');
/** Asked again and again while it is looked at: a codec may be suspended at any time. */
export const modelCodecQuery = (modelId: DeviceModelId) => ({
  ...whole(['model', modelId, 'codec'], 'GET /models/{modelId}/codec', { params: { modelId } }),
  refetchInterval: 5_000,
});
export const modelPayloadsQuery = (modelId: DeviceModelId) => ({
  ...whole(['model', modelId, 'payloads'], 'GET /models/{modelId}/payloads', { params: { modelId } }),
  refetchInterval: 5_000,
});
/** A draft tried on a payload; what was tried already is not tried again. What it gave before stays until the next answer. */
export const codecTrialQuery = (body: RouteBodyInput<'POST /codecs/try'>) =>
  queryOptions({
    queryKey: ['codec-trial', body],
    queryFn: ({ signal }) => call('POST /codecs/try', { body, signal, idempotencyKey: null }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });

export const indicesQuery = queryOptions({
  ...whole(['indices'], 'GET /indices'),
  staleTime: Number.POSITIVE_INFINITY,
});
/** `hour`: when its newest hourly value is of; with it the point is asked again. */
export const pointIndicesQuery = (pointId: PointId, hour: number | undefined) => ({
  ...whole(['point', pointId, 'indices', hour ?? 0], 'GET /points/{pointId}/indices', { params: { pointId } }),
  placeholderData: keepPreviousData,
});
export const rulePresetsQuery = whole(['rule-presets'], 'GET /rule-presets');

export const devicesQuery = queryOptions({
  queryKey: ['devices'],
  queryFn: ({ signal }) => everyPage<DeviceWire>('GET /devices', { signal }),
});
export const sitesQuery = queryOptions({
  queryKey: ['sites'],
  queryFn: ({ signal }) => everyPage<SiteWire>('GET /sites', { signal }),
  staleTime: 300_000,
});
export const deviceQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId], 'GET /devices/{deviceId}', { params: { deviceId } });
export const deviceStepsQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'steps'], 'GET /devices/{deviceId}/steps', { params: { deviceId } });
export const deviceActivitiesQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'activities'], 'GET /devices/{deviceId}/activities', { params: { deviceId } });
export const devicePhotosQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'photos'], 'GET /devices/{deviceId}/photos', { params: { deviceId } });
export const deviceRecordsQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'records'], 'GET /devices/{deviceId}/commissioning-records', { params: { deviceId } });
/** Asked again and again while it is looked at. */
export const commissioningQuery = (deviceId: DeviceId) => ({
  ...whole(['device', deviceId, 'commissioning'], 'GET /devices/{deviceId}/commissioning', { params: { deviceId } }),
  refetchInterval: 2_000,
  staleTime: 0,
});
export const deviceMessagesQuery = (deviceId: DeviceId) => ({
  ...whole(['device', deviceId, 'messages'], 'GET /devices/{deviceId}/messages', { params: { deviceId } }),
  refetchInterval: 2_000,
  staleTime: 0,
});
export const deviceCommandsQuery = (deviceId: DeviceId) => ({
  ...whole(['device', deviceId, 'commands'], 'GET /devices/{deviceId}/commands', {
    params: { deviceId },
    query: { limit: 20 },
  }),
  refetchInterval: 2_000,
  staleTime: 0,
});
export const deviceConfigurationQuery = (deviceId: DeviceId) => ({
  ...whole(['device', deviceId, 'configuration'], 'GET /devices/{deviceId}/configuration', { params: { deviceId } }),
  refetchInterval: 5_000,
});
export const deviceAttributesQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'attributes'], 'GET /devices/{deviceId}/attributes', { params: { deviceId } });
export const deviceAssignmentsQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'assignments'], 'GET /devices/{deviceId}/assignments', { params: { deviceId } });
export const deviceCredentialsQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'credentials'], 'GET /devices/{deviceId}/credentials', { params: { deviceId } });
export const deviceStatusQuery = (deviceId: DeviceId) =>
  whole(['device', deviceId, 'status'], 'GET /devices/{deviceId}/status', {
    params: { deviceId },
    query: { limit: 20 },
  });

export const importsQuery = whole(['imports'], 'GET /device-imports', { query: { limit: 100 } });
export const importQuery = (importId: string) =>
  whole(['imports', importId], 'GET /device-imports/{importId}', { params: { importId } });
/** A plan is made once: its rows never change. */
export const importRowsQuery = (importId: string) =>
  queryOptions({
    queryKey: ['import-rows', importId],
    queryFn: ({ signal }) =>
      everyPage<ImportOutcomeWire>('GET /device-imports/{importId}/rows', { params: { importId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
export const importObstaclesQuery = (importId: string) => ({
  ...whole(['imports', importId, 'obstacles'], 'GET /device-imports/{importId}/obstacles', { params: { importId } }),
  staleTime: 0,
});
export const claimWindowsQuery = queryOptions({
  queryKey: ['claim-windows'],
  queryFn: ({ signal }) => everyPage<ClaimWindowWire>('GET /claim-codes', { signal }),
});
export const labelPrintsQuery = whole(['label-prints'], 'GET /device-labels', { query: { limit: 50 } });
export const profilesQuery = whole(['provisioning', 'profiles'], 'GET /provisioning-profiles');
export const authoritiesQuery = whole(['provisioning', 'authorities'], 'GET /certificate-authorities');
export const boundDevicesQuery = (authorityId: string) =>
  whole(['provisioning', 'bound', authorityId], 'GET /certificate-authorities/{authorityId}/devices', {
    params: { authorityId },
    query: { limit: 100 },
  });

export const alarmQuery = (alarmId: AlarmId) =>
  whole(['alarm', alarmId], 'GET /alarms/{alarmId}', { params: { alarmId } });
/** `version` is part of the key: each step of the alarm asks for its history anew. */
export const alarmHistoryQuery = (alarmId: AlarmId, version: number) =>
  whole(['alarm', alarmId, 'history', version], 'GET /alarms/{alarmId}/history', { params: { alarmId } });
/** Occurrences of one point that are over, newest first. */
export const endedAlarmsQuery = (point: PointId) =>
  queryOptions({
    queryKey: ['alarms', 'ended', point],
    queryFn: async ({ signal }): Promise<readonly AlarmWire[]> =>
      (await call('GET /alarms', { signal, query: { open: false, limit: 200, point, newest: true } })).items,
    staleTime: 10_000,
  });
/** Occurrences that are over, newest first, page by page. What the server can narrow it does; the rest is for whoever shows them. */
export const overAlarmsQuery = (
  origin: 'live' | 'past',
  { agencies, domains, rule, since }: Pick<AlarmListFilter, 'agencies' | 'domains' | 'rule' | 'since'>,
) => {
  const query = {
    open: false,
    origin,
    newest: true,
    limit: 200,
    agency: agencies[0],
    domain: domains.length === 1 ? domains[0] : undefined,
    rule: rule ?? undefined,
    from: since ?? undefined,
  };
  return infiniteQueryOptions({
    queryKey: ['alarms', 'ended', query],
    queryFn: ({ signal, pageParam }) => call('GET /alarms', { signal, query: { ...query, after: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 10_000,
  });
};
