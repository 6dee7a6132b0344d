import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import { type ExportOrder, PLAIN_CSV } from '../../domain/data-export.ts';
import type { SeriesId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';

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

    it('knows which are unfinished, and what became of each', async () => {
      for (const id of ['e1', 'e2', 'e3']) await of('ha').order({ id, order, expiresAt: epochMs(9_000) });
      await registry.exports.settle('e1', { kind: 'running' });
      await registry.exports.settle('e2', { kind: 'done', rows: 5, leftOut: 1, bytes: 100, tookMs: 3 });
      await registry.exports.settle('gone', { kind: 'running' });
      expect((await registry.exports.unfinished()).map(({ id }) => id)).toEqual(['e1', 'e3']);
      expect((await of('ha').get('e2')).state).toMatchObject({ kind: 'done', rows: 5 });
    });

    it('forgets those that expired, and says which', async () => {
      await of('ha').order({ id: 'e1', order, expiresAt: epochMs(5_000) });
      await of('ha').order({ id: 'e2', order, expiresAt: epochMs(9_000) });
      expect(await registry.exports.expire(epochMs(5_000))).toEqual(['e1']);
      expect((await of('ha').list()).map(({ id }) => id)).toEqual(['e2']);
    });
  });
}
