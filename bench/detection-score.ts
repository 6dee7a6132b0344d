import type { PointId, SeriesId, SiteId } from '../domain/identifiers.ts';
import { type DurationMs, type EpochMs, minutes } from '../domain/time.ts';
import type { GroundTruthEvent } from '../firmware-sim/scenarios/ground-truth.ts';

/** An alarm that a rule raised on a point's quantity: active in [at, until), still active at the end of the readings when `until` is null. */
export interface RaisedAlarm {
  readonly rule: string;
  readonly series: SeriesId;
  readonly point: PointId;
  readonly quantity: string;
  readonly at: EpochMs;
  readonly until: EpochMs | null;
  /** How long its rule takes to see what is there: the window and the longest hold. */
  readonly reach: DurationMs;
}

type EventKind = GroundTruthEvent['kind'];

/** Quantities that an event of a kind shows in; an alarm on another quantity at the same place has another cause. */
const SHOWS_IN: Readonly<Record<EventKind, readonly string[]>> = {
  street_flood: ['flood_depth', 'water_level', 'rain_rate'],
  river_flood: ['water_level', 'water_flow', 'discharge', 'turbidity'],
  storm_surge: ['water_level', 'air_pressure'],
  storm_wind: ['wind_speed', 'wind_gust', 'air_pressure'],
  supply_outage: [
    ...['voltage', 'voltage_l1', 'voltage_l2', 'voltage_l3', 'line_voltage', 'power_present', 'frequency'],
    ...['active_power', 'load_factor'],
  ],
  gateway_outage: ['vehicle_flow', 'battery_level'],
  pipe_burst: ['water_flow', 'water_pressure'],
  // An inversion keeps everything down, exhaust as well as dust.
  smog: ['pm2_5', 'pm10', 'no2', 'so2', 'co', 'vn_aqi_hourly', 'vn_aqi_daily', 'us_aqi_hourly', 'us_aqi_daily'],
  road_crash: ['vehicle_speed', 'occupancy', 'queue_length', 'vehicle_flow'],
};

/** After an event's end its traces (standing water, a full window) may still raise an alarm that is not false; it comes too late to count as found. */
export const GRACE = minutes(30);
/** A flood is there before it is deep: what begins this long before an event, and is still active when it begins, tells it. */
export const ONSET = minutes(120);

/** Something that happened, and where it can be seen. */
export interface TrueEvent extends Pick<GroundTruthEvent, 'kind' | 'from' | 'to'> {
  /** The points at its sites, at what these contain or feed, and those of its signs. */
  readonly points: ReadonlySet<PointId>;
}

/** Which points show an event: `siteOf` the site of every point, `parentOf` what a site is part of. */
export function placed(
  { kind, from, to, sites, signs }: GroundTruthEvent,
  siteOf: ReadonlyMap<PointId, SiteId>,
  parentOf: ReadonlyMap<SiteId, SiteId | null>,
): TrueEvent {
  const own = new Set(sites);
  const isWithin = (site: SiteId): boolean => {
    for (let at: SiteId | null | undefined = site; at !== null && at !== undefined; at = parentOf.get(at)) {
      if (own.has(at)) return true;
    }
    return false;
  };
  const there = [...siteOf].filter(([, site]) => isWithin(site)).map(([point]) => point);
  return { kind, from, to, points: new Set([...there, ...signs.map(({ point }) => point)]) };
}

/** Whether the alarm tells the event, were it to end so much later. */
const tells = (alarm: RaisedAlarm, { kind, points, from, to }: TrueEvent, laterMs: number): boolean =>
  points.has(alarm.point) &&
  SHOWS_IN[kind].includes(alarm.quantity) &&
  alarm.at >= from - ONSET &&
  alarm.at < to + laterMs &&
  (alarm.until === null || alarm.until > from);

export interface FoundEvent {
  readonly kind: EventKind;
  /** From its beginning to the first alarm that tells it, which began before its end; `null`: there was none. */
  readonly alarmedAfter: DurationMs | null;
}

