import type { Role } from '../access.ts';
import type { Alarm } from '../alarm.ts';
import type { Brand } from '../brand.ts';
import type { AgencyId, AlarmId, UserId } from '../identifiers.ts';
import { after, type DurationMs, type EpochMs } from '../time.ts';
import type { AlarmInterest } from './alarm-interest.ts';
import type { PersonalChannel, WebhookId } from './notification.ts';

export type PolicyId = Brand<string, 'PolicyId'>;

export interface EscalationStep {
  /** From the beginning of the escalation; steps are in ascending order, the first is often at 0. */
  readonly after: DurationMs;
  /** People of the policy's agency who hold one of the roles, these people, and these webhooks. */
  readonly roles: readonly Role[];
  readonly people: readonly UserId[];
  readonly webhooks: readonly WebhookId[];
  readonly channels: readonly PersonalChannel[];
}

/** Who is told, step by step, while nobody looks after an alarm. */
export interface EscalationPolicy {
  readonly id: PolicyId;
  readonly agencyId: AgencyId;
  readonly name: string;
  readonly enabled: boolean;
  readonly interest: AlarmInterest;
  /** 1 … 10. */
  readonly steps: readonly EscalationStep[];
  /** The last step again, every so often, so many times. */
  readonly repeat: { readonly every: DurationMs; readonly times: number } | null;
  readonly stopsOn: 'acknowledged' | 'acknowledged_or_cleared';
  /** Whether its messages pass people's quiet hours. */
  readonly passesQuietHours: boolean;
  readonly version: number;
}

export const ESCALATION_ENDS = [
  'acknowledged',
  'cleared',
  'ended',
  'suppressed',
  'no_further_step',
  'policy_withdrawn',
] as const;
export type EscalationEnd = (typeof ESCALATION_ENDS)[number];

/** One alarm on its way through one policy. */
export interface Escalation {
  readonly policyId: PolicyId;
  readonly alarmId: AlarmId;
  readonly agencyId: AgencyId;
  readonly startedAt: EpochMs;
  /** How often it has begun; a new beginning gives messages of their own. */
  readonly round: number;
  readonly state:
    | {
        readonly kind: 'running';
        /** The step that comes next; `steps.length` and more: repetitions of the last. */
        readonly next: number;
        readonly dueAt: EpochMs;
      }
    | { readonly kind: 'over'; readonly why: EscalationEnd; readonly at: EpochMs };
}

/** Something that is now to be told: step `step` (0 …), for the `repetition`-th time again (0: the first time). */
export interface Fired {
  readonly step: number;
  readonly repetition: number;
}

/** When the `next`-th telling is due, counting repetitions; `null` when there is none. */
function dueTime({ steps, repeat }: EscalationPolicy, startedAt: EpochMs, next: number): EpochMs | null {
  const step = steps[next];
  if (step !== undefined) return after(startedAt, step.after);
  const last = steps.at(-1);
  const again = next - steps.length + 1;
  if (last === undefined || repeat === null || again > repeat.times) return null;
  return after(after(startedAt, last.after), (repeat.every * again) as DurationMs);
}

/**
 * Begins an escalation, or begins it anew after it was over (the alarm came back, grew worse, or was hidden in between). One that runs goes on as it
 * is.
 */
export function begin(policy: EscalationPolicy, alarm: Alarm, known: Escalation | null, at: EpochMs): Escalation {
  if (known?.state.kind === 'running') return known;
  const dueAt = dueTime(policy, at, 0);
  return {
    policyId: policy.id,
    alarmId: alarm.id,
    agencyId: policy.agencyId,
    startedAt: at,
    round: (known?.round ?? 0) + 1,
    state: dueAt === null ? { kind: 'over', why: 'no_further_step', at } : { kind: 'running', next: 0, dueAt },
  };
}

/** Why an escalation of this alarm stops; `null` while it goes on. */
export function stopReason(
  { stopsOn }: Pick<EscalationPolicy, 'stopsOn'>,
  { work, condition, endedAt, suppression }: Pick<Alarm, 'work' | 'condition' | 'endedAt' | 'suppression'>,
): EscalationEnd | null {
  if (endedAt !== null) return 'ended';
  if (suppression !== null) return 'suppressed';
  if (work !== 'new') return 'acknowledged';
  return stopsOn === 'acknowledged_or_cleared' && condition === 'cleared' ? 'cleared' : null;
}

/**
 * The escalation at `now`, and what is to be told. After an outage every step that was missed is told once, for each may reach other people; missed
 * repetitions of the last step are told as one. `policy` is `null` when it was withdrawn or switched off.
 */
export function advance(
  escalation: Escalation,
  policy: EscalationPolicy | null,
  alarm: Alarm,
  now: EpochMs,
): { readonly escalation: Escalation; readonly fired: readonly Fired[] } {
  const { state, startedAt } = escalation;
  if (state.kind === 'over') return { escalation, fired: [] };
  const over = (why: EscalationEnd, fired: readonly Fired[] = []) => ({
    escalation: { ...escalation, state: { kind: 'over', why, at: now } } satisfies Escalation,
    fired,
  });
  if (policy === null) return over('policy_withdrawn');
  const stop = stopReason(policy, alarm);
  if (stop !== null) return over(stop);
  const fired: Fired[] = [];
  let { next } = state;
  const last = policy.steps.length - 1;
  for (;;) {
    const dueAt = dueTime(policy, startedAt, next);
    if (dueAt === null) return over('no_further_step', fired);
    if (dueAt > now) return { escalation: { ...escalation, state: { kind: 'running', next, dueAt } }, fired };
    const repetition = Math.max(0, next - last);
    if (repetition > 1 && (fired.at(-1)?.repetition ?? 0) > 0) fired.pop();
    fired.push({ step: Math.min(next, last), repetition });
    next++;
  }
}

/** Whether a policy can be followed: one to ten steps in ascending order, each telling somebody, repetitions apart. */
export function policyProblem({ steps, repeat }: Pick<EscalationPolicy, 'steps' | 'repeat'>): string | null {
  if (steps.length === 0 || steps.length > 10) return 'STEPS_COUNT';
  if (steps.some((step, i) => step.after < (steps[i - 1]?.after ?? 0))) return 'STEPS_OUT_OF_ORDER';
  for (const { roles, people, webhooks, channels } of steps) {
    if (roles.length + people.length + webhooks.length === 0) return 'STEP_TELLS_NOBODY';
    if (roles.length + people.length > 0 && channels.length === 0) return 'STEP_HAS_NO_CHANNEL';
  }
  return repeat !== null && (repeat.every < 60_000 || repeat.times < 1 || repeat.times > 100) ? 'REPEAT' : null;
}
