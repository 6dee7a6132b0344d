import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceId, SeriesId } from '../../domain/identifiers.ts';
import { allocateStateBlock, type StateColumns } from '../../domain/state-block.ts';
import { epochMs } from '../../domain/time.ts';
import { anAlarm } from './alarm-fixture.ts';
import { NO_STATES } from './city-state.ts';
import {
  type AlarmFrame,
  applyAlarms,
  applyDelta,
  applySnapshot,
  EMPTY_TABLE,
  type LatestColumns,
  type LiveTable,
  withAlarms,
  withAllAlarms,
  withWanted,
} from './live-table.ts';

const applyAlarm = (table: LiveTable, frame: AlarmFrame): LiveTable => applyAlarms(table, [frame]);

const columns = (...rows: readonly (readonly [number, number, number])[]): LatestColumns => ({
  length: rows.length,
  series: rows.map(([series]) => series),
  eventTime: rows.map(([, eventTime]) => eventTime),
  value: rows.map(([, , value]) => value),
  quality: rows.map(() => 0),
});
const NONE = columns();
const snapshot = (over: Partial<Parameters<typeof applySnapshot>[0]> = {}) =>
  applySnapshot({
    seq: 7,
    alarmSeq: 3,
    at: epochMs(1_000),
    readings: columns([1, 100, 10]),
    devices: [],
    alarms: [],
    alarmsTruncated: false,
    isWhole: true,
    states: NO_STATES,
    ...over,
  });
const delta = (seq: number, readings: LatestColumns = NONE, states: StateColumns | null = null) => ({
  seq,
  at: epochMs(2_000),
  readings,
  devices: [],
  states,
});
const series = (n: number) => n as SeriesId;

