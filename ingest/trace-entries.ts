import type { AlarmId } from '../domain/identifiers.ts';
import type { ConsumerName, Journal, JournalSequence } from '../domain/ports/journal.ts';
import type { LiveBus } from '../domain/ports/live-bus.ts';
import type { Tracing } from '../domain/ports/tracing.ts';

/** Traced entries that a consumer has still to pass, and alarms whose trace is remembered; the oldest are forgotten. */
const REMEMBERED = 4_096;
/** Consumers that say so when they have passed an entry; rules keep their place once a minute only, so that their reading tells. */
const TOLD_BY_PASSING = ['store', 'indices', 'live'] as const;
type ToldByPassing = (typeof TOLD_BY_PASSING)[number];

interface Followed {
  readonly traceId: string;
  readonly at: number;
}

/** Epoch ms with fractions. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

/** The journal as ingest is to use it, and as rules are, and who is told of messages that were sent. */
export interface TracedEntries {
  readonly journal: Journal;
  readonly journalOfRules: Journal;
  readonly onSent: (alarmIds: readonly AlarmId[], channel: string, startedAt: number) => void;
}

/** Follows the entries of traced batches from the journal through its consumers, and alarms that come of them to the people who are told. */
export function traceEntries(journal: Journal, bus: LiveBus, tracing: Tracing): TracedEntries {
  const followed = new Map(TOLD_BY_PASSING.map((consumer) => [consumer, new Map<JournalSequence, Followed>()]));
  const alarms = new Map<AlarmId, string>();
  const remember = <K, V>(map: Map<K, V>, key: K, value: V): void => {
    map.set(key, value);
    if (map.size > REMEMBERED) for (const oldest of map.keys()) return void map.delete(oldest);
  };

  bus.subscribe('alarm.changed', ({ alarm, transitions, traceId }) => {
    if (traceId === undefined || !tracing.isSampled(traceId)) return;
    remember(alarms, alarm.id, traceId);
    const endedAt = preciseNow();
    const startedAt = Math.min(endedAt, ...transitions.map(({ recordedAt }) => recordedAt));
    const attributes = { 'hd.alarm': alarm.id, 'hd.rule': alarm.ruleId, 'hd.condition': alarm.condition };
    tracing.ended({ traceId, stage: 'alarm', startedAt, endedAt, attributes });
  });

  const followingJournal: Journal = {
    read: (after, limit) => journal.read(after, limit),
    onAppended: (listener) => journal.onAppended(listener),
    head: () => journal.head(),
    skipTo: (sequence) => journal.skipTo(sequence),
    status: () => journal.status(),
    close: () => journal.close(),
    async append(entry) {
      const sequence = await journal.append(entry);
      if (tracing.isSampled(entry.traceId)) {
        for (const entries of followed.values())
          remember(entries, sequence, { traceId: entry.traceId, at: preciseNow() });
      }
      return sequence;
    },
    passed(consumer: ConsumerName, upTo) {
      journal.passed(consumer, upTo);
      const entries = followed.get(consumer as ToldByPassing);
      if (entries === undefined) return;
      for (const [sequence, { traceId, at }] of entries) {
        if (sequence > upTo) break;
        entries.delete(sequence);
        tracing.ended({
          traceId,
          stage: consumer,
          startedAt: at,
          endedAt: preciseNow(),
          attributes: { 'hd.sequence': sequence },
        });
      }
    },
  };

  let given: { readonly sequence: JournalSequence; readonly traceId: string; readonly at: number }[] = [];
  const journalOfRules: Journal = {
    ...followingJournal,
    async read(after, limit) {
      // Asked for what comes after them, rules have judged those before.
      for (const { sequence, traceId, at } of given) {
        if (sequence <= after)
          tracing.ended({
            traceId,
            stage: 'rules',
            startedAt: at,
            endedAt: preciseNow(),
            attributes: { 'hd.sequence': sequence },
          });
      }
      const entries = await journal.read(after, limit);
      const at = preciseNow();
      given = entries.flatMap(({ sequence, traceId }) =>
        tracing.isSampled(traceId) ? [{ sequence, traceId, at }] : [],
      );
      return entries;
    },
  };

  return {
    journal: followingJournal,
    journalOfRules,
    onSent(alarmIds, channel, startedAt) {
      const endedAt = preciseNow();
      for (const traceId of new Set(alarmIds.flatMap((id) => alarms.get(id) ?? [])))
        tracing.ended({ traceId, stage: 'notification', startedAt, endedAt, attributes: { 'hd.channel': channel } });
    },
  };
}
