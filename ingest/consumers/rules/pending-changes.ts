import type { Alarm } from '../../../domain/alarm.ts';
import {
  type AlarmChange,
  alarmId,
  applyConditionEvent,
  type ConditionContext,
} from '../../../domain/alarm-machine.ts';
import { messagesOf } from '../../../domain/alarm-messages.ts';
import type { AreaSituation } from '../../../domain/episode.ts';
import type { AlarmId, SeriesId } from '../../../domain/identifiers.ts';
import type { OutboxMessage, RegistryError } from '../../../domain/ports/registry.ts';
import type { RuleCommit } from '../../../domain/ports/rule-state.ts';
import type { ConditionEvent } from '../../../domain/rule-evaluation.ts';
import { placeInArea } from '../../../domain/rule-scopes.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { QuietScopes } from './quiet-scopes.ts';
import type { RulesRegistry } from './rules-settings.ts';
import type { AlarmStep, RuleSlot, SeriesTable } from './series-table.ts';

/** Steps on an occurrence that is not the latest of its slot: found in late data, or ended long ago. */
interface Elsewhere {
  base: Alarm | null;
  readonly steps: AlarmStep[];
}

/** What one commit will write, and what to remember once it is written. */
export interface Batch {
  readonly changes: RuleCommit['changes'];
  readonly outbox: RuleCommit['outbox'];
  readonly slots: readonly { readonly slot: RuleSlot; readonly steps: number; readonly after: Alarm | null }[];
  /** Of the entries whose readings changed the condition of these alarms. */
  readonly traces: ReadonlyMap<AlarmId, string>;
  readonly elsewhere: readonly AlarmId[];
}

/** The alarm steps that are not yet in the registry. */
export class PendingChanges {
  readonly #table: SeriesTable;
  readonly #quiet: Pick<QuietScopes, 'beginningOf'>;
  readonly #slots = new Set<RuleSlot>();
  readonly #elsewhere = new Map<AlarmId, Elsewhere>();
  /** Occurrences that steps waiting in a slot may begin; they may be in the registry already when readings are judged again. */
  readonly #beginnings = new Map<RuleSlot, AlarmId[]>();
  readonly #traces = new Map<RuleSlot, string>();

  constructor(table: SeriesTable, quiet: Pick<QuietScopes, 'beginningOf'>) {
    this.#table = table;
    this.#quiet = quiet;
  }

  get size(): number {
    return this.#slots.size + this.#elsewhere.size;
  }
  get slots(): Iterable<RuleSlot> {
    return this.#slots;
  }

  add(slot: RuleSlot, step: AlarmStep): void {
    slot.queue.push(step);
    this.#slots.add(slot);
  }

  /** A change of the slot's condition, recorded now. What the occurrence at hand shows to have happened already is left out. */
  addEvent(slot: RuleSlot, event: ConditionEvent, recordedAt: EpochMs, traceId: string | null = null): void {
    if (traceId !== null) this.#traces.set(slot, traceId);
    const { rule } = slot.compiled;
    const beginning = event.kind === 'activated' ? this.#quiet.beginningOf(slot, event.at, recordedAt) : {};
    const place = { ...placeOf(slot, slot.situation), ...beginning };
    if (event.kind === 'activated') {
      const ids = this.#beginnings.get(slot);
      const gateway = beginning.carrier?.kind === 'device' ? (`device-${beginning.carrier.id}` as const) : null;
      const id = alarmId(rule.id, gateway ?? scopeOf(slot) ?? 'area', event.at);
      if (ids) ids.push(id);
      else this.#beginnings.set(slot, [id]);
    }
    this.add(slot, (alarm) => {
      if (event.kind === 'activated' && alarm !== null && alarm.activatedAt >= event.at) return null;
      const open = alarm?.endedAt === null ? alarm : null;
      return applyConditionEvent(open, event, { rule, ...place, recordedAt });
    });
  }

