/** Part of the composition root: the API, and what stands in its place where a process has none. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createXmllintSchema } from './adapters/cap-schema/xmllint.ts';
import { openPhotoFolder } from './adapters/photos/folder.ts';
import { type Api, createApi } from './api/create-api.ts';
import { type ApiSettings, DEFAULT_API_LIMITS } from './api/ports.ts';
import { loadPublicBasemap } from './config/basemap/public-basemap.ts';
import { demoClaimCode } from './config/city/demo-stock.ts';
import { HAI_PHONG_STOCK } from './config/city/hai-phong/stock.ts';
import { NEIGHBOUR_TOLERANCES } from './config/neighbour-tolerances.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import type { Settings } from './config/settings.ts';
import { DEFAULT_COMMISSIONING_TERMS } from './domain/commissioning.ts';
import type { PhotoFiles } from './domain/ports/commissioning.ts';
import type { NotificationSender } from './domain/ports/notifications.ts';
import { hours, minutes } from './domain/time.ts';
import { FORMATS } from './ingest/decode/formats.ts';
import type { Doors } from './ingest/doors.ts';
import type { Ingest } from './ingest/ingest.ts';
import { type Base, FOLDER, VERSION } from './main-base.ts';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './main-demo.ts';
import type { Duties } from './main-duties.ts';

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

export interface ApiParts {
  readonly base: Base;
  readonly ingest: Ingest;
  readonly doors: Doors | null;
  readonly duties: Pick<Duties, 'doing' | 'stationFiles'>;
  readonly sender: NotificationSender;
}

/** Builds the API; the gateway's own HTTP, if it is here, is asked first. */
export async function composeApi({
  base,
  ingest,
  doors,
  duties,
  sender,
}: ApiParts): Promise<{ readonly api: Api; readonly photos: PhotoFiles }> {
  const { settings, mode, registry, store, bus, journal, firmwareFiles, clock, metrics, log } = base;
  const { dataDirectory } = settings;
  const photos = await openPhotoFolder({ path: join(dataDirectory, 'photos'), ...settings.photos });
  const api = createApi({
    process: ingest.id,
    registry,
    store,
    notifications: sender,
    bus,
    journal,
    photos,
    firmwareFiles,
    stationFiles: duties.stationFiles,
    retention: { status: () => duties.doing.retention.status() },
    exportsFolder: resolve(dataDirectory, 'exports'),
    codecs: ingest.codecs,
    commissioning: { ...DEFAULT_COMMISSIONING_TERMS, neighbours: NEIGHBOUR_TOLERANCES },
    capSchema: createXmllintSchema({ schema: readFileSync(join(FOLDER, 'config/cap/CAP-v1.2.xsd'), 'utf8') }),
    catalogue: QUANTITY_CATALOGUE,
    formats: [...FORMATS.keys()],
    clock,
    newId: randomUUID,
    randomBytes,
    metrics,
    onReloadFailed: (error) => base.onError('city', error),
    log,
    settings: apiSettings(settings, mode),
    mounts: doors === null ? [] : [doors.http],
  });
  return { api, photos };
}
