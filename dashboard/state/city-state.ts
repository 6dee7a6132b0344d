import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { MapPoint as PointWire } from '../../api/contract/map.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { LiveTable } from './live-table.ts';
import { type PointState, worstState } from './point-state.ts';

/** Open alarms by the point they are on. */
export function alarmsByPoint(alarms: Iterable<AlarmWire>): ReadonlyMap<PointId, readonly AlarmWire[]> {
  const grouped = new Map<PointId, AlarmWire[]>();
  for (const alarm of alarms) {
    const list = grouped.get(alarm.pointId);
    if (list) list.push(alarm);
    else grouped.set(alarm.pointId, [alarm]);
  }
  return grouped;
}

/** True when the newest reading is older than `staleAfterMs` at `now` (server's clock), or there is none. */
export const isStale = (eventTime: number | undefined, staleAfterMs: number, now: number): boolean =>
  eventTime === undefined || now - eventTime > staleAfterMs;

/**
 * What a point's symbol says at `now` (server's clock): the worst open alarm that is not hidden; else no data when every one of its measured
 * series is silent; else that an alarm is shelved or the place is under maintenance; else normal.
 */
export function pointStateOf(
  point: PointWire,
  alarms: readonly AlarmWire[],
  readings: LiveTable['readings'],
  now: number,
): PointState {
  let state: PointState = 'normal';
  for (const alarm of alarms) {
    if (alarm.suppression === null) state = worstState(state, alarm.severity);
    else state = worstState(state, alarm.suppression.kind === 'shelved' ? 'shelved' : 'maintenance');
  }
  if (point.devices.some((device) => device.state === 'in_maintenance')) state = worstState(state, 'maintenance');
  // Silence under maintenance is meant, not a fault.
  if (state === 'maintenance') return state;
  // What the platform works out says nothing of the hardware.
  const measured = point.series.filter(({ computed }) => !computed);
  const silent =
    measured.length > 0 &&
    measured.every(({ id, staleAfterMs }) => isStale(readings.get(id)?.eventTime, staleAfterMs, now));
  return silent ? worstState(state, 'unknown') : state;
}

/** The states of all points at `now` (server's clock). */
export function pointStates(
  points: readonly PointWire[],
  table: Pick<LiveTable, 'readings' | 'alarms'>,
  now: number,
): ReadonlyMap<PointId, PointState> {
  const grouped = alarmsByPoint(table.alarms.values());
  return new Map(
    points.map((point) => [point.id, pointStateOf(point, grouped.get(point.id) ?? [], table.readings, now)]),
  );
}
