import type { PointId, SeriesId } from '../identifiers.ts';
import type { QuantityKey } from '../quantity.ts';
import type { DurationMs } from '../time.ts';
import { canHave, type IndexDefinition, inputsOf, outputsOf } from './index-definition.ts';
import { type HourlySource, slotOf } from './stored-hours.ts';

/** A point that has indices: what they are made of, and where they are kept. */
export interface IndexStation {
  readonly pointId: PointId;
  readonly definitions: readonly IndexDefinition[];
  /** Series of the inputs that it measures. */
  readonly sources: ReadonlyMap<QuantityKey, HourlySource>;
  /** Series of the indices; those that the point does not have yet are absent. */
  readonly outputs: ReadonlyMap<QuantityKey, SeriesId>;
  /** Quantities of indices that it could have and has no series for. */
  readonly missing: readonly QuantityKey[];
}

/** The point as a station, `undefined` when it can have none of the indices. `intervalOf`: how often its hardware reports the quantity, where known. */
export function indexStationOf(
  point: {
    readonly id: PointId;
    readonly series: readonly { readonly id: SeriesId; readonly quantity: QuantityKey }[];
  },
  definitions: readonly IndexDefinition[],
  intervalOf: (quantity: QuantityKey) => DurationMs | undefined,
): IndexStation | undefined {
  const measured = new Map(point.series.map(({ id, quantity }) => [quantity, id]));
  const own = definitions.filter((definition) => canHave(definition, new Set(measured.keys())));
  if (own.length === 0) return undefined;
  const sources = new Map<QuantityKey, HourlySource>();
  const outputs = new Map<QuantityKey, SeriesId>();
  for (const definition of own) {
    for (const quantity of inputsOf(definition)) {
      const series = measured.get(quantity);
      if (series === undefined) continue;
      const average = definition.kind === 'noise' ? 'energy' : 'arithmetic';
      sources.set(quantity, { series, average, slot: slotOf(intervalOf(quantity)) });
    }
    for (const quantity of outputsOf(definition)) {
      const series = measured.get(quantity);
      if (series !== undefined) outputs.set(quantity, series);
    }
  }
  const missing = own.flatMap(outputsOf).filter((quantity) => !outputs.has(quantity));
  return { pointId: point.id, definitions: own, sources, outputs, missing };
}
