import type { CompiledLevel } from './compiled-rule.ts';
import type { JointCondition, JudgingGrid, LimitSide, PartLimit } from './joint-condition.ts';
import type { QuantityKey } from './quantity.ts';
import { type RollingStatistic, type Severity, severityRank } from './rule.ts';

/** What is taken of an input at an instant. */
export interface CompiledSource {
  /** Readings in (T − spanMs, T] count. */
  readonly spanMs: number;
  /** `null`: the newest of them. */
  readonly over: RollingStatistic | null;
  /** Fewest readings with which the statistic says anything; else the input is silent. */
  readonly leastReadings: number;
}

/** Limits with their hysteresis, two numbers a side; ±∞ on a side that has none. */
export interface CompiledLimits {
  readonly high: number;
  readonly low: number;
  readonly clearHigh: number;
  readonly clearLow: number;
}

/** A quantity of a combination. `limits`: of the levels, worst first. */
export interface CompiledPart {
  readonly source: CompiledSource;
  readonly limits: readonly CompiledLimits[];
}

interface CompiledGrid {
  readonly stepMs: number;
  readonly settleMs: number;
  /** Readings in (T − reachMs, T] have a part in what is judged at T. */
  readonly reachMs: number;
}

/** How a {@link JointCondition} puts its inputs together. */
export type CompiledJoint = CompiledGrid &
  (
    | {
        readonly kind: 'combination';
        readonly join: 'all' | 'any';
        readonly parts: readonly CompiledPart[];
        /** The part whose value people are told. */
        readonly shown: number;
      }
    | {
        readonly kind: 'area_count';
        readonly source: CompiledSource;
        readonly limits: CompiledLimits;
        readonly minimumHeard: number;
      }
    | {
        readonly kind: 'neighbours';
        readonly source: CompiledSource;
        readonly direction: 'above' | 'below' | 'either';
        readonly percent: boolean;
        readonly minimumNeighbours: number;
      }
  );

const sourceOf = ({ maximumAge }: JudgingGrid, over: RollingStatistic | undefined): CompiledSource =>
  over === undefined
    ? { spanMs: maximumAge, over: null, leastReadings: 1 }
    : {
        spanMs: over.length,
        over,
        leastReadings: Math.max(1, Math.ceil((over.minimumCapture * over.length) / over.interval)),
      };

function limitsOf(side: LimitSide, limit: PartLimit, hysteresis: number): CompiledLimits {
  const high = 'limit' in limit ? (side === 'above' ? limit.limit : Number.POSITIVE_INFINITY) : limit.high;
  const low = 'limit' in limit ? (side === 'below' ? limit.limit : Number.NEGATIVE_INFINITY) : limit.low;
  return { high, low, clearHigh: high - hysteresis, clearLow: low + hysteresis };
}

/** The first part of the rule's quantity, else the first. */
const shownPart = ({ parts }: Extract<JointCondition, { kind: 'combination' }>, quantity: QuantityKey): number =>
  Math.max(
    0,
    parts.findIndex((part) => part.quantity === quantity),
  );

/** `quantity`: the rule's. */
export function compileJoint(condition: JointCondition, quantity: QuantityKey): CompiledJoint {
  const { at } = condition;
  const grid = (sources: readonly CompiledSource[]): CompiledGrid => ({
    stepMs: at.step,
    settleMs: at.settle,
    reachMs: Math.max(...sources.map(({ spanMs }) => spanMs)),
  });
  switch (condition.kind) {
    case 'combination': {
      const levels = [...condition.levels].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
      const parts = condition.parts.map(
        ({ side, hysteresis, over }, i): CompiledPart => ({
          source: sourceOf(at, over),
          limits: levels.map(({ limits }) => limitsOf(side, limits[i]!, hysteresis)),
        }),
      );
      return {
        ...grid(parts.map(({ source }) => source)),
        kind: 'combination',
        join: condition.join,
        parts,
        shown: shownPart(condition, quantity),
      };
    }
    case 'area_count': {
      const { side, limit, hysteresis, over } = condition.each;
      const source = sourceOf(at, over);
      const limits = limitsOf(side, limit, hysteresis);
      return { ...grid([source]), kind: 'area_count', source, limits, minimumHeard: condition.minimumHeard };
    }
    case 'neighbours': {
      const source = sourceOf(at, undefined);
      const { direction, minimumNeighbours } = condition;
      const percent = condition.measure === 'percent';
      return { ...grid([source]), kind: 'neighbours', source, direction, percent, minimumNeighbours };
    }
  }
}

const FROM_ABOVE = { low: Number.NEGATIVE_INFINITY, clearLow: Number.NEGATIVE_INFINITY };

/**
 * The levels as the alarm machine sees them. What it is given at an instant is a number to be breached by, and one to be back inside by, both
 * against the same limits: of a combination how many levels (counted from the mildest) are in breach, and how many have not returned; of an
 * area how many points are, and how many have not; of a neighbourhood the deviation, twice.
 */
export function compileJointLevels(condition: JointCondition, quantity: QuantityKey): readonly CompiledLevel[] {
  switch (condition.kind) {
    case 'combination': {
      const shown = shownPart(condition, quantity);
      const { side } = condition.parts[shown]!;
      return condition.levels.map(({ severity, hold, limits }) => {
        const { high, low } = limitsOf(side, limits[shown]!, 0);
        return { ...counted(severity, hold, rankOf(condition.levels, severity)), shownHigh: high, shownLow: low };
      });
    }
    case 'area_count': {
      const { high, low } = limitsOf(condition.each.side, condition.each.limit, 0);
      return condition.levels.map(({ severity, hold, points }) => ({
        ...counted(severity, hold, points),
        shownHigh: high,
        shownLow: low,
      }));
    }
    case 'neighbours':
      return condition.levels.map(({ severity, hold, limit }) => ({
        ...counted(severity, hold, limit),
        clearHigh: limit - condition.hysteresis,
        shownHigh: limit,
        shownLow: Number.NEGATIVE_INFINITY,
      }));
  }
}

const counted = (severity: Severity, holdMs: number, high: number) => ({
  severity,
  holdMs,
  high,
  clearHigh: high,
  ...FROM_ABOVE,
});

/** 1 for the mildest level. */
const rankOf = (levels: readonly { readonly severity: Severity }[], severity: Severity): number =>
  levels.filter((other) => severityRank(other.severity) >= severityRank(severity)).length;
