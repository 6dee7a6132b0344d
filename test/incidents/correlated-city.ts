import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { correlationSettings } from '../../config/correlation.ts';
import type { Actor } from '../../domain/access.ts';
import type { Alarm, AlarmTransition } from '../../domain/alarm.ts';
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import type { AgencyId, PointId, SiteId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Rule } from '../../domain/rule.ts';
import { type EpochMs, epochMs, milliseconds, minutes } from '../../domain/time.ts';
import { type CorrelatorPace, IncidentCorrelator } from '../../ingest/consumers/incidents/incident-correlator.ts';

export const SYSTEM: Actor = { kind: 'system', name: 'test' };
const POWER = 'power' as AgencyId;
const PRESENT = 'power_present' as QuantityKey;
const name = (text: string) => ({ vi: text, en: text });

/** `transformers` transformers `t0`, `t1` … without monitors, each with `meters` meters `t0m0`, `t0m1` …, some kilometres apart. */
export function gridCity(transformers: number, meters: number): CitySeed {
  const place = (t: number) => ({
    agencyId: POWER,
    domain: 'power' as const,
    location: { longitude: 106.5 + (t % 100) / 100, latitude: 20.8 + Math.floor(t / 100) / 100 },
    wardCode: null,
    tags: [],
  });
  const all = Array.from({ length: transformers }, (_, t) => t);
  const meterIds = (t: number) => Array.from({ length: meters }, (_, m) => `t${t}m${m}`);
  const metered = all.flatMap((t) => meterIds(t).map((id) => ({ id, t })));
  return {
    agencies: [{ id: POWER, name: name('Điện lực') }],
    models: [],
    sites: [
      ...all.map((t) => ({
        ...{ ...place(t), id: `t${t}` as SiteId, name: name(`T-${t}`), kind: 'transformer' as const, parentId: null },
      })),
      ...metered.map(({ id, t }) => ({
        ...{ ...place(t), id: id as SiteId, name: name(id), kind: 'electricity_meter' as const },
        parentId: `t${t}` as SiteId,
      })),
    ],
    links: [],
    points: metered.map(({ id, t }) => ({
      ...{ ...place(t), id: `p-${id}` as PointId, siteId: id as SiteId, name: name(id), quantities: [PRESENT] },
    })),
    devices: [],
    rules: [
      {
        ...{ id: 'supply-lost' as Rule['id'], agencyId: POWER, name: name('Mất điện'), advice: null, enabled: true },
        ...{ quantity: PRESENT, selection: {}, clearHold: milliseconds(0), judgeSuspect: true, endsUnacknowledged: [] },
        condition: { kind: 'below', hysteresis: 0, levels: [{ severity: 'major', limit: 0.5, hold: milliseconds(0) }] },
      },
    ],
  };
}

/** A registry on disk with its correlator, and alarms as the rules consumer commits them. */
export async function openCorrelatedCity(folder: string, city: CitySeed, pace: Partial<CorrelatorPace> = {}) {
  const clock = () => epochMs(Date.now());
  const problems: unknown[] = [];
  const bus = createInProcessBus((_, error) => problems.push(error));
  const registry = openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  await registry.seed(SYSTEM, city);
  const correlator = new IncidentCorrelator({
    ...{ registry, bus, clock, correlation: correlationSettings({ radiusM: 300, window: minutes(10) }) },
    log: { info() {}, error: (facts) => problems.push(facts) },
    pace: { lookEvery: milliseconds(5), ...pace },
  });
  const view = registry.as(SYSTEM);
  const rule = await view.rules.get('supply-lost' as Rule['id']);
  const series = new Map((await registry.directory.series()).map((entry) => [entry.siteId as string, entry]));
  const open = new Map<string, Alarm>();
  let cursor = 0;
  const step = async (sites: readonly string[], event: 'activated' | 'cleared', at: EpochMs): Promise<void> => {
    const changes = sites.map((site): { alarm: Alarm; transitions: readonly AlarmTransition[] } => {
      const entry = series.get(site);
      if (entry === undefined) throw new Error(`no site ${site}`);
      const change = applyConditionEvent(
        open.get(site) ?? null,
        event === 'activated'
          ? { kind: event, at, severity: 'major', value: 0, limit: 0.5, suspect: false }
          : { kind: event, at, value: 1, worstValue: 0, suspect: false },
        { rule, series: entry.series, pointId: entry.pointId, recordedAt: clock() },
      );
      if (change === null) throw new Error(`${site} can't be ${event}`);
      open.set(site, change.alarm);
      return change;
    });
    await registry.ruleState.commit({
      ...{ cursor: ++cursor as JournalSequence, states: [], jointStates: [], outbox: [], changes },
    });
    for (const change of changes) bus.publish('alarm.changed', change);
  };
  return {
    registry,
    bus,
    view,
    correlator,
    problems,
    lose: (sites: readonly string[], at = clock()) => step(sites, 'activated', at),
    supply: (sites: readonly string[], at = clock()) => step(sites, 'cleared', at),
    incidents: async () => (await view.incidents.list({}, { limit: 1_000 })).items,
    isAllHeard: async () => (await registry.incidents.unheard(1)).length === 0,
    async close() {
      await correlator.stop();
      await bus.close();
      await registry.close();
    },
  };
}
