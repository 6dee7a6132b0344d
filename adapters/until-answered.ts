import { setTimeout as pause } from 'node:timers/promises';

/** For tests and benches: asks until there is an answer. @throws what the last question met, when `withinMs` is over. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { withinMs = 30_000, everyMs = 50 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  for (const giveUpAt = performance.now() + withinMs; ; await pause(everyMs)) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() >= giveUpAt) throw error;
    }
  }
}
