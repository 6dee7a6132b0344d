import type { SeriesId } from '../../domain/identifiers.ts';
import type { ResolveSeries, SeriesName } from '../../domain/ports/time-series-store.ts';

export type SeriesRow = readonly [SeriesId, SeriesName['point'], SeriesName['quantity']];
/** Every series of a registry. */
export const SERIES_ROWS = 'SELECT id, point_id, quantity FROM series';

/** Names of series by their numbers, as a registry knew them when it was asked. */
export class SeriesNames {
  #names = new Map<SeriesId, SeriesName>();
  readonly resolve: ResolveSeries = (series) => this.#names.get(series);

  know(rows: readonly SeriesRow[]): void {
    this.#names = new Map(rows.map(([id, point, quantity]) => [id, { point, quantity }]));
  }
  get all(): readonly SeriesId[] {
    return [...this.#names.keys()];
  }
}
