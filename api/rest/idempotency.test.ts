import { describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { IdempotentAnswers } from './idempotency.ts';

const kept = (keys = 10) => {
  let now = 0;
  let done = 0;
  const answers = new IdempotentAnswers<number>({ keys, windowMs: 100, clock: () => epochMs(now) });
  return {
    answers,
    work: async () => ++done,
    pass: (ms: number) => {
      now += ms;
    },
  };
};

describe('answers kept by key', () => {
  it('are given again for the same request, until their time is over', async () => {
    const { answers, work, pass } = kept();
    const send = () => answers.once('me POST /x', 'k', { a: 1 }, work);
    expect([await send(), await send()]).toEqual([1, 1]);
    pass(101);
    expect(await send()).toBe(2);
    expect(answers.replayed).toBe(1);
  });

  it('refuse the same key for another body, and a second request while the first is worked on', async () => {
    const { answers, work } = kept();
    let finish: (() => void) | undefined;
    const first = answers.once('s', 'k', 1, () => new Promise<number>((resolve) => (finish = () => resolve(7))));
    await expect(answers.once('s', 'k', 1, work)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
    await expect(answers.once('s', 'k', 2, work)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    finish?.();
    expect(await first).toBe(7);
    expect(await answers.once('s', 'k', 1, work)).toBe(7);
  });

  it('are not kept when the work failed: it may be tried again', async () => {
    const { answers, work } = kept();
    await expect(answers.once('s', 'k', 1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await answers.once('s', 'k', 1, work)).toBe(1);
  });

  it('give way to newer ones, and are counted when they do', async () => {
    const { answers, work } = kept(2);
    for (const key of ['a', 'b', 'c']) await answers.once('s', key, 1, work);
    expect([answers.size, answers.evicted]).toEqual([2, 1]);
    expect(await answers.once('s', 'a', 1, work)).toBe(4);
  });
});
