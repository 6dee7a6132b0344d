/**
 * How well the presets detect what happens in the simulated street: `npm run bench:detect [-- NAME|FILE …] [--json] [--seeds 10] [--rules presets|city]`.
 *
 * Each scenario is played with so many seeds, each at another hour and day of its season: a quiet day, then the scenario, then half a day after. The
 * simulated devices measure, drift, stick, lose coverage and stamp by clocks that go wrong, all in simulated time; what they send is judged by the
 * evaluator that judges live, as in a backtest, with every usable preset on, every level confirmed, for every agency that has such points. The hourly
 * index is worked out by the platform's own code. Alarms are compared with the scenario's ground truth; `detection-score.ts` says what counts.
 *
 * NAME: one of the simulator's scenarios; all by default. FILE: a scenario of one's own (`hai-dang/scenario/1`, see `firmware-sim/scenarios/examples/`),
 * or a ground truth that `npm run sim -- --truth FILE` wrote, to be played again. With `--rules city` the demo city's own rules are judged instead.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openSqliteRegistry } from '../adapters/registry/sqlite.ts';
import { runBacktest } from '../api/backtests/run-backtest.ts';
import { haiPhong, haiPhongFacts } from '../config/city/hai-phong.ts';
import { publishedIndices } from '../config/indices/published.ts';
import type { UsablePreset } from '../config/presets/preset.ts';
import { ruleDraft, windowedRuleDraft } from '../config/presets/rule-draft.ts';
import { usablePresetsOn } from '../config/presets/rule-presets.ts';
import type { SeriesDirectoryEntry } from '../domain/asset.ts';
import { compileRule } from '../domain/compiled-rule.ts';
import type { AgencyId, RuleId, SeriesId } from '../domain/identifiers.ts';
import { dueBetween, lastHourOver } from '../domain/indices/index-values.ts';
import { dateOf } from '../domain/indices/local-hours.ts';
import { isJoint } from '../domain/joint-condition.ts';
import type { QuantityKey } from '../domain/quantity.ts';
import { type Rule, SEVERITIES } from '../domain/rule.ts';
import { SeriesIndex } from '../domain/rule-scopes.ts';
import { days, type EpochMs, epochMs, hours, milliseconds } from '../domain/time.ts';
import { VIETNAM_TIME } from '../domain/time-zone.ts';
import { createCityDevices } from '../firmware-sim/hardware/devices.ts';
import type { Temper } from '../firmware-sim/hardware/profile.ts';
import { readScenarioFile, scenarioFromFile } from '../firmware-sim/scenarios/scenario-file.ts';
import {
  createScenario,
  isScenarioName,
  SCENARIO_NAMES,
  type Scenario,
  type ScenarioName,
} from '../firmware-sim/scenarios/scenarios.ts';
import { loadStations } from '../ingest/consumers/indices/stations.ts';
import { workOut } from '../ingest/consumers/indices/work-out.ts';
import {
  type DetectionScore,
  falseAlarmsOf,
  placed,
  type RaisedAlarm,
  scoreRun,
  summaryOf,
} from './detection-score.ts';
import { MACHINE } from './machine.ts';
import { MemoryReadings } from './memory-readings.ts';
import { rounded } from './report.ts';

const { values: words, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    seeds: { type: 'string', default: '10' },
    rules: { type: 'string', default: 'presets' },
  },
});
const SEEDS = Number(words.seeds);
if (!(Number.isInteger(SEEDS) && SEEDS >= 1 && SEEDS <= 1_000)) throw new RangeError('--seeds takes 1 to 1000');
if (words.rules !== 'presets' && words.rules !== 'city') throw new RangeError('--rules takes presets or city');

/** Windows of a day are full by the time the judging begins. */
const LEAD = hours(26);
/** Of rules without such windows: the holds are begun. */
const SHORT_LEAD = hours(2);
/** Judged before the scenario begins: whatever is alarmed there is false. */
const QUIET = days(1);
const AFTER = hours(12);
/** Of the rules with false alarms. */
const LISTED_RULES = 8;
/** From one seed to the next: another day and another hour of it. */
const APART = hours(3 * 24 + 5);
/** When the first seed's scenario begins: in the season in which such a thing happens. */
const SEASON: Readonly<Record<ScenarioName, string>> = {
  'typhoon-flood': '2026-08-10T06:00:00+07:00',
  'transformer-outage': '2026-06-01T12:00:00+07:00',
  'pipe-burst': '2026-03-10T01:00:00+07:00',
  'smog-episode': '2026-12-01T18:00:00+07:00',
  'road-crash': '2026-09-15T07:00:00+07:00',
  'gateway-outage': '2026-10-06T09:00:00+07:00',
};

