import type { Alarm } from '../../../domain/alarm.ts';
import type { AlarmChange } from '../../../domain/alarm-machine.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import { type CompiledRule, compileRule } from '../../../domain/compiled-rule.ts';
import type { AreaSituation } from '../../../domain/episode.ts';
import type { DeviceId, PointId, RuleId, SeriesId } from '../../../domain/identifiers.ts';
import type { Rule } from '../../../domain/rule.ts';
import { type ConditionState, initialConditionState } from '../../../domain/rule-evaluation.ts';
import type { UtcOffset } from '../../../domain/time-zone.ts';
import { type JointPart, JointSlots } from './joint-slots.ts';

/** A step waiting to be committed: a pure function of the occurrence it finds, so that it can be applied again to a newer one. */
export type AlarmStep = (alarm: Alarm | null) => AlarmChange | null;

/** One rule on one scope: a series, a point whose series are put together, or an area. */
export interface RuleSlot {
  compiled: CompiledRule;
  state: ConditionState;
  /** The series, or of several that whose alarm it is. */
  entry: SeriesDirectoryEntry;
  /** How several series are put together; `null`: it judges one. */
  part: JointPart | null;
  /** Of an area: which of its points were in breach at the last event. */
  situation: AreaSituation | null;
  /** Number made of what the rule judges by; a state is only worth something under the same. */
  fingerprint: number;
  /** The latest occurrence as far as the registry is known to hold it; ended ones stay until the next begins. */
  alarm: Alarm | null;
  readonly queue: AlarmStep[];
  /** No longer watched; its last steps are still to be committed. */
  gone: boolean;
}

export const newSlot = (rule: Rule, entry: SeriesDirectoryEntry, offset: UtcOffset): RuleSlot => {
  const compiled = compileRule(rule, offset);
  return {
    compiled,
    state: initialConditionState(compiled),
    entry,
    part: null,
    situation: null,
    fingerprint: fingerprintOf(rule),
    alarm: null,
    queue: [],
    gone: false,
  };
};

