/** The first request waits this long for company: a sync costs as much for one as for a hundred. */
const GATHER_MS = 25;

/**
 * Turns many single requests into few commits: those that come while one is being written go with the next, at most `atMost` together.
 * An error of the commit is the error of each request in it.
 */
export function groupCommit<T, R>(
  commit: (items: readonly T[]) => Promise<readonly R[]>,
  atMost: number,
): (item: T) => Promise<R> {
  const waiting: { readonly item: T; resolve(result: R): void; reject(error: unknown): void }[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, atMost);
      try {
        const results = await commit(batch.map(({ item }) => item));
        for (const [i, { resolve }] of batch.entries()) resolve(results[i] as R);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // Whatever arrives meanwhile goes together as well.
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
    isRunning = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isRunning) return;
      isRunning = true;
      setTimeout(() => void run(), GATHER_MS);
    });
}
