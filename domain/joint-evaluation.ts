import type { CompiledJoint, CompiledLimits } from './compiled-joint.ts';
import { type CompiledRule, SUSPECT_FROM } from './compiled-rule.ts';
import { QUALITY } from './quality.ts';
import type { RecentReadings } from './recent-readings.ts';

/**
 * What a condition over several series comes to at one instant, as the alarm machine wants it. Of a combination the inputs are the parts' series,
 * of an area its points', of a neighbourhood the point's and then its neighbours'.
 */
export class JointSignal {
  /** What may be in breach; NaN: nothing is judged at this instant. */
  x = Number.NaN;
  /** What may be back inside. */
  clearX = Number.NaN;
  /** The value people are told; NaN when it is silent. */
  shown = Number.NaN;
  quality = 0;
  /** The input that is farthest out, of an area. */
  worst = 0;

  /** @returns false when nothing is judged */
  judge(compiled: CompiledRule, joint: CompiledJoint, inputs: readonly RecentReadings[], at: number): boolean {
    this.x = Number.NaN;
    this.quality = QUALITY.GOOD;
    switch (joint.kind) {
      case 'combination':
        this.#combine(compiled, joint, inputs, at);
        break;
      case 'area_count':
        this.#count(compiled, joint, inputs, at);
        break;
      case 'neighbours':
        this.#compare(compiled, joint, inputs, at);
    }
    return !Number.isNaN(this.x);
  }

  #mark(input: RecentReadings, at: number, spanMs: number, unusableFrom: number): void {
    const quality = input.qualityAt(at, spanMs, unusableFrom);
    if (quality >= SUSPECT_FROM && this.quality === QUALITY.GOOD) this.quality = quality;
  }

  #combine(
    { unusableFrom, levels }: CompiledRule,
    { parts, join, shown }: Extract<CompiledJoint, { kind: 'combination' }>,
    inputs: readonly RecentReadings[],
    at: number,
  ): void {
    let silent = false;
    const all = join === 'all';
    let breached = all ? levels.length : 0;
    let outside = breached;
    let heard = 0;
    for (let i = 0; i < parts.length; i++) {
      const { source, limits } = parts[i]!;
      const value = inputs[i]!.measure(at, source, unusableFrom);
      if (i === shown) this.shown = value;
      if (Number.isNaN(value)) {
        silent = true;
        continue;
      }
      heard++;
      this.#mark(inputs[i]!, at, source.spanMs, unusableFrom);
      const depth = levelsMet(limits, value, isBreached);
      const clearDepth = levelsMet(limits, value, isOutside);
      breached = all ? Math.min(breached, depth) : Math.max(breached, depth);
      outside = all ? Math.min(outside, clearDepth) : Math.max(outside, clearDepth);
    }
    if (heard === 0) return;
    if (!silent) {
      this.x = breached;
      this.clearX = outside;
    } else if (all && outside === 0) {
      // One part inside is enough, whatever the silent ones would say.
      this.x = 0;
      this.clearX = 0;
    } else if (!all && breached > 0) {
      // One part in breach is enough; but a silent one may be outside still.
      this.x = breached;
      this.clearX = levels.length;
    }
  }

  #count(
    { unusableFrom }: CompiledRule,
    { source, limits, minimumHeard }: Extract<CompiledJoint, { kind: 'area_count' }>,
    inputs: readonly RecentReadings[],
    at: number,
  ): void {
    let heard = 0;
    let breached = 0;
    let outside = 0;
    let farthest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < inputs.length; i++) {
      const value = inputs[i]!.measure(at, source, unusableFrom);
      if (Number.isNaN(value)) continue;
      heard++;
      if (isOutside(limits, value)) {
        outside++;
        if (isBreached(limits, value)) {
          breached++;
          this.#mark(inputs[i]!, at, source.spanMs, unusableFrom);
        }
      }
      const beyond = Math.max(value - limits.high, limits.low - value);
      if (beyond <= farthest) continue;
      farthest = beyond;
      this.worst = i;
      this.shown = value;
    }
    if (heard === 0 || heard < minimumHeard * inputs.length) return;
    this.x = breached;
    this.clearX = outside;
  }

  #compare(
    { unusableFrom }: CompiledRule,
    { source, direction, percent, minimumNeighbours }: Extract<CompiledJoint, { kind: 'neighbours' }>,
    inputs: readonly RecentReadings[],
    at: number,
  ): void {
    const own = inputs[0]!.measure(at, source, unusableFrom);
    if (Number.isNaN(own) || inputs.length <= minimumNeighbours) return;
    const around: number[] = [];
    for (let i = 1; i < inputs.length; i++) {
      const value = inputs[i]!.measure(at, source, unusableFrom);
      if (!Number.isNaN(value)) around.push(value);
    }
    if (around.length < minimumNeighbours) return;
    const middle = medianOf(around);
    if (percent && middle === 0) return;
    const deviation = percent ? (100 * (own - middle)) / Math.abs(middle) : own - middle;
    this.x = direction === 'above' ? deviation : direction === 'below' ? -deviation : Math.abs(deviation);
    this.clearX = this.x;
    this.shown = this.x;
    this.#mark(inputs[0]!, at, source.spanMs, unusableFrom);
  }
}

/** Inputs of an area that are in breach at the instant, by index. */
export function inputsInBreach(
  { unusableFrom }: CompiledRule,
  { source, limits }: Extract<CompiledJoint, { kind: 'area_count' }>,
  inputs: readonly RecentReadings[],
  at: number,
): readonly number[] {
  return inputs.flatMap((input, i) => {
    const value = input.measure(at, source, unusableFrom);
    return !Number.isNaN(value) && isBreached(limits, value) ? [i] : [];
  });
}

const isBreached = ({ high, low }: CompiledLimits, value: number): boolean => value >= high || value <= low;
const isOutside = ({ clearHigh, clearLow }: CompiledLimits, value: number): boolean =>
  value >= clearHigh || value <= clearLow;

/** How many levels, counted from the mildest, meet the test; `limits` worst first, each within the next. */
function levelsMet(
  limits: readonly CompiledLimits[],
  value: number,
  test: (limits: CompiledLimits, value: number) => boolean,
): number {
  for (let i = 0; i < limits.length; i++) if (test(limits[i]!, value)) return limits.length - i;
  return 0;
}

/** Of an even number the mean of the two in the middle. Sorts in place. */
function medianOf(values: number[]): number {
  values.sort((a, b) => a - b);
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
