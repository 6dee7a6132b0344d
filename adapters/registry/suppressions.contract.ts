import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Notice } from '../../domain/events.ts';
import type { AgencyId, DeviceId, PointId, RuleId, SiteId, UserId } from '../../domain/identifiers.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import type { SuppressionScope, SuppressionWindow, SuppressionWindowId } from '../../domain/suppression-window.ts';
import { type EpochMs, epochMs, hours } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const HOA = 'hoa' as UserId;
const POINT: SuppressionScope = { kind: 'point', pointId: 'p-env' as PointId };
const DEVICE = 'd-env' as DeviceId;
const operator = (agency: AgencyId, mayWrite = true): Actor => ({
  kind: 'person',
  userId: HOA,
  access: { readAgencies: [agency], writeAgencies: mayWrite ? [agency] : [], grants: [] },
  roles: [{ agencyId: agency, role: 'operator' }],
});

/** What every registry promises of maintenance and out of service. `open` must use the machine's clock. */
export function describeSuppressions(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps maintenance and out of service`, () => {
    let reopen: () => Promise<Registry>;
    let registry: Registry;
    let view: RegistryView;
    let named = 0;
    beforeEach(async () => {
      reopen = newPlace();
      registry = await reopen();
      await registry.seed(SYSTEM, city());
      view = registry.as(operator(ENV));
      named = Date.now();
    });
    afterEach(() => registry.close());

    const inHours = (n: number): EpochMs => epochMs(Date.now() + hours(n));
    const open = (
      scope: SuppressionScope = POINT,
      more: Partial<Pick<SuppressionWindow, 'kind' | 'from' | 'until'>> = {},
      by = view,
    ): Promise<SuppressionWindow> =>
      by.suppressions.open({
        id: `w-${named++}` as SuppressionWindowId,
        kind: 'maintenance',
        scope,
        reason: 'Thay cảm biến',
        owner: HOA,
        from: inHours(-1),
        until: inHours(2),
        ...more,
      });
    const idsOf = (windows: readonly SuppressionWindow[]) => windows.map(({ id }) => id);

    it('a window and all that was done with it are there after a restart, and in the audit', async () => {
      const before = Date.now();
      const made = await open();
      expect(made).toMatchObject({ agencyId: ENV, cause: 'person', endedAt: null, version: 1, owner: HOA });
      // One that is to have begun already begins now.
      expect(made.from).toBeGreaterThanOrEqual(before);
      const longer = await view.suppressions.step(made.id, 1, { kind: 'extend', until: inHours(5) });
      const ended = await view.suppressions.step(made.id, 2, { kind: 'end' });
      expect(ended).toMatchObject({ until: longer.until, version: 3 });
      await registry.close();
      registry = await reopen();
      view = registry.as(operator(ENV));
      expect(await view.suppressions.get(made.id)).toEqual(ended);
      const versions = await view.suppressions.versions(made.id);
      expect(versions.map(({ step, by, window }) => [step, by, window])).toEqual([
        ['open', HOA, made],
        ['extend', HOA, longer],
        ['end', HOA, ended],
      ]);
      const audit = await registry.as(SYSTEM).audit.list({ targetId: made.id }, { limit: 9 });
      expect(audit.items.map(({ action }) => action)).toEqual([
        'suppression.end',
        'suppression.extend',
        'suppression.open',
      ]);
    });

    it('lists newest first, by page, what is over apart from what is not', async () => {
      const first = await open();
      const second = await open({ kind: 'site', siteId: 's-env' as SiteId }, { from: inHours(1) });
      await view.suppressions.step(first.id, 1, { kind: 'end' });
      const page = await view.suppressions.list({}, { limit: 1 });
      expect(idsOf(page.items)).toEqual([second.id]);
      expect(idsOf((await view.suppressions.list({}, { limit: 1, after: page.next ?? '' })).items)).toEqual([first.id]);
      expect(idsOf((await view.suppressions.list({ over: true }, { limit: 9 })).items)).toEqual([first.id]);
      expect(idsOf((await view.suppressions.list({ over: false }, { limit: 9 })).items)).toEqual([second.id]);
      expect(idsOf(await registry.suppressions.windows(epochMs(Date.now() + 1)))).toEqual([second.id]);
      expect(idsOf(await registry.suppressions.windows(inHours(-1)))).toEqual([first.id, second.id]);
    });

    it('refuses what has no end, ends in the past, or is over already', async () => {
      await expect(open(POINT, { until: null })).rejects.toMatchObject({ code: 'WINDOW_NEEDS_END' });
      await expect(open(POINT, { until: inHours(-0.5) })).rejects.toMatchObject({ code: 'WINDOW_END_PAST' });
      await expect(open(POINT, { from: inHours(3) })).rejects.toMatchObject({ code: 'WINDOW_END_PAST' });
      const lasting = await open(POINT, { kind: 'out_of_service', until: null });
      await expect(view.suppressions.step(lasting.id, 9, { kind: 'end' })).rejects.toMatchObject({ code: 'CONFLICT' });
      await view.suppressions.step(lasting.id, 1, { kind: 'end' });
      await expect(view.suppressions.step(lasting.id, 2, { kind: 'end' })).rejects.toMatchObject({
        code: 'WINDOW_OVER',
      });
    });

    it('shows another agency neither windows nor scopes to open one on, and lets nobody write who may only read', async () => {
      const made = await open();
      const power = registry.as(operator(POWER));
      expect((await power.suppressions.list({}, { limit: 9 })).items).toEqual([]);
      await expect(power.suppressions.get(made.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(power.suppressions.step(made.id, 1, { kind: 'end' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const scopes: SuppressionScope[] = [
        POINT,
        { kind: 'device', deviceId: DEVICE },
        { kind: 'site', siteId: 's-env' as SiteId },
        { kind: 'rule', ruleId: 'r1' as RuleId },
        { kind: 'rule_on_point', ruleId: 'r1' as RuleId, pointId: 'p-env' as PointId },
      ];
      for (const scope of scopes) {
        await expect(open(scope, {}, power)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(open(scope, {}, registry.as(operator(ENV, false)))).rejects.toMatchObject({
          code: 'NOT_ALLOWED',
        });
        expect((await open(scope)).agencyId).toBe(ENV);
      }
      const foreign: SuppressionScope = {
        kind: 'rule_on_point',
        ruleId: 'r1' as RuleId,
        pointId: 'p-power' as PointId,
      };
      await expect(open(foreign, {}, registry.as(SYSTEM))).rejects.toMatchObject({ code: 'REFERENCE_MISSING' });
    });

    it('goes with the maintenance of a device, from the step that begins it to the one that ends it', async () => {
      const at = inHours(0);
      const { device } = await view.devices.step(DEVICE, { step: 'start_maintenance', reason: 'Vệ sinh', at });
      expect(device.state).toBe('in_maintenance');
      const [window] = (await view.suppressions.list({ over: false }, { limit: 9 })).items;
      expect(window).toMatchObject({
        scope: { kind: 'device', deviceId: DEVICE },
        reason: 'Vệ sinh',
        owner: HOA,
        from: at,
        until: null,
        cause: 'device_step',
      });
      await expect(view.suppressions.step(window!.id, 1, { kind: 'end' })).rejects.toMatchObject({
        code: 'WINDOW_OF_DEVICE',
      });
      await view.devices.step(DEVICE, { step: 'resume', reason: null, at: epochMs(at + 1) });
      expect(await view.suppressions.get(window!.id)).toMatchObject({ endedAt: at + 1, version: 2 });
    });

    it('reminds of an end once, and again when the end is another', async () => {
      const made = await open();
      const lasting = await open(POINT, { kind: 'out_of_service', until: null });
      const now = inHours(0);
      const { endingSoon, remind } = registry.suppressions;
      expect(await endingSoon(now, inHours(1))).toEqual([]);
      expect(idsOf(await endingSoon(now, inHours(3)))).toEqual([made.id]);
      const notice = (id: string): Notice => ({
        ...{ id, kind: 'suppression.ending', agencyId: ENV, deviceId: null, at: now },
        text: { key: 'notice.suppression_ending', params: {} },
      });
      // Two servers that looked at the same moment.
      expect((await Promise.all(['n-1', 'n-2'].map((id) => remind(made, notice(id))))).filter(Boolean)).toEqual([true]);
      expect((await view.notices.list({ limit: 9 })).items).toHaveLength(1);
      expect(await endingSoon(now, inHours(3))).toEqual([]);
      const longer = await view.suppressions.step(made.id, 1, { kind: 'extend', until: inHours(2.5) });
      expect(idsOf(await endingSoon(now, inHours(3)))).toEqual([made.id]);
      expect(await remind(made, notice('n-3'))).toBe(false);
      expect(await remind(longer, notice('n-4'))).toBe(true);
      expect(await view.suppressions.get(lasting.id)).toMatchObject({ until: null });
    });

    it('knows how sites hang together', async () => {
      await registry.as(SYSTEM).sites.link({
        agencyId: ENV,
        from: 's-env' as SiteId,
        to: 's-power' as SiteId,
        kind: 'backhauls',
      });
      expect(await registry.suppressions.network()).toEqual({
        sites: expect.arrayContaining([{ id: 's-env', parentId: null }]),
        links: [{ from: 's-env', to: 's-power', kind: 'backhauls' }],
      });
    });
  });
}
