import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Registry } from '../../domain/ports/registry.ts';
import { hours, milliseconds } from '../../domain/time.ts';

const LONG = { hold: hours(1), keep: hours(1) };
/** Over at once. */
const SHORT = milliseconds(1);
const request = { id: 'a', fingerprint: 'f' };
const answer = (text: string) => Uint8Array.from(Buffer.from(text));

/** What servers that share a registry are promised of requests that come again. */
export function describeAnsweredRequests(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps what was answered`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
    });
    afterEach(() => registry.close());

    it('lets one do a request, tells others that it is begun, and gives them its answer afterwards', async () => {
      const { answeredRequests } = registry;
      const claims = await Promise.all([1, 2, 3].map(() => answeredRequests.claim(request, LONG)));
      const [mine, ...others] = claims.toSorted((a, b) => b.kind.localeCompare(a.kind));
      expect(mine).toEqual({ kind: 'claimed', turn: 1 });
      expect(others).toEqual([1, 2].map(() => ({ kind: 'begun', fingerprint: 'f' })));
      await answeredRequests.answer('a', 1, answer('done'));
      const again = await answeredRequests.claim({ ...request, fingerprint: 'another' }, LONG);
      expect(again).toMatchObject({ kind: 'answered', fingerprint: 'f' });
      expect(again.kind === 'answered' && Buffer.from(again.answer).toString()).toBe('done');
      expect(await answeredRequests.claim({ ...request, id: 'b' }, LONG)).toEqual({ kind: 'claimed', turn: 1 });
    });

    it('lets it be tried again when it was given up, but not when it was done', async () => {
      const { answeredRequests } = registry;
      await answeredRequests.claim(request, LONG);
      await answeredRequests.giveUp('a', 1);
      expect(await answeredRequests.claim({ ...request, fingerprint: 'g' }, LONG)).toEqual({
        kind: 'claimed',
        turn: 2,
      });
      await answeredRequests.answer('a', 2, answer('done'));
      await answeredRequests.giveUp('a', 2);
      expect(await answeredRequests.claim(request, LONG)).toMatchObject({ kind: 'answered', fingerprint: 'g' });
    });

    it('gives it to another when whoever began was lost, whose answer then comes too late', async () => {
      const { answeredRequests } = registry;
      await answeredRequests.claim(request, { ...LONG, hold: SHORT });
      await vi.waitFor(async () =>
        expect(await answeredRequests.claim(request, LONG)).toEqual({ kind: 'claimed', turn: 2 }),
      );
      await answeredRequests.answer('a', 1, answer('late'));
      expect(await answeredRequests.claim(request, LONG)).toMatchObject({ kind: 'begun' });
      await answeredRequests.giveUp('a', 1);
      expect(await answeredRequests.claim(request, LONG)).toMatchObject({ kind: 'begun' });
    });

    it('forgets in time, and the oldest first when there are too many', async () => {
      const { answeredRequests } = registry;
      await answeredRequests.claim({ ...request, id: 'brief' }, { ...LONG, keep: SHORT });
      await answeredRequests.claim({ ...request, id: 'old' }, { ...LONG, keep: milliseconds(LONG.keep - 1_000) });
      await answeredRequests.claim({ ...request, id: 'new' }, LONG);
      await vi.waitFor(async () => expect(await answeredRequests.tidy(10)).toEqual({ kept: 2, evicted: 0 }));
      expect(await answeredRequests.tidy(1)).toEqual({ kept: 1, evicted: 1 });
      expect(await answeredRequests.claim({ ...request, id: 'new' }, LONG)).toMatchObject({ kind: 'begun' });
      expect(await answeredRequests.claim({ ...request, id: 'old' }, LONG)).toMatchObject({ kind: 'claimed' });
    });
  });
}
