import type { Slot } from './rule-sentence.ts';

/** Where a problem is shown: at pieces of the sentence, or at one of the texts beside it. */
export type ProblemPlace =
  | { readonly kind: 'slot'; readonly slot: Slot }
  | { readonly kind: 'text'; readonly field: 'name' | 'advice' | 'message' };

const OF_CONDITION = {
  over: 'measure',
  within: 'measure',
  each: 'each',
  hysteresis: 'hysteresis',
  minimumHeard: 'each',
  minimumNeighbours: 'neighbours',
  withinMetres: 'neighbours',
  at: 'grid',
} as const satisfies Record<string, Slot['name']>;
const OF_RULE = {
  quantity: 'quantity',
  selection: 'scope',
  clearHold: 'clearHold',
  active: 'active',
  judgeSuspect: 'suspect',
  endsUnacknowledged: 'ends',
  quietsBehind: 'quiets',
} as const satisfies Record<string, Slot['name']>;

/** The part of the rule that a problem of this path (`condition.levels.0.limit`) concerns. */
export function placeOf(path: string): ProblemPlace {
  const [first = '', second = '', third, fourth, fifth] = path.split('.');
  const slot = (name: Slot['name'], more: Omit<Slot, 'name'> = {}): ProblemPlace => ({
    kind: 'slot',
    slot: { name, ...more },
  });
  if (first === 'name' || first === 'advice' || first === 'message') return { kind: 'text', field: first };
  if (first !== 'condition') return slot(OF_RULE[first as keyof typeof OF_RULE] ?? 'condition');
  const at = Number(third);
  if (second === 'parts' && third !== undefined) return slot('part', { part: at });
  if (second === 'levels' && third !== undefined) {
    const level = { level: at };
    if (fourth === 'hold' || fourth === 'severity' || fourth === 'points') return slot(fourth, level);
    return slot('limit', fourth === 'limits' && fifth !== undefined ? { ...level, part: Number(fifth) } : level);
  }
  return slot(OF_CONDITION[second as keyof typeof OF_CONDITION] ?? 'condition');
}

/** Whether a problem of `place` is shown at `slot`: what isn't of one level is at the slot in all of them. */
export const concerns = (place: ProblemPlace, slot: Slot): boolean =>
  place.kind === 'slot' &&
  place.slot.name === slot.name &&
  (place.slot.level === undefined || place.slot.level === slot.level) &&
  (place.slot.part === undefined || place.slot.part === slot.part);
