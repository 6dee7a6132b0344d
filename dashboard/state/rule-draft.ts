import type { RuleEdit } from '../../api/contract/rules.ts';
import type { Season, Weekday, WeeklyHours } from '../../domain/active-times.ts';
import type { LimitSide } from '../../domain/joint-condition.ts';
import {
  type Condition,
  type Position,
  ROLLING_STATISTICS,
  SEVERITIES,
  type Severity,
  severityRank,
} from '../../domain/rule.ts';

export const CONDITION_KINDS = [
  'above',
  'below',
  'outside',
  'rate_of_change',
  'frozen',
  'no_data',
  'combination',
  'area_count',
  'neighbours',
] as const satisfies readonly Condition['kind'][];
export type ConditionKind = (typeof CONDITION_KINDS)[number];

/** Whether each reading is judged by itself, or what of its window. */
export const MEASURES = ['each', ...ROLLING_STATISTICS] as const;
export type Measure = (typeof MEASURES)[number];

export const RATE_DIRECTIONS = ['rising', 'falling', 'either'] as const;
export const NEIGHBOUR_DIRECTIONS = ['above', 'below', 'either'] as const;
export const NEIGHBOUR_MEASURES = ['absolute', 'percent'] as const;
export const JOINS = ['all', 'any'] as const;

/** What a value is judged against; which of the three counts is the side's. `null` is an empty field, here and below. */
export interface LimitDraft {
  readonly limit: number | null;
  readonly low: number | null;
  readonly high: number | null;
}
/** What is judged in place of each reading. The window is also that of a change or of stillness. */
export interface StatisticDraft {
  readonly measure: Measure;
  readonly percentile: number | null;
  readonly windowMinutes: number | null;
  /** How often readings of a window are expected. */
  readonly intervalMinutes: number | null;
  readonly capturePercent: number | null;
}
export interface LevelDraft extends LimitDraft {
  readonly severity: Severity;
  readonly holdMinutes: number | null;
  /** Of an area: how many of its points. */
  readonly points: number | null;
  /** Of a combination: one for each part. */
  readonly limits: readonly LimitDraft[];
}
/** One quantity of a combination. */
export interface PartDraft extends StatisticDraft {
  readonly quantity: string;
  readonly side: LimitSide;
  readonly hysteresis: number | null;
}

/**
 * A rule as somebody is writing it: every field at once, whatever the kind of condition, so that changing the kind back and forth loses nothing. Times in
 * minutes, shares in percent, distances in kilometres: as people type them.
 */
export interface RuleDraft extends StatisticDraft {
  readonly nameVi: string;
  readonly nameEn: string;
  readonly adviceVi: string;
  readonly adviceEn: string;
  readonly messageVi: string;
  readonly messageEn: string;
  readonly enabled: boolean;
  readonly quantity: string;
  readonly points: readonly string[];
  readonly sites: readonly string[];
  readonly tags: readonly string[];
  readonly models: readonly string[];
  readonly wards: readonly string[];
  /** Corners of a drawn area; fewer than three while it is being drawn. */
  readonly polygon: readonly Position[];
  readonly kind: ConditionKind;
  readonly direction: (typeof RATE_DIRECTIONS)[number];
  readonly tolerance: number | null;
  readonly hysteresis: number | null;
  readonly levels: readonly LevelDraft[];
  readonly join: (typeof JOINS)[number];
  readonly parts: readonly PartDraft[];
  /** What is asked of each point of an area. */
  readonly side: LimitSide;
  readonly each: LimitDraft;
  readonly heardPercent: number | null;
  readonly distanceMeasure: (typeof NEIGHBOUR_MEASURES)[number];
  readonly neighbourDirection: (typeof NEIGHBOUR_DIRECTIONS)[number];
  readonly withinKm: number | null;
  readonly minimumNeighbours: number | null;
  readonly stepMinutes: number | null;
  readonly ageMinutes: number | null;
  readonly settleMinutes: number | null;
  readonly clearHoldMinutes: number | null;
  readonly judgeSuspect: boolean;
  readonly endsUnacknowledged: readonly Severity[];
  /** Whether its alarm says that the site is down. An area has no site: with its kind it isn't sent. */
  readonly quietsBehind: boolean;
  readonly weekly: readonly WeeklyHours[];
  readonly seasons: readonly Season[];
  /** Fields of a rule that this form has nothing for; they go back as they came. */
  readonly kept: Readonly<Record<string, unknown>>;
}

