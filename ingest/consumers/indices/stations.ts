import type { Actor } from '../../../domain/access.ts';
import type { DeviceModel } from '../../../domain/asset.ts';
import type { AgencyId, DeviceModelId, PointId, SeriesId } from '../../../domain/identifiers.ts';
import { canHave, type IndexDefinition } from '../../../domain/indices/index-definition.ts';
import { type IndexStation, indexStationOf } from '../../../domain/indices/index-station.ts';
import type { IndexWork } from '../../../domain/ports/index-work.ts';
import type { Registry, RegistryView } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { DurationMs, EpochMs } from '../../../domain/time.ts';

/** The part of the registry that indices need. */
export interface IndicesRegistry {
  readonly indexWork: IndexWork;
  readonly directory: Pick<Registry['directory'], 'series'>;
  as(actor: Actor): {
    readonly points: Pick<RegistryView['points'], 'addQuantities'>;
    readonly models: Pick<RegistryView['models'], 'list'>;
    readonly devices: Pick<RegistryView['devices'], 'assignments' | 'get'>;
    readonly qualitySpans: Pick<RegistryView['qualitySpans'], 'list'>;
  };
}

export const INDICES: Actor = { kind: 'system', name: 'indices' };

/** Every point that has indices, and which series is an input of which. */
export class Stations {
  readonly list: readonly IndexStation[];
  readonly #inputs: ({ readonly station: IndexStation; readonly quantity: QuantityKey } | undefined)[] = [];

  constructor(list: readonly IndexStation[]) {
    this.list = list;
    for (const station of list)
      for (const [quantity, { series }] of station.sources) this.#inputs[series] = { station, quantity };
  }

  /** What the series is an input of; `undefined` for most series of a city. */
  inputOf(series: SeriesId) {
    return this.#inputs[series];
  }
}

/**
 * Reads the points that can have indices and how often their devices report, and gives those points the series they lack, each with a backlog from
 * `backfillFrom` on. Returns the agencies whose points were added to.
 */
export async function loadStations(
  registry: IndicesRegistry,
  definitions: readonly IndexDefinition[],
  backfillFrom: EpochMs,
  now: EpochMs,
): Promise<{ readonly stations: Stations; readonly extended: ReadonlySet<AgencyId> }> {
  const view = registry.as(INDICES);
  const [directory, models] = await Promise.all([registry.directory.series(), view.models.list()]);
  const modelById = new Map(models.map((model) => [model.id, model]));
  const found: { readonly of: (series: SeriesOfPoint) => IndexStation | undefined; station: IndexStation }[] = [];
  for (const [pointId, entries] of Map.groupBy(directory, (entry) => entry.pointId)) {
    const measured = new Set(entries.map(({ quantity }) => quantity));
    if (!definitions.some((definition) => canHave(definition, measured))) continue;
    const intervals = await intervalsAt(pointId, view, modelById);
    const of = (series: SeriesOfPoint) =>
      indexStationOf({ id: pointId, series }, definitions, (quantity) => intervals.get(quantity));
    const station = of(entries.map(({ series, quantity }) => ({ id: series, quantity })));
    if (station !== undefined) found.push({ of, station });
  }

  const lacking = found.filter(({ station }) => station.missing.length > 0);
  const extended = new Set<AgencyId>();
  if (lacking.length > 0) {
    // The backlog first: a kill in between leaves work to do twice, not undone.
    await registry.indexWork.add(
      lacking.flatMap(({ station }) =>
        [...station.sources.values()].map(({ series }) => ({ series, from: backfillFrom, to: now })),
      ),
    );
    const points = await view.points.addQuantities(
      lacking.flatMap(({ station }) => station.missing.map((quantity) => ({ pointId: station.pointId, quantity }))),
    );
    const byId = new Map(points.map((point) => [point.id, point]));
    for (const entry of lacking) {
      const point = byId.get(entry.station.pointId);
      const extendedStation = point && entry.of(point.series);
      if (!point || !extendedStation) continue;
      extended.add(point.agencyId);
      entry.station = extendedStation;
    }
  }
  return { stations: new Stations(found.map(({ station }) => station)), extended };
}

type SeriesOfPoint = readonly { readonly id: SeriesId; readonly quantity: QuantityKey }[];

/** How often each quantity of a point is reported by what serves it now. */
async function intervalsAt(
  pointId: PointId,
  view: ReturnType<IndicesRegistry['as']>,
  models: ReadonlyMap<DeviceModelId, DeviceModel>,
): Promise<ReadonlyMap<QuantityKey, DurationMs>> {
  const intervals = new Map<QuantityKey, DurationMs>();
  for (const { deviceId, to } of await view.devices.assignments({ pointId })) {
    if (to !== null) continue;
    const model = models.get((await view.devices.get(deviceId)).modelId);
    for (const { quantity } of model?.channels ?? []) {
      const known = intervals.get(quantity);
      if (model !== undefined && (known === undefined || model.expectedInterval < known))
        intervals.set(quantity, model.expectedInterval);
    }
  }
  return intervals;
}
