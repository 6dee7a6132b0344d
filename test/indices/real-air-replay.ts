import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { publishedIndices } from '../../config/indices/published.ts';
import { ruleDraft, windowedRuleDraft } from '../../config/presets/rule-draft.ts';
import { rulePresetsOn } from '../../config/presets/rule-presets.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { AgencyId, DeviceId, DeviceModelId, RuleId } from '../../domain/identifiers.ts';
import { AIR_POLLUTANTS } from '../../domain/indices/air-index.ts';
import { type HourEnd, hoursBefore, type LocalDate } from '../../domain/indices/local-hours.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { epochMs, hours, milliseconds } from '../../domain/time.ts';
import { replay } from '../../firmware-sim/replay.ts';
import { createIndicesConsumer } from '../../ingest/consumers/indices/indices-consumer.ts';
import { createRulesConsumer } from '../../ingest/consumers/rules/rules-consumer.ts';
import { decodePayload } from '../../ingest/readings-codec.ts';
import { openIngest, smallCity, tokenOf } from '../ingest/platform-parts.ts';
import { BEIJING_TIME, FOLDER, plainDay, plainHour, type Recording, recordingOf } from './beijing-air.ts';

const AGENCY = 'env' as AgencyId;
const system = { kind: 'system', name: 'test' } as const;
/** Presets on the mean of 24 hours and on the hourly index itself, as an officer would switch them on. */
export const RULES = { mean: 'vn_aqi.pm2_5', index: 'vn_aqi.hourly' } as const;

/** One station that reports every hour, with the two rules. */
function beijing(): CitySeed {
  const city = smallCity(1);
  const quantities = AIR_POLLUTANTS as readonly string[] as readonly QuantityKey[];
  const rules = Object.values(RULES).map((key) => {
    const preset = rulePresetsOn('2026-11-26' as LocalDate).find((each) => each.key === key)!;
    const request = { agencyId: AGENCY, confirmed: [] };
    const draft =
      preset.needs === 'window'
        ? windowedRuleDraft(preset, request, hours(1))
        : preset.needs === 'nothing'
          ? ruleDraft(preset, request)
          : undefined;
    if (!draft?.ok) throw new Error(`${key} makes no rule`);
    // Alarms end on clearing, as if somebody acknowledged each: so every episode is one of its own.
    return { ...draft.value, id: key as RuleId, enabled: true, endsUnacknowledged: SEVERITIES };
  });
  return {
    ...city,
    models: city.models.map((model) => ({
      ...model,
      id: model.id as DeviceModelId,
      channels: quantities.map((quantity) => ({ key: quantity, quantity, plausibleRange: null })),
      expectedInterval: hours(1),
    })),
    points: city.points.map((point) => ({ ...point, quantities })),
    rules,
  };
}

/**
 * Replays the recording of a station through MQTT, by the device's own door, and holds the indices that come out of it to the reference. Returns the
 * alarms of both rules.
 */
