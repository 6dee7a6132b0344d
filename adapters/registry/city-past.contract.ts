import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import type { AgencyId, DeviceId, PointId, UserId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, milliseconds } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const system: Actor = { kind: 'system', name: 'test' };
const ofAgency = (agency: string): Actor => ({
  kind: 'person',
  userId: 'u1' as UserId,
  roles: [],
  access: { readAgencies: [agency as AgencyId], writeAgencies: [agency as AgencyId], grants: [] },
});
const ENV = ofAgency('env');
const D_ENV = 'd-env' as DeviceId;

/** What those who look at the past are promised. */
export function describeCityPast(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} knows the past`, () => {
    let registry: Registry;
    let cursor = 0;
    beforeEach(async () => {
      registry = await newPlace()();
      await registry.seed(system, city());
      cursor = 0;
    });
    afterEach(() => registry.close());

    /** A change of the condition at `at`, recorded `late` afterwards. */
    const happen = async (open: Alarm | null, kind: 'activated' | 'cleared', at: number, late = 5): Promise<Alarm> => {
      const rule = (await registry.ruleState.liveRules())[0]!;
      const { series } = (await registry.directory.series()).find((one) => one.pointId === 'p-env')!;
      const what =
        kind === 'activated'
          ? { kind, at: epochMs(at), severity: 'major' as const, value: 60, limit: 50, suspect: false }
          : { kind, at: epochMs(at), value: 20, worstValue: 60, suspect: false };
      const change = applyConditionEvent(open, what, {
        rule,
        series,
        pointId: 'p-env' as PointId,
        recordedAt: epochMs(at + late),
      })!;
      await registry.ruleState.commit({
        cursor: ++cursor as JournalSequence,
        states: [],
        jointStates: [],
        changes: [change],
        outbox: [],
      });
      return change.alarm;
    };
    const openAt = async (at: number, knowledge: 'then' | 'now', actor: Actor = ENV) =>
      (await registry.as(actor).past.alarmsAt(epochMs(at), knowledge, 10)).map((a) => [a.startedAt, a.condition]);

    it('of alarms: those that were open, as they were, by what was on record and by what had happened', async () => {
      const raised = await happen(null, 'activated', 1_000);
      await happen(raised, 'cleared', 2_000, 500);
      expect(await openAt(1_004, 'then')).toEqual([]);
      expect(await openAt(1_004, 'now')).toEqual([[1_000, 'active']]);
      expect(await openAt(1_005, 'then')).toEqual([[1_000, 'active']]);
      expect(await openAt(2_400, 'then')).toEqual([[1_000, 'active']]);
      expect(await openAt(2_400, 'now')).toEqual([[1_000, 'cleared']]);
      expect(await openAt(2_500, 'then')).toEqual([[1_000, 'cleared']]);
      expect(await openAt(2_500, 'then', ofAgency('power'))).toEqual([]);
    });

    it('of alarms that a person ended: open until that was on record', async () => {
      const cleared = await happen(await happen(null, 'activated', 1_000), 'cleared', 2_000);
      const { alarm } = await registry
        .as(ENV)
        .alarms.work(cleared.id, { kind: 'acknowledge', by: 'u1' as UserId }, epochMs(3_000));
      expect(alarm.endedAt).toBe(3_000);
      const [last] = (await registry.as(ENV).alarms.history(alarm.id)).slice(-1);
      expect(await openAt(last!.recordedAt - 1, 'then')).toEqual([[1_000, 'cleared']]);
      expect(await openAt(last!.recordedAt, 'then')).toEqual([]);
      expect(await openAt(2_999, 'now')).toEqual([[1_000, 'cleared']]);
      expect(await openAt(3_000, 'now')).toEqual([]);
    });

    it('of what changed: step by step, all or whole instants from the beginning, never the same twice', async () => {
      let alarm: Alarm | null = null;
      for (let i = 1; i <= 6; i++) alarm = await happen(alarm, i % 2 === 1 ? 'activated' : 'cleared', i * 1_000, 0);
      const span = { from: epochMs(1_000), to: epochMs(9_000), knowledge: 'then' as const };
      const { past } = registry.as(ENV);
      const all = await past.alarmChanges({ ...span, limit: 100 });
      expect(all.coveredTo).toBe(9_000);
      expect(all.items.map(({ at, after }) => [at, after.condition, after.activationCount])).toEqual([
        [2_000, 'cleared', 1],
        [3_000, 'active', 2],
        [4_000, 'cleared', 2],
        [5_000, 'active', 3],
        [6_000, 'cleared', 3],
      ]);
      const some = await past.alarmChanges({ ...span, limit: 2 });
      expect([some.coveredTo, some.items.length]).toEqual([3_999, 2]);
      const rest = await past.alarmChanges({ ...span, from: some.coveredTo, limit: 100 });
      expect([...some.items, ...rest.items]).toEqual(all.items);
      expect((await registry.as(ofAgency('power')).past.alarmChanges({ ...span, limit: 100 })).items).toEqual([]);
    });

    it('of beginnings: how many in each stretch, and the nearest on either side', async () => {
      for (const at of [1_000, 5_000, 5_500]) {
        const cleared = await happen(await happen(null, 'activated', at), 'cleared', at + 100);
        await registry.as(ENV).alarms.work(cleared.id, { kind: 'acknowledge', by: 'u1' as UserId }, epochMs(at + 200));
      }
      const { past } = registry.as(ENV);
      expect(await past.alarmMarks(epochMs(0), milliseconds(1_000), 6, 'now')).toEqual([
        { bucket: 1, severity: 'major', count: 1 },
        { bucket: 5, severity: 'major', count: 2 },
      ]);
      expect((await past.nearestAlarm(epochMs(1_000), 'next', 'now'))?.at).toBe(5_000);
      expect((await past.nearestAlarm(epochMs(1_000), 'next', 'then'))?.at).toBe(1_005);
      expect((await past.nearestAlarm(epochMs(5_000), 'previous', 'now'))?.at).toBe(1_000);
      expect(await past.nearestAlarm(epochMs(5_500), 'next', 'now')).toBeNull();
      expect(await registry.as(ofAgency('power')).past.nearestAlarm(epochMs(0), 'next', 'now')).toBeNull();
    });

    it('of the register: what points were called and which devices served them, before that changed', async () => {
      const view = registry.as(ENV);
      const point = await view.points.get('p-env' as PointId);
      const before = epochMs(Date.now() - 1);
      await view.points.update({ ...point, name: { vi: 'Trạm mới', en: 'New station' } });
      const device = await view.devices.get(D_ENV);
      const other = 'd-env-2' as DeviceId;
      await view.devices.create({ ...device, id: other, serialNumber: null, state: 'claimed' });
      await view.devices.assign({ deviceId: other, pointId: point.id, from: epochMs(Date.now()) });
      const { names, served, isWhole } = await view.past.registerChanges(before, 10);
      expect(names.map(({ pointId, name }) => [pointId, name])).toEqual([['p-env', point.name]]);
      expect(served.map(({ deviceId, to }) => [deviceId, to === null])).toEqual([
        [D_ENV, false],
        [other, true],
      ]);
      expect(isWhole).toBe(true);
      expect((await view.past.registerChanges(before, 1)).isWhole).toBe(false);
      const later = await view.past.registerChanges(epochMs(Date.now() + 1_000), 10);
      expect(later).toEqual({ names: [], served: [], isWhole: true });
      const strangers = await registry.as(ofAgency('power')).past.registerChanges(before, 10);
      expect([strangers.names, strangers.served]).toEqual([[], []]);
    });

    it('of devices: whether they were there, by what was on record and by what had happened', async () => {
      const status = (online: boolean, at: number, late: number) => ({
        deviceId: D_ENV,
        agencyId: 'env' as AgencyId,
        online,
        reason: online ? ('connected' as const) : ('lost' as const),
        eventTime: epochMs(at),
        recordedAt: epochMs(at + late),
      });
      await registry.deviceLog.recordStatus([status(true, 1_000, 1), status(false, 2_000, 300)]);
      const { past } = registry.as(ENV);
      const at = async (instant: number, knowledge: 'then' | 'now') =>
        (await past.deviceStatusAt([D_ENV, 'd-power' as DeviceId], epochMs(instant), knowledge)).map((s) => s.online);
      expect(await at(1_000, 'then')).toEqual([]);
      expect(await at(1_001, 'then')).toEqual([true]);
      expect(await at(2_000, 'then')).toEqual([true]);
      expect(await at(2_000, 'now')).toEqual([false]);
      const { items } = await past.deviceStatusChanges({
        from: epochMs(1_001),
        to: epochMs(9_000),
        knowledge: 'then',
        limit: 10,
      });
      expect(items.map((one) => [one.at, one.after.online])).toEqual([[2_300, false]]);
      expect(await registry.as(ofAgency('power')).past.deviceStatusAt([D_ENV], epochMs(9_000), 'now')).toEqual([]);
    });
  });
}
