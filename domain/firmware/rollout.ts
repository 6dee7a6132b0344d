import type { Brand } from '../brand.ts';
import type { AgencyId, DeviceId, DeviceModelId, UserId } from '../identifiers.ts';
import { err, ok, type Result } from '../result.ts';
import { after, type DurationMs, days, type EpochMs, epochMs, hours, minutes } from '../time.ts';
import type { FirmwareImageId } from './firmware-image.ts';
import type { ProgressKind } from './rollout-device.ts';

export type RolloutId = Brand<string, 'RolloutId'>;

/** How a version is brought to devices. Shares are of 1. */
export interface RolloutPlan {
  /** Percent of the devices that have had their turn when each stage is over: ascending, in (0, 100], the last 100. */
  readonly stages: readonly number[];
  /** Share of the stage's finished devices that must run the version before the next stage begins; in (0, 1]. */
  readonly successShare: number;
  /** How long a stage is watched after its last device finished. */
  readonly soak: DurationMs;
  /** The rollout halts by itself when more than this share of the stage's finished devices failed … */
  readonly failureShare: number;
  /** … and at least this many did; ≥ 1. */
  readonly failureMinimum: number;
  /** A device that does not begin within this was not reached: it counts neither way. */
  readonly reachWithin: DurationMs;
  /** A device that began and says nothing for this long has failed. */
  readonly finishWithin: DurationMs;
}
export const DEFAULT_ROLLOUT_PLAN: RolloutPlan = {
  stages: [1, 10, 50, 100],
  successShare: 0.95,
  soak: hours(1),
  failureShare: 0.05,
  failureMinimum: 2,
  reachWithin: days(2),
  finishWithin: minutes(30),
};
/** Stages of one rollout at most. */
export const STAGES_MAX = 10;

export type PlanProblem = 'STAGES' | 'SHARE' | 'MINIMUM';
/** What is wrong with a plan; `null`: nothing. */
export function planProblem({ stages, successShare, failureShare, failureMinimum }: RolloutPlan): PlanProblem | null {
  const rising = stages.every((percent, i) => percent > (stages[i - 1] ?? 0) && percent <= 100);
  if (stages.length === 0 || stages.length > STAGES_MAX || !rising || stages.at(-1) !== 100) return 'STAGES';
  if (!(successShare > 0 && successShare <= 1) || !(failureShare >= 0 && failureShare < 1)) return 'SHARE';
  return Number.isInteger(failureMinimum) && failureMinimum >= 1 ? null : 'MINIMUM';
}

/**
 * - `failures`: too many of the stage failed.
 * - `success_share`: the stage is over, and too few of it run the version.
 * - `nobody_reached`: the stage is over, and not one device began: nothing is known about the version.
 * - `image_withdrawn`, `key_revoked`: it must not be given out any more.
 */
export const HALT_REASONS = ['failures', 'success_share', 'nobody_reached', 'image_withdrawn', 'key_revoked'] as const;
export type HaltReason = (typeof HALT_REASONS)[number];

/** Where in its stages a rollout is. `pardoned`: failures that a person has seen and gone on after; they are not held against it again. */
interface Position {
  readonly stage: number;
  readonly pardoned: number;
  /** A person went on although nobody of the stage was reached. */
  readonly goOnUnreached: boolean;
}
export type RolloutState =
  | { readonly kind: 'draft' }
  | (Position & { readonly kind: 'running'; readonly at: EpochMs })
  | (Position & { readonly kind: 'paused'; readonly at: EpochMs; readonly by: UserId })
  | (Position & {
      readonly kind: 'halted';
      readonly at: EpochMs;
      readonly reason: HaltReason;
      readonly failed: number;
      readonly finished: number;
    })
  | { readonly kind: 'done'; readonly at: EpochMs }
  | { readonly kind: 'cancelled'; readonly at: EpochMs; readonly by: UserId };
export const ROLLOUT_STATES = [
  'draft',
  'running',
  'paused',
  'halted',
  'done',
  'cancelled',
] as const satisfies readonly RolloutState['kind'][];

export interface Rollout {
  readonly id: RolloutId;
  readonly agencyId: AgencyId;
  readonly modelId: DeviceModelId;
  readonly imageId: FirmwareImageId;
  readonly version: string;
  readonly plan: RolloutPlan;
  /** Devices it is for, those left out at the beginning included. */
  readonly devices: number;
  readonly createdBy: UserId;
  readonly createdAt: EpochMs;
  readonly state: RolloutState;
}

/** It may yet give its version to devices: there is one such at most for a model of an agency. */
export const isOpenRollout = ({ state }: Pick<Rollout, 'state'>): boolean =>
  state.kind === 'running' || state.kind === 'paused' || state.kind === 'halted';

/**
 * Devices in the order of their turns: by a hash of rollout and device, so that it is the same again for the same rollout, and another few go first in the
 * next one.
 */
