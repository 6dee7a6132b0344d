import { describe, expect, it } from 'vitest';
import { RECENT_MAX, type RecentFind, readFinds, withFind } from './recent-finds.ts';

const find = (id: string): RecentFind => ({ id, label: id, href: `/?point=${id}` });

describe('what was found before', () => {
  it('stands newest first, each once, and a few of them', () => {
    const ids = ['a', 'b', 'a', 'c', 'd', 'e', 'f', 'g'];
    const kept = ids.reduce<readonly RecentFind[]>((finds, id) => withFind(finds, find(id)), []);
    expect(kept.map(({ id }) => id)).toEqual(['g', 'f', 'e', 'd', 'c', 'a']);
    expect(kept).toHaveLength(RECENT_MAX);
  });

  it('is read back whole, and leads nowhere else', () => {
    expect(readFinds(JSON.stringify([find('a')]))).toEqual([find('a')]);
    for (const bad of [null, '{', '{}', '[1]', '[{"id":"x","label":"x","href":"//evil"}]', '[{"id":"x"}]'])
      expect(readFinds(bad)).toEqual([]);
  });
});
