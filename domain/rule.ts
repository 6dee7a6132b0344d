import type { ActiveTimes } from './active-times.ts';
import type { AgencyId, DeviceModelId, PointId, RuleId, SiteId, UserId, WardCode } from './identifiers.ts';
import type { JointCondition } from './joint-condition.ts';
import type { Localized } from './localized.ts';
import type { QuantityKey } from './quantity.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** Worst first. */
export const SEVERITIES = ['critical', 'major', 'minor', 'notice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** 0 for critical … 3 for notice: smaller is worse. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);
/** True when `a` is worse than `b`. */
export const isWorse = (a: Severity, b: Severity): boolean => severityRank(a) < severityRank(b);

export interface LevelBase {
  readonly severity: Severity;
  /** How long the breach must last without a break, in event time, before this level counts. 0: at once. */
  readonly hold: DurationMs;
}
/** Breached at value ≥ limit (above) or ≤ limit (below). */
export interface LimitLevel extends LevelBase {
  readonly limit: number;
}
/** Breached at value ≤ low or ≥ high; low < high. */
export interface BandLevel extends LevelBase {
  readonly low: number;
  readonly high: number;
}
/** Breached when nothing arrived (or nothing moved) for `hold`. */
export type SilenceLevel = LevelBase;

/** How readings of a window are gathered. The window is (at − `length`, at], in event time, of the readings that the rule judges. */
interface WindowBase {
  readonly length: DurationMs;
  /** How often readings are expected; > 0. */
  readonly interval: DurationMs;
  /** Least share of the expected readings, in [0, 1]. With fewer, nothing is judged and the condition stays as it is. */
  readonly minimumCapture: number;
}
/** What is judged in place of the reading itself. Percentiles are by nearest rank, 0 < percentile ≤ 100. */
export type RollingStatistic =
  | (WindowBase & { readonly statistic: 'mean' | 'max' | 'min' })
  | (WindowBase & { readonly statistic: 'percentile'; readonly percentile: number });
export const ROLLING_STATISTICS = [
  'mean',
  'max',
  'min',
  'percentile',
] as const satisfies RollingStatistic['statistic'][];

interface Judging {
  /** Absent: each reading is judged by itself. */
  readonly over?: RollingStatistic;
}

/**
 * What a rule watches for. Levels are in any order, at most one per severity, at least one.
 * `hysteresis` (≥ 0, in the quantity's unit) is how far inside the limit the value must come back before it counts as cleared: a high alarm
 * clears at value < limit − hysteresis (with hysteresis 0: value < limit).
 */
export type Condition = SeriesCondition | JointCondition;

/** Conditions that one series meets by itself. */
export type SeriesCondition =
  | ({ readonly kind: 'above'; readonly levels: readonly LimitLevel[]; readonly hysteresis: number } & Judging)
  | ({ readonly kind: 'below'; readonly levels: readonly LimitLevel[]; readonly hysteresis: number } & Judging)
  | ({ readonly kind: 'outside'; readonly levels: readonly BandLevel[]; readonly hysteresis: number } & Judging)
  | {
      /** |change| (or the change in `direction`) between a reading and the oldest reading within `window` before it, ≥ limit. */
      readonly kind: 'rate_of_change';
      readonly direction: 'rising' | 'falling' | 'either';
      readonly window: DurationMs;
      readonly levels: readonly LimitLevel[];
      readonly hysteresis: number;
    }
  | {
      /** Greatest − least of the window's readings ≤ `tolerance` (≥ 0), at least two of them: the sensor says the same again and again. */
      readonly kind: 'frozen';
      readonly tolerance: number;
      readonly within: WindowBase;
      readonly levels: readonly SilenceLevel[];
    }
  | { readonly kind: 'no_data'; readonly levels: readonly SilenceLevel[] };

/** GeoJSON's order: longitude, latitude, WGS 84 degrees. */
export type Position = readonly [longitude: number, latitude: number];

/**
 * Which points of the rule's agency it watches; every part given must match, an empty selection matches all points that have the quantity: it
 * is agency-wide. Of tags a point needs all, of the other lists it needs to be in one.
 */
export interface PointSelection {
  readonly points?: readonly PointId[];
  readonly sites?: readonly SiteId[];
  readonly tags?: readonly string[];
  /** Models of the devices that serve the point now. */
  readonly models?: readonly DeviceModelId[];
  readonly wards?: readonly WardCode[];
  /** Outline of an area: at least three corners, the last one joined to the first (or the same). A point on the line is in the area. */
  readonly polygon?: readonly Position[];
}

export interface Rule {
  readonly id: RuleId;
  readonly agencyId: AgencyId;
  /** 1, 2, 3 …: every edit is a new version, older ones are kept. */
  readonly version: number;
  readonly name: Localized;
  /** What to do, shown with the alarm. */
  readonly advice: Localized | null;
  readonly enabled: boolean;
  readonly quantity: QuantityKey;
  readonly selection: PointSelection;
  readonly condition: Condition;
  /** How long the value must stay inside before the alarm clears, event time. */
  readonly clearHold: DurationMs;
  /** Whether suspect readings are judged (default true; they mark the alarm). */
  readonly judgeSuspect: boolean;
  /** Severities whose alarms end on clearing, without acknowledgement. */
  readonly endsUnacknowledged: readonly Severity[];
  /** Its alarm at a site says that the site is down: silence of what the site feeds, contains or carries is kept quiet meanwhile. */
  readonly quietsBehind?: true;
  /** Absent: at all times. */
  readonly active?: ActiveTimes;
  /** Text of its alarms, with placeholders such as `{point}`; absent: the platform's own wording. */
  readonly message?: Localized;
  /** The second person who let this version go live; absent where none was needed. */
  readonly approvedBy?: UserId;
  readonly createdBy: UserId | null;
  readonly createdAt: EpochMs;
}
