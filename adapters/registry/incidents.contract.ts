import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { AgencyId, AlarmId, PointId, RuleId, SeriesId, SiteId, UserId } from '../../domain/identifiers.ts';
import { alarmKey, type Incident, type IncidentId, type IncidentMember } from '../../domain/incident.ts';
import type { IncidentCommit } from '../../domain/ports/incidents.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const operator = (agency: AgencyId, mayWrite = true): Actor => ({
  kind: 'person',
  userId: `op-${agency}` as UserId,
  access: { readAgencies: [agency], writeAgencies: mayWrite ? [agency] : [], grants: [] },
  roles: [{ agencyId: agency, role: 'operator' }],
});
const T0 = epochMs(1_790_000_000_000);

const anAlarm = (name: string, agency: AgencyId, startedAt = T0): Alarm => ({
  id: name as AlarmId,
  agencyId: agency,
  ruleId: 'r1' as RuleId,
  ruleVersion: 1,
  series: (agency === ENV ? 1 : 2) as SeriesId,
  pointId: `p-${agency}` as PointId,
  quantity: 'pm2_5' as QuantityKey,
  ...{ origin: 'live', condition: 'active', work: 'new', severity: 'major', worstSeverity: 'major' },
  ...{ startedAt, activatedAt: startedAt, activationCount: 1, clearedAt: null, endedAt: null, silentSince: null },
  ...{ triggerValue: 60, worstValue: 60, lastValue: 60, limit: 50, onSuspectData: false, suppression: null },
  ...{ assignee: null, revision: null, recordedAt: startedAt, version: 1 },
});
const transition = (alarm: Alarm) => ({
  alarmId: alarm.id,
  index: alarm.version,
  kind: 'activated' as const,
  ...{
    eventTime: alarm.startedAt,
    recordedAt: alarm.startedAt,
    by: null,
    severity: alarm.severity,
    value: 60,
    note: null,
  },
});
const member = (name: string, agency: AgencyId, incidentId: IncidentId): IncidentMember => ({
  key: alarmKey(name as AlarmId),
  ...{ incidentId, byHand: false, of: { kind: 'alarm', id: name as AlarmId }, agencyId: agency },
  ...{ pointId: `p-${agency}` as PointId, siteId: `s-${agency}` as SiteId, at: T0, endedAt: null },
  ...{ sign: 'limit', severity: 'major' },
});
const anIncident = (id: IncidentId, founder: string): Incident => ({
  ...{ id, agencyId: ENV, cause: { kind: 'place', family: 'air' }, name: null, founder: alarmKey(founder as AlarmId) },
  ...{ startedAt: T0, endedAt: null, severity: 'major', mergedInto: null, recordedAt: T0, version: 1 },
});
const NOTHING: IncidentCommit = { heard: [], incidents: [], joined: [], merges: [], facts: [], events: [] };

