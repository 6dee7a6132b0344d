import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId, DeviceModelId, UserId } from '../identifiers.ts';
import { type EpochMs, epochMs, seconds } from '../time.ts';
import type { FirmwareImageId } from './firmware-image.ts';
import {
  DEFAULT_ROLLOUT_PLAN,
  inTurn,
  judged,
  type ProgressCounts,
  planProblem,
  ROLLOUT_STEPS,
  type Rollout,
  type RolloutId,
  type RolloutState,
  reachedAt,
  type StageTally,
  stageOf,
  stepped,
  stopped,
} from './rollout.ts';
import { PROGRESS_KINDS } from './rollout-device.ts';

const BY = 'u' as UserId;
const PLAN = { ...DEFAULT_ROLLOUT_PLAN, soak: seconds(60), failureShare: 0.2, failureMinimum: 2, successShare: 0.9 };
const aRollout = (state: RolloutState): Rollout => ({
  id: 'r' as RolloutId,
  agencyId: 'env' as AgencyId,
  modelId: 'm' as DeviceModelId,
  imageId: 'i' as FirmwareImageId,
  version: '1.5.0',
  plan: PLAN,
  devices: 100,
  createdBy: BY,
  createdAt: epochMs(0),
  state,
});
const running = (given: Partial<Extract<RolloutState, { kind: 'running' }>> = {}) =>
  aRollout({ kind: 'running', at: epochMs(0), stage: 0, pardoned: 0, goOnUnreached: false, ...given });
const tally = (
  given: Partial<ProgressCounts>,
  lost = 0,
  lastFinishedAt: EpochMs | null = epochMs(1_000),
): StageTally => ({
  counts: { ...(Object.fromEntries(PROGRESS_KINDS.map((kind) => [kind, 0])) as ProgressCounts), ...given },
  lost,
  lastFinishedAt,
});
const LATE = epochMs(10_000_000);

describe('who goes first', () => {
  const devices = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 60 }) as fc.Arbitrary<DeviceId[]>;
  it('is the same for the same rollout, whatever order the devices come in', () => {
    fc.assert(
      fc.property(devices, fc.string(), (ids, id) => {
        expect(inTurn(id as RolloutId, [...ids].reverse())).toEqual(inTurn(id as RolloutId, ids));
      }),
    );
  });
  it('is not the same few in each rollout', () => {
    const ids = Array.from({ length: 200 }, (_, i) => `air-${i}` as DeviceId);
    const first = new Set(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => inTurn(id as RolloutId, ids)[0]));
    expect(first.size).toBeGreaterThan(3);
  });
  it('a larger percentage only adds, a first stage has somebody in it, and 100 % is everybody', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (n, a, b) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)];
          expect(reachedAt(less, n)).toBeLessThanOrEqual(reachedAt(more, n));
          expect(reachedAt(less, n)).toBeGreaterThanOrEqual(1);
          expect(reachedAt(100, n)).toBe(n);
          expect(reachedAt(less, n) - 1).toBeLessThan((n * less) / 100);
        },
      ),
    );
  });
  it('puts everybody into the stage whose percentage reaches them', () => {
    const stages = [1, 10, 50, 100];
    const perStage = [0, 0, 0, 0];
    for (let place = 0; place < 200; place += 1) perStage[stageOf(place, 200, stages)]! += 1;
    expect(perStage).toEqual([2, 18, 80, 100]);
  });
});

describe('a plan', () => {
  it.each([
    [[], 'STAGES'],
    [[10, 10, 100], 'STAGES'],
    [[0, 100], 'STAGES'],
    [[10, 50], 'STAGES'],
    [[10, Number.NaN, 100], 'STAGES'],
    [[100], null],
    [[0.5, 100], null],
  ])('with stages %j: %s', (stages, problem) => expect(planProblem({ ...PLAN, stages })).toBe(problem));
  it('needs shares that mean something', () => {
    expect(planProblem({ ...PLAN, successShare: 0 })).toBe('SHARE');
    expect(planProblem({ ...PLAN, failureShare: 1 })).toBe('SHARE');
    expect(planProblem({ ...PLAN, failureMinimum: 0.5 })).toBe('MINIMUM');
  });
});

