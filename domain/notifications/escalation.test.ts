import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alarm } from '../alarm.ts';
import type { AgencyId, AlarmId, UserId } from '../identifiers.ts';
import { type DurationMs, epochMs, minutes } from '../time.ts';
import {
  advance,
  begin,
  type Escalation,
  type EscalationPolicy,
  type Fired,
  type PolicyId,
  policyProblem,
  stopReason,
} from './escalation.ts';

const T0 = 1_790_000_000_000;
const at = (minute: number) => epochMs(T0 + minute * 60_000);
const step = (minute: number) => ({
  after: minutes(minute),
  roles: [],
  people: ['u' as UserId],
  webhooks: [],
  channels: ['email' as const],
});
const aPolicy = (given: Partial<EscalationPolicy> = {}): EscalationPolicy => ({
  id: 'p' as PolicyId,
  agencyId: 'env' as AgencyId,
  name: 'p',
  enabled: true,
  interest: {},
  steps: [step(0), step(10), step(30)],
  repeat: { every: minutes(15), times: 2 },
  stopsOn: 'acknowledged',
  passesQuietHours: false,
  version: 1,
  ...given,
});
type Looked = Pick<Alarm, 'work' | 'condition' | 'endedAt' | 'suppression'>;
const NEW: Looked = { work: 'new', condition: 'active', endedAt: null, suppression: null };
const alarm = (given: Partial<Looked> = {}): Alarm => ({ id: 'a' as AlarmId, ...NEW, ...given }) as Alarm;

