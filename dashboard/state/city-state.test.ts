import { describe, expect, it } from 'vitest';
import type { DeviceId, PointId } from '../../domain/identifiers.ts';
import { stateRank } from '../../domain/point-state.ts';
import { allocateStateBlock } from '../../domain/state-block.ts';
import { anAlarm } from './alarm-fixture.ts';
import { indexOfNumber, NO_STATES, outagesByPoint, stateOf, withStates } from './city-state.ts';

const changes = (...pairs: readonly (readonly [number, number])[]) => {
  const block = allocateStateBlock(pairs.length);
  pairs.forEach(([number, rank], i) => {
    block.number[i] = number;
    block.rank[i] = rank;
  });
  return block;
};

describe('the states of all points', () => {
  const held = { epoch: 'e', ranks: Uint8Array.of(stateRank('normal'), 255, stateRank('major')) };

  it('tell the state of a point by its number, and nothing of one that is not there', () => {
    expect([0, 1, 2, 3].map((number) => stateOf(held, number))).toEqual(['normal', undefined, 'major', undefined]);
    expect(stateOf(NO_STATES, 0)).toBeUndefined();
  });

  it('take in what changed, and points that are new, and leave the value before as it was', () => {
    const next = withStates(held, changes([0, stateRank('critical')], [5, stateRank('normal')]));
    expect([0, 1, 2, 3, 4, 5].map((number) => stateOf(next, number))).toEqual([
      'critical',
      undefined,
      'major',
      undefined,
      undefined,
      'normal',
    ]);
    expect(stateOf(held, 0)).toBe('normal');
    expect(withStates(held, changes())).toBe(held);
  });
});

it('a point is found among the places by its number', () => {
  const places = { number: Int32Array.of(0, 3, 4, 9), length: 4 };
  expect([0, 3, 4, 9, 5, 10, -1].map((number) => indexOfNumber(places, number))).toEqual([0, 1, 2, 3, -1, -1, -1]);
});

it('points behind what is down are known by the alarm of it', () => {
  const down = anAlarm({
    id: 'gw',
    carrier: { kind: 'device', id: 'gw-1' as DeviceId, pointsBehind: 2, points: ['a' as PointId, 'b' as PointId] },
  });
  const over = { ...down, condition: 'cleared' as const };
  expect([...outagesByPoint([down]).keys()]).toEqual(['a', 'b']);
  expect(outagesByPoint([over]).size).toBe(0);
});
