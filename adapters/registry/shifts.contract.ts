import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import type { AgencyId, DeviceId, PointId, UserId } from '../../domain/identifiers.ts';
import type { IncidentId } from '../../domain/incident.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import { onDutyAt } from '../../domain/shift.ts';
import { coversFrom, type HandoverContent, type HandoverId } from '../../domain/shift-handover.ts';
import type { ShiftNoteId } from '../../domain/shift-log.ts';
import { buildShiftSummary, totalOf } from '../../domain/shift-summary.ts';
import type { SuppressionWindowId } from '../../domain/suppression-window.ts';
import { type EpochMs, epochMs, hours, minutes } from '../../domain/time.ts';
import type { WarningId } from '../../domain/warning/warning.ts';
import { aFlood } from '../../domain/warning/warning-fixture.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const HOA = 'hoa' as UserId;
const MINH = 'minh' as UserId;
const operator = (userId: UserId, agency: AgencyId = ENV, mayWrite = true): Actor => ({
  kind: 'person',
  userId,
  access: { readAgencies: [agency], writeAgencies: mayWrite ? [agency] : [], grants: [] },
  roles: [{ agencyId: agency, role: 'operator' }],
});
const BOUNDS = { alarms: 50, others: 50 };

/** What every registry promises of shifts. `open` must use the machine's clock. */
export function describeShifts(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps shifts`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    let hoa: RegistryView;
    let minh: RegistryView;
    let named = 0;
    const look = (): void => {
      hoa = registry.as(operator(HOA));
      minh = registry.as(operator(MINH));
    };
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(SYSTEM, city());
      const person = { language: 'vi' as const, roles: [{ agencyId: ENV, role: 'operator' as const }] };
      for (const [id, displayName] of [
        [HOA, 'Nguyễn Thị Hoa'],
        [MINH, 'Trần Văn Minh'],
      ] as const)
        await registry.as(SYSTEM).users.create({ id, loginName: id, displayName, ...person }, null);
      look();
      named = 0;
    });
    afterEach(() => registry.close());

    const now = (): EpochMs => epochMs(Date.now());
    const lately = () => ({ from: epochMs(now() - hours(1)), to: epochMs(now() + 1) });
    const note = (view: RegistryView, text: string, corrects: ShiftNoteId | null = null) =>
      view.shifts.note(ENV, { noteId: `n-${named++}` as ShiftNoteId, text, happenedAt: now(), corrects });
    const raise = async (startedAt = now()) => {
      const rule = (await registry.ruleState.liveRules())[0]!;
      const series = (await registry.directory.series()).find(({ quantity }) => quantity === 'pm2_5')!.series;
      const change = applyConditionEvent(
        null,
        { kind: 'activated', at: startedAt, severity: 'major', value: 60, limit: 50, suspect: false },
        { rule, series, pointId: 'p-env' as PointId, recordedAt: startedAt },
      )!;
      await registry.ruleState.commit({
        ...{ cursor: ++named as JournalSequence, states: [], jointStates: [], outbox: [] },
        changes: [change],
      });
      return change.alarm;
    };
    const shift = () => ({ from: epochMs(now() - hours(4)), to: epochMs(now() + hours(4)), number: 1 });
    const contentBy = async (userId: UserId, remark = ''): Promise<HandoverContent> => {
      const at = now();
      const last = (await hoa.shifts.handovers.list(ENV, { limit: 1 })).items[0] ?? null;
      const covers = { from: coversFrom(shift(), last?.covers.to ?? null, at), to: at };
      const log = await hoa.shifts.log(ENV, covers, BOUNDS);
      return {
        format: 1,
        agencyId: ENV,
        agencyName: { vi: 'Môi trường', en: 'Environment' },
        shift: { ...shift(), from: last ? shift().from : covers.from },
        covers,
        onDuty: onDutyAt(await hoa.shifts.duty(ENV, lately().from), at),
        summary: buildShiftSummary({ ...(await hoa.shifts.facts(ENV, covers, 50)), log }, at, 50),
        log,
        remark,
        signedBy: { userId, name: userId },
        signedAt: at,
        previous: last && { id: last.id, sha256: last.sha256 },
      };
    };
    const sign = async (view: RegistryView, userId: UserId, remark = '') => {
      const content = await contentBy(userId, remark);
      return view.shifts.handovers.sign(`h-${named++}` as HandoverId, content, content.covers.from);
    };
    const receive = (view: RegistryView, id: HandoverId, userId: UserId) =>
      view.shifts.handovers.receive(id, { userId, name: userId }, '');

    it('has three shifts until an agency says otherwise, by versions, with what is impossible refused', async () => {
      expect(await hoa.shifts.plan(ENV)).toEqual({ agencyId: ENV, startMinutes: [360, 840, 1_320], version: 0 });
      const set = (startMinutes: readonly number[], version: number) =>
        hoa.shifts.setPlan({ agencyId: ENV, startMinutes, version });
      await expect(set([420, 360], 0)).rejects.toMatchObject({ code: 'SHIFT_STARTS_ORDER' });
      await expect(set([360, 400], 0)).rejects.toMatchObject({ code: 'SHIFT_TOO_SHORT' });
      expect(await set([420, 1_140], 0)).toMatchObject({ version: 1 });
      await expect(set([420, 1_140], 0)).rejects.toMatchObject({ code: 'CONFLICT' });
      await registry.close();
      registry = await open();
      look();
      expect(await hoa.shifts.plan(ENV)).toMatchObject({ startMinutes: [420, 1_140], version: 1 });
    });

    it('writes into the log by itself: alarms, maintenance, official warnings, devices and duty, with who did it', async () => {
      await hoa.shifts.takeDuty(ENV, 'join');
      await hoa.shifts.takeDuty(ENV, 'join');
      const alarm = await raise();
      await hoa.alarms.work(alarm.id, { kind: 'acknowledge', by: HOA, note: 'Đã gọi trạm' }, now());
      await hoa.incidents.open('i-1' as IncidentId, [alarm.id], 'Khói ở Lê Chân');
      const w = await hoa.suppressions.open({
        id: 'w-1' as SuppressionWindowId,
        kind: 'maintenance',
        scope: { kind: 'point', pointId: 'p-env' as PointId },
        reason: 'Thay cảm biến',
        owner: HOA,
        from: now(),
        until: epochMs(now() + hours(2)),
      });
      await hoa.suppressions.step(w.id, 1, { kind: 'end' });
      await hoa.warnings.create({
        id: 'c-1' as WarningId,
        agencyId: ENV,
        status: 'Actual',
        alarmId: null,
        content: aFlood(),
        author: HOA,
      });
      const statusSteps = [
        // A restart of the platform, and coming back from it, is not worth a line; a loss and the return from it are.
        { online: true, reason: 'connected' },
        { online: false, reason: 'platform_restart' },
        { online: true, reason: 'connected' },
        { online: false, reason: 'lost' },
        { online: true, reason: 'connected' },
        { online: false, reason: 'last_will' },
      ] as const;
      const atNow = { deviceId: 'd-env' as DeviceId, agencyId: ENV, eventTime: now(), recordedAt: now() };
      await registry.deviceLog.recordStatus(statusSteps.map((step) => ({ ...atNow, ...step })));
      const { entries, leftOut } = await hoa.shifts.log(ENV, lately(), BOUNDS);
      const told = entries.map((entry) => [
        entry.kind,
        'step' in entry ? entry.step : entry.kind === 'device' ? entry.online : null,
        entry.byName,
      ]);
      const by = 'Nguyễn Thị Hoa';
      expect(told).toHaveLength(10);
      expect(told).toEqual(
        expect.arrayContaining([
          ['duty', 'join', by],
          ['alarm', 'activated', null],
          ['alarm', 'acknowledged', by],
          ['incident', 'opened', by],
          ['window', 'open', by],
          ['window', 'end', by],
          ['warning', 'create', by],
          ['device', false, null],
          ['device', true, null],
        ]),
      );
      expect(entries.find((entry) => entry.kind === 'alarm' && entry.step === 'acknowledged')).toMatchObject({
        pointName: { vi: 'Trạm Lê Chân env' },
        ruleName: { en: 'PM2.5' },
        severity: 'major',
        note: 'Đã gọi trạm',
      });
      expect(entries.find(({ kind }) => kind === 'incident')).toMatchObject({ name: { vi: 'Khói ở Lê Chân' } });
      expect(entries.find(({ kind }) => kind === 'window')).toMatchObject({ scopeName: { vi: 'Trạm Lê Chân env' } });
      expect(leftOut).toEqual({});
      const facts = await hoa.shifts.facts(ENV, lately(), 10);
      expect(facts).toMatchObject({
        raised: { major: 1 },
        acknowledgedCount: 1,
        open: { major: 1 },
        devicesDownCount: 1,
        devicesDown: [{ deviceId: 'd-env' }],
      });
      expect(totalOf(facts.unacknowledged)).toBe(0);
    });

    it('logs maintenance that begins and ends by the clock', async () => {
      await hoa.suppressions.open({
        id: 'w-1' as SuppressionWindowId,
        kind: 'maintenance',
        scope: { kind: 'device', deviceId: 'd-env' as DeviceId },
        reason: 'Vệ sinh',
        owner: HOA,
        from: epochMs(now() + minutes(10)),
        until: epochMs(now() + minutes(20)),
      });
      const later = { from: epochMs(now() + minutes(5)), to: epochMs(now() + minutes(30)) };
      const { entries } = await hoa.shifts.log(ENV, later, BOUNDS);
      expect(entries.map((entry) => entry.kind === 'window' && entry.step)).toEqual(['run_out', 'begin']);
    });

    it('leaves out the oldest of what there is no room for, and says how many', async () => {
      for (const text of ['một', 'hai', 'ba']) await note(hoa, text);
      const { entries, leftOut } = await hoa.shifts.log(ENV, lately(), { alarms: 1, others: 2 });
      expect(entries.map((entry) => entry.kind === 'note' && entry.text)).toEqual(['ba', 'hai']);
      expect(leftOut).toEqual({ note: 1 });
    });

    it('keeps notes as they were written; a correction of a correction is one of the first note', async () => {
      const first = await note(hoa, '2 máy bơm');
      const second = await note(minh, '3 máy bơm', first.noteId);
      expect((await note(hoa, '4 máy bơm', second.noteId)).corrects).toBe(first.noteId);
      await expect(note(hoa, 'x', 'nothing' as ShiftNoteId)).rejects.toMatchObject({ code: 'REFERENCE_MISSING' });
      const { entries } = await hoa.shifts.log(ENV, lately(), BOUNDS);
      expect(entries.map((entry) => entry.kind === 'note' && [entry.text, entry.byName])).toEqual([
        ['4 máy bơm', 'Nguyễn Thị Hoa'],
        ['3 máy bơm', 'Trần Văn Minh'],
        ['2 máy bơm', 'Nguyễn Thị Hoa'],
      ]);
    });

    it('writes a signed handover down for ever, and the one after goes on where it ended', async () => {
      await hoa.shifts.takeDuty(ENV, 'join');
      await raise();
      const signed = await sign(hoa, HOA, 'Theo dõi trạm Lê Chân');
      expect(signed).toMatchObject({ isIntact: true, receipt: null, content: { remark: 'Theo dõi trạm Lê Chân' } });
      expect(signed.content.summary.alarms).toHaveLength(1);
      await expect(sign(minh, MINH)).rejects.toMatchObject({ code: 'HANDOVER_WAITING' });
      await expect(receive(hoa, signed.id, HOA)).rejects.toMatchObject({ code: 'HANDOVER_OWN' });
      const received = await receive(minh, signed.id, MINH);
      expect(received.receipt).toMatchObject({ receivedBy: { userId: MINH }, sha256: signed.sha256 });
      await expect(receive(minh, signed.id, MINH)).rejects.toMatchObject({ code: 'HANDOVER_RECEIVED' });
      const onDuty = onDutyAt(await hoa.shifts.duty(ENV, lately().from), now());
      expect(onDuty.map(({ userId }) => userId)).toEqual([MINH]);

      await registry.close();
      registry = await open();
      look();
      expect(await hoa.shifts.handovers.get(signed.id)).toEqual(received);
      const stale = await contentBy(MINH);
      await expect(
        minh.shifts.handovers.sign('h-x' as HandoverId, stale, epochMs(stale.covers.from - 1)),
      ).rejects.toMatchObject({ code: 'HANDOVER_MOVED_ON' });
      const next = await sign(minh, MINH);
      expect(next.content.covers.from).toBe(signed.content.covers.to);
      expect(next.content.previous).toEqual({ id: signed.id, sha256: signed.sha256 });
      const list = await hoa.shifts.handovers.list(ENV, { limit: 1 });
      expect(list.items).toMatchObject([{ id: next.id, signedByName: MINH, receivedAt: null }]);
      const older = await hoa.shifts.handovers.list(ENV, { limit: 9, after: list.next ?? '' });
      expect(older.items).toMatchObject([{ id: signed.id, receivedByName: MINH }]);
      const audit = await registry.as(SYSTEM).audit.list({ targetId: signed.id }, { limit: 9 });
      expect(audit.items.map(({ action }) => action)).toEqual(['shift.receive', 'shift.sign']);
    });

    it('shows another agency nothing, and lets nobody write who may only read', async () => {
      const { id } = await sign(hoa, HOA);
      const power = registry.as(operator('p' as UserId, 'power' as AgencyId)).shifts;
      const reader = registry.as(operator('r' as UserId, ENV, false));
      const notFound = { code: 'NOT_FOUND' };
      await expect(power.plan(ENV)).rejects.toMatchObject(notFound);
      await expect(power.duty(ENV, now())).rejects.toMatchObject(notFound);
      await expect(power.log(ENV, lately(), BOUNDS)).rejects.toMatchObject(notFound);
      await expect(power.facts(ENV, lately(), 1)).rejects.toMatchObject(notFound);
      await expect(power.handovers.list(ENV, { limit: 1 })).rejects.toMatchObject(notFound);
      await expect(power.handovers.get(id)).rejects.toMatchObject(notFound);
      await expect(power.takeDuty(ENV, 'join')).rejects.toMatchObject(notFound);
      await expect(power.handovers.receive(id, { userId: MINH, name: '' }, '')).rejects.toMatchObject(notFound);
      await expect(power.plan('nothing' as AgencyId)).rejects.toMatchObject(notFound);
      const refused = { code: 'NOT_ALLOWED' };
      await expect(reader.shifts.takeDuty(ENV, 'join')).rejects.toMatchObject(refused);
      await expect(note(reader, 'x')).rejects.toMatchObject(refused);
      await expect(sign(reader, 'r' as UserId)).rejects.toMatchObject(refused);
      await expect(receive(reader, id, 'r' as UserId)).rejects.toMatchObject(refused);
      await expect(reader.shifts.setPlan({ agencyId: ENV, startMinutes: [0], version: 0 })).rejects.toMatchObject(
        refused,
      );
    });
  });
}
