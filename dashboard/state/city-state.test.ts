import { describe, expect, it } from 'vitest';
import type { MapPoint } from '../../api/contract/map.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, SeriesId, SiteId, UserId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs } from '../../domain/time.ts';
import { anAlarm } from './alarm-fixture.ts';
import { pointStateOf, pointStates } from './city-state.ts';
import { EMPTY_TABLE, type LatestReading } from './live-table.ts';

const NOW = 1_000_000;
const STALE_AFTER = 60_000;
const point = (over: Partial<MapPoint> = {}): MapPoint => ({
  id: 'point-1' as PointId,
  agencyId: 'water' as AgencyId,
  siteId: 'site-1' as SiteId,
  domain: 'water',
  name: { vi: 'Cầu Rào', en: 'Cau Rao' },
  location: { longitude: 106.6, latitude: 20.8 },
  wardCode: null,
  tags: [],
  series: [
    { id: 1 as SeriesId, quantity: 'water_level' as QuantityKey, staleAfterMs: STALE_AFTER },
    { id: 2 as SeriesId, quantity: 'rain_rate' as QuantityKey, staleAfterMs: STALE_AFTER },
  ],
  devices: [],
  ...over,
});
const readAt = (...at: number[]): ReadonlyMap<SeriesId, LatestReading> =>
  new Map(at.map((eventTime, i) => [(i + 1) as SeriesId, { eventTime: epochMs(eventTime), value: 1, quality: 0 }]));
const suppressed = (kind: 'shelved' | 'maintenance' | 'carrier_down') => ({
  kind,
  reason: 'known',
  by: 'u' as UserId,
  since: epochMs(1),
  until: null,
});
const inMaintenance = {
  id: 'd-1' as DeviceId,
  modelId: 'm' as DeviceModelId,
  state: 'in_maintenance' as const,
  online: false,
  since: null,
};

describe('what the symbol of a point says', () => {
  it.each([
    ['a point that reports', point(), [], readAt(NOW, NOW), 'normal'],
    ['one silent series beside a live one', point(), [], readAt(NOW - STALE_AFTER - 1, NOW), 'normal'],
    ['all series silent', point(), [], readAt(NOW - STALE_AFTER - 1, NOW - STALE_AFTER - 1), 'unknown'],
    ['a point that never reported', point(), [], readAt(), 'unknown'],
    ['exactly as old as allowed', point(), [], readAt(NOW - STALE_AFTER), 'normal'],
    [
      'the worst of its alarms',
      point(),
      [anAlarm({ severity: 'minor' }), anAlarm({ id: 'b', severity: 'major' })],
      readAt(NOW),
      'major',
    ],
    ['an alarm over silence', point(), [anAlarm({ severity: 'notice' })], readAt(), 'notice'],
    ['a shelved alarm', point(), [anAlarm({ suppression: suppressed('shelved') })], readAt(NOW), 'shelved'],
    [
      'silence under maintenance',
      point(),
      [anAlarm({ suppression: suppressed('maintenance') })],
      readAt(),
      'maintenance',
    ],
    ['a device in maintenance', point({ devices: [inMaintenance] }), [], readAt(), 'maintenance'],
    [
      'an alarm beside a shelved one',
      point(),
      [anAlarm({ suppression: suppressed('shelved') }), anAlarm({ id: 'b', severity: 'minor' })],
      readAt(NOW),
      'minor',
    ],
  ] as const)('shows %s', (_what, at, alarms, readings, expected) => {
    expect(pointStateOf(at, alarms, readings, NOW)).toBe(expected);
  });

  it.each([
    ['maintenance of its scope', 'maintenance', [], 'maintenance'],
    ['out of service', 'out_of_service', [], 'out_of_service'],
    ['an alarm that shows, over maintenance', 'maintenance', [anAlarm({ severity: 'minor' })], 'minor'],
  ] as const)('shows %s, silent or not', (_what, window, alarms, expected) => {
    const quiet = { window, isCutOff: false };
    expect(pointStateOf(point(), alarms, readAt(), NOW, quiet)).toBe(expected);
    expect(pointStateOf(point(), alarms, readAt(NOW), NOW, quiet)).toBe(expected);
  });

  it('says of what is silent behind a gateway that it is cut off, and nothing of what is heard', () => {
    const down = anAlarm({
      id: 'gw',
      pointId: 'elsewhere',
      carrier: { kind: 'device', id: 'gw-1' as DeviceId, pointsBehind: 2, points: ['a' as PointId, 'b' as PointId] },
    });
    const hidden = anAlarm({ id: 'c', pointId: 'a', severity: 'minor', suppression: suppressed('carrier_down') });
    const series = [{ id: 9 as SeriesId, quantity: 'rain_rate' as QuantityKey, staleAfterMs: STALE_AFTER }];
    const states = pointStates(
      [point({ id: 'a' as PointId, series }), point({ id: 'b' as PointId })],
      { readings: readAt(NOW, NOW), alarms: new Map([down, hidden].map((alarm) => [alarm.id, alarm])) },
      NOW,
    );
    expect([...states.values()]).toEqual(['cut_off', 'normal']);
  });

  it('judges every point of the city by its own alarms', () => {
    const alarm = anAlarm({ pointId: 'b' });
    const states = pointStates(
      [point({ id: 'a' as PointId }), point({ id: 'b' as PointId })],
      { ...EMPTY_TABLE, readings: readAt(NOW, NOW), alarms: new Map([[alarm.id, alarm]]) },
      NOW,
    );
    expect([...states.values()]).toEqual(['normal', 'critical']);
  });
});
