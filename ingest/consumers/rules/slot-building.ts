import type { Alarm } from '../../../domain/alarm.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { isJoint } from '../../../domain/joint-condition.ts';
import type { Rule } from '../../../domain/rule.ts';
import { initialConditionState, resumeActive } from '../../../domain/rule-evaluation.ts';
import { type JointScope, SeriesIndex } from '../../../domain/rule-scopes.ts';
import type { UtcOffset } from '../../../domain/time-zone.ts';
import { type JointSlot, judgedTo } from './joint-slots.ts';
import type { JointState, SeriesState } from './series-state-codec.ts';
import { fingerprintOf, jointKey, newSlot, openAlarmOf, type RuleSlot, type SeriesTable } from './series-table.ts';

export interface Rebuilt {
  /** Slots whose rule was withdrawn, disabled or rewritten into another kind, or no longer selects the series. */
  readonly gone: readonly RuleSlot[];
  /** Series no rule watches any more: what was kept of them can go. */
  readonly unwatched: readonly number[];
}

/**
 * Makes the table hold one slot for every rule × scope it watches. A slot goes on with its state when its rule still judges by the same;
 * when it was rewritten it begins anew, an active occurrence carried on at its level, for the next reading to raise, lower or clear.
 */
export function rebuild(
  table: SeriesTable,
  rules: readonly Rule[],
  directory: readonly SeriesDirectoryEntry[],
  offset: UtcOffset,
): Rebuilt {
  const index = new SeriesIndex(directory);
  const gone: RuleSlot[] = [];
  const before = new Set<number>();
  table.valueSlots.forEach((slots, series) => {
    if (slots !== undefined) before.add(series);
  });
  for (const entry of directory) table.admit(entry.series);
  const bySeries = new Map<number, RuleSlot[]>();
  const joint: (readonly [Rule, JointScope])[] = [];
  for (const rule of rules) {
    for (const scope of index.jointScopes(rule)) joint.push([rule, scope]);
    if (isJoint(rule.condition)) continue;
    for (const entry of index.watchedBy(rule)) {
      const slots = bySeries.get(entry.series) ?? [];
      bySeries.set(entry.series, slots);
      const old = table.slotOf(entry.series, rule.id);
      const silence = rule.condition.kind === 'no_data';
      slots.push(
        old === undefined || old.compiled.silence !== silence
          ? newSlot(rule, entry, offset)
          : renewed(table, old, rule, entry, offset),
      );
    }
  }
  for (const series of new Set([...before, ...bySeries.keys()])) {
    const slots = bySeries.get(series) ?? [];
    for (const old of table.slotsOf(series)) if (!slots.includes(old)) gone.push(old);
    const none = slots.length === 0;
    table.valueSlots[series] = none ? undefined : slots.filter((slot) => !slot.compiled.silence);
    table.windowSlots[series] = slots.filter((slot) => slot.compiled.windowMs > 0);
    table.silenceSlots[series] = none ? undefined : slots.filter((slot) => slot.compiled.silence);
  }
  gone.push(...rebuildJoint(table, joint, offset));
  for (const slot of gone) slot.gone = true;
  table.joint.forgetUnread();
  table.forgetCalm();
  table.silent = table.silenceSlots.flatMap((slots) => slots ?? []);
  return { gone, unwatched: [...before].filter((series) => table.valueSlots[series] === undefined) };
}

/** @returns slots that are there no more */
function rebuildJoint(
  table: SeriesTable,
  wanted: readonly (readonly [Rule, JointScope])[],
  offset: UtcOffset,
): readonly RuleSlot[] {
  const old = new Map(table.joint.byKey);
  const judged = new Map([...old].map(([key, slot]) => [key, judgedTo(slot)]));
  table.joint.clear();
  for (const [rule, scope] of wanted) {
    const key = jointKey(rule.id, scope.kind === 'area' ? null : scope.anchor.pointId);
    const known = old.get(key);
    const slot =
      known === undefined ? newSlot(rule, scope.anchor, offset) : renewed(table, known, rule, scope.anchor, offset);
    const joint = slot.compiled.joint!;
    slot.part = {
      scope,
      joint,
      inputs: scope.inputs.map(({ series }) => table.joint.inputOf(series).recent),
      beat: table.joint.beatOf(joint),
      steppedTo: judged.get(key) ?? Number.NEGATIVE_INFINITY,
      judgedThrough: known?.part.judgedThrough ?? 0,
      late: known?.part.late ?? null,
    };
    table.joint.add(key, slot as JointSlot);
    for (const { series } of scope.inputs) {
      table.valueSlots[series] ??= [];
      table.windowSlots[series] ??= [];
    }
    old.delete(key);
  }
  return [...old.values()];
}

function renewed(
  table: SeriesTable,
  slot: RuleSlot,
  rule: Rule,
  entry: SeriesDirectoryEntry,
  offset: UtcOffset,
): RuleSlot {
  slot.entry = entry;
  if (slot.compiled.rule.version === rule.version) return slot;
  slot.compiled = compileRule(rule, offset);
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
  if (slot.part === null) table.markDirty(slot.entry.series);
  else table.joint.dirty.add(slot as JointSlot);
}

/** Puts back what was kept of a series; rules that judge otherwise now begin anew. */
export function restoreSeries(table: SeriesTable, series: number, kept: SeriesState): void {
  table.newest[series] = kept.newest;
  table.newestValue[series] = kept.newestValue;
  table.newestQuality[series] = kept.newestQuality;
  table.heardAt[series] = kept.heardAt;
  table.judgedThrough[series] = kept.judgedThrough;
  if (kept.late !== null) table.touch(series, kept.late.from, kept.late.to, kept.late.seenAt);
  if (kept.recent !== null) table.joint.restoreInput(series, kept.recent);
  for (const { ruleId, fingerprint, state } of kept.rules) {
    const slot = table.slotOf(series, ruleId);
    if (slot?.fingerprint === fingerprint) slot.state = state;
  }
}

/** Puts back what was kept of a slot over several series. @returns false when there is no such slot any more */
export function restoreJoint(table: SeriesTable, key: string, kept: JointState): boolean {
  const slot = table.joint.byKey.get(key);
  if (slot === undefined) return false;
  slot.part.steppedTo = kept.steppedTo;
  slot.part.judgedThrough = kept.judgedThrough;
  if (kept.late !== null) table.joint.touch(slot, kept.late.from, kept.late.to, kept.late.seenAt);
  if (slot.fingerprint === kept.rule.fingerprint) slot.state = kept.rule.state;
  return true;
}

/**
 * Puts the open occurrences back on their slots. One that is active while its state is not was judged by a rule since rewritten (or
 * its state is lost): it is carried on.
 * @returns those that no rule watches any more
 */
export function restoreAlarms(table: SeriesTable, alarms: readonly Alarm[]): readonly Alarm[] {
  return alarms.filter((alarm) => {
    const slot = table.slotOfAlarm(alarm);
    if (slot === undefined) return true;
    table.adopt(slot, alarm);
    if (alarm.condition === 'active' && slot.state.active < 0) beginAnew(table, slot);
    return false;
  });
}
