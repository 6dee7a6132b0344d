import type { QualitySpan } from './ports/registry.ts';
import type { ReadingColumns } from './reading.ts';

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

/**
 * Quality of readings with people's verdicts laid over what was recorded: withdrawn spans count no more, of the others the newest recorded
 * wins. Readings ascend by event time; nothing that was stored is changed.
 */
export function effectiveQuality(readings: ReadingColumns, spans: readonly QualitySpan[]): Uint8Array {
  const quality = readings.quality.slice(0, readings.length);
  const counting = spans.filter((span) => span.withdrawnAt === null).sort((a, b) => a.recordedAt - b.recordedAt);
  for (const { from, to, quality: verdict } of counting) {
    const end = lowerBound(readings.eventTime, readings.length, to);
    quality.fill(verdict, lowerBound(readings.eventTime, readings.length, from), end);
  }
  return quality;
}
