import type { NoticeWire } from '../../api/contract/users.ts';

type NoticeKind = NoticeWire['kind'];
/** `device.rate_limited` → `device_rate_limited`: a kind as a key of the catalogue. */
type KeyOf<K extends string> = K extends `${infer A}.${infer B}` ? `${A}_${B}` : K;
export const noticeKey = <K extends NoticeKind>(kind: K): KeyOf<K> => kind.replace('.', '_') as KeyOf<K>;

const QUIET: ReadonlySet<NoticeKind> = new Set(['device.unknown_keys', 'device.clock_unset', 'quarantine.evicted']);
/** Whether it is said at once, over whatever page is open; the others wait in the list. */
export const isUrgent = (kind: NoticeKind): boolean => !QUIET.has(kind);

/** Those that came live and those of the server's list, each once, newest first. */
export function mergedNotices(live: readonly NoticeWire[], kept: readonly NoticeWire[]): readonly NoticeWire[] {
  const byId = new Map([...kept, ...live].map((notice) => [notice.id, notice]));
  return [...byId.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
}
