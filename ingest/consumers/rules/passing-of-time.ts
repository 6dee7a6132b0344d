import { markSilence } from '../../../domain/alarm-machine.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import { stepSilence } from '../../../domain/rule-evaluation.ts';
import type { DurationMs, EpochMs } from '../../../domain/time.ts';
import type { PendingChanges } from './pending-changes.ts';
import { openAlarmOf, type SeriesTable } from './series-table.ts';

export interface TimeLookOptions {
  readonly table: SeriesTable;
  readonly pending: PendingChanges;
  /** After how long without a reading a series counts as stale. */
  readonly staleAfter: (series: SeriesDirectoryEntry) => DurationMs;
}

/**
 * What happens because time passes and nothing arrives: silence rules and the "silent since" of open alarms. Only to be asked when everything in the journal has been judged. `readyAt`: when the platform was last ready to receive; its own outage is
 * nobody's silence. A series never heard of is not silent: commissioning looks after those.
 */
export function lookAtTime({ table, pending, staleAfter }: TimeLookOptions, now: EpochMs, readyAt: EpochMs): void {
  for (const slot of table.silent) {
    const { series } = slot.entry;
    const heardAt = table.heardAt[series]!;
    if (heardAt === Number.NEGATIVE_INFINITY) continue;
    for (;;) {
      const event = stepSilence(slot.compiled, slot.state, now, heardAt, readyAt);
      if (event === null) break;
      pending.addEvent(slot, event, now);
      table.markDirty(series);
    }
  }
  for (const slot of table.open) {
    const alarm = openAlarmOf(slot)!;
    if (slot.compiled.silence) continue;
    const heardAt = table.heardBy(slot);
    const stale = now - Math.max(heardAt, readyAt) >= staleAfter(slot.entry);
    if (alarm.silentSince === null && alarm.condition === 'active' && stale && heardAt > 0) {
      pending.add(slot, (current) =>
        current?.endedAt === null && current.condition === 'active'
          ? markSilence(current, heardAt as EpochMs, now)
          : null,
      );
    } else if (alarm.silentSince !== null && heardAt > alarm.silentSince) {
      pending.add(slot, (current) => (current?.endedAt === null ? markSilence(current, null, now) : null));
    }
  }
}
