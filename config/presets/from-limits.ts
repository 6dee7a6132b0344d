import type { Severity } from '../../domain/rule.ts';
import {
  EVIDENCE,
  type Evidence,
  firstBreach,
  type InForce,
  type LegalLimit,
  type Source,
} from '../legal-limits/legal-limit.ts';
import { type RulePreset, type RulePresetRow, rulePresetSchema } from './preset.ts';

type Breach = RulePresetRow['breach'];
type LimitLevels = Extract<Breach, { kind: 'above' }>['levels'];
type BandLevels = Extract<Breach, { kind: 'outside' }>['levels'];

/** A level by one limit. */
export const level = (severity: Severity, limit: LegalLimit, holdMinutes: number): LimitLevels[number] => ({
  severity,
  hold: holdMinutes,
  limit: firstBreach(limit),
  sources: [limit.source],
  evidence: limit.source.evidence,
});

/** A level by a lower and an upper limit. */
export const band = (
  severity: Severity,
  { low, high }: { readonly low: LegalLimit; readonly high: LegalLimit },
  holdMinutes: number,
): BandLevels[number] => ({
  severity,
  hold: holdMinutes,
  low: firstBreach(low),
  high: firstBreach(high),
  sources: sameSource(low.source, high.source) ? [low.source] : [low.source, high.source],
  evidence: weaker(low.source.evidence, high.source.evidence),
});

export const above = (...levels: LimitLevels): Breach => ({ kind: 'above', levels });
export const below = (...levels: LimitLevels): Breach => ({ kind: 'below', levels });
export const falling = (withinMinutes: number, ...levels: LimitLevels): Breach => ({
  kind: 'falling',
  within: withinMinutes,
  levels,
});
export const outside = (...levels: BandLevels): Breach => ({ kind: 'outside', levels });

/** Without a beginning and an end. */
export const ALWAYS: InForce = { from: null, until: null };

/** A preset as written, checked. @throws {z.ZodError} for data that is wrong: the program must not start with it. */
export const preset = (row: RulePresetRow): RulePreset => rulePresetSchema.parse(row);

const weaker = (a: Evidence, b: Evidence): Evidence => (EVIDENCE.indexOf(a) > EVIDENCE.indexOf(b) ? a : b);
const sameSource = (a: Source, b: Source): boolean => a.document === b.document && a.clause === b.clause;
