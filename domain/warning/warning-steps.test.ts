import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UserId } from '../identifiers.ts';
import { type EpochMs, epochMs, hours } from '../time.ts';
import { endedAt, phaseAt, proposalOf, type Warning } from './warning.ts';
import { aDraft, aFlood, FLOOD_MORNING } from './warning-fixture.ts';
import { takeWarningStep, type WarningStep } from './warning-steps.ts';

const HOA = 'hoa' as UserId;
const HA = 'ha' as UserId;
const ANH = 'anh' as UserId;
const REASON = { vi: 'Nước đã rút', en: 'The water has gone down' };
const at = (hoursLater: number): EpochMs => epochMs(FLOOD_MORNING + hours(hoursLater));
const approve = (by: UserId, n = 1): WarningStep => ({
  kind: 'approve',
  by,
  message: { sender: 'env@hp.example', identifier: `HD-${n}`, sent: at(0) },
});
const submit = (by: UserId): WarningStep => ({ kind: 'submit', by });
const edit = (by: UserId): WarningStep => ({ kind: 'edit', by, content: aFlood({ severity: 'Extreme' }) });

/** Takes the steps until one is refused; the phase it ends in, or the refusal. */
function walk(steps: readonly WarningStep[], now: EpochMs = at(0), from: Warning = aDraft(HOA)): string {
  let warning = from;
  for (const step of steps) {
    const taken = takeWarningStep(warning, step, now);
    if (!taken.ok) return taken.error;
    warning = taken.value;
  }
  return phaseAt(warning, now);
}

