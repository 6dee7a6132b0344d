import type { QuantityKey } from './quantity.ts';
import type { Condition, LevelBase, LimitLevel, RollingStatistic } from './rule.ts';
import type { DurationMs } from './time.ts';

/**
 * When readings of several series are put together: at the instants k · `step` since the epoch, in event time. At an instant T every input
 * gives its newest judged reading in (T − `maximumAge`, T], or its rolling statistic over the window that ends at T; one with neither is
 * silent at T.
 */
export interface JudgingGrid {
  /** > 0. A hold ends at an instant, so that holds shorter than this last until the next one. */
  readonly step: DurationMs;
  /** > 0: longer than the sensors' own interval, or they fall silent between readings. */
  readonly maximumAge: DurationMs;
  /** How long after T readings are waited for before live judges it (≥ 0); what comes later than that is late. */
  readonly settle: DurationMs;
}

export const LIMIT_SIDES = ['above', 'below', 'outside'] as const;
/** The side on which a value is in breach: at or above a limit, at or below one, or at or beyond either end of a band. */
export type LimitSide = (typeof LIMIT_SIDES)[number];

/** `limit` for the sides above and below, `low` < `high` for outside. */
export type PartLimit = { readonly limit: number } | { readonly low: number; readonly high: number };

/** One quantity of a combination. `hysteresis` (≥ 0, in its unit): how far inside its limit it must come back to count as returned. */
export interface CombinationPart {
  readonly quantity: QuantityKey;
  readonly side: LimitSide;
  readonly hysteresis: number;
  /** Absent: the newest reading is judged. */
  readonly over?: RollingStatistic;
}
/** `limits`: one for each part, in their order. */
export interface CombinationLevel extends LevelBase {
  readonly limits: readonly PartLimit[];
}

/** What is asked of each point of an area. */
export interface AreaBreach {
  readonly side: LimitSide;
  readonly limit: PartLimit;
  readonly hysteresis: number;
  readonly over?: RollingStatistic;
}
/** In breach while at least `points` (≥ 1) of the area's points are. */
export interface AreaLevel extends LevelBase {
  readonly points: number;
}

/** Conditions over several series. The rule's `quantity` is the one whose value its alarms show. */
export type JointCondition =
  | {
      /**
       * Several quantities of one point, one of which is the rule's. `all`: in breach while every part is, back inside when any part is;
       * `any`: in breach while any part is, back inside when all are. Where a silent part leaves that open, nothing is judged. Watched are the
       * selected points that have all the quantities.
       */
      readonly kind: 'combination';
      readonly join: 'all' | 'any';
      /** 2 … 6, each quantity with each statistic at most once. */
      readonly parts: readonly CombinationPart[];
      readonly levels: readonly CombinationLevel[];
      readonly at: JudgingGrid;
    }
  | {
      /**
       * k of the selected points: one alarm for all of them. A point counts as in breach at its limit, and as not yet returned until it is
       * inside by the hysteresis; a level clears when fewer than its `points` have not returned. Silent points count as neither; while less than
       * the share `minimumHeard` (in [0, 1]) of the points is heard, nothing is judged and the condition stays as it is.
       */
      readonly kind: 'area_count';
      readonly each: AreaBreach;
      readonly minimumHeard: number;
      readonly levels: readonly AreaLevel[];
      readonly at: JudgingGrid;
    }
  | {
      /**
       * How far a point's value is from the median of its neighbours' (same quantity, same agency, another place's point at most `withinMetres`
       * away, whether selected or not): in the quantity's unit, or in percent of the median (nothing is judged while that is 0). `either` takes the
       * distance without its sign. With fewer than `minimumNeighbours` (≥ 1) heard, nothing is judged.
       */
      readonly kind: 'neighbours';
      readonly measure: 'absolute' | 'percent';
      readonly direction: 'above' | 'below' | 'either';
      readonly withinMetres: number;
      readonly minimumNeighbours: number;
      /** Limits are distances, > 0. */
      readonly levels: readonly LimitLevel[];
      readonly hysteresis: number;
      readonly at: JudgingGrid;
    };

const JOINT_KINDS: readonly string[] = [
  'combination',
  'area_count',
  'neighbours',
] as const satisfies JointCondition['kind'][];

export const isJoint = (condition: Condition): condition is JointCondition => JOINT_KINDS.includes(condition.kind);
