import type { Alarm, AlarmTransition } from '../../../domain/alarm.ts';
import { type AlarmChange, applyWorkStep } from '../../../domain/alarm-machine.ts';
import { messagesOf } from '../../../domain/alarm-messages.ts';
import type { AlarmId, RuleId } from '../../../domain/identifiers.ts';
import { LASTING } from '../../../domain/ports/quality-spans.ts';
import {
  type AlarmWorkStep,
  type OutboxMessage,
  type Page,
  type PageRequest,
  RegistryError,
  type RegistryView,
} from '../../../domain/ports/registry.ts';
import { type Rule, SEVERITIES, severityRank } from '../../../domain/rule.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { alarmHealthView, noteActivations } from './alarm-activations.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf } from './pages.ts';
import { qualitySpanView } from './quality-spans.ts';
import { Where } from './sql-database.ts';

/** What a grant is held against where an alarm is read through its point. */
export const THROUGH_POINT = { agency: 'a.agency_id', domain: 'p.domain', site: 'p.site_id', tags: 'p.tags' };
const FROM_ALARMS = 'FROM alarms a JOIN points p ON p.id = a.point_id';

/** Alarm rows and their histories; used by people's views and by the rules consumer alike. */
export class AlarmRows {
  readonly #c: Context;
  constructor(context: Context) {
    this.#c = context;
  }

  async get(id: AlarmId): Promise<Alarm | undefined> {
    const row = await this.#c.db.get<{ body: string }>('SELECT body FROM alarms WHERE id = ?', id);
    return row && (JSON.parse(row.body) as Alarm);
  }

  /** True when all these lines are on record: the same step, evaluated again (perhaps recorded at another moment). */
  async has(transitions: readonly AlarmTransition[]): Promise<boolean> {
    for (const line of transitions) {
      const row = await this.#c.db.get<{ body: string }>(
        'SELECT body FROM alarm_transitions WHERE alarm_id = ? AND number = ?',
        line.alarmId,
        line.index,
      );
      const stored = row && (JSON.parse(row.body) as AlarmTransition);
      if (stored?.kind !== line.kind || stored.eventTime !== line.eventTime || stored.by !== line.by) return false;
    }
    return true;
  }

  async put(alarm: Alarm, transitions: readonly AlarmTransition[]): Promise<void> {
    const { db } = this.#c;
    await db.run(
      `INSERT INTO alarms VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET severity_rank = excluded.severity_rank, work = excluded.work,
         condition = excluded.condition, ended_at = excluded.ended_at, suppressed = excluded.suppressed, version = excluded.version, body = excluded.body`,
      alarm.id,
      alarm.agencyId,
      alarm.ruleId,
      alarm.series,
      alarm.pointId,
      alarm.origin,
      severityRank(alarm.severity),
      alarm.work,
      alarm.condition,
      alarm.startedAt,
      alarm.endedAt,
      alarm.suppression ? 1 : 0,
      alarm.version,
      JSON.stringify(alarm),
    );
    if (alarm.origin === 'live') {
      // A new number each time: what is heard while it changes again stays unheard.
      await db.run('DELETE FROM incident_unheard WHERE alarm_id = ?', alarm.id);
      await db.run('INSERT INTO incident_unheard (alarm_id) VALUES (?)', alarm.id);
    }
    await db.run(
      `INSERT INTO alarm_records VALUES (?,?,?) ON CONFLICT (alarm_id) DO UPDATE SET closed_at = excluded.closed_at
         WHERE excluded.closed_at < alarm_records.closed_at`,
      alarm.id,
      alarm.recordedAt,
      alarm.endedAt === null ? LASTING : (transitions.at(-1)?.recordedAt ?? alarm.endedAt),
    );
    await db.runEach(
      'INSERT INTO alarm_transitions VALUES (?,?,?,?,?,?)',
      transitions.map((line) => [
        ...[alarm.id, line.index, alarm.agencyId],
        ...[line.eventTime, line.recordedAt, JSON.stringify(line)],
      ]),
    );
    await noteActivations(db, alarm, transitions);
  }

  /** The newest acknowledgement on record. */
  async acknowledgement(id: AlarmId): Promise<AlarmTransition | undefined> {
    const row = await this.#c.db.get<{ body: string }>(
      "SELECT body FROM alarm_transitions WHERE alarm_id = ? AND body ->> 'kind' = 'acknowledged' ORDER BY number DESC LIMIT 1",
      id,
    );
    return row && (JSON.parse(row.body) as AlarmTransition);
  }
}

