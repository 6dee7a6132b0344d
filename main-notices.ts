/** Part of the composition root: what the operators are told of the platform's own parts. */
import type { JournalFault } from './adapters/journal/journal-fault.ts';
import type { RaiseNotice } from './ingest/notices.ts';

export type Told = Parameters<RaiseNotice>[0];
/** One that concerns all agencies and no device. */
export const notice = (kind: Told['kind'], params: Told['text']['params'] = {}): Told => ({
  kind,
  agencyId: null,
  deviceId: null,
  text: { key: `notice.${kind.replace('.', '_')}`, params },
});

const UNAVAILABLE_NOTICES = {
  FULL: 'journal.full',
  DISK_FAILING: 'journal.failing',
  UNREACHABLE: 'journal.unreachable',
} as const;
/** What the operators are told of a fault of the journal. */
export function journalNotice(fault: JournalFault): Told {
  switch (fault.kind) {
    case 'unavailable':
      return notice(UNAVAILABLE_NOTICES[fault.reason]);
    case 'recovered':
      return notice('journal.recovered');
    case 'entry_damaged':
      return notice('file.damaged', { file: `journal #${fault.sequence}` });
    case 'file_damaged':
      return notice('file.damaged', { file: fault.movedTo });
  }
}
