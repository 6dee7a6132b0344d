import type { QuantityKey } from '../quantity.ts';
import { AIR_POLLUTANTS } from './air-index.ts';
import type { AirIndexMethod } from './air-index-series.ts';
import type { NoiseDayMethod } from './noise-day.ts';
import { WQI_GROUPS, WQI_PARAMETERS, type WqiParameter, type WqiTable } from './water-quality-index.ts';

/** An index of the air, by hour and by day. */
export interface AirIndexDefinition {
  readonly kind: 'air';
  readonly key: string;
  /** Quantities that its values are kept as. */
  readonly hourly: QuantityKey;
  readonly daily: QuantityKey;
  readonly method: AirIndexMethod<string>;
}
/** An index of surface water, by hour: each hour's means are one sample. */
export interface WaterIndexDefinition {
  readonly kind: 'water';
  readonly key: string;
  readonly hourly: QuantityKey;
  readonly table: WqiTable;
  readonly inputs: Readonly<Partial<Record<WqiParameter | 'water_temperature', QuantityKey>>>;
  /** Least share of an hour's readings for its mean to count. */
  readonly hourCapture: number;
}
/** Noise of whole days. */
export interface NoiseIndexDefinition {
  readonly kind: 'noise';
  readonly key: string;
  readonly daily: QuantityKey;
  readonly input: QuantityKey;
  readonly method: NoiseDayMethod;
}
/** What the platform works out from the readings of one point, hour by hour and day by day. */
export type IndexDefinition = AirIndexDefinition | WaterIndexDefinition | NoiseIndexDefinition;

/** The quantities it is made of. */
export function inputsOf(definition: IndexDefinition): readonly QuantityKey[] {
  switch (definition.kind) {
    case 'air':
      return AIR_POLLUTANTS as readonly string[] as readonly QuantityKey[];
    case 'water':
      return Object.values(definition.inputs);
    case 'noise':
      return [definition.input];
  }
}

/** The quantities its values are kept as. */
export function outputsOf(definition: IndexDefinition): readonly QuantityKey[] {
  switch (definition.kind) {
    case 'air':
      return [definition.hourly, definition.daily];
    case 'water':
      return [definition.hourly];
    case 'noise':
      return [definition.daily];
  }
}

/** Whether a point that measures these can ever have the index. */
export function canHave(definition: IndexDefinition, measured: ReadonlySet<QuantityKey>): boolean {
  switch (definition.kind) {
    case 'air': {
      const { requiresOneOf } = definition.method.table;
      const enough = requiresOneOf.length > 0 ? requiresOneOf : AIR_POLLUTANTS;
      return enough.some((pollutant) => measured.has(pollutant as string as QuantityKey));
    }
    case 'water': {
      const { table } = definition;
      const inGroup = WQI_GROUPS.map((group) =>
        WQI_PARAMETERS[group].filter((parameter) => isMeasured(definition, parameter, measured)),
      );
      const inGroupIV = inGroup[WQI_GROUPS.indexOf('IV')]!.length;
      return (
        inGroupIV >= table.minimumInGroupIV && inGroup.filter(({ length }) => length > 0).length >= table.minimumGroups
      );
    }
    case 'noise':
      return measured.has(definition.input);
  }
}

/** Oxygen counts only with the water's temperature. */
function isMeasured(
  { inputs }: WaterIndexDefinition,
  parameter: WqiParameter,
  measured: ReadonlySet<QuantityKey>,
): boolean {
  const has = (key: WqiParameter | 'water_temperature'): boolean => {
    const quantity = inputs[key];
    return quantity !== undefined && measured.has(quantity);
  };
  return has(parameter) && (parameter !== 'DO' || has('water_temperature'));
}
