import type { Alarm, AlarmTransition, TransitionKind } from './alarm.ts';
import type { OutboxMessage } from './ports/registry.ts';

const TOLD: Partial<Record<TransitionKind, OutboxMessage['kind']>> = {
  activated: 'alarm.raised',
  reactivated: 'alarm.raised',
  severity_raised: 'alarm.escalated',
  cleared: 'alarm.cleared',
  ended: 'alarm.ended',
  // No longer hidden, and still active: who was not told may be told now.
  unsuppressed: 'alarm.raised',
  // Whoever was not told because it seemed looked after may be told now.
  acknowledgement_taken_back: 'alarm.raised',
};

/**
 * What people outside are to be told of an alarm's steps. Past occurrences tell nobody, nor do suppressed ones. The text's key is the
 * message's kind; its parameters are `alarm`, `rule`, `ruleVersion`, `point`, `quantity`, `severity`, `at` (epoch ms) and, where there are
 * such, `value` and `limit` in the quantity's unit: names are looked up in the reader's language when it is rendered.
 */
export function messagesOf(alarm: Alarm, transitions: readonly AlarmTransition[]): OutboxMessage[] {
  if (alarm.origin === 'past' || alarm.suppression !== null) return [];
  // What cleared while it was hidden ends without a word.
  const isOver = transitions.some(({ kind }) => kind === 'unsuppressed') && alarm.endedAt !== null;
  if (isOver) return [];
  return transitions.flatMap((line) => {
    const kind = TOLD[line.kind];
    if (kind === undefined || (line.kind === 'unsuppressed' && alarm.condition !== 'active')) return [];
    return [
      {
        id: `${alarm.id}#${line.index}`,
        agencyId: alarm.agencyId,
        kind,
        text: {
          key: kind,
          params: {
            alarm: alarm.id,
            rule: alarm.ruleId,
            ruleVersion: alarm.ruleVersion,
            point: alarm.pointId,
            quantity: alarm.quantity,
            severity: line.severity,
            at: line.eventTime,
            ...(line.value === null ? {} : { value: line.value }),
            ...(alarm.limit === null ? {} : { limit: alarm.limit }),
          },
        },
        alarmId: alarm.id,
        createdAt: line.recordedAt,
        deliveredAt: null,
      },
    ];
  });
}
