/** Something that was chosen in the search before: its name, and the address it leads to. */
export interface RecentFind {
  readonly id: string;
  readonly label: string;
  readonly href: string;
}

/** As many as fit under an empty search without hiding the pages. */
export const RECENT_MAX = 6;

/** `finds` with the newest in front, each once, the oldest forgotten. */
export const withFind = (finds: readonly RecentFind[], find: RecentFind): readonly RecentFind[] =>
  [find, ...finds.filter(({ id }) => id !== find.id)].slice(0, RECENT_MAX);

/** What was kept, or nothing for anything else; addresses lead into this platform alone. */
export function readFinds(text: string | null): readonly RecentFind[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(kept)) return [];
    return kept
      .filter(
        (find): find is RecentFind =>
          typeof find === 'object' &&
          find !== null &&
          ['id', 'label', 'href'].every((part) => typeof (find as Record<string, unknown>)[part] === 'string') &&
          /^\/(?!\/)/.test((find as RecentFind).href),
      )
      .slice(0, RECENT_MAX);
  } catch {
    return [];
  }
}
