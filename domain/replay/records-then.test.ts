import { expect, it } from 'vitest';
import type { DeviceId, DeviceModelId, PointId } from '../identifiers.ts';
import type { Localized } from '../localized.ts';
import { epochMs } from '../time.ts';
import { type FormerName, nameThen, type ServedSpan, servedThen } from './records-then.ts';

const P = 'p-1' as PointId;
const called = (name: string): Localized => ({ vi: name, en: name });
const former = (name: string, until: number): FormerName => ({ pointId: P, until: epochMs(until), name: called(name) });
const span = (device: string, from: number, to: number | null, late = 0): ServedSpan => ({
  pointId: P,
  deviceId: device as DeviceId,
  modelId: 'm' as DeviceModelId,
  from: epochMs(from),
  to: to === null ? null : epochMs(to),
  recordedAt: epochMs(from + late),
  endRecordedAt: to === null ? null : epochMs(to + late),
});

it.each([
  { it: 'the first of its names before the first renaming', at: 99, told: 'A' },
  { it: 'the next one from the renaming on', at: 100, told: 'B' },
  { it: 'as now after the last', at: 200, told: null },
])('a point is called $it', ({ at, told }) => {
  const names = [former('B', 200), former('A', 100), { ...former('X', 150), pointId: 'p-2' as PointId }];
  expect(nameThen(names, P, epochMs(at))).toEqual(told === null ? null : called(told));
});

it.each([
  { it: 'what was on record', at: 205, knowledge: 'then', told: ['a'] },
  { it: 'what happened', at: 205, knowledge: 'now', told: ['b'] },
  { it: 'what was on record by then', at: 210, knowledge: 'then', told: ['b'] },
  { it: 'the first one, before anything was on record', at: 5, knowledge: 'then', told: ['a'] },
] as const)('a point was served by $it', ({ at, knowledge, told }) => {
  // Swapped at 200, which was put on record ten later.
  const spans = [span('a', 100, 200, 10), span('b', 200, null, 10)];
  expect(servedThen(spans, epochMs(at), knowledge).map(({ deviceId }) => deviceId)).toEqual(told);
});

it('a point was served by nobody after its device was taken away', () => {
  expect(servedThen([span('a', 100, 200)], epochMs(300), 'then')).toEqual([]);
});
