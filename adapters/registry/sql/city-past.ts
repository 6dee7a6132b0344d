import type { Alarm, AlarmTransition } from '../../../domain/alarm.ts';
import type { AlarmId, DeviceId, DeviceModelId, PointId } from '../../../domain/identifiers.ts';
import type { Localized } from '../../../domain/localized.ts';
import type { AlarmMark, CityPastView, Knowledge, PastSpan } from '../../../domain/ports/city-past.ts';
import { alarmAt } from '../../../domain/replay/alarm-then.ts';
import type { ServedSpan } from '../../../domain/replay/records-then.ts';
import { SEVERITIES, type Severity, severityRank } from '../../../domain/rule.ts';
import { type EpochMs, epochMs, hours } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { THROUGH_POINT } from './alarms.ts';
import { statusOf } from './assets.ts';
import { Where } from './sql-database.ts';

const FROM_RECORDED = 'FROM alarm_records k JOIN alarms a ON a.id = k.alarm_id JOIN points p ON p.id = a.point_id';
const POINTS_AS_P = { agency: 'p.agency_id', domain: 'p.domain', site: 'p.site_id', tags: 'p.tags' };
const FROM_ALARMS = 'FROM alarms a JOIN points p ON p.id = a.point_id';
/** Late data moves an alarm's beginning or end by no more than this from when it began. */
const CORRECTED_WITHIN_MS = hours(48);

const timeColumn = (knowledge: Knowledge): 'recorded_at' | 'event_time' =>
  knowledge === 'then' ? 'recorded_at' : 'event_time';

