import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { DeviceTuple } from '../../api/contract/live.ts';
import type { AlarmId, DeviceId, SeriesId } from '../../domain/identifiers.ts';
import type { StateColumns } from '../../domain/state-block.ts';
import type { EpochMs } from '../../domain/time.ts';
import { NO_STATES, type PointStates, withStates } from './city-state.ts';

/** The newest reading of a series. */
export interface LatestReading {
  readonly eventTime: EpochMs;
  readonly value: number;
  /** `Quality` code. */
  readonly quality: number;
}
export interface DeviceConnection {
  readonly online: boolean;
  readonly since: EpochMs;
}
/** Columns of one frame, as decoded from its block; all hold `length` entries. */
export interface LatestColumns {
  readonly length: number;
  readonly series: ArrayLike<number>;
  readonly eventTime: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  readonly quality: ArrayLike<number>;
}

export interface SnapshotFrame {
  readonly seq: number;
  readonly alarmSeq: number;
  readonly at: EpochMs;
  readonly readings: LatestColumns;
  readonly devices: readonly DeviceTuple[];
  readonly alarms: readonly AlarmWire[];
  readonly alarmsTruncated: boolean;
  readonly isWhole: boolean;
  readonly states: PointStates;
}
export interface DeltaFrame {
  readonly seq: number;
  readonly at: EpochMs;
  readonly readings: LatestColumns;
  readonly devices: readonly DeviceTuple[];
  readonly states: StateColumns | null;
}
export interface AlarmFrame {
  readonly alarmSeq: number;
  readonly at: EpochMs;
  readonly alarm: AlarmWire;
}

/**
 * What the screen knows of the city now. A value: every change makes a new table.
 * - `empty`: nothing has come yet.
 * - `live`: every frame of this connection has been seen.
 * - `gap`: a frame was missed; what is shown stays, frames are let pass until a snapshot comes.
 */
export interface LiveTable {
  readonly phase: 'empty' | 'live' | 'gap';
  readonly seq: number;
  readonly alarmSeq: number;
  /** Server time of the newest frame. */
  readonly at: EpochMs | null;
  /** Of all series of the city; where `isWhole` is false, of those the screen shows. Devices likewise. */
  readonly readings: ReadonlyMap<SeriesId, LatestReading>;
  readonly devices: ReadonlyMap<DeviceId, DeviceConnection>;
  readonly isWhole: boolean;
  /** Of every point. */
  readonly states: PointStates;
  /** Open alarms, suppressed ones too. */
  readonly alarms: ReadonlyMap<AlarmId, AlarmWire>;
  readonly alarmsTruncated: boolean;
}

export const EMPTY_TABLE: LiveTable = {
  phase: 'empty',
  seq: 0,
  alarmSeq: 0,
  at: null,
  readings: new Map(),
  devices: new Map(),
  isWhole: true,
  states: NO_STATES,
  alarms: new Map(),
  alarmsTruncated: false,
};

/** `held` with the frame's readings laid over it; the newer event time wins, whatever the order of arrival. */
function withReadings(
  held: ReadonlyMap<SeriesId, LatestReading>,
  columns: LatestColumns,
): ReadonlyMap<SeriesId, LatestReading> {
  if (columns.length === 0) return held;
  const next = new Map(held);
  for (let i = 0; i < columns.length; i += 1) {
    const series = columns.series[i] as SeriesId;
    const eventTime = columns.eventTime[i] as EpochMs;
    const before = next.get(series);
    if (before && before.eventTime > eventTime) continue;
    const [value, quality] = [columns.value[i] as number, columns.quality[i] as number];
    // One that is sent again stays the reading it is, so that nothing is drawn anew for it.
    if (before?.eventTime === eventTime && Object.is(before.value, value) && before.quality === quality) continue;
    next.set(series, { eventTime, value, quality });
  }
  return next;
}

function withDevices(
  held: ReadonlyMap<DeviceId, DeviceConnection>,
  tuples: readonly DeviceTuple[],
): ReadonlyMap<DeviceId, DeviceConnection> {
  if (tuples.length === 0) return held;
  const next = new Map(held);
  for (const [device, online, since] of tuples) next.set(device, { online, since });
  return next;
}

