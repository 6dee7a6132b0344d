import { describe, expect, it } from 'vitest';
import type { QualitySpanWire } from '../../api/contract/quality-spans.ts';
import type { SeriesId, UserId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { drawnSpans, listed, spansAt } from './quality-spans.ts';

const span = (id: string, from: number, to: number | null, given: Partial<QualitySpanWire> = {}): QualitySpanWire => ({
  id,
  series: 1 as SeriesId,
  from: epochMs(from),
  to: to === null ? null : epochMs(to),
  quality: 'INVALID_DECLARED',
  reason: 'vệ sinh đầu đo',
  finding: null,
  replaces: null,
  by: 'u' as UserId,
  recordedAt: epochMs(Number(id)),
  withdrawnAt: null,
  ...given,
});
const found = { finding: { key: 'finding.stuck', params: {} }, quality: 'SUSPECT_STUCK' as const };
const withdrawn = { withdrawnAt: epochMs(99) };
const ids = (spans: readonly QualitySpanWire[]) => spans.map(({ id }) => id);

describe('verdicts on a chart', () => {
  const spans = [span('1', 0, 50), span('2', 20, null, found), span('3', 30, 40), span('4', 0, 90, withdrawn)];

  it('are read with what counts most first: people before the platform, the newest before older', () => {
    expect(ids(spansAt(spans, 35))).toEqual(['3', '1', '2']);
    expect(ids(spansAt(spans, 40))).toEqual(['1', '2']);
    expect(ids(spansAt(spans, 1_000))).toEqual(['2']);
  });

  it('are drawn within what is shown, what counts most on top', () => {
    expect(drawnSpans(spans, 10, 60)).toEqual([
      { from: 20, to: 60, kind: 'suspect' },
      { from: 10, to: 50, kind: 'invalid' },
      { from: 30, to: 40, kind: 'invalid' },
    ]);
  });

  it('are listed with what lasts first, then the latest; withdrawn ones on demand', () => {
    expect(ids(listed(spans, false))).toEqual(['2', '3', '1']);
    expect(ids(listed(spans, true))).toEqual(['2', '3', '4', '1']);
  });
});
