import type { Alarm, AlarmTransition, Suppression } from '../alarm.ts';
import type { Knowledge } from '../ports/city-past.ts';
import { unreachable } from '../result.ts';
import { isWorse } from '../rule.ts';
import type { EpochMs } from '../time.ts';

/** An alarm as it stood at `at` by its history, ascending; `null` while there was none. `endedAt` set means that it was over by then. */
export function alarmAt(
  alarm: Alarm,
  history: readonly AlarmTransition[],
  at: EpochMs,
  knowledge: Knowledge,
): Alarm | null {
  if (knowledge === 'then') {
    // What was found in late data was on nobody's screen.
    return alarm.origin === 'past'
      ? null
      : alarmThen(
          alarm,
          history.filter(({ recordedAt }) => recordedAt <= at),
        );
  }
  const { revision } = alarm;
  if (revision?.kind === 'not_confirmed') return null;
  const happened = history.filter(({ eventTime }) => eventTime <= at);
  if (revision?.kind !== 'corrected') return alarmThen(alarm, happened);
  if (at < revision.startedAt) return null;
  const then = alarmThen(alarm, happened.length > 0 ? happened : history.slice(0, 1));
  if (then === null) return null;
  const cleared = revision.clearedAt !== null && at >= revision.clearedAt;
  return {
    ...then,
    startedAt: revision.startedAt,
    ...(cleared ? { condition: 'cleared' as const, clearedAt: revision.clearedAt } : {}),
  };
}

/**
 * An alarm as it stood once `lines` of its history, ascending, had been recorded and no others; `null` without its beginning. With its whole history it is
 * `alarm` itself. What no line keeps is told as far as it is on record: the worst value is that of the worst change so far, the limit is `null` where
 * another level was in force, and an area's points are those of its last change of level.
 */
export function alarmThen(alarm: Alarm, lines: readonly AlarmTransition[]): Alarm | null {
  const [first] = lines;
  if (first?.kind !== 'activated') return null;
  if (lines.at(-1)?.index === alarm.version && lines.length === alarm.version) return alarm;
  let then: Alarm = {
    ...alarm,
    condition: 'active',
    work: 'new',
    severity: first.severity,
    worstSeverity: first.severity,
    startedAt: first.eventTime,
    activatedAt: first.eventTime,
    activationCount: 1,
    clearedAt: null,
    endedAt: null,
    silentSince: null,
    triggerValue: first.value,
    worstValue: first.value,
    lastValue: first.value,
    suppression: first.suppression ?? null,
    assignee: null,
    revision: null,
    version: first.index,
  };
  for (const line of lines.slice(1)) then = { ...then, ...changeBy(line, then, alarm), version: line.index };
  return then.severity === alarm.severity ? then : { ...then, limit: null };
}

function changeBy(line: AlarmTransition, then: Alarm, now: Alarm): Partial<Alarm> {
  const { eventTime: at, severity, value } = line;
  const worstSeverity = isWorse(severity, then.worstSeverity) ? severity : then.worstSeverity;
  switch (line.kind) {
    case 'activated':
    case 'reactivated':
      return {
        condition: 'active',
        work: 'new',
        severity,
        worstSeverity,
        activatedAt: at,
        activationCount: then.activationCount + 1,
        clearedAt: null,
        triggerValue: value,
        worstValue: value,
        lastValue: value,
      };
    case 'cleared':
      return { condition: 'cleared', clearedAt: at, lastValue: value, silentSince: null };
    case 'severity_raised':
      return { severity, worstSeverity, work: 'new', lastValue: value, worstValue: value };
    case 'severity_lowered':
      return { severity, lastValue: value };
    case 'silent':
      return { silentSince: at };
    case 'heard_again':
      return { silentSince: null };
    case 'acknowledgement_taken_back':
      return { work: 'new' };
    case 'acknowledged':
      return { work: 'acknowledged' };
    case 'work_started':
      return { work: 'in_progress', assignee: line.assignee ?? then.assignee ?? line.by };
    case 'assigned':
      return { assignee: line.assignee ?? null };
    case 'resolved':
      return { work: 'resolved' };
    case 'ended':
      return { endedAt: at, suppression: null };
    case 'suppressed':
      return { suppression: line.suppression ?? suppressionBy(line) };
    case 'unsuppressed':
      return then.condition === 'active' ? { suppression: null, work: 'new' } : { suppression: null };
    case 'revised':
      return { revision: now.revision };
    case 'rule_withdrawn':
      return { condition: 'cleared', clearedAt: then.clearedAt ?? at };
    case 'commented':
      return {};
    default:
      return unreachable(line.kind);
  }
}

/** Of a line recorded before lines said what hid the alarm: who did, since when and why, but not until when. */
const suppressionBy = ({ by, note, eventTime }: AlarmTransition): Suppression => ({
  kind: by === null ? 'maintenance' : 'shelved',
  reason: note ?? '',
  by,
  since: eventTime,
  until: null,
});
