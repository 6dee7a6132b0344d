import { describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId } from '../../domain/identifiers.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { claimTimes, dayOf, endOfDay, labelState, startOfDay } from './label-printing.ts';

const window = (usedAt: EpochMs | null = null) => ({
  deviceId: 'a' as DeviceId,
  agencyId: 'env' as AgencyId,
  madeAt: epochMs(50),
  opensAt: epochMs(100),
  closesAt: epochMs(200),
  usedAt,
  usedBy: null,
});

describe('the label of a device', () => {
  it.each([
    ['never', undefined, 150],
    ['early', window(), 99],
    ['open', window(), 100],
    ['open', window(), 199],
    ['expired', window(), 200],
    ['used', window(epochMs(120)), 150],
  ] as const)('is %s', (state, given, now) => expect(labelState(given, now)).toBe(state));
});

describe('the days of a claim code', () => {
  const noon = Date.UTC(2026, 10, 26, 5);
  it('are whole days of the city, the first from now when it is today', () => {
    expect(claimTimes('2026-11-26', '2026-11-27', noon)).toEqual({
      opensAt: noon,
      closesAt: Date.UTC(2026, 10, 27, 17),
    });
    expect(claimTimes('2026-12-01', '2026-12-01', noon)?.opensAt).toBe(Date.UTC(2026, 10, 30, 17));
  });
  it.each([
    ['reversed', '2026-11-28', '2026-11-27'],
    ['past', '2026-11-20', '2026-11-25'],
    ['longer than a year', '2026-11-26', '2027-11-27'],
    ['no days', '', '2026-11-27'],
  ])('are none when they are %s', (_, from, to) => expect(claimTimes(from, to, noon)).toBeNull());
  it('are written as the field writes them', () => {
    expect(dayOf(startOfDay('2026-02-03') ?? 0)).toBe('2026-02-03');
    expect(dayOf((endOfDay('2026-12-31') ?? 0) as number)).toBe('2027-01-01');
  });
});
