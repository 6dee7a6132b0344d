import { describe, expect, it } from 'vitest';
import type { CombinationPart } from './joint-condition.ts';
import type { QuantityKey } from './quantity.ts';
import type { Condition } from './rule.ts';
import { problemsOf } from './rule-validation.ts';
import { milliseconds as ms, seconds } from './time.ts';

const codes = (condition: Condition, clearHold = 0) =>
  problemsOf({ condition, clearHold: ms(clearHold) }).map((p) => (p.severity ? `${p.code} ${p.severity}` : p.code));
const now = seconds(0);

describe('the check of a rule', () => {
  it.each<{ it: string; condition: Condition }>([
    {
      it: 'levels in any order whose worse lies farther out',
      condition: {
        kind: 'above',
        hysteresis: 0.1,
        levels: [
          { severity: 'critical', limit: 5, hold: now },
          { severity: 'minor', limit: 3, hold: now },
          { severity: 'major', limit: 4, hold: now },
        ],
      },
    },
    {
      it: 'the same limit with a longer hold for the worse',
      condition: {
        kind: 'below',
        hysteresis: 0,
        levels: [
          { severity: 'major', limit: 1, hold: seconds(60) },
          { severity: 'minor', limit: 1, hold: now },
        ],
      },
    },
    {
      it: 'a wider band for the worse',
      condition: {
        kind: 'outside',
        hysteresis: 2,
        levels: [
          { severity: 'minor', low: 209, high: 231, hold: now },
          { severity: 'major', low: 198, high: 242, hold: now },
        ],
      },
    },
    {
      it: 'longer silence for the worse',
      condition: {
        kind: 'no_data',
        levels: [
          { severity: 'minor', hold: seconds(60) },
          { severity: 'major', hold: seconds(600) },
        ],
      },
    },
  ])('finds nothing wrong with $it', ({ condition }) => expect(codes(condition)).toEqual([]));

  it.each<{ it: string; condition: Condition; clearHold?: number; found: string[] }>([
    { it: 'a rule without levels', condition: { kind: 'above', hysteresis: 0, levels: [] }, found: ['NO_LEVEL'] },
    {
      it: 'two levels of one severity',
      condition: {
        kind: 'above',
        hysteresis: 0,
        levels: [
          { severity: 'minor', limit: 1, hold: now },
          { severity: 'minor', limit: 2, hold: now },
        ],
      },
      found: ['SEVERITY_REPEATED minor'],
    },
    {
      it: 'a worse level that is nearer',
      condition: {
        kind: 'below',
        hysteresis: 0,
        levels: [
          { severity: 'minor', limit: 1, hold: now },
          { severity: 'major', limit: 2, hold: now },
        ],
      },
      found: ['LEVELS_OUT_OF_ORDER major'],
    },
    {
      it: 'a level that another hides',
      condition: {
        kind: 'above',
        hysteresis: 0,
        levels: [
          { severity: 'minor', limit: 1, hold: seconds(9) },
          { severity: 'major', limit: 1, hold: seconds(9) },
        ],
      },
      found: ['LEVELS_OUT_OF_ORDER major'],
    },
    {
      it: 'an empty band',
      condition: { kind: 'outside', hysteresis: 0, levels: [{ severity: 'minor', low: 5, high: 5, hold: now }] },
      found: ['BAND_EMPTY minor'],
    },
    {
      it: 'a hysteresis that leaves nothing inside the band',
      condition: { kind: 'outside', hysteresis: 3, levels: [{ severity: 'minor', low: 0, high: 6, hold: now }] },
      found: ['HYSTERESIS_TOO_WIDE minor'],
    },
    {
      it: 'negative hysteresis and holds',
      condition: { kind: 'above', hysteresis: -1, levels: [{ severity: 'minor', limit: 5, hold: ms(-1) }] },
      clearHold: -1,
      found: ['HOLD_NEGATIVE minor', 'CLEAR_HOLD_NEGATIVE', 'HYSTERESIS_NEGATIVE'],
    },
    {
      it: 'limits that are not numbers',
      condition: { kind: 'above', hysteresis: 0, levels: [{ severity: 'minor', limit: Number.NaN, hold: now }] },
      found: ['NOT_FINITE minor'],
    },
    {
      it: 'a change that would never clear',
      condition: {
        kind: 'rate_of_change',
        direction: 'rising',
        window: ms(0),
        hysteresis: 1,
        levels: [{ severity: 'minor', limit: 1, hold: now }],
      },
      found: ['RATE_WINDOW_ZERO', 'HYSTERESIS_TOO_WIDE minor'],
    },
    {
      it: 'a window shorter than the interval, with more than all of the readings',
      condition: {
        kind: 'above',
        hysteresis: 0,
        levels: [{ severity: 'minor', limit: 1, hold: now }],
        over: { statistic: 'mean', length: ms(5), interval: ms(10), minimumCapture: 1.1 },
      },
      found: ['WINDOW_SHORTER_THAN_INTERVAL', 'CAPTURE_OUT_OF_RANGE'],
    },
    {
      it: 'a window of more readings than are kept, and a percentile that is none',
      condition: {
        kind: 'above',
        hysteresis: 0,
        levels: [{ severity: 'minor', limit: 1, hold: now }],
        over: { statistic: 'percentile', percentile: 0, length: ms(5_000), interval: ms(1), minimumCapture: 0.5 },
      },
      found: ['WINDOW_TOO_LONG', 'PERCENTILE_OUT_OF_RANGE'],
    },
    {
      it: 'stillness within one reading, and less than none',
      condition: {
        kind: 'frozen',
        tolerance: -1,
        within: { length: ms(10), interval: ms(10), minimumCapture: 1 },
        levels: [{ severity: 'minor', hold: now }],
      },
      found: ['WINDOW_SHORTER_THAN_INTERVAL', 'TOLERANCE_NEGATIVE'],
    },
    {
      it: 'silence of no length',
      condition: { kind: 'no_data', levels: [{ severity: 'minor', hold: now }] },
      found: ['SILENCE_HOLD_ZERO minor'],
    },
  ])('finds $it', ({ condition, clearHold, found }) => expect(codes(condition, clearHold)).toEqual(found));
});

