/** Dense numbers for series ids, so that what is known of each series lies in plain columns. */
export class SeriesSlots {
  readonly #slots = new Map<number, number>();

  /** The series' slot, given at first sight. */
  of(series: number): number {
    let slot = this.#slots.get(series);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(series, slot);
    }
    return slot;
  }
  /** The series' slot if it has been seen. */
  find(series: number): number | undefined {
    return this.#slots.get(series);
  }
  get count(): number {
    return this.#slots.size;
  }
}

/** A number per slot; slots never set hold `empty`. */
export class SlotColumn {
  #values: Float64Array | Uint8Array;
  readonly #make: new (
    length: number,
  ) => Float64Array | Uint8Array;
  readonly #empty: number;

  constructor(make: new (length: number) => Float64Array | Uint8Array, empty: number, capacity = 1_024) {
    this.#make = make;
    this.#empty = empty;
    this.#values = new make(capacity).fill(empty);
  }
  get(slot: number): number {
    return slot < this.#values.length ? this.#values[slot]! : this.#empty;
  }
  set(slot: number, value: number): void {
    if (slot >= this.#values.length) {
      const larger = new this.#make(Math.max(slot + 1, this.#values.length * 2)).fill(this.#empty);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[slot] = value;
  }
}