interface Play {
  readonly name: string;
  readonly scenario: (seed: number) => Scenario;
  readonly seeds: readonly number[];
}
const seedsAsked = Array.from({ length: SEEDS }, (_, i) => i + 1);
const world = (seed: number) => ({ city: haiPhong, facts: haiPhongFacts, seed });
const startOf = (first: string, seed: number): EpochMs => epochMs(Date.parse(first) + (seed - 1) * APART);

const named = (name: ScenarioName): Play => ({
  name,
  seeds: seedsAsked,
  scenario: (seed) => createScenario(name, { ...world(seed), at: startOf(SEASON[name], seed) }),
});
const plays: readonly Play[] = positionals.length === 0 ? SCENARIO_NAMES.map(named) : playsAsked();

function playsAsked(): readonly Play[] {
  try {
    return positionals.flatMap((word) => (isScenarioName(word) ? [named(word)] : playsOf(word)));
  } catch (error) {
    console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    console.error(`A scenario is one of ${SCENARIO_NAMES.join(', ')}, or a file.`);
    return process.exit(2);
  }
}

function playsOf(file: string): readonly Play[] {
  const content = readScenarioFile(JSON.parse(readFileSync(file, 'utf8')));
  if (content.kind === 'scenario') {
    const { scenario: name, at = SEASON['road-crash'], effects, events } = content.file;
    mustBeInCity([
      ...effects.flatMap((effect) => ('point' in effect ? effect.point : 'site' in effect ? effect.site : [])),
      ...effects.flatMap((effect) => ('dma' in effect ? effect.dma : [])),
      ...events.flatMap(({ sites, signs }) => [...sites, ...signs.map(({ point }) => point)]),
    ]);
    return [{ name, seeds: seedsAsked, scenario: (seed) => scenarioFromFile(content.file, seed, startOf(at, seed)) }];
  }
  return content.truths.map(({ scenario: name, seed, from }) => {
    if (!isScenarioName(name)) throw new Error(`${file}: nothing is known of the scenario ${name}`);
    return { name, seeds: [seed], scenario: () => createScenario(name, { ...world(seed), at: from }) };
  });
}

/** A misspelt place would only look like something that no rule detects. */
function mustBeInCity(ids: readonly string[]): void {
  const known = new Set<string>([...haiPhong.sites, ...haiPhong.points].map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`not in the simulated city: ${unknown.join(', ')}`);
}

const registry = openSqliteRegistry({ path: ':memory:', clock: () => epochMs(0), newId: randomUUID });
await registry.seed({ kind: 'system', name: 'bench' }, haiPhong);
const definitions = publishedIndices(VIETNAM_TIME);
const { stations } = await loadStations(registry, definitions, epochMs(0), epochMs(0));
const directory = await registry.directory.series();
const index = new SeriesIndex(directory);
const siteOf = new Map(directory.map(({ pointId, siteId }) => [pointId, siteId]));
const parentOf = new Map(haiPhong.sites.map(({ id, parentId }) => [id, parentId]));
const seriesOf = new Map(directory.map(({ pointId, quantity, series }) => [`${pointId} ${quantity}`, series]));
const models = new Map(haiPhong.models.map((model) => [model.id, model]));
const noVerdicts = async () => [];

