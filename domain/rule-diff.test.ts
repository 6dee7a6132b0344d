import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFields } from './rule-diff.ts';

const rule = {
  id: 'r',
  version: 3,
  name: { vi: 'a', en: 'b' },
  selection: { tags: ['x', 'y'] },
  clearHold: 0,
  condition: {
    kind: 'above',
    hysteresis: 1,
    levels: [
      { severity: 'minor', limit: 1, hold: 0 },
      { severity: 'major', limit: 2, hold: 0 },
    ],
  },
};

describe('the difference of two versions of a rule', () => {
  it('names the fields that differ, levels by their severity wherever they stand', () => {
    const { condition } = rule;
    const next = {
      ...rule,
      version: 4,
      name: { vi: 'a', en: 'c' },
      selection: { tags: ['x'], wards: ['1'] },
      condition: {
        ...condition,
        levels: [
          { ...condition.levels[1]!, limit: 5 },
          { severity: 'critical', limit: 9, hold: 1 },
        ],
      },
    };
    expect(changedFields(rule, next)).toEqual([
      { path: 'condition.levels.critical', before: undefined, after: { limit: 9, hold: 1 } },
      { path: 'condition.levels.major.limit', before: 2, after: 5 },
      { path: 'condition.levels.minor', before: { limit: 1, hold: 0 }, after: undefined },
      { path: 'name.en', before: 'b', after: 'c' },
      { path: 'selection.tags', before: ['x', 'y'], after: ['x'] },
      { path: 'selection.wards', before: undefined, after: ['1'] },
    ]);
  });

  it('is none between a version and itself, with its fields in another order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (content) => {
        const turned = Object.fromEntries(Object.entries(content).reverse());
        expect(changedFields(content, turned)).toEqual([]);
      }),
    );
  });

  it('is found from both sides', () => {
    const content = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(content, content, (a, b) => {
        const there = changedFields(a, b).map(({ path, before, after }) => ({ path, before: after, after: before }));
        expect(changedFields(b, a)).toEqual(there);
      }),
    );
  });
});
