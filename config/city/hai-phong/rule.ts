import type { AgencyId, PointId, RuleId } from '../../../domain/identifiers.ts';
import type { CitySeed } from '../../../domain/ports/registry.ts';
import type { BandLevel, Condition, LimitLevel, Severity, SilenceLevel } from '../../../domain/rule.ts';
import { minutes, seconds } from '../../../domain/time.ts';
import { isUsable } from '../../presets/preset.ts';
import { ruleDraft, windowedRuleDraft } from '../../presets/rule-draft.ts';
import { RULE_PRESETS } from '../../presets/rule-presets.ts';
import { type CatalogueKey, quantityKey } from '../../quantities.ts';

export type RuleSeed = CitySeed['rules'][number];

/** Severity, limit, minutes the breach must last. */
export type LimitRow = readonly [severity: Severity, limit: number, holdMinutes: number];
const limits = (rows: readonly LimitRow[]): readonly LimitLevel[] =>
  rows.map(([severity, limit, hold]) => ({ severity, limit, hold: minutes(hold) }));

export const above = (hysteresis: number, ...rows: readonly LimitRow[]): Condition => ({
  kind: 'above',
  hysteresis,
  levels: limits(rows),
});
export const below = (hysteresis: number, ...rows: readonly LimitRow[]): Condition => ({
  kind: 'below',
  hysteresis,
  levels: limits(rows),
});
export const falling = (windowMinutes: number, hysteresis: number, ...rows: readonly LimitRow[]): Condition => ({
  kind: 'rate_of_change',
  direction: 'falling',
  window: minutes(windowMinutes),
  hysteresis,
  levels: limits(rows),
});
export const outside = (
  hysteresis: number,
  ...rows: readonly (readonly [severity: Severity, low: number, high: number, holdMinutes: number])[]
): Condition => ({
  kind: 'outside',
  hysteresis,
  levels: rows.map(([severity, low, high, hold]): BandLevel => ({ severity, low, high, hold: minutes(hold) })),
});
export const noData = (...rows: readonly (readonly [severity: Severity, minutesSilent: number])[]): Condition => ({
  kind: 'no_data',
  levels: rows.map(([severity, silent]): SilenceLevel => ({ severity, hold: minutes(silent) })),
});

export interface RuleRow {
  readonly id: string;
  readonly agency: string;
  readonly quantity: CatalogueKey;
  readonly name: readonly [vi: string, en: string];
  readonly advice: readonly [vi: string, en: string];
  readonly condition: Condition;
  readonly tag?: string;
  readonly points?: readonly string[];
  readonly clearHoldMinutes?: number;
}

export const rule = (row: RuleRow): RuleSeed => ({
  id: row.id as RuleId,
  agencyId: row.agency as AgencyId,
  name: { vi: row.name[0], en: row.name[1] },
  advice: { vi: row.advice[0], en: row.advice[1] },
  enabled: true,
  quantity: quantityKey(row.quantity),
  selection: {
    ...(row.tag === undefined ? {} : { tags: [row.tag] }),
    ...(row.points === undefined ? {} : { points: row.points as readonly string[] as readonly PointId[] }),
  },
  condition: row.condition,
  clearHold: minutes(row.clearHoldMinutes ?? 5),
  judgeSuspect: true,
  // A notice is for reading, not for signing.
  endsUnacknowledged: ['notice'],
});

/** A rule made from the preset of that key that is in force, on; levels that wait for somebody to compare them with their document are left out. */
export function fromPreset(id: string, agency: string, key: string, intervalSeconds = 0): RuleSeed {
  const preset = RULE_PRESETS.find((each) => each.key === key && each.inForce.until === null);
  if (preset === undefined || !isUsable(preset)) throw new Error(`no preset ${key} that rules can judge`);
  const request = { agencyId: agency as AgencyId, confirmed: [] };
  const draft =
    preset.needs === 'window'
      ? windowedRuleDraft(preset, request, seconds(intervalSeconds))
      : ruleDraft(preset, request);
  if (!draft.ok) throw new Error(`preset ${key}: ${draft.error}`);
  return { ...draft.value, id: id as RuleId, enabled: true };
}
