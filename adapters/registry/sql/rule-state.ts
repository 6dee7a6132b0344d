import type { Alarm } from '../../../domain/alarm.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { JointRuleState, RuleStateStore, SeriesRuleState } from '../../../domain/ports/rule-state.ts';
import type { Context } from './access.ts';
import { AlarmRows, LIVE_RULES, putOutbox, ruleOf } from './alarms.ts';

/** What the rules consumer keeps between runs, and the alarms it raises. */
export function ruleStateOf(context: Context): RuleStateStore {
  const { db } = context;
  const alarms = new AlarmRows(context);

  const putStates = async (
    table: 'rule_state' | 'joint_rule_state',
    column: 'series' | 'key',
    states: readonly (readonly [id: string | number, state: Uint8Array])[],
  ): Promise<void> => {
    // The newest of each counts.
    const newest = [...new Map(states)];
    await db.runEach(
      `DELETE FROM ${table} WHERE ${column} = ?`,
      newest.filter(([, state]) => state.length === 0).map(([id]) => [id]),
    );
    await db.runEach(
      `INSERT INTO ${table} VALUES (?,?) ON CONFLICT (${column}) DO UPDATE SET state = excluded.state`,
      newest.filter(([, state]) => state.length > 0),
    );
  };

  return {
    async load() {
      return db.snapshot(async () => {
        const { cursor } = (await db.get<{ cursor: JournalSequence }>('SELECT cursor FROM rule_cursor'))!;
        return {
          cursor,
          states: (await db.all<{ series: SeriesId; state: Uint8Array }>(
            'SELECT series, state FROM rule_state',
          )) as SeriesRuleState[],
          jointStates: (await db.all<{ key: string; state: Uint8Array }>(
            'SELECT key, state FROM joint_rule_state',
          )) as JointRuleState[],
          openAlarms: (
            await db.all<{ body: string }>("SELECT body FROM alarms WHERE ended_at IS NULL AND origin = 'live'")
          ).map((row) => JSON.parse(row.body) as Alarm),
        };
      });
    },
    async commit({ cursor, states, jointStates, changes, outbox }) {
      await db.transaction(async () => {
        for (const { alarm, transitions } of changes) {
          const version = (await alarms.get(alarm.id))?.version ?? 0;
          if (version >= alarm.version && transitions.length > 0 && (await alarms.has(transitions))) continue;
          if (version !== alarm.version - transitions.length) throw new RegistryError('CONFLICT', { id: alarm.id });
          await alarms.put(alarm, transitions);
        }
        await putStates(
          'rule_state',
          'series',
          states.map(({ series, state }) => [series, state]),
        );
        await putStates(
          'joint_rule_state',
          'key',
          jointStates.map(({ key, state }) => [key, state]),
        );
        await putOutbox(db, outbox);
        await db.run('UPDATE rule_cursor SET cursor = ?', cursor);
      });
    },
    liveRules: async () => (await db.all<{ body: string }>(LIVE_RULES)).map(ruleOf).filter((rule) => rule.enabled),
    async occurrences(rule, series, from, to) {
      const scope = series === null ? "body ->> 'area' IS NOT NULL" : 'series = ?';
      return (
        await db.all<{ body: string }>(
          `SELECT body FROM alarms WHERE rule_id = ? AND ${scope} AND started_at < ? AND (ended_at IS NULL OR ended_at >= ?) ORDER BY started_at`,
          rule,
          ...(series === null ? [] : [series]),
          to,
          from,
        )
      ).map((row) => JSON.parse(row.body) as Alarm);
    },
  };
}
