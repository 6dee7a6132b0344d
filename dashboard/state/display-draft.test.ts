import { describe, expect, it } from 'vitest';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type DisplayDraft, missingIn, moved, newDraft, viewOfKind } from './display-draft.ts';

const draft: DisplayDraft = { ...newDraft(['env' as AgencyId], 'vi'), name: 'Phòng trực' };

describe('the draft of a wall screen', () => {
  it('has a rotation to begin with, and lacks a name alone', () => {
    expect(missingIn(newDraft(['env' as AgencyId], 'vi'))).toBe('name');
    expect(missingIn(draft)).toBeNull();
  });
  it.each([
    ['agencies', { agencies: [] }],
    ['views', { views: [] }],
    ['seconds', { views: [{ kind: 'alarms' as const, seconds: 4 }] }],
    ['seconds', { views: [{ kind: 'alarms' as const, seconds: 3_601 }] }],
    ['chart', { views: [viewOfKind('chart', 20)] }],
  ])('lacks %s', (what, given) => expect(missingIn({ ...draft, ...given })).toBe(what));
  it('is whole with a chart of something', () => {
    const chart = { ...viewOfKind('chart', 20), pointId: 'p' as PointId, quantity: 'pm2_5' as QuantityKey };
    expect(missingIn({ ...draft, views: [chart as DisplayDraft['views'][number]] })).toBeNull();
  });
});

it('moves a picture up and down, and not over the ends', () => {
  expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
});
