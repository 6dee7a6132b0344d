/** Readings a rate window holds at the most; beyond it the oldest go, which shortens the window. */
export const RATE_WINDOW_READINGS = 4_096;
const FIRST_ROOM = 16;

/** The judged readings of the last while, oldest first, in a ring that grows as needed: adding one allocates nothing as a rule. */
export class RateWindow {
  /** Time and value of slot i at 2i and 2i + 1; room for a power of two of readings. */
  #ring = new Float64Array(2 * FIRST_ROOM);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a reading, drops those before `at` − `spanMs`, and gives the value of the oldest left: its own when there is no other. */
  add(at: number, value: number, spanMs: number): number {
    const since = at - spanMs;
    let mask = this.#ring.length / 2 - 1;
    while (this.#length > 0 && (this.#ring[2 * this.#first]! < since || this.#length >= RATE_WINDOW_READINGS)) {
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
    return this.#ring[2 * this.#first + 1]!;
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
  static from(parts: readonly number[]): RateWindow {
    const window = new RateWindow();
    for (let i = 0; i + 1 < parts.length; i += 2) window.add(parts[i]!, parts[i + 1]!, Number.POSITIVE_INFINITY);
    return window;
  }
}
