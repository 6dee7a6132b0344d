import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayFramesHead, ReplaySnapshotHead } from '../../api/contract/replay.ts';
import { replayFramesHead, replaySnapshotHead } from '../../api/contract/replay.ts';
import type { DeviceId, SeriesId } from '../../domain/identifiers.ts';
import { latestAt, readLatestBlock } from '../../domain/latest-block.ts';
import { POINT_STATES, stateRank } from '../../domain/point-state.ts';
import { QUALITY } from '../../domain/quality.ts';
import { toColumns } from '../../domain/reading.ts';
import { unpackReplay } from '../../domain/replay/replay-block.ts';
import { readStateBlock } from '../../domain/state-block.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import type { ApiClient, CallInput } from './api-client.ts';
import { aRaisedAlarm, ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let operator: ApiClient;
let pm: SeriesId;
let temperature: SeriesId;
let doSon: SeriesId;
let voltage: SeriesId;
/** An hour that is over. */
let base: EpochMs;
const at = (seconds: number): EpochMs => epochMs(base + seconds * 1_000);

beforeAll(async () => {
  running = await runApi({ limits: { replayChanges: 3 } });
  operator = await running.as('operator');
  base = epochMs(Math.floor(running.clock() / 3_600_000 - 3) * 3_600_000);
  [pm, temperature, doSon, voltage] = await Promise.all([
    running.series('p-le-chan', 'pm2_5'),
    running.series('p-le-chan', 'temperature'),
    running.series('p-do-son', 'pm2_5'),
    running.series('p-tba', 'voltage'),
  ]);
  const reading = (series: SeriesId, seconds: number, value: number, lateSeconds = 0) => ({
    series,
    eventTime: at(seconds),
    arrivalTime: at(seconds + lateSeconds),
    value,
    quality: QUALITY.GOOD,
  });
  await running.store.load([
    toColumns([
      reading(pm, 10, 1),
      reading(pm, 70, 2),
      reading(pm, 130, 3, 600),
      reading(temperature, 20, 30),
      reading(doSon, 65, 9),
      reading(voltage, 30, 230),
    ]),
  ]);
});
afterAll(() => running.close());

async function binary<H>(
  client: ApiClient,
  key: 'GET /replay/snapshot' | 'GET /replay/frames',
  input: CallInput<never>,
) {
  const { bytes, status } = await client.call(key, input);
  expect(status).toBe(200);
  const { head, next } = unpackReplay(new Uint8Array(bytes).buffer);
  return { head: head as H, next };
}
const valuesOf = (bytes: Uint8Array): [number, number][] => {
  const block = readLatestBlock(bytes);
  return Array.from({ length: block.length }, (_, i) => {
    const [series, , value] = latestAt(block, i);
    return [series, value];
  });
};
async function cityAt(client: ApiClient, seconds: number, more: Record<string, string> = {}) {
  const { head, next } = await binary<ReplaySnapshotHead>(client, 'GET /replay/snapshot', {
    query: { at: at(seconds), ...more },
  });
  expect(replaySnapshotHead.parse(head)).toEqual(head);
  return { head, values: valuesOf(next(head.readingBytes)) };
}
/** The number that stands for the station in states. */
const numberOf = async (client: ApiClient): Promise<number> =>
  (await client.call('GET /map/points')).body.points.find(({ id }) => id === 'p-le-chan')?.number ?? -1;
/** What the station's symbol said. */
async function stateAt(client: ApiClient, seconds: number) {
  const { head, next } = await binary<ReplaySnapshotHead>(client, 'GET /replay/snapshot', {
    query: { at: at(seconds), readings: false },
  });
  expect(head.readingBytes).toBe(0);
  return POINT_STATES[next(head.rankBytes)[await numberOf(client)] as number];
}
/** Raised and, where said, acknowledged; recorded as it happened. */
async function alarmAt(seconds: number) {
  const { alarm, transitions } = aRaisedAlarm({ series: pm, startedAt: at(seconds), recordedAt: at(seconds + 2) });
  await running.registry.ruleState.commit({
    cursor: seconds as never,
    states: [],
    jointStates: [],
    changes: [{ alarm, transitions }],
    outbox: [],
  });
  return alarm;
}

describe('the city as it was', () => {
  it('has of each series the last reading that had arrived by then, and none of those that came later', async () => {
    expect((await cityAt(operator, 5)).values).toEqual([]);
    expect((await cityAt(operator, 140)).values).toEqual([
      [pm, 2],
      [temperature, 30],
      [doSon, 9],
    ]);
    expect((await cityAt(operator, 140, { known: 'now' })).values[0]).toEqual([pm, 3]);
    expect((await cityAt(operator, 730)).values[0]).toEqual([pm, 3]);
  });

  it('is narrowed to a part of the map and to domains', async () => {
    expect((await cityAt(operator, 140, { viewport: '106.7,20.6,106.9,20.8' })).values).toEqual([[doSon, 9]]);
    expect((await cityAt(operator, 140, { domains: 'water,power' })).values).toEqual([]);
    expect((await cityAt(operator, 140, { series: `${doSon},${voltage}` })).values).toEqual([[doSon, 9]]);
  });

  it('shows each agency its own', async () => {
    const power = await running.as('operator', POWER);
    expect((await cityAt(power, 140)).values).toEqual([[voltage, 230]]);
    const refused = await running.anonymous().call('GET /replay/snapshot', { query: { at: at(140) } });
    expect([refused.status, refused.code]).toEqual([401, 'NOT_SIGNED_IN']);
  });

  it('counts a verdict as it stood then, or as it stands now', async () => {
    const view = running.registry.as({ kind: 'system', name: 'test' }).qualitySpans;
    await view.mark({ series: doSon, from: at(60), to: at(90), quality: QUALITY.INVALID_DECLARED, reason: 'vệ sinh' });
    const qualityAt = async (known: string) => {
      const { head, next } = await binary<ReplaySnapshotHead>(operator, 'GET /replay/snapshot', {
        query: { at: at(140), known, domains: 'environment' },
      });
      const block = readLatestBlock(next(head.readingBytes));
      return block.quality[block.series.indexOf(doSon)];
    };
    expect(await qualityAt('then')).toBe(QUALITY.GOOD);
    expect(await qualityAt('now')).toBe(QUALITY.INVALID_DECLARED);
  });

  it('plays on step by step, with alarms and devices as they came to be known', async () => {
    await running.registry.deviceLog.recordStatus([
      {
        deviceId: 'air-le-chan' as DeviceId,
        agencyId: ENVIRONMENT,
        online: true,
        reason: 'connected',
        eventTime: at(1),
        recordedAt: at(1),
      },
      {
        deviceId: 'air-le-chan' as DeviceId,
        agencyId: ENVIRONMENT,
        online: false,
        reason: 'lost',
        eventTime: at(70),
        recordedAt: at(71),
      },
    ]);
    const alarm = await alarmAt(80);
    const { head } = await cityAt(operator, 60);
    expect(await stateAt(operator, 60)).toBe('normal');
    expect([head.devices, head.alarms]).toEqual([[['air-le-chan', true, at(1)]], []]);
    const { head: frames, next } = await binary<ReplayFramesHead>(operator, 'GET /replay/frames', {
      query: { from: at(60), to: at(180), step: 60_000 },
    });
    expect(replayFramesHead.parse(frames)).toEqual(frames);
    expect(frames.frames.map((frame) => [frame.at, frame.devices, frame.alarms.map(({ id }) => id)])).toEqual([
      [at(120), [['air-le-chan', false, at(70)]], [alarm.id]],
      [at(180), [], []],
    ]);
    const number = await numberOf(operator);
    const played = frames.frames.map(({ readingBytes, stateBytes }) => {
      const values = valuesOf(next(readingBytes));
      const states = readStateBlock(next(stateBytes));
      return { values, rank: states.rank[states.number.indexOf(number)] };
    });
    expect(played.map(({ rank }) => rank)).toEqual([stateRank('major'), undefined]);
    expect(await stateAt(operator, 180)).toBe('major');
    expect(await stateAt(operator, 3_000)).toBe('major');
    expect(played.map(({ values }) => values)).toEqual([
      [
        [pm, 2],
        [doSon, 9],
      ],
      [],
    ]);
    expect((await cityAt(operator, 120)).head.alarms[0]).toMatchObject({
      id: alarm.id,
      rule: { name: { en: 'High PM2.5' } },
    });
    expect((await cityAt(await running.as('viewer', POWER), 120)).head).toMatchObject({ alarms: [], devices: [] });
  });

  it('ends an answer of very many changes earlier, to be gone on from there', async () => {
    for (let i = 0; i < 8; i++) await alarmAt(1_000 + i * 60);
    const seen: number[] = [];
    let from = at(990);
    for (let asked = 0; from < at(1_590) && asked < 20; asked++) {
      const { head } = await binary<ReplayFramesHead>(operator, 'GET /replay/frames', {
        query: { from, to: at(1_590), step: 60_000 },
      });
      for (const { alarms } of head.frames) seen.push(...alarms.map(({ startedAt }) => (startedAt - base) / 1_000));
      from = head.to;
    }
    expect(seen).toEqual([1_000, 1_060, 1_120, 1_180, 1_240, 1_300, 1_360, 1_420]);
  });

  it('knows where alarms lie along time, and the next one', async () => {
    const { body } = await operator.call('GET /replay/marks', { query: { from: at(0), to: at(3_600), buckets: 60 } });
    expect(body.items.find(({ bucket }) => bucket === 1)).toEqual({ bucket: 1, severity: 'major', count: 1 });
    const near = async (seconds: number, direction: 'next' | 'previous') =>
      (await operator.call('GET /replay/nearest-alarm', { query: { at: at(seconds), direction } })).body?.at;
    expect(await near(82, 'next')).toBe(at(1_002));
    expect(await near(82, 'previous')).toBeUndefined();
    expect(await near(83, 'previous')).toBe(at(82));
  });

  it('shows now for a moment to come, and refuses more than one answer may hold', async () => {
    const { head } = await cityAt(operator, 86_400);
    expect(head.at).toBeLessThanOrEqual(running.clock());
    const { code } = await operator.call('GET /replay/frames', { query: { from: at(0), to: at(3_000), step: 1_000 } });
    expect(code).toBe('QUERY_TOO_LARGE');
    const reversed = await operator.call('GET /replay/frames', { query: { from: at(9), to: at(9), step: 1_000 } });
    expect(reversed.code).toBe('INPUT_INVALID');
  });
});
