import type { CommandId, CommandState } from '../device-control.ts';
import type { AgencyId, DeviceId } from '../identifiers.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import { after } from '../time.ts';
import type { RolloutId } from './rollout.ts';

/** Why a device is left out: it has the version, has a newer one, left service, or the rollout ended before its turn. */
export type SkipReason = 'has_version' | 'has_newer' | 'out_of_service' | 'cancelled';

/** How far one device is. `at`: when it became so, or last said something of it. */
export type DeviceProgress =
  /** Its turn has not come, or it was called back before it began. */
  | { readonly kind: 'waiting'; readonly at: EpochMs }
  /** The command is on its way; the device may be asleep. */
  | { readonly kind: 'offered'; readonly at: EpochMs; readonly commandId: CommandId }
  | { readonly kind: 'downloading'; readonly at: EpochMs; readonly commandId: CommandId; readonly bytes: number }
  | { readonly kind: 'verifying'; readonly at: EpochMs; readonly commandId: CommandId }
  /** Writes it and restarts. */
  | { readonly kind: 'installing'; readonly at: EpochMs; readonly commandId: CommandId }
  /** It came back and reports the version: nothing less counts. */
  | { readonly kind: 'applied'; readonly at: EpochMs }
  | { readonly kind: 'failed'; readonly at: EpochMs; readonly code: string }
  /** It would not begin. */
  | { readonly kind: 'refused'; readonly at: EpochMs; readonly reason: string }
  /** `began`: it had begun and was not heard of again; else it was never reached. */
  | { readonly kind: 'timed_out'; readonly at: EpochMs; readonly began: boolean }
  | { readonly kind: 'skipped'; readonly at: EpochMs; readonly why: SkipReason };
export const PROGRESS_KINDS = [
  'waiting',
  'offered',
  'downloading',
  'verifying',
  'installing',
  'applied',
  'failed',
  'refused',
  'timed_out',
  'skipped',
] as const satisfies readonly DeviceProgress['kind'][];
export type ProgressKind = (typeof PROGRESS_KINDS)[number];

/** One device of a rollout. */
export interface RolloutDevice {
  readonly rolloutId: RolloutId;
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  /** 0, 1, 2 …: which stage it is of. */
  readonly stage: number;
  /** What it reported when the rollout was made; `null`: never. */
  readonly versionBefore: string | null;
  readonly progress: DeviceProgress;
}

type Underway = Extract<DeviceProgress, { readonly commandId: CommandId }>;
export const isUnderway = (progress: DeviceProgress): progress is Underway => 'commandId' in progress;
/** Nothing is expected of it any more. */
export const isOver = (progress: DeviceProgress): boolean => progress.kind !== 'waiting' && !isUnderway(progress);

/** What is known of a device at one moment: all of it, so that looking twice changes nothing. */
export interface Observation {
  /** What it reports to run; `null`: nothing ever. */
  readonly version: string | null;
  /** State of the command it was given in this rollout. */
  readonly command: CommandState | null;
  /** What it last said of an update, whichever that was. */
  readonly report: UpdateReport | null;
  readonly at: EpochMs;
}
/** As devices report it in their attributes: `firmware_update`, `…_state`, `…_bytes`, `…_error`. */
export interface UpdateReport {
  readonly commandId: string;
  readonly state: 'downloading' | 'verifying' | 'installing' | 'failed';
  readonly bytes: number;
  readonly error: string | null;
}
/** Attributes that speak of an update: its command's id, and how far the device is. */
export const UPDATE_ATTRIBUTES = {
  command: 'firmware_update',
  state: 'firmware_update_state',
  bytes: 'firmware_update_bytes',
  error: 'firmware_update_error',
  version: 'firmware',
} as const;

/** The report in a device's attributes; `null` when there is none that can be read. */
export function updateReportIn(attributes: Readonly<Record<string, unknown>>): UpdateReport | null {
  const [commandId, state] = [attributes[UPDATE_ATTRIBUTES.command], attributes[UPDATE_ATTRIBUTES.state]];
  const [bytes, error] = [attributes[UPDATE_ATTRIBUTES.bytes], attributes[UPDATE_ATTRIBUTES.error]];
  if (typeof commandId !== 'string') return null;
  if (state !== 'downloading' && state !== 'verifying' && state !== 'installing' && state !== 'failed') return null;
  return {
    commandId,
    state,
    bytes: typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0,
    error: typeof error === 'string' && error !== '' ? error : null,
  };
}

/** Order in which a device goes through an update: what it says late never takes it back. */
const STEPS = ['offered', 'downloading', 'verifying', 'installing'] as const;

/**
 * Progress after a look at the device. The device is right about what it runs: reporting the version counts as applied whenever it comes, also after it
 * was given up. Everything else is heard only of the command that this rollout gave.
 */
export function observed(
  before: DeviceProgress,
  target: { readonly version: string; readonly sizeBytes: number },
  seen: Observation,
): DeviceProgress {
  const { version, command, report, at } = seen;
  if (version === target.version) {
    if (before.kind === 'applied' || before.kind === 'skipped') return before;
    return before.kind === 'waiting' ? { kind: 'skipped', at, why: 'has_version' } : { kind: 'applied', at };
  }
  if (!isUnderway(before)) return before;
  const { commandId } = before;
  if (report?.commandId === commandId) {
    if (report.state === 'failed') return { kind: 'failed', at, code: report.error ?? 'UNKNOWN' };
    return further(before, report.state, Math.min(report.bytes, target.sizeBytes), at);
  }
  if (before.kind !== 'offered') return before;
  switch (command?.kind) {
    case 'done':
      return { kind: 'downloading', at, commandId, bytes: 0 };
    case 'failed':
      return { kind: 'refused', at, reason: command.error };
    case 'expired':
      return { kind: 'timed_out', at, began: false };
    // Somebody took the command back by hand: it is given again when the rollout comes by.
    case 'cancelled':
      return { kind: 'waiting', at };
    default:
      return before;
  }
}

function further(
  before: Underway,
  state: Exclude<UpdateReport['state'], 'failed'>,
  bytes: number,
  at: EpochMs,
): DeviceProgress {
  const { commandId } = before;
  const steps = STEPS.indexOf(state) - STEPS.indexOf(before.kind);
  if (steps < 0) return before;
  if (state !== 'downloading') return steps === 0 ? before : { kind: state, at, commandId };
  return before.kind === 'downloading' && before.bytes >= bytes
    ? before
    : { kind: 'downloading', at, commandId, bytes };
}

/** When it is given up; `null` for one that nothing is expected of, or whose turn has not come. */
export function deadlineOf(
  progress: DeviceProgress,
  { reachWithin, finishWithin }: { readonly reachWithin: DurationMs; readonly finishWithin: DurationMs },
): EpochMs | null {
  if (!isUnderway(progress)) return null;
  return after(progress.at, progress.kind === 'offered' ? reachWithin : finishWithin);
}
/** Given up. */
export const givenUp = (progress: DeviceProgress, at: EpochMs): DeviceProgress =>
  isUnderway(progress) ? { kind: 'timed_out', at, began: progress.kind !== 'offered' } : progress;