export const NO_LIMIT: LimitDraft = { limit: null, low: null, high: null };
const EACH_READING: StatisticDraft = {
  measure: 'each',
  percentile: 90,
  windowMinutes: 60,
  intervalMinutes: 10,
  capturePercent: 75,
};
const newLevel = (severity: Severity, parts: readonly unknown[]): LevelDraft => ({
  severity,
  holdMinutes: 0,
  ...NO_LIMIT,
  points: null,
  limits: parts.map(() => NO_LIMIT),
});
const newPart = (quantity: string): PartDraft => ({ ...EACH_READING, quantity, side: 'above', hysteresis: 0 });

export const EMPTY_DRAFT: RuleDraft = {
  ...EACH_READING,
  nameVi: '',
  nameEn: '',
  adviceVi: '',
  adviceEn: '',
  messageVi: '',
  messageEn: '',
  enabled: true,
  quantity: '',
  points: [],
  sites: [],
  tags: [],
  models: [],
  wards: [],
  polygon: [],
  kind: 'above',
  direction: 'rising',
  tolerance: 0,
  hysteresis: 0,
  levels: [newLevel('major', [])],
  join: 'all',
  parts: [],
  side: 'above',
  each: NO_LIMIT,
  heardPercent: 50,
  distanceMeasure: 'percent',
  neighbourDirection: 'either',
  withinKm: 5,
  minimumNeighbours: 3,
  stepMinutes: 5,
  ageMinutes: 30,
  settleMinutes: 1,
  clearHoldMinutes: 0,
  judgeSuspect: true,
  endsUnacknowledged: [],
  quietsBehind: false,
  weekly: [],
  seasons: [],
  kept: {},
};

/** Whether levels of this kind have a limit of their own, with a hysteresis beside the levels. */
export const hasHysteresis = (kind: ConditionKind): boolean =>
  ['above', 'below', 'outside', 'rate_of_change', 'neighbours'].includes(kind);
/** Whether a statistic can be judged in place of each reading of the rule's quantity. */
export const takesMeasure = (kind: ConditionKind): boolean =>
  ['above', 'below', 'outside', 'area_count'].includes(kind);
/** Whether an alarm of it is of one place, which can be down. */
export const isOfOneSite = (kind: ConditionKind): boolean => kind !== 'area_count';
/** Whether readings of several series are put together at common instants. */
export const hasGrid = (kind: ConditionKind): boolean => ['combination', 'area_count', 'neighbours'].includes(kind);

/** The draft with one more level: the mildest that is worse than all there are, else the worst unused; the same when all four are used. */
export function withLevel(draft: RuleDraft): RuleDraft {
  const used = draft.levels.map(({ severity }) => severityRank(severity));
  const unused = SEVERITIES.filter((severity) => !used.includes(severityRank(severity)));
  const next = unused.findLast((severity) => severityRank(severity) < Math.min(...used)) ?? unused[0];
  return next === undefined ? draft : { ...draft, levels: [...draft.levels, newLevel(next, draft.parts)] };
}

/** The draft with the kind of condition. A combination begins with the rule's own quantity and room for another. */
export function withKind(draft: RuleDraft, kind: ConditionKind): RuleDraft {
  if (kind !== 'combination' || draft.parts.length > 0) return { ...draft, kind };
  const own: PartDraft = { ...newPart(draft.quantity), ...pick(draft, STATISTIC_FIELDS) };
  return withParts({ ...draft, kind }, [own, newPart('')]);
}

/** The draft with these parts, and a limit for each in every level: what had one keeps it, by its place. */
export const withParts = (draft: RuleDraft, parts: readonly PartDraft[]): RuleDraft => ({
  ...draft,
  parts,
  levels: draft.levels.map((level) => ({ ...level, limits: parts.map((_, i) => level.limits[i] ?? NO_LIMIT) })),
});
export const withPart = (draft: RuleDraft): RuleDraft => withParts(draft, [...draft.parts, newPart('')]);
export const withoutPart = (draft: RuleDraft, at: number): RuleDraft => {
  const others = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => i !== at);
  const levels = draft.levels.map((level) => ({ ...level, limits: others(level.limits) }));
  return { ...draft, levels, parts: others(draft.parts) };
};

