import type { TFunction } from 'i18next';
import type { RuleDraftWire } from '../../api/contract/rule-drafts.ts';
import type { Season, WeeklyHours } from '../../domain/active-times.ts';
import type { Language } from '../../domain/localized.ts';
import { SEVERITIES, type Severity } from '../../domain/rule.ts';
import { CONDITION_KINDS, JOINS, MEASURES } from './rule-draft.ts';
import { exactDuration, exactNumber, hoursText, seasonText } from './rule-words.ts';

export type FieldChangeWire = RuleDraftWire['changes'][number];

/** One thing that is another than before, as people say it. */
export interface ChangeLine {
  /** Dotted path of the field: a name for the line. */
  readonly path: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

export interface ChangeWords {
  readonly t: TFunction;
  readonly language: Language;
  readonly quantityName: (key: string) => string;
  /** Of the rule's quantity. */
  readonly valueText: (value: number) => string;
  /** Name of what a selection lists, by the list it is in. */
  readonly nameOf: (list: 'points' | 'sites' | 'models' | 'wards', id: string) => string;
}

/** Fields that lines are named for; `limit` of a level and of a part are both a limit. */
const FIELDS = [
  ...['vi', 'en', 'enabled', 'quantity', 'points', 'sites', 'tags', 'models', 'wards', 'polygon', 'kind', 'direction'],
  ...['hysteresis', 'tolerance', 'window', 'statistic', 'percentile', 'length', 'interval', 'minimumCapture', 'join'],
  ...['side', 'limit', 'low', 'high', 'hold', 'pointsNeeded', 'minimumHeard', 'measure', 'withinMetres'],
  ...['minimumNeighbours', 'step', 'maximumAge', 'settle', 'clearHold', 'judgeSuspect', 'endsUnacknowledged'],
  ...['quietsBehind', 'weekly', 'seasons'],
] as const;
const DURATIONS: ReadonlySet<string> = new Set([
  ...['hold', 'window', 'length', 'interval', 'step', 'maximumAge', 'settle', 'clearHold'],
]);

type Leaf = { readonly path: readonly string[]; readonly before: unknown; readonly after: unknown };
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Lists whose items have fields: parts of a combination, and their limits. Hours and seasons are said whole. */
const isTable = (path: readonly string[], value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && ['parts', 'limits'].includes(path.at(-1) ?? '');

/** The single fields under a change: what is an object on one side alone is taken apart too. */
function* leavesOf({ path, before, after }: Leaf): Generator<Leaf> {
  if ([before, after].some((side) => isObject(side) || isTable(path, side))) {
    const [a, b] = [before, after].map((side) => (isObject(side) || Array.isArray(side) ? { ...side } : {})) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      yield* leavesOf({ path: [...path, key], before: a[key], after: b[key] });
    return;
  }
  // Left empty is as good as not there.
  if (JSON.stringify(given(before)) !== JSON.stringify(given(after))) yield { path, before, after };
}

const given = (value: unknown): unknown => (Array.isArray(value) && value.length === 0 ? null : (value ?? null));

/** What differs, a line for each field, in the reader's words. */
export function changeLines(changes: readonly FieldChangeWire[], words: ChangeWords): readonly ChangeLine[] {
  return changes
    .flatMap(({ path, before, after }) => [...leavesOf({ path: path.split('.'), before, after })])
    .map(({ path, before, after }) => ({
      path: path.join('.'),
      label: labelOf(path, words),
      before: shownValue(path, before, words),
      after: shownValue(path, after, words),
    }));
}

/** Of a level the count of points, of a selection the points themselves. */
const fieldOf = (path: readonly string[]): string =>
  path.at(-1) === 'points' && path[0] === 'condition' ? 'pointsNeeded' : (path.at(-1) ?? '');

function labelOf(path: readonly string[], { t }: ChangeWords): string {
  const field = FIELDS.find((each) => each === fieldOf(path));
  const owner = path.find((each): each is 'name' | 'advice' | 'message' =>
    ['name', 'advice', 'message'].includes(each),
  );
  if (owner !== undefined && (field === 'vi' || field === 'en')) return t(`ruleChange.text.${owner}.${field}`);
  // A field that this page has no word for yet is still said to differ.
  const name = field === undefined ? path.join('.') : t(`ruleChange.field.${field}` as 'ruleChange.field.limit');
  const severity = path[2];
  const level = SEVERITIES.find((each) => path[1] === 'levels' && each === severity);
  const numbered = path.findIndex((each) => each === 'parts' || each === 'limits');
  const ofPart = numbered < 0 ? name : t('ruleChange.ofPart', { number: Number(path[numbered + 1]) + 1, name });
  return level === undefined
    ? ofPart
    : t('ruleChange.ofLevel', { severity: t(`severity.${level}`), name: ofPart.toLocaleLowerCase() });
}

function shownValue(path: readonly string[], value: unknown, words: ChangeWords): string {
  const { t } = words;
  const field = fieldOf(path);
  if (value === undefined || value === null || value === '') return t('ruleChange.nothing');
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
  if (typeof value === 'number') return numberText(path, field, value, words);
  if (Array.isArray(value)) return listText(field, value, words);
  if (typeof value !== 'string') return JSON.stringify(value);
  const known = <T extends string>(all: readonly T[]): T | undefined => all.find((each) => each === value);
  const kind = field === 'kind' ? known(CONDITION_KINDS) : undefined;
  if (kind !== undefined) return t(`rules.kind.${kind}`);
  const statistic = field === 'statistic' ? known(MEASURES) : undefined;
  if (statistic !== undefined) return t(`ruleForm.measures.${statistic}`);
  const join = field === 'join' ? known(JOINS) : undefined;
  if (join !== undefined) return t(`ruleText.join.${join}`);
  const side = field === 'side' ? known(['above', 'below', 'outside'] as const) : undefined;
  if (side !== undefined) return t(`ruleText.relation.${side}`);
  const direction =
    field === 'direction' ? known(['rising', 'falling', 'above', 'below', 'either'] as const) : undefined;
  if (direction !== undefined) return t(`ruleForm.directions.${direction}`);
  const measure = field === 'measure' ? known(['absolute', 'percent'] as const) : undefined;
  if (measure !== undefined) return t(`ruleForm.distances.${measure}`);
  return field === 'quantity' ? words.quantityName(value) || value : value;
}

function numberText(path: readonly string[], field: string, value: number, words: ChangeWords): string {
  const { language } = words;
  if (DURATIONS.has(field))
    return value === 0 ? words.t('ruleChange.nothing') : exactDuration(value / 60_000, language);
  if (field === 'minimumCapture' || field === 'minimumHeard')
    return `${exactNumber(Number((value * 100).toFixed(6)), language)} %`;
  if (field === 'withinMetres') return `${exactNumber(value / 1000, language)} km`;
  const isOfPart = path.includes('parts') || path.includes('limits');
  return ['limit', 'low', 'high', 'hysteresis', 'tolerance'].includes(field) && !isOfPart
    ? words.valueText(value)
    : exactNumber(value, language);
}

function listText(field: string, list: readonly unknown[], words: ChangeWords): string {
  const { t, language } = words;
  if (list.length === 0) return t('ruleChange.nothing');
  switch (field) {
    case 'polygon':
      return t('ruleChange.corners', { count: list.length });
    case 'weekly':
      return list.map((each) => hoursText(each as WeeklyHours, language)).join('; ');
    case 'seasons':
      return list.map((each) => seasonText(each as Season, language)).join('; ');
    case 'endsUnacknowledged':
      return list.map((each) => t(`severity.${each as Severity}`)).join(', ');
    case 'points':
    case 'sites':
    case 'models':
    case 'wards':
      return list.map((each) => words.nameOf(field, String(each))).join(', ');
    default:
      return list.map(String).join(', ');
  }
}
