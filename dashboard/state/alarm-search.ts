import type { AgencyId, RuleId, UserId, WardCode } from '../../domain/identifiers.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { type AlarmListFilter, ASSIGNED_TO_ME, CONDITION_FILTERS, WORK_FILTERS } from './alarm-list.ts';

/** The words of the alarm page's address. */
export interface AlarmSearch {
  readonly list?: string | undefined;
  readonly severities?: string | undefined;
  readonly domains?: string | undefined;
  readonly agency?: string | undefined;
  /** Work states with spaces between them. */
  readonly work?: string | undefined;
  readonly condition?: string | undefined;
  readonly text?: string | undefined;
  /** A person's id, `me` or `nobody`. */
  readonly assignee?: string | undefined;
  readonly rule?: string | undefined;
  readonly ward?: string | undefined;
  /** A key of {@link ALARM_SINCE}. */
  readonly since?: string | undefined;
}

/** Hours back from now that the list can be narrowed to. */
export const ALARM_SINCE: Readonly<Record<string, number>> = { '1h': 1, '8h': 8, '24h': 24, '7d': 168 };

const wordsIn = <T extends string>(text: string | undefined, allowed: readonly T[]): readonly T[] =>
  allowed.filter((word) => text?.split(' ').includes(word));

/** What an address narrows the list to. `me` is whoever looks; `now` (server's clock, ms) is what hours are counted back from. */
export const filterOf = (search: AlarmSearch, me: UserId, now: number): AlarmListFilter => ({
  severities: wordsIn(search.severities, SEVERITIES),
  domains: wordsIn(search.domains, DOMAINS),
  agencies: search.agency === undefined ? [] : [search.agency as AgencyId],
  work: wordsIn(search.work, WORK_FILTERS),
  condition: wordsIn(search.condition, CONDITION_FILTERS)[0] ?? null,
  rule: (search.rule as RuleId | undefined) ?? null,
  ward: (search.ward as WardCode | undefined) ?? null,
  assignee: search.assignee === ASSIGNED_TO_ME ? me : ((search.assignee as UserId | undefined) ?? null),
  text: search.text ?? '',
  since: search.since === undefined ? null : now - (ALARM_SINCE[search.since] ?? 0) * 3_600_000,
});

/** Words that narrow the list, in the order of the page. */
export const FILTER_WORDS = [
  'text',
  'severities',
  'domains',
  'work',
  'agency',
  'ward',
  'rule',
  'assignee',
  'condition',
  'since',
] as const satisfies readonly (keyof AlarmSearch)[];

/** Laid over an address, it narrows nothing. */
export const NO_FILTER_WORDS: Readonly<Record<string, undefined>> = Object.fromEntries(
  FILTER_WORDS.map((word) => [word, undefined]),
);

/** Whether an address narrows the list at all. */
export const isFiltered = (search: AlarmSearch): boolean => FILTER_WORDS.some((word) => search[word] !== undefined);