/** The draft judging the quantity; the first part of a combination that had the one before, or none, follows. */
export function withQuantity(draft: RuleDraft, quantity: string): RuleDraft {
  const first = draft.parts.findIndex((part) => part.quantity === draft.quantity || part.quantity === '');
  const parts = draft.parts.some((part) => part.quantity === quantity)
    ? draft.parts
    : draft.parts.map((part, i) => (i === first ? { ...part, quantity } : part));
  return { ...draft, quantity, parts };
}

const STATISTIC_FIELDS = ['measure', 'percentile', 'windowMinutes', 'intervalMinutes', 'capturePercent'] as const;
const pick = <T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;

/* What is stored on the server: the rule's own fields, with `null` where a number is missing. */

const MINUTE_MS = 60_000;
const inMs = (minutes: number | null): number | null => (minutes === null ? null : Math.round(minutes * MINUTE_MS));
const share = (percent: number | null): number | null => (percent === null ? null : percent / 100);
const bilingual = (vi: string, en: string) => ({ vi: vi.trim(), en: en.trim() });
const isEmpty = ({ vi, en }: { readonly vi: string; readonly en: string }): boolean => vi === '' && en === '';
const windowOf = (draft: StatisticDraft) => ({
  length: inMs(draft.windowMinutes),
  interval: inMs(draft.intervalMinutes),
  minimumCapture: share(draft.capturePercent),
});
function overOf(draft: StatisticDraft): object {
  if (draft.measure === 'each') return {};
  const percentile = draft.measure === 'percentile' ? { percentile: draft.percentile } : {};
  return { over: { statistic: draft.measure, ...percentile, ...windowOf(draft) } };
}
const limitOf = (draft: LimitDraft, side: LimitSide): object =>
  side === 'outside' ? { low: draft.low, high: draft.high } : { limit: draft.limit };

function conditionOf(draft: RuleDraft): object {
  const { kind, hysteresis } = draft;
  const levels = (more: (level: LevelDraft) => object) =>
    draft.levels.map((level) => ({ severity: level.severity, hold: inMs(level.holdMinutes), ...more(level) }));
  const at = { step: inMs(draft.stepMinutes), maximumAge: inMs(draft.ageMinutes), settle: inMs(draft.settleMinutes) };
  switch (kind) {
    case 'above':
    case 'below':
    case 'outside':
      return { kind, levels: levels((level) => limitOf(level, kind)), hysteresis, ...overOf(draft) };
    case 'rate_of_change': {
      const { direction } = draft;
      const window = inMs(draft.windowMinutes);
      return { kind, direction, window, levels: levels((level) => limitOf(level, 'above')), hysteresis };
    }
    case 'frozen':
      return { kind, tolerance: draft.tolerance, within: windowOf(draft), levels: levels(() => ({})) };
    case 'no_data':
      return { kind, levels: levels(() => ({})) };
    case 'combination': {
      const parts = draft.parts.map((part) => ({ ...pick(part, ['quantity', 'side', 'hysteresis']), ...overOf(part) }));
      const limits = (level: LevelDraft) =>
        draft.parts.map(({ side }, i) => limitOf(level.limits[i] ?? NO_LIMIT, side));
      return { kind, join: draft.join, parts, levels: levels((level) => ({ limits: limits(level) })), at };
    }
    case 'area_count': {
      const { side } = draft;
      const each = { side, limit: limitOf(draft.each, side), hysteresis, ...overOf(draft) };
      const minimumHeard = share(draft.heardPercent);
      return { kind, each, minimumHeard, levels: levels(({ points }) => ({ points })), at };
    }
    case 'neighbours':
      return {
        kind,
        measure: draft.distanceMeasure,
        direction: draft.neighbourDirection,
        withinMetres: draft.withinKm === null ? null : Math.round(draft.withinKm * 1000),
        minimumNeighbours: draft.minimumNeighbours,
        levels: levels((level) => limitOf(level, 'above')),
        hysteresis,
        at,
      };
  }
}

