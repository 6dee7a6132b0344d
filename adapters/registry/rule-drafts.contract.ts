import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, RuleId, UserId } from '../../domain/identifiers.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { RuleFields } from '../../domain/rule-review.ts';
import { milliseconds } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const HOA = 'hoa' as UserId;
const HA = 'ha' as UserId;
const ID = 'r-new' as RuleId;
const officer = (userId: UserId, agency: AgencyId = ENV): Actor => ({
  kind: 'person',
  userId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'environment' }],
});
const fields: RuleFields = {
  name: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
  advice: null,
  enabled: true,
  quantity: 'pm2_5' as QuantityKey,
  selection: {},
  condition: { kind: 'above', hysteresis: 0, levels: [{ severity: 'major', limit: 50, hold: milliseconds(0) }] },
  clearHold: milliseconds(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
};

/** What every registry promises of drafts of rules. */
export function describeRuleDrafts(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps drafts of rules`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    let hoa: RegistryView;
    let ha: RegistryView;
    const look = (): void => {
      hoa = registry.as(officer(HOA));
      ha = registry.as(officer(HA));
    };
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(SYSTEM, city());
      look();
    });
    afterEach(() => registry.close());
    const create = (content: Record<string, unknown> = { half: 'written', nested: [{ limit: null }] }) =>
      hoa.ruleDrafts.create({ ruleId: ID, agencyId: ENV, content });

    it('as they were written, whatever they say, over a restart', async () => {
      const made = await create();
      expect(made).toMatchObject({ basedOn: 0, state: 'draft', authors: [HOA], version: 1, rejection: null });
      await registry.close();
      registry = await open();
      look();
      expect(await hoa.ruleDrafts.get(ID)).toEqual(made);
      expect(await hoa.ruleDrafts.list({})).toEqual([made]);
      expect(await registry.ruleState.liveRules()).not.toContainEqual(expect.objectContaining({ id: ID }));
    });

    it('from the first word to the rule in force, with everyone who had a part in it', async () => {
      await create();
      await ha.ruleDrafts.save(ID, 1, { ...fields });
      await hoa.ruleDrafts.save(ID, 2, { ...fields });
      await hoa.ruleDrafts.submit(ID, 3);
      const sentBack = await ha.ruleDrafts.reject(ID, 4, 'Ngưỡng quá thấp');
      expect(sentBack).toMatchObject({ state: 'draft', rejection: { by: HA, reason: 'Ngưỡng quá thấp' } });
      const again = await hoa.ruleDrafts.submit(ID, 5);
      expect(again).toMatchObject({ state: 'in_review', rejection: null, authors: [HA, HOA], version: 6 });
      const rule = await ha.ruleDrafts.publish(ID, 6, fields, HA);
      expect(rule).toMatchObject({ ...fields, id: ID, version: 1, createdBy: HOA, approvedBy: HA });
      expect(await hoa.rules.get(ID)).toEqual(rule);
      expect(await registry.ruleState.liveRules()).toContainEqual(rule);
      await expect(hoa.ruleDrafts.get(ID)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(
        (await hoa.ruleDrafts.history(ID)).map(({ step, by, note, ruleVersion }) => [step, by, note, ruleVersion]),
      ).toEqual([
        ['created', HOA, null, null],
        ['saved', HA, null, null],
        ['saved', HOA, null, null],
        ['submitted', HOA, null, null],
        ['rejected', HA, 'Ngưỡng quá thấp', null],
        ['submitted', HOA, null, null],
        ['approved', HA, null, 1],
      ]);
    });

    it('over the rule in force, which stays as it is until then, and takes an edit back from review', async () => {
      await create({ ...fields });
      await hoa.ruleDrafts.publish(ID, 1, fields, null);
      const next = await create({ ...fields, enabled: false });
      expect(next.basedOn).toBe(1);
      await hoa.ruleDrafts.submit(ID, 1);
      expect(await hoa.rules.get(ID)).toMatchObject({ version: 1, enabled: true });
      expect(await hoa.ruleDrafts.save(ID, 2, { ...fields })).toMatchObject({ state: 'draft' });
      await hoa.ruleDrafts.publish(ID, 3, { ...fields, enabled: false }, null);
      expect((await hoa.rules.versions(ID)).map(({ version, enabled }) => [version, enabled])).toEqual([
        [1, true],
        [2, false],
      ]);
      expect(await hoa.rules.get(ID)).not.toHaveProperty('approvedBy');
    });

    it('against steps on what has changed: the draft, or the rule it was made over', async () => {
      await create({ ...fields });
      await hoa.ruleDrafts.save(ID, 1, { ...fields });
      const conflict = { code: 'CONFLICT' };
      await expect(ha.ruleDrafts.save(ID, 1, {})).rejects.toMatchObject(conflict);
      await expect(ha.ruleDrafts.submit(ID, 1)).rejects.toMatchObject(conflict);
      await expect(ha.ruleDrafts.discard(ID, 1)).rejects.toMatchObject(conflict);
      await expect(ha.ruleDrafts.reject(ID, 2, 'x')).rejects.toMatchObject({ code: 'INVALID_STATE' });
      const rule = await hoa.ruleDrafts.publish(ID, 2, fields, null);
      await create({ ...fields });
      await hoa.rules.update(rule);
      await expect(hoa.ruleDrafts.publish(ID, 1, fields, null)).rejects.toMatchObject(conflict);
      await hoa.ruleDrafts.discard(ID, 1);
      await hoa.rules.withdraw(ID, 2);
      await expect(create()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    });

    it('once for each rule, and from other agencies', async () => {
      await create();
      await expect(create()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      const nam = registry.as(officer('nam' as UserId, 'power' as AgencyId));
      const hidden = { code: 'NOT_FOUND' };
      expect(await nam.ruleDrafts.list({})).toEqual([]);
      expect(await nam.ruleDrafts.history(ID)).toEqual([]);
      await expect(nam.ruleDrafts.get(ID)).rejects.toMatchObject(hidden);
      await expect(nam.ruleDrafts.save(ID, 1, {})).rejects.toMatchObject(hidden);
      await expect(nam.ruleDrafts.publish(ID, 1, fields, null)).rejects.toMatchObject(hidden);
      await expect(
        nam.ruleDrafts.create({ ruleId: 'r-x' as RuleId, agencyId: ENV, content: {} }),
      ).rejects.toMatchObject(hidden);
    });

    it('with an audit row for every step', async () => {
      await create();
      await hoa.ruleDrafts.save(ID, 1, { ...fields });
      await hoa.ruleDrafts.discard(ID, 2);
      const { items } = await registry.as(SYSTEM).audit.list({ targetKind: 'rule', targetId: ID }, { limit: 10 });
      expect(items.map(({ action }) => action).sort()).toEqual([
        'rule.draft.created',
        'rule.draft.discarded',
        'rule.draft.saved',
      ]);
    });
  });
}
