import type { Alarm, AlarmTransition } from '../../../domain/alarm.ts';
import type { AgencyId, DeviceId, UserId } from '../../../domain/identifiers.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { Localized } from '../../../domain/localized.ts';
import type { LogBounds, ShiftsView } from '../../../domain/ports/shifts.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import {
  type EntryKind,
  LOGGED_ALARM_STEPS,
  LOGGED_INCIDENT_STEPS,
  LOGGED_WARNING_STEPS,
  type LogPart,
  type ShiftEntry,
  type ShiftNote,
  type ShiftNoteId,
} from '../../../domain/shift-log.ts';
import { type BySeverity, type NamedAlarm, noneBySeverity, type ShiftFacts } from '../../../domain/shift-summary.ts';
import { endOf, type SuppressionScope, type SuppressionWindow } from '../../../domain/suppression-window.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { currentMessage, proposalOf, type Warning } from '../../../domain/warning/warning.ts';
import type { Context } from './access.ts';
import { eachInTurn } from './in-turn.ts';

/** Losses that somebody should know of. A device that leaves in good order, or a restart of the platform, would fill the log with hundreds that mean nothing. */
const LOSSES = "('lost', 'last_will', 'revoked', 'rate_limited')";
interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}
/** Entries of one kind, newest first, and how many there are in all. */
interface Found {
  readonly entries: readonly ShiftEntry[];
  readonly count: number;
}

const PERSON = "(SELECT body ->> 'displayName' FROM users WHERE id = ";
const RULE_NAME =
  "(SELECT v.body ->> 'name' FROM rule_versions v WHERE v.rule_id = a.rule_id AND v.version = CAST(a.body ->> 'ruleVersion' AS BIGINT))";
/** When a suppression window begins. */
const BEGINS = "CAST(body ->> 'from' AS BIGINT)";
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(',');
const nameOf = (json: string | null, id: string): Localized =>
  json === null ? { vi: id, en: id } : (JSON.parse(json) as Localized);

export interface NoteRow {
  readonly id: ShiftNoteId;
  readonly user_id: UserId;
  readonly recorded_at: EpochMs;
  readonly happened_at: EpochMs;
  readonly corrects: ShiftNoteId | null;
  readonly text: string;
  readonly by_name: string | null;
}
export const NOTES = `SELECT n.*, ${PERSON}n.user_id) AS by_name FROM shift_notes n`;
export const noteOf = (row: NoteRow): ShiftNote => ({
  kind: 'note',
  at: row.recorded_at,
  byName: row.by_name,
  noteId: row.id,
  by: row.user_id,
  text: row.text,
  happenedAt: row.happened_at,
  corrects: row.corrects,
});

/**
 * What a shift's log and summary are read from: the histories that are kept anyway, so that nothing in them can be missing from a log. Checks no access.
 */