describe('a running rollout', () => {
  it.each<[string, StageTally, EpochMs, Partial<RolloutState>]>([
    ['goes on while devices are under way', tally({ applied: 5, downloading: 1 }), LATE, { kind: 'running', stage: 0 }],
    [
      'is not halted by one failure alone',
      tally({ applied: 1, failed: 1, offered: 3 }),
      LATE,
      { kind: 'running', stage: 0 },
    ],
    [
      'is halted by too many failures, at once',
      tally({ applied: 3, failed: 1, refused: 1, waiting: 20 }),
      LATE,
      { kind: 'halted', reason: 'failures', failed: 2, finished: 5 },
    ],
    [
      'counts those that began and were not heard of again',
      tally({ applied: 2, timed_out: 2, waiting: 5 }, 2),
      LATE,
      { kind: 'halted', reason: 'failures' },
    ],
    [
      'does not count those it never reached',
      tally({ applied: 2, timed_out: 8, waiting: 5 }, 0),
      LATE,
      { kind: 'running', stage: 0 },
    ],
    [
      'is not halted at the limit, only beyond it',
      tally({ applied: 8, failed: 2, waiting: 1 }),
      LATE,
      { kind: 'running' },
    ],
    [
      'is halted at the stage’s end when too few succeeded',
      tally({ applied: 8, failed: 1 }),
      LATE,
      { kind: 'halted', reason: 'success_share' },
    ],
    ['is halted when nobody was reached', tally({ timed_out: 3 }), LATE, { kind: 'halted', reason: 'nobody_reached' }],
    ['soaks before the next stage', tally({ applied: 5 }), epochMs(60_999), { kind: 'running', stage: 0 }],
    ['goes to the next stage after it', tally({ applied: 5 }), epochMs(61_000), { kind: 'running', stage: 1 }],
    [
      'has nothing to soak in a stage that had the version',
      tally({ skipped: 5 }, 0, null),
      epochMs(1),
      { kind: 'running', stage: 1 },
    ],
  ])('%s', (_, given, at, expected) => expect(judged(running(), given, at).state).toMatchObject(expected));

  it('is done after its last stage', () => {
    expect(judged(running({ stage: 3 }), tally({ applied: 5 }), LATE).state).toEqual({ kind: 'done', at: LATE });
  });
  it('goes on after a person has seen the failures, until there are as many again', () => {
    const seen = tally({ applied: 1, failed: 3, waiting: 9 });
    const halted = judged(running(), seen, epochMs(5));
    const again = stepped(halted, 'resume', seen, BY, epochMs(9));
    if (!again.ok) throw new Error(again.error);
    expect(judged(again.value, seen, LATE).state.kind).toBe('running');
    expect(judged(again.value, tally({ applied: 1, failed: 5, waiting: 7 }), LATE).state).toMatchObject({
      kind: 'halted',
      failed: 2,
    });
  });
  it('goes past a stage nobody was reached in when a person says so', () => {
    const seen = tally({ timed_out: 3 });
    const again = stepped(judged(running(), seen, epochMs(5)), 'resume', seen, BY, epochMs(9));
    if (!again.ok) throw new Error(again.error);
    expect(judged(again.value, seen, LATE).state).toMatchObject({ kind: 'running', stage: 1 });
  });
  it('stops when its image may not be given out any more', () => {
    expect(stopped(running({ stage: 2 }), 'key_revoked', LATE).state).toMatchObject({
      kind: 'halted',
      reason: 'key_revoked',
      stage: 2,
    });
  });

  it('whatever comes: stages only rise, one at a time, and only a person takes it out of a halt', () => {
    const counts = fc.record(
      Object.fromEntries(PROGRESS_KINDS.map((kind) => [kind, fc.nat(6)])) as Record<
        keyof ProgressCounts,
        fc.Arbitrary<number>
      >,
    );
    const event = fc.oneof(
      fc.record({ kind: fc.constant('look' as const), counts, lost: fc.nat(3), after: fc.nat(100_000) }),
      fc.record({
        kind: fc.constant('step' as const),
        step: fc.constantFrom(...ROLLOUT_STEPS),
        counts,
        lost: fc.nat(3),
        after: fc.nat(1_000),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        let rollout = aRollout({ kind: 'draft' });
        let now = 0;
        for (const e of events) {
          now += e.after;
          const look: StageTally = {
            counts: e.counts,
            lost: Math.min(e.lost, e.counts.timed_out),
            lastFinishedAt: epochMs(now),
          };
          const before = rollout.state;
          if (e.kind === 'look') rollout = judged(rollout, look, epochMs(now));
          else {
            const result = stepped(rollout, e.step, look, BY, epochMs(now));
            if (result.ok) rollout = result.value;
          }
          const after = rollout.state;
          if (before.kind === 'done' || before.kind === 'cancelled') expect(after).toEqual(before);
          if ('stage' in before && 'stage' in after) {
            expect(after.stage - before.stage).toBeGreaterThanOrEqual(0);
            expect(after.stage - before.stage).toBeLessThanOrEqual(1);
          }
          if (e.kind === 'look' && before.kind !== 'running') expect(after).toEqual(before);
        }
      }),
    );
  });
});