export function cityPastView({ db }: Context, gate: Gate): CityPastView {
  const historyOf = async (ids: readonly AlarmId[]): Promise<Map<AlarmId, AlarmTransition[]>> => {
    const lines = (
      await db.tuples<[string]>(
        `SELECT body FROM alarm_transitions WHERE alarm_id IN ${db.dialect.texts} ORDER BY alarm_id, number`,
        JSON.stringify(ids),
      )
    ).map(([body]) => JSON.parse(body) as AlarmTransition);
    return Map.groupBy(lines, (line) => line.alarmId);
  };
  const readable = (where = new Where()): Where => gate.readable(where, THROUGH_POINT);

  /** Alarms that may have been open at the instant. */
  const candidates = async (at: EpochMs, knowledge: Knowledge): Promise<Alarm[]> => {
    const where =
      knowledge === 'then'
        ? readable(new Where().add("k.closed_at > ? AND k.raised_at <= ? AND a.origin = 'live'", at, at))
        : readable(
            new Where().add(
              `(a.ended_at IS NULL OR a.ended_at > ?) AND
               (a.started_at <= ? OR (a.started_at <= ? AND CAST(a.body -> 'revision' ->> 'startedAt' AS BIGINT) <= ?))`,
              at,
              at,
              at + CORRECTED_WITHIN_MS,
              at,
            ),
          );
    return (
      await db.tuples<[string]>(
        `SELECT a.body ${knowledge === 'then' ? FROM_RECORDED : FROM_ALARMS} ${where.sql}`,
        ...where.values,
      )
    ).map(([body]) => JSON.parse(body) as Alarm);
  };

  /** Instants in (from, to] at which alarms changed, ascending. */
  const changedAlarms = async (
    from: number,
    to: number,
    knowledge: Knowledge,
    limit: number,
  ): Promise<[AlarmId, EpochMs][]> => {
    const column = timeColumn(knowledge);
    const lines = readable(new Where().add(`t.${column} > ? AND t.${column} <= ?`, from, to));
    const corrected = readable(
      new Where().add(
        "a.started_at > ? AND a.started_at <= ? AND a.body -> 'revision' ->> 'kind' = 'corrected'",
        from - CORRECTED_WITHIN_MS,
        to + CORRECTED_WITHIN_MS,
      ),
    );
    const sql =
      knowledge === 'then'
        ? `SELECT DISTINCT t.alarm_id, t.${column} AS at FROM alarm_transitions t JOIN alarms a ON a.id = t.alarm_id JOIN points p ON p.id = a.point_id ${lines.sql} AND a.origin = 'live'`
        : `SELECT t.alarm_id, t.${column} AS at FROM alarm_transitions t JOIN alarms a ON a.id = t.alarm_id JOIN points p ON p.id = a.point_id ${lines.sql}
           UNION SELECT alarm_id, at FROM (
             SELECT a.id AS alarm_id, CAST(a.body -> 'revision' ->> CASE WHEN e.is_start = 1 THEN 'startedAt' ELSE 'clearedAt' END AS BIGINT) AS at
             FROM alarms a JOIN points p ON p.id = a.point_id CROSS JOIN (SELECT 1 AS is_start UNION ALL SELECT 0) e ${corrected.sql}
           ) r WHERE at > ? AND at <= ?`;
    return db.tuples<[AlarmId, EpochMs]>(
      `SELECT * FROM (${sql}) changes ORDER BY at LIMIT ?`,
      ...lines.values,
      ...(knowledge === 'then' ? [] : [...corrected.values, from, to]),
      limit,
    );
  };

  const changedStatuses = async (from: number, to: number, knowledge: Knowledge, limit: number) => {
    const column = timeColumn(knowledge);
    const where = gate.ownOnly(new Where().add(`${column} > ? AND ${column} <= ?`, from, to), 'agency_id');
    return (
      await db.all(`SELECT * FROM device_status ${where.sql} ORDER BY ${column}, id LIMIT ?`, ...where.values, limit)
    ).map(statusOf);
  };

  return {
    async alarmsAt(at, knowledge, limit) {
      return db.snapshot(async () => {
        const alarms = await candidates(at, knowledge);
        const histories = await historyOf(alarms.map(({ id }) => id));
        return alarms
          .flatMap((alarm) => {
            const then = alarmAt(alarm, histories.get(alarm.id) ?? [], at, knowledge);
            return then === null || then.endedAt !== null ? [] : [then];
          })
          .sort((a, b) => severityRank(a.severity) - severityRank(b.severity) || b.startedAt - a.startedAt)
          .slice(0, limit);
      });
    },

    async alarmChanges(span) {
      return db.snapshot(async () => {
        const { rows, coveredTo } = await upTo(span, changedAlarms, ([, at]) => at);
        const ids = [...new Set(rows.map(([id]) => id))];
        const bodies = await db.tuples<[AlarmId, string]>(
          `SELECT id, body FROM alarms WHERE id IN ${db.dialect.texts}`,
          JSON.stringify(ids),
        );
        const alarms = new Map(bodies.map(([id, body]) => [id, JSON.parse(body) as Alarm]));
        const histories = await historyOf(ids);
        const items = rows.flatMap(([id, at]) => {
          const alarm = alarms.get(id);
          const after = alarm ? alarmAt(alarm, histories.get(id) ?? [], at, span.knowledge) : null;
          return after === null ? [] : [{ at, after }];
        });
        return { items, coveredTo };
      });
    },

    async alarmMarks(from, width, buckets, knowledge) {
      const began = knowledge === 'then' ? 'k.raised_at' : 'a.started_at';
      const where = readable(
        new Where().add(
          `${began} >= ? AND ${began} < ? AND ${knowledge === 'then' ? "a.origin = 'live'" : "COALESCE(a.body -> 'revision' ->> 'kind', '') <> 'not_confirmed'"}`,
          from,
          from + buckets * width,
        ),
      );
      return (
        await db.tuples<[number, Severity, number]>(
          `SELECT CAST((${began} - ?) / ? AS BIGINT) AS bucket, a.body ->> 'worstSeverity' AS severity, COUNT(*) ${knowledge === 'then' ? FROM_RECORDED : FROM_ALARMS} ${where.sql}
           GROUP BY 1, 2 ORDER BY 1`,
          from,
          width,
          ...where.values,
        )
      )
        .filter(([, severity]) => SEVERITIES.includes(severity))
        .map(([bucket, severity, count]): AlarmMark => ({ bucket, severity, count }));
    },

    async nearestAlarm(at, direction, knowledge) {
      const began = knowledge === 'then' ? 'k.raised_at' : 'a.started_at';
      const where = readable(new Where().add(`${began} ${direction === 'next' ? '>' : '<'} ?`, at));
      if (knowledge === 'then') where.add("a.origin = 'live'");
      const found = await db.get<{ at: EpochMs; id: AlarmId }>(
        `SELECT ${began} AS at, a.id ${knowledge === 'then' ? FROM_RECORDED : FROM_ALARMS} ${where.sql} ORDER BY ${began} ${direction === 'next' ? 'ASC' : 'DESC'} LIMIT 1`,
        ...where.values,
      );
      return found ? { at: found.at, id: found.id } : null;
    },

    async deviceStatusAt(devices, at, knowledge) {
      const column = timeColumn(knowledge);
      const where = gate.ownOnly(new Where(), 's.agency_id');
      return (
        await db.all(
          `SELECT s.* FROM ${db.dialect.texts} d JOIN device_status s ON s.id =
             (SELECT id FROM device_status WHERE device_id = d.value AND ${column} <= ? ORDER BY ${column} DESC, id DESC LIMIT 1) ${where.sql}`,
          JSON.stringify(devices),
          at,
          ...where.values,
        )
      ).map(statusOf);
    },

    async deviceStatusChanges(span) {
      const at = ({ recordedAt, eventTime }: ReturnType<typeof statusOf>): EpochMs =>
        span.knowledge === 'then' ? recordedAt : eventTime;
      const { rows, coveredTo } = await upTo(span, changedStatuses, at);
      return { items: rows.map((after) => ({ at: at(after), after })), coveredTo };
    },

    async registerChanges(since, limit) {
      return db.snapshot(async () => {
        const renamed = gate.readable(
          new Where().add(
            `t.target_kind = 'point' AND t.at > ? AND t.body -> 'before' ->> 'name' <> t.body -> 'after' ->> 'name'`,
            since,
          ),
          POINTS_AS_P,
        );
        const names = await db.tuples<[PointId, EpochMs, string]>(
          `SELECT t.target_id, t.at, t.body -> 'before' ->> 'name' FROM audit t JOIN points p ON p.id = t.target_id ${renamed.sql}
           ORDER BY t.id LIMIT ?`,
          ...renamed.values,
          limit + 1,
        );
        const served = gate.ownOnly(
          new Where().add(
            `s.point_id IN (
               SELECT c.point_id FROM assignments c WHERE c.to_time > ? OR c.end_recorded_at > ? OR
                 ((c.from_time > ? OR c.recorded_at > ?) AND EXISTS
                   (SELECT 1 FROM assignments e WHERE e.point_id = c.point_id AND e.recorded_at <= ?)))`,
            ...[since, since, since, since, since],
          ),
          's.agency_id',
        );
        const spans = await db.all<SpanRow>(
          `SELECT s.*, d.model_id FROM assignments s JOIN devices d ON d.id = s.device_id ${served.sql} ORDER BY s.id LIMIT ?`,
          ...served.values,
          limit + 1,
        );
        return {
          names: names
            .slice(0, limit)
            .map(([pointId, until, name]) => ({ pointId, until, name: JSON.parse(name) as Localized })),
          served: spans.slice(0, limit).map(spanOf),
          isWhole: names.length <= limit && spans.length <= limit,
        };
      });
    },
  };
}

