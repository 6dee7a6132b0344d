import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { MapPoint as PointWire } from '../../api/contract/map.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { LiveTable } from './live-table.ts';
import { type PointState, suppressedState, worstState } from './point-state.ts';

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

/** Points behind what is down, each with the alarm of that. */
export function outagesByPoint(alarms: Iterable<AlarmWire>): ReadonlyMap<PointId, AlarmWire> {
  const cutOff = new Map<PointId, AlarmWire>();
  for (const alarm of alarms)
    if (alarm.condition === 'active') for (const point of alarm.carrier?.points ?? []) cutOff.set(point, alarm);
  return cutOff;
}

/** Why a point is quiet on purpose. */
export interface PointQuiet {
  readonly window: 'maintenance' | 'out_of_service' | null;
  readonly isCutOff: boolean;
}
const NOT_QUIET: PointQuiet = { window: null, isCutOff: false };

/** True when the newest reading is older than `staleAfterMs` at `now` (server's clock), or there is none. */
export const isStale = (eventTime: number | undefined, staleAfterMs: number, now: number): boolean =>
  eventTime === undefined || now - eventTime > staleAfterMs;

/**
 * What a point's symbol says at `now` (server's clock): the worst open alarm that is not hidden; else no data when every one of its measured
 * series is silent (cut off when what it hangs on is down); else that an alarm is shelved or the place is under maintenance or out of service;
 * else normal.
 */
export function pointStateOf(
  point: PointWire,
  alarms: readonly AlarmWire[],
  readings: LiveTable['readings'],
  now: number,
  quiet: PointQuiet = NOT_QUIET,
): PointState {
  let state: PointState = 'normal';
  for (const alarm of alarms) {
    if (alarm.suppression === null) state = worstState(state, alarm.severity);
    // What hides it because of a carrier is said by the point's silence.
    else if (alarm.suppression.kind !== 'carrier_down')
      state = worstState(state, suppressedState(alarm.suppression.kind));
  }
  if (quiet.window !== null) state = worstState(state, quiet.window);
  if (point.devices.some((device) => device.state === 'in_maintenance')) state = worstState(state, 'maintenance');
  // Silence under maintenance is meant, not a fault.
  if (quiet.window !== null || state === 'maintenance' || state === 'out_of_service') return state;
  // What the platform works out says nothing of the hardware.
  const measured = point.series.filter(({ computed }) => !computed);
  const silent =
    measured.length > 0 &&
    measured.every(({ id, staleAfterMs }) => isStale(readings.get(id)?.eventTime, staleAfterMs, now));
  return silent ? worstState(state, quiet.isCutOff ? 'cut_off' : 'unknown') : state;
}

/** The states of all points at `now` (server's clock). */
export function pointStates(
  points: readonly PointWire[],
  table: Pick<LiveTable, 'readings' | 'alarms'>,
  now: number,
  windows: ReadonlyMap<PointId, NonNullable<PointQuiet['window']>> = new Map(),
): ReadonlyMap<PointId, PointState> {
  const grouped = alarmsByPoint(table.alarms.values());
  const cutOff = outagesByPoint(table.alarms.values());
  return new Map(
    points.map((point) => {
      const quiet = { window: windows.get(point.id) ?? null, isCutOff: cutOff.has(point.id) };
      return [point.id, pointStateOf(point, grouped.get(point.id) ?? [], table.readings, now, quiet)];
    }),
  );
}
