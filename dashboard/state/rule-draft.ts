import type { RuleEdit, RuleWire } from '../../api/contract/rules.ts';
import { isJoint, type JointCondition } from '../../domain/joint-condition.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import {
  type Condition,
  type PointSelection,
  ROLLING_STATISTICS,
  type RollingStatistic,
  SEVERITIES,
  type SeriesCondition,
  type Severity,
} from '../../domain/rule.ts';
import { minutes } from '../../domain/time.ts';

export const CONDITION_KINDS = ['above', 'below', 'outside', 'rate_of_change', 'frozen', 'no_data'] as const;
export type ConditionKind = (typeof CONDITION_KINDS)[number];

/** Whether each reading is judged by itself, or what of its window. */
export const MEASURES = ['each', ...ROLLING_STATISTICS] as const;
export type Measure = (typeof MEASURES)[number];

/** Whether levels of this kind have limits, with a hysteresis; those of stillness and silence have only a time. */
export const hasLimits = (kind: ConditionKind): boolean => kind !== 'frozen' && kind !== 'no_data';
/** Whether a statistic can be judged in place of each reading. */
export const takesMeasure = (kind: ConditionKind): kind is 'above' | 'below' | 'outside' =>
  kind === 'above' || kind === 'below' || kind === 'outside';

