import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NEIGHBOUR_TOLERANCES } from '../../config/neighbour-tolerances.ts';
import { QUALITY_CHECKS } from '../../config/quality-checks.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { LASTING, type QualitySpan } from '../../domain/ports/quality-spans.ts';
import { QUALITY } from '../../domain/quality.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import { FindingsConsumer } from '../../ingest/consumers/findings/findings-consumer.ts';
import { type RunningApi, runApi, SYSTEM } from '../api/running-api.ts';

let running: RunningApi;
let findings: FindingsConsumer;
let here: SeriesId;
let there: SeriesId;
/** Everything that was said to be changed. */
let told: SeriesId[];
/** Event time of the newest reading: the API's clock goes on by itself. */
let newest: number;
const settings = { lookEvery: hours(1), neighboursNeeded: 1, looksInARow: 3 };

const aConsumer = () =>
  new FindingsConsumer({
    registry: running.registry,
    store: running.store,
    bus: running.bus,
    clock: running.clock,
    checks: QUALITY_CHECKS,
    neighbours: NEIGHBOUR_TOLERANCES,
    log: { info() {}, warn() {}, error() {} },
    settings,
  });

beforeEach(async () => {
  running = await runApi();
  here = await running.series('p-le-chan', 'pm2_5');
  there = await running.series('p-do-son', 'pm2_5');
  told = [];
  newest = 0;
  running.bus.subscribe('quality.changed', ({ series }) => told.push(...series));
  findings = aConsumer();
  await findings.start();
});
afterEach(async () => {
  await findings.stop();
  await running.close();
});

/** A reading of now, stored and said on the bus as the live state says it. */
async function arrives(series: SeriesId, value: number, at: number = running.clock()): Promise<void> {
  newest = Math.max(newest, at);
  const columns = toColumns([{ series, eventTime: epochMs(at), arrivalTime: running.clock(), value, quality: 0 }]);
  await running.store.load([columns]);
  running.bus.publish('readings.kept', columns);
}
/** @returns when it was first read */
async function standsAt(value: number, forHours: number): Promise<number> {
  let first = 0;
  for (let i = 0; i <= forHours * 6; i++) {
    await arrives(here, value);
    if (i === 0) first = newest;
    running.pass(minutes(10));
  }
  return first;
}
const spans = (series = here): Promise<readonly QualitySpan[]> =>
  running.registry.as(SYSTEM).qualitySpans.list({ series: [series], from: epochMs(0), to: LASTING });
const counting = async (series = here) => (await spans(series)).filter(({ withdrawnAt }) => withdrawnAt === null);

describe('a value that stands still', () => {
  it('is found after its time, from where it began, until it moves; what was recorded before stays on record', async () => {
    const began = await standsAt(31, 3);
    await findings.look();
    expect(await spans()).toEqual([]);
    await standsAt(31, 2);
    await findings.look();
    expect(await counting()).toMatchObject([
      {
        from: began,
        to: LASTING,
        quality: QUALITY.SUSPECT_STUCK,
        reason: '',
        finding: { key: 'finding.stuck', params: { hours: 5 } },
        by: 'system',
      },
    ]);
    const last = newest;
    await arrives(here, 32);
    await findings.look();
    expect(await counting()).toMatchObject([{ from: began, to: last + 1, quality: QUALITY.SUSPECT_STUCK }]);
    expect(await spans()).toHaveLength(2);
    expect(told).toEqual([here, here]);
  });

  it('is not found of a clean sky, nor of readings that may not be used', async () => {
    await standsAt(1, 6);
    await findings.look();
    expect(await spans()).toEqual([]);
  });

  it('is withdrawn when a late reading shows that it moved in between', async () => {
    const began = await standsAt(31, 5);
    await findings.look();
    expect(findings.open).toBe(1);
    await arrives(here, 44, began + minutes(65));
    await findings.look();
    expect(await counting()).toEqual([]);
    expect(findings.open).toBe(0);
  });

  it('goes on being found after a restart, and ends then', async () => {
    await standsAt(31, 5);
    await findings.look();
    await findings.stop();
    findings = aConsumer();
    await findings.start();
    const last = newest;
    await arrives(here, 31.5);
    await findings.look();
    expect(await counting()).toMatchObject([{ to: last + 1 }]);
  });

  it('is left alone when a person withdrew the finding, until it stands still anew', async () => {
    await standsAt(31, 5);
    await findings.look();
    const [span] = await counting();
    await running.registry.as(SYSTEM).qualitySpans.withdraw(span!.id);
    await findings.look();
    expect(await counting()).toEqual([]);
    await arrives(here, 33);
    await findings.look();
    expect(await counting()).toEqual([]);
  });
});

describe('a value that its neighbours disagree with', () => {
  it('is found when it lasts, with what they read, and ends when they agree again', async () => {
    // Nearer than 10 km the two stations are not: they are made so by a tolerance of their own.
    const wide = new Map([...NEIGHBOUR_TOLERANCES].map(([key, each]) => [key, { ...each, withinMetres: 100_000 }]));
    await findings.stop();
    findings = new FindingsConsumer({
      registry: running.registry,
      store: running.store,
      bus: running.bus,
      clock: running.clock,
      checks: QUALITY_CHECKS,
      neighbours: wide,
      log: { info() {}, warn() {}, error() {} },
      settings,
    });
    await findings.start();
    let began = 0;
    let disagreedTo = 0;
    const pair = async (a: number, b: number) => {
      await arrives(here, a);
      began ||= newest;
      if (a - b > 100) disagreedTo = newest;
      await arrives(there, b);
      await findings.look();
      running.pass(minutes(1));
    };
    for (const i of [0, 1]) await pair(180 + i, 30);
    expect(await spans()).toEqual([]);
    await pair(190, 30.5);
    // Of two alone either may be the one that is wrong: both are doubted.
    expect(await counting()).toMatchObject([
      {
        from: began,
        to: LASTING,
        quality: QUALITY.SUSPECT_NEIGHBOURS,
        finding: { params: { value: 190, median: 30.5, count: 1 } },
      },
    ]);
    for (const i of [0, 1, 2]) await pair(31 + i, 30);
    expect(await counting()).toMatchObject([{ from: began, to: disagreedTo + 1 }]);
  });
});
