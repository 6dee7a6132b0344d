import type { AlarmId } from '../../domain/identifiers.ts';
import { type AlarmFrame, type LiveTable, type SnapshotFrame, withAlarms, withAllAlarms } from '../state/live-table.ts';
import { call } from './http.ts';

const PAGE = 1_000;
/** Pages fetched at most: a list of a hundred thousand is read by nobody, and stays marked as not whole. */
const PAGES_MAX = 100;
const TRIED_AGAIN_AFTER_MS = 5_000;

/** Fetches the open alarms that a snapshot had no room for, page by page beside the live line, so that the list is whole in any flood. */
export function createAlarmPaging(table: { get(): LiveTable; set(table: LiveTable): void }) {
  let run: AbortController | null = null;
  /** Known to be open since the snapshot: by it, by a page or by the live line. */
  let confirmed = new Set<AlarmId>();
  /** Ended since the snapshot: a page read before must not bring them back. */
  let ended = new Set<AlarmId>();

  async function fetchAll(signal: AbortSignal): Promise<void> {
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await call('GET /alarms', {
        signal,
        query: { open: true, origin: 'live', limit: PAGE, after },
      });
      if (signal.aborted) return;
      const open = answer.items.filter(({ id }) => !ended.has(id));
      for (const { id } of open) confirmed.add(id);
      table.set(withAlarms(table.get(), open));
      if (answer.next === null) {
        table.set(withAllAlarms(table.get(), confirmed));
        return;
      }
      after = answer.next;
    }
  }
  async function keepTrying(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await fetchAll(signal);
        return;
      } catch {
        // The list says that it isn't whole; the server may answer again in a while.
        await new Promise((resolve) => setTimeout(resolve, TRIED_AGAIN_AFTER_MS));
      }
    }
  }

  return {
    /** A snapshot came: what was being fetched is of the one before. */
    began({ alarms, alarmsTruncated }: Pick<SnapshotFrame, 'alarms' | 'alarmsTruncated'>): void {
      run?.abort();
      run = null;
      if (!alarmsTruncated) return;
      confirmed = new Set(alarms.map(({ id }) => id));
      ended = new Set();
      run = new AbortController();
      void keepTrying(run.signal);
    },
    heard(frames: readonly AlarmFrame[]): void {
      if (run === null) return;
      for (const { alarm } of frames) {
        confirmed.add(alarm.id);
        if (alarm.endedAt !== null) ended.add(alarm.id);
      }
    },
    stop(): void {
      run?.abort();
    },
  };
}
