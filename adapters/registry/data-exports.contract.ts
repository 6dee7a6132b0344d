import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import { EXPORT_LOSSES_MAX, type ExportOrder, NO_PROGRESS, PLAIN_CSV } from '../../domain/data-export.ts';
import type { SeriesId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, milliseconds, minutes } from '../../domain/time.ts';

const LONG = minutes(10);
const OVER_AT_ONCE = milliseconds(0);
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const person = (userId: string): Actor => ({
  kind: 'person',
  userId: userId as UserId,
  access: { readAgencies: [], writeAgencies: [], grants: [] },
  roles: [],
});
const order: ExportOrder = {
  series: [1 as SeriesId, 2 as SeriesId],
  from: epochMs(0),
  to: epochMs(1_000),
  step: null,
  format: 'csv',
  withUnusable: true,
  csv: PLAIN_CSV,
  language: 'vi',
};

/** Files of readings that people ordered. `newPlace` as for `describeRegistry`. */
export function describeDataExports(what: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${what} keeps people's exports`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
    });
    afterEach(() => registry.close());
    const of = (user: string) => registry.as(person(user)).exports;

    it('keeps an order for its owner alone, newest first, and puts it on record', async () => {
      const made = await of('ha').order({ id: 'e1', order, expiresAt: epochMs(9_000) });
      expect(made).toMatchObject({ by: 'ha', order, state: { kind: 'waiting' } });
      await of('ha').order({ id: 'e2', order, expiresAt: epochMs(9_000) });
      expect((await of('ha').list()).map(({ id }) => id)).toEqual(['e2', 'e1']);
      expect(await of('hoa').list()).toEqual([]);
      await expect(of('hoa').get('e1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(of('hoa').remove('e1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await of('ha').remove('e1');
      const { items } = await registry.as(SYSTEM).audit.list({ targetKind: 'data_export' }, { limit: 10 });
      expect(items.map(({ action, targetId }) => [action, targetId])).toEqual([
        ['export.remove', 'e1'],
        ['export.order', 'e2'],
        ['export.order', 'e1'],
      ]);
    });

    const orderThree = async () => {
      for (const id of ['e1', 'e2', 'e3']) await of('ha').order({ id, order, expiresAt: epochMs(9_000) });
    };
    const unfinished = async () =>
      (await registry.exports.unfinished()).map(({ id, isFree }) => `${id} ${isFree ? 'free' : 'held'}`);

    it('gives each to one writer, in the order in which they were ordered, and knows what became of it', async () => {
      await orderThree();
      const [first, second] = await Promise.all([registry.exports.takeUp(LONG), registry.exports.takeUp(LONG)]);
      expect([first, second].map((one) => one?.id).sort()).toEqual(['e1', 'e2']);
      expect(first).toMatchObject({ turn: 1, order, state: { kind: 'running' } });
      expect(await unfinished()).toEqual(['e1 held', 'e2 held', 'e3 free']);
      const e1 = { id: 'e1', turn: 1 };
      expect(await registry.exports.goOn(e1, { ...NO_PROGRESS, rows: 7 }, LONG)).toBe(true);
      expect(await of('ha').get('e1')).toMatchObject({ state: { kind: 'running' }, progress: { rows: 7 } });
      const done = { kind: 'done', rows: 5, leftOut: 1, bytes: 100, tookMs: 3 } as const;
      expect(await registry.exports.settle(e1, done)).toBe(true);
      // Whoever has not heard the answer says it again.
      expect(await registry.exports.settle(e1, { kind: 'failed', why: 'FAILED' })).toBe(true);
      expect((await of('ha').get('e1')).state).toEqual(done);
      expect(await registry.exports.goOn(e1, NO_PROGRESS, LONG)).toBe(false);
      expect(await unfinished()).toEqual(['e2 held', 'e3 free']);
      expect(await registry.exports.settle({ id: 'gone', turn: 1 }, done)).toBe(false);
    });

    it('gives one whose writer is silent to another, and hears the first no more', async () => {
      await of('ha').order({ id: 'e1', order, expiresAt: epochMs(9_000) });
      const first = (await registry.exports.takeUp(OVER_AT_ONCE))!;
      expect(await unfinished()).toEqual(['e1 free']);
      // Until somebody takes it, it is still the first one's.
      expect(await registry.exports.goOn(first, NO_PROGRESS, OVER_AT_ONCE)).toBe(true);
      const second = (await registry.exports.takeUp(LONG))!;
      expect([second.id, second.turn]).toEqual(['e1', 2]);
      expect(await registry.exports.takeUp(LONG)).toBeNull();
      expect(await registry.exports.goOn(first, NO_PROGRESS, LONG)).toBe(false);
      expect(await registry.exports.settle(first, { kind: 'failed', why: 'FAILED' })).toBe(false);
      await registry.exports.putBack(first);
      expect(await registry.exports.turns()).toEqual(new Map([['e1', 2]]));
      expect((await of('ha').get('e1')).state).toEqual({ kind: 'running' });
      await registry.exports.putBack(second);
      expect((await of('ha').get('e1')).state).toEqual({ kind: 'waiting' });
      expect((await registry.exports.takeUp(LONG))?.turn).toBe(3);
    });

    it('gives up one over which too many writers were lost, and goes on to the next', async () => {
      await of('ha').order({ id: 'e1', order, expiresAt: epochMs(9_000) });
      for (let lost = 0; lost <= EXPORT_LOSSES_MAX; lost++)
        expect((await registry.exports.takeUp(OVER_AT_ONCE))?.id).toBe('e1');
      await of('ha').order({ id: 'e2', order, expiresAt: epochMs(9_000) });
      expect((await registry.exports.takeUp(LONG))?.id).toBe('e2');
      expect((await of('ha').get('e1')).state).toEqual({ kind: 'interrupted' });
    });

    it('forgets those that expired', async () => {
      await of('ha').order({ id: 'e1', order, expiresAt: epochMs(5_000) });
      await of('ha').order({ id: 'e2', order, expiresAt: epochMs(9_000) });
      await registry.exports.expire(epochMs(5_000));
      expect((await of('ha').list()).map(({ id }) => id)).toEqual(['e2']);
    });
  });
}
