import type { Alarm } from '../../../domain/alarm.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { Rule } from '../../../domain/rule.ts';
import { compileRule, initialConditionState, resumeActive } from '../../../domain/rule-evaluation.ts';
import { watches } from '../../../domain/rule-selection.ts';
import type { SeriesState } from './series-state-codec.ts';
import { fingerprintOf, newSlot, openAlarmOf, type RuleSlot, type SeriesTable } from './series-table.ts';

export interface Rebuilt {
  /** Slots whose rule was withdrawn, disabled or rewritten into another kind, or no longer selects the series. */
  readonly gone: readonly RuleSlot[];
  /** Series no rule watches any more: what was kept of them can go. */
  readonly unwatched: readonly number[];
}

/**
 * Makes the table hold one slot for every rule × series it watches. A slot goes on with its state when its rule still judges by the same;
 * when it was rewritten it begins anew, an active occurrence carried on at its level, for the next reading to raise, lower or clear.
 */
export function rebuild(
  table: SeriesTable,
  rules: readonly Rule[],
  directory: readonly SeriesDirectoryEntry[],
): Rebuilt {
  const byQuantity = Map.groupBy(rules, (rule): QuantityKey => rule.quantity);
  const gone: RuleSlot[] = [];
  const before = new Set<number>();
  table.valueSlots.forEach((slots, series) => {
    if (slots !== undefined) before.add(series);
  });
  const replace = (series: number, slots: readonly RuleSlot[]): void => {
    for (const old of table.slotsOf(series)) {
      if (slots.includes(old)) continue;
      old.gone = true;
      gone.push(old);
    }
    const none = slots.length === 0;
    table.valueSlots[series] = none ? undefined : slots.filter((slot) => !slot.compiled.silence);
    table.windowSlots[series] = slots.filter((slot) => slot.compiled.windowMs > 0);
    table.silenceSlots[series] = none ? undefined : slots.filter((slot) => slot.compiled.silence);
  };
  for (const entry of directory) {
    table.admit(entry.series);
    before.delete(entry.series);
    const slots = (byQuantity.get(entry.quantity) ?? [])
      .filter((rule) => watches(rule, entry))
      .map((rule) => {
        const old = table.slotOf(entry.series, rule.id);
        const silence = rule.condition.kind === 'no_data';
        return old === undefined || old.compiled.silence !== silence
          ? newSlot(rule, entry)
          : renewed(table, old, rule, entry);
      });
    const was = table.valueSlots[entry.series] !== undefined;
    replace(entry.series, slots);
    if (was && slots.length === 0) before.add(entry.series);
  }
  for (const series of before) replace(series, []);
  table.forgetCalm();
  table.silent = table.silenceSlots.flatMap((slots) => slots ?? []);
  return { gone, unwatched: [...before] };
}

function renewed(table: SeriesTable, slot: RuleSlot, rule: Rule, entry: SeriesDirectoryEntry): RuleSlot {
  slot.entry = entry;
  if (slot.compiled.rule.version === rule.version) return slot;
  slot.compiled = compileRule(rule);
  const fingerprint = fingerprintOf(rule);
  if (slot.fingerprint === fingerprint) return slot;
  slot.fingerprint = fingerprint;
  beginAnew(table, slot);
  return slot;
}

function beginAnew(table: SeriesTable, slot: RuleSlot): void {
  slot.state = initialConditionState(slot.compiled);
  const alarm = openAlarmOf(slot);
  if (alarm?.condition === 'active') {
    resumeActive(slot.compiled, slot.state, alarm.severity, alarm.worstValue);
    if (slot.compiled.silence) slot.state.breachedSince[0] = table.heardAt[slot.entry.series]!;
  }
  table.markDirty(slot.entry.series);
}

/** Puts back what was kept of a series; rules that judge otherwise now begin anew. */
export function restoreSeries(table: SeriesTable, series: number, kept: SeriesState): void {
  table.newest[series] = kept.newest;
  table.newestValue[series] = kept.newestValue;
  table.newestQuality[series] = kept.newestQuality;
  table.heardAt[series] = kept.heardAt;
  table.judgedThrough[series] = kept.judgedThrough;
  if (kept.late !== null) table.touch(series, kept.late.from, kept.late.to, kept.late.seenAt);
  for (const { ruleId, fingerprint, state } of kept.rules) {
    const slot = table.slotOf(series, ruleId);
    if (slot?.fingerprint === fingerprint) slot.state = state;
  }
}

/**
 * Puts the open occurrences back on their slots. One that is active while its state is not was judged by a rule since rewritten (or
 * its state is lost): it is carried on.
 * @returns those that no rule watches any more
 */
export function restoreAlarms(table: SeriesTable, alarms: readonly Alarm[]): readonly Alarm[] {
  return alarms.filter((alarm) => {
    const slot = table.slotOf(alarm.series, alarm.ruleId);
    if (slot === undefined) return true;
    table.adopt(slot, alarm);
    if (alarm.condition === 'active' && slot.state.active < 0) beginAnew(table, slot);
    return false;
  });
}
