/** A page that was loaded for a build and isn't it is not loaded for it again before this: no loop, and no screen that stays old for ever. */
export const RETRY_AFTER_MS = 600_000;
/** So long after the last call of an alarm it is calm. */
export const CALM_AFTER_MS = 60_000;

/** A page that has stood for a day begins anew: what a browser gathers in weeks is never more than a day's. */
export const RENEW_AFTER_MS = 86_400_000;

export interface ReloadFacts {
  readonly now: number;
  /** When this page was loaded. */
  readonly loadedAt: number;
  /** Of this page; empty in development. */
  readonly ownBuild: string;
  /** Of the page that the platform serves now; empty while it isn't known. */
  readonly servedBuild: string;
  /** The build this screen was last loaded anew for. */
  readonly tried: { readonly build: string; readonly at: number } | null;
  /** When a critical alarm was last shown alone, `now` while one is; `null`: never. */
  readonly calledAt: number | null;
  readonly isTroubled: boolean;
}

/**
 * Whether a wall screen is to load its page anew. `wait`: another page is served, or this one is old, but this is no moment for it. What loads asks first whether the page
 * can be had, so that a screen never gives up what it shows for an error.
 */
export function reloadDecision({
  now,
  loadedAt,
  ownBuild,
  servedBuild,
  tried,
  calledAt,
  isTroubled,
}: ReloadFacts): 'current' | 'wait' | 'load' {
  if (ownBuild === '' || servedBuild === '') return 'current';
  if (ownBuild === servedBuild && now - loadedAt < RENEW_AFTER_MS) return 'current';
  if (tried !== null && tried.build === servedBuild && now - tried.at < RETRY_AFTER_MS) return 'wait';
  if (isTroubled || (calledAt !== null && now - calledAt < CALM_AFTER_MS)) return 'wait';
  return 'load';
}