  /** A step on the occurrence `id`, wherever it is; `known`: it as last seen, `null` when there is none yet. */
  addElsewhere(id: AlarmId, known: Alarm | null, step: AlarmStep): void {
    const there = this.#elsewhere.get(id);
    if (there) there.steps.push(step);
    else this.#elsewhere.set(id, { base: known, steps: [step] });
  }

  /** Works out what would be written now; changes nothing. */
  batch(): Batch {
    const changes: AlarmChange[] = [];
    const outbox: OutboxMessage[] = [];
    const traces = new Map<AlarmId, string>();
    const slots = [...this.#slots].map((slot) => {
      const { written, after, messages } = fold(slot.alarm, slot.queue);
      const traceId = this.#traces.get(slot);
      if (traceId !== undefined) for (const { alarm } of written) traces.set(alarm.id, traceId);
      changes.push(...written);
      outbox.push(...messages);
      return { slot, steps: slot.queue.length, after };
    });
    for (const { base, steps } of this.#elsewhere.values()) changes.push(...fold(base, steps).written);
    return {
      changes,
      outbox,
      slots,
      traces,
      elsewhere: [...this.#elsewhere.keys()],
    };
  }

  /** The batch is in the registry. */
  written(batch: Batch): void {
    for (const { slot, steps, after } of batch.slots) {
      slot.queue.splice(0, steps);
      if (after !== null) this.#table.adopt(slot, after);
      this.#beginnings.delete(slot);
      if (slot.queue.length > 0) continue;
      this.#slots.delete(slot);
      this.#traces.delete(slot);
    }
    for (const id of batch.elsewhere) this.#elsewhere.delete(id);
  }

  /** Somebody acted in between: takes the occurrences as they are now, so that the steps are applied to them. */
  async reload(registry: RulesRegistry): Promise<void> {
    const view = registry.as({ kind: 'system', name: 'rules' });
    const get = async (id: AlarmId): Promise<Alarm | null> => {
      try {
        return await view.alarms.get(id);
      } catch (error) {
        if ((error as Partial<RegistryError>).code === 'NOT_FOUND') return null;
        throw error;
      }
    };
    for (const slot of this.#slots) {
      const known = slot.alarm && (await get(slot.alarm.id));
      this.#table.put(slot, known);
      for (const id of this.#beginnings.get(slot) ?? []) {
        const stored = await get(id);
        if (stored !== null) this.#table.adopt(slot, stored);
      }
    }
    for (const [id, there] of this.#elsewhere) there.base = await get(id);
  }
}

/** What occurrences of the slot are looked up by; `null`: the area of its rule. */
export const scopeOf = ({ part, entry }: RuleSlot): SeriesId | null =>
  part?.scope.kind === 'area' ? null : entry.series;

/** Where an occurrence is: of an area at the point farthest out. */
export function placeOf(
  { part, entry }: RuleSlot,
  situation: AreaSituation | null,
): Pick<ConditionContext, 'series' | 'pointId' | 'area'> {
  if (part?.scope.kind !== 'area') return { series: entry.series, pointId: entry.pointId };
  return placeInArea(part.scope, situation);
}

interface Folded {
  readonly written: readonly AlarmChange[];
  readonly after: Alarm | null;
  /** Each of the alarm as it was then. */
  readonly messages: readonly OutboxMessage[];
}

/** Applies the steps in turn; the lines written for one occurrence stay together. */
function fold(base: Alarm | null, steps: readonly AlarmStep[]): Folded {
  const written: AlarmChange[] = [];
  const messages: OutboxMessage[] = [];
  let after = base;
  for (const step of steps) {
    const change = step(after);
    if (change === null || change.transitions.length === 0) continue;
    after = change.alarm;
    messages.push(...messagesOf(change.alarm, change.transitions));
    const last = written.at(-1);
    if (last?.alarm.id === after.id) {
      written[written.length - 1] = { alarm: after, transitions: [...last.transitions, ...change.transitions] };
    } else written.push(change);
  }
  return { written, after, messages };
}
