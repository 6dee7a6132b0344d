import type { Suppression } from '../../domain/alarm.ts';
import type { Severity } from '../../domain/rule.ts';

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