export interface DetectionRun {
  readonly events: readonly TrueEvent[];
  readonly alarms: readonly RaisedAlarm[];
  /** What the same rules say of the same street with devices that never err, at least of the series with false alarms. */
  readonly faultless: readonly RaisedAlarm[];
  /** Judged: alarms that began in [from, to). */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Points that a rule watches. */
  readonly sensors: number;
}

export interface DetectionScore {
  readonly events: readonly FoundEvent[];
  readonly alarms: number;
  /** Alarms that tell no event of the ground truth. */
  readonly falseAlarms: number;
  /** Those of them that faultless devices would not have raised: the limit was not exceeded. The rest is true, but nothing that the scenario is about. */
  readonly byFaultyDevices: number;
  /** The rule of each false alarm. */
  readonly falseRules: readonly string[];
  readonly sensorWeeks: number;
}

const WEEK_MS = minutes(7 * 24 * 60);

/**
 * An alarm *tells* an event when it is at one of its points, on a quantity that it shows in, and begins in [from − {@link ONSET}, to) of it, being still
 * active when the event begins. An event that an alarm tells is *alarmed*, as long after its beginning as the first such alarm begins; an earlier one
 * counts as 0. An alarm is *false* when it tells no event, nor begins, where it would tell one, within {@link GRACE} and its rule's reach of its end.
 */
export function scoreRun(run: DetectionRun): DetectionScore {
  const { events, faultless, from, to, sensors } = run;
  const judged = judgedOf(run);
  const wrong = falseAlarmsOf(run);
  return {
    events: events.map((event) => {
      const after = judged.filter((alarm) => tells(alarm, event, 0)).map(({ at }) => Math.max(0, at - event.from));
      return { kind: event.kind, alarmedAfter: after.length === 0 ? null : (Math.min(...after) as DurationMs) };
    }),
    alarms: judged.length,
    falseAlarms: wrong.length,
    byFaultyDevices: wrong.filter((alarm) => !faultless.some((other) => overlaps(alarm, other))).length,
    falseRules: wrong.map(({ rule }) => rule),
    sensorWeeks: (sensors * (to - from)) / WEEK_MS,
  };
}

type Judged = Pick<DetectionRun, 'events' | 'alarms' | 'from' | 'to'>;
const judgedOf = ({ alarms, from, to }: Judged): readonly RaisedAlarm[] =>
  alarms.filter(({ at }) => at >= from && at < to);

/** The false alarms among those judged, as {@link scoreRun} has it. */
export const falseAlarmsOf = (run: Judged): readonly RaisedAlarm[] =>
  judgedOf(run).filter((alarm) => !run.events.some((event) => tells(alarm, event, GRACE + alarm.reach)));

/** The same rule on the same series at about the same time. */
const overlaps = (a: RaisedAlarm, b: RaisedAlarm): boolean =>
  a.rule === b.rule &&
  a.series === b.series &&
  a.at <= (b.until ?? Number.POSITIVE_INFINITY) + GRACE &&
  b.at <= (a.until ?? Number.POSITIVE_INFINITY) + GRACE;

export interface DetectionSummary {
  readonly events: number;
  /** Share of the events that were alarmed, in [0, 1]; `null` without events. */
  readonly alarmedShare: number | null;
  /** Median over the alarmed; `null` when none was. */
  readonly medianMinutes: number | null;
}

/** What was found, of any number of runs. */
export function summaryOf(events: readonly FoundEvent[]): DetectionSummary {
  const took = events.flatMap(({ alarmedAfter }) => alarmedAfter ?? []).sort((a, b) => a - b);
  const middle = took.length / 2;
  const median = took.length === 0 ? null : (took[Math.ceil(middle) - 1]! + took[Math.floor(middle)]!) / 2 / minutes(1);
  return {
    events: events.length,
    alarmedShare: events.length === 0 ? null : took.length / events.length,
    medianMinutes: median === null ? null : Math.round(median * 10) / 10,
  };
}
