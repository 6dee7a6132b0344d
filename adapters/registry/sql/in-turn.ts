/**
 * What `work` says of each item, one after another: statements of one transaction go through one connection, and what an item finds may depend on what
 * was written for the one before it. Stops at the first failure.
 */
export async function eachInTurn<T, R>(items: Iterable<T>, work: (item: T) => R | Promise<R>): Promise<Awaited<R>[]> {
  const results: Awaited<R>[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