/** The draft as the server keeps it, finished or not. */
export function contentOf(draft: RuleDraft): Record<string, unknown> {
  const advice = bilingual(draft.adviceVi, draft.adviceEn);
  const message = bilingual(draft.messageVi, draft.messageEn);
  const lists = pick(draft, SELECTION_LISTS);
  return {
    ...draft.kept,
    name: bilingual(draft.nameVi, draft.nameEn),
    advice: isEmpty(advice) ? null : advice,
    enabled: draft.enabled,
    quantity: draft.quantity,
    selection: Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    condition: conditionOf(draft),
    clearHold: inMs(draft.clearHoldMinutes),
    judgeSuspect: draft.judgeSuspect,
    endsUnacknowledged: draft.endsUnacknowledged,
    ...(draft.quietsBehind && isOfOneSite(draft.kind) ? { quietsBehind: true } : {}),
    ...(draft.weekly.length + draft.seasons.length === 0 ? {} : { active: pick(draft, ['weekly', 'seasons']) }),
    ...(isEmpty(message) ? {} : { message }),
  };
}

/** The draft's content as a rule; `null` while something is missing. Whether it makes sense is the server's to say. */
export function ruleOf(draft: RuleDraft): RuleEdit | null {
  const content = contentOf(draft);
  const { advice: _advice, ...needed } = content;
  return hasGap(needed) ? null : (content as unknown as RuleEdit);
}
const hasGap = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) ? value.some(hasGap) : typeof value === 'object' && Object.values(value).some(hasGap));

/* And back: whatever has been stored is read as far as it goes. */

const SELECTION_LISTS = ['points', 'sites', 'tags', 'models', 'wards', 'polygon'] as const;
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...['name', 'advice', 'enabled', 'quantity', 'selection', 'condition', 'clearHold', 'judgeSuspect'],
  ...['endsUnacknowledged', 'quietsBehind', 'active', 'message'],
  // Of a version, not of its content.
  ...['id', 'agencyId', 'version', 'approvedBy', 'createdBy', 'createdAt'],
]);

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const words = (value: unknown): readonly string[] =>
  list(value).filter((each): each is string => typeof each === 'string');
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const oneOf = <T extends string>(all: readonly T[], value: unknown, otherwise: T): T =>
  all.find((each) => each === value) ?? otherwise;
/** A number; `otherwise` where there never was one, `null` where it was left empty. */
const number = (value: unknown, otherwise: number | null): number | null =>
  typeof value === 'number' ? value : value === undefined ? otherwise : null;
const minutesOf = (value: unknown, otherwise: number | null): number | null => {
  const ms = number(value, otherwise === null ? null : otherwise * MINUTE_MS);
  return ms === null ? null : ms / MINUTE_MS;
};
const percentOf = (value: unknown, otherwise: number | null): number | null => {
  const given = number(value, otherwise === null ? null : otherwise / 100);
  // Without the dust of binary fractions.
  return given === null ? null : Number((given * 100).toFixed(6));
};

const limitDraftOf = (value: unknown): LimitDraft => {
  const { limit, low, high } = object(value);
  return { limit: number(limit, null), low: number(low, null), high: number(high, null) };
};
function statisticDraftOf(over: unknown): StatisticDraft {
  const { statistic, percentile, length, interval, minimumCapture } = object(over);
  return {
    measure: oneOf(MEASURES, statistic, 'each'),
    percentile: number(percentile, EACH_READING.percentile),
    windowMinutes: minutesOf(length, EACH_READING.windowMinutes),
    intervalMinutes: minutesOf(interval, EACH_READING.intervalMinutes),
    capturePercent: percentOf(minimumCapture, EACH_READING.capturePercent),
  };
}

