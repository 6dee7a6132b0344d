import type { QuantityKey } from './quantity.ts';
import type { DurationMs } from './time.ts';

/** How fast a quantity may change and still be believed, in its own unit. */
export interface RateLimit {
  /** Two readings may differ by so much however close they are. */
  readonly step: number;
  /** And by so much more for every minute between them. */
  readonly perMinute: number;
}

/** When a value that doesn't move is not believed any more. */
export interface StuckLimit {
  readonly after: DurationMs;
  /** Values that stand still by nature (no rain, saturated air) are left alone: those ≤ `restAtOrBelow` or ≥ `restAtOrAbove`. */
  readonly restAtOrBelow?: number;
  readonly restAtOrAbove?: number;
}

/** Limits of the automatic checks by quantity; what is absent is not checked. */
export interface QualityChecks {
  readonly rate: ReadonlyMap<QuantityKey, RateLimit>;
  readonly stuck: ReadonlyMap<QuantityKey, StuckLimit>;
}

/** A channel's own limits in place of its quantity's; `null`: not checked on this hardware. */
export interface ChannelChecks {
  readonly rate?: RateLimit | null;
  readonly stuck?: StuckLimit | null;
}

/** After so many readings in a row beyond the limit the new level is believed: a real change, not a spike. */
const BELIEVED_AFTER = 3;
const FIRST_CAPACITY = 1024;

/** Looks at each reading beside the last one believed, per series, in order of event time. What comes late is not looked at; what is sent again gets the same answer. */
export class RateCheck {
  #time = new Float64Array(0);
  #value = new Float64Array(0);
  #lastTime = new Float64Array(0);
  #lastValue = new Float64Array(0);
  /** In a row beyond the limit. */
  #beyond = new Uint8Array(0);

  /** True when the value changed faster than `limit` allows. */
  isTooFast(series: number, at: number, value: number, limit: RateLimit): boolean {
    if (series >= this.#time.length) this.#grow(series);
    const last = this.#lastTime[series]!;
    if (at <= last) return at === last && value === this.#lastValue[series] && this.#beyond[series]! > 0;
    this.#lastTime[series] = at;
    this.#lastValue[series] = value;
    const minutes = (at - this.#time[series]!) / 60_000;
    // Before the first reading minutes are infinite: nothing is too fast.
    const tooFast = Math.abs(value - this.#value[series]!) > limit.step + limit.perMinute * minutes;
    if (tooFast && this.#beyond[series]! + 1 < BELIEVED_AFTER) {
      this.#beyond[series]!++;
      return true;
    }
    this.#beyond[series] = 0;
    this.#time[series] = at;
    this.#value[series] = value;
    return false;
  }

  #grow(series: number): void {
    const capacity = Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(series + 1)));
    const grown = (old: Float64Array, fill: number): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(capacity).fill(fill);
      next.set(old);
      return next;
    };
    this.#time = grown(this.#time, Number.NEGATIVE_INFINITY);
    this.#value = grown(this.#value, 0);
    this.#lastTime = grown(this.#lastTime, Number.NEGATIVE_INFINITY);
    this.#lastValue = grown(this.#lastValue, Number.NaN);
    const beyond = new Uint8Array(capacity);
    beyond.set(this.#beyond);
    this.#beyond = beyond;
  }
}

/** True for values that stand still by nature. */
export const isAtRest = (value: number, { restAtOrBelow, restAtOrAbove }: StuckLimit): boolean =>
  (restAtOrBelow !== undefined && value <= restAtOrBelow) || (restAtOrAbove !== undefined && value >= restAtOrAbove);

/** The middle one of an odd number of values, else the mean of the two in the middle; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
