import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { CityPlaces } from '../../domain/city-places.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { POINT_STATES, type PointState } from '../../domain/point-state.ts';
import { NO_STATE, type StateColumns } from '../../domain/state-block.ts';

/**
 * What every point's symbol says at one moment, as the platform judged it: now, or at a moment of the past. A value: every change makes another. Ranks lie
 * by point number, so that fifty thousand of them are fifty thousand bytes.
 */
export interface PointStates {
  /** Of the numbers; `null`: nothing is known yet. */
  readonly epoch: string | null;
  readonly ranks: Uint8Array;
}
export const NO_STATES: PointStates = { epoch: null, ranks: new Uint8Array(0) };

/** The state of a point; `undefined` while it isn't known. */
export const stateOf = ({ ranks }: PointStates, number: number): PointState | undefined =>
  POINT_STATES[ranks[number] ?? -1];

/** `held` with what changed laid over it; a point that was not there before is there now. */
export function withStates(held: PointStates, changed: StateColumns): PointStates {
  if (changed.length === 0) return held;
  const largest = changed.number.reduce((most, number) => Math.max(most, number), -1);
  const ranks = new Uint8Array(Math.max(held.ranks.length, largest + 1)).fill(NO_STATE, held.ranks.length);
  ranks.set(held.ranks);
  for (let i = 0; i < changed.length; i++) ranks[changed.number[i] as number] = changed.rank[i] as number;
  return { epoch: held.epoch, ranks };
}

/** Place of a point in the city's columns by its number; -1 for none. */
export function indexOfNumber({ number, length }: Pick<CityPlaces, 'number' | 'length'>, wanted: number): number {
  let low = 0;
  let high = length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = number[middle] as number;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Points behind what is down, each with the alarm of that. */
export function outagesByPoint(alarms: Iterable<AlarmWire>): ReadonlyMap<PointId, AlarmWire> {
  const cutOff = new Map<PointId, AlarmWire>();
  for (const alarm of alarms)
    if (alarm.condition === 'active') for (const point of alarm.carrier?.points ?? []) cutOff.set(point, alarm);
  return cutOff;
}
