import type { SeriesId } from '../../../domain/identifiers.ts';
import type { HourEnd } from '../../../domain/indices/local-hours.ts';

/** Hours of series whose readings are not what they were when the hour's indices were worked out. */
export class TouchedHours {
  readonly #hours = new Map<SeriesId, Set<HourEnd>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(series: SeriesId, hour: HourEnd): void {
    let hours = this.#hours.get(series);
    if (hours === undefined) {
      hours = new Set();
      this.#hours.set(series, hours);
    }
    const before = hours.size;
    hours.add(hour);
    this.#count += hours.size - before;
  }

  addAll(others: TouchedHours): void {
    for (const [series, hours] of others.#hours) for (const hour of hours) this.add(series, hour);
  }

  series(): Iterable<SeriesId> {
    return this.#hours.keys();
  }

  of(series: SeriesId): Iterable<HourEnd> {
    return this.#hours.get(series) ?? [];
  }
}
