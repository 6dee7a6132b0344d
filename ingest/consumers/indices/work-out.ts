import type { SeriesId } from '../../../domain/identifiers.ts';
import type { Affected } from '../../../domain/indices/air-index-series.ts';
import type { IndexDefinition } from '../../../domain/indices/index-definition.ts';
import type { IndexStation } from '../../../domain/indices/index-station.ts';
import { endOfDay, hoursNeeded, type IndexValue, indexValuesOf } from '../../../domain/indices/index-values.ts';
import type { HourEnd } from '../../../domain/indices/local-hours.ts';
import { type StoredHoursPorts, storedHours } from '../../../domain/indices/stored-hours.ts';
import { QUALITY, UNUSABLE_FROM } from '../../../domain/quality.ts';
import { type Reading, readingAt } from '../../../domain/reading.ts';
import { type Clock, days, type EpochMs, epochMs } from '../../../domain/time.ts';

/** Worked out without a break: some ten milliseconds, and what the store is asked for stays small, however long the span that changed. */
const BLOCK_MS = days(7);
/** A value for each hour of a block, and some. */
const VALUES_OF_BLOCK = 500;

export interface WorkOutPorts extends StoredHoursPorts {
  readonly clock: Clock;
}
/** Hours and days of one station to be worked out, by index. */
export type StationWork = ReadonlyMap<IndexDefinition, Affected>;

/**
 * The values of the indices of one station, as readings, ascending in each series. `again`: they have been worked out before, so only those that are no
 * longer what they were come back, and in place of a value that there is no more, the old one as withdrawn.
 */
export async function workOut(
  ports: WorkOutPorts,
  station: IndexStation,
  work: StationWork,
  again: boolean,
): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const block of blocksOf(work)) {
    const needed = [...block].flatMap(([definition, affected]) => hoursNeeded(definition, affected) ?? []);
    if (needed.length === 0) continue;
    const from = Math.min(...needed.map((each) => each.from)) as HourEnd;
    const to = Math.max(...needed.map((each) => each.to)) as HourEnd;
    const hours = await storedHours(ports, [...station.sources.values()], from, to);
    const means = new Map(
      [...station.sources].map(([quantity, { series }]) => [quantity, hours.get(series) ?? new Map()]),
    );
    const values = [...block].flatMap(([definition, affected]) => indexValuesOf(definition, means, affected));
    for (const [quantity, ofSeries] of Map.groupBy(values, (value) => value.quantity)) {
      const series = station.outputs.get(quantity);
      if (series === undefined) continue;
      readings.push(
        ...(again ? await changed(ports, series, ofSeries) : ofSeries.flatMap((value) => fresh(ports, series, value))),
      );
    }
  }
  return readings;
}

const fresh = ({ clock }: WorkOutPorts, series: SeriesId, { at, value }: IndexValue): Reading[] =>
  value === null ? [] : [{ series, eventTime: at, arrivalTime: clock(), value, quality: QUALITY.GOOD }];

/** Those of the values that the store doesn't have so. `values`: of one series, ascending, at least one. */
async function changed(ports: WorkOutPorts, series: SeriesId, values: readonly IndexValue[]): Promise<Reading[]> {
  const { store, clock } = ports;
  const stored = await store.range({
    series,
    from: values[0]!.at,
    to: epochMs(values.at(-1)!.at + 1),
    limit: VALUES_OF_BLOCK,
  });
  const known = new Map<EpochMs, Reading>();
  for (let i = 0; i < stored.length; i++) known.set(epochMs(stored.eventTime[i]!), readingAt(stored, i));
  return values.flatMap((value): Reading[] => {
    const before = known.get(value.at);
    const holds = before !== undefined && before.quality < UNUSABLE_FROM;
    if (value.value === null)
      return holds ? [{ ...before, arrivalTime: clock(), quality: QUALITY.INVALID_WITHDRAWN }] : [];
    return holds && before.value === value.value ? [] : fresh(ports, series, value);
  });
}

/** The work divided by time, in order of it. */
function blocksOf(work: StationWork): readonly StationWork[] {
  const blocks = new Map<number, Map<IndexDefinition, Affected>>();
  const blockAt = (at: number): number => Math.floor(at / BLOCK_MS);
  for (const [definition, { hours, dates }] of work) {
    const hoursOf = Map.groupBy(hours, blockAt);
    const datesOf = Map.groupBy(dates, (date) =>
      definition.kind === 'water' ? 0 : blockAt(endOfDay(definition, date)),
    );
    for (const number of new Set([...hoursOf.keys(), ...datesOf.keys()])) {
      const block = blocks.get(number) ?? new Map<IndexDefinition, Affected>();
      block.set(definition, { hours: hoursOf.get(number) ?? [], dates: datesOf.get(number) ?? [] });
      blocks.set(number, block);
    }
  }
  return [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
}
