import type { Language, Localized } from './localized.ts';
import { stateName } from './quantity.ts';
import { unreachable } from './result.ts';
import type { Severity } from './rule.ts';
import type { EpochMs } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

/**
 * What a message of a rule may say of its alarm, written `{point}` in the template. `{{` and `}}` stand for single braces.
 * - `rule`, `point`, `site`, `ward`, `quantity`: names in the reader's language; a dash where there is none.
 * - `value`, `limit`: numbers with the quantity's digits, or the state's name; `unit`: as people write it. A dash for silence, and for a limit between states.
 * - `severity`: the level's name. `since`: when it became active, local date and time. `duration`: how long that is ago.
 * - `count`, `total`: points in breach, and points watched (an area's; 1 and 1 otherwise).
 */
export const PLACEHOLDERS = [
  'rule',
  'point',
  'site',
  'ward',
  'quantity',
  'value',
  'limit',
  'unit',
  'severity',
  'since',
  'duration',
  'count',
  'total',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What a message is made from. */
export interface MessageFacts {
  readonly rule: Localized;
  readonly point: Localized;
  readonly site: Localized | null;
  readonly ward: Localized | null;
  readonly quantity: Localized;
  readonly value: number | null;
  readonly limit: number | null;
  readonly unitSymbol: Localized;
  /** Digits after the decimal sign of value and limit. */
  readonly decimals: number;
  readonly stateNames?: readonly Localized[] | undefined;
  readonly severity: Severity;
  readonly since: EpochMs;
  /** When the message is written, for `duration`. */
  readonly now: EpochMs;
  readonly count: number;
  readonly total: number;
}

type Piece = { readonly text: string } | { readonly placeholder: string };

/** What is wrong with a template: a placeholder there is not, by its name, or a brace without its partner. */
export type TemplateProblem =
  | { readonly code: 'PLACEHOLDER_UNKNOWN'; readonly placeholder: string }
  | { readonly code: 'BRACE_UNMATCHED' };

const PIECES = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g;

function piecesOf(template: string): { readonly pieces: readonly Piece[]; readonly problems: TemplateProblem[] } {
  const problems: TemplateProblem[] = [];
  const pieces = [...template.matchAll(PIECES)].map(([whole, name]): Piece => {
    if (name !== undefined) {
      const placeholder = name.trim();
      if (!isPlaceholder(placeholder)) problems.push({ code: 'PLACEHOLDER_UNKNOWN', placeholder });
      return { placeholder };
    }
    if (whole === '{' || whole === '}') problems.push({ code: 'BRACE_UNMATCHED' });
    return { text: whole === '{{' ? '{' : whole === '}}' ? '}' : whole };
  });
  return { pieces, problems };
}

const isPlaceholder = (name: string): name is Placeholder => (PLACEHOLDERS as readonly string[]).includes(name);

/** Empty when the template can be rendered as it is meant. */
export const templateProblems = (template: string): readonly TemplateProblem[] => piecesOf(template).problems;

/**
 * The message in one language, its numbers and times written as that language does and as the site's clock shows. Pure and total: what is no placeholder
 * stays as it stands, since a message that must go out goes out.
 */
export function renderMessage(template: Localized, language: Language, facts: MessageFacts, offset: UtcOffset): string {
  return piecesOf(template[language])
    .pieces.map((piece) => {
      if ('text' in piece) return piece.text;
      const { placeholder } = piece;
      return isPlaceholder(placeholder) ? textOf(placeholder, language, facts, offset) : `{${placeholder}}`;
    })
    .join('');
}

const NOTHING = '–';
const SEVERITY_NAMES: Readonly<Record<Severity, Localized>> = {
  critical: { vi: 'Khẩn cấp', en: 'Critical' },
  major: { vi: 'Nghiêm trọng', en: 'Major' },
  minor: { vi: 'Nhẹ', en: 'Minor' },
  notice: { vi: 'Lưu ý', en: 'Notice' },
};

function textOf(placeholder: Placeholder, language: Language, facts: MessageFacts, offset: UtcOffset): string {
  switch (placeholder) {
    case 'rule':
    case 'point':
    case 'quantity':
    case 'site':
    case 'ward':
      return facts[placeholder]?.[language] ?? NOTHING;
    case 'value':
    case 'limit': {
      const number = facts[placeholder];
      if (number === null) return NOTHING;
      if (facts.stateNames !== undefined && placeholder === 'limit') return NOTHING;
      return stateName(facts, number)?.[language] ?? numberText(number, facts.decimals, language);
    }
    case 'unit':
      return facts.unitSymbol[language];
    case 'severity':
      return SEVERITY_NAMES[facts.severity][language];
    case 'since':
      return momentText(facts.since, language, offset);
    case 'duration':
      return durationText(facts.now - facts.since, language);
    case 'count':
    case 'total':
      return numberText(facts[placeholder], 0, language);
    default:
      return unreachable(placeholder);
  }
}

const LOCALES: Readonly<Record<Language, string>> = { vi: 'vi-VN', en: 'en-GB' };

/** `1.234,5` in Vietnamese, `1,234.5` in English, with exactly so many decimals. */
function numberText(value: number, decimals: number, language: Language): string {
  return new Intl.NumberFormat(LOCALES[language], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: 'negative',
  })
    .format(value)
    .replace('-', '−');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21:05 23/11/2026` in Vietnamese, `23 Nov 2026 21:05` in English. */
function momentText(at: EpochMs, language: Language, offset: UtcOffset): string {
  const local = new Date(at + offset(at)).toISOString();
  const [year, month, day, time] = [local.slice(0, 4), local.slice(5, 7), local.slice(8, 10), local.slice(11, 16)];
  return language === 'vi'
    ? `${time} ${day}/${month}/${year}`
    : `${Number(day)} ${MONTHS[Number(month) - 1]} ${year} ${time}`;
}

/** Whole minutes below two hours, whole hours below two days, else whole days. */
function durationText(ms: number, language: Language): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [count, unit] =
    minutes < 120
      ? [minutes, 0]
      : minutes < 2 * 1_440
        ? [Math.floor(minutes / 60), 1]
        : [Math.floor(minutes / 1_440), 2];
  const words = [
    ['phút', 'minute'],
    ['giờ', 'hour'],
    ['ngày', 'day'],
  ][unit]!;
  return language === 'vi' ? `${count} ${words[0]}` : `${count} ${words[1]}${count === 1 ? '' : 's'}`;
}
