import type { Alarm, AlarmTransition } from '../../../domain/alarm.ts';
import { STANDING_AFTER } from '../../../domain/alarm-health.ts';
import type { AlarmId, PointId, RuleId } from '../../../domain/identifiers.ts';
import type { AlarmHealthView, KeptActivation } from '../../../domain/ports/alarm-health.ts';
import { type Page, type PageRequest, RegistryError } from '../../../domain/ports/registry.ts';
import { SEVERITIES, severityRank } from '../../../domain/rule.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { limitOf, pageOf } from './pages.ts';
import { type SqlDatabase, Where } from './sql-database.ts';

const NEWEST = 'alarm_id = ? AND number = (SELECT MAX(number) FROM alarm_activations WHERE alarm_id = ?)';

/**
 * Follows an alarm's new lines with one row per activation: when it began, cleared and was acknowledged, and whether it was shown. It says nothing
 * that the history does not, in a form that figures over months can be read from in the order of time.
 */
export async function noteActivations(
  db: SqlDatabase,
  alarm: Alarm,
  transitions: readonly AlarmTransition[],
): Promise<void> {
  if (alarm.origin === 'past') return;
  for (const [index, line] of transitions.entries()) {
    switch (line.kind) {
      case 'activated':
      case 'reactivated': {
        const next = transitions.slice(index + 1).find(({ kind }) => kind === 'suppressed' || kind === 'unsuppressed');
        const isHidden = next === undefined ? alarm.suppression !== null : next.kind === 'unsuppressed';
        await db.run(
          'INSERT INTO alarm_activations VALUES (?,?,?,?,?,?,?,?,?,NULL,NULL) ON CONFLICT DO NOTHING',
          line.eventTime,
          alarm.id,
          line.index,
          line.recordedAt,
          alarm.agencyId,
          alarm.ruleId,
          alarm.pointId,
          severityRank(line.severity),
          isHidden ? 1 : 0,
        );
        break;
      }
      case 'cleared':
      case 'rule_withdrawn':
        await db.run(
          `UPDATE alarm_activations SET cleared_at = ? WHERE ${NEWEST} AND cleared_at IS NULL`,
          line.eventTime,
          alarm.id,
          alarm.id,
        );
        break;
      case 'acknowledged':
      case 'resolved':
        await db.run(
          `UPDATE alarm_activations SET acknowledged_at = ? WHERE ${NEWEST} AND acknowledged_at IS NULL`,
          line.recordedAt,
          alarm.id,
          alarm.id,
        );
        break;
      case 'acknowledgement_taken_back':
        await db.run(`UPDATE alarm_activations SET acknowledged_at = NULL WHERE ${NEWEST}`, alarm.id, alarm.id);
        break;
      default:
    }
  }
}

interface ActivationRow {
  event_time: EpochMs;
  alarm_id: AlarmId;
  number: number;
  recorded_at: EpochMs;
  rule_id: RuleId;
  point_id: PointId;
  severity_rank: number;
  cleared_at: EpochMs | null;
  acknowledged_at: EpochMs | null;
}

const activationOf = (row: ActivationRow): KeptActivation => ({
  alarmId: row.alarm_id,
  ruleId: row.rule_id,
  pointId: row.point_id,
  severity: SEVERITIES[row.severity_rank] ?? 'notice',
  at: row.event_time,
  recordedAt: row.recorded_at,
  clearedAt: row.cleared_at,
  acknowledgedAt: row.acknowledged_at,
});

export function alarmHealthView({ db }: Context, gate: Gate): AlarmHealthView {
  const list = async (where: Where, page: PageRequest): Promise<Page<KeptActivation>> => {
    if (page.after !== undefined) {
      const [at, alarm, number] = page.after.split('~');
      if (alarm === undefined || ![Number(at), Number(number)].every(Number.isSafeInteger))
        throw new RegistryError('INVALID_CURSOR');
      where.add('(event_time, alarm_id, number) > (?,?,?)', Number(at), alarm, Number(number));
    }
    gate.ownOnly(where, 'agency_id');
    const limit = limitOf(page);
    const rows = await db.all<ActivationRow>(
      `SELECT * FROM alarm_activations ${where.sql} ORDER BY event_time, alarm_id, number LIMIT ?`,
      ...where.values,
      limit + 1,
    );
    const { items, next } = pageOf(rows, limit, (row) => [row.event_time, row.alarm_id, row.number].join('~'));
    return { items: items.map(activationOf), next };
  };
  return {
    async activations({ from, to, agencyId }, page) {
      const where = new Where().equals('agency_id', agencyId).equals('hidden', 0);
      return list(where.add('event_time >= ?', from).add('event_time < ?', to), page);
    },
    async standing({ from, to, agencyId }, page) {
      const where = new Where().equals('agency_id', agencyId).equals('hidden', 0);
      where.add('event_time < ?', to).add('(cleared_at IS NULL OR cleared_at > ?)', from);
      return list(where.add('COALESCE(cleared_at, ?) - event_time > ?', to, STANDING_AFTER), page);
    },
  };
}
