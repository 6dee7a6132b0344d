import { createRandomWalk, seedOf, unitAt } from '../random.ts';

/** How one piece of hardware misbehaves. Drawn once from the fleet's seed and the device's id. */
export interface HardwareProfile {
  /** Its reports wander by up to this much round their due time. */
  readonly jitterMs: number;
  /** Its clock at the fleet's beginning, minus true time; grows by `clockDriftPpm`. */
  readonly clockOffsetMs: number;
  readonly clockDriftPpm: number;
  /** Share of two-hour slots in which it loses coverage for a while. */
  readonly coverageLossShare: number;
  /** Probability that a message is sent once more, as after a lost acknowledgement. */
  readonly repeatProbability: number;
  /** Share of days on which its sensor sticks for some hours. */
  readonly stuckShare: number;
  /** Relative drift of its first channel per day since the last calibration, and the days between calibrations. */
  readonly driftPerDay: number;
  readonly calibrationDays: number;
  readonly firmware: string;
  readonly rssiDbm: number;
}

/** A fleet of tame devices sends exactly on time and never errs; for load tests and for counting. */
export type Temper = 'real' | 'tame';

const FIRMWARE = ['1.4.2', '1.4.2', '1.4.2', '1.4.1', '1.3.9'] as const;

export function hardwareProfile(seed: number, deviceId: string, intervalMs: number, temper: Temper): HardwareProfile {
  const walk = createRandomWalk(seedOf(seed, deviceId, 'hardware'));
  const firmware = FIRMWARE[Math.floor(walk.unit() * FIRMWARE.length)] ?? FIRMWARE[0];
  if (temper === 'tame')
    return {
      jitterMs: 0,
      clockOffsetMs: 0,
      clockDriftPpm: 0,
      coverageLossShare: 0,
      repeatProbability: 0,
      stuckShare: 0,
      driftPerDay: 0,
      calibrationDays: 1,
      firmware,
      rssiDbm: -80,
    };
  // Most clocks are kept by the network within a fraction of a second; a few run on their own crystal.
  const clock = walk.unit();
  const clockOffsetMs =
    clock < 0.965
      ? walk.between(-250, 250)
      : clock < 0.985
        ? walk.between(-45_000, -5_000)
        : clock < 0.997
          ? walk.between(4_000, 90_000)
          : walk.between(120_000, 240_000);
  const poorRadio = walk.chance(0.07);
  return {
    jitterMs: Math.min(4_000, intervalMs * 0.04),
    clockOffsetMs: Math.round(clockOffsetMs),
    clockDriftPpm: walk.between(-12, 12),
    coverageLossShare: poorRadio ? walk.between(0.05, 0.3) : 0.002,
    repeatProbability: poorRadio ? 0.03 : 0.003,
    stuckShare: walk.chance(0.02) ? 0.2 : 0,
    driftPerDay: walk.chance(0.02) ? walk.between(-0.012, 0.02) : 0,
    calibrationDays: 14,
    firmware,
    rssiDbm: Math.round(poorRadio ? walk.between(-118, -104) : walk.between(-96, -62)),
  };
}

const SLOT_MS = 2 * 3_600_000;
const DAY_MS = 86_400_000;

/** End of the coverage gap that holds `t`, or `null` when there is coverage: at most one gap of 3–40 minutes a two-hour slot. */
export function coverageGapEnd(profile: HardwareProfile, deviceSeed: number, t: number): number | null {
  if (profile.coverageLossShare === 0) return null;
  const slot = Math.floor(t / SLOT_MS);
  if (unitAt(deviceSeed ^ 0xc0, slot) >= profile.coverageLossShare) return null;
  const length = (3 + 37 * unitAt(deviceSeed ^ 0xc1, slot) ** 2) * 60_000;
  const from = slot * SLOT_MS + unitAt(deviceSeed ^ 0xc2, slot) * (SLOT_MS - length);
  return t >= from && t < from + length ? from + length : null;
}

/** Beginning of the span in which the sensor hangs at `t`, or `null`: one to six hours on the days it does. */
export function stuckSince(profile: HardwareProfile, deviceSeed: number, t: number): number | null {
  if (profile.stuckShare === 0) return null;
  const day = Math.floor(t / DAY_MS);
  if (unitAt(deviceSeed ^ 0xd0, day) >= profile.stuckShare) return null;
  const length = (1 + 5 * unitAt(deviceSeed ^ 0xd1, day)) * 3_600_000;
  const from = day * DAY_MS + unitAt(deviceSeed ^ 0xd2, day) * (DAY_MS - length);
  return t >= from && t < from + length ? from : null;
}

/** Factor by which a drifting sensor is off at `t`; 1 just after calibration. */
export function driftFactor(profile: HardwareProfile, t: number): number {
  if (profile.driftPerDay === 0) return 1;
  const period = profile.calibrationDays * DAY_MS;
  return 1 + profile.driftPerDay * ((t % period) / DAY_MS);
}
