import type { EpochMs } from '../../domain/time.ts';

/*
 * Harmonic tide of Hòn Dáu. Frequencies and equilibrium arguments after Schureman, "Manual of Harmonic Analysis and Prediction of Tides"
 * (1958): speeds in degrees per mean solar hour; s, h, p, N mean longitudes of moon, sun, lunar perigee and node. Amplitudes and phase lags of
 * the station from memory of published tables (O1 70 cm, K1 72 cm, tide almost purely diurnal): right in kind, not for navigation.
 */
const DEGREE = Math.PI / 180;
/** 2000-01-01T12:00Z, to which the mean longitudes below refer. */
const J2000_MS = Date.UTC(2000, 0, 1, 12);
const DAY_MS = 86_400_000;

interface Constituent {
  readonly amplitudeM: number;
  /** Phase lag on local (UTC+7) time, degrees. */
  readonly lag: number;
  /** Multiples of T (hour angle of the mean sun), s, h, p, and a constant in degrees. */
  readonly argument: readonly [t: number, s: number, h: number, p: number, constant: number];
  /** Node factor f = a + b·cos N and node angle u = c·sin N degrees. */
  readonly node: readonly [a: number, b: number, c: number];
}

const CONSTITUENTS: readonly Constituent[] = [
  { amplitudeM: 0.72, lag: 91, argument: [1, 0, 1, 0, -90], node: [1.006, 0.115, -8.9] }, // K1
  { amplitudeM: 0.7, lag: 35, argument: [1, -2, 1, 0, 90], node: [1.009, 0.187, 10.8] }, // O1
  { amplitudeM: 0.24, lag: 84, argument: [1, 0, -1, 0, 90], node: [1, 0, 0] }, // P1
  { amplitudeM: 0.13, lag: 14, argument: [1, -3, 1, 1, 90], node: [1.009, 0.187, 10.8] }, // Q1
  { amplitudeM: 0.045, lag: 113, argument: [2, -2, 2, 0, 0], node: [1, -0.037, -2.1] }, // M2
  { amplitudeM: 0.032, lag: 150, argument: [2, 0, 0, 0, 0], node: [1, 0, 0] }, // S2
  { amplitudeM: 0.11, lag: 230, argument: [0, 0, 1, 0, 0], node: [1, 0, 0] }, // Sa: higher in autumn
];

/** Astronomical tide at the coast, metres over the mean level of the sea. */
export function tideAt(instant: EpochMs): number {
  const d = (instant - J2000_MS) / DAY_MS;
  const s = 218.3165 + 13.17639648 * d;
  const h = 280.4661 + 0.98564736 * d;
  const p = 83.3535 + 0.11140353 * d;
  const n = (125.0445 - 0.05295377 * d) * DEGREE;
  const cosN = Math.cos(n);
  const sinN = Math.sin(n);
  // Hour angle of the mean sun at the meridian of the time zone, where the lags are given.
  const local = (instant + 7 * 3_600_000) / DAY_MS;
  const t = (local - Math.floor(local)) * 360 + 180;
  let level = 0;
  for (const { amplitudeM, lag, argument, node } of CONSTITUENTS) {
    const v = argument[0] * t + argument[1] * s + argument[2] * h + argument[3] * p + argument[4];
    const f = node[0] + node[1] * cosN;
    const u = node[2] * sinN;
    level += f * amplitudeM * Math.cos((v + u - lag) * DEGREE);
  }
  return level;
}

/** Speed of the tidal wave up the rivers of the delta, m/s: √(g·h) at some 4 m of depth, less the friction. */
const WAVE_M_PER_S = 5.5;
/** The tide falls to 1/e over this distance upstream. */
const DAMPING_KM = 58;

/** Tide felt `kmFromSea` up a river: later and smaller, metres over the river's mean level. */
export const riverTideAt = (instant: EpochMs, kmFromSea: number): number =>
  tideAt((instant - (kmFromSea * 1e6) / WAVE_M_PER_S) as EpochMs) * Math.exp(-kmFromSea / DAMPING_KM);
