import type { AgencyId, AlarmId, DeviceId, PointId, RuleId, SeriesId, SiteId, UserId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import type { Severity } from './rule.ts';
import type { SuppressionWindowId } from './suppression-window.ts';
import type { EpochMs } from './time.ts';

/** State of the thing watched. `pending` exists only inside the machine: it is not yet an alarm. */
export type AlarmCondition = 'active' | 'cleared';
/** State of people's work on it; never mixed with the condition. */
export type AlarmWork = 'new' | 'acknowledged' | 'in_progress' | 'resolved';

/** Those that a person gives to one occurrence. */
export const SHELVING_KINDS = ['shelved', 'maintenance', 'out_of_service'] as const;
/** `carrier_down`: by design, while the gateway or site it hangs on is down and has an alarm of its own. */
export const SUPPRESSION_KINDS = [...SHELVING_KINDS, 'carrier_down'] as const;
/** Hidden from the list with reason, owner and end; evaluation goes on. */
export interface Suppression {
  readonly kind: (typeof SUPPRESSION_KINDS)[number];
  /** A person's words; empty for `carrier_down`. */
  readonly reason: string;
  /** `null`: the platform itself. */
  readonly by: UserId | null;
  readonly since: EpochMs;
  /** `null`: until a person, a step in a device's life or the carrier's return ends it. */
  readonly until: EpochMs | null;
  /** The window on its scope that hides it; with neither this nor `carrier` the occurrence alone is hidden. */
  readonly window?: SuppressionWindowId;
  /** What is down. */
  readonly carrier?: CarrierRef;
}
/** True for what goes by the scope and not by the occurrence alone. */
export const isOfScope = ({ window, carrier }: Suppression): boolean => window !== undefined || carrier !== undefined;

/** What others hang on: a gateway that their data travels by, or a site that feeds, contains or carries theirs. */
export type CarrierRef =
  | { readonly kind: 'device'; readonly id: DeviceId }
  | { readonly kind: 'site'; readonly id: SiteId };

/**
 * What late data says of an occurrence that was judged without it. `corrected`: its first activation began, its last one cleared
 * (`null`: not yet), and there were this many. `not_confirmed`: with all readings known there is no such occurrence, or it is
 * `partOf` an earlier one that went on without a break. `cause`: readings were not late, people or checks judged them differently since.
 */
export type AlarmRevision = (
  | {
      readonly kind: 'corrected';
      readonly startedAt: EpochMs;
      readonly clearedAt: EpochMs | null;
      readonly worstSeverity: Severity;
      readonly activationCount: number;
    }
  | { readonly kind: 'not_confirmed'; readonly partOf?: AlarmId }
) & { readonly cause?: 'verdict' };

/** An alarm of an area as a whole: its points when it was judged, and those of them in breach at its last change of level. */
export interface AlarmArea {
  readonly points: readonly PointId[];
  readonly breaching: readonly PointId[];
}

/** `points`: the first of those behind it, for the map; `pointsBehind` counts all. */
export type AlarmCarrier = CarrierRef & { readonly pointsBehind: number; readonly points: readonly PointId[] };

/**
 * One occurrence of one rule on its scope: one series, one point whose series are put together, or an area. Condition times are event times. An area's
 * alarm is shown at (and readable by who may read) the point that was farthest out when it began.
 */
export interface Alarm {
  readonly id: AlarmId;
  readonly agencyId: AgencyId;
  readonly ruleId: RuleId;
  readonly ruleVersion: number;
  readonly series: SeriesId;
  readonly pointId: PointId;
  /** Present: the alarm is the area's, not the point's alone. */
  readonly area?: AlarmArea;
  /** Present: what is down carries others, whose silence is kept quiet; how many points were behind it when it began. */
  readonly carrier?: AlarmCarrier;
  readonly quantity: QuantityKey;
  /** `past`: found in late data; listed and counted, told to nobody, ended from the start. */
  readonly origin: 'live' | 'past';
  readonly condition: AlarmCondition;
  readonly work: AlarmWork;
  readonly severity: Severity;
  readonly worstSeverity: Severity;
  /** When the first activation began. */
  readonly startedAt: EpochMs;
  /** When the current (or last) activation began. */
  readonly activatedAt: EpochMs;
  readonly activationCount: number;
  readonly clearedAt: EpochMs | null;
  /** When the occurrence ended: cleared and acknowledged, or resolved by hand. `null` while open. */
  readonly endedAt: EpochMs | null;
  /** Set while its data has stopped; neither clears nor raises. */
  readonly silentSince: EpochMs | null;
  /** Value that activated it, the worst value while active, the last judged value; in the quantity's unit (no_data: `null`). */
  readonly triggerValue: number | null;
  readonly worstValue: number | null;
  readonly lastValue: number | null;
  /** The limit that was crossed by the level in force. */
  readonly limit: number | null;
  /** Some judged reading was suspect. */
  readonly onSuspectData: boolean;
  readonly suppression: Suppression | null;
  readonly assignee: UserId | null;
  readonly revision: AlarmRevision | null;
  /** When the platform raised it. */
  readonly recordedAt: EpochMs;
  /** Rises with every transition. */
  readonly version: number;
}

export const TRANSITION_KINDS = [
  'activated',
  'reactivated',
  'cleared',
  'severity_raised',
  'severity_lowered',
  'silent',
  'heard_again',
  'acknowledged',
  'acknowledgement_taken_back',
  'work_started',
  'assigned',
  'commented',
  'resolved',
  'ended',
  'suppressed',
  'unsuppressed',
  'revised',
  'rule_withdrawn',
] as const;
export type TransitionKind = (typeof TRANSITION_KINDS)[number];

/** One line of an alarm's history. Append-only. */
export interface AlarmTransition {
  readonly alarmId: AlarmId;
  /** 1, 2, 3 … within the alarm; equals the alarm's `version` after it. */
  readonly index: number;
  readonly kind: TransitionKind;
  /** When it happened in the world. */
  readonly eventTime: EpochMs;
  /** When the platform recorded it. */
  readonly recordedAt: EpochMs;
  readonly by: UserId | null;
  readonly severity: Severity;
  readonly value: number | null;
  /** A person's words (comment, reason of resolution or shelving). */
  readonly note: string | null;
  /** What hides the alarm from this line on. */
  readonly suppression?: Suppression;
  /** Who is to look after it from this line on. */
  readonly assignee?: UserId | null;
}

/** ISA-18.2 / IEC 62682 name of an occurrence's state; `null` means no occurrence is open. */
export type Isa182State = 'NORM' | 'UNACK' | 'ACKED' | 'RTNUN' | 'SHLVD' | 'DSUPR' | 'OOSRV';
