/*
 * Seeded randomness. Two forms: a hash of (seed, integer) for signals, which must be pure functions of the instant, and the generator
 * sfc32 (C. Doty-Humphrey, PractRand) for device behaviour, which is a walk. Nothing here, and nothing that
 * uses it, reads a clock or the machine's randomness.
 */

/** 32-bit seed of a name: FNV-1a over UTF-16 code units, finished with the MurmurHash3 mixer. */
export function seedOf(...names: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const name of names) {
    const text = String(name);
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    // Keeps ('ab', 'c') apart from ('a', 'bc').
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  return mix(hash);
}

/** Finaliser of MurmurHash3 (A. Appleby): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Number in [0, 1) that depends on `seed` and `index` alone. `index` may be any integer below 2⁵³ in size. */
export function unitAt(seed: number, index: number): number {
  const high = Math.floor(index / 0x1_0000_0000);
  return mix(mix((index >>> 0) ^ Math.imul(high, 0x9e3779b1)) ^ seed) / 0x1_0000_0000;
}

/** About normal (mean 0, deviation 1, within ± 3.5): sum of four uniforms, as Irwin and Hall. */
export function normalAt(seed: number, index: number): number {
  const sum =
    unitAt(seed, index) +
    unitAt(seed ^ 0x5bd1e995, index) +
    unitAt(seed ^ 0x27d4eb2f, index) +
    unitAt(seed ^ 0x165667b1, index);
  return (sum - 2) * Math.sqrt(3);
}

/**
 * Smooth noise in [−1, 1] with mean 0: random values at multiples of `periodMs`, joined by a smoothstep.
 * A pure function, so that any instant can be asked for in any order.
 */
export function smoothNoise(seed: number, instantMs: number, periodMs: number): number {
  const position = instantMs / periodMs;
  const index = Math.floor(position);
  const x = position - index;
  const a = unitAt(seed, index);
  const b = unitAt(seed, index + 1);
  return 2 * (a + (b - a) * x * x * (3 - 2 * x)) - 1;
}

/** A walk of random numbers. */
export interface RandomWalk {
  /** In [0, 1). */
  unit(): number;
  /** In [min, max). */
  between(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/** Generator sfc32, warmed up by fifteen steps as its author advises. */
export function createRandomWalk(seed: number): RandomWalk {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return (result >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 15; i += 1) next();
  return {
    unit: next,
    between: (min, max) => min + (max - min) * next(),
    chance: (probability) => next() < probability,
  };
}
