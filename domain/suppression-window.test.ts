import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgencyId, PointId, UserId } from './identifiers.ts';
import { endOf, openWindow, phaseOf, type SuppressionWindowId, takeWindowStep } from './suppression-window.ts';
import { epochMs } from './time.ts';

const draft = {
  id: 'w' as SuppressionWindowId,
  agencyId: 'water' as AgencyId,
  kind: 'maintenance' as const,
  scope: { kind: 'point' as const, pointId: 'p' as PointId },
  reason: 'r',
  owner: 'hoa' as UserId,
  from: epochMs(100),
  until: epochMs(200),
};
const opened = (more: Partial<typeof draft> = {}, now = 0) => {
  const result = openWindow({ ...draft, ...more }, epochMs(now));
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

describe('a window', () => {
  it.each([
    [99, 'planned'],
    [100, 'in_force'],
    [199, 'in_force'],
    [200, 'over'],
  ] as const)('from 100 to 200 is at %i %s', (now, phase) => expect(phaseOf(opened(), epochMs(now))).toBe(phase));

  it('is over when it was ended before it began, and cannot be ended twice', () => {
    const dropped = takeWindowStep(opened(), { kind: 'end' }, epochMs(50));
    expect(dropped).toMatchObject({ ok: true, value: { endedAt: 50, version: 2 } });
    if (!dropped.ok) return;
    expect(phaseOf(dropped.value, epochMs(150))).toBe('over');
    expect(takeWindowStep(dropped.value, { kind: 'end' }, epochMs(60))).toEqual({ ok: false, error: 'WINDOW_OVER' });
  });

  it('is in force for no instant that is not between its beginning and its end, whatever is done with it', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('end' as const, 'extend' as const), fc.nat(400), fc.nat(500)), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(steps, fc.nat(600), (given, at) => {
        let window = opened();
        for (const [kind, now, until] of given) {
          const step = kind === 'end' ? { kind } : { kind, until: epochMs(until) };
          const taken = takeWindowStep(window, step, epochMs(now));
          if (taken.ok) window = taken.value;
        }
        const end = endOf(window) ?? Number.POSITIVE_INFINITY;
        expect(phaseOf(window, epochMs(at)) === 'in_force').toBe(at >= window.from && at < end);
      }),
    );
  });
});
