import { describe, expect, it } from 'vitest';
import { type CalledAt, calledNow, DEFAULT_REMINDERS, dueReminder } from './alarm-reminder.ts';

const at = (time: number): CalledAt => ({ critical: time, major: time, minor: time, notice: time });
const waiting = (over: Partial<CalledAt>) => ({ ...at(0), ...over });
const MINUTE = 60_000;

describe('reminders of unacknowledged alarms', () => {
  it.each([
    { it: 'nothing waits', waits: {}, now: 99 * MINUTE, due: null },
    { it: 'a critical one after a minute', waits: { critical: 1 }, now: MINUTE, due: 'critical' },
    { it: 'not before', waits: { critical: 1 }, now: MINUTE - 1, due: null },
    { it: 'the worst of those that are due', waits: { major: 2, minor: 1 }, now: 10 * MINUTE, due: 'major' },
    { it: 'a less severe one whose time has come', waits: { critical: 0, minor: 1 }, now: 10 * MINUTE, due: 'minor' },
    { it: 'never of a notice', waits: { notice: 5 }, now: 999 * MINUTE, due: null },
  ])('$it: $due', ({ waits, now, due }) => {
    expect(dueReminder(waiting(waits), at(0), DEFAULT_REMINDERS, now)).toBe(due);
  });

  it('let one call stand for what is less severe, not for what is more', () => {
    expect(calledNow(at(0), 'major', 7)).toEqual({ critical: 0, major: 7, minor: 7, notice: 7 });
  });
});
