import { describe, expect, it } from 'vitest';
import type { NoticeWire } from '../../api/contract/users.ts';
import { NOTICE_KINDS } from '../../domain/events.ts';
import { epochMs } from '../../domain/time.ts';
import en from '../i18n/en.json' with { type: 'json' };
import { isUrgent, mergedNotices, noticeKey } from './notice-list.ts';

const aNotice = (id: string, at: number): NoticeWire => ({
  id,
  kind: 'store.away',
  agencyId: null,
  deviceId: null,
  text: { key: 'notice.store_away' },
  at: epochMs(at),
});

describe('notices', () => {
  it('are shown once, newest first, whether they came live or from the list', () => {
    const merged = mergedNotices([aNotice('c', 3), aNotice('b', 2)], [aNotice('b', 2), aNotice('a', 1)]);
    expect(merged.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  it.each(NOTICE_KINDS)('have words for %s', (kind) => {
    expect(en.notices.text[noticeKey(kind)]).toMatch(/\w/);
  });

  it('call at once for what needs hands, and leave the rest in the list', () => {
    expect(isUrgent('device.rate_limited')).toBe(true);
    expect(isUrgent('device.unknown_keys')).toBe(false);
  });
});