describe('the live table', () => {
  it('keeps a reading that is sent again as the same object, so that nothing is drawn anew for it', () => {
    const before = snapshot();
    const after = withWanted(before, new Set([series(1)]), {
      readings: columns([1, 100, 10], [2, 90, 3]),
      devices: [],
    });
    expect(after.readings.get(series(1))).toBe(before.readings.get(series(1)));
    expect(after.readings.get(series(2))?.value).toBe(3);
  });

  it('takes a snapshot whole and forgets what it does not hold', () => {
    const table = applySnapshot({
      seq: 9,
      alarmSeq: 1,
      at: epochMs(5),
      readings: columns([2, 200, 20]),
      devices: [['pump-1' as DeviceId, false, epochMs(3)]],
      alarms: [anAlarm()],
      alarmsTruncated: false,
      isWhole: false,
      states: { epoch: 'e', ranks: Uint8Array.of(9) },
    });
    expect(table.states.ranks).toEqual(Uint8Array.of(9));
    expect(table.phase).toBe('live');
    expect([...table.readings.keys()]).toEqual([2]);
    expect(table.devices.get('pump-1' as DeviceId)).toEqual({ online: false, since: 3 });
    expect(table.alarms.size).toBe(1);
  });

  it('lays each delta in sequence over what it holds', () => {
    const table = applyDelta(snapshot(), delta(8, columns([1, 150, 11], [2, 150, 5])));
    expect(table.readings.get(series(1))?.value).toBe(11);
    expect(table.readings.get(series(2))?.value).toBe(5);
    expect(table.at).toBe(2_000);
  });

  it('lays changed states over what it holds', () => {
    const changed = allocateStateBlock(1);
    changed.number[0] = 1;
    changed.rank[0] = 0;
    const table = applyDelta(snapshot({ states: { epoch: 'e', ranks: Uint8Array.of(9, 9) } }), delta(8, NONE, changed));
    expect(table.states).toEqual({ epoch: 'e', ranks: Uint8Array.of(9, 0) });
  });

  it('forgets the readings of what is no longer shown', () => {
    const held = snapshot({ readings: columns([1, 100, 10], [2, 100, 20]), isWhole: false });
    const table = withWanted(held, new Set([series(2), series(3)]), {
      readings: columns([3, 100, 30]),
      devices: [['pump-1' as DeviceId, true, epochMs(3)]],
    });
    expect([...table.readings.keys()]).toEqual([2, 3]);
    expect(table.devices.get('pump-1' as DeviceId)?.online).toBe(true);
  });

  it('never lets a late reading overwrite a newer one', () => {
    const table = applyDelta(snapshot(), delta(8, columns([1, 99, 999])));
    expect(table.readings.get(series(1))?.value).toBe(10);
  });

  it('replaces a reading sent again with the same time', () => {
    const table = applyDelta(snapshot(), delta(8, columns([1, 100, 12])));
    expect(table.readings.get(series(1))?.value).toBe(12);
  });

  it.each([9, 7, 6])('stops at a gap (frame %s after 7) and keeps what it shows until a snapshot comes', (seq) => {
    const gap = applyDelta(snapshot(), delta(seq, columns([1, 500, 99])));
    expect(gap.phase).toBe('gap');
    expect(gap.readings.get(series(1))?.value).toBe(10);
    expect(applyDelta(gap, delta(8, columns([1, 500, 99])))).toBe(gap);
    expect(snapshot({ seq: 12 }).phase).toBe('live');
  });

  it('adds, changes and removes alarms on their own sequence', () => {
    const raised = applyAlarm(snapshot(), { alarmSeq: 4, at: epochMs(1), alarm: anAlarm() });
    expect(raised.alarms.size).toBe(1);
    expect(raised.seq).toBe(7);
    const ended = applyAlarm(raised, {
      alarmSeq: 5,
      at: epochMs(2),
      alarm: anAlarm({ endedAt: epochMs(2), version: 4 }),
    });
    expect(ended.alarms.size).toBe(0);
  });

  it('stops at a gap in the alarm sequence', () => {
    expect(applyAlarm(snapshot(), { alarmSeq: 6, at: epochMs(1), alarm: anAlarm() }).phase).toBe('gap');
  });

  it('keeps past occurrences out of the open alarms', () => {
    const table = applyAlarm(snapshot(), { alarmSeq: 4, at: epochMs(1), alarm: anAlarm({ origin: 'past' }) });
    expect(table.alarms.size).toBe(0);
    expect(table.alarmSeq).toBe(4);
  });

  it("shows a person's own step at once and is not set back by an older version", () => {
    const acknowledged = withAlarms(snapshot({ alarms: [anAlarm()] }), [anAlarm({ work: 'acknowledged', version: 2 })]);
    const late = applyAlarm(acknowledged, { alarmSeq: 4, at: epochMs(1), alarm: anAlarm({ version: 1 }) });
    expect([...late.alarms.values()][0]?.work).toBe('acknowledged');
    expect(late.alarmSeq).toBe(4);
  });

  it('takes many alarms at once as it takes them one by one', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      version: fc.integer({ min: 1, max: 5 }),
      over: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.option(fc.nat(19)), (steps, lost) => {
        const frames = steps.map(({ id, version, over }, i) => ({
          alarmSeq: 4 + i + (lost !== null && i >= lost ? 1 : 0),
          at: epochMs(i),
          alarm: anAlarm({ id, version, endedAt: over ? epochMs(i) : null }),
        }));
        const together = applyAlarms(snapshot(), frames);
        const alone = frames.reduce(applyAlarm, snapshot());
        expect(together.phase).toBe(alone.phase);
        // At a gap what is shown stays as it was; one by one it is shown a little further.
        if (together.phase === 'live') expect(together).toEqual(alone);
      }),
    );
  });

  it('keeps what it held beside a snapshot that was too small for all, until the rest is known', () => {
    const held = snapshot({ alarms: [anAlarm({ id: 'a' }), anAlarm({ id: 'b' }), anAlarm({ id: 'c' })] });
    const again = applySnapshot(
      {
        ...{ seq: 8, alarmSeq: 4, at: epochMs(2), readings: NONE, devices: [], isWhole: true, states: NO_STATES },
        alarms: [anAlarm({ id: 'a' })],
        alarmsTruncated: true,
      },
      held,
    );
    expect([...again.alarms.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(again.alarmsTruncated).toBe(true);
    const fetched = withAlarms(again, [anAlarm({ id: 'c' }), anAlarm({ id: 'd' })]);
    const whole = withAllAlarms(fetched, new Set(['a', 'c', 'd'].map((id) => anAlarm({ id }).id)));
    expect([...whole.alarms.keys()].sort()).toEqual(['a', 'c', 'd']);
    expect(whole.alarmsTruncated).toBe(false);
  });

  it('ignores deltas before the first snapshot', () => {
    expect(applyDelta(EMPTY_TABLE, delta(1))).toBe(EMPTY_TABLE);
  });

  it('ends with the newest event time of each series, however readings are cut into frames', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 50 }), fc.integer()))),
        (frames) => {
          let table = snapshot({ readings: NONE });
          frames.forEach((rows, i) => {
            table = applyDelta(table, delta(8 + i, columns(...rows)));
          });
          for (const [id, latest] of table.readings) {
            const times = frames.flat().filter(([s]) => s === id);
            expect(latest.eventTime).toBe(Math.max(...times.map(([, at]) => at)));
          }
        },
      ),
    );
  });
});