/** One level as it stands in the form; `null` is an empty field. Which of the limits counts is the condition's. */
export interface LevelDraft {
  readonly severity: Severity;
  readonly holdMinutes: number | null;
  readonly limit: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A rule as it stands in the form: every field at once, whatever the kind of condition, so that changing the kind loses nothing. */
export interface RuleDraft {
  readonly nameVi: string;
  readonly nameEn: string;
  readonly adviceVi: string;
  readonly adviceEn: string;
  readonly enabled: boolean;
  readonly quantity: string;
  readonly points: readonly string[];
  readonly tags: readonly string[];
  readonly sites: readonly string[];
  readonly kind: ConditionKind;
  readonly direction: 'rising' | 'falling' | 'either';
  readonly measure: Measure;
  readonly percentile: number | null;
  /** Of a change, a statistic or stillness. */
  readonly windowMinutes: number | null;
  /** How often readings of a window are expected. */
  readonly intervalMinutes: number | null;
  readonly capturePercent: number | null;
  readonly tolerance: number | null;
  readonly hysteresis: number | null;
  readonly levels: readonly LevelDraft[];
  readonly clearHoldMinutes: number | null;
  readonly judgeSuspect: boolean;
  readonly endsUnacknowledged: readonly Severity[];
  /** What the form has no fields for; it goes back as it came. */
  readonly kept: KeptParts;
}

/** Parts of a rule that are kept as they are. A `condition` takes the place of the form's. */
export interface KeptParts {
  readonly condition: JointCondition | null;
  readonly rest: Pick<RuleWire, 'active' | 'message'>;
  readonly selection: Pick<PointSelection, 'models' | 'wards' | 'polygon'>;
}

const newLevel = (severity: Severity): LevelDraft => ({
  severity,
  holdMinutes: 0,
  limit: null,
  low: null,
  high: null,
});

export const EMPTY_DRAFT: RuleDraft = {
  nameVi: '',
  nameEn: '',
  adviceVi: '',
  adviceEn: '',
  enabled: true,
  quantity: '',
  points: [],
  tags: [],
  sites: [],
  kind: 'above',
  direction: 'rising',
  measure: 'each',
  percentile: 90,
  windowMinutes: 60,
  intervalMinutes: 10,
  capturePercent: 75,
  tolerance: 0,
  hysteresis: 0,
  levels: [newLevel('major')],
  clearHoldMinutes: 0,
  judgeSuspect: true,
  endsUnacknowledged: [],
  kept: { condition: null, rest: {}, selection: {} },
};

const inMinutes = (milliseconds: number): number => milliseconds / 60_000;

type WindowDraft = Pick<RuleDraft, 'windowMinutes' | 'intervalMinutes' | 'capturePercent'>;

function windowDraftOf(condition: SeriesCondition): WindowDraft {
  const { windowMinutes, intervalMinutes, capturePercent } = EMPTY_DRAFT;
  if (condition.kind === 'rate_of_change') {
    return { windowMinutes: inMinutes(condition.window), intervalMinutes, capturePercent };
  }
  const window = condition.kind === 'frozen' ? condition.within : overOf(condition);
  if (window === undefined) return { windowMinutes, intervalMinutes, capturePercent };
  return {
    windowMinutes: inMinutes(window.length),
    intervalMinutes: inMinutes(window.interval),
    capturePercent: window.minimumCapture * 100,
  };
}

const overOf = (condition: SeriesCondition): RollingStatistic | undefined =>
  'over' in condition ? condition.over : undefined;

export function draftOf(rule: RuleEdit): RuleDraft {
  const { condition } = rule;
  return { ...fieldsOf(rule), ...(isJoint(condition) ? {} : conditionFieldsOf(condition)), kept: keptOf(rule) };
}

function keptOf({ condition, selection, active, message }: RuleEdit): KeptParts {
  const { models, wards, polygon } = selection;
  return {
    condition: isJoint(condition) ? condition : null,
    rest: { ...(active === undefined ? {} : { active }), ...(message === undefined ? {} : { message }) },
    selection: {
      ...(models === undefined ? {} : { models }),
      ...(wards === undefined ? {} : { wards }),
      ...(polygon === undefined ? {} : { polygon }),
    },
  };
}

function fieldsOf(rule: RuleEdit): RuleDraft {
  return {
    ...EMPTY_DRAFT,
    nameVi: rule.name.vi,
    nameEn: rule.name.en,
    adviceVi: rule.advice?.vi ?? '',
    adviceEn: rule.advice?.en ?? '',
    enabled: rule.enabled,
    quantity: rule.quantity,
    points: rule.selection.points ?? [],
    tags: rule.selection.tags ?? [],
    sites: rule.selection.sites ?? [],
    clearHoldMinutes: inMinutes(rule.clearHold),
    judgeSuspect: rule.judgeSuspect,
    endsUnacknowledged: rule.endsUnacknowledged,
  };
}

function conditionFieldsOf(condition: SeriesCondition): Partial<RuleDraft> {
  const over = overOf(condition);
  return {
    kind: condition.kind,
    direction: condition.kind === 'rate_of_change' ? condition.direction : 'rising',
    ...windowDraftOf(condition),
    measure: over?.statistic ?? 'each',
    percentile: over?.statistic === 'percentile' ? over.percentile : EMPTY_DRAFT.percentile,
    tolerance: condition.kind === 'frozen' ? condition.tolerance : EMPTY_DRAFT.tolerance,
    hysteresis: 'hysteresis' in condition ? condition.hysteresis : 0,
    levels: condition.levels.map((level) => ({
      severity: level.severity,
      holdMinutes: inMinutes(level.hold),
      limit: 'limit' in level ? level.limit : null,
      low: 'low' in level ? level.low : null,
      high: 'high' in level ? level.high : null,
    })),
  };
}

/** The draft with one more level, of the worst severity not yet used; the same draft when all four are. */
export function withLevel(draft: RuleDraft): RuleDraft {
  const unused = SEVERITIES.find((severity) => !draft.levels.some((level) => level.severity === severity));
  return unused === undefined ? draft : { ...draft, levels: [...draft.levels, newLevel(unused)] };
}

/** Fields that must be filled before the rule can be sent. */
export type DraftGap =
  | 'name'
  | 'quantity'
  | 'levels'
  | 'limit'
  | 'hold'
  | 'window'
  | 'capture'
  | 'percentile'
  | 'tolerance'
  | 'advice';

function conditionOf(draft: RuleDraft, gaps: Set<DraftGap>): Condition {
  const need = (value: number | null, gap: DraftGap): number => {
    if (value === null || !Number.isFinite(value)) gaps.add(gap);
    return value ?? 0;
  };
  if (draft.levels.length === 0) gaps.add('levels');
  const base = (level: LevelDraft) => ({
    severity: level.severity,
    hold: minutes(need(level.holdMinutes, 'hold')),
  });
  const limited = () => draft.levels.map((level) => ({ ...base(level), limit: need(level.limit, 'limit') }));
  const hysteresis = draft.hysteresis ?? 0;
  const windowed = () => ({
    length: minutes(need(draft.windowMinutes, 'window')),
    interval: minutes(need(draft.intervalMinutes, 'window')),
    minimumCapture: need(draft.capturePercent, 'capture') / 100,
  });
  const judging = (): { over?: RollingStatistic } => {
    switch (draft.measure) {
      case 'each':
        return {};
      case 'percentile':
        return { over: { statistic: 'percentile', percentile: need(draft.percentile, 'percentile'), ...windowed() } };
      default:
        return { over: { statistic: draft.measure, ...windowed() } };
    }
  };
  switch (draft.kind) {
    case 'above':
    case 'below':
      return { kind: draft.kind, levels: limited(), hysteresis, ...judging() };
    case 'outside':
      return {
        kind: 'outside',
        hysteresis,
        levels: draft.levels.map((level) => ({
          ...base(level),
          low: need(level.low, 'limit'),
          high: need(level.high, 'limit'),
        })),
        ...judging(),
      };
    case 'rate_of_change':
      return {
        kind: 'rate_of_change',
        direction: draft.direction,
        window: minutes(need(draft.windowMinutes, 'window')),
        levels: limited(),
        hysteresis,
      };
    case 'frozen':
      return {
        kind: 'frozen',
        tolerance: need(draft.tolerance, 'tolerance'),
        within: windowed(),
        levels: draft.levels.map(base),
      };
    case 'no_data':
      return { kind: 'no_data', levels: draft.levels.map(base) };
  }
}

/** What is sent to the server, or what is missing. Whether it makes sense is the server's to say. */
export function ruleOf(
  draft: RuleDraft,
): { readonly ok: true; readonly rule: RuleEdit } | { readonly ok: false; readonly gaps: readonly DraftGap[] } {
  const gaps = new Set<DraftGap>();
  if (draft.nameVi.trim() === '' || draft.nameEn.trim() === '') gaps.add('name');
  if (draft.quantity === '') gaps.add('quantity');
  const hasAdvice = draft.adviceVi.trim() !== '' || draft.adviceEn.trim() !== '';
  if (hasAdvice && (draft.adviceVi.trim() === '' || draft.adviceEn.trim() === '')) gaps.add('advice');
  const condition = draft.kept.condition ?? conditionOf(draft, gaps);
  if (gaps.size > 0) return { ok: false, gaps: [...gaps] };
  const rule = {
    name: { vi: draft.nameVi.trim(), en: draft.nameEn.trim() },
    advice: hasAdvice ? { vi: draft.adviceVi.trim(), en: draft.adviceEn.trim() } : null,
    enabled: draft.enabled,
    quantity: draft.quantity as QuantityKey,
    selection: {
      ...(draft.points.length > 0 ? { points: draft.points } : {}),
      ...(draft.sites.length > 0 ? { sites: draft.sites } : {}),
      ...(draft.tags.length > 0 ? { tags: draft.tags } : {}),
      ...draft.kept.selection,
    },
    condition,
    clearHold: minutes(draft.clearHoldMinutes ?? 0),
    judgeSuspect: draft.judgeSuspect,
    endsUnacknowledged: draft.endsUnacknowledged,
    ...draft.kept.rest,
  };
  return { ok: true, rule: rule as RuleEdit };
}