export async function insertRuleVersion(db: Context['db'], rule: Rule): Promise<Rule> {
  const { id, version, agencyId, createdAt } = rule;
  await db.run('INSERT INTO rule_versions VALUES (?,?,?,?,?)', id, version, agencyId, createdAt, JSON.stringify(rule));
  return rule;
}

export const ruleOf = (row: { body: string }): Rule => JSON.parse(row.body) as Rule;
/** The newest version of every rule that is not withdrawn. */
export const LIVE_RULES =
  'SELECT v.body FROM rules r JOIN rule_versions v ON v.rule_id = r.id AND v.version = r.version WHERE r.withdrawn_at IS NULL';

/** To be told to people outside; a message that is on record already stays as it is. */
export async function putOutbox(db: Context['db'], messages: readonly OutboxMessage[]): Promise<void> {
  await db.runEach(
    'INSERT INTO outbox VALUES (?,?,?,NULL,?) ON CONFLICT DO NOTHING',
    messages.map((message) => [message.id, message.agencyId, message.createdAt, JSON.stringify(message)]),
  );
}

/** Rules, alarms and quality spans of a {@link RegistryView}. */
export function alarmViews(
  context: Context,
  gate: Gate,
): Pick<RegistryView, 'rules' | 'alarms' | 'alarmHealth' | 'qualitySpans'> {
  const { db, clock } = context;
  const rows = new AlarmRows(context);

  const loadRule = async (id: RuleId): Promise<Rule> => {
    const row = await db.get<{ body: string }>(`${LIVE_RULES} AND r.id = ?`, id);
    const rule = row && ruleOf(row);
    if (!rule || !gate.readableAgency(rule.agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return rule;
  };
  const loadAlarm = async (id: AlarmId): Promise<Alarm> => {
    const where = gate.readable(new Where().equals('a.id', id), THROUGH_POINT);
    const row = await db.get<{ body: string }>(`SELECT a.body ${FROM_ALARMS} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return JSON.parse(row.body) as Alarm;
  };
  const newestFirst = async (where: Where, page: PageRequest): Promise<Page<Alarm>> => {
    if (page.after !== undefined) {
      const [started, id] = page.after.split('~');
      if (id === undefined || !Number.isFinite(Number(started))) throw new RegistryError('INVALID_CURSOR');
      where.add('(-a.started_at, a.id) > (?,?)', -Number(started), id);
    }
    gate.readable(where, THROUGH_POINT);
    const limit = limitOf(page);
    const found = (
      await db.all<{ body: string }>(
        `SELECT a.body ${FROM_ALARMS} ${where.sql} ORDER BY a.started_at DESC, a.id LIMIT ?`,
        ...where.values,
        limit + 1,
      )
    ).map((row) => JSON.parse(row.body) as Alarm);
    return pageOf(found, limit, (alarm) => `${alarm.startedAt}~${alarm.id}`);
  };
  /** A person's step, within a transaction of its caller's. @throws {RegistryError} before anything of it is written. */
  const takeStep = async (id: AlarmId, step: AlarmWorkStep, at: EpochMs): Promise<AlarmChange> => {
    const alarm = await loadAlarm(id);
    gate.mayWrite(alarm.agencyId, id, true);
    if ('version' in step && step.version !== alarm.version) throw new RegistryError('CONFLICT', { id });
    const version = await db.get<{ body: string }>(
      'SELECT body FROM rule_versions WHERE rule_id = ? AND version = ?',
      alarm.ruleId,
      alarm.ruleVersion,
    );
    const result = applyWorkStep(alarm, step, {
      at,
      recordedAt: clock(),
      endsUnacknowledged: version ? ruleOf(version).endsUnacknowledged : [],
      acknowledgement: step.kind === 'take_back_acknowledgement' ? await rows.acknowledgement(id) : undefined,
    });
    if (!result.ok) throw new RegistryError(result.error, { id });
    if (result.value.transitions.length > 0) {
      await rows.put(result.value.alarm, result.value.transitions);
      // What people do themselves is told to nobody, but that it is there again.
      if (step.kind === 'unsuppress' || step.kind === 'take_back_acknowledgement')
        await putOutbox(db, messagesOf(result.value.alarm, result.value.transitions.slice(0, 1)));
      await gate.audit(
        alarm.agencyId,
        `alarm.${step.kind}`,
        'alarm',
        id,
        { work: alarm.work, version: alarm.version },
        step,
      );
    }
    return result.value;
  };
  return {
    rules: {
      async list(filter) {
        return (await db.all<{ body: string }>(`${LIVE_RULES} ORDER BY r.id`))
          .map(ruleOf)
          .filter(
            (rule) =>
              gate.readableAgency(rule.agencyId) &&
              (filter.agencyId === undefined || rule.agencyId === filter.agencyId) &&
              (filter.enabled === undefined || rule.enabled === filter.enabled) &&
              (filter.quantity === undefined || rule.quantity === filter.quantity),
          );
      },
      get: async (id) => loadRule(id),
      async versions(id) {
        // Also of a withdrawn rule: its alarms still name it.
        const versions = (
          await db.all<{ body: string }>('SELECT body FROM rule_versions WHERE rule_id = ? ORDER BY version', id)
        ).map(ruleOf);
        const [first] = versions;
        if (!first || !gate.readableAgency(first.agencyId)) throw new RegistryError('NOT_FOUND', { id });
        return versions;
      },
      async create(draft) {
        return db.transaction(async () => {
          gate.mayWrite(draft.agencyId, draft.id);
          const rule: Rule = { ...draft, version: 1, createdAt: clock(), createdBy: gate.userId };
          try {
            await db.run('INSERT INTO rules VALUES (?,?,1,NULL)', rule.id, rule.agencyId);
          } catch (error) {
            refused(error, { id: rule.id });
          }
          await gate.audit(rule.agencyId, 'rule.create', 'rule', rule.id, null, rule);
          return insertRuleVersion(db, rule);
        });
      },
      async update(next) {
        return db.transaction(async () => {
          const before = await loadRule(next.id);
          gate.mayWrite(before.agencyId, next.id);
          if (before.version !== next.version) throw new RegistryError('CONFLICT', { id: next.id });
          const { approvedBy: _, ...edit } = next;
          const rule: Rule = {
            ...edit,
            agencyId: before.agencyId,
            version: before.version + 1,
            createdAt: clock(),
            createdBy: gate.userId,
          };
          await db.run('UPDATE rules SET version = ? WHERE id = ?', rule.version, rule.id);
          await gate.audit(rule.agencyId, 'rule.update', 'rule', rule.id, before, rule);
          return insertRuleVersion(db, rule);
        });
      },
      async withdraw(id, version) {
        return db.transaction(async () => {
          const before = await loadRule(id);
          gate.mayWrite(before.agencyId, id);
          if (before.version !== version) throw new RegistryError('CONFLICT', { id });
          await db.run('UPDATE rules SET withdrawn_at = ? WHERE id = ?', clock(), id);
          await gate.audit(before.agencyId, 'rule.withdraw', 'rule', id, before, null);
        });
      },
    },
    alarms: {
      async list(filter, page) {
        return db.snapshot(async () => {
          const where = new Where()
            .equals('a.origin', filter.origin)
            .equals('a.work', filter.work)
            .equals('a.point_id', filter.pointId)
            .equals('a.rule_id', filter.ruleId)
            .equals('a.agency_id', filter.agencyId)
            .equals('p.domain', filter.domain);
          if (filter.open !== undefined) where.add(filter.open ? 'a.ended_at IS NULL' : 'a.ended_at IS NOT NULL');
          if (filter.severities)
            where.add(
              `a.severity_rank IN (${filter.severities.map(() => '?').join(',') || 'NULL'})`,
              ...filter.severities.map(severityRank),
            );
          if (filter.suppressed !== undefined) where.add('a.suppressed = ?', filter.suppressed ? 1 : 0);
          if (filter.from !== undefined) where.add('a.started_at >= ?', filter.from);
          if (filter.to !== undefined) where.add('a.started_at < ?', filter.to);
          if (filter.newestFirst === true) return newestFirst(where, page);
          if (page.after !== undefined) {
            const parts = page.after.split('~');
            const [ended, rank, started, id] = [Number(parts[0]), Number(parts[1]), Number(parts[2]), parts[3]];
            if (id === undefined || ![ended, rank, started].every(Number.isFinite))
              throw new RegistryError('INVALID_CURSOR');
            where.add(
              '((a.ended_at IS NOT NULL), a.severity_rank, -a.started_at, a.id) > (?,?,?,?)',
              ended,
              rank,
              -started,
              id,
            );
          }
          gate.readable(where, THROUGH_POINT);
          const limit = limitOf(page);
          const found = (
            await db.all<{ body: string }>(
              `SELECT a.body ${FROM_ALARMS} ${where.sql} ORDER BY (a.ended_at IS NOT NULL), a.severity_rank, -a.started_at, a.id LIMIT ?`,
              ...where.values,
              limit + 1,
            )
          ).map((row) => JSON.parse(row.body) as Alarm);
          return pageOf(found, limit, (a) =>
            [a.endedAt === null ? 0 : 1, severityRank(a.severity), a.startedAt, a.id].join('~'),
          );
        });
      },
      get: async (id) => loadAlarm(id),
      async history(id) {
        return db.snapshot(async () => {
          await loadAlarm(id);
          return (
            await db.all<{ body: string }>('SELECT body FROM alarm_transitions WHERE alarm_id = ? ORDER BY number', id)
          ).map((row) => JSON.parse(row.body) as AlarmTransition);
        });
      },
      async counts() {
        const where = gate.readable(
          new Where().add("a.ended_at IS NULL AND a.origin = 'live' AND a.suppressed = 0"),
          THROUGH_POINT,
        );
        return (
          await db.all<{ severity_rank: number; work: Alarm['work']; condition: Alarm['condition']; n: number }>(
            `SELECT a.severity_rank, a.work, a.condition, COUNT(*) AS n ${FROM_ALARMS} ${where.sql} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
            ...where.values,
          )
        ).map((row) => ({
          severity: SEVERITIES[row.severity_rank] ?? 'notice',
          work: row.work,
          condition: row.condition,
          count: row.n,
        }));
      },
      work: async (id, step, at) => db.transaction(() => takeStep(id, step, at)),
      workEach: async (steps, at) =>
        db.transaction(async () =>
          eachInTurn(steps, async ({ id, step }) => {
            try {
              return { id, change: await takeStep(id, step, at) };
            } catch (error) {
              // Refused before anything of it was written: the others go on.
              if (error instanceof RegistryError) return { id, refused: error.code };
              throw error;
            }
          }),
        ),
    },
    alarmHealth: alarmHealthView(context, gate),
    qualitySpans: qualitySpanView(context, gate),
  };
}
