import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { Rule } from '../../domain/rule.ts';
import { type EpochMs, epochMs, minutes } from '../../domain/time.ts';
import { historyFor } from '../../firmware-sim/history.ts';
import { createScenario, type ScenarioName } from '../../firmware-sim/scenarios/scenarios.ts';
import { createStreet } from '../../firmware-sim/signals/street.ts';
import { createMemoryPlatform } from '../../ingest/consumers/rules/memory-platform.ts';
import { encodePayload } from '../../ingest/readings-codec.ts';

/** All alarms of Hải Phòng's own rules (but those on silence) in a scenario of the simulated street, as the rules judge its readings, and its places. */
export async function scenarioAlarms(name: ScenarioName, at: EpochMs, to: EpochMs) {
  const path = join(mkdtempSync(join(tmpdir(), 'hd-scenario-')), 'registry.sqlite');
  const registry = openSqliteRegistry({ path, clock: () => at, newId: randomUUID });
  await registry.seed({ kind: 'system', name: 'test' }, haiPhong);
  const entries = await registry.directory.series();
  const rows = await registry.suppressions.network();
  await registry.close();
  const seriesOf = new Map(entries.map((entry) => [`${entry.pointId}\n${entry.quantity}`, entry.series]));
  const rules = haiPhong.rules
    .filter(({ condition }) => condition.kind !== 'no_data')
    .map((rule): Rule => ({ ...rule, version: 1, createdBy: null, createdAt: epochMs(0) }));
  const platform = createMemoryPlatform(rules, entries);
  platform.clock.now = to;
  const city = { city: haiPhong, facts: haiPhongFacts, seed: 1 };
  const street = createStreet({ ...city, effects: createScenario(name, { ...city, at }).effects });
  for (const readings of historyFor({
    ...{ street, city: haiPhong, from: epochMs(at - minutes(60)), to, step: minutes(2) },
    seriesOf: (point, quantity) => seriesOf.get(`${point}\n${quantity}`),
  }))
    await platform.journal.append({ partition: 0, traceId: 't', payload: encodePayload({ readings, marks: [] }) });
  const consumer = platform.consumer();
  await consumer.start();
  while (consumer.status().cursor < platform.journal.head()) await new Promise((resolve) => setTimeout(resolve, 10));
  await consumer.stop();
  const alarms: readonly Alarm[] = platform.registry.alarms().filter(({ startedAt }) => startedAt >= at);
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const placeOf = new Map(entries.map((entry) => [entry.pointId, entry]));
  return { alarms, rows, ruleOf, placeOf, measured: new Set(entries.map(({ siteId }) => siteId)) };
}
