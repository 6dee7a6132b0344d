import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import { type AlarmChange, applyConditionEvent, TAKE_BACK_WITHIN } from '../../domain/alarm-machine.ts';
import type { AgencyId, AlarmId, PointId, SeriesId, UserId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { ConditionEvent } from '../../domain/rule-evaluation.ts';
import { days, type EpochMs, epochMs, after as later, minutes } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const HOA = 'hoa' as UserId;
const HA = 'ha' as UserId;
const person = (userId: UserId, agency: AgencyId = ENV): Actor => ({
  kind: 'person',
  userId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'operator' }],
});
const breach = (at: EpochMs): ConditionEvent => ({
  kind: 'activated',
  at,
  severity: 'major',
  value: 60,
  limit: 50,
  suspect: false,
});
const back = (at: EpochMs): ConditionEvent => ({ kind: 'cleared', at, value: 1, worstValue: 60, suspect: false });

/** What every registry promises of work on alarms, and of what it keeps for their figures. */
export function describeAlarmWork(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps work on alarms`, () => {
    let registry: Registry;
    let cursor = 0;
    const start = epochMs(1_790_000_000_000);
    beforeEach(async () => {
      registry = await newPlace()();
      cursor = 0;
      await registry.seed(SYSTEM, city());
    });
    afterEach(() => registry.close());

    /** What the rules make of a change of the condition, committed as they do. */
    const happens = async (open: Alarm | null, event: ConditionEvent, hidden = false): Promise<Alarm> => {
      const rule = (await registry.ruleState.liveRules())[0]!;
      const series = (await registry.directory.series())[0]!.series as SeriesId;
      const suppression = { kind: 'maintenance', reason: 'r', by: HOA, since: event.at, until: null } as const;
      const change = applyConditionEvent(open, event, {
        rule,
        series,
        pointId: 'p-env' as PointId,
        recordedAt: later(event.at, minutes(1)),
        ...(hidden ? { suppression: { ...suppression, window: 'w' as never } } : {}),
      }) as AlarmChange;
      cursor += 1;
      await registry.ruleState.commit({
        cursor: cursor as JournalSequence,
        states: [],
        jointStates: [],
        changes: [change],
        outbox: [],
      });
      return change.alarm;
    };
    const told = async () => (await registry.outbox.undelivered(100)).map(({ kind }) => kind);

    it('gives an acknowledgement back to whoever gave it, within a minute, and keeps both in the history', async () => {
      const { id } = await happens(null, breach(start));
      const hoa = registry.as(person(HOA)).alarms;
      const ha = registry.as(person(HA)).alarms;
      const acknowledgedAt = later(start, minutes(2));
      await hoa.work(id, { kind: 'acknowledge', by: HOA }, acknowledgedAt);
      await expect(ha.work(id, { kind: 'take_back_acknowledgement', by: HA }, acknowledgedAt)).rejects.toMatchObject({
        code: 'INVALID_STATE',
      });
      const late = epochMs(later(acknowledgedAt, TAKE_BACK_WITHIN) + 1);
      await expect(hoa.work(id, { kind: 'take_back_acknowledgement', by: HOA }, late)).rejects.toMatchObject({
        code: 'INVALID_STATE',
      });
      const inTime = later(acknowledgedAt, TAKE_BACK_WITHIN);
      const { alarm } = await hoa.work(id, { kind: 'take_back_acknowledgement', by: HOA }, inTime);
      expect(alarm.work).toBe('new');
      expect((await hoa.history(id)).map(({ kind, by }) => [kind, by])).toEqual([
        ['activated', null],
        ['acknowledged', HOA],
        ['acknowledgement_taken_back', HOA],
      ]);
      // Whoever is told of what nobody looks after is told again.
      expect(await told()).toEqual(['alarm.raised']);
    });

    it('takes no acknowledgement back once somebody works on it or it ended', async () => {
      const { id } = await happens(null, breach(start));
      const { alarms } = registry.as(person(HOA));
      await alarms.work(id, { kind: 'acknowledge', by: HOA }, start);
      await alarms.work(id, { kind: 'start_work', by: HOA }, start);
      await expect(alarms.work(id, { kind: 'take_back_acknowledgement', by: HOA }, start)).rejects.toMatchObject({
        code: 'INVALID_STATE',
      });
      const open = await alarms.get(id);
      await happens(open, back(later(start, minutes(1))));
      await expect(alarms.work(id, { kind: 'take_back_acknowledgement', by: HOA }, start)).rejects.toMatchObject({
        code: 'INVALID_STATE',
      });
    });

    it('takes the steps of many that may be taken, and says of each other one why not', async () => {
      const first = await happens(null, breach(start));
      const second = await happens(null, breach(later(start, minutes(1))));
      const { alarms, audit } = registry.as(person(HOA));
      const comment = (id: AlarmId) => ({ id, step: { kind: 'comment', by: HOA, note: 'cùng một trạm' } as const });
      const assign = { kind: 'assign', by: HOA, to: HA, version: 99 } as const;
      const outcomes = await alarms.workEach(
        [comment(first.id), comment('none' as AlarmId), { id: first.id, step: assign }, comment(second.id)],
        start,
      );
      expect(outcomes.map((outcome) => ('refused' in outcome ? outcome.refused : outcome.change.alarm.id))).toEqual([
        first.id,
        'NOT_FOUND',
        'CONFLICT',
        second.id,
      ]);
      expect((await alarms.history(second.id)).at(-1)).toMatchObject({ kind: 'commented', note: 'cùng một trạm' });
      const rows = await audit.list({ targetKind: 'alarm' }, { limit: 10 });
      expect(rows.items.map(({ targetId }) => targetId).sort()).toEqual([first.id, second.id].sort());
      await expect(
        registry.as(person(HA, 'power' as AgencyId)).alarms.workEach([comment(first.id)], start),
      ).resolves.toEqual([{ id: first.id, refused: 'NOT_FOUND' }]);
    });

    it('lists the newest first when asked to, page by page', async () => {
      for (let i = 0; i < 5; i++) await happens(null, breach(later(start, minutes(i))));
      const { alarms } = registry.as(SYSTEM);
      const seen: number[] = [];
      let next: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof alarms.list>> = await alarms.list(
          { newestFirst: true },
          next === null ? { limit: 2 } : { limit: 2, after: next },
        );
        seen.push(...page.items.map(({ startedAt }) => (startedAt - start) / 60_000));
        next = page.next;
      } while (next !== null);
      expect(seen).toEqual([4, 3, 2, 1, 0]);
      await expect(alarms.list({ newestFirst: true }, { limit: 1, after: 'x' })).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
    });

    it('keeps of each activation when it was seen, acknowledged and over, and leaves out what was hidden', async () => {
      const raised = await happens(null, breach(start));
      const cleared = await happens(raised, back(later(start, minutes(2))));
      const again = await happens(cleared, breach(later(start, minutes(3))));
      const { alarms, alarmHealth } = registry.as(person(HOA));
      await alarms.work(again.id, { kind: 'acknowledge', by: HOA }, later(start, minutes(5)));
      await happens(null, breach(later(start, minutes(4))), true);
      const span = { from: start, to: later(start, days(3)) };
      const { items, next } = await alarmHealth.activations(span, { limit: 10 });
      expect(next).toBeNull();
      expect(items).toMatchObject([
        { alarmId: raised.id, at: start, recordedAt: later(start, minutes(1)), clearedAt: later(start, minutes(2)) },
        { alarmId: raised.id, at: later(start, minutes(3)), clearedAt: null, severity: 'major' },
      ]);
      expect(items[0]?.acknowledgedAt).toBeNull();
      expect(items[1]?.acknowledgedAt).not.toBeNull();
      await alarms.work(again.id, { kind: 'take_back_acknowledgement', by: HOA }, later(start, minutes(5)));
      expect((await alarmHealth.activations(span, { limit: 10 })).items[1]?.acknowledgedAt).toBeNull();
      // The second began three minutes in and stands a day later.
      expect((await alarmHealth.standing(span, { limit: 10 })).items.map(({ at }) => at)).toEqual([
        later(start, minutes(3)),
      ]);
      expect((await alarmHealth.standing({ ...span, to: later(start, days(1)) }, { limit: 10 })).items).toEqual([]);
      const others = registry.as(person(HA, 'power' as AgencyId)).alarmHealth;
      expect((await others.activations(span, { limit: 10 })).items).toEqual([]);
    });

    it('pages activations without missing or repeating one', async () => {
      for (let i = 0; i < 5; i++) await happens(null, breach(later(start, minutes(i))));
      const { alarmHealth } = registry.as(SYSTEM);
      const span = { from: start, to: later(start, days(1)) };
      const seen: string[] = [];
      let next: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof alarmHealth.activations>> = await alarmHealth.activations(
          span,
          next === null ? { limit: 2 } : { limit: 2, after: next },
        );
        seen.push(...page.items.map(({ alarmId }) => alarmId));
        next = page.next;
      } while (next !== null);
      expect(seen).toHaveLength(new Set(seen).size);
      expect(seen).toHaveLength((await alarmHealth.activations(span, { limit: 100 })).items.length);
    });
  });
}
