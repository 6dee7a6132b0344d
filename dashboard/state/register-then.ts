import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import type { ReplayRegister } from '../../api/contract/replay.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { Knowledge } from '../../domain/ports/city-past.ts';
import { nameThen, servedThen } from '../../domain/replay/records-then.ts';
import type { EpochMs } from '../../domain/time.ts';

/** What the register said at any moment after `since`, made of what it says now and what has changed. */
export function registerThen(changes: ReplayRegister) {
  const served = Map.groupBy(changes.served, ({ pointId }) => pointId);
  const names = Map.groupBy(changes.names, ({ pointId }) => pointId);
  const moments = [
    ...changes.names.map(({ until }) => until),
    ...changes.served.flatMap(({ from, to, recordedAt, endRecordedAt }) => [from, to, recordedAt, endRecordedAt]),
  ].filter((moment) => moment !== null);
  const nameOf = (pointId: PointId, at: EpochMs) => nameThen(names.get(pointId) ?? [], pointId, at);
  return {
    /** False: more has changed than is told, and of some points the present is shown. */
    isWhole: changes.isWhole,
    /** How many changes lie at or before the moment: what it said is the same between two moments of one number. */
    changesBefore: (at: EpochMs): number => moments.reduce((count, moment) => count + (moment <= at ? 1 : 0), 0),
    /** The same point where nothing was otherwise. */
    point(point: MapPoint, at: EpochMs, knowledge: Knowledge): MapPoint {
      const name = nameOf(point.id, at);
      const spans = served.get(point.id);
      if (name === null && spans === undefined) return point;
      const devices = spans
        ? servedThen(spans, at, knowledge).map(
            ({ deviceId: id, modelId }) =>
              // In what state of its life it was then is not shown of the past.
              point.devices.find((device) => device.id === id) ??
              ({ id, modelId, state: 'commissioned', online: null, since: null } as const),
          )
        : point.devices;
      return { ...point, name: name ?? point.name, devices };
    },
    /** An alarm with the name its point had. */
    alarm(alarm: AlarmWire, at: EpochMs): AlarmWire {
      const name = alarm.point ? nameOf(alarm.pointId, at) : null;
      return alarm.point && name ? { ...alarm, point: { ...alarm.point, name } } : alarm;
    },
  };
}
export type RegisterThen = ReturnType<typeof registerThen>;
