import type { AlarmHealthWire } from '../../api/contract/alarm-health.ts';
import { HEALTH_TARGETS } from '../../domain/alarm-health-targets.ts';
import { dayStart } from './city-dates.ts';

/** Periods that can be chosen, in hours back from now: a shift to a quarter. */
export const HEALTH_PERIODS: Readonly<Record<string, number>> = {
  '8h': 8,
  '24h': 24,
  '7d': 168,
  '30d': 720,
  '90d': 2_160,
};
export const HEALTH_PERIOD_DEFAULT = '7d';
/** The recommendations are for periods of at least so many days. */
export const RECOMMENDED_DAYS = 30;
const DAY_MS = 86_400_000;

export interface HealthSearch {
  readonly period?: string;
  readonly from?: string;
  readonly to?: string;
  readonly operators?: string;
  readonly agency?: string;
}

/** The span that an address asks for: two local days, both included, or a period back from `now` (server's clock, ms). */
export function healthSpan(search: HealthSearch, now: number): { readonly from: number; readonly to: number } {
  const [first, last] = [dayStart(search.from ?? ''), dayStart(search.to ?? '')];
  if (first !== null && last !== null && first <= last) return { from: first, to: last + DAY_MS };
  const hours =
    HEALTH_PERIODS[search.period ?? HEALTH_PERIOD_DEFAULT] ?? (HEALTH_PERIODS[HEALTH_PERIOD_DEFAULT] as number);
  return { from: now - hours * 3_600_000, to: now };
}

/** Operator positions that an address names, 1 … 100. */
export const operatorsOf = ({ operators }: HealthSearch): number => {
  const given = Number(operators ?? 1);
  return Number.isInteger(given) && given >= 1 && given <= 100 ? given : 1;
};

export type Verdict = 'acceptable' | 'manageable' | 'over' | 'none';
export const HEALTH_FIGURES = [
  'perTenMinutes',
  'perHour',
  'mostInWindow',
  'windowsOver',
  'inFlood',
  'badActors',
  'chattering',
  'fleeting',
  'standing',
  'medianTime',
  'p95Time',
] as const;
export type HealthFigureName = (typeof HEALTH_FIGURES)[number];
export interface HealthFigure {
  readonly name: HealthFigureName;
  /** `null`: there is nothing to tell it from. */
  readonly value: number | null;
  readonly unit: 'number' | 'count' | 'share' | 'duration';
  readonly verdict: Verdict;
}

const upTo = (value: number, acceptable: number, manageable = acceptable): Verdict =>
  value <= acceptable ? 'acceptable' : value <= manageable ? 'manageable' : 'over';

/** Every figure with what the standards say of it. */
export function figuresOf(health: AlarmHealthWire): readonly HealthFigure[] {
  const { perTenMinutes, perHour, maxPerTenMinutes, shareOfWindowsOver, shareInFlood, badActorsShare } = HEALTH_TARGETS;
  const overShare = health.windowsOver / health.windows;
  const standing = Math.max(0, ...health.standing.perDay.map(({ count }) => count));
  const below = (value: number, limit: number): Verdict => (value < limit ? 'acceptable' : 'over');
  const times = health.acknowledgement.all;
  return [
    {
      name: 'perTenMinutes',
      value: health.perTenMinutes,
      unit: 'number',
      verdict: upTo(health.perTenMinutes, perTenMinutes.acceptable, perTenMinutes.manageable),
    },
    {
      name: 'perHour',
      value: health.perHour,
      unit: 'number',
      verdict: upTo(health.perHour, perHour.acceptable, perHour.manageable),
    },
    {
      name: 'mostInWindow',
      value: health.mostInWindow,
      unit: 'number',
      verdict: upTo(health.mostInWindow, maxPerTenMinutes),
    },
    { name: 'windowsOver', value: overShare, unit: 'share', verdict: below(overShare, shareOfWindowsOver) },
    { name: 'inFlood', value: health.shareInFlood, unit: 'share', verdict: below(health.shareInFlood, shareInFlood) },
    {
      name: 'badActors',
      value: health.badActorsShare,
      unit: 'share',
      verdict: upTo(health.badActorsShare, badActorsShare.acceptable),
    },
    {
      name: 'chattering',
      value: health.chattering.total,
      unit: 'count',
      verdict: upTo(health.chattering.total, 0),
    },
    { name: 'fleeting', value: health.fleeting.total, unit: 'count', verdict: upTo(health.fleeting.total, 0) },
    {
      name: 'standing',
      value: standing,
      unit: 'count',
      verdict: below(standing, HEALTH_TARGETS.standingPerDayBelow),
    },
    { name: 'medianTime', value: times.median, unit: 'duration', verdict: 'none' },
    { name: 'p95Time', value: times.p95, unit: 'duration', verdict: 'none' },
  ];
}