interface SpanRow {
  readonly point_id: PointId;
  readonly device_id: DeviceId;
  readonly model_id: DeviceModelId;
  readonly from_time: EpochMs;
  readonly to_time: EpochMs | null;
  readonly recorded_at: EpochMs;
  readonly end_recorded_at: EpochMs | null;
}
const spanOf = (row: SpanRow): ServedSpan => ({
  pointId: row.point_id,
  deviceId: row.device_id,
  modelId: row.model_id,
  from: row.from_time,
  to: row.to_time,
  recordedAt: row.recorded_at,
  endRecordedAt: row.end_recorded_at,
});

/** Rows of the span, of whole instants, about as many as the limit says; the first instant is told whole however much happened in it. */
async function upTo<T>(
  { from, to, knowledge, limit }: PastSpan,
  rowsOf: (from: number, to: number, knowledge: Knowledge, limit: number) => T[] | Promise<T[]>,
  at: (row: T) => EpochMs,
): Promise<{ readonly rows: T[]; readonly coveredTo: EpochMs }> {
  const rows = await rowsOf(from, to, knowledge, limit + 1);
  const [first, beyond] = [rows[0], rows[limit]];
  if (first === undefined || beyond === undefined) return { rows, coveredTo: to };
  const coveredTo = epochMs(Math.max(at(first), at(beyond) - 1));
  return { rows: await rowsOf(from, coveredTo, knowledge, Number.MAX_SAFE_INTEGER), coveredTo };
}
