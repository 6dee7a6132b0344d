import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleEdit } from '../../api/contract/rules.ts';
import type { DeviceModelId, WardCode } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Condition } from '../../domain/rule.ts';
import { hours, minutes, seconds } from '../../domain/time.ts';
import {
  contentOf,
  draftOf,
  EMPTY_DRAFT,
  ruleOf,
  withKind,
  withLevel,
  withoutPart,
  withQuantity,
} from './rule-draft.ts';

const rule = (condition: Condition, more: Partial<RuleEdit> = {}): RuleEdit => ({
  name: { vi: 'Mực nước cao', en: 'High water' },
  advice: { vi: 'Mở cống', en: 'Open the sluice' },
  enabled: true,
  quantity: 'water_level' as QuantityKey,
  selection: { tags: ['river'] },
  condition,
  clearHold: minutes(5),
  judgeSuspect: false,
  endsUnacknowledged: ['notice'],
  ...more,
});
const at = { step: minutes(1), maximumAge: minutes(15), settle: seconds(30) };
const window = { length: hours(1), interval: minutes(10), minimumCapture: 0.29 };
const key = (name: string) => name as QuantityKey;

const CONDITIONS: readonly Condition[] = [
  { kind: 'above', hysteresis: 0.2, levels: [{ severity: 'major', hold: seconds(90), limit: 3 }] },
  { kind: 'below', hysteresis: 0, levels: [{ severity: 'minor', hold: minutes(0), limit: -1 }] },
  { kind: 'outside', hysteresis: 1, levels: [{ severity: 'critical', hold: minutes(1), low: 198, high: 242 }] },
  {
    kind: 'above',
    hysteresis: 2,
    levels: [{ severity: 'minor', hold: minutes(30), limit: 50 }],
    over: { statistic: 'percentile', percentile: 98, ...window },
  },
  {
    kind: 'rate_of_change',
    direction: 'falling',
    window: minutes(15),
    levels: [{ severity: 'notice', hold: minutes(0), limit: 0.5 }],
    hysteresis: 0.1,
  },
  { kind: 'frozen', tolerance: 0.1, within: window, levels: [{ severity: 'notice', hold: minutes(60) }] },
  { kind: 'no_data', levels: [{ severity: 'notice', hold: minutes(20) }] },
  {
    kind: 'combination',
    join: 'any',
    parts: [
      { quantity: key('pm2_5'), side: 'above', hysteresis: 1, over: { statistic: 'mean', ...window } },
      { quantity: key('temperature'), side: 'outside', hysteresis: 0 },
    ],
    levels: [{ severity: 'major', hold: minutes(5), limits: [{ limit: 50 }, { low: 5, high: 40 }] }],
    at,
  },
  {
    kind: 'area_count',
    each: { side: 'above', limit: { limit: 50 }, hysteresis: 2, over: { statistic: 'max', ...window } },
    minimumHeard: 0.5,
    levels: [{ severity: 'major', hold: minutes(10), points: 3 }],
    at,
  },
  {
    kind: 'neighbours',
    measure: 'absolute',
    direction: 'below',
    withinMetres: 2500,
    minimumNeighbours: 4,
    levels: [{ severity: 'notice', hold: minutes(60), limit: 20 }],
    hysteresis: 5,
    at,
  },
];

describe('a rule in its form', () => {
  it.each(CONDITIONS.map((condition) => [condition.kind, condition] as const))(
    'comes back as it was: %s',
    (_kind, condition) => {
      expect(ruleOf(draftOf(rule(condition)))).toEqual(rule(condition));
    },
  );

  it('keeps all of its selection, times, messages and what it keeps quiet, and fields the form does not know', () => {
    const given = rule(CONDITIONS[0]!, {
      selection: {
        polygon: [
          [106.6, 20.8],
          [106.7, 20.8],
          [106.7, 20.9],
        ],
        wards: ['11311' as WardCode],
        models: ['m' as DeviceModelId],
      },
      active: { weekly: [{ days: [1, 2], from: '22:00', to: '06:00' }], seasons: [{ from: '05-01', to: '10-31' }] },
      message: { vi: '{point}: {value}', en: '{point}: {value}' },
    });
    const fromTomorrow = { ...given, quietsBehind: true, ofTomorrow: { a: 1 } };
    expect(contentOf(draftOf(fromTomorrow))).toEqual(fromTomorrow);
  });

  it('keeps what it keeps quiet while its kind is an area, which has no site, and sends it with the others alone', () => {
    const draft = draftOf(rule(CONDITIONS[0]!, { quietsBehind: true }));
    const area = withKind(draft, 'area_count');
    expect(contentOf(area)).not.toHaveProperty('quietsBehind');
    expect(contentOf(withKind(area, 'above'))).toMatchObject({ quietsBehind: true });
  });

  it('is kept on the server as it stands, with what is missing missing, and read again the same', () => {
    const unfinished = draftOf({
      ...contentOf({ ...EMPTY_DRAFT, nameVi: 'Bụi mịn', quantity: 'pm2_5', measure: 'mean', windowMinutes: null }),
    });
    expect(unfinished).toMatchObject({ nameVi: 'Bụi mịn', nameEn: '', windowMinutes: null });
    expect(ruleOf(unfinished)).toBeNull();
    expect(draftOf(contentOf(unfinished))).toEqual(unfinished);
  });

  it('is made of anything that was stored, without an error', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('name', 'condition', 'selection', 'active', 'x'), fc.jsonValue()),
        (stored) => {
          const draft = draftOf(stored);
          expect(draftOf(contentOf(draft))).toEqual(draft);
        },
      ),
    );
  });

  it('loses nothing when the kind of condition is changed and changed back', () => {
    const draft = draftOf(rule(CONDITIONS[2]!));
    const back = withKind(withKind(withKind(draft, 'combination'), 'no_data'), 'outside');
    expect(ruleOf(back)).toEqual(rule(CONDITIONS[2]!));
  });
});

describe('an edit of a draft', () => {
  it('adds the next worse level, at last those that are left, and no fifth', () => {
    const severities = (n: number) => {
      let draft = EMPTY_DRAFT;
      for (let i = 0; i < n; i += 1) draft = withLevel(draft);
      return draft.levels.map(({ severity }) => severity);
    };
    expect(severities(1)).toEqual(['major', 'critical']);
    expect(severities(9)).toEqual(['major', 'critical', 'minor', 'notice']);
  });

  it('begins a combination with the quantity and measure that were judged, and a limit for each part', () => {
    const draft = withKind({ ...EMPTY_DRAFT, quantity: 'pm2_5', measure: 'mean' }, 'combination');
    expect(draft.parts.map(({ quantity, measure }) => [quantity, measure])).toEqual([
      ['pm2_5', 'mean'],
      ['', 'each'],
    ]);
    expect(draft.levels[0]?.limits).toHaveLength(2);
  });

  it('takes a part of a combination away together with its limits', () => {
    const draft = withoutPart(draftOf(rule(CONDITIONS[7]!)), 0);
    expect(draft.parts.map(({ quantity }) => quantity)).toEqual(['temperature']);
    expect(draft.levels[0]?.limits).toEqual([{ limit: null, low: 5, high: 40 }]);
  });

  it('lets the part of the rule’s own quantity follow it', () => {
    const draft = withQuantity(draftOf(rule(CONDITIONS[7]!, { quantity: key('pm2_5') })), 'pm10');
    expect(draft.parts.map(({ quantity }) => quantity)).toEqual(['pm10', 'temperature']);
  });
});
