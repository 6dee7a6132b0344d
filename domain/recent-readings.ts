import type { CompiledSource } from './compiled-joint.ts';
import { WINDOW_READINGS_MAX } from './reading-window.ts';

const FIRST_ROOM = 16;
/** Readings kept of a series at the most; beyond it the oldest go. Twice what a statistic reads: newer ones wait for their instant. */
export const RECENT_READINGS_MAX: number = 2 * WINDOW_READINGS_MAX;

/** Where statistics are worked out: judging allocates nothing as a rule. */
const gathered = new Float64Array(WINDOW_READINGS_MAX);

/**
 * The latest readings of a series in order of event time, each time once, whatever order they arrive in: an input of conditions over several
 * series. What is taken of it at an instant depends on the readings alone.
 */
export class RecentReadings {
  #times = new Float64Array(FIRST_ROOM);
  #values = new Float64Array(FIRST_ROOM);
  #qualities = new Uint8Array(FIRST_ROOM);
  /** Readings lie in [#first, #end). */
  #first = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#first;
  }

  /**
   * Puts a reading in its place, in that of the one with the same time if there is one, and drops those before `from`.
   * @returns false when it was there already
   */
  put(at: number, value: number, quality: number, from: number): boolean {
    while (this.#first < this.#end && this.#times[this.#first]! < from) this.#first++;
    if (at < from) return true;
    let place = this.#end;
    while (place > this.#first && this.#times[place - 1]! > at) place--;
    const known = place - 1;
    if (known >= this.#first && this.#times[known] === at) {
      if (this.#values[known] === value && this.#qualities[known] === quality) return false;
      this.#values[known] = value;
      this.#qualities[known] = quality;
      return true;
    }
    if (this.length >= RECENT_READINGS_MAX) {
      if (place === this.#first) return true;
      this.#first++;
    }
    if (this.#end === this.#times.length) place -= this.#makeRoom();
    if (place < this.#end) {
      this.#times.copyWithin(place + 1, place, this.#end);
      this.#values.copyWithin(place + 1, place, this.#end);
      this.#qualities.copyWithin(place + 1, place, this.#end);
    }
    this.#times[place] = at;
    this.#values[place] = value;
    this.#qualities[place] = quality;
    this.#end++;
    return true;
  }

  /** @returns how far everything moved towards the beginning */
  #makeRoom(): number {
    const moved = this.#first;
    const { length } = this;
    if (moved < this.#times.length / 2) {
      const room = this.#times.length * 2;
      const copied = <T extends Float64Array | Uint8Array>(next: T, old: T): T => {
        next.set(old.subarray(moved, this.#end));
        return next;
      };
      this.#times = copied(new Float64Array(room), this.#times);
      this.#values = copied(new Float64Array(room), this.#values);
      this.#qualities = copied(new Uint8Array(room), this.#qualities);
    } else {
      this.#times.copyWithin(0, moved, this.#end);
      this.#values.copyWithin(0, moved, this.#end);
      this.#qualities.copyWithin(0, moved, this.#end);
    }
    this.#first = 0;
    this.#end = length;
    return moved;
  }

  /**
   * What the source takes at the instant: the value of the newest reading in (at − span, at] whose quality is below `unusableFrom`, or the
   * statistic of all those (the latest {@link WINDOW_READINGS_MAX} of them). NaN when silent.
   */
  measure(at: number, source: CompiledSource, unusableFrom: number): number {
    const { spanMs, over, leastReadings } = source;
    const newest = this.#newest(at, spanMs, unusableFrom);
    if (newest < 0) return Number.NaN;
    if (over === null) return this.#values[newest]!;
    let count = 0;
    let place = WINDOW_READINGS_MAX;
    for (let i = newest; i >= this.#first && this.#times[i]! > at - spanMs && place > 0; i--) {
      if (this.#qualities[i]! >= unusableFrom) continue;
      gathered[--place] = this.#values[i]!;
      count++;
    }
    if (count < leastReadings) return Number.NaN;
    const values = gathered.subarray(place);
    switch (over.statistic) {
      case 'mean':
        return values.reduce((sum, value) => sum + value, 0) / count;
      case 'max':
        return values.reduce((most, value) => Math.max(most, value));
      case 'min':
        return values.reduce((least, value) => Math.min(least, value));
      case 'percentile':
        values.sort();
        return values[Math.ceil((over.percentile / 100) * count) - 1]!;
    }
  }

  /** Quality of the newest usable reading in (at − span, at]; 0 when there is none. */
  qualityAt(at: number, spanMs: number, unusableFrom: number): number {
    const newest = this.#newest(at, spanMs, unusableFrom);
    return newest < 0 ? 0 : this.#qualities[newest]!;
  }

  #newest(at: number, spanMs: number, unusableFrom: number): number {
    let i = this.#end - 1;
    while (i >= this.#first && this.#times[i]! > at) i--;
    while (i >= this.#first && this.#qualities[i]! >= unusableFrom) i--;
    return i >= this.#first && this.#times[i]! > at - spanMs ? i : -1;
  }

  /** Oldest first. */
  forEach(visit: (at: number, value: number, quality: number) => void): void {
    for (let i = this.#first; i < this.#end; i++) visit(this.#times[i]!, this.#values[i]!, this.#qualities[i]!);
  }
}