/** How often an agency's devices report a quantity: the least often, as the page of presets has it. */
function intervalOf(agency: AgencyId, quantity: QuantityKey): number {
  const reporting = haiPhong.devices.flatMap((device) =>
    device.agencyId === agency ? (models.get(device.modelId) ?? []) : [],
  );
  return Math.max(
    0,
    ...reporting.flatMap(({ channels, expectedInterval }) =>
      channels.some((channel) => channel.quantity === quantity) ? expectedInterval : [],
    ),
  );
}

/** The preset as a rule of every agency that has points for it, every level confirmed. */
function rulesOf(preset: UsablePreset): readonly Rule[] {
  return haiPhong.agencies.flatMap(({ id: agencyId }): Rule[] => {
    const request = { agencyId, confirmed: SEVERITIES };
    const interval = milliseconds(intervalOf(agencyId, preset.quantity) || hours(1));
    const draft = preset.needs === 'window' ? windowedRuleDraft(preset, request, interval) : ruleDraft(preset, request);
    if (!draft.ok) return [];
    const rule = { ...draft.value, id: preset.key as RuleId, version: 1, createdBy: null, createdAt: epochMs(0) };
    return index.watchedBy(rule).length === 0 ? [] : [{ ...rule, enabled: true }];
  });
}

const cityRules: readonly Rule[] = haiPhong.rules
  .filter(({ enabled, condition }) => enabled && condition.kind !== 'no_data')
  .map((rule) => ({ ...rule, version: 1, createdBy: null, createdAt: epochMs(0) }));

