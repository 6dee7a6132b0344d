import type { AgencyId, UserId } from './identifiers.ts';
import { after, type DurationMs, type EpochMs, epochMs, hours, minutes } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

/** When the shifts of an agency's control room begin. */
export interface ShiftPlan {
  readonly agencyId: AgencyId;
  /** Minutes after local midnight, each in [0, 1440), ascending: a shift lasts from its own to the next, the last one through midnight. */
  readonly startMinutes: readonly number[];
  /** 0: never set, the usual three. */
  readonly version: number;
}

/** Morning, afternoon, night. */
const USUAL_START_MINUTES: readonly number[] = [6 * 60, 14 * 60, 22 * 60];
export const usualPlan = (agencyId: AgencyId): ShiftPlan => ({
  agencyId,
  startMinutes: USUAL_START_MINUTES,
  version: 0,
});

export const SHIFTS_A_DAY_MAX = 6;
/** Shorter ones would be handed over without end. */
const SHORTEST: DurationMs = hours(2);
const DAY_MINUTES = 24 * 60;

export const PLAN_REFUSAL_CODES = ['SHIFT_STARTS_ORDER', 'SHIFT_TOO_SHORT'] as const;
export type PlanRefusal = (typeof PLAN_REFUSAL_CODES)[number];

/** What is wrong with the beginnings of shifts; `null`: nothing. */
export function planProblem(startMinutes: readonly number[]): PlanRefusal | null {
  const [first] = startMinutes;
  if (first === undefined || startMinutes.length > SHIFTS_A_DAY_MAX) return 'SHIFT_STARTS_ORDER';
  if (startMinutes.some((start, i) => start < 0 || start >= DAY_MINUTES || start <= (startMinutes[i - 1] ?? -1)))
    return 'SHIFT_STARTS_ORDER';
  const isShort = startMinutes.some(
    (start, i) => minutes((startMinutes[i + 1] ?? first + DAY_MINUTES) - start) < SHORTEST,
  );
  return isShort ? 'SHIFT_TOO_SHORT' : null;
}

/** One shift: from `from` (inclusive) to `to` (exclusive). */
export interface Shift {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** 1 for the first that begins after local midnight. */
  readonly number: number;
}

/** The shift that `at` lies in. Shifts follow each other without gap or overlap; where clocks are changed one is shorter or longer. */
export function shiftAt(startMinutes: readonly number[], at: EpochMs, offset: UtcOffset): Shift {
  const localDay = Math.floor((at + offset(at)) / hours(24));
  const begins = (day: number, index: number): EpochMs => {
    const local = hours(24) * day + minutes(startMinutes[index] ?? 0);
    const near = epochMs(local - offset(at));
    return epochMs(local - offset(near));
  };
  const around = [localDay - 1, localDay, localDay + 1].flatMap((day) =>
    startMinutes.map((_, index) => ({ from: begins(day, index), number: index + 1 })),
  );
  const current = around.findLastIndex(({ from }) => from <= at);
  const { from, number } = around[current] as (typeof around)[number];
  return { from, to: (around[current + 1] as (typeof around)[number]).from, number };
}

/** Somebody takes up duty or leaves it. Append-only. */
export interface DutyStep {
  readonly userId: UserId;
  readonly userName: string | null;
  readonly step: 'join' | 'leave';
  readonly at: EpochMs;
}
export interface OnDuty {
  readonly userId: UserId;
  readonly userName: string | null;
  readonly since: EpochMs;
}

/** Who forgot to leave is on duty no longer than this. */
export const DUTY_AT_MOST: DurationMs = hours(16);

/** Who is on duty at `now`, in the order they came. `steps` in the order they were taken. */
export function onDutyAt(steps: readonly DutyStep[], now: EpochMs): readonly OnDuty[] {
  const here = new Map<UserId, OnDuty>();
  for (const { userId, userName, step, at } of steps) {
    if (step === 'leave') here.delete(userId);
    else if (!here.has(userId)) here.set(userId, { userId, userName, since: at });
  }
  return [...here.values()].filter(({ since }) => after(since, DUTY_AT_MOST) > now);
}
