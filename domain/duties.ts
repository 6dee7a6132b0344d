/**
 * What is done with the city's readings and alarms by one process at a time. Rules, and with them the indices that rules judge, need the whole city: rules of an
 * area, and what is worked out of several points.
 */
export const DUTIES = [
  'rules',
  'store',
  'incidents',
  'notifier',
  'findings',
  'sources',
  'station-files',
  'rollouts',
  'retention',
] as const;
export type DutyName = (typeof DUTIES)[number];
