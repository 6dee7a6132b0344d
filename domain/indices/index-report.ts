import type { QuantityKey } from '../quantity.ts';
import { type EpochMs, epochMs } from '../time.ts';
import type { AirColumn, AirIndexOutcome, AverageGap } from './air-index.ts';
import { airIndexOfDay, airIndexOfHour } from './air-index-series.ts';
import type { ColumnGap } from './breakpoints.ts';
import type { AirIndexDefinition, IndexDefinition } from './index-definition.ts';
import { endOfDay, type MeansByQuantity, stationMeansOf, waterIndexOfHour } from './index-values.ts';
import { type HourEnd, hoursBefore, type LocalDate } from './local-hours.ts';
import { NOISE_PERIODS, type NoiseGap, noiseDayOf } from './noise-day.ts';
import { WQI_GROUPS, WQI_PARAMETERS } from './water-quality-index.ts';

export type PartGap = AverageGap | ColumnGap | NoiseGap;
export type IndexGap =
  | 'REQUIRED_POLLUTANT_MISSING'
  | 'NO_POLLUTANT'
  | 'PERIOD_MISSING'
  | 'TOO_FEW_GROUPS'
  | 'TOO_FEW_IN_GROUP_IV';

/** What one pollutant, parameter or part of a day brings to an index. */
export interface IndexPart {
  /** Column, parameter or period of the method. */
  readonly key: string;
  /** What it was made of, where that is one quantity of the point. */
  readonly quantity: QuantityKey | null;
  /** How it was averaged; `null` where there is but one way. */
  readonly average: string | null;
  /** The averaged value, in the quantity's unit. */
  readonly measured: number | null;
  /** Sub-index; `null` with a gap, and for parts of a day, which have none. */
  readonly value: number | null;
  /** Share of what should have been measured, in [0, 1]. */
  readonly capture: number | null;
  readonly gap: PartGap | null;
}

/** An index of one hour or day with all that it was made from. */
export interface IndexReport {
  /** The hour or day: (from, to]. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly value: number | null;
  /** Key of the part that determines the value, and its quantity. */
  readonly determining: string | null;
  readonly quantity: QuantityKey | null;
  /** Of the determining part; of the water index: share of the groups; of Lden: of the period least measured. */
  readonly capture: number | null;
  /** The table ends below what was measured: "at least". */
  readonly beyondTable: boolean;
  readonly gap: IndexGap | null;
  readonly parts: readonly IndexPart[];
}

/** The index of one hour; `null` where the index has no hours. */
export function hourReport(definition: IndexDefinition, means: MeansByQuantity, hour: HourEnd): IndexReport | null {
  const span = { from: asInstant(hoursBefore(hour, 1)), to: asInstant(hour) };
  switch (definition.kind) {
    case 'air': {
      const outcome = airIndexOfHour(stationMeansOf(means), hour, definition.method);
      return { ...span, ...airReport(definition, outcome, ({ ofHour }) => ofHour) };
    }
    case 'water': {
      const index = waterIndexOfHour(definition, means, hour);
      const found = index.ok ? index.value.parameters : index.error.parameters;
      const parts = WQI_GROUPS.flatMap((group) => WQI_PARAMETERS[group]).flatMap((key): IndexPart[] => {
        const quantity = definition.inputs[key];
        if (quantity === undefined || !means.has(quantity)) return [];
        const value = found[key] ?? null;
        const { mean, capture } = means.get(quantity)?.get(hour) ?? { mean: null, capture: null };
        const gap = value !== null ? null : mean === null ? 'NO_DATA' : 'TOO_FEW_READINGS';
        return [{ key, quantity, average: null, measured: mean, value, capture, gap }];
      });
      const determining = index.ok ? index.value.determining : null;
      return {
        ...span,
        value: index.ok ? index.value.value : null,
        determining,
        quantity: determining === null ? null : (definition.inputs[determining] ?? null),
        capture: index.ok ? index.value.capture : null,
        beyondTable: false,
        gap: index.ok ? null : index.error.code,
        parts,
      };
    }
    case 'noise':
      return null;
  }
}

/** The index of one day; `null` where the index has no days. */
export function dayReport(definition: IndexDefinition, means: MeansByQuantity, date: LocalDate): IndexReport | null {
  if (definition.kind === 'water') return null;
  const to = endOfDay(definition, date);
  const span = { from: asInstant(hoursBefore(to, 24)), to: asInstant(to) };
  if (definition.kind === 'air') {
    const outcome = airIndexOfDay(stationMeansOf(means), date, definition.method);
    return { ...span, ...airReport(definition, outcome, ({ ofDay }) => ofDay) };
  }
  const { periods, lden } = noiseDayOf(means.get(definition.input) ?? new Map(), date, definition.method);
  return {
    ...span,
    value: lden.ok ? lden.value.level : null,
    determining: lden.ok ? lden.value.determining : null,
    quantity: definition.input,
    capture: lden.ok ? lden.value.capture : null,
    beyondTable: false,
    gap: lden.ok ? null : lden.error.code,
    parts: NOISE_PERIODS.map((key): IndexPart => {
      const found = periods[key];
      const base = { key, quantity: definition.input, average: null, value: null };
      return found.ok
        ? { ...base, measured: found.value.level, capture: found.value.capture, gap: null }
        : { ...base, measured: null, capture: null, gap: found.error };
    }),
  };
}

function airReport(
  { method }: AirIndexDefinition,
  outcome: AirIndexOutcome<string>,
  averageOf: (column: AirColumn<string>) => string | null,
): Omit<IndexReport, 'from' | 'to'> {
  const { columns } = outcome.ok ? outcome.value : outcome.error;
  const parts = method.table.columns.flatMap((column): IndexPart[] => {
    const found = columns[column.key];
    if (found === undefined) return [];
    const base = { key: column.key, quantity: asQuantity(column.pollutant), average: averageOf(column) };
    return [
      found.defined
        ? { ...base, measured: found.concentration, value: found.value, capture: found.capture, gap: null }
        : { ...base, measured: null, value: null, capture: null, gap: found.gap },
    ];
  });
  if (!outcome.ok)
    return {
      value: null,
      determining: null,
      quantity: null,
      capture: null,
      beyondTable: false,
      gap: outcome.error.code,
      parts,
    };
  const { value, determining, pollutant, capture, beyondTable } = outcome.value;
  return { value, determining, quantity: asQuantity(pollutant), capture, beyondTable, gap: null, parts };
}

const asQuantity = (pollutant: string): QuantityKey => pollutant as QuantityKey;
const asInstant = (hour: HourEnd): EpochMs => epochMs(hour);
