/** Readings a window holds at the most; beyond it the oldest go, which shortens the window. */
export const WINDOW_READINGS_MAX = 4_096;
const FIRST_ROOM = 16;

/** Where {@link ReadingWindow.percentile} sorts: judging allocates nothing as a rule. */
const sorting = new Float64Array(WINDOW_READINGS_MAX);

/**
 * The judged readings of the last while, oldest first, in a ring that grows as needed. Statistics are worked out from the readings themselves each
 * time, not carried along: the same readings give the same number to the last bit, wherever judging began.
 */
export class ReadingWindow {
  /** Time and value of slot i at 2i and 2i + 1; room for a power of two of readings. */
  #ring = new Float64Array(2 * FIRST_ROOM);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a reading newer than all, and drops those before `from`. */
  add(at: number, value: number, from: number): void {
    let mask = this.#ring.length / 2 - 1;
    while (this.#length > 0 && (this.#ring[2 * this.#first]! < from || this.#length >= WINDOW_READINGS_MAX)) {
      this.#first = (this.#first + 1) & mask;
      this.#length--;
    }
    if (this.#length > mask) {
      this.#grow();
      mask = this.#ring.length / 2 - 1;
    }
    const slot = (this.#first + this.#length) & mask;
    this.#ring[2 * slot] = at;
    this.#ring[2 * slot + 1] = value;
    this.#length++;
  }

  /** Value of the oldest reading; NaN when empty. */
  get oldest(): number {
    return this.#length === 0 ? Number.NaN : this.#ring[2 * this.#first + 1]!;
  }
  // These run over whole windows at every reading: one pass with locals, oldest first, as values lie in the ring.
  /** NaN when empty. */
  get mean(): number {
    const ring = this.#ring;
    const mask = ring.length - 1;
    let sum = 0;
    for (let n = this.#length, at = 2 * this.#first + 1; n > 0; n--, at = (at + 2) & mask) sum += ring[at]!;
    return sum / this.#length;
  }
  /** −∞ when empty. */
  get max(): number {
    const ring = this.#ring;
    const mask = ring.length - 1;
    let max = Number.NEGATIVE_INFINITY;
    for (let n = this.#length, at = 2 * this.#first + 1; n > 0; n--, at = (at + 2) & mask) {
      if (ring[at]! > max) max = ring[at]!;
    }
    return max;
  }
  /** +∞ when empty. */
  get min(): number {
    const ring = this.#ring;
    const mask = ring.length - 1;
    let min = Number.POSITIVE_INFINITY;
    for (let n = this.#length, at = 2 * this.#first + 1; n > 0; n--, at = (at + 2) & mask) {
      if (ring[at]! < min) min = ring[at]!;
    }
    return min;
  }
  /** By nearest rank: the ⌈p/100 · n⌉-th smallest, 0 < p ≤ 100; NaN when empty. */
  percentile(p: number): number {
    const n = this.#length;
    if (n === 0) return Number.NaN;
    const values = sorting.subarray(0, n);
    for (let i = 0; i < n; i++) values[i] = this.#value(i);
    values.sort();
    return values[Math.ceil((p / 100) * n) - 1]!;
  }

  #value(i: number): number {
    return this.#ring[2 * ((this.#first + i) & (this.#ring.length / 2 - 1)) + 1]!;
  }

  #grow(): void {
    const grown = new Float64Array(this.#ring.length * 2);
    grown.set(this.toArray());
    this.#ring = grown;
    this.#first = 0;
  }

  /** Time, value, time, value …, oldest first. */
  toArray(): number[] {
    const mask = this.#ring.length / 2 - 1;
    return Array.from({ length: 2 * this.#length }, (_, i) => {
      const slot = (this.#first + (i >> 1)) & mask;
      return this.#ring[2 * slot + (i & 1)]!;
    });
  }

  /** From what {@link toArray} gave. */
  static from(parts: readonly number[]): ReadingWindow {
    const window = new ReadingWindow();
    for (let i = 0; i + 1 < parts.length; i += 2) window.add(parts[i]!, parts[i + 1]!, Number.NEGATIVE_INFINITY);
    return window;
  }
}