/** What the devices send of these series in [from, to). Nothing the simulated devices do wrong makes a reading invalid, so all are good. */
function measure(
  store: MemoryReadings,
  { effects }: Scenario,
  seed: number,
  span: { from: EpochMs; to: EpochMs },
  series: ReadonlySet<SeriesId>,
  temper: Temper,
): void {
  const points = new Set(directory.filter((entry) => series.has(entry.series)).map(({ pointId }) => pointId));
  const city = {
    ...haiPhong,
    points: haiPhong.points.filter(({ id }) => points.has(id)),
    devices: haiPhong.devices.filter(({ serves }) => serves.some((id) => points.has(id))),
  };
  const { devices } = createCityDevices({ city, facts: haiPhongFacts, seed, from: span.from, effects, temper });
  for (const [i, device] of devices.entries()) {
    const { serves, modelId } = city.devices[i]!;
    const channels = models.get(modelId)!.channels.flatMap(({ key, quantity }) => {
      const id = seriesOf.get(`${serves[0]} ${quantity}`);
      return id !== undefined && series.has(id) ? [{ key, id }] : [];
    });
    while (device.dueAt < span.to) {
      for (const deed of device.step(device.dueAt)) {
        // A repeat is the same reading again, and is stored once.
        if (deed.kind !== 'telemetry' || deed.repeat) continue;
        const content = JSON.parse(deed.payload) as Item | readonly Item[];
        for (const { ts, values } of [content].flat() as Item[]) {
          for (const { key, id } of channels) if (values[key] !== undefined) store.put(id, ts, values[key]);
        }
      }
    }
  }
}
interface Item {
  readonly ts: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Adds the hourly and daily indices of the stations that have one among the series, as they are worked out when their hour is over. */
async function addIndices(store: MemoryReadings, from: EpochMs, to: EpochMs, series: ReadonlySet<SeriesId>) {
  const ports = { store, verdictsOn: noVerdicts, clock: () => to };
  const [after, until] = [lastHourOver(from, VIETNAM_TIME), lastHourOver(to, VIETNAM_TIME)];
  for (const station of stations.list) {
    if (![...station.outputs.values()].some((id) => series.has(id))) continue;
    const work = new Map(station.definitions.map((definition) => [definition, dueBetween(definition, after, until)]));
    for (const { series: id, eventTime, value } of await workOut(ports, station, work, false))
      store.put(id, eventTime, value);
  }
}

/** What the rule says of the readings, by the code of the backtest. */
async function judge(
  store: MemoryReadings,
  rule: Rule,
  from: EpochMs,
  to: EpochMs,
  isWanted: (entry: SeriesDirectoryEntry) => boolean,
): Promise<RaisedAlarm[]> {
  const watched = isJoint(rule.condition) ? [] : index.watchedBy(rule).filter(isWanted);
  const { report } = await runBacktest(
    {
      rule,
      series: watched.map(({ series, pointId }) => ({ id: series, pointId })),
      joint: index.jointScopes(rule),
      from,
      to,
      sweep: null,
    },
    {
      store,
      offset: VIETNAM_TIME,
      listLimit: Number.MAX_SAFE_INTEGER,
      signal: new AbortController().signal,
      onProgress: () => {},
    },
  );
  const { windowMs, levels } = compileRule(rule, VIETNAM_TIME);
  const reach = milliseconds(windowMs + Math.max(...levels.map(({ holdMs }) => holdMs)));
  return report.listed.map(({ series, pointId, activatedAt, clearedAt }) => ({
    rule: `${rule.agencyId} ${rule.id}`,
    series,
    point: pointId,
    quantity: rule.quantity,
    at: activatedAt,
    until: clearedAt,
    reach,
  }));
}

async function play(scenario: Scenario, seed: number): Promise<DetectionScore> {
  const { truth } = scenario;
  const span = { from: epochMs(truth.from - QUIET), to: epochMs(truth.to + AFTER) };
  const rules =
    words.rules === 'city'
      ? cityRules
      : usablePresetsOn(dateOf(lastHourOver(span.from, VIETNAM_TIME), VIETNAM_TIME)).flatMap(rulesOf);
  const sensors = new Set(rules.flatMap((rule) => inputsOf(rule).map(({ pointId }) => pointId))).size;
  const alarms = await alarmsBy('real', scenario, seed, span, rules);
  const events = truth.events.map((event) => placed(event, siteOf, parentOf));
  // What faultless devices would have said is asked only where it matters.
  const doubtful = new Set(falseAlarmsOf({ events, alarms, ...span }).map(({ series }) => series));
  const suspected = rules.filter((rule) => inputsOf(rule).some(({ series }) => doubtful.has(series)));
  const faultless = await alarmsBy('tame', scenario, seed, span, suspected, doubtful);
  return scoreRun({ events, alarms, faultless, ...span, sensors });
}

/** Every series that has a part in the rule. */
const inputsOf = (rule: Rule): readonly SeriesDirectoryEntry[] =>
  isJoint(rule.condition) ? index.jointScopes(rule).flatMap(({ inputs }) => inputs) : index.watchedBy(rule);

/** The alarms of the rules over a span; of rules that watch series one by one only those on series of `only`, when it is given. */
async function alarmsBy(
  temper: Temper,
  scenario: Scenario,
  seed: number,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
  rules: readonly Rule[],
  only?: ReadonlySet<SeriesId>,
): Promise<RaisedAlarm[]> {
  const isWanted = (rule: Rule) => (entry: SeriesDirectoryEntry) =>
    only === undefined || isJoint(rule.condition) || only.has(entry.series);
  const [windowed, plain] = [new Set<SeriesId>(), new Set<SeriesId>()];
  for (const rule of rules) {
    const { windowMs } = compileRule(rule, VIETNAM_TIME);
    for (const { series } of inputsOf(rule).filter(isWanted(rule)))
      (windowMs > SHORT_LEAD ? windowed : plain).add(series);
  }
  // What indices are worked out of, where one is judged; a day of it lies in the index of an hour.
  for (const { outputs, sources } of stations.list) {
    if (![...outputs.values()].some((series) => windowed.has(series) || plain.has(series))) continue;
    for (const source of sources.values()) windowed.add(source.series);
  }
  const begin = epochMs(from - LEAD);
  const store = new MemoryReadings();
  measure(store, scenario, seed, { from: begin, to }, windowed, temper);
  const rest = new Set([...plain].filter((series) => !windowed.has(series)));
  measure(store, scenario, seed, { from: epochMs(from - SHORT_LEAD), to }, rest, temper);
  await addIndices(store, begin, to, plain);
  const alarms: RaisedAlarm[] = [];
  for (const rule of rules) alarms.push(...(await judge(store, rule, from, to, isWanted(rule))));
  return alarms;
}

const perSensorWeek = (count: number, scores: readonly DetectionScore[]): number =>
  rounded(count / scores.reduce((sum, { sensorWeeks }) => sum + sensorWeeks, 0), 4);
const total = (scores: readonly DetectionScore[], what: 'alarms' | 'falseAlarms' | 'byFaultyDevices'): number =>
  scores.reduce((sum, score) => sum + score[what], 0);

/** How often each comes, the most frequent first. */
const countsOf = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(names, (name) => name)]
      .map(([name, all]) => [name, all.length] as const)
      .sort((a, b) => b[1] - a[1]),
  );

