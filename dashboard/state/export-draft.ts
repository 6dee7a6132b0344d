import type { RouteBodyInput } from '../../api/contract/routes.ts';
import { EXCEL_VIETNAMESE_CSV, type ExportFormat, PLAIN_CSV } from '../../domain/data-export.ts';
import type { AgencyId, PointId, WardCode } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { Domain, QuantityKey } from '../../domain/quantity.ts';
import { epochMs } from '../../domain/time.ts';
import { dayOf, dayStart } from './city-dates.ts';

export type ExportOrderBody = RouteBodyInput<'POST /exports'>;
export type ExportQuestionBody = RouteBodyInput<'POST /exports/estimate'>;

/** What a person has chosen so far; empty lists choose everything. */
export interface ExportDraft {
  readonly domains: readonly Domain[];
  readonly agencies: readonly AgencyId[];
  readonly wards: readonly WardCode[];
  readonly tags: readonly string[];
  readonly quantities: readonly QuantityKey[];
  readonly points: readonly PointId[];
  /** Local days, `YYYY-MM-DD`, both inclusive. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly step: (typeof EXPORT_STEPS)[number];
  readonly format: ExportFormat;
  readonly csv: 'excel' | 'plain';
  readonly withUnusable: boolean;
}

export const EXPORT_STEPS = ['raw', 'PT10M', 'PT1H', 'P1D'] as const;
const DAY_MS = 86_400_000;

/** The last week, everything, as readings came. */
export const newDraft = (now: number): ExportDraft => ({
  domains: [],
  agencies: [],
  wards: [],
  tags: [],
  quantities: [],
  points: [],
  fromDay: dayOf(now - 6 * DAY_MS),
  toDay: dayOf(now),
  step: 'raw',
  format: 'xlsx',
  csv: 'excel',
  withUnusable: true,
});

/** What to ask the server about; `null` while the days make no span. */
export function questionOf(draft: ExportDraft): ExportQuestionBody | null {
  const [from, last] = [dayStart(draft.fromDay), dayStart(draft.toDay)];
  if (from === null || last === null || from > last) return null;
  const { domains, agencies, wards, tags, quantities, points } = draft;
  const given = Object.entries({ domains, agencies, wards, tags, quantities, points }).filter(
    ([, list]) => list.length > 0,
  );
  return {
    selection: Object.fromEntries(given) as ExportQuestionBody['selection'],
    from,
    to: epochMs(last + DAY_MS),
    step: draft.step === 'raw' ? null : draft.step,
  };
}

export function orderOf(draft: ExportDraft, language: Language): ExportOrderBody | null {
  const question = questionOf(draft);
  if (question === null) return null;
  const { format, csv, withUnusable } = draft;
  return { ...question, format, withUnusable, csv: csv === 'excel' ? EXCEL_VIETNAMESE_CSV : PLAIN_CSV, language };
}
