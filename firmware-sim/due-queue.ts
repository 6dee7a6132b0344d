/** Things in order of when they are due: a binary heap. */
export interface DueQueue<T> {
  readonly size: number;
  /** The earliest due time; `Infinity` when empty. */
  readonly nextDue: number;
  push(item: T, due: number): void;
  /** Takes the earliest if it is due at or before `now`. */
  takeDue(now: number): T | undefined;
}

export function createDueQueue<T>(): DueQueue<T> {
  const items: T[] = [];
  const dues: number[] = [];
  const swap = (a: number, b: number): void => {
    [items[a], items[b]] = [items[b] as T, items[a] as T];
    [dues[a], dues[b]] = [dues[b] as number, dues[a] as number];
  };
  const due = (i: number): number => dues[i] ?? Number.POSITIVE_INFINITY;
  return {
    get size() {
      return items.length;
    },
    get nextDue() {
      return due(0);
    },
    push(item, at) {
      let i = items.push(item) - 1;
      dues.push(at);
      for (let parent = (i - 1) >> 1; i > 0 && due(i) < due(parent); parent = (i - 1) >> 1) {
        swap(i, parent);
        i = parent;
      }
    },
    takeDue(now) {
      if (items.length === 0 || due(0) > now) return undefined;
      swap(0, items.length - 1);
      const item = items.pop();
      dues.pop();
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        const child = due(left + 1) < due(left) ? left + 1 : left;
        if (due(child) >= due(i)) break;
        swap(i, child);
        i = child;
      }
      return item;
    },
  };
}
