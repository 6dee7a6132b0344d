/** A class of an index, in whole index values, closed at both ends. */
export interface IndexCategory {
  readonly key: string;
  readonly min: number;
  readonly max: number;
}

/** Category of a whole index value; above the last, the last. `categories`: ascending, at least one. */
export function categoryOf<C extends IndexCategory>(categories: readonly C[], value: number): C {
  return categories.find(({ max }) => value <= max) ?? categories.at(-1)!;
}
