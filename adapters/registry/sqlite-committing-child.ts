/** A process that commits rule steps one after another and says each finished cursor, to be killed by a test: node … {file} {cursor to go on from}. */
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import type { AgencyId, PointId, RuleId, SeriesId, SiteId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, milliseconds } from '../../domain/time.ts';
import { openSqliteRegistry } from './sqlite.ts';

export const STATES_PER_COMMIT = 500;

async function commitForEver(path: string, from: number): Promise<void> {
  const registry = openSqliteRegistry({ path, clock: () => epochMs(1), newId: () => 'id' });
  const agencyId = 'env' as AgencyId;
  const quantity = 'pm2_5' as QuantityKey;
  const name = { vi: 'Trạm', en: 'Station' };
  const location = { longitude: 106.68, latitude: 20.86 };
  const place = { agencyId, domain: 'environment', name, location, wardCode: null, tags: [] } as const;
  await registry.seed(
    { kind: 'system', name: 'test' },
    {
      agencies: [{ id: agencyId, name }],
      models: [],
      sites: [{ ...place, id: 's' as SiteId, kind: 'air_station', parentId: null }],
      links: [],
      points: [{ ...place, id: 'p' as PointId, siteId: 's' as SiteId, quantities: [quantity] }],
      devices: [],
      rules: [
        {
          id: 'r' as RuleId,
          agencyId,
          name,
          advice: null,
          enabled: true,
          quantity,
          selection: {},
          condition: {
            kind: 'above',
            levels: [{ severity: 'major', limit: 50, hold: milliseconds(0) }],
            hysteresis: 0,
          },
          clearHold: milliseconds(0),
          judgeSuspect: true,
          endsUnacknowledged: [],
        },
      ],
    },
  );
  const [rule] = await registry.ruleState.liveRules();
  if (!rule) throw new Error('the rule just seeded is missing');
  for (let cursor = from + 1; ; cursor++) {
    const state = new Uint8Array(120);
    new DataView(state.buffer).setUint32(0, cursor);
    const change = applyConditionEvent(
      null,
      { kind: 'activated', at: epochMs(cursor), severity: 'major', value: 60, limit: 50, suspect: false },
      { rule, series: 1 as SeriesId, pointId: 'p' as PointId, recordedAt: epochMs(cursor) },
    );
    if (!change) throw new Error('nothing was activated');
    await registry.ruleState.commit({
      cursor: cursor as JournalSequence,
      states: Array.from({ length: STATES_PER_COMMIT }, (_, n) => ({ series: (n + 1) as SeriesId, state })),
      jointStates: [],
      changes: [change],
      outbox: [
        {
          id: `${change.alarm.id}#1`,
          agencyId,
          kind: 'alarm.raised',
          text: { key: 'alarm.raised' },
          alarmId: change.alarm.id,
          createdAt: epochMs(cursor),
          deliveredAt: null,
        },
      ],
    });
    process.stdout.write(`${cursor}\n`);
  }
}

const [path, from] = process.argv.slice(2);
if (import.meta.main && path !== undefined) await commitForEver(path, Number(from));