function figuresOf(scores: readonly DetectionScore[]) {
  const { events, alarmedShare, medianMinutes } = summaryOf(scores.flatMap((score) => score.events));
  return {
    events,
    alarmed_share: alarmedShare === null ? null : rounded(alarmedShare, 3),
    median_minutes_to_alarm: medianMinutes,
    alarms: total(scores, 'alarms'),
    sensor_weeks: rounded(scores.reduce((sum, { sensorWeeks }) => sum + sensorWeeks, 0)),
    false_per_sensor_week: perSensorWeek(total(scores, 'falseAlarms'), scores),
    false_by_faulty_devices_per_sensor_week: perSensorWeek(total(scores, 'byFaultyDevices'), scores),
    false_by_rule: countsOf(scores.flatMap(({ falseRules }) => falseRules)),
  };
}

const results = [];
const all: DetectionScore[] = [];
for (const { name, seeds, scenario } of plays) {
  const scores: DetectionScore[] = [];
  for (const seed of seeds) {
    const begun = performance.now();
    scores.push(await play(scenario(seed), seed));
    process.stderr.write(`  ${name}, seed ${seed}: ${((performance.now() - begun) / 1_000).toFixed(1)} s\n`);
  }
  all.push(...scores);
  const kinds = [
    ...Map.groupBy(
      scores.flatMap(({ events }) => events),
      ({ kind }) => kind,
    ),
  ].map(([kind, events]) => {
    const { alarmedShare, medianMinutes } = summaryOf(events);
    return { kind, events: events.length, alarmed_share: alarmedShare, median_minutes_to_alarm: medianMinutes };
  });
  results.push({ scenario: name, seeds: seeds.length, ...figuresOf(scores), kinds });
}
await registry.close();

const overall = figuresOf(all);
if (words.json) {
  console.log(
    JSON.stringify({ bench: 'detect', machine: MACHINE, rules: words.rules, ...overall, scenarios: results }),
  );
} else {
  const share = (value: number | null): string => (value === null ? '–' : `${Math.round(value * 100)} %`);
  const row = (...cells: readonly (string | number | null)[]): string =>
    cells
      .map((cell, i) => (i === 0 ? String(cell).padEnd(34) : String(cell ?? '–').padStart(i === 1 ? 8 : 16)))
      .join('');
  console.log(
    `\nbench:detect, ${words.rules === 'city' ? "the demo city's rules" : 'all presets on'}, on ${MACHINE}\n`,
  );
  console.log(row('', 'events', 'alarmed', 'median min', 'false /s-week', 'faulty /s-week'));
  for (const result of results) {
    const { false_per_sensor_week: wrong, false_by_faulty_devices_per_sensor_week: faulty } = result;
    console.log(
      row(result.scenario, result.events, share(result.alarmed_share), result.median_minutes_to_alarm, wrong, faulty),
    );
    for (const { kind, events, alarmed_share, median_minutes_to_alarm } of result.kinds)
      console.log(row(`  ${kind}`, events, share(alarmed_share), median_minutes_to_alarm, '', ''));
  }
  console.log(
    row(
      'all',
      overall.events,
      share(overall.alarmed_share),
      overall.median_minutes_to_alarm,
      overall.false_per_sensor_week,
      overall.false_by_faulty_devices_per_sensor_week,
    ),
  );
  console.log('\nmost false alarms:');
  for (const [rule, count] of Object.entries(overall.false_by_rule).slice(0, LISTED_RULES))
    console.log(row(`  ${rule}`, count));
}
if (overall.events === 0) process.exitCode = 1;
