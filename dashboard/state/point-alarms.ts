import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import type { AlarmId, PointId } from '../../domain/identifiers.ts';
import { compareAlarms } from './alarm-list.ts';

const known = new WeakMap<ReadonlyMap<AlarmId, AlarmWire>, ReadonlyMap<PointId, AlarmWire>>();

/** Of each point the worst of its alarms that are shown, the newest among equals. A table of alarms is walked once, whoever asks. */
export function worstByPoint(alarms: ReadonlyMap<AlarmId, AlarmWire>): ReadonlyMap<PointId, AlarmWire> {
  const before = known.get(alarms);
  if (before !== undefined) return before;
  const worst = new Map<PointId, AlarmWire>();
  for (const alarm of alarms.values()) {
    if (alarm.suppression !== null) continue;
    const other = worst.get(alarm.pointId);
    if (other === undefined || compareAlarms(alarm, other) < 0) worst.set(alarm.pointId, alarm);
  }
  known.set(alarms, worst);
  return worst;
}

/** The series that says most about a point: what its alarm is about, otherwise the first; `undefined` of a point without any. */
export const tellingSeries = (
  { series }: Pick<MapPoint, 'series'>,
  alarm: Pick<AlarmWire, 'quantity'> | undefined,
): MapPoint['series'][number] | undefined => series.find(({ quantity }) => quantity === alarm?.quantity) ?? series[0];
