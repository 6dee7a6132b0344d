import type { Alarm } from '../../../domain/alarm.ts';
import type { IncidentLog } from '../../../domain/ports/incidents.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { Context } from './access.ts';
import { IncidentRows, incidentOf, type MemberRow, memberOf } from './incident-rows.ts';

const alarmOf = (row: { readonly body: string }): Alarm => JSON.parse(row.body) as Alarm;

/** What correlating alarms reads and writes. */
export function incidentLog(context: Context): IncidentLog {
  const { db } = context;
  const rows = new IncidentRows(context);
  const OPEN = 'SELECT id FROM incidents WHERE ended_at IS NULL AND merged_into IS NULL';
  const OPEN_ALARMS = "SELECT id FROM alarms WHERE ended_at IS NULL AND origin = 'live'";
  return {
    async load() {
      return db.snapshot(async () => {
        return {
          incidents: (
            await db.all<{ body: string }>(
              `SELECT body FROM incidents WHERE merged_into IS NULL AND (ended_at IS NULL OR id IN
               (SELECT incident_id FROM incident_members WHERE alarm_id IN (${OPEN_ALARMS})))`,
            )
          ).map(incidentOf),
          members: (
            await db.all<MemberRow>(
              `SELECT * FROM incident_members WHERE incident_id IN (${OPEN}) OR alarm_id IN (${OPEN_ALARMS})`,
            )
          ).map(memberOf),
          alarms: (
            await db.all<{ body: string }>(
              `SELECT body FROM alarms WHERE (ended_at IS NULL AND origin = 'live')
               OR id IN (SELECT alarm_id FROM incident_members WHERE incident_id IN (${OPEN}))`,
            )
          ).map(alarmOf),
        };
      });
    },
    async unheard(limit) {
      return (
        await db.all<{ number: number; body: string }>(
          'SELECT u.number, a.body FROM incident_unheard u JOIN alarms a ON a.id = u.alarm_id ORDER BY u.number LIMIT ?',
          limit,
        )
      ).map((row) => ({ number: row.number, alarm: alarmOf(row) }));
    },
    async commit({ heard, incidents, joined, merges, facts, events }) {
      await db.transaction(async () => {
        const agencies = new Map(incidents.map(({ id, agencyId }) => [id, agencyId]));
        for (const incident of incidents) {
          const stored = (await rows.get(incident.id))?.version ?? 0;
          if (stored !== incident.version - 1) throw new RegistryError('CONFLICT', { id: incident.id });
          await rows.put(incident);
        }
        for (const { from, into } of merges)
          await db.run('UPDATE incident_members SET incident_id = ? WHERE incident_id = ?', into, from);
        for (const member of joined) {
          const there = await rows.member(member.key);
          // A person was quicker.
          if (there !== undefined && there.incidentId !== member.incidentId)
            throw new RegistryError('CONFLICT', { id: member.key });
          await rows.putMember(member);
        }
        for (const fact of facts) await rows.putFacts(fact);
        for (const event of events) {
          const agencyId = agencies.get(event.incidentId) ?? (await rows.get(event.incidentId))?.agencyId;
          if (agencyId === undefined) throw new RegistryError('CONFLICT', { id: event.incidentId });
          await rows.record(event, agencyId);
        }
        await db.run(`DELETE FROM incident_unheard WHERE number IN ${db.dialect.numbers}`, JSON.stringify(heard));
      });
    },
  };
}
