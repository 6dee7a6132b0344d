import type { IndexCategoryWire, IndexInfo } from '../../api/contract/indices.ts';
import type { MapPoint as PointWire } from '../../api/contract/map.ts';
import { isStale } from '../../domain/point-state.ts';
import { UNUSABLE_FROM } from '../../domain/quality.ts';
import type { LiveTable } from './live-table.ts';

/** A station of an index as it stands now. */
export interface IndexStationNow {
  readonly point: PointWire;
  /** `null`: none, or none that is recent. */
  readonly value: number | null;
  readonly category: IndexCategoryWire | null;
}

/** Category of a whole index value; `null` for an index without categories. */
export const categoryOf = (index: IndexInfo, value: number): IndexCategoryWire | null =>
  index.categories.find(({ max }) => value <= max) ?? index.categories.at(-1) ?? null;

/** The points that have the index, with their newest hourly values at `now` (server's clock). */
export function indexStations(
  index: IndexInfo,
  points: readonly PointWire[],
  readings: LiveTable['readings'],
  now: number,
): readonly IndexStationNow[] {
  return points.flatMap((point): IndexStationNow[] => {
    const series = point.series.find(({ quantity }) => quantity === index.hourly);
    if (series === undefined) return [];
    const reading = readings.get(series.id);
    const counts =
      reading !== undefined && reading.quality < UNUSABLE_FROM && !isStale(reading.eventTime, series.staleAfterMs, now);
    return [
      counts
        ? { point, value: reading.value, category: categoryOf(index, reading.value) }
        : { point, value: null, category: null },
    ];
  });
}
