import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId, DeviceModelId, PointId, SeriesId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type Station, stationKey, stationSender } from '../../domain/station.ts';
import { ucumOfStationUnit } from '../../domain/station-file.ts';

export interface KnownStation {
  readonly station: Station;
  /** The station as the sender of its files: its symbols are the channels. */
  readonly sender: DeviceDirectoryEntry;
  /** By symbol; a parameter whose series is gone is absent. */
  readonly series: ReadonlyMap<string, SeriesId>;
}

/** Stations in memory, as the registry has them: read anew when one changes. */
export interface StationDirectory {
  /** By the code in a file's name, in any case. */
  byCode(code: string): KnownStation | undefined;
  /** By the id its files are sent under. */
  bySender(id: string): DeviceDirectoryEntry | undefined;
  all(): readonly KnownStation[];
  /** Resolves when changes announced so far have been taken in. */
  settled(): Promise<void>;
  stop(): void;
}

/** The payload format of all senders of this kind; no model of devices has this id. */
const FORMAT = 'station-file';
const NO_MODEL = '' as DeviceModelId;

export async function openStationDirectory(
  registry: Pick<Registry, 'stations' | 'directory'>,
  bus: LiveBus,
  onError: (error: unknown) => void,
): Promise<StationDirectory> {
  let known = new Map<string, KnownStation>();
  let bySender = new Map<string, DeviceDirectoryEntry>();

  const load = async (): Promise<void> => {
    const stations = await registry.stations.stations();
    const wanted = new Set<PointId>(stations.flatMap(({ parameters }) => parameters.map(({ pointId }) => pointId)));
    const series = new Map<string, SeriesId>();
    if (wanted.size > 0)
      for (const { pointId, quantity, series: id } of await registry.directory.series())
        if (wanted.has(pointId)) series.set(`${pointId}\n${quantity}`, id);
    known = new Map(stations.map((station) => [stationKey(station.code), knownStation(station, series)]));
    bySender = new Map([...known.values()].map(({ sender }) => [sender.deviceId, sender]));
  };
  let loading = Promise.resolve();
  let waits = false;
  // Changes that come while one is waiting for its turn are taken in by it.
  const reload = (): void => {
    if (waits) return;
    waits = true;
    loading = loading
      .then(() => {
        waits = false;
        return load();
      })
      .catch(onError);
  };
  const leave = (['stations.changed', 'assets.changed', 'events.missed'] as const).map((name) =>
    bus.subscribe(name, reload),
  );
  await load();
  return {
    byCode: (code) => known.get(stationKey(code)),
    bySender: (id) => bySender.get(id),
    all: () => [...known.values()],
    settled: () => loading,
    stop() {
      for (const one of leave) one();
    },
  };
}

function knownStation(station: Station, seriesOf: ReadonlyMap<string, SeriesId>): KnownStation {
  const channels = new Map<string, NonNullable<ReturnType<DeviceDirectoryEntry['channels']['get']>>>();
  for (const { symbol, pointId, quantity, unit } of station.parameters) {
    const series = seriesOf.get(`${pointId}\n${quantity}`);
    if (series !== undefined)
      channels.set(symbol, { series, quantity, plausibleRange: null, unit: ucumOfStationUnit(unit) });
  }
  return {
    station,
    series: new Map([...channels].map(([symbol, { series }]) => [symbol, series])),
    sender: {
      deviceId: stationSender(station.code) as DeviceId,
      agencyId: station.agencyId,
      modelId: NO_MODEL,
      state: 'commissioned',
      serialNumber: null,
      format: FORMAT,
      codec: null,
      rateLimit: null,
      channels,
      knownChannels: new Set(station.parameters.map(({ symbol }) => symbol)),
      credentials: [],
      certificates: [],
    },
  };
}