describe('the check of a rule over several series', () => {
  const at = { step: seconds(60), maximumAge: seconds(900), settle: seconds(30) };
  const level = 'water_level' as QuantityKey;
  const flow = 'water_flow' as QuantityKey;
  const parts: CombinationPart[] = [
    { quantity: level, side: 'above', hysteresis: 0.1 },
    { quantity: flow, side: 'outside', hysteresis: 1 },
  ];
  const combined = (more: Partial<Extract<Condition, { kind: 'combination' }>> = {}): Condition => ({
    kind: 'combination',
    join: 'all',
    parts,
    levels: [
      { severity: 'minor', hold: now, limits: [{ limit: 3 }, { low: 10, high: 90 }] },
      { severity: 'major', hold: now, limits: [{ limit: 4 }, { low: 10, high: 90 }] },
    ],
    at,
    ...more,
  });
  const areaOf = (more: Partial<Extract<Condition, { kind: 'area_count' }>> = {}): Condition => ({
    kind: 'area_count',
    each: { side: 'above', limit: { limit: 50 }, hysteresis: 5 },
    minimumHeard: 0.5,
    levels: [{ severity: 'major', hold: now, points: 3 }],
    at,
    ...more,
  });
  const neighbours = (more: Partial<Extract<Condition, { kind: 'neighbours' }>> = {}): Condition => ({
    kind: 'neighbours',
    measure: 'percent',
    direction: 'either',
    withinMetres: 5_000,
    minimumNeighbours: 3,
    levels: [{ severity: 'minor', hold: now, limit: 50 }],
    hysteresis: 10,
    at,
    ...more,
  });

  it('finds nothing wrong with good ones', () => {
    for (const condition of [combined(), areaOf(), neighbours()]) expect(codes(condition)).toEqual([]);
  });

  it.each<[string, Condition, string]>([
    ['a step below a second', combined({ at: { ...at, step: ms(999) } }), 'GRID_STEP_TOO_SHORT'],
    ['readings of no age', combined({ at: { ...at, maximumAge: ms(0) } }), 'GRID_AGE_NOT_POSITIVE'],
    [
      'one part',
      combined({ parts: parts.slice(0, 1), levels: [{ severity: 'major', hold: now, limits: [{ limit: 1 }] }] }),
      'PARTS_TOO_FEW',
    ],
    [
      'a part twice',
      combined({
        parts: [parts[0]!, parts[0]!],
        levels: [{ severity: 'major', hold: now, limits: [{ limit: 1 }, { limit: 2 }] }],
      }),
      'PARTS_REPEATED',
    ],
    [
      'too few limits',
      combined({ levels: [{ severity: 'major', hold: now, limits: [{ limit: 1 }] }] }),
      'LIMITS_NOT_OF_PARTS major',
    ],
    [
      'a limit for a band',
      combined({ levels: [{ severity: 'major', hold: now, limits: [{ limit: 1 }, { limit: 1 }] }] }),
      'LIMIT_OF_OTHER_SIDE major',
    ],
    [
      'a worse level nearer in one part',
      combined({
        levels: [
          { severity: 'minor', hold: now, limits: [{ limit: 3 }, { low: 10, high: 90 }] },
          { severity: 'major', hold: now, limits: [{ limit: 2 }, { low: 5, high: 95 }] },
        ],
      }),
      'LEVELS_OUT_OF_ORDER major',
    ],
    [
      'a hysteresis as wide as the band',
      combined({ parts: [parts[0]!, { ...parts[1]!, hysteresis: 40 }] }),
      'HYSTERESIS_TOO_WIDE minor',
    ],
    ['no points', areaOf({ levels: [{ severity: 'major', hold: now, points: 0 }] }), 'POINTS_NOT_POSITIVE major'],
    ['more than all points heard', areaOf({ minimumHeard: 1.5 }), 'HEARD_OUT_OF_RANGE'],
    ['no neighbours', neighbours({ minimumNeighbours: 0 }), 'NEIGHBOURS_NOT_POSITIVE'],
    ['no distance', neighbours({ withinMetres: 0 }), 'DISTANCE_NOT_POSITIVE'],
    ['a deviation that could never clear', neighbours({ hysteresis: 50 }), 'HYSTERESIS_TOO_WIDE minor'],
  ])('finds %s', (_, condition, code) => expect(codes(condition)).toContain(code));

  it('wants the rule’s own quantity among the parts, three corners, and placeholders there are', () => {
    const problems = problemsOf({
      condition: combined(),
      clearHold: now,
      quantity: 'rainfall' as QuantityKey,
      selection: {
        polygon: [
          [0, 0],
          [1, 1],
        ],
      },
      message: { vi: '{point}', en: '{place}' },
    });
    expect(problems).toEqual([
      { code: 'OUTLINE_TOO_FEW_CORNERS' },
      { code: 'PLACEHOLDER_UNKNOWN', placeholder: 'place', language: 'en' },
      { code: 'PARTS_WITHOUT_QUANTITY' },
    ]);
  });
});
