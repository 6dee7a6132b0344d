import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';

/** A person's step on an alarm. */
export type AlarmStep =
  | { readonly kind: 'acknowledge'; readonly note?: string }
  | { readonly kind: 'take_back_acknowledgement' }
  | { readonly kind: 'start_work' }
  | { readonly kind: 'comment'; readonly note: string }
  | { readonly kind: 'assign'; readonly to: UserId | null }
  | { readonly kind: 'resolve'; readonly note: string }
  | { readonly kind: 'shelve'; readonly reason: string; readonly until: EpochMs }
  | { readonly kind: 'unshelve' };

/**
 * The step that takes another back, as far as the alarm's history allows: nothing on record is ever removed, so what is taken back is a further line of
 * it. `null` where there is no way back: comments, work begun, what ended by the step, and shelving of what has cleared, whose return would end it.
 */
export function undoOf(step: AlarmStep, before: AlarmWire, after: AlarmWire, now: number): AlarmStep | null {
  if (after.endedAt !== null) return null;
  switch (step.kind) {
    case 'acknowledge':
      return before.work === 'new' && after.work === 'acknowledged' ? { kind: 'take_back_acknowledgement' } : null;
    case 'assign':
      return before.assignee === after.assignee ? null : { kind: 'assign', to: before.assignee };
    case 'shelve':
      return after.condition === 'active' ? { kind: 'unshelve' } : null;
    case 'unshelve': {
      const { suppression } = before;
      return suppression?.kind === 'shelved' && suppression.until !== null && suppression.until > now
        ? { kind: 'shelve', reason: suppression.reason, until: suppression.until }
        : null;
    }
    default:
      return null;
  }
}

/** Whether the step ends the occurrence, so that there is no way back: to be asked first. */
export const endsBy = (step: AlarmStep['kind'], alarm: AlarmWire): boolean =>
  step === 'resolve' ||
  (alarm.condition === 'cleared' &&
    ((step === 'acknowledge' && alarm.work === 'new' && alarm.suppression === null) || step === 'unshelve'));

/** Whether an open alarm may be given the step at all; the server has the last word. */
export function mayTake(step: AlarmStep['kind'], alarm: AlarmWire): boolean {
  if (alarm.endedAt !== null) return step === 'comment';
  switch (step) {
    case 'acknowledge':
      return alarm.work === 'new';
    case 'take_back_acknowledgement':
      return alarm.work === 'acknowledged';
    case 'start_work':
      return alarm.condition === 'active' && alarm.work !== 'in_progress';
    case 'resolve':
      return alarm.condition === 'cleared';
    case 'shelve':
      return alarm.suppression === null;
    case 'unshelve': {
      const { suppression } = alarm;
      return suppression !== null && suppression.window === undefined && suppression.carrier === undefined;
    }
    default:
      return true;
  }
}
