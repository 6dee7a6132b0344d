import type { SeriesId } from '../identifiers.ts';
import type { QualitySpan } from '../ports/registry.ts';
import type { TimeSeriesStore } from '../ports/time-series-store.ts';
import { UNUSABLE_FROM } from '../quality.ts';
import { effectiveQuality } from '../quality-verdicts.ts';
import { type DurationMs, type EpochMs, epochMs, minutes } from '../time.ts';
import { arithmeticMean, type HourlyMean, type HourlyMeans } from './hourly-mean.ts';
import type { HourEnd } from './local-hours.ts';
import { energyMean } from './sound-levels.ts';

const HOUR_MS = 3_600_000;
/** Lengths that divide the hour. */
const SLOT_MINUTES = [10, 12, 15, 20, 30, 60] as const;
/** Readings taken from the store in one go. */
const PAGE_READINGS = 100_000;

/** A series whose hours are wanted. */
export interface HourlySource {
  readonly series: SeriesId;
  readonly average: 'arithmetic' | 'energy';
  /** Of {@link slotOf}. */
  readonly slot: DurationMs;
}

/**
 * The parts an hour is divided into to tell how much of it was measured: as long as the series' interval, at least ten minutes. Counting parts rather
 * than readings, ten minutes of a reading every second don't pass for an hour. Without an interval that is known the hour is one part.
 */
export const slotOf = (interval: DurationMs | undefined): DurationMs =>
  minutes(SLOT_MINUTES.find((length) => interval !== undefined && minutes(length) >= interval) ?? 60);

export interface StoredHoursPorts {
  readonly store: Pick<TimeSeriesStore, 'windows' | 'range'>;
  /** What people have said of the readings of these series in [from, to). */
  readonly verdictsOn: (series: readonly SeriesId[], from: EpochMs, to: EpochMs) => Promise<readonly QualitySpan[]>;
}

/**
 * Hourly means of series from the store, from hour `from` to hour `to`, both included; suspect readings count, unusable ones and those that people found
 * unusable don't. The one way from stored readings to an index: whoever works one out, when they come or long after, gets the same.
 */
export async function storedHours(
  { store, verdictsOn }: StoredHoursPorts,
  sources: readonly HourlySource[],
  from: HourEnd,
  to: HourEnd,
): Promise<ReadonlyMap<SeriesId, HourlyMeans>> {
  // An hour holds its end and not its beginning: (h − 1, h] in whole milliseconds is [h − 1 h + 1 ms, h + 1 ms).
  const span = { from: epochMs(from - HOUR_MS + 1), to: epochMs(to + 1) };
  const verdicts = Map.groupBy(
    await verdictsOn(
      sources.map(({ series }) => series),
      span.from,
      span.to,
    ),
    (verdict) => verdict.series,
  );
  const hours = new Map<SeriesId, HourlyMeans>();
  // Levels can't be averaged by the store, nor does it know of verdicts: of those series the readings themselves are taken.
  const isPlain = ({ series, average }: HourlySource): boolean => average === 'arithmetic' && !verdicts.has(series);
  for (const [slot, alike] of Map.groupBy(sources.filter(isPlain), (source) => source.slot)) {
    const series = alike.map((source) => source.series).sort((a, b) => a - b);
    const windows = await store.windows({ series, ...span, step: slot, align: span.from });
    let parts = new Parts(slot, span.from);
    for (let i = 0; i < windows.length; i++) {
      const id = windows.series[i] as SeriesId;
      if (i === 0 || id !== windows.series[i - 1]) {
        parts = new Parts(slot, span.from);
        hours.set(id, parts.hours);
      }
      parts.add(windows.start[i]!, windows.sum[i]!, windows.count[i]!);
    }
    for (const id of series) hours.get(id) ?? hours.set(id, new Map());
  }
  for (const source of sources) {
    if (!isPlain(source))
      hours.set(source.series, await hoursFromReadings(store, source, span, verdicts.get(source.series) ?? []));
  }
  return hours;
}

/** Collects the means of hours from those of their parts, which come in order of time. */
class Parts {
  readonly hours = new Map<HourEnd, HourlyMean>();
  readonly #slotsOfHour: number;
  readonly #begin: number;
  #hour = Number.NaN;
  #sum = 0;
  #count = 0;
  #slots = 0;

  constructor(slot: DurationMs, begin: number) {
    this.#slotsOfHour = HOUR_MS / slot;
    this.#begin = begin;
  }

  add(start: number, sum: number, count: number): void {
    const hour = this.#begin + Math.floor((start - this.#begin) / HOUR_MS) * HOUR_MS + HOUR_MS - 1;
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#sum = 0;
      this.#count = 0;
      this.#slots = 0;
    }
    this.#sum += sum;
    this.#count += count;
    this.#slots++;
    this.hours.set(hour as HourEnd, { mean: this.#sum / this.#count, capture: this.#slots / this.#slotsOfHour });
  }
}

async function hoursFromReadings(
  store: StoredHoursPorts['store'],
  { series, average, slot }: HourlySource,
  span: { readonly from: EpochMs; readonly to: EpochMs },
  verdicts: readonly QualitySpan[],
): Promise<HourlyMeans> {
  const hours = new Map<HourEnd, { readonly values: number[]; readonly slots: Set<number> }>();
  for (let from = span.from; from < span.to; ) {
    const readings = await store.range({ series, from, to: span.to, limit: PAGE_READINGS });
    const quality = effectiveQuality(readings, verdicts);
    for (let i = 0; i < readings.length; i++) {
      if (quality[i]! >= UNUSABLE_FROM) continue;
      const since = readings.eventTime[i]! - span.from;
      const hour = (span.from + Math.floor(since / HOUR_MS) * HOUR_MS + HOUR_MS - 1) as HourEnd;
      const known = hours.get(hour) ?? { values: [], slots: new Set() };
      hours.set(hour, known);
      known.values.push(readings.value[i]!);
      known.slots.add(Math.floor(since / slot));
    }
    if (readings.length < PAGE_READINGS) break;
    from = epochMs(readings.eventTime[readings.length - 1]! + 1);
  }
  const mean = average === 'energy' ? energyMean : arithmeticMean;
  return new Map(
    [...hours].map(([hour, { values, slots }]) => [
      hour,
      // Not null: an hour is only there with a value.
      { mean: mean(values)!, capture: slots.size / (HOUR_MS / slot) },
    ]),
  );
}
