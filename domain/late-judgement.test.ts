import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from './compiled-rule.ts';
import { backtest, type Episode, type JudgedReading } from './episode.ts';
import type { AgencyId, AlarmId, RuleId } from './identifiers.ts';
import { certainStart, type RecordedOccurrence, reconcile, SpanJudge } from './late-judgement.ts';
import type { QuantityKey } from './quantity.ts';
import type { Rule, Severity } from './rule.ts';
import { type EpochMs, epochMs, milliseconds as ms } from './time.ts';

const rule = (hold: number, clearHold: number): Rule => ({
  id: 'r' as RuleId,
  agencyId: 'a' as AgencyId,
  version: 1,
  name: { vi: 'Quy tắc', en: 'Rule' },
  advice: null,
  enabled: true,
  quantity: 'water_level' as QuantityKey,
  selection: {},
  condition: { kind: 'above', levels: [{ severity: 'major', limit: 5, hold: ms(hold) }], hysteresis: 1 },
  clearHold: ms(clearHold),
  judgeSuspect: true,
  endsUnacknowledged: [],
  createdBy: null,
  createdAt: epochMs(0),
});
const at = (eventTime: number, value: number): JudgedReading => ({ eventTime, value, quality: 0 });
const episode = (from: number, to: number | null, worstSeverity: Severity = 'major'): Episode => ({
  activatedAt: epochMs(from),
  clearedAt: to as EpochMs | null,
  worstSeverity,
  triggerValue: 6,
  worstValue: 6,
  limit: 5,
  onSuspectData: false,
});
const occurrence = (from: number, to: number | null, more: Partial<RecordedOccurrence> = {}): RecordedOccurrence => ({
  id: `r:1:${from}` as AlarmId,
  startedAt: epochMs(from),
  clearedAt: to as EpochMs | null,
  endedAt: null,
  worstSeverity: 'major',
  activationCount: 1,
  revision: null,
  ...more,
});
const nothing = { past: [], revisions: [], waiting: false };

describe('what late data says of what was recorded', () => {
  it('is nothing where both agree', () => {
    expect(reconcile([episode(10, 20)], [occurrence(10, 20)])).toEqual(nothing);
  });

  it('is a past occurrence where none was recorded', () => {
    expect(reconcile([episode(10, 20)], [occurrence(30, 40)])).toMatchObject({ past: [{ activatedAt: 10 }] });
  });

  it('is a correction of the occurrence an episode overlaps', () => {
    const { revisions, past } = reconcile([episode(5, 15), episode(18, 25, 'critical')], [occurrence(10, 20)]);
    expect(past).toEqual([]);
    expect(revisions).toEqual([
      {
        id: 'r:1:10',
        revision: { kind: 'corrected', startedAt: 5, clearedAt: 25, worstSeverity: 'critical', activationCount: 2 },
      },
    ]);
  });

  it('is that an occurrence is not confirmed, or was part of another', () => {
    expect(reconcile([], [occurrence(10, 20)]).revisions).toEqual([
      { id: 'r:1:10', revision: { kind: 'not_confirmed' } },
    ]);
    expect(reconcile([episode(10, 42)], [occurrence(10, 30), occurrence(35, 42)]).revisions).toMatchObject([
      { id: 'r:1:10', revision: { kind: 'corrected', clearedAt: 42 } },
      { id: 'r:1:35', revision: { kind: 'not_confirmed', partOf: 'r:1:10' } },
    ]);
  });

  it('takes a correction back when later data agrees after all', () => {
    const revision = { kind: 'not_confirmed' } as const;
    expect(reconcile([episode(10, 20)], [occurrence(10, 20, { revision })]).revisions).toEqual([
      { id: 'r:1:10', revision: null },
    ]);
  });

  it('gives an episode that still lasts to the active occurrence, and waits while there is none', () => {
    const ended = occurrence(10, 20, { endedAt: epochMs(20) });
    expect(reconcile([episode(15, null)], [ended, occurrence(40, null)])).toMatchObject({
      waiting: false,
      revisions: [{ id: 'r:1:10' }, { id: 'r:1:40', revision: { startedAt: 15, clearedAt: null } }],
    });
    expect(reconcile([episode(15, null)], [])).toEqual({ ...nothing, waiting: true });
  });

  it('leaves an episode that is over with the occurrence that stood for it while it lasted', () => {
    const [earlier, active] = [occurrence(10, 40), occurrence(45, null)];
    const { revisions } = reconcile([episode(10, null)], [earlier, active]);
    const [partOf, whole] = revisions.map(({ revision }) => revision!);
    expect(partOf).toEqual({ kind: 'not_confirmed', partOf: active.id });
    // The end came live, to the one that was active; the earlier one overlaps it longer.
    const revision = { ...whole!, clearedAt: epochMs(50) } as typeof whole;
    const over = [
      { ...earlier, revision: partOf! },
      { ...active, clearedAt: epochMs(50), revision: revision! },
    ];
    expect(reconcile([episode(10, 50)], over)).toEqual(nothing);
  });

  it('leaves alone what was judged under another version of the rule', () => {
    expect(reconcile([episode(12, 30)], [], [occurrence(10, 20)])).toEqual(nothing);
  });
});

describe('a span judged by itself', () => {
  it('needs earlier readings until the condition is certainly normal, or there are none', () => {
    const compiled = compileRule(rule(0, 10));
    expect(certainStart(compiled, [at(0, 1), at(5, 1)], 0)).toBeNull();
    expect(certainStart(compiled, [at(0, 1), at(5, 1)], Number.NEGATIVE_INFINITY)).not.toBeNull();
    expect(certainStart(compiled, [at(0, 1), at(10, 1), at(12, 9)], 0)).toMatchObject({
      normalAt: 10,
      readings: [at(12, 9)],
    });
  });

  it('says of it what judging all of history says', () => {
    const reading = fc.record({ at: fc.nat(400), value: fc.integer({ min: 0, max: 9 }) });
    const history = fc.uniqueArray(reading, { selector: (r) => r.at, minLength: 4, maxLength: 80 });
    fc.assert(
      fc.property(history, fc.nat(30), fc.nat(30), fc.nat(400), fc.nat(60), (list, hold, clearHold, from, length) => {
        const compiled = compileRule(rule(hold, clearHold));
        const readings = list.map((r) => at(r.at, r.value)).sort((a, b) => a.eventTime - b.eventTime);
        const before = readings.filter((r) => r.eventTime < from);
        const start = certainStart(compiled, before, Number.NEGATIVE_INFINITY)!;
        const judge = new SpanJudge(compiled, start, from + length);
        for (const r of readings.filter((r) => r.eventTime >= from)) if (judge.take(r)) break;
        const whole = backtest(compiled, readings).filter(
          (e) => e.activatedAt > judge.from && e.activatedAt <= judge.to,
        );
        expect(judge.episodes).toEqual(whole);
      }),
      { numRuns: 1_000 },
    );
  });
});