function conditionDraftOf(condition: Json): Partial<RuleDraft> {
  const each = object(condition['each']);
  const at = object(condition['at']);
  const kind = oneOf(CONDITION_KINDS, condition['kind'], 'above');
  const window = kind === 'rate_of_change' ? { length: condition['window'] } : condition['within'];
  const metres = number(condition['withinMetres'], EMPTY_DRAFT.withinKm === null ? null : EMPTY_DRAFT.withinKm * 1000);
  return {
    kind,
    ...statisticDraftOf(window ?? condition['over'] ?? each['over']),
    direction: oneOf(RATE_DIRECTIONS, condition['direction'], 'rising'),
    neighbourDirection: oneOf(NEIGHBOUR_DIRECTIONS, condition['direction'], 'either'),
    tolerance: number(condition['tolerance'], 0),
    hysteresis: number(condition['hysteresis'] ?? each['hysteresis'], 0),
    levels: list(condition['levels']).map((level) => {
      const { severity, hold, points, limits } = object(level);
      return {
        ...limitDraftOf(level),
        severity: oneOf(SEVERITIES, severity, 'major'),
        holdMinutes: minutesOf(hold, null),
        points: number(points, null),
        limits: list(limits).map(limitDraftOf),
      };
    }),
    join: oneOf(JOINS, condition['join'], 'all'),
    parts: list(condition['parts']).map((part) => {
      const { quantity, side, hysteresis, over } = object(part);
      return {
        ...statisticDraftOf(over),
        quantity: text(quantity),
        side: oneOf(['above', 'below', 'outside'], side, 'above'),
        hysteresis: number(hysteresis, 0),
      };
    }),
    side: oneOf(['above', 'below', 'outside'], each['side'], 'above'),
    each: limitDraftOf(each['limit']),
    heardPercent: percentOf(condition['minimumHeard'], EMPTY_DRAFT.heardPercent),
    distanceMeasure: oneOf(NEIGHBOUR_MEASURES, condition['measure'], 'percent'),
    withinKm: metres === null ? null : metres / 1000,
    minimumNeighbours: number(condition['minimumNeighbours'], EMPTY_DRAFT.minimumNeighbours),
    stepMinutes: minutesOf(at['step'], EMPTY_DRAFT.stepMinutes),
    ageMinutes: minutesOf(at['maximumAge'], EMPTY_DRAFT.ageMinutes),
    settleMinutes: minutesOf(at['settle'], EMPTY_DRAFT.settleMinutes),
  };
}

const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'number');
const hoursOf = (value: unknown): WeeklyHours => {
  const { days, from, to } = object(value);
  return {
    days: list(days).filter((day): day is Weekday => [1, 2, 3, 4, 5, 6, 7].includes(day as number)),
    from: text(from),
    to: text(to),
  };
};
const seasonOf = (value: unknown): Season => ({ from: text(object(value)['from']), to: text(object(value)['to']) });

/** The form of a rule, or of what was stored of a draft: what can't be read is as if it had never been filled in. */
export function draftOf(content: object): RuleDraft {
  const fields = content as Json;
  const [name, advice, message] = [object(fields['name']), object(fields['advice']), object(fields['message'])];
  const [selection, active] = [object(fields['selection']), object(fields['active'])];
  return {
    ...EMPTY_DRAFT,
    nameVi: text(name['vi']),
    nameEn: text(name['en']),
    adviceVi: text(advice['vi']),
    adviceEn: text(advice['en']),
    messageVi: text(message['vi']),
    messageEn: text(message['en']),
    enabled: fields['enabled'] !== false,
    quantity: text(fields['quantity']),
    points: words(selection['points']),
    sites: words(selection['sites']),
    tags: words(selection['tags']),
    models: words(selection['models']),
    wards: words(selection['wards']),
    polygon: list(selection['polygon']).filter(isPosition),
    ...('condition' in fields ? conditionDraftOf(object(fields['condition'])) : {}),
    clearHoldMinutes: minutesOf(fields['clearHold'], 0),
    judgeSuspect: fields['judgeSuspect'] !== false,
    endsUnacknowledged: words(fields['endsUnacknowledged']).filter((each): each is Severity =>
      (SEVERITIES as readonly string[]).includes(each),
    ),
    quietsBehind: fields['quietsBehind'] === true,
    weekly: list(active['weekly']).map(hoursOf),
    seasons: list(active['seasons']).map(seasonOf),
    kept: Object.fromEntries(Object.entries(fields).filter(([key]) => !KNOWN_FIELDS.has(key))),
  };
}