export async function replayed(station: string): Promise<Readonly<Record<keyof typeof RULES, readonly Alarm[]>>> {
  const folder = mkdtempSync(join(tmpdir(), 'hd-beijing-'));
  // The recordings are ten years old.
  const ingest = { maximumAgeDays: 6_000 };
  const platform = await openIngest(folder, { ingest, consumers: ['rules', 'indices'] }, beijing());
  const { registry, journal, store, bus } = platform;
  const clock = () => epochMs(Date.now());
  const problems: string[] = [];
  const problem = (facts: object): void => void problems.push(JSON.stringify(facts));
  const log = { info() {}, warn: problem, error: problem };
  const rules = createRulesConsumer({
    journal,
    registry,
    store,
    bus,
    clock,
    decodePayload: (payload) => decodePayload(payload).readings,
    staleAfter: () => hours(1_000_000),
    log,
    settings: { lateQuiet: milliseconds(200) },
  });
  const indices = createIndicesConsumer({
    journal,
    registry,
    store,
    bus,
    clock,
    newId: () => 'beijing',
    definitions: publishedIndices(BEIJING_TIME),
    offset: BEIJING_TIME,
    onLoaded: rules.lateDataLoaded,
    log,
    settings: { lookEvery: milliseconds(50), lateEvery: milliseconds(200) },
  });
  await rules.start();
  await indices.start();
  try {
    const device = 'air-1' as DeviceId;
    const result = await replay(
      {
        file: `${FOLDER}/air-${station}.csv`,
        device,
        token: tokenOf(device),
        brokerUrl: `mqtt://127.0.0.1:${platform.mqttPort}`,
        speed: null,
        shift: 'none',
        only: AIR_POLLUTANTS,
        kind: undefined,
        maxAgeMs: null,
        limit: undefined,
        messagesPerSecond: 50,
        language: 'en',
      },
      clock,
      { begin() {}, at() {}, end() {} },
    );
    expect(result.acknowledged).toBeGreaterThan(2_000);

    const recording = goneOn(recordingOf(station));
    const hourly = recording.hours.flatMap((hour, i) => {
      const value = plainHour(recording, i);
      return value === null ? [] : [[hour, value]];
    });
    const daily = recording.hours.flatMap((hour, i) => {
      // 01:00 by the clock of Beijing: the first of the day's hours.
      const isFirst = (hour + hours(8)) % hours(24) === hours(1);
      const last = recording.hours[i + 23];
      const value = isFirst && last !== undefined ? plainDay(recording, i) : null;
      return value === null ? [] : [[last, value]];
    });
    const kept = async (quantity: string) => {
      const series = (await registry.directory.series()).find(
        (entry) => (entry.quantity as string) === quantity,
      )!.series;
      const found = await store.range({ series, from: epochMs(0), to: clock(), limit: 100_000 });
      return Array.from({ length: found.length }, (_, i) => [found.eventTime[i], found.value[i]]);
    };
    await vi.waitFor(
      async () => {
        expect(await kept('vn_aqi_hourly')).toEqual(hourly);
        expect(await kept('vn_aqi_daily')).toEqual(daily);
      },
      { timeout: 90_000, interval: 250 },
    );
    const alarmsOf = async (key: string): Promise<readonly Alarm[]> =>
      (await registry.as(system).alarms.list({ ruleId: key as RuleId }, { limit: 1_000 })).items;
    // What is stored need not be judged yet, nor all of it at once: until a round of late judging finds nothing more.
    let found = -1;
    await vi.waitFor(
      async () => {
        await rules.settleLate();
        const before = found;
        found = rules.status().transitions;
        expect(rules.status().cursor).toBeGreaterThanOrEqual(journal.head());
        expect(found).toBe(before);
      },
      { timeout: 30_000, interval: 300 },
    );
    expect(problems).toEqual([]);
    return { mean: await alarmsOf(RULES.mean), index: await alarmsOf(RULES.index) };
  } finally {
    await indices.stop();
    await rules.stop();
    await platform.stopAll();
  }
}

/** With the hours after its end: a NowCast outlives the readings by one. */
const goneOn = (recording: Recording): Recording => ({
  ...recording,
  ...Object.fromEntries(AIR_POLLUTANTS.map((pollutant) => [pollutant, [...recording[pollutant], null, null]])),
  hours: [1, 2].reduce<readonly HourEnd[]>((all) => [...all, hoursBefore(all.at(-1)!, -1)], recording.hours),
});

/** Those of the alarms that were active at some time between two instants of December 2015, Beijing time. */
export function activeDuring(alarms: readonly Alarm[], from: string, to: string): readonly Alarm[] {
  const at = (text: string) => Date.parse(`2015-12-${text}:00+08:00`);
  return alarms.filter(
    ({ activatedAt, clearedAt }) =>
      (activatedAt ?? Number.POSITIVE_INFINITY) < at(to) && (clearedAt ?? Number.POSITIVE_INFINITY) > at(from),
  );
}
