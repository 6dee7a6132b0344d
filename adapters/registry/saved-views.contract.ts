import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { SAVED_VIEWS_MAX, type SavedViewId, type SavedViewKind } from '../../domain/saved-view.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const person = (userId: string, agency: AgencyId = ENV): Actor => ({
  kind: 'person',
  userId: userId as UserId,
  access: { readAgencies: [agency], writeAgencies: [], grants: [] },
  roles: [{ agencyId: agency, role: 'viewer' }],
});

/** What every registry promises of people's saved views. `newPlace` as for `describeRegistry`. */
export function describeSavedViews(what: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${what} keeps saved views`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(SYSTEM, city());
    });
    afterEach(() => registry.close());
    const of = (user: string, agency?: AgencyId) => registry.as(person(user, agency)).savedViews;
    const view = (name: string, sharedWith: AgencyId | null = null, kind: SavedViewKind = 'alarm_filter') => ({
      id: `view-${name}` as SavedViewId,
      ...{ kind, name, content: { severities: 'critical' }, sharedWith },
    });

    it('for their owner, by kind and name, over a restart', async () => {
      const made = await of('ha').create(view('b'));
      expect(made).toMatchObject({ owner: 'ha', content: { severities: 'critical' }, version: 1 });
      await of('ha').create(view('a'));
      await of('ha').create(view('m', null, 'map_view'));
      await registry.close();
      registry = await open();
      expect(await of('ha').get(made.id)).toEqual(made);
      expect((await of('ha').list({ kind: 'alarm_filter' })).map(({ name }) => name)).toEqual(['a', 'b']);
      expect(await of('ha').list({})).toHaveLength(3);
      expect(await of('hoa').list({})).toEqual([]);
      await expect(of('hoa').get(made.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(of('hoa').remove(made.id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('for an agency to read, once the owner shares them with it', async () => {
      const made = await of('ha').create(view('z', ENV));
      await of('hoa').create(view('a'));
      expect((await of('hoa').list({})).map(({ name, owner }) => [name, owner])).toEqual([
        ['a', 'hoa'],
        ['z', 'ha'],
      ]);
      expect(await of('nam', POWER).list({})).toEqual([]);
      await expect(of('hoa').update({ ...made, name: 'x' })).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      await expect(of('hoa').remove(made.id, 1)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      await of('ha').update({ ...made, sharedWith: null });
      await expect(of('hoa').get(made.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('and refuses to share with agencies that aren’t one’s own, or aren’t there', async () => {
      for (const agency of [POWER, 'nowhere' as AgencyId])
        await expect(of('ha').create(view('a', agency))).rejects.toMatchObject({ code: 'REFERENCE_MISSING' });
      expect(await of('ha').list({})).toEqual([]);
    });

    it('against edits of what has changed, names in use and another kind', async () => {
      const made = await of('ha').create(view('a'));
      await of('ha').create(view('b'));
      const renamed = await of('ha').update({ ...made, name: 'c', content: {} });
      expect(renamed).toMatchObject({ name: 'c', content: {}, version: 2 });
      await expect(of('ha').update(made)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(of('ha').remove(made.id, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(of('ha').update({ ...renamed, name: 'b' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(of('ha').create({ ...view('b'), id: 'x' as SavedViewId })).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      await expect(of('ha').update({ ...renamed, kind: 'chart' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
      // Another person, or another kind, may use the name.
      await of('hoa').create({ ...view('b'), id: 'y' as SavedViewId });
      await of('ha').create({ ...view('b', null, 'chart'), id: 'z' as SavedViewId });
    });

    it('up to a number that it names', async () => {
      for (let n = 0; n < SAVED_VIEWS_MAX; n++) await of('ha').create(view(`n${n}`));
      await expect(of('ha').create(view('one more'))).rejects.toMatchObject({
        code: 'SAVED_VIEWS_FULL',
        params: { kept: SAVED_VIEWS_MAX },
      });
      await of('ha').create(view('of another kind', null, 'chart'));
    });

    it('with an audit row for every write', async () => {
      const made = await of('ha').create(view('a'));
      await of('ha').update({ ...made, sharedWith: ENV });
      await of('ha').remove(made.id, 2);
      await expect(registry.as(SYSTEM).savedViews.create(view('b'))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      const { items } = await registry.as(SYSTEM).audit.list({ targetKind: 'saved_view' }, { limit: 10 });
      expect(items.map(({ action, agencyId }) => [action, agencyId])).toEqual([
        ['view.remove', ENV],
        ['view.update', ENV],
        ['view.create', null],
      ]);
    });
  });
}
