/** Answers that the phone keeps for when there is no network; the service worker's name for them, as in `vite.config.ts`. */
const KEPT_ANSWERS = 'hd-field-answers';

/**
 * From now on the pages open without network. Only installers' pages ask for it: a control room has a network, and shows a new release the moment it is
 * there.
 */
export function registerFieldWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/sw.js').catch((error: unknown) => console.info('no work without network', error));
}

/** Forgets what was kept for the person who signed out. What waits to be told stays: it is told when they are back. */
export function forgetKeptAnswers(): void {
  if ('caches' in globalThis) void caches.delete(KEPT_ANSWERS);
}