export function shiftReading({ db, clock }: Context) {
  const headlineOf = (warning: Warning): Localized =>
    (currentMessage(warning)?.content ?? proposalOf(warning)?.content)?.headline ?? { vi: warning.id, en: warning.id };
  const nameIn = async (table: 'points' | 'sites', id: string): Promise<Localized> =>
    nameOf(
      (await db.get<{ name: string }>(`SELECT body ->> 'name' AS name FROM ${table} WHERE id = ?`, id))?.name ?? null,
      id,
    );
  const ruleName = async (id: string): Promise<Localized> =>
    nameOf(
      (
        await db.get<{ name: string }>(
          "SELECT body ->> 'name' AS name FROM rule_versions WHERE rule_id = ? ORDER BY version DESC LIMIT 1",
          id,
        )
      )?.name ?? null,
      id,
    );
  const scopeName = async (scope: SuppressionScope): Promise<Localized> => {
    switch (scope.kind) {
      case 'device':
        return { vi: scope.deviceId, en: scope.deviceId };
      case 'point':
        return nameIn('points', scope.pointId);
      case 'site':
        return nameIn('sites', scope.siteId);
      case 'rule':
        return ruleName(scope.ruleId);
      case 'rule_on_point': {
        const [point, rule] = [await nameIn('points', scope.pointId), await ruleName(scope.ruleId)];
        return { vi: `${point.vi} – ${rule.vi}`, en: `${point.en} – ${rule.en}` };
      }
    }
  };
  const personName = async (id: UserId | null): Promise<string | null> =>
    id === null ? null : ((await db.get<{ name: string | null }>(`SELECT ${PERSON}?) AS name`, id))?.name ?? null);

  /** Rows of `sql` (without its limit), newest first by `order`, and the count of all. */
  const newest = async <Row>(
    sql: { readonly columns: string; readonly from: string; readonly order: string },
    values: readonly (string | number)[],
    limit: number,
    entryOf: (row: Row) => ShiftEntry | Promise<ShiftEntry>,
  ): Promise<Found> => {
    const rows = await db.all<Row>(`SELECT ${sql.columns} ${sql.from} ORDER BY ${sql.order} LIMIT ?`, ...values, limit);
    const count =
      rows.length < limit
        ? rows.length
        : ((await db.get<{ n: number }>(`SELECT COUNT(*) AS n ${sql.from}`, ...values))?.n ?? 0);
    return { entries: await eachInTurn(rows, entryOf), count };
  };

  const alarmSteps = (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> =>
    newest<{ body: string; point_name: string; rule_name: string | null; rule_id: string; by_name: string | null }>(
      {
        columns: `t.body, a.rule_id, p.body ->> 'name' AS point_name, ${RULE_NAME} AS rule_name, ${PERSON}t.body ->> 'by') AS by_name`,
        // What maintenance or a carrier hides is told with them.
        from: `FROM alarm_transitions t JOIN alarms a ON a.id = t.alarm_id JOIN points p ON p.id = a.point_id
               WHERE t.agency_id = ? AND t.recorded_at >= ? AND t.recorded_at < ? AND a.origin = 'live'
                 AND t.body ->> 'kind' IN (${quoted(LOGGED_ALARM_STEPS)}) AND (t.body ->> 'kind' <> 'suppressed' OR t.body ->> 'by' IS NOT NULL)`,
        order: 't.recorded_at DESC, t.alarm_id, t.number DESC',
      },
      [agencyId, from, to],
      limit,
      (row) => {
        const line = JSON.parse(row.body) as AlarmTransition;
        return {
          kind: 'alarm',
          at: line.recordedAt,
          byName: row.by_name,
          step: line.kind as (typeof LOGGED_ALARM_STEPS)[number],
          alarmId: line.alarmId,
          severity: line.severity,
          pointName: nameOf(row.point_name, line.alarmId),
          ruleName: nameOf(row.rule_name, row.rule_id),
          note: line.note,
        };
      },
    );

  const incidentName = async (incident: Incident): Promise<Localized> => {
    if (incident.name !== null) return { vi: incident.name, en: incident.name };
    const { cause } = incident;
    if (cause.kind === 'site') return nameIn('sites', cause.siteId);
    if (cause.kind === 'device') return { vi: cause.deviceId, en: cause.deviceId };
    const first = await db.get<{ point_id: string }>(
      'SELECT point_id FROM incident_members WHERE incident_id = ? ORDER BY at LIMIT 1',
      incident.id,
    );
    return first ? await nameIn('points', first.point_id) : { vi: incident.id, en: incident.id };
  };
  const incidentSteps = (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> =>
    newest<{
      kind: (typeof LOGGED_INCIDENT_STEPS)[number];
      recorded_at: EpochMs;
      by_name: string | null;
      body: string;
    }>(
      {
        columns: `e.kind, e.recorded_at, i.body, ${PERSON}e.user_id) AS by_name`,
        from: `FROM incident_events e JOIN incidents i ON i.id = e.incident_id
               WHERE e.agency_id = ? AND e.recorded_at >= ? AND e.recorded_at < ? AND e.kind IN (${quoted(LOGGED_INCIDENT_STEPS)})`,
        order: 'e.recorded_at DESC, e.number DESC',
      },
      [agencyId, from, to],
      limit,
      async (row) => {
        const incident = JSON.parse(row.body) as Incident;
        return {
          kind: 'incident',
          at: row.recorded_at,
          byName: row.by_name,
          step: row.kind,
          incidentId: incident.id,
          name: await incidentName(incident),
        };
      },
    );

  const windowEntry = async (
    step: Extract<ShiftEntry, { readonly kind: 'window' }>['step'],
    at: EpochMs,
    byName: string | null,
    window: SuppressionWindow,
  ): Promise<ShiftEntry> => ({
    kind: 'window',
    at,
    byName,
    step,
    windowId: window.id,
    windowKind: window.kind,
    scopeName: await scopeName(window.scope),
    until: endOf(window),
    reason: window.reason,
  });
  const windowSteps = async (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> => {
    const byHand = await newest<{
      step: 'open' | 'extend' | 'end';
      recorded_at: EpochMs;
      by_name: string | null;
      body: string;
    }>(
      {
        columns: `step, recorded_at, body, ${PERSON}user_id) AS by_name`,
        from: 'FROM suppression_window_versions WHERE agency_id = ? AND recorded_at >= ? AND recorded_at < ?',
        order: 'recorded_at DESC, version DESC',
      },
      [agencyId, from, to],
      limit,
      (row) => windowEntry(row.step, row.recorded_at, row.by_name, JSON.parse(row.body) as SuppressionWindow),
    );
    // Those planned that began, and those that came to the end they were given.
    const began = await newest<{ body: string }>(
      {
        columns: 'body',
        from: `FROM suppression_windows WHERE agency_id = ? AND ${BEGINS} >= ? AND ${BEGINS} < ?
               AND ${BEGINS} > CAST(body ->> 'createdAt' AS BIGINT) AND (end_time IS NULL OR end_time > ${BEGINS})`,
        order: `${BEGINS} DESC`,
      },
      [agencyId, from, to],
      limit,
      async (row) => {
        const window = JSON.parse(row.body) as SuppressionWindow;
        return windowEntry('begin', window.from, null, window);
      },
    );
    const ranOut = await newest<{ body: string; end_time: EpochMs }>(
      {
        columns: 'body, end_time',
        from: `FROM suppression_windows WHERE agency_id = ? AND end_time >= ? AND end_time < ? AND body ->> 'endedAt' IS NULL`,
        order: 'end_time DESC',
      },
      [agencyId, from, to],
      limit,
      (row) => windowEntry('run_out', row.end_time, null, JSON.parse(row.body) as SuppressionWindow),
    );
    const all = [byHand, began, ranOut];
    return {
      entries: newestFirst(all.flatMap(({ entries }) => entries)).slice(0, limit),
      count: all.reduce((sum, { count }) => sum + count, 0),
    };
  };

  const warningSteps = (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> =>
    newest<{ step: (typeof LOGGED_WARNING_STEPS)[number]; recorded_at: EpochMs; by_name: string | null; body: string }>(
      {
        columns: `step, recorded_at, body, ${PERSON}user_id) AS by_name`,
        from: `FROM warning_versions WHERE agency_id = ? AND recorded_at >= ? AND recorded_at < ? AND step IN (${quoted(LOGGED_WARNING_STEPS)})`,
        order: 'recorded_at DESC, version DESC',
      },
      [agencyId, from, to],
      limit,
      (row) => {
        const warning = JSON.parse(row.body) as Warning;
        return {
          kind: 'warning',
          at: row.recorded_at,
          byName: row.by_name,
          step: row.step,
          warningId: warning.id,
          headline: headlineOf(warning),
        };
      },
    );

  /** Devices that were lost, and those that came back from it. */
  const deviceSteps = (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> =>
    newest<{ device_id: DeviceId; online: number; reason: string; recorded_at: EpochMs }>(
      {
        columns: 's.device_id, s.online, s.reason, s.recorded_at',
        from: `FROM device_status s WHERE s.agency_id = ? AND s.recorded_at >= ? AND s.recorded_at < ?
          AND (s.reason IN ${LOSSES} OR (s.online = 1 AND (SELECT b.reason FROM device_status b
            WHERE b.device_id = s.device_id AND b.id < s.id ORDER BY b.id DESC LIMIT 1) IN ${LOSSES}))`,
        order: 's.recorded_at DESC, s.id DESC',
      },
      [agencyId, from, to],
      limit,
      ({ device_id: deviceId, online, reason, recorded_at: at }) => ({
        ...{ kind: 'device', at, byName: null, deviceId, online: online === 1, reason },
      }),
    );

  const notes = async (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> => {
    const WHERE = 'FROM shift_notes n WHERE n.agency_id = ? AND n.recorded_at >= ? AND n.recorded_at < ?';
    return newest<NoteRow>(
      { columns: `n.*, ${PERSON}n.user_id) AS by_name`, from: WHERE, order: 'n.number DESC' },
      [agencyId, from, to],
      limit,
      noteOf,
    );
  };

  const dutySteps = (agencyId: AgencyId, { from, to }: Span, limit: number): Promise<Found> =>
    newest<{ step: 'join' | 'leave'; recorded_at: EpochMs; by_name: string | null }>(
      {
        columns: `step, recorded_at, ${PERSON}user_id) AS by_name`,
        from: 'FROM shift_duty WHERE agency_id = ? AND recorded_at >= ? AND recorded_at < ?',
        order: 'number DESC',
      },
      [agencyId, from, to],
      limit,
      ({ step, recorded_at: at, by_name: byName }) => ({ kind: 'duty', at, byName, step }),
    );

  const log = async (agencyId: AgencyId, span: Span, bounds: LogBounds): Promise<LogPart> => {
    const found: Readonly<Record<EntryKind, Found>> = {
      alarm: await alarmSteps(agencyId, span, bounds.alarms),
      incident: await incidentSteps(agencyId, span, bounds.others),
      window: await windowSteps(agencyId, span, bounds.others),
      warning: await warningSteps(agencyId, span, bounds.others),
      device: await deviceSteps(agencyId, span, bounds.others),
      note: await notes(agencyId, span, bounds.others),
      duty: await dutySteps(agencyId, span, bounds.others),
    };
    const leftOut = Object.entries(found).flatMap(([kind, { entries, count }]) =>
      count > entries.length ? [[kind, count - entries.length] as const] : [],
    );
    return {
      entries: newestFirst(Object.values(found).flatMap(({ entries }) => entries)),
      leftOut: Object.fromEntries(leftOut),
    };
  };

  const OPEN = "a.agency_id = ? AND a.ended_at IS NULL AND a.origin = 'live'";
  const ALONE =
    "a.suppressed = 1 AND a.body -> 'suppression' ->> 'window' IS NULL AND a.body -> 'suppression' ->> 'carrier' IS NULL";
  const openAlarms = async (agencyId: AgencyId, which: string, limit: number): Promise<readonly NamedAlarm[]> =>
    eachInTurn(
      await db.all<{ body: string; point_name: string; rule_name: string | null }>(
        `SELECT a.body, p.body ->> 'name' AS point_name, ${RULE_NAME} AS rule_name FROM alarms a JOIN points p ON p.id = a.point_id
         WHERE ${OPEN} AND ${which} ORDER BY a.severity_rank, (a.work <> 'new'), a.started_at DESC LIMIT ?`,
        agencyId,
        limit,
      ),
      async (row) => {
        const alarm = JSON.parse(row.body) as Alarm;
        return {
          alarm,
          pointName: nameOf(row.point_name, alarm.pointId),
          ruleName: nameOf(row.rule_name, alarm.ruleId),
          assigneeName: await personName(alarm.assignee),
          suppressedByName: await personName(alarm.suppression?.by ?? null),
        };
      },
    );
  const countsBySeverity = (rows: readonly { readonly severity: string; readonly n: number }[]): BySeverity => {
    const counts = noneBySeverity();
    for (const { severity, n } of rows) {
      const known = SEVERITIES.find((one) => one === severity);
      if (known) counts[known] += n;
    }
    return counts;
  };
  const openCounts = async (agencyId: AgencyId, more: string): Promise<BySeverity> =>
    countsBySeverity(
      await db.all(
        `SELECT a.body ->> 'severity' AS severity, COUNT(*) AS n FROM alarms a WHERE ${OPEN} AND a.suppressed = 0 ${more} GROUP BY 1`,
        agencyId,
      ),
    );
  const countSteps = (agencyId: AgencyId, { from, to }: Span, step: AlarmTransition['kind']) =>
    db.all<{ severity: string; n: number }>(
      `SELECT t.body ->> 'severity' AS severity, COUNT(DISTINCT t.alarm_id) AS n FROM alarm_transitions t JOIN alarms a ON a.id = t.alarm_id
       WHERE t.agency_id = ? AND t.recorded_at >= ? AND t.recorded_at < ? AND a.origin = 'live' AND t.body ->> 'kind' = ? GROUP BY 1`,
      agencyId,
      from,
      to,
      step,
    );
  const sum = (rows: readonly { readonly n: number }[]): number => rows.reduce((total, { n }) => total + n, 0);

  const facts: (...of: Parameters<ShiftsView['facts']>) => Promise<Omit<ShiftFacts, 'log'>> = async (
    agencyId,
    span,
    listed,
  ) => {
    const down = (
      await db.all<{ id: DeviceId; event_time: EpochMs }>(
        `SELECT d.id, s.event_time FROM devices d JOIN device_status s ON s.id = (SELECT MAX(id) FROM device_status WHERE device_id = d.id)
         WHERE d.agency_id = ? AND s.online = 0 AND d.state NOT IN ('in_stock', 'retired') ORDER BY s.event_time`,
        agencyId,
      )
    ).map(({ id: deviceId, event_time: since }) => ({ deviceId, since }));
    return {
      alarms: [
        ...(await openAlarms(agencyId, 'a.suppressed = 0', listed)),
        ...(await openAlarms(agencyId, ALONE, listed)),
      ],
      open: await openCounts(agencyId, ''),
      unacknowledged: await openCounts(agencyId, "AND a.work = 'new'"),
      shelvedCount:
        (await db.get<{ n: number }>(`SELECT COUNT(*) AS n FROM alarms a WHERE ${OPEN} AND ${ALONE}`, agencyId))?.n ??
        0,
      windows: await eachInTurn(
        await db.all<{ body: string }>(
          'SELECT body FROM suppression_windows WHERE agency_id = ? AND (end_time IS NULL OR end_time > ?) ORDER BY number DESC LIMIT ?',
          agencyId,
          clock(),
          listed,
        ),
        async ({ body }) => {
          const window = JSON.parse(body) as SuppressionWindow;
          return { window, scopeName: await scopeName(window.scope), ownerName: await personName(window.owner) };
        },
      ),
      warnings: (
        await db.all<{ body: string }>(
          "SELECT body FROM warnings WHERE agency_id = ? AND life = 'in_force' ORDER BY number DESC LIMIT ?",
          agencyId,
          listed,
        )
      ).map(({ body }) => JSON.parse(body) as Warning),
      devicesDown: down.slice(0, listed),
      devicesDownCount: down.length,
      raised: countsBySeverity(await countSteps(agencyId, span, 'activated')),
      acknowledgedCount: sum(await countSteps(agencyId, span, 'acknowledged')),
      endedCount: sum(await countSteps(agencyId, span, 'ended')),
    };
  };
  return { log, facts };
}

const newestFirst = (entries: readonly ShiftEntry[]): readonly ShiftEntry[] => [...entries].sort((a, b) => b.at - a.at);