/**
 * Replaces everything: what a snapshot does not hold is not there. Of one that could not hold all open alarms this can't be said: what was held before
 * stays beside its alarms until the rest has been fetched.
 */
export const applySnapshot = (frame: SnapshotFrame, before: LiveTable = EMPTY_TABLE): LiveTable => ({
  phase: 'live',
  seq: frame.seq,
  alarmSeq: frame.alarmSeq,
  at: frame.at,
  readings: withReadings(new Map(), frame.readings),
  devices: withDevices(new Map(), frame.devices),
  isWhole: frame.isWhole,
  states: frame.states,
  alarms: new Map([
    ...(frame.alarmsTruncated ? before.alarms : []),
    ...frame.alarms.map((alarm) => [alarm.id, alarm] as const),
  ]),
  alarmsTruncated: frame.alarmsTruncated,
});

/** A table whose `phase` became `gap` asks its owner to call for a new snapshot, once. */
export function applyDelta(table: LiveTable, frame: DeltaFrame): LiveTable {
  if (table.phase !== 'live') return table;
  if (frame.seq !== table.seq + 1) return { ...table, phase: 'gap' };
  return {
    ...table,
    seq: frame.seq,
    at: frame.at,
    readings: withReadings(table.readings, frame.readings),
    devices: withDevices(table.devices, frame.devices),
    states: frame.states === null ? table.states : withStates(table.states, frame.states),
  };
}

/** One step of a replay laid over the table: an ended alarm leaves it; `at` is the step's end. */
export function applyPastFrame(
  table: LiveTable,
  frame: Omit<DeltaFrame, 'seq'> & { readonly alarms: readonly AlarmWire[] },
): LiveTable {
  const alarms = frame.alarms.length === 0 ? table.alarms : new Map(table.alarms);
  if (alarms instanceof Map)
    for (const alarm of frame.alarms) alarm.endedAt === null ? alarms.set(alarm.id, alarm) : alarms.delete(alarm.id);
  return { ...applyDelta(table, { ...frame, seq: table.seq + 1 }), alarms };
}

/** What the screen shows has changed: readings it no longer shows are forgotten, those it was sent for are laid in. */
export function withWanted(
  table: LiveTable,
  wanted: ReadonlySet<SeriesId>,
  sent: Pick<DeltaFrame, 'readings' | 'devices'>,
): LiveTable {
  const kept = new Map([...table.readings].filter(([series]) => wanted.has(series)));
  return {
    ...table,
    readings: withReadings(kept, sent.readings),
    devices: withDevices(table.devices, sent.devices),
  };
}

/** An ended alarm leaves the table; a version older than the one held changes nothing. */
function putAlarm(alarms: Map<AlarmId, AlarmWire>, alarm: AlarmWire): void {
  const before = alarms.get(alarm.id);
  if (before && before.version > alarm.version) return;
  if (alarm.endedAt === null && alarm.origin === 'live') alarms.set(alarm.id, alarm);
  else alarms.delete(alarm.id);
}

/** Alarms as they came, many at once: in a flood the table is made anew for all of them, not for each. */
export function applyAlarms(table: LiveTable, frames: readonly AlarmFrame[]): LiveTable {
  if (table.phase !== 'live' || frames.length === 0) return table;
  const alarms = new Map(table.alarms);
  let { alarmSeq } = table;
  for (const frame of frames) {
    if (frame.alarmSeq !== alarmSeq + 1) return { ...table, phase: 'gap' };
    alarmSeq = frame.alarmSeq;
    putAlarm(alarms, frame.alarm);
  }
  return { ...table, alarms, alarmSeq };
}

/** Lays alarms that were not sent over the live line over the table: answers to a person's own steps, and those a snapshot had no room for. */
export function withAlarms(table: LiveTable, given: readonly AlarmWire[]): LiveTable {
  const alarms = new Map(table.alarms);
  for (const alarm of given) putAlarm(alarms, alarm);
  return { ...table, alarms };
}

/** All open alarms are known now, and are `confirmed`: what else was held is open no more. */
export const withAllAlarms = (table: LiveTable, confirmed: ReadonlySet<AlarmId>): LiveTable => ({
  ...table,
  alarms: new Map([...table.alarms].filter(([id]) => confirmed.has(id))),
  alarmsTruncated: false,
});