/** What every registry promises of incidents. */
export function describeIncidents(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps incidents`, () => {
    let reopen: () => Promise<Registry>;
    let registry: Registry;
    let env: RegistryView;
    let power: RegistryView;
    const see = (): void => {
      env = registry.as(operator(ENV));
      power = registry.as(operator(POWER));
    };
    beforeEach(async () => {
      reopen = newPlace();
      registry = await reopen();
      await registry.seed(SYSTEM, city());
      see();
    });
    afterEach(() => registry.close());

    const raise = async (...alarms: readonly Alarm[]): Promise<void> => {
      const { cursor } = await registry.ruleState.load();
      await registry.ruleState.commit({
        cursor: (cursor + 1) as JournalSequence,
        ...{ states: [], jointStates: [], outbox: [] },
        changes: alarms.map((alarm) => ({ alarm, transitions: [transition(alarm)] })),
      });
    };
    /** Alarms `names` (those that begin with p are of the other agency) in one incident. */
    const together = async (id: string, ...names: readonly string[]): Promise<IncidentId> => {
      const incidentId = id as IncidentId;
      const agencyOf = (one: string): AgencyId => (one.startsWith('p') ? POWER : ENV);
      await raise(...names.map((one) => anAlarm(one, agencyOf(one))));
      const joined = names.map((one) => member(one, agencyOf(one), incidentId));
      const opened = { incidentId, kind: 'opened' as const, eventTime: T0, recordedAt: T0, by: null, note: null };
      const keys = joined.map(({ key }) => key);
      await registry.incidents.commit({
        ...{ heard: (await registry.incidents.unheard(99)).map(({ number }) => number), merges: [], facts: [] },
        ...{ incidents: [anIncident(incidentId, names[0] ?? '')], joined },
        events: [{ ...opened, members: keys, other: null, cause: { kind: 'place', family: 'air' } }],
      });
      return incidentId;
    };
    const keyOf = (one: string) => alarmKey(one as AlarmId);
    const keysIn = async (view: RegistryView, id: IncidentId) =>
      (await view.incidents.members(id)).map(({ key }) => key).sort();

    it('an alarm stays unheard until a commit has heard that very change of it, also over a restart', async () => {
      await raise(anAlarm('e1', ENV));
      const [first] = await registry.incidents.unheard(9);
      await raise({ ...anAlarm('e1', ENV), version: 2, severity: 'critical' });
      await registry.incidents.commit({ ...NOTHING, heard: [first?.number ?? 0] });
      await registry.close();
      registry = await reopen();
      const [second, ...others] = await registry.incidents.unheard(9);
      expect([second?.alarm, others]).toMatchObject([{ id: 'e1', severity: 'critical' }, []]);
      await registry.incidents.commit({ ...NOTHING, heard: [second?.number ?? 0] });
      expect(await registry.incidents.unheard(9)).toEqual([]);
    });

    it('is there after a restart with members, alarms and history, and takes no version twice', async () => {
      const id = await together('i1', 'e1', 'e2');
      await registry.close();
      registry = await reopen();
      see();
      expect(await registry.incidents.load()).toMatchObject({
        incidents: [{ id, version: 1 }],
        members: [{ key: 'alarm:e1' }, { key: 'alarm:e2' }],
        alarms: [{ id: 'e1' }, { id: 'e2' }],
      });
      expect(await env.incidents.history(id)).toMatchObject([{ kind: 'opened', by: null, eventTime: T0 }]);
      await expect(registry.incidents.commit({ ...NOTHING, incidents: [anIncident(id, 'e1')] })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      // A person moved it meanwhile.
      await env.incidents.remove(id, [keyOf('e1')], 1);
      await expect(registry.incidents.commit({ ...NOTHING, joined: [member('e1', ENV, id)] })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    });

    it('shows each agency its own members, and tells it how many others there are', async () => {
      const id = await together('i1', 'e1', 'e2', 'p1');
      const alone = await together('i2', 'e3', 'e4');
      const list = async (view: RegistryView) => (await view.incidents.list({ open: true }, { limit: 9 })).items;
      expect((await list(env)).map(({ incident, summary }) => [incident.id, summary.members, summary.hidden])).toEqual([
        [id, 2, 1],
        [alone, 2, 0],
      ]);
      expect(await list(power)).toMatchObject([
        { incident: { id }, summary: { members: 1, hidden: 2, unacknowledged: 1, agencies: [POWER] } },
      ]);
      expect(await keysIn(power, id)).toEqual(['alarm:p1']);
      expect((await power.incidents.history(id))[0]?.members).toEqual(['alarm:p1']);
      for (const read of ['get', 'members', 'history'] as const)
        await expect(power.incidents[read](alone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await env.incidents.list({ alarmId: 'e3' as AlarmId }, { limit: 9 })).items).toMatchObject([
        { incident: { id: alone } },
      ]);
      const pages = await env.incidents.list({}, { limit: 1 });
      const next = await env.incidents.list({}, { limit: 1, after: pages.next ?? '' });
      expect([...pages.items, ...next.items].map(({ incident }) => incident.id)).toEqual([id, alone]);
    });

    it('is merged, and parted again, by who may write all that moves', async () => {
      const [one, two] = [await together('i1', 'e1', 'e2'), await together('i2', 'e3', 'e4')];
      const mixed = await together('i3', 'e5', 'p1');
      const merged = await env.incidents.merge(one, two, 1);
      expect(merged).toMatchObject({ incident: { version: 2 }, summary: { members: 4 } });
      expect((await env.incidents.list({}, { limit: 9 })).items.map(({ incident }) => incident.id)).toEqual([
        one,
        mixed,
      ]);
      const gone = await env.incidents.get(two);
      expect(gone).toMatchObject({ incident: { mergedInto: one, version: 2 }, summary: { members: 0 } });
      await expect(env.incidents.merge(one, two, 2)).rejects.toMatchObject({ code: 'INVALID_STATE' });
      expect((await env.incidents.unmerge(two, 2)).summary.members).toBe(2);
      expect(await keysIn(env, one)).toEqual(['alarm:e1', 'alarm:e2']);
      await expect(env.incidents.merge(one, mixed, 3)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      await expect(env.incidents.merge(one, one, 3)).rejects.toMatchObject({ code: 'INVALID_STATE' });
      await expect(env.incidents.rename(one, 'Khói bụi', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('is split, added to and taken from by hand, all on record, and correlating leaves it so', async () => {
      const id = await together('i1', 'e1', 'e2', 'e3');
      const part = 'hand-1' as IncidentId;
      await env.incidents.split(id, part, [keyOf('e2')], 1);
      expect([await keysIn(env, id), await keysIn(env, part)]).toEqual([['alarm:e1', 'alarm:e3'], ['alarm:e2']]);
      await env.incidents.add(part, ['e3' as AlarmId], 1);
      await env.incidents.remove(id, [keyOf('e1')], 3);
      expect(await env.incidents.get(id)).toMatchObject({ incident: { endedAt: expect.any(Number) } });
      await env.incidents.rename(part, 'Đường Lạch Tray', 2);
      await env.incidents.comment(part, 'Đã gọi đội sửa chữa');
      await env.incidents.noteAcknowledged(part, [keyOf('e2')], null);
      expect((await env.incidents.history(part)).map(({ kind, by }) => [kind, by])).toEqual(
        ['opened', 'joined', 'named', 'commented', 'acknowledged'].map((kind) => [kind, 'op-env']),
      );
      const { members } = await registry.incidents.load();
      expect(members.map(({ key, incidentId, byHand }) => [key, incidentId, byHand]).sort()).toEqual([
        ['alarm:e1', null, true],
        ['alarm:e2', part, true],
        ['alarm:e3', part, true],
      ]);
      const audit = await registry.as(SYSTEM).audit.list({ targetId: part }, { limit: 9 });
      expect(audit.items.map(({ action }) => action)).toEqual(
        ['acknowledge', 'comment', 'rename', 'add'].map((step) => `incident.${step}`),
      );
      const byHand = await env.incidents.open('hand-2' as IncidentId, ['e1' as AlarmId], 'Một mình');
      expect(byHand).toMatchObject({
        incident: { cause: { kind: 'hand' }, name: 'Một mình' },
        summary: { members: 1 },
      });
    });

    it('is changed by nobody who may only read it, and members of others by nobody but them', async () => {
      const id = await together('i1', 'e1', 'e2', 'p1');
      const reader = registry.as(operator(ENV, false)).incidents;
      const as = 'hand-1' as IncidentId;
      for (const call of [
        () => reader.merge(id, id, 1),
        () => reader.split(id, as, [keyOf('e1')], 1),
        () => reader.add(id, ['e1' as AlarmId], 1),
        () => reader.remove(id, [keyOf('e1')], 1),
        () => reader.rename(id, 'x', 1),
        () => reader.comment(id, 'x'),
        () => reader.noteAcknowledged(id, [], null),
        () => reader.open(as, ['e1' as AlarmId], null),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      for (const call of [
        () => env.incidents.remove(id, [keyOf('p1')], 1),
        () => env.incidents.split(id, as, [keyOf('p1')], 1),
        () => env.incidents.add(id, ['p1' as AlarmId], 1),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(power.incidents.remove(id, [keyOf('p1')], 1)).resolves.toMatchObject({ incident: { version: 2 } });
    });
  });
}
