import type { Suppression } from './alarm.ts';
import type { Brand } from './brand.ts';
import type { AgencyId, DeviceId, PointId, RuleId, SiteId, UserId } from './identifiers.ts';
import { err, ok, type Result } from './result.ts';
import type { EpochMs } from './time.ts';

export type SuppressionWindowId = Brand<string, 'SuppressionWindowId'>;

/** What a window hides the alarms of. */
export type SuppressionScope =
  /** The quantities that the device serves at the time, wherever. */
  | { readonly kind: 'device'; readonly deviceId: DeviceId }
  | { readonly kind: 'point'; readonly pointId: PointId }
  /** With the sites in it and those it feeds, contains or carries. */
  | { readonly kind: 'site'; readonly siteId: SiteId }
  | { readonly kind: 'rule'; readonly ruleId: RuleId }
  | { readonly kind: 'rule_on_point'; readonly ruleId: RuleId; readonly pointId: PointId };

export const WINDOW_KINDS = ['maintenance', 'out_of_service'] as const;

/**
 * Alarms of a scope are hidden for a time, those that begin in it as well as those that are open: evaluation goes on. It is in force from
 * `from` (inclusive) to its end (exclusive), the earlier of `until` and `endedAt`.
 */
export interface SuppressionWindow {
  readonly id: SuppressionWindowId;
  readonly agencyId: AgencyId;
  readonly kind: (typeof WINDOW_KINDS)[number];
  readonly scope: SuppressionScope;
  readonly reason: string;
  /** Who answers for it and is reminded of its end. `null`: the platform itself. */
  readonly owner: UserId | null;
  readonly from: EpochMs;
  /** `null`: out of service until a person ends it, or the maintenance of a device until the step that ends it. */
  readonly until: EpochMs | null;
  /** `device_step`: begun by a step in a device's life, and ended by one. */
  readonly cause: 'person' | 'device_step';
  /** When it was ended by hand, or withdrawn before it began. */
  readonly endedAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly version: number;
}

/** What a person says of a new one. */
export type SuppressionWindowDraft = Pick<
  SuppressionWindow,
  'id' | 'agencyId' | 'kind' | 'scope' | 'reason' | 'from' | 'until'
> & { readonly owner: UserId };

export const WINDOW_REFUSAL_CODES = ['WINDOW_NEEDS_END', 'WINDOW_END_PAST', 'WINDOW_OVER', 'WINDOW_OF_DEVICE'] as const;
export type WindowRefusal = (typeof WINDOW_REFUSAL_CODES)[number];

/** When it is over, or is to be; `null`: nobody knows yet. */
export const endOf = ({ until, endedAt }: Pick<SuppressionWindow, 'until' | 'endedAt'>): EpochMs | null =>
  until === null || endedAt === null ? (until ?? endedAt) : until < endedAt ? until : endedAt;

export type WindowPhase = 'planned' | 'in_force' | 'over';
export function phaseOf(window: Pick<SuppressionWindow, 'from' | 'until' | 'endedAt'>, now: EpochMs): WindowPhase {
  const end = endOf(window);
  if (end !== null && end <= now) return 'over';
  return now < window.from ? 'planned' : 'in_force';
}

function endRefusal(kind: SuppressionWindow['kind'], from: EpochMs, until: EpochMs | null, now: EpochMs) {
  if (until === null) return kind === 'maintenance' ? 'WINDOW_NEEDS_END' : null;
  return until <= now || until <= from ? 'WINDOW_END_PAST' : null;
}

/** A window as a person opens it at `now`; one that is to have begun already begins now: what has been told is told. */
export function openWindow(draft: SuppressionWindowDraft, now: EpochMs): Result<SuppressionWindow, WindowRefusal> {
  const from = draft.from < now ? now : draft.from;
  const refusal = endRefusal(draft.kind, from, draft.until, now);
  if (refusal !== null) return err(refusal);
  return ok({ ...draft, from, cause: 'person', endedAt: null, createdAt: now, version: 1 });
}

/** What may be done with a window that is not over. */
export type WindowStep = { readonly kind: 'end' } | { readonly kind: 'extend'; readonly until: EpochMs | null };

/** A person's step at `now`. What a device's step began is for a device's step to end. */
export function takeWindowStep(
  window: SuppressionWindow,
  step: WindowStep,
  now: EpochMs,
): Result<SuppressionWindow, WindowRefusal> {
  if (window.cause === 'device_step') return err('WINDOW_OF_DEVICE');
  if (phaseOf(window, now) === 'over') return err('WINDOW_OVER');
  const version = window.version + 1;
  if (step.kind === 'end') return ok({ ...window, endedAt: now, version });
  const refusal = endRefusal(window.kind, window.from, step.until, now);
  return refusal === null ? ok({ ...window, until: step.until, version }) : err(refusal);
}

/** How the window shows on an alarm. */
export const suppressionBy = (window: SuppressionWindow): Suppression => ({
  kind: window.kind,
  reason: window.reason,
  by: window.owner,
  since: window.from,
  until: endOf(window),
  window: window.id,
});
