import { describe, expect, it } from 'vitest';
import type { MapPoint } from '../../api/contract/map.ts';
import type { RuleWire } from '../../api/contract/rules.ts';
import type { AgencyId, PointId, RuleId, SiteId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, milliseconds } from '../../domain/time.ts';
import { limitsOf, watches } from './point-limits.ts';

const LEVEL = 'water_level' as QuantityKey;
const point: MapPoint = {
  id: 'p' as PointId,
  number: 0,
  agencyId: 'water' as AgencyId,
  siteId: 's' as SiteId,
  domain: 'water',
  name: { vi: 'p', en: 'p' },
  location: { longitude: 0, latitude: 0 },
  wardCode: null,
  tags: ['river', 'tidal'],
  series: [],
  devices: [],
};
const rule = (over: Partial<RuleWire> = {}): RuleWire => ({
  id: 'r' as RuleId,
  agencyId: 'water' as AgencyId,
  version: 1,
  name: { vi: 'r', en: 'r' },
  advice: null,
  enabled: true,
  quantity: LEVEL,
  selection: {},
  condition: {
    kind: 'above',
    hysteresis: 0,
    levels: [
      { severity: 'major', hold: milliseconds(0), limit: 2 },
      { severity: 'critical', hold: milliseconds(0), limit: 3 },
    ],
  },
  clearHold: milliseconds(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
  createdBy: null,
  createdAt: epochMs(0),
  ...over,
});

describe('limits drawn on a chart', () => {
  it('are those of the enabled rules that watch the point', () => {
    expect(
      limitsOf(point, LEVEL, [rule(), rule({ enabled: false }), rule({ quantity: 'rain' as QuantityKey })]),
    ).toEqual([
      { value: 2, severity: 'major', side: 'high' },
      { value: 3, severity: 'critical', side: 'high' },
    ]);
  });

  it('are drawn once when two rules have the same', () => {
    expect(limitsOf(point, LEVEL, [rule(), rule()])).toHaveLength(2);
  });

  it('of a band are two', () => {
    const band = rule({
      condition: {
        kind: 'outside',
        hysteresis: 0,
        levels: [{ severity: 'minor', hold: milliseconds(0), low: 1, high: 4 }],
      },
    });
    expect(limitsOf(point, LEVEL, [band]).map(({ value, side }) => [value, side])).toEqual([
      [1, 'low'],
      [4, 'high'],
    ]);
  });

  it.each([
    [{}, true],
    [{ tags: ['river'] }, true],
    [{ tags: ['river', 'sea'] }, false],
    [{ sites: ['s' as SiteId], tags: ['tidal'] }, true],
    [{ points: ['other' as PointId] }, false],
  ])('follow the selection %j', (selection, expected) => {
    expect(watches(rule({ selection }), point)).toBe(expected);
  });

  it("never come from another agency's rule", () => {
    expect(watches(rule({ agencyId: 'power' as AgencyId }), point)).toBe(false);
  });
});
