import type { JointCondition, LimitSide, PartLimit } from './joint-condition.ts';
import type { QuantityKey } from './quantity.ts';
import type { Severity } from './rule.ts';
import { disorderOf, type LevelReach, problemsOfStatistic, type RuleProblem } from './rule-validation.ts';
import { seconds } from './time.ts';

/** Instants nearer to each other would cost more than they tell: city sensors report every few seconds at most. */
export const GRID_STEP_MIN_MS: number = seconds(1);

/** What is wrong with a condition over several series; `quantity`: the rule's, if it is known. */
export function problemsOfJoint(condition: JointCondition, quantity?: QuantityKey): readonly RuleProblem[] {
  return [...problemsOfGrid(condition), ...problemsOfKind(condition, quantity)];
}

function problemsOfGrid({ at: { step, maximumAge, settle } }: JointCondition): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (!(step >= GRID_STEP_MIN_MS)) problems.push({ code: 'GRID_STEP_TOO_SHORT' });
  if (!(maximumAge > 0)) problems.push({ code: 'GRID_AGE_NOT_POSITIVE' });
  if (!(settle >= 0)) problems.push({ code: 'GRID_SETTLE_NEGATIVE' });
  return problems;
}

function problemsOfKind(condition: JointCondition, quantity?: QuantityKey): readonly RuleProblem[] {
  switch (condition.kind) {
    case 'combination':
      return problemsOfCombination(condition, quantity);
    case 'area_count': {
      const { side, limit, hysteresis, over } = condition.each;
      const { minimumHeard, levels } = condition;
      const problems = [...problemsOfLimit(side, limit, hysteresis), ...(over ? problemsOfStatistic(over) : [])];
      if (!(minimumHeard >= 0 && minimumHeard <= 1)) problems.push({ code: 'HEARD_OUT_OF_RANGE' });
      for (const { severity, points } of levels) {
        if (!(Number.isInteger(points) && points >= 1)) problems.push({ code: 'POINTS_NOT_POSITIVE', severity });
      }
      return [...problems, ...disorderOf(levels.map(({ points, ...level }) => ({ ...level, reach: [points] })))];
    }
    case 'neighbours': {
      const { hysteresis, levels, withinMetres, minimumNeighbours } = condition;
      const problems: RuleProblem[] = [];
      if (!(withinMetres > 0)) problems.push({ code: 'DISTANCE_NOT_POSITIVE' });
      if (!(Number.isInteger(minimumNeighbours) && minimumNeighbours >= 1))
        problems.push({ code: 'NEIGHBOURS_NOT_POSITIVE' });
      if (!Number.isFinite(hysteresis)) problems.push({ code: 'NOT_FINITE' });
      else if (hysteresis < 0) problems.push({ code: 'HYSTERESIS_NEGATIVE' });
      for (const { severity, limit } of levels) {
        if (!Number.isFinite(limit)) problems.push({ code: 'NOT_FINITE', severity });
        // Like its neighbours is a deviation of 0: it must clear the alarm.
        else if (limit - hysteresis <= 0) problems.push({ code: 'HYSTERESIS_TOO_WIDE', severity });
      }
      return [...problems, ...disorderOf(levels.map(({ limit, ...level }) => ({ ...level, reach: [limit] })))];
    }
  }
}

function problemsOfCombination(
  { parts, levels }: Extract<JointCondition, { kind: 'combination' }>,
  quantity?: QuantityKey,
): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (parts.length < 2) problems.push({ code: 'PARTS_TOO_FEW' });
  const seen = new Set<string>();
  parts.forEach(({ quantity: of, side, over, hysteresis }, part) => {
    const key = JSON.stringify([of, side, over ?? null]);
    if (seen.has(key)) problems.push({ code: 'PARTS_REPEATED', part });
    seen.add(key);
    if (over !== undefined) problems.push(...problemsOfStatistic(over).map((problem) => ({ ...problem, part })));
    for (const { severity, limits } of levels) {
      const limit = limits[part];
      if (limit === undefined) continue;
      problems.push(...problemsOfLimit(side, limit, hysteresis, severity).map((problem) => ({ ...problem, part })));
    }
  });
  if (quantity !== undefined && !parts.some((part) => part.quantity === quantity)) {
    problems.push({ code: 'PARTS_WITHOUT_QUANTITY' });
  }
  for (const { severity, limits } of levels) {
    if (limits.length !== parts.length) problems.push({ code: 'LIMITS_NOT_OF_PARTS', severity });
  }
  if (problems.length > 0) return problems;
  return disorderOf(
    levels.map(({ severity, hold, limits }): LevelReach => {
      return { severity, hold, reach: limits.flatMap((limit, i) => reachOf(parts[i]!.side, limit)) };
    }),
  );
}

function reachOf(side: LimitSide, limit: PartLimit): readonly number[] {
  if (!('limit' in limit)) return [-limit.low, limit.high];
  return side === 'below' ? [-limit.limit] : [limit.limit];
}

function problemsOfLimit(
  side: LimitSide,
  limit: PartLimit,
  hysteresis: number,
  severity?: Severity,
): readonly RuleProblem[] {
  const of = severity === undefined ? {} : { severity };
  if (!Number.isFinite(hysteresis)) return [{ code: 'NOT_FINITE', ...of }];
  if (hysteresis < 0) return [{ code: 'HYSTERESIS_NEGATIVE', ...of }];
  if ('limit' in limit === (side === 'outside')) return [{ code: 'LIMIT_OF_OTHER_SIDE', ...of }];
  if ('limit' in limit) return Number.isFinite(limit.limit) ? [] : [{ code: 'NOT_FINITE', ...of }];
  const { low, high } = limit;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [{ code: 'NOT_FINITE', ...of }];
  if (low >= high) return [{ code: 'BAND_EMPTY', ...of }];
  return low + hysteresis >= high - hysteresis ? [{ code: 'HYSTERESIS_TOO_WIDE', ...of }] : [];
}
