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

  const putStates = (
    table: 'rule_state' | 'joint_rule_state',
    column: 'series' | 'key',
    states: Iterable<readonly [id: string | number, state: Uint8Array]>,
  ): void => {
    for (const [id, state] of states) {
      if (state.length === 0) db.run(`DELETE FROM ${table} WHERE ${column} = ?`, id);
      else db.run(`INSERT INTO ${table} VALUES (?,?) ON CONFLICT DO UPDATE SET state = excluded.state`, id, state);
    }
  };

  return {
    async load() {
      const { cursor } = db.get<{ cursor: JournalSequence }>('SELECT cursor FROM rule_cursor')!;
      return {
        cursor,
        states: db.all<{ series: SeriesId; state: Uint8Array }>(
          'SELECT series, state FROM rule_state',
        ) as SeriesRuleState[],
        jointStates: db.all<{ key: string; state: Uint8Array }>(
          'SELECT key, state FROM joint_rule_state',
        ) as JointRuleState[],
        openAlarms: db
          .all<{ body: string }>("SELECT body FROM alarms WHERE ended_at IS NULL AND origin = 'live'")
          .map((row) => JSON.parse(row.body) as Alarm),
      };
    },
    async commit({ cursor, states, jointStates, changes, outbox }) {
      db.transaction(() => {
        for (const { alarm, transitions } of changes) {
          const version = alarms.get(alarm.id)?.version ?? 0;
          if (version >= alarm.version && transitions.length > 0 && alarms.has(transitions)) continue;
          if (version !== alarm.version - transitions.length) throw new RegistryError('CONFLICT', { id: alarm.id });
          alarms.put(alarm, transitions);
        }
        putStates(
          'rule_state',
          'series',
          states.map(({ series, state }) => [series, state]),
        );
        putStates(
          'joint_rule_state',
          'key',
          jointStates.map(({ key, state }) => [key, state]),
        );
        putOutbox(db, outbox);
        db.run('UPDATE rule_cursor SET cursor = ?', cursor);
      });
    },
    liveRules: async () =>
      db
        .all<{ body: string }>(LIVE_RULES)
        .map(ruleOf)
        .filter((rule) => rule.enabled),
    async occurrences(rule, series, from, to) {
      const scope = series === null ? "json_extract(body, '$.area') IS NOT NULL" : 'series = ?';
      return db
        .all<{ body: string }>(
          `SELECT body FROM alarms WHERE rule_id = ? AND ${scope} AND started_at < ? AND (ended_at IS NULL OR ended_at >= ?) ORDER BY started_at`,
          rule,
          ...(series === null ? [] : [series]),
          to,
          from,
        )
        .map((row) => JSON.parse(row.body) as Alarm);
    },
  };
}
