import { describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import type { Scope } from '../city/scopes.ts';
import { SettledMoments } from './settled-moments.ts';

const scope = (): Scope => ({ key: 'all' }) as Scope;
const NOW = 1_764_000_000_000;

function moments() {
  let now = NOW;
  let looks = 0;
  const kept = new SettledMoments<number>(() => epochMs(now));
  return {
    find: (of: Scope, at: number) => kept.find(of, epochMs(at), async () => ++looks),
    kept,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

describe('moments of the past that were looked up', () => {
  it('are looked up once for those with the same rights, also by two at the same time', async () => {
    const { find } = moments();
    const all = scope();
    expect(await Promise.all([find(all, NOW - 3_600_000), find(all, NOW - 3_600_000)])).toEqual([1, 1]);
    expect(await find(all, NOW - 3_600_000)).toBe(1);
    expect(await find(scope(), NOW - 3_600_000)).toBe(2);
    expect(await find(all, NOW - 3_600_001)).toBe(3);
  });

  it('are looked up each time while what came by then may still be on its way into the store', async () => {
    const { find } = moments();
    const all = scope();
    expect([await find(all, NOW - 59_000), await find(all, NOW - 59_000)]).toEqual([1, 2]);
  });

  it('are forgotten after half a minute, and when four others were asked for since', async () => {
    const { find, wait } = moments();
    const all = scope();
    await find(all, NOW - 3_600_000);
    wait(30_000);
    expect(await find(all, NOW - 3_600_000)).toBe(2);
    for (let i = 1; i <= 4; i++) await find(all, NOW - 3_600_000 - i);
    expect(await find(all, NOW - 3_600_000)).toBe(7);
  });

  it('are looked up again when they could not be found', async () => {
    const { kept, find } = moments();
    const all = scope();
    const at = epochMs(NOW - 3_600_000);
    await expect(kept.find(all, at, () => Promise.reject(new Error('the store is shut')))).rejects.toThrow('shut');
    expect(await find(all, at)).toBe(1);
  });
});
