import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import { type EpochMs, epochMs, hours } from '../../domain/time.ts';
import { proposalOf, type Warning, type WarningId } from '../../domain/warning/warning.ts';
import { aFlood } from '../../domain/warning/warning-fixture.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const HOA = 'hoa' as UserId;
const HA = 'ha' as UserId;
const officer = (userId: UserId, agency: AgencyId = ENV): Actor => ({
  kind: 'person',
  userId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'environment' }],
});
const XML = '<alert/>';

/** What every registry promises of official warnings. `open` must use the machine's clock. */
export function describeWarnings(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps official warnings`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    let hoa: RegistryView;
    let ha: RegistryView;
    let named = 0;
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

    const inHours = (n: number): EpochMs => epochMs(Date.now() + hours(n));
    const draft = (id = 'w-1', expires = inHours(6)): Promise<Warning> =>
      hoa.warnings.create({
        id: id as WarningId,
        agencyId: ENV,
        status: 'Actual',
        alarmId: null,
        content: aFlood({ onset: null, expires }),
        author: HOA,
      });
    const message = () => ({ sender: 'env@hp.example', identifier: `HD-${named++}`, sent: epochMs(Date.now()) });
    /** Drafted by one, approved by the other. */
    const publish = async (id?: string, expires?: EpochMs): Promise<Warning> => {
      const made = await draft(id, expires);
      const submitted = await hoa.warnings.step(made.id, 1, { kind: 'submit', by: HOA });
      return ha.warnings.step(made.id, submitted.version, { kind: 'approve', by: HA, message: message() }, XML);
    };
    const recent = (since = inHours(-1)) => registry.warnings.recent(since, 100);

    it('a warning, its versions and what was published are there after a restart, with who did what', async () => {
      const published = await publish();
      await registry.close();
      registry = await open();
      look();
      expect(await hoa.warnings.get(published.id)).toEqual(published);
      const versions = await hoa.warnings.versions(published.id);
      expect(versions.map(({ version, step, by }) => [version, step, by])).toEqual([
        [1, 'create', HOA],
        [2, 'submit', HOA],
        [3, 'approve', HA],
      ]);
      expect(versions.at(-1)?.warning).toEqual(published);
      const [first] = published.issued;
      expect(await registry.warnings.message(first?.identifier ?? '')).toEqual({ xml: XML, sent: first?.sent });
      const audit = await registry.as(SYSTEM).audit.list({ targetId: published.id }, { limit: 9 });
      expect(audit.items.map(({ action, actor }) => [action, 'userId' in actor && actor.userId])).toEqual([
        ['warning.approve', HA],
        ['warning.submit', HOA],
        ['warning.create', HOA],
      ]);
    });

    it('nobody publishes what they wrote, and nothing is kept of the attempt', async () => {
      const made = await draft();
      await hoa.warnings.step(made.id, 1, { kind: 'submit', by: HOA });
      const attempt = message();
      await expect(
        hoa.warnings.step(made.id, 2, { kind: 'approve', by: HOA, message: attempt }, XML),
      ).rejects.toMatchObject({ code: 'WARNING_OWN' });
      expect((await hoa.warnings.get(made.id)).version).toBe(2);
      expect(await registry.warnings.message(attempt.identifier)).toBeUndefined();
      expect(await recent()).toEqual([]);
    });

    it('a step from another version than the newest is refused', async () => {
      const made = await draft();
      await hoa.warnings.step(made.id, 1, { kind: 'edit', by: HOA, content: aFlood({ severity: 'Extreme' }) });
      await expect(hoa.warnings.step(made.id, 1, { kind: 'submit', by: HOA })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    });

    it('a message’s name is given once', async () => {
      const first = await publish('w-1');
      const made = await draft('w-2');
      await hoa.warnings.step(made.id, 1, { kind: 'submit', by: HOA });
      const again = { ...message(), identifier: first.issued[0]?.identifier ?? '' };
      await expect(
        ha.warnings.step(made.id, 2, { kind: 'approve', by: HA, message: again }, XML),
      ).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      expect(proposalOf(await hoa.warnings.get(made.id))?.stage).toBe('submitted');
    });

    it('only what was published is for everybody, also while a change of it is written', async () => {
      await draft('w-draft');
      const published = await publish('w-2');
      const reason = { vi: 'Sửa khu vực', en: 'Another area' };
      await ha.warnings.step(published.id, published.version, { kind: 'propose_update', by: HA, reason });
      expect((await recent()).map(({ id }) => id)).toEqual(['w-2']);
    });

    it('expires what has run out, once, with the end it was given; what was taken back is not touched', async () => {
      const soon = epochMs(Date.now() + 3_600_000);
      const short = await publish('w-short', soon);
      await publish('w-long', inHours(9));
      const taken = await publish('w-taken', soon);
      const reason = { vi: 'Nước đã rút', en: 'The water is gone' };
      const waiting = await ha.warnings.step(taken.id, taken.version, { kind: 'propose_cancel', by: HA, reason });
      await hoa.warnings.step(taken.id, waiting.version, { kind: 'approve', by: HOA, message: message() }, XML);
      expect(await registry.warnings.expireDue(epochMs(soon - 1))).toEqual([]);
      const ended = await registry.warnings.expireDue(epochMs(soon + 60_000));
      expect(ended.map(({ id, life }) => [id, life])).toEqual([['w-short', { kind: 'expired', at: soon }]]);
      expect(await registry.warnings.expireDue(epochMs(soon + 120_000))).toEqual([]);
      expect((await hoa.warnings.versions(short.id)).at(-1)).toMatchObject({ step: 'expire', by: null });
      expect((await recent()).map(({ id }) => id).sort()).toEqual(['w-long', 'w-short', 'w-taken']);
      expect((await registry.warnings.recent(epochMs(soon + 1), 9)).map(({ id }) => id)).toEqual(['w-long']);
    });

    it('lists the newest first, page by page, open ones apart', async () => {
      for (const id of ['w-1', 'w-2', 'w-3']) await draft(id);
      await hoa.warnings.step('w-2' as WarningId, 1, { kind: 'discard', by: HOA });
      const first = await hoa.warnings.list({}, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(['w-3', 'w-2']);
      const second = await hoa.warnings.list({}, { limit: 2, after: first.next ?? '' });
      expect([second.items.map(({ id }) => id), second.next]).toEqual([['w-1'], null]);
      expect((await hoa.warnings.list({ open: true }, { limit: 9 })).items.map(({ id }) => id)).toEqual(['w-3', 'w-1']);
      expect((await hoa.warnings.list({ open: false }, { limit: 9 })).items.map(({ id }) => id)).toEqual(['w-2']);
    });

    it('another agency sees none of it and changes none of it', async () => {
      const { id } = await publish();
      const { warnings } = registry.as(officer('nam' as UserId, 'power' as AgencyId));
      expect((await warnings.list({}, { limit: 9 })).items).toEqual([]);
      for (const attempt of [
        () => warnings.get(id),
        () => warnings.versions(id),
        () => warnings.step(id, 3, { kind: 'propose_cancel', by: 'nam' as UserId, reason: { vi: 'x', en: 'x' } }),
        () =>
          warnings.create({
            id: 'w-9' as WarningId,
            agencyId: ENV,
            status: 'Actual',
            alarmId: null,
            content: aFlood(),
            author: 'nam' as UserId,
          }),
      ])
        await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
}