describe('an official warning', () => {
  it.each<{ it: string; steps: readonly WarningStep[]; ends: string }>([
    { it: 'is published by a second person', steps: [submit(HOA), approve(HA)], ends: 'in_force' },
    { it: 'is never approved by its author', steps: [submit(HOA), approve(HOA)], ends: 'WARNING_OWN' },
    {
      it: 'is not approved by who edited it last, though another began it',
      steps: [edit(HA), submit(HOA), approve(HA)],
      ends: 'WARNING_OWN',
    },
    {
      it: 'is not approved by who edited it in between either',
      steps: [edit(HA), edit(HOA), submit(HOA), approve(HA)],
      ends: 'WARNING_OWN',
    },
    {
      it: 'is approved by a third person when two have written in it',
      steps: [edit(HA), submit(HA), approve(ANH)],
      ends: 'in_force',
    },
    { it: 'is not approved before it is submitted', steps: [approve(HA)], ends: 'INVALID_STATE' },
    {
      it: 'goes back to being a draft when it is edited after submission',
      steps: [submit(HOA), edit(HOA), approve(HA)],
      ends: 'INVALID_STATE',
    },
    {
      it: 'is refused with a reason',
      steps: [submit(HOA), { kind: 'reject', by: HA, reason: 'Sai khu vực' }],
      ends: 'rejected',
    },
    {
      it: 'is not refused by its author, who can edit it',
      steps: [submit(HOA), { kind: 'reject', by: HOA, reason: 'x' }],
      ends: 'WARNING_OWN',
    },
    {
      it: 'is not submitted again after a refusal without being worked over',
      steps: [submit(HOA), { kind: 'reject', by: HA, reason: 'x' }, submit(HOA)],
      ends: 'INVALID_STATE',
    },
    { it: 'can be dropped before anybody saw it', steps: [{ kind: 'discard', by: HOA }], ends: 'discarded' },
    {
      it: 'stays in force while a change of it is written',
      steps: [submit(HOA), approve(HA), { kind: 'propose_update', by: HA, reason: REASON }],
      ends: 'in_force',
    },
    {
      it: 'is changed only by another than who wrote the change',
      steps: [submit(HOA), approve(HA), { kind: 'propose_update', by: HA, reason: REASON }, submit(HA), approve(HA, 2)],
      ends: 'WARNING_OWN',
    },
    {
      it: 'is taken back by two people too, its first author among them',
      steps: [submit(HOA), approve(HA), { kind: 'propose_cancel', by: HA, reason: REASON }, approve(HOA, 2)],
      ends: 'cancelled',
    },
    {
      it: 'is not taken back by one person',
      steps: [submit(HOA), approve(HA), { kind: 'propose_cancel', by: HA, reason: REASON }, approve(HA, 2)],
      ends: 'WARNING_OWN',
    },
    {
      it: 'has one change waiting at a time',
      steps: [
        submit(HOA),
        approve(HA),
        { kind: 'propose_update', by: HA, reason: REASON },
        { kind: 'propose_cancel', by: ANH, reason: REASON },
      ],
      ends: 'INVALID_STATE',
    },
    {
      it: 'stays in force when a change of it is dropped',
      steps: [
        submit(HOA),
        approve(HA),
        { kind: 'propose_update', by: HA, reason: REASON },
        { kind: 'discard', by: HA },
      ],
      ends: 'in_force',
    },
    {
      it: 'is over when it was taken back',
      steps: [
        submit(HOA),
        approve(HA),
        { kind: 'propose_cancel', by: HA, reason: REASON },
        approve(HOA, 2),
        { kind: 'propose_update', by: HA, reason: REASON },
      ],
      ends: 'INVALID_STATE',
    },
  ])('$it', ({ steps, ends }) => expect(walk(steps)).toBe(ends));

  it('is not submitted while a text is missing in one language', () => {
    const content = aFlood({ instruction: { vi: 'Kê cao tài sản.', en: ' ' } });
    expect(walk([submit(HOA)], at(0), aDraft(HOA, content))).toBe('WARNING_INCOMPLETE');
  });

  it('is not published when its end has passed while it waited', () => {
    const submitted = takeWarningStep(aDraft(HOA), submit(HOA), at(0));
    if (!submitted.ok) throw new Error(submitted.error);
    expect(walk([approve(HA)], at(6), submitted.value)).toBe('WARNING_INCOMPLETE');
  });

  it('expires at its end by itself, whether or not somebody notes it', () => {
    const published = [submit(HOA), approve(HA)].reduce((warning, step) => {
      const taken = takeWarningStep(warning, step, at(0));
      if (!taken.ok) throw new Error(taken.error);
      return taken.value;
    }, aDraft(HOA));
    expect(phaseAt(published, epochMs(at(6) - 1))).toBe('in_force');
    expect(phaseAt(published, at(6))).toBe('expired');
    expect(walk([{ kind: 'propose_update', by: HA, reason: REASON }], at(6), published)).toBe('INVALID_STATE');
    const noted = takeWarningStep(published, { kind: 'expire' }, at(9));
    if (!noted.ok) throw new Error(noted.error);
    expect(endedAt(noted.value, at(9))).toBe(at(6));
    expect(endedAt(published, at(9))).toBe(at(6));
  });

  const person = fc.constantFrom(HOA, HA, ANH);
  const anyStep: fc.Arbitrary<WarningStep> = fc.oneof(
    person.map(edit),
    person.map(submit),
    person.map((by) => approve(by)),
    person.map((by): WarningStep => ({ kind: 'reject', by, reason: 'x' })),
    person.map((by): WarningStep => ({ kind: 'propose_update', by, reason: REASON })),
    person.map((by): WarningStep => ({ kind: 'propose_cancel', by, reason: REASON })),
    person.map((by): WarningStep => ({ kind: 'discard', by })),
    fc.constant<WarningStep>({ kind: 'expire' }),
  );

  it('never publishes what its approver wrote in, never loses what was published, and counts every step', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyStep, fc.nat(8)), { maxLength: 40 }), (steps) => {
        let warning = aDraft(HOA);
        let clock = 0;
        for (const [step, later] of steps) {
          clock = Math.max(clock, later / 2);
          const taken = takeWarningStep(warning, step, at(clock));
          if (!taken.ok) continue;
          const next = taken.value;
          expect(next.version).toBe(warning.version + 1);
          expect(next.issued.slice(0, warning.issued.length)).toEqual(warning.issued);
          if (next.issued.length > warning.issued.length) {
            expect(step.kind).toBe('approve');
            expect(proposalOf(warning)?.stage).toBe('submitted');
          }
          for (const message of next.issued) expect(message.authors).not.toContain(message.approvedBy);
          warning = next;
        }
      }),
    );
  });
});
