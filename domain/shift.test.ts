import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgencyId, UserId } from './identifiers.ts';
import { type DutyStep, onDutyAt, planProblem, shiftAt, usualPlan } from './shift.ts';
import { coversFrom, handedShift, receiveRefusal, signRefusal } from './shift-handover.ts';
import { type EpochMs, epochMs, hours, minutes } from './time.ts';
import { localTimeIn, VIETNAM_TIME } from './time-zone.ts';

const USUAL = usualPlan('env' as AgencyId).startMinutes;
/** Local time of Việt Nam. */
const at = (text: string): EpochMs => epochMs(Date.parse(`${text}+07:00`));
const shift = (text: string) => shiftAt(USUAL, at(text), VIETNAM_TIME);

describe('the shift that a moment lies in', () => {
  it.each([
    { when: '2026-11-26T06:00', number: 1, from: '2026-11-26T06:00', to: '2026-11-26T14:00' },
    { when: '2026-11-26T13:59:59.999', number: 1, from: '2026-11-26T06:00', to: '2026-11-26T14:00' },
    { when: '2026-11-26T14:00', number: 2, from: '2026-11-26T14:00', to: '2026-11-26T22:00' },
    { when: '2026-11-26T23:30', number: 3, from: '2026-11-26T22:00', to: '2026-11-27T06:00' },
    { when: '2026-11-27T02:00', number: 3, from: '2026-11-26T22:00', to: '2026-11-27T06:00' },
  ])('is number $number at $when', ({ when, number, from, to }) => {
    expect(shift(when)).toEqual({ number, from: at(from), to: at(to) });
  });

  it('follows the one before without gap, whatever the plan', () => {
    const plans = fc
      .uniqueArray(fc.integer({ min: 0, max: 1_439 }), { minLength: 1, maxLength: 6 })
      .map((starts) => starts.sort((a, b) => a - b));
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 4e12 }), (starts, ms) => {
        const now = epochMs(ms);
        const current = shiftAt(starts, now, VIETNAM_TIME);
        expect(current.from).toBeLessThanOrEqual(now);
        expect(current.to).toBeGreaterThan(now);
        expect(shiftAt(starts, current.to, VIETNAM_TIME).from).toBe(current.to);
      }),
    );
  });

  it('is an hour shorter in the night in which clocks are put forward', () => {
    const night = shiftAt(USUAL, epochMs(Date.parse('2026-03-29T00:30:00Z')), localTimeIn('Europe/Berlin'));
    expect(night.to - night.from).toBe(hours(7));
  });

  it('is judged by a plan of ascending times of the day, two hours apart at the least', () => {
    expect(planProblem(USUAL)).toBeNull();
    expect(planProblem([0])).toBeNull();
    expect(planProblem([])).toBe('SHIFT_STARTS_ORDER');
    expect(planProblem([840, 360])).toBe('SHIFT_STARTS_ORDER');
    expect(planProblem([360, 360])).toBe('SHIFT_STARTS_ORDER');
    expect(planProblem([0, 1_440])).toBe('SHIFT_STARTS_ORDER');
    expect(planProblem([360, 420])).toBe('SHIFT_TOO_SHORT');
    // The last one goes through midnight.
    expect(planProblem([60, 1_400])).toBe('SHIFT_TOO_SHORT');
  });
});

describe('who is on duty', () => {
  const step = (who: string, kind: DutyStep['step'], time: string): DutyStep => ({
    userId: who as UserId,
    userName: who,
    step: kind,
    at: at(time),
  });
  const names = (steps: readonly DutyStep[], now: string) =>
    onDutyAt(steps, at(now)).map(({ userId, since }) => [userId, since]);

  it('is who came and has not left, since they came first', () => {
    const steps = [
      step('hoa', 'join', '2026-11-26T06:00'),
      step('minh', 'join', '2026-11-26T06:05'),
      step('hoa', 'join', '2026-11-26T07:00'),
      step('minh', 'leave', '2026-11-26T08:00'),
    ];
    expect(names(steps, '2026-11-26T09:00')).toEqual([['hoa', at('2026-11-26T06:00')]]);
  });
  it('is nobody for ever: who forgot to leave is off after sixteen hours', () => {
    const steps = [step('hoa', 'join', '2026-11-26T06:00')];
    expect(names(steps, '2026-11-26T21:59')).toHaveLength(1);
    expect(names(steps, '2026-11-26T22:00')).toEqual([]);
  });
});

describe('a handover', () => {
  const now = at('2026-11-26T21:55');
  const afternoon = shift('2026-11-26T21:55');

  it('covers the time from the end of the one before, so that nothing falls between two', () => {
    expect(coversFrom(afternoon, at('2026-11-26T13:50'), now)).toBe(at('2026-11-26T13:50'));
  });
  it('begins with the shift when there was none before, or none for a day', () => {
    expect(coversFrom(afternoon, null, now)).toBe(afternoon.from);
    expect(coversFrom(afternoon, at('2026-11-25T21:54'), now)).toBe(afternoon.from);
  });
  it.each([
    { name: 'in time', from: '2026-11-26T14:00', to: '2026-11-26T22:00' },
    { name: 'by people who came and went early', from: '2026-11-26T13:50', to: '2026-11-26T21:50' },
    { name: 'late', from: '2026-11-26T14:00', to: '2026-11-26T22:20' },
  ])('is of the afternoon when it is signed $name', ({ from, to }) => {
    expect(handedShift(USUAL, { from: at(from), to: at(to) }, VIETNAM_TIME).number).toBe(2);
  });
  it('waits for the one before to be received, and for what was looked at to be the newest', () => {
    const from = afternoon.from;
    expect(signRefusal(null, from, from)).toBeNull();
    expect(signRefusal({ receivedAt: at('2026-11-26T14:05') }, from, from)).toBeNull();
    expect(signRefusal({ receivedAt: null }, from, from)).toBe('HANDOVER_WAITING');
    expect(signRefusal(null, epochMs(from - minutes(1)), from)).toBe('HANDOVER_MOVED_ON');
  });
  it('is received once, and by somebody else', () => {
    const signed = { content: { signedBy: { userId: 'hoa' } }, receipt: null } as unknown as Parameters<
      typeof receiveRefusal
    >[0];
    expect(receiveRefusal(signed, 'minh' as UserId)).toBeNull();
    expect(receiveRefusal(signed, 'hoa' as UserId)).toBe('HANDOVER_OWN');
    const received = { ...signed, receipt: {} } as typeof signed;
    expect(receiveRefusal(received, 'minh' as UserId)).toBe('HANDOVER_RECEIVED');
  });
});
