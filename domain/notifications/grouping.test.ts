import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITIES } from '../rule.ts';
import { epochMs, minutes, seconds } from '../time.ts';
import { type GroupTiming, gather, held, isOpen, maySend, type NotificationGroup, told } from './grouping.ts';
import type { GroupId, RecipientKey } from './notification.ts';

const TIMING: GroupTiming = { gather: seconds(20), update: minutes(5), follow: minutes(30) };
const T0 = 1_790_000_000_000;
const at = (second: number) => epochMs(T0 + second * 1000);
const raised = (severity: (typeof SEVERITIES)[number]) => ({
  recipient: 'person:u' as RecipientKey,
  key: 'rule:r',
  severity,
  kind: 'raised' as const,
});
const add = (group: NotificationGroup | null, severity: (typeof SEVERITIES)[number], second: number) =>
  gather(group, raised(severity), at(second), TIMING, 'g' as GroupId);

describe('a storm', () => {
  it('is one message: what comes within the time of gathering waits for the first', () => {
    let group = add(null, 'minor', 0);
    for (let second = 1; second < 20; second++) group = add(group, 'minor', second);
    expect(group.dueAt).toBe(at(20));
  });

  it('waits less for what is critical', () => {
    const group = add(add(null, 'minor', 0), 'critical', 3);
    expect(group.dueAt).toBe(at(8));
  });

  it('is followed by updates that keep their distance', () => {
    const sent = told(add(null, 'major', 0), 'major', at(20));
    expect(add(sent, 'minor', 30).dueAt).toBe(at(320));
  });

  it('does not keep that distance when it becomes worse than what was told', () => {
    const sent = told(add(null, 'minor', 0), 'minor', at(20));
    expect(add(sent, 'major', 30).dueAt).toBe(at(50));
  });

  it('is over when nothing has been heard of it for a while, and not while something waits', () => {
    const group = add(null, 'minor', 0);
    expect(isOpen(group, at(10_000), TIMING)).toBe(true);
    const sent = told(group, 'minor', at(20));
    expect(isOpen(sent, at(1799), TIMING)).toBe(true);
    expect(isOpen(sent, at(1800), TIMING)).toBe(false);
  });

  it('never waits longer for the first message than the time of gathering, whatever comes', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 19 }), fc.constantFrom(...SEVERITIES)), {
      minLength: 1,
    });
    fc.assert(
      fc.property(events, (list) => {
        const sorted = [...list].sort(([a], [b]) => a - b);
        let group: NotificationGroup | null = null;
        for (const [second, severity] of sorted) group = add(group, severity, second);
        expect(group!.dueAt!).toBeLessThanOrEqual(at(sorted[0]![0] + 20));
      }),
    );
  });
});

describe('whether somebody may be told now', () => {
  const asked = {
    now: at(0),
    worst: 'major' as const,
    passesQuietHours: false,
    quietUntil: null,
    criticalPasses: true,
    told: [],
    messagesPerHour: 3,
  };
  it.each([
    { it: 'yes, when nothing is against it', given: {}, verdict: { kind: 'send' } },
    {
      it: 'not in quiet hours',
      given: { quietUntil: at(60) },
      verdict: { kind: 'hold', until: at(60), why: 'quiet_hours' },
    },
    {
      it: 'critical alarms pass them where that is wished',
      given: { quietUntil: at(60), worst: 'critical' },
      verdict: { kind: 'send' },
    },
    {
      it: 'critical alarms do not pass them where it is not',
      given: { quietUntil: at(60), worst: 'critical', criticalPasses: false },
      verdict: { kind: 'hold' },
    },
    { it: 'a policy may pass them', given: { quietUntil: at(60), passesQuietHours: true }, verdict: { kind: 'send' } },
    {
      it: 'not more often in an hour than is bearable: when the first falls out of the hour',
      given: { told: [at(-3000), at(-2000), at(-1000)] },
      verdict: { kind: 'hold', until: at(600), why: 'rate' },
    },
    {
      it: 'critical alarms may use the double',
      given: { told: [at(-3000), at(-2000), at(-1000)], worst: 'critical' },
      verdict: { kind: 'send' },
    },
  ] as const)('$it', ({ given, verdict }) => {
    expect(maySend({ ...asked, ...(given as object) })).toMatchObject(verdict);
  });

  it('after what it was held for there is room again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3599, max: 0 }), { maxLength: 12 }), (list) => {
        const times = list.sort((a, b) => a - b).map(at);
        const verdict = maySend({ ...asked, told: times });
        if (verdict.kind === 'send') return;
        const left = times.filter((time) => time > verdict.until - 3_600_000);
        expect(maySend({ ...asked, now: verdict.until, told: left }).kind).toBe('send');
      }),
    );
  });

  it('keeps what it was held for on the group', () => {
    expect(held(add(null, 'minor', 0), { kind: 'hold', until: at(99), why: 'rate' })).toMatchObject({
      dueAt: at(99),
      heldFor: 'rate',
    });
  });
});
