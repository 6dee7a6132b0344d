import type { SeriesId } from './identifiers.ts';
import type { QualitySpan } from './ports/quality-spans.ts';
import type { TimeSeriesStore } from './ports/time-series-store.ts';
import { type Quality, worse } from './quality.ts';
import type { ReadingColumns } from './reading.ts';
import type { EpochMs } from './time.ts';

/** First index in [0, length) with column[index] ≥ value; length when there is none. The column ascends. */
function lowerBound(column: Float64Array, length: number, value: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What counts of some spans, in the order in which they are to be laid over readings: what the platform found first, people's word over it, by time recorded. */
export const inOrderOfWeight = (spans: readonly QualitySpan[]): readonly QualitySpan[] =>
  spans
    .filter((span) => span.withdrawnAt === null)
    .sort((a, b) => Number(b.finding !== undefined) - Number(a.finding !== undefined) || a.recordedAt - b.recordedAt);

/** A person's verdict stands in place of what was recorded; a finding of the platform's only ever makes it worse. */
const underVerdict = (recorded: Quality, { quality, finding }: QualitySpan): Quality =>
  finding === undefined ? quality : worse(recorded, quality);

/**
 * Quality of readings with verdicts laid over what was recorded: withdrawn spans count no more; of people's the newest recorded wins, and over
 * all that the platform found. Readings ascend by event time; nothing that was stored is changed.
 */
export function effectiveQuality(readings: ReadingColumns, spans: readonly QualitySpan[]): Uint8Array {
  const quality = readings.quality.slice(0, readings.length);
  for (const span of inOrderOfWeight(spans)) {
    const end = lowerBound(readings.eventTime, readings.length, span.to);
    const first = lowerBound(readings.eventTime, readings.length, span.from);
    for (let i = first; i < end; i++) quality[i] = underVerdict(quality[i] as Quality, span);
  }
  return quality;
}

/** Verdicts held in memory, for readings as they arrive. */
export class VerdictBook {
  /** By series id, in order of weight. */
  #bySeries: (readonly QualitySpan[] | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** From now on these count and no others. */
  take(spans: readonly QualitySpan[]): void {
    this.#bySeries = [];
    this.#size = spans.length;
    for (const [series, own] of Map.groupBy(spans, (span) => span.series))
      this.#bySeries[series] = inOrderOfWeight(own);
  }

  /** The same columns, or, where a verdict changes a quality, such with qualities of their own. Runs for every reading of the city. */
  over(columns: ReadingColumns): ReadingColumns {
    if (this.#size === 0) return columns;
    let quality: Uint8Array | null = null;
    for (let i = 0; i < columns.length; i++) {
      const spans = this.#bySeries[columns.series[i]!];
      if (spans === undefined) continue;
      const recorded = columns.quality[i] as Quality;
      const judged = this.#judged(spans, columns.eventTime[i]!, recorded);
      if (judged === recorded) continue;
      quality ??= columns.quality.slice(0, columns.length);
      quality[i] = judged;
    }
    return quality === null ? columns : { ...columns, quality };
  }

  #judged(spans: readonly QualitySpan[], at: number, recorded: Quality): Quality {
    let quality = recorded;
    for (const span of spans) if (span.from <= at && at < span.to) quality = underVerdict(quality, span);
    return quality;
  }
}

export type VerdictsOn = (series: readonly SeriesId[], from: EpochMs, to: EpochMs) => Promise<readonly QualitySpan[]>;

/** The store's raw readings with verdicts laid over them: what everything that judges the past reads. */
export const judgedReadings = (
  store: Pick<TimeSeriesStore, 'range' | 'stretch'>,
  verdictsOn: VerdictsOn,
): Pick<TimeSeriesStore, 'range' | 'stretch'> => ({
  async range(query) {
    const readings = await store.range(query);
    if (readings.length === 0) return readings;
    const spans = await verdictsOn([query.series], query.from, query.to);
    return spans.length === 0 ? readings : { ...readings, quality: effectiveQuality(readings, spans) };
  },
  async stretch(query) {
    const readings = await store.stretch(query);
    if (readings.length === 0) return readings;
    const book = new VerdictBook();
    book.take(await verdictsOn(query.series, query.from, readings.to));
    return { ...book.over(readings), to: readings.to };
  },
});
