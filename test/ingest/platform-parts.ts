import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { openFirmwareFolder } from '../../adapters/firmware/folder.ts';
import { openLmdbJournal } from '../../adapters/journal/lmdb.ts';
import { findLmdbDamage, searchLmdbFile } from '../../adapters/journal/lmdb-file.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import { QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import { loadSettings } from '../../config/settings.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, SiteId } from '../../domain/identifiers.ts';
import type { ConsumerName } from '../../domain/ports/journal.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { CitySeed, Registry } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { createLiveState } from '../../ingest/consumers/live-state.ts';
import { createDoors } from '../../ingest/doors.ts';
import { createIngest } from '../../ingest/ingest.ts';
import { createRolloutWork, createSourceWork, createStoreWork, type ForeignBroker } from '../../ingest/work.ts';

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'hd-platform-'));
export const tokenOf = (device: string): string => `token-of-${device}`;

/** A city of air stations `air-1` … `air-n`, each with pm2_5 and temperature. */
export function smallCity(stations: number): CitySeed {
  const agency = 'env' as AgencyId;
  const quantities = ['pm2_5', 'pm10'].filter((q) => QUANTITY_CATALOGUE.has(q as QuantityKey)) as QuantityKey[];
  const name = { vi: 'Trạm', en: 'Station' };
  const location = { longitude: 106.68, latitude: 20.86 };
  const ids = Array.from({ length: stations }, (_, i) => `air-${i + 1}`);
  return {
    agencies: [{ id: agency, name }],
    models: [
      {
        id: 'm' as DeviceModelId,
        agencyId: agency,
        maker: 'M',
        name: 'M',
        domain: 'environment',
        format: 'native-json',
        channels: quantities.map((quantity) => ({ key: quantity, quantity, plausibleRange: null })),
        expectedInterval: seconds(60),
        rateLimit: null,
      },
    ],
    sites: [
      {
        id: 's' as SiteId,
        agencyId: agency,
        kind: 'air_station',
        domain: 'environment',
        name,
        location,
        wardCode: null,
        parentId: null,
        tags: [],
      },
    ],
    links: [],
    points: ids.map((id) => ({
      id: `p-${id}` as PointId,
      agencyId: agency,
      siteId: 's' as SiteId,
      domain: 'environment',
      name,
      location,
      wardCode: null,
      tags: [],
      quantities,
    })),
    devices: ids.map((id) => ({
      id: id as DeviceId,
      agencyId: agency,
      modelId: 'm' as DeviceModelId,
      serialNumber: null,
      state: 'commissioned',
      tokenSha256: createHash('sha256').update(tokenOf(id)).digest('hex'),
      serves: [`p-${id}` as PointId],
    })),
    rules: [],
  };
}

/** What gateways of one city share; closed with the gateway it was opened for. */
export interface SharedEngines {
  readonly registry: Registry;
  readonly bus: LiveBus;
}

/** The real ingest path on real engines in `folder`, listening on ports of its own; one of several gateways when it is given what they share. */
export async function openIngest(
  folder: string,
  more: Record<string, unknown> = {},
  city: CitySeed = smallCity(3),
  shared?: SharedEngines,
) {
  const settings = loadSettings(
    {},
    {
      dataDirectory: folder,
      mqtt: { host: '::', port: 0, ...(more['mqtt'] as object | undefined) },
      ...Object.fromEntries(Object.entries(more).filter(([k]) => !['mqtt', 'sources', 'consumers'].includes(k))),
    },
  );
  const clock = () => epochMs(Date.now());
  const errors: string[] = [];
  const bus = shared?.bus ?? createInProcessBus((name, error) => errors.push(`${name}: ${String(error)}`));
  const registry =
    shared?.registry ?? openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  await registry.seed({ kind: 'system', name: 'test' }, city);
  const journal = await openLmdbJournal({
    path: join(folder, 'journal'),
    capacityBytes: settings.journal.capacityBytes,
    retain: seconds(settings.journal.retainSeconds),
    consumers: ['store', 'live', ...((more['consumers'] ?? []) as readonly ConsumerName[])],
    clock,
  });
  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 128 });
  const files = openFirmwareFolder({ path: join(folder, 'firmware'), ...settings.firmware });
  const sources = (more['sources'] ?? []) as readonly ForeignBroker[];
  const onError = (where: string, error: unknown) => errors.push(`${where}: ${String(error)}`);
  const ports = { journal, store, registry, bus, clock, newId: randomUUID, onError, firmwareFiles: files };
  const ingest = await createIngest(
    {
      ...ports,
      catalogue: QUANTITY_CATALOGUE,
      lmdbFiles: { findDamage: findLmdbDamage, search: searchLmdbFile },
    },
    {
      ingest: settings.ingest,
      quarantine: { path: join(folder, 'quarantine'), ...settings.quarantine },
      stationFiles: settings.stationFiles,
      foreignTopics: sources.map((source) => source.settings.topics),
    },
  );
  const doors = await createDoors(ports, ingest, {
    mqtt: settings.mqtt,
    sessionsPath: join(folder, 'broker'),
    httpBodyBytes: settings.http.bodyLimitBytes,
    downloadsAtOnce: settings.firmware.downloadsAtOnce,
  });
  const { gateway } = doors;
  const stationFiles = ingest.stationFilesOver(registry);
  const work = { ...ports, ingest };
  const parts = [
    createStoreWork(work, journal, store),
    createLiveState(journal, bus),
    doors,
    createRolloutWork(work, registry, null),
    createSourceWork(work, sources, (device, online) => gateway.notePresence(device, online)),
    stationFiles,
  ];
  const app = express();
  app.use(doors.http);
  const http = createServer(app);
  http.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => http.listen(0, '::', resolve));
  await ingest.start();
  for (const part of parts) await part.start();
  const series = await registry.directory.series();
  return {
    ...ingest,
    gateway,
    stationFiles,
    get firmwareDownloads() {
      return doors.firmwareDownloads;
    },
    files,
    registry,
    journal,
    store,
    bus,
    errors,
    mqttPort: gateway.port,
    httpPort: (http.address() as AddressInfo).port,
    seriesOf: (device: string, quantity = 'pm2_5') =>
      series.find((s) => s.pointId === `p-${device}` && s.quantity === quantity)!.series,
    async stopAll() {
      http.closeAllConnections();
      http.close();
      for (const part of parts.toReversed()) await part.stop();
      await ingest.stop();
      await store.close();
      await journal.close();
      await registry.close();
      await bus.close();
    },
  };
}