/** Advances at each minute, with the alarm as it was then; what was told, at which minute. */
function play(policy: EscalationPolicy, minutesLookedAt: readonly number[], now = () => alarm()) {
  let escalation = begin(policy, alarm(), null, at(0));
  const fired: (Fired & { readonly at: number })[] = [];
  for (const minute of minutesLookedAt) {
    const result = advance(escalation, policy, now(), at(minute));
    escalation = result.escalation;
    fired.push(...result.fired.map((one) => ({ ...one, at: minute })));
  }
  return { escalation, fired };
}
const every = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('an escalation', () => {
  it('tells step after step while nobody looks, repeats the last, and comes to its end', () => {
    const { fired, escalation } = play(aPolicy(), every(0, 120));
    expect(fired).toEqual([
      { step: 0, repetition: 0, at: 0 },
      { step: 1, repetition: 0, at: 10 },
      { step: 2, repetition: 0, at: 30 },
      { step: 2, repetition: 1, at: 45 },
      { step: 2, repetition: 2, at: 60 },
    ]);
    expect(escalation.state).toMatchObject({ kind: 'over', why: 'no_further_step' });
  });

  it('tells everybody it missed after an outage, but the repetitions only once', () => {
    expect(play(aPolicy(), [0, 200]).fired).toEqual([
      { step: 0, repetition: 0, at: 0 },
      { step: 1, repetition: 0, at: 200 },
      { step: 2, repetition: 0, at: 200 },
      { step: 2, repetition: 2, at: 200 },
    ]);
  });

  it.each([
    { it: 'an acknowledgement', stopsOn: 'acknowledged', alarm: { work: 'acknowledged' }, why: 'acknowledged' },
    { it: 'its end', stopsOn: 'acknowledged', alarm: { endedAt: at(3) }, why: 'ended' },
    {
      it: 'clearing, where that is wished',
      stopsOn: 'acknowledged_or_cleared',
      alarm: { condition: 'cleared' },
      why: 'cleared',
    },
    { it: 'being hidden', stopsOn: 'acknowledged', alarm: { suppression: {} }, why: 'suppressed' },
    {
      it: 'no clearing, where that is not wished',
      stopsOn: 'acknowledged',
      alarm: { condition: 'cleared' },
      why: null,
    },
  ] as const)('is stopped by $it', ({ stopsOn, alarm: given, why }) => {
    expect(stopReason({ stopsOn }, { ...NEW, ...(given as Partial<Looked>) })).toBe(why);
  });

  it('begins anew, under a number of its own, when the alarm comes back after it was over', () => {
    const policy = aPolicy();
    const { escalation } = play(policy, [0, 5], () => alarm({ work: 'acknowledged' }));
    expect(escalation.state.kind).toBe('over');
    expect(begin(policy, alarm(), escalation, at(50))).toMatchObject({ round: 2, startedAt: at(50) });
  });

  it('goes on as it is when the alarm is raised again while it runs', () => {
    const running = begin(aPolicy(), alarm(), null, at(0));
    expect(begin(aPolicy(), alarm(), running, at(5))).toBe(running);
  });

  it('stops when its policy is taken away', () => {
    const running = begin(aPolicy(), alarm(), null, at(0));
    expect(advance(running, null, alarm(), at(0)).escalation.state).toMatchObject({ why: 'policy_withdrawn' });
  });

  const policies = fc
    .record({
      gaps: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }),
      repeat: fc.option(fc.record({ every: fc.integer({ min: 1, max: 20 }), times: fc.integer({ min: 1, max: 5 }) })),
    })
    .map(({ gaps, repeat }) => {
      let minute = 0;
      const steps = gaps.map((gap) => {
        minute += gap;
        return step(minute);
      });
      return aPolicy({ steps, repeat: repeat && { every: minutes(repeat.every), times: repeat.times } });
    });
  const moments = fc
    .array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 40 })
    .map((list) => list.sort((a, b) => a - b));

  it('tells every step exactly once however often it is looked at, never before its time, repetitions never too many', () => {
    fc.assert(
      fc.property(policies, moments, (policy, looked) => {
        const { fired } = play(policy, [...looked, 10_000]);
        const first = fired.filter(({ repetition }) => repetition === 0);
        expect(first.map((one) => one.step)).toEqual(policy.steps.map((_, i) => i));
        for (const one of first) expect(minutes(one.at)).toBeGreaterThanOrEqual(policy.steps[one.step]!.after);
        const again = fired.filter(({ repetition }) => repetition > 0).map(({ repetition }) => repetition);
        expect(again).toEqual([...new Set(again)].sort((a, b) => a - b));
        expect(Math.max(0, ...again)).toBeLessThanOrEqual(policy.repeat?.times ?? 0);
      }),
    );
  });

  it('is the same after a restart as without one: all it knows can be written down', () => {
    fc.assert(
      fc.property(policies, moments, (policy, looked) => {
        let kept: Escalation = begin(policy, alarm(), null, at(0));
        const fired: Fired[] = [];
        for (const minute of looked) {
          const result = advance(JSON.parse(JSON.stringify(kept)) as Escalation, policy, alarm(), at(minute));
          kept = result.escalation;
          fired.push(...result.fired);
        }
        expect(fired).toEqual(play(policy, looked).fired.map(({ step, repetition }) => ({ step, repetition })));
      }),
    );
  });

  it('tells nothing more once somebody has looked', () => {
    fc.assert(
      fc.property(policies, moments, fc.integer({ min: 0, max: 300 }), (policy, looked, acknowledgedAt) => {
        let minute = 0;
        const { fired } = play(
          policy,
          looked.map((each) => each),
          () => alarm({ work: (looked[minute++] ?? 0) >= acknowledgedAt ? 'acknowledged' : 'new' }),
        );
        for (const one of fired) expect(one.at).toBeLessThan(acknowledgedAt);
      }),
    );
  });
});

describe('a policy', () => {
  it.each([
    [{ steps: [] }, 'STEPS_COUNT'],
    [{ steps: [step(5), step(1)] }, 'STEPS_OUT_OF_ORDER'],
    [{ steps: [{ ...step(0), people: [] }] }, 'STEP_TELLS_NOBODY'],
    [{ steps: [{ ...step(0), channels: [] }] }, 'STEP_HAS_NO_CHANNEL'],
    [{ repeat: { every: 1_000 as DurationMs, times: 1 } }, 'REPEAT'],
    [{}, null],
  ] as const)('%# is refused for what is wrong with it', (given, problem) => {
    expect(policyProblem(aPolicy(given))).toBe(problem);
  });
});