/** FNV-1a of the parts of a rule that judging depends on: names, advice and selection may change without beginning anew. */
export function fingerprintOf(rule: Rule): number {
  const { condition, clearHold, judgeSuspect, active } = rule;
  const text = JSON.stringify([condition, clearHold, judgeSuspect, ...(active === undefined ? [] : [active])]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export const openAlarmOf = (slot: RuleSlot): Alarm | null => (slot.alarm?.endedAt === null ? slot.alarm : null);

/** The span of event time that late readings touched in a series and that is still to be judged again, both ends inclusive. */
export interface LateSpan {
  from: number;
  to: number;
  /** Arrival of the last of them: the series must be quiet about it for a while. */
  seenAt: number;
  /** Rises with every late reading, so that one that comes while the span is being judged isn't forgotten. */
  touches: number;
  /** Times it was judged without live and corrected running together again. */
  attempts: number;
  /** Readings count differently by a verdict: that holds for the present, too, so live goes on from what is found. */
  adopts?: boolean;
}

/** The span with readings from `from` to `to` (inclusive) in it, too. */
export function touchedMore(span: LateSpan | null, from: number, to: number, seenAt: number, adopts = false): LateSpan {
  if (span === null) return { from, to, seenAt, touches: 1, attempts: 0, adopts };
  span.adopts ||= adopts;
  span.from = Math.min(span.from, from);
  span.to = Math.max(span.to, to);
  span.seenAt = Math.max(span.seenAt, seenAt);
  span.touches++;
  span.attempts = 0;
  return span;
}

/** What a slot over several series is called: by its rule, and its point unless it is all the rule's points. */
export const jointKey = (rule: RuleId, point: PointId | null): string => (point === null ? rule : `${rule}|${point}`);

const FIRST_CAPACITY = 1024;

/** What the consumer keeps of every watched series, in columns by series id. */
export class SeriesTable {
  #capacity = 0;
  /** Greatest event time judged; −∞ when none. */
  newest = new Float64Array(0);
  newestValue = new Float64Array(0);
  newestQuality = new Uint8Array(0);
  /**
   * A value with calmLow < value < calmHigh changes nothing, whichever rule of the series judges it (rate rules aside); an empty range
   * (the initial one) when that has to be asked of each.
   */
  calmHigh = new Float64Array(0);
  calmLow = new Float64Array(0);
  /** Greatest arrival time; −∞ when never heard. */
  heardAt = new Float64Array(0);
  /** Journal sequence up to which the kept state has judged the series. */
  judgedThrough = new Float64Array(0);
  /** 1: changed since its state was last kept. */
  dirty = new Uint8Array(0);
  /** Series whose state is to be kept, each once. */
  dirtyList: number[] = [];
  /** Rules that judge values, by series id; `undefined`: not watched by any rule. Series watched only for silence have an empty list. */
  readonly valueSlots: (readonly RuleSlot[] | undefined)[] = [];
  /** Those of them that judge the change: a value alone never leaves them calm. */
  readonly windowSlots: (readonly RuleSlot[])[] = [];
  readonly silenceSlots: (readonly RuleSlot[] | undefined)[] = [];
  /** All slots that judge silence. */
  silent: readonly RuleSlot[] = [];
  readonly late = new Map<number, LateSpan>();
  /** Slots that put several series together. */
  readonly joint = new JointSlots();
  /** Slots of gateways: they judge sessions, not series. */
  readonly gateways = new Map<DeviceId, RuleSlot>();
  /** Slots with an open occurrence. */
  readonly open = new Set<RuleSlot>();

  /** Makes room for the series. */
  admit(series: SeriesId): void {
    if (series < this.#capacity) return;
    const capacity = Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(series + 1)));
    const grown = (old: Float64Array, fill: number): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(capacity).fill(fill);
      next.set(old);
      return next;
    };
    const grownBytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const next = new Uint8Array(capacity);
      next.set(old);
      return next;
    };
    this.newest = grown(this.newest, Number.NEGATIVE_INFINITY);
    this.newestValue = grown(this.newestValue, 0);
    this.newestQuality = grownBytes(this.newestQuality);
    this.calmHigh = grown(this.calmHigh, Number.NEGATIVE_INFINITY);
    this.calmLow = grown(this.calmLow, Number.POSITIVE_INFINITY);
    this.heardAt = grown(this.heardAt, Number.NEGATIVE_INFINITY);
    this.judgedThrough = grown(this.judgedThrough, 0);
    this.dirty = grownBytes(this.dirty);
    this.#capacity = capacity;
  }

  /** Works out the calm range of the series' value rules as they are now. */
  findCalm(series: number): void {
    let high = Number.POSITIVE_INFINITY;
    let low = Number.NEGATIVE_INFINITY;
    const slots = this.valueSlots[series] ?? [];
    for (let k = 0; k < slots.length; k++) {
      const { compiled, state } = slots[k]!;
      if (compiled.windowMs > 0) continue;
      high = state.quiet ? Math.min(high, compiled.quietHigh) : Number.NEGATIVE_INFINITY;
      low = Math.max(low, compiled.quietLow);
      if (high === Number.NEGATIVE_INFINITY) break;
    }
    this.calmHigh[series] = high;
    this.calmLow[series] = low;
  }

  /** Rules changed: what was calm has to be found out again. */
  forgetCalm(): void {
    this.calmHigh.fill(Number.NEGATIVE_INFINITY);
  }

  markDirty(series: number): void {
    if (this.dirty[series] === 1) return;
    this.dirty[series] = 1;
    this.dirtyList.push(series);
  }

  *slotsOf(series: number): Generator<RuleSlot> {
    yield* this.valueSlots[series] ?? [];
    yield* this.silenceSlots[series] ?? [];
  }

  slotOf(series: number, rule: RuleId): RuleSlot | undefined {
    for (const slot of this.slotsOf(series)) if (slot.compiled.rule.id === rule) return slot;
    return undefined;
  }

  /** The slot whose occurrence this is. */
  slotOfAlarm({ series, ruleId, pointId, area, carrier }: Alarm): RuleSlot | undefined {
    if (carrier?.kind === 'device') return this.gateways.get(carrier.id);
    return this.slotOf(series, ruleId) ?? this.joint.byKey.get(jointKey(ruleId, area === undefined ? pointId : null));
  }

  /** When the slot was last heard: any of its series. */
  heardBy({ part, entry }: RuleSlot): number {
    if (part === null) return this.heardAt[entry.series]!;
    return part.scope.inputs.reduce(
      (last, { series }) => Math.max(last, this.heardAt[series]!),
      Number.NEGATIVE_INFINITY,
    );
  }

  /** Takes the newer of what the slot knows and `alarm`: a later occurrence, or a later version of the same. */
  adopt(slot: RuleSlot, alarm: Alarm): void {
    const known = slot.alarm;
    const newer =
      known === null || (known.id === alarm.id ? alarm.version > known.version : alarm.startedAt > known.startedAt);
    if (newer) this.put(slot, alarm);
  }

  /** Makes `alarm` the latest occurrence of the slot; `null`: the registry holds none. */
  put(slot: RuleSlot, alarm: Alarm | null): void {
    slot.alarm = alarm;
    if (openAlarmOf(slot) === null) this.open.delete(slot);
    else this.open.add(slot);
  }

  /** Notes that readings from `from` to `to` (inclusive) came late. */
  touch(series: number, from: number, to: number, seenAt: number, adopts = false): void {
    this.late.set(series, touchedMore(this.late.get(series) ?? null, from, to, seenAt, adopts));
  }
}
