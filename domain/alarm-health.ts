import { createDurationSketch, type DurationSketch } from './duration-sketch.ts';
import type { PointId, RuleId } from './identifiers.ts';
import { SEVERITIES, type Severity } from './rule.ts';
import { type DurationMs, days, type EpochMs, minutes, seconds } from './time.ts';

/**
 * How well the alarms of a period can be worked with, by the figures of ISA-18.2 / IEC 62682 (2016 and 2022 editions) and EEMUA 191. What counts is each
 * activation that was shown to operators: hidden ones (shelved, maintenance, out of service, behind what is down) and past occurrences do not.
 * Pure and streaming: memory grows with the windows of the period and with the (rule, point) pairs that alarmed, not with the activations.
 */

/** Wall-clock windows; those without alarms count in the mean. */
export const HEALTH_WINDOW: DurationMs = minutes(10);
/** Per operator: a flood begins in a window with more than `FLOOD_ABOVE` activations, and ends with the first of fewer than `FLOOD_UNTIL_BELOW`. */
export const FLOOD_ABOVE = 10;
export const FLOOD_UNTIL_BELOW = 5;
/** Chattering: so many activations of one rule on one point within `CHATTER_WITHIN` (both ends included). The standards give no number. */
export const CHATTER_COUNT = 3;
export const CHATTER_WITHIN: DurationMs = seconds(60);
/** Fleeting: back to normal within this (inclusive), before anybody acknowledged. The standards give no number. */
export const FLEETING_WITHIN: DurationMs = seconds(10);
/** Standing ("stale"): active for strictly longer. */
export const STANDING_AFTER: DurationMs = days(1);
export const BAD_ACTORS = 10;

/** One activation as it was shown. */
export interface AlarmActivation {
  readonly ruleId: RuleId;
  readonly pointId: PointId;
  readonly severity: Severity;
  /** Event time. */
  readonly at: EpochMs;
  /** When the platform raised it: from then on somebody could see it. */
  readonly recordedAt: EpochMs;
  /** When this activation cleared; `null`: not yet. */
  readonly clearedAt: EpochMs | null;
  /** When it was first acknowledged (or resolved by hand); `null`: nobody has, or the next activation came before. */
  readonly acknowledgedAt: EpochMs | null;
}

export interface HealthPeriod {
  /** On a window's edge: see {@link windowStart}. */
  readonly from: EpochMs;
  /** Exclusive; the last window may be a part of one. */
  readonly to: EpochMs;
  /** Operator positions that share the alarms, ≥ 1. */
  readonly operators: number;
}

export interface AlarmFlood {
  readonly from: EpochMs;
  /** Start of the window that ended it; `null`: it went on at the end of the period. */
  readonly to: EpochMs | null;
  readonly activations: number;
  /** Most activations in one of its windows, all operators together, and where. */
  readonly peak: number;
  readonly peakAt: EpochMs;
}

/** One rule on one point. */
export interface AlarmSource {
  readonly ruleId: RuleId;
  readonly pointId: PointId;
  readonly activations: number;
  /** Times it began to chatter. */
  readonly chatters: number;
  readonly fleeting: number;
}

export interface AcknowledgementTimes {
  readonly acknowledged: number;
  readonly unacknowledged: number;
  /** Within 1 %. */
  readonly median: DurationMs | null;
  readonly p95: DurationMs | null;
}

export interface AlarmHealth {
  readonly activations: number;
  readonly windows: number;
  /** All three per operator. */
  readonly perTenMinutes: number;
  readonly perHour: number;
  readonly mostInWindow: number;
  /** Start of the fullest window; `null` without activations. */
  readonly mostAt: EpochMs | null;
  /** Windows with more than {@link FLOOD_ABOVE} per operator. */
  readonly windowsOver: number;
  readonly floods: readonly AlarmFlood[];
  /** Share of the windows that lie in a flood, 0 … 1. */
  readonly shareInFlood: number;
  /** Most activations first; at most {@link BAD_ACTORS}. */
  readonly badActors: readonly AlarmSource[];
  /** Share of all activations that these have, 0 … 1. */
  readonly badActorsShare: number;
  /** Most often first. */
  readonly chattering: readonly AlarmSource[];
  readonly fleeting: readonly AlarmSource[];
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly acknowledgement: Readonly<Record<Severity | 'all', AcknowledgementTimes>>;
  /** Activations per window, all operators together. */
  readonly perWindow: Uint32Array;
}