export function inTurn(rollout: RolloutId, devices: readonly DeviceId[]): readonly DeviceId[] {
  return devices
    .map((id) => ({ id, hash: hash32(`${rollout}\n${id}`) }))
    .sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** How many of `devices` have had their turn at `percent`: rounded up, so that no stage of a small fleet is empty of the first device. */
export const reachedAt = (percent: number, devices: number): number => Math.ceil((devices * percent) / 100 - 1e-9);

/** The stage of the device at `place` (0 …) of `devices`. */
export function stageOf(place: number, devices: number, stages: readonly number[]): number {
  const stage = stages.findIndex((percent) => place < reachedAt(percent, devices));
  return stage < 0 ? stages.length - 1 : stage;
}

/** FNV-1a over UTF-16 units, mixed once more as in MurmurHash3: neighbours in name are no neighbours in turn. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export type ProgressCounts = Readonly<Record<ProgressKind, number>>;
/** Of one stage. */
export interface StageTally {
  readonly counts: ProgressCounts;
  /** Of those timed out: how many had begun. */
  readonly lost: number;
  /** When the last of them finished; `null`: none did. */
  readonly lastFinishedAt: EpochMs | null;
}
/** Failed, refused, or begun and never heard of again. */
export const failedOf = ({ counts, lost }: Pick<StageTally, 'counts' | 'lost'>): number =>
  counts.failed + counts.refused + lost;

/**
 * The rollout after a look at its stage: halted when too many failed, in its next stage when this one has succeeded and soaked, done after the last. One step
 * at a time; a rollout that doesn't run stays as it is.
 */
export function judged(rollout: Rollout, tally: StageTally, at: EpochMs): Rollout {
  const { state, plan } = rollout;
  if (state.kind !== 'running') return rollout;
  const { counts, lost, lastFinishedAt } = tally;
  const failed = Math.max(0, failedOf(tally) - state.pardoned);
  const finished = counts.applied + failed;
  const halt = (reason: HaltReason): Rollout => ({
    ...rollout,
    state: { ...state, kind: 'halted', at, reason, failed, finished },
  });

  if (failed >= plan.failureMinimum && failed > finished * plan.failureShare) return halt('failures');
  if (counts.waiting + counts.offered + counts.downloading + counts.verifying + counts.installing > 0) return rollout;
  if (failed > 0 && counts.applied < finished * plan.successShare) return halt('success_share');
  const unreached = counts.timed_out - lost;
  if (finished === 0 && unreached > 0 && !state.goOnUnreached) return halt('nobody_reached');
  // A stage of devices that all had the version has nothing to watch.
  const watched = finished > 0 && lastFinishedAt !== null;
  if (watched && at < after(epochMs(Math.max(lastFinishedAt, state.at)), plan.soak)) return rollout;
  const stage = state.stage + 1;
  return stage < plan.stages.length
    ? { ...rollout, state: { kind: 'running', at, stage, pardoned: 0, goOnUnreached: false } }
    : { ...rollout, state: { kind: 'done', at } };
}

/** Stopped by something outside the counts. */
export function stopped(rollout: Rollout, reason: 'image_withdrawn' | 'key_revoked', at: EpochMs): Rollout {
  const { state } = rollout;
  if (state.kind !== 'running' && state.kind !== 'paused') return rollout;
  const { stage, pardoned, goOnUnreached } = state;
  return { ...rollout, state: { kind: 'halted', at, stage, pardoned, goOnUnreached, reason, failed: 0, finished: 0 } };
}

export const ROLLOUT_STEPS = ['start', 'pause', 'resume', 'cancel'] as const;
export type RolloutStep = (typeof ROLLOUT_STEPS)[number];

/** What a person does with a rollout. `tally`: of its stage; going on after a halt pardons what it shows. */
export function stepped(
  rollout: Rollout,
  step: RolloutStep,
  tally: StageTally,
  by: UserId,
  at: EpochMs,
): Result<Rollout, 'ROLLOUT_STEP_NOT_ALLOWED'> {
  const { state } = rollout;
  const next = (state: RolloutState): Result<Rollout, never> => ok({ ...rollout, state });
  if (step === 'start' && state.kind === 'draft')
    return next({ kind: 'running', at, stage: 0, pardoned: 0, goOnUnreached: false });
  if (step === 'cancel' && (state.kind === 'draft' || isOpenRollout(rollout)))
    return next({ kind: 'cancelled', at, by });
  if (step === 'pause' && state.kind === 'running') {
    const { stage, pardoned, goOnUnreached } = state;
    return next({ kind: 'paused', at, by, stage, pardoned, goOnUnreached });
  }
  if (step === 'resume' && state.kind === 'paused') {
    const { stage, pardoned, goOnUnreached } = state;
    return next({ kind: 'running', at, stage, pardoned, goOnUnreached });
  }
  if (step === 'resume' && state.kind === 'halted')
    return next({
      kind: 'running',
      at,
      stage: state.stage,
      pardoned: failedOf(tally),
      goOnUnreached: state.reason === 'nobody_reached' || state.goOnUnreached,
    });
  return err('ROLLOUT_STEP_NOT_ALLOWED');
}
