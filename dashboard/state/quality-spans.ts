import type { QualitySpanWire } from '../../api/contract/quality-spans.ts';
import { QUALITY, type QualityKind, qualityKind } from '../../domain/quality.ts';

/** Kind of quality that a span gives its readings. */
export const kindOf = ({ quality }: QualitySpanWire): QualityKind => qualityKind(QUALITY[quality]);

/** Those in force at an instant that says something of readings there, what counts most first. */
export const spansAt = (spans: readonly QualitySpanWire[], at: number): readonly QualitySpanWire[] =>
  spans
    .filter((span) => span.withdrawnAt === null && span.from <= at && (span.to === null || at < span.to))
    .sort((a, b) => Number(a.finding !== null) - Number(b.finding !== null) || b.recordedAt - a.recordedAt);

export interface DrawnSpan {
  readonly from: number;
  readonly to: number;
  readonly kind: QualityKind;
}
/** Stretches of [from, to) that verdicts in force cover, as drawn: what counts most on top, so last. */
export const drawnSpans = (spans: readonly QualitySpanWire[], from: number, to: number): readonly DrawnSpan[] =>
  spans
    .filter((span) => span.withdrawnAt === null && span.from < to && (span.to ?? to) > from)
    .sort((a, b) => Number(b.finding !== null) - Number(a.finding !== null) || a.recordedAt - b.recordedAt)
    .map((span) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to ?? to), kind: kindOf(span) }));

/** As a list shows them: what lasts first, then the latest. */
export const listed = (spans: readonly QualitySpanWire[], withWithdrawn: boolean): readonly QualitySpanWire[] =>
  spans
    .filter((span) => withWithdrawn || span.withdrawnAt === null)
    .sort((a, b) => Number(b.to === null) - Number(a.to === null) || b.from - a.from || b.recordedAt - a.recordedAt);
