import { describe, expect, it } from 'vitest';
import { concerns, placeOf } from './rule-problems.ts';

const slotOf = (path: string) => {
  const place = placeOf(path);
  return place.kind === 'slot' ? place.slot : place.field;
};

describe('a problem of a rule', () => {
  it.each([
    ['name.en', 'name'],
    ['message.vi', 'message'],
    ['quantity', { name: 'quantity' }],
    ['selection.polygon', { name: 'scope' }],
    ['condition', { name: 'condition' }],
    ['condition.over.length', { name: 'measure' }],
    ['condition.at', { name: 'grid' }],
    ['condition.levels.1.hold', { name: 'hold', level: 1 }],
    ['condition.levels.1', { name: 'limit', level: 1 }],
    ['condition.levels.0.limits.2.low', { name: 'limit', level: 0, part: 2 }],
    ['condition.parts.1.quantity', { name: 'part', part: 1 }],
    ['active.weekly.0.from', { name: 'active' }],
  ])('is shown where it can be mended: %s', (path, slot) => {
    expect(slotOf(path)).toEqual(slot);
  });

  it('is shown in every level when it is of none', () => {
    const place = placeOf('condition.parts.1');
    expect(concerns(place, { name: 'part', level: 0, part: 1 })).toBe(true);
    expect(concerns(place, { name: 'part', level: 3, part: 1 })).toBe(true);
    expect(concerns(place, { name: 'part', level: 0, part: 0 })).toBe(false);
    expect(concerns(placeOf('condition.levels.1.hold'), { name: 'hold', level: 0 })).toBe(false);
  });
});
