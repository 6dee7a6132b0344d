import { describe, expect, it } from 'vitest';
import { groupCommit } from './group-commit.ts';

describe('a group commit', () => {
  it('takes together what comes together, answers each with its own result, and never more at once than it may', async () => {
    const batches: number[] = [];
    const square = groupCommit(async (numbers: readonly number[]) => {
      batches.push(numbers.length);
      return numbers.map((number) => number * number);
    }, 4);
    const results = await Promise.all(Array.from({ length: 10 }, (_, i) => square(i)));
    expect(results).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    expect(batches).toEqual([4, 4, 2]);
  });

  it('fails those alone whose commit failed, and goes on', async () => {
    const commit = groupCommit(async (numbers: readonly number[]) => {
      if (numbers.includes(13)) throw new Error('disk full');
      return numbers;
    }, 2);
    const outcomes = await Promise.allSettled([1, 13, 3, 4].map(commit));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await commit(5)).toBe(5);
  });

  it('begins anew after a pause', async () => {
    const commit = groupCommit(async (words: readonly string[]) => words, 10);
    expect(await commit('a')).toBe('a');
    expect(await Promise.all([commit('b'), commit('c')])).toEqual(['b', 'c']);
  });
});