/** Start of the wall-clock window that `at` lies in. */
export const windowStart = (at: number): EpochMs => (Math.floor(at / HEALTH_WINDOW) * HEALTH_WINDOW) as EpochMs;

interface Source {
  readonly ruleId: RuleId;
  readonly pointId: PointId;
  activations: number;
  chatters: number;
  fleeting: number;
  /** Whether the newest activation belonged to a chatter. */
  chattering: boolean;
  /** Its newest activations, oldest first; at most `CHATTER_COUNT - 1`. */
  recent: EpochMs[];
}

const times = (): { readonly sketch: DurationSketch; unacknowledged: number } => ({
  sketch: createDurationSketch(),
  unacknowledged: 0,
});

/** Takes the activations of a period in the order of their event times; those outside it are left out. */
export function createAlarmHealth({ from, to, operators }: HealthPeriod) {
  const windows = Math.max(1, Math.ceil((to - from) / HEALTH_WINDOW));
  const perWindow = new Uint32Array(windows);
  const sources = new Map<string, Source>();
  const bySeverity = Object.fromEntries(SEVERITIES.map((each) => [each, 0])) as Record<Severity, number>;
  const acknowledgement = Object.fromEntries([...SEVERITIES, 'all'].map((each) => [each, times()])) as Record<
    Severity | 'all',
    ReturnType<typeof times>
  >;
  let activations = 0;

  function add(activation: AlarmActivation): void {
    const { ruleId, pointId, severity, at, recordedAt, clearedAt, acknowledgedAt } = activation;
    if (at < from || at >= to) return;
    activations += 1;
    const window = Math.floor((at - from) / HEALTH_WINDOW);
    perWindow[window] = (perWindow[window] ?? 0) + 1;
    bySeverity[severity] += 1;
    for (const each of [acknowledgement[severity], acknowledgement.all]) {
      if (acknowledgedAt === null) each.unacknowledged += 1;
      else each.sketch.add(acknowledgedAt - recordedAt);
    }
    const key = `${ruleId} ${pointId}`;
    let source = sources.get(key);
    if (!source) {
      source = { ruleId, pointId, activations: 0, chatters: 0, fleeting: 0, chattering: false, recent: [] };
      sources.set(key, source);
    }
    source.activations += 1;
    const first = source.recent[source.recent.length - (CHATTER_COUNT - 1)];
    const chatters = first !== undefined && at - first <= CHATTER_WITHIN;
    if (chatters && !source.chattering) source.chatters += 1;
    source.chattering = chatters;
    source.recent = [...source.recent, at].slice(1 - CHATTER_COUNT);
    if (clearedAt !== null && clearedAt - at <= FLEETING_WITHIN && (acknowledgedAt ?? clearedAt) >= clearedAt)
      source.fleeting += 1;
  }

  function result(): AlarmHealth {
    const hours = Math.max(to - from, 1) / 3_600_000;
    let mostAt: EpochMs | null = null;
    let most = 0;
    let windowsOver = 0;
    for (const [window, count] of perWindow.entries()) {
      if (count > most) {
        most = count;
        mostAt = (from + window * HEALTH_WINDOW) as EpochMs;
      }
      if (count / operators > FLOOD_ABOVE) windowsOver += 1;
    }
    const { floods, windowsInFlood } = floodsOf(perWindow, from, operators);
    const all = [...sources.values()].map(({ ruleId, pointId, activations, chatters, fleeting }) => ({
      ruleId,
      pointId,
      activations,
      chatters,
      fleeting,
    }));
    const badActors = [...all].sort(byMost(({ activations }) => activations)).slice(0, BAD_ACTORS);
    return {
      activations,
      windows,
      perTenMinutes: activations / operators / hours / 6,
      perHour: activations / operators / hours,
      mostInWindow: most / operators,
      mostAt,
      windowsOver,
      floods,
      shareInFlood: windowsInFlood / windows,
      badActors,
      badActorsShare:
        activations === 0 ? 0 : badActors.reduce((sum, source) => sum + source.activations, 0) / activations,
      chattering: all.filter(({ chatters }) => chatters > 0).sort(byMost(({ chatters }) => chatters)),
      fleeting: all.filter(({ fleeting }) => fleeting > 0).sort(byMost(({ fleeting }) => fleeting)),
      bySeverity,
      acknowledgement: Object.fromEntries(
        Object.entries(acknowledgement).map(([key, { sketch, unacknowledged }]) => [
          key,
          {
            acknowledged: sketch.count,
            unacknowledged,
            median: sketch.percentile(0.5),
            p95: sketch.percentile(0.95),
          },
        ]),
      ) as AlarmHealth['acknowledgement'],
      perWindow,
    };
  }
  return { add, result };
}

