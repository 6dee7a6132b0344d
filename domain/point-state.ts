import type { Alarm, Suppression } from './alarm.ts';
import type { Severity } from './rule.ts';

/** What a symbol can say of a point, worst first: the order in which one wins over another, inside a cluster and in lists. */
export const POINT_STATES = [
  'critical',
  'major',
  'minor',
  'notice',
  'unknown',
  /** Silent, because the gateway or site it hangs on is down. */
  'cut_off',
  'shelved',
  'maintenance',
  'out_of_service',
  'normal',
] as const;
export type PointState = (typeof POINT_STATES)[number];

/** 0 for critical … 9 for normal: smaller is worse. */
export const stateRank = (state: PointState): number => POINT_STATES.indexOf(state);
export const worstState = (a: PointState, b: PointState): PointState => (stateRank(a) <= stateRank(b) ? a : b);

/** States that are an open alarm asking for someone. */
export const isAlarmState = (state: PointState): state is Severity => stateRank(state) < stateRank('unknown');

/** How what hides an alarm is drawn. */
export const suppressedState = (kind: Suppression['kind']): PointState => (kind === 'carrier_down' ? 'cut_off' : kind);

/** What is on record of a point at one moment, whether or not it is heard from. */
export interface PointRecord {
  /** Open alarms on it. */
  readonly alarms: Iterable<Pick<Alarm, 'severity' | 'suppression'>>;
  /** The window on its scope that keeps it quiet. */
  readonly window: 'maintenance' | 'out_of_service' | null;
  readonly hasDeviceInMaintenance: boolean;
}

/** What a point's symbol says while it is heard from: the worst open alarm that is not hidden, else that it is quiet on purpose, else normal. */
export function recordedState({ alarms, window, hasDeviceInMaintenance }: PointRecord): PointState {
  let state: PointState = window ?? 'normal';
  for (const alarm of alarms) {
    if (alarm.suppression === null) state = worstState(state, alarm.severity);
    // What hides it because of a carrier is said by the point's silence.
    else if (alarm.suppression.kind !== 'carrier_down')
      state = worstState(state, suppressedState(alarm.suppression.kind));
  }
  return hasDeviceInMaintenance ? worstState(state, 'maintenance') : state;
}

/**
 * What it says when none of its measured series is heard from: silence under maintenance is meant, not a fault. `recorded` is of the same record as
 * `window`; cut off: what it hangs on is down.
 */
export function silentState(recorded: PointState, window: PointRecord['window'], isCutOff: boolean): PointState {
  if (window !== null || recorded === 'maintenance' || recorded === 'out_of_service') return recorded;
  return worstState(recorded, isCutOff ? 'cut_off' : 'unknown');
}

/** True when the newest reading is older than `staleAfterMs` at `now` (server's clock), or there is none. */
export const isStale = (eventTime: number | undefined, staleAfterMs: number, now: number): boolean =>
  eventTime === undefined || now - eventTime > staleAfterMs;
