import { describe, expect, it } from 'vitest';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import type { AlarmId, PointId, SeriesId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs } from '../../domain/time.ts';
import { anAlarm } from './alarm-fixture.ts';
import { tellingSeries, worstByPoint } from './point-alarms.ts';

const tableOf = (...alarms: readonly AlarmWire[]): ReadonlyMap<AlarmId, AlarmWire> =>
  new Map(alarms.map((alarm) => [alarm.id, alarm]));
const worstOf = (alarms: ReadonlyMap<AlarmId, AlarmWire>, point: string) => worstByPoint(alarms).get(point as PointId);

describe('The alarm a point is shown with', () => {
  it('is its worst, and the newest among equals', () => {
    const minor = anAlarm({ id: 'minor', severity: 'minor', activatedAt: epochMs(9_000) });
    const older = anAlarm({ id: 'older', severity: 'major', activatedAt: epochMs(2_000) });
    const newer = anAlarm({ id: 'newer', severity: 'major', activatedAt: epochMs(3_000) });
    const elsewhere = anAlarm({ id: 'elsewhere', pointId: 'point-2' });
    const table = tableOf(minor, older, newer, elsewhere);
    expect(worstOf(table, 'point-1')).toBe(newer);
    expect(worstOf(table, 'point-2')).toBe(elsewhere);
    expect(worstOf(table, 'point-3')).toBeUndefined();
  });

  it('is none that is hidden', () => {
    const hidden = anAlarm({ id: 'hidden', suppression: { kind: 'shelved' } as AlarmWire['suppression'] });
    const shown = anAlarm({ id: 'shown', severity: 'notice' });
    expect(worstOf(tableOf(hidden, shown), 'point-1')).toBe(shown);
    expect(worstOf(tableOf(hidden), 'point-1')).toBeUndefined();
  });
});

describe('The series a point is shown with', () => {
  const series = ['rainfall', 'rain_intensity'].map((quantity, id) => ({
    id: id as SeriesId,
    quantity: quantity as QuantityKey,
  })) as unknown as MapPoint['series'];
  const about = (quantity: string) => anAlarm({ quantity: quantity as QuantityKey });

  it('is what its alarm is about, otherwise its first', () => {
    expect(tellingSeries({ series }, about('rain_intensity'))).toBe(series[1]);
    expect(tellingSeries({ series }, undefined)).toBe(series[0]);
    expect(tellingSeries({ series }, about('water_level'))).toBe(series[0]);
    expect(tellingSeries({ series: [] }, about('water_level'))).toBeUndefined();
  });
});