/** Most first; names settle what is left, so that the same period always gives the same table. */
const byMost =
  (count: (source: AlarmSource) => number) =>
  (a: AlarmSource, b: AlarmSource): number =>
    count(b) - count(a) || (`${a.ruleId} ${a.pointId}` < `${b.ruleId} ${b.pointId}` ? -1 : 1);

function floodsOf(
  perWindow: Uint32Array,
  from: EpochMs,
  operators: number,
): { readonly floods: readonly AlarmFlood[]; readonly windowsInFlood: number } {
  const floods: AlarmFlood[] = [];
  let windowsInFlood = 0;
  let open: AlarmFlood | null = null;
  for (const [window, count] of perWindow.entries()) {
    const at = (from + window * HEALTH_WINDOW) as EpochMs;
    if (open !== null && count / operators < FLOOD_UNTIL_BELOW) {
      floods.push({ ...open, to: at });
      open = null;
    }
    if (open === null && count / operators > FLOOD_ABOVE)
      open = { from: at, to: null, activations: 0, peak: 0, peakAt: at };
    if (open === null) continue;
    windowsInFlood += 1;
    open = {
      ...open,
      activations: open.activations + count,
      ...(count > open.peak ? { peak: count, peakAt: at } : {}),
    };
  }
  if (open !== null) floods.push(open);
  return { floods, windowsInFlood };
}

/** An activation that was active for longer than {@link STANDING_AFTER}. */
export interface StandingAlarm {
  readonly at: EpochMs;
  readonly clearedAt: EpochMs | null;
}

/** Whether it is active at `now`, and has been so for strictly longer than {@link STANDING_AFTER}. */
export const isStanding = ({ at, clearedAt }: StandingAlarm, now: EpochMs): boolean =>
  (clearedAt === null || clearedAt > now) && now - at > STANDING_AFTER;

/**
 * Counts alarms that stood at some moment of each day. `dayStarts`: where the site's days begin, ascending; the last day ends at `to`.
 * Takes them in any order, keeps two numbers a day.
 */
export function createStandingCount(dayStarts: readonly EpochMs[], to: EpochMs) {
  const changes = new Int32Array(dayStarts.length + 1);
  const ends = dayStarts.map((_, day) => dayStarts[day + 1] ?? to);
  return {
    add({ at, clearedAt }: StandingAlarm): void {
      const standsFrom = at + STANDING_AFTER;
      const standsTo = clearedAt ?? Number.POSITIVE_INFINITY;
      if (standsTo <= standsFrom) return;
      // Days whose end is after it began to stand, and whose start is before it cleared.
      const first = ends.findIndex((end) => end > standsFrom);
      if (first < 0) return;
      const after = dayStarts.findIndex((start) => start >= standsTo);
      const last = after < 0 ? dayStarts.length : after;
      if (last <= first) return;
      changes[first] = (changes[first] ?? 0) + 1;
      changes[last] = (changes[last] ?? 0) - 1;
    },
    perDay(): readonly { readonly day: EpochMs; readonly count: number }[] {
      let count = 0;
      return dayStarts.map((day, index) => {
        count += changes[index] ?? 0;
        return { day, count };
      });
    },
  };
}
