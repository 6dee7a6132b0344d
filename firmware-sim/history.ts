import type { PointId, SeriesId } from '../domain/identifiers.ts';
import type { CitySeed } from '../domain/ports/registry.ts';
import type { QuantityKey } from '../domain/quantity.ts';
import { emptyColumns, type ReadingColumns } from '../domain/reading.ts';
import { type DurationMs, type EpochMs, minutes } from '../domain/time.ts';
import { seedOf, unitAt } from './random.ts';
import type { Street } from './signals/street.ts';

export interface HistoryOptions {
  readonly street: Street;
  readonly city: CitySeed;
  /** Inclusive. */
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  /** Between the readings of a series; devices that report more seldom keep to the next multiple of it. Default 10 min. */
  readonly step?: DurationMs;
  /** The registry's number of a series; readings without one are left out. */
  readonly seriesOf: (point: PointId, quantity: QuantityKey) => SeriesId | undefined;
  /** Most readings of one batch, so that one call of `next` is a few milliseconds' work. Default 8192. */
  readonly batchReadings?: number;
}

interface Source {
  readonly measure: (moment: ReturnType<Street['moment']>, out: Float64Array) => void;
  readonly series: readonly (SeriesId | undefined)[];
  /** It reports at multiples of this, counted from 1970. */
  readonly every: DurationMs;
  /** Time its messages took to arrive. */
  readonly delayMs: number;
}

/**
 * What the devices of a city would have sent: readings in ascending event time, quality good, arriving some hundred milliseconds later. Event times
 * are multiples of the step. A generator, so that the caller decides between batches whether others get to run.
 * Each batch has its own columns.
 */
export function* historyFor(options: HistoryOptions): Generator<ReadingColumns, void, undefined> {
  const { street, from, to, step = minutes(10), batchReadings = 8_192 } = options;
  const sources = sourcesOf(options, step);
  const widest = Math.max(0, ...sources.map((source) => source.series.length));
  const values = new Float64Array(widest);
  const capacity = Math.max(batchReadings, widest);
  let columns = emptyColumns(capacity);
  let length = 0;
  for (let t = Math.ceil(from / step) * step; t < to; t += step) {
    const moment = street.moment(t as EpochMs);
    for (const source of sources) {
      if (t % source.every !== 0) continue;
      if (length + source.series.length > capacity) {
        yield cut(columns, length);
        columns = emptyColumns(capacity);
        length = 0;
      }
      source.measure(moment, values);
      for (let i = 0; i < source.series.length; i += 1) {
        const series = source.series[i];
        if (series === undefined) continue;
        columns.series[length] = series;
        columns.eventTime[length] = t;
        columns.arrivalTime[length] = t + source.delayMs;
        columns.value[length] = values[i] as number;
        length += 1;
      }
    }
  }
  if (length > 0) yield cut(columns, length);
}

function sourcesOf({ street, city, seriesOf }: HistoryOptions, step: DurationMs): readonly Source[] {
  const interval = new Map(city.models.map((model) => [model.id, model.expectedInterval]));
  return city.devices.flatMap((device) =>
    device.serves.flatMap((id) => {
      const point = street.points.get(id);
      if (point === undefined) return [];
      const expected = interval.get(device.modelId) ?? step;
      return [
        {
          measure: point.measure,
          series: point.quantities.map((quantity) => seriesOf(id, quantity)),
          every: (Math.max(1, Math.ceil(expected / step)) * step) as DurationMs,
          delayMs: Math.round(150 + 900 * unitAt(seedOf(device.id, 'delay'), 0)),
        },
      ];
    }),
  );
}

const cut = (columns: ReadingColumns, length: number): ReadingColumns =>
  length === columns.length
    ? columns
    : {
        length,
        series: columns.series.subarray(0, length),
        eventTime: columns.eventTime.subarray(0, length),
        arrivalTime: columns.arrivalTime.subarray(0, length),
        value: columns.value.subarray(0, length),
        quality: columns.quality.subarray(0, length),
      };
