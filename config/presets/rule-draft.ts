import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Condition, RollingStatistic, Rule, Severity } from '../../domain/rule.ts';
import type { DurationMs } from '../../domain/time.ts';
import type { PlainPreset, PresetBreach, PresetLevel, UsablePreset, WindowedPreset } from './preset.ts';

/** A rule that nobody has saved yet. */
export type RuleDraft = Omit<Rule, 'id' | 'version' | 'createdBy' | 'createdAt'>;

export interface DraftRequest {
  readonly agencyId: AgencyId;
  /** Levels with no better evidence than memory that the person has compared with the document; the others of that kind are left out. */
  readonly confirmed: readonly Severity[];
}

/** `NO_CONFIRMED_LEVEL`: all that the preset has are levels that wait to be confirmed. */
export type DraftProblem = 'NO_CONFIRMED_LEVEL';

/** A rule from a preset that judges each reading: switched off, for a person to look over, change and switch on. */
export const ruleDraft = (preset: PlainPreset, request: DraftRequest): Result<RuleDraft, DraftProblem> =>
  draftOf(preset, request, undefined);

/** The same from a preset that judges a window. `interval`: how often the watched series report, > 0. */
export function windowedRuleDraft(
  preset: WindowedPreset,
  request: DraftRequest,
  interval: DurationMs,
): Result<RuleDraft, DraftProblem> {
  return draftOf(preset, request, { ...preset.window, interval });
}

/** Levels that a person must confirm before they may be part of a rule. */
export const levelsToConfirm = ({ breach }: UsablePreset): readonly PresetLevel[] =>
  breach.levels.filter(({ evidence }) => evidence === 'unverified');

function draftOf(
  { breach, hysteresis, name, advice, quantity, selection, clearHold, weekly, quietsBehind }: UsablePreset,
  { agencyId, confirmed }: DraftRequest,
  over: RollingStatistic | undefined,
): Result<RuleDraft, DraftProblem> {
  const condition = conditionOf(breach, hysteresis, confirmed, over);
  if (condition.levels.length === 0) return err('NO_CONFIRMED_LEVEL');
  return ok({
    agencyId,
    name,
    advice,
    enabled: false,
    quantity,
    selection: {
      ...(selection.points === undefined
        ? {}
        : { points: selection.points as readonly string[] as readonly PointId[] }),
      ...(selection.tags === undefined ? {} : { tags: selection.tags }),
    },
    condition,
    clearHold,
    judgeSuspect: true,
    // A notice is for reading, not for signing.
    endsUnacknowledged: ['notice'],
    ...(weekly === undefined ? {} : { active: { weekly, seasons: [] } }),
    ...(quietsBehind === undefined ? {} : { quietsBehind }),
  });
}

function conditionOf(
  breach: PresetBreach,
  hysteresis: number,
  confirmed: readonly Severity[],
  over: RollingStatistic | undefined,
): Condition {
  const judging = over === undefined ? {} : { over };
  const isTrusted = ({ severity, evidence }: PresetLevel): boolean =>
    evidence !== 'unverified' || confirmed.includes(severity);
  if (breach.kind === 'outside') {
    const levels = breach.levels
      .filter(isTrusted)
      .map(({ severity, hold, low, high }) => ({ severity, hold, low, high }));
    return { kind: breach.kind, hysteresis, levels, ...judging };
  }
  const levels = breach.levels.filter(isTrusted).map(({ severity, hold, limit }) => ({ severity, hold, limit }));
  // A fall is of readings, never of what a window makes of them: the schema has no preset of both.
  if (breach.kind === 'falling')
    return { kind: 'rate_of_change', direction: 'falling', window: breach.within, hysteresis, levels };
  return { kind: breach.kind, hysteresis, levels, ...judging };
}
