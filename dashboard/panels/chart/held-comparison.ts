const KEY = 'hd-comparison';

/** The lines of the comparison looked at last in this tab, as they stand in its address; storage may be forbidden, then none. */
export const heldComparison = {
  get(): string | undefined {
    try {
      return sessionStorage.getItem(KEY) ?? undefined;
    } catch {
      return undefined;
    }
  },
  set(lines: string | undefined): void {
    try {
      if (lines === undefined) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, lines);
    } catch {
      // Forgotten with the page, then.
    }
  },
};
