import { UNUSABLE_FROM } from '../../../domain/quality.ts';
import type { ReadingColumns } from '../../../domain/reading.ts';
import { type ConditionEvent, stepCondition } from '../../../domain/rule-evaluation.ts';
import { isOfThePast, PRESENT_AGE_MAX } from './present.ts';
import type { RuleSlot, SeriesTable } from './series-table.ts';

export interface JudgedCounts {
  /** Readings of watched series that were judged or held for late judgement. */
  readings: number;
  late: number;
  /** The newest reading again, with the same value and quality. */
  repeated: number;
}

/**
 * Judges the readings of one journal entry by the rules of their series, in order. Runs for every reading of the city: no allocation,
 * no lookup but by series id, unless something happens.
 *
 * A reading is late when its event time is not greater than the newest judged in its series; the same reading again is nothing at all, the
 * same time with another value or quality counts as late, since what it replaces was judged already. Late readings change no state here.
 * Last month's file is late, too, though nothing newer was there: a series it comes to counts as judged up to {@link PRESENT_AGE_MAX} before its arrival.
 * Readings that may not be judged still prove that the series is heard, those of the past don't. `replaying`: skip what a series' kept state has judged already.
 */
export function judgeReadings(
  table: SeriesTable,
  columns: ReadingColumns,
  sequence: number,
  replaying: boolean,
  counts: JudgedCounts,
  onEvent: (slot: RuleSlot, event: ConditionEvent) => void,
): void {
  const { series, eventTime, arrivalTime, value, quality, length } = columns;
  const { newest, newestValue, newestQuality, heardAt, calmHigh, calmLow } = table;
  const { dirty, dirtyList, valueSlots, windowSlots, judgedThrough, joint } = table;
  for (let i = 0; i < length; i++) {
    const s = series[i]!;
    const slots = valueSlots[s];
    if (slots === undefined) continue;
    if (replaying && sequence <= judgedThrough[s]!) continue;
    counts.readings++;
    if (dirty[s] === 0) {
      dirty[s] = 1;
      dirtyList.push(s);
    }
    const arrived = arrivalTime[i]!;
    const at = eventTime[i]!;
    const past = isOfThePast(at, arrived);
    if (!past && arrived > heardAt[s]!) heardAt[s] = arrived;
    const v = value[i]!;
    const q = quality[i]!;
    const input = joint.inputs[s];
    if (input !== undefined) joint.take(input, at, v, q, arrived, sequence);
    if (past && at > newest[s]!) {
      newest[s] = arrived - PRESENT_AGE_MAX;
      newestValue[s] = Number.NaN;
    }
    if (at <= newest[s]!) {
      if (at === newest[s] && v === newestValue[s] && q === newestQuality[s]) counts.repeated++;
      else {
        counts.late++;
        if (slots.length > 0) table.touch(s, at, at, arrived);
      }
      continue;
    }
    if (q >= UNUSABLE_FROM) continue;
    newest[s] = at;
    newestValue[s] = v;
    newestQuality[s] = q;
    const calm = v < calmHigh[s]! && v > calmLow[s]!;
    const asked = calm ? windowSlots[s]! : slots;
    for (let k = 0; k < asked.length; k++) {
      const slot = asked[k]!;
      if (q >= slot.compiled.unusableFrom) continue;
      const event = stepCondition(slot.compiled, slot.state, at, v, q);
      if (event !== null) onEvent(slot, event);
    }
    if (!calm) table.findCalm(s);
  }
}
