import type { SeriesId } from '../../../domain/identifiers.ts';
import type { Affected } from '../../../domain/indices/air-index-series.ts';
import type { IndexDefinition } from '../../../domain/indices/index-definition.ts';
import type { IndexStation } from '../../../domain/indices/index-station.ts';
import { affectedByEither, affectedOf, hoursAndDatesOf } from '../../../domain/indices/index-values.ts';
import { type HourEnd, hourOf, hoursBefore } from '../../../domain/indices/local-hours.ts';
import type { ChangedReadings } from '../../../domain/ports/index-work.ts';
import type { TimeSeriesStore } from '../../../domain/ports/time-series-store.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import { epochMs, hours } from '../../../domain/time.ts';
import type { UtcOffset } from '../../../domain/time-zone.ts';
import type { StationWork } from './work-out.ts';

const HOUR_MS = hours(1);
/** The last hour whose index a mean can change comes less than this many after it: the end of the next day. */
const REACH_HOURS = 48;

export interface ChangedHoursPorts {
  readonly store: Pick<TimeSeriesStore, 'windows'>;
  /** Local time of the site. */
  readonly offset: UtcOffset;
}

/** A station, and the spans of its inputs that changed; at least one. */
export interface ChangedStation {
  readonly station: IndexStation;
  readonly changes: readonly ChangedReadings[];
}

/**
 * The hours and days of stations to be worked out after spans of their inputs changed, as far as they are over at the end of hour `until`. Spans can be long
 * and mostly empty (a station's first month), so the store is asked, for all stations at once, which hours there is anything of: a mean, or an index
 * worked out from one that may be gone.
 */
export async function workOfChanges(
  { store, offset }: ChangedHoursPorts,
  stations: readonly ChangedStation[],
  until: HourEnd,
): Promise<ReadonlyMap<IndexStation, StationWork>> {
  const spans = Map.groupBy(
    stations.flatMap(({ changes }) =>
      changes.map(({ series, from, to }) => ({
        series,
        first: hourOf(from, offset),
        last: Math.min(hourOf(epochMs(to - 1), offset), until) as HourEnd,
      })),
    ),
    ({ series }) => series,
  );
  const all = [...spans.values()].flat();
  const first = Math.min(...all.map((span) => span.first)) as HourEnd;
  const last = Math.max(...all.map((span) => span.last)) as HourEnd;
  if (!(first <= last)) return new Map();
  const outputs = stations.flatMap(({ station }) => [...station.outputs.values()]);
  // An hour holds its end and not its beginning, in whole milliseconds.
  const begin = epochMs(first - HOUR_MS + 1);
  const windows = await store.windows({
    series: [...spans.keys(), ...outputs].sort((a, b) => a - b),
    from: begin,
    to: epochMs(Math.min(hoursBefore(last, -REACH_HOURS), until) + 1),
    step: HOUR_MS,
    align: begin,
  });
  const hoursOf = new Map<number, HourEnd[]>();
  for (let i = 0; i < windows.length; i++) {
    const series = windows.series[i] as SeriesId;
    const hour = (windows.start[i]! + HOUR_MS - 1) as HourEnd;
    // Of an output every hour counts, of an input those that changed.
    const changed = spans.get(series);
    if (changed !== undefined && !changed.some((span) => span.first <= hour && hour <= span.last)) continue;
    const hours = hoursOf.get(series);
    if (hours === undefined) hoursOf.set(series, [hour]);
    else hours.push(hour);
  }
  const hoursBy = (quantity: QuantityKey, series: SeriesId) =>
    (hoursOf.get(series) ?? []).map((hour) => ({ quantity, hour }));
  return new Map(
    stations.flatMap(({ station }) => {
      const measured = [...station.sources].flatMap(([quantity, { series }]) => hoursBy(quantity, series));
      const known = [...station.outputs].flatMap(([quantity, series]) => hoursBy(quantity, series));
      if (measured.length === 0 && known.length === 0) return [];
      const work = station.definitions.map((definition): [IndexDefinition, Affected] => [
        definition,
        affectedByEither(affectedOf(definition, measured, until), hoursAndDatesOf(definition, known)),
      ]);
      return [[station, new Map(work)]];
    }),
  );
}
