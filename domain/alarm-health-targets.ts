import type { Severity } from './rule.ts';

/** What is very likely acceptable, and the most that can be managed; per operator position. Shares are of 1. */
export const HEALTH_TARGETS = {
  perTenMinutes: { acceptable: 1, manageable: 2 },
  perHour: { acceptable: 6, manageable: 12 },
  maxPerTenMinutes: 10,
  shareOfWindowsOver: 0.01,
  shareInFlood: 0.01,
  badActorsShare: { good: 0.01, acceptable: 0.05 },
  standingPerDayBelow: 5,
  /** Four priorities, the highest below 1 %; the other three about 5, 15 and 80 %. */
  severityShares: { critical: 0.01, major: 0.05, minor: 0.15, notice: 0.8 } satisfies Record<Severity, number>,
} as const;
