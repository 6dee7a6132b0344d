import type { AlarmArea } from './alarm.ts';
import type { Episode } from './episode.ts';
import type { PointId, SeriesId } from './identifiers.ts';
import type { Condition } from './rule.ts';
import { type EpochMs, epochMs, hours } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

/** What a rule would have said of one series over the span: an alarm of the backtest. */
export interface BacktestAlarm extends Omit<Episode, 'area'>, AlarmPlace {}

/** Where an alarm is shown; of an area, with all of it. */
export interface AlarmPlace {
  readonly series: SeriesId;
  readonly pointId: PointId;
  readonly area?: AlarmArea;
}

/** One local day; days without alarms are there too. */
interface BacktestDay {
  /** `YYYY-MM-DD` on the site's calendar. */
  readonly date: string;
  /** Alarms that began on the day. */
  readonly alarms: number;
  readonly inAlarmMs: number;
}

interface BacktestPoint {
  readonly pointId: PointId;
  readonly alarms: number;
  readonly inAlarmMs: number;
}

export interface BacktestReport {
  readonly alarms: number;
  /** Alarms that began in the local hours [22:00, 06:00). */
  readonly alarmsAtNight: number;
  /** Summed over series. */
  readonly inAlarmMs: number;
  readonly readings: number;
  readonly days: readonly BacktestDay[];
  /** Longest in alarm first; points without an alarm are left out. */
  readonly points: readonly BacktestPoint[];
  /** The earliest, so many as were asked for. */
  readonly listed: readonly BacktestAlarm[];
}

/** What a backtest does not show, said with every result. */
export const BACKTEST_OMISSIONS = ['no_data', 'work', 'suppression', 'quality_now'] as const;
/**
 * `no_data`: silence is judged by arrival while the platform runs, so rules on silence are not simulated. `work`: an alarm that comes back before
 * it was acknowledged would have been one occurrence with a higher count. `suppression`: shelving and maintenance are not applied. `quality_now`:
 * readings count with the quality recorded with them.
 */
export type BacktestOmission = (typeof BACKTEST_OMISSIONS)[number];

export const omissionsOf = (condition: Condition): readonly BacktestOmission[] =>
  condition.kind === 'no_data' ? ['no_data'] : ['work', 'suppression', 'quality_now'];

const DAY_MS = hours(24);
const NIGHT_FROM_MS = hours(22);
const NIGHT_TO_MS = hours(6);

/** Gathers the episodes of one scope after the other into a report of [from, to). */
export class BacktestTally {
  readonly #from: number;
  readonly #to: number;
  readonly #offset: UtcOffset;
  readonly #listLimit: number;
  readonly #days = new Map<number, { alarms: number; inAlarmMs: number }>();
  readonly #points = new Map<PointId, { alarms: number; inAlarmMs: number }>();
  readonly #listed: BacktestAlarm[] = [];
  #alarms = 0;
  #alarmsAtNight = 0;
  #inAlarmMs = 0;
  readings = 0;

  /** `offset`: how far local time is ahead of UTC, ms. `listLimit`: alarms listed at the most; all are counted. */
  constructor(span: { readonly from: EpochMs; readonly to: EpochMs }, offset: UtcOffset, listLimit: number) {
    this.#from = span.from;
    this.#to = span.to;
    this.#offset = offset;
    this.#listLimit = listLimit;
    for (let day = this.#dayOf(span.from); this.#startOf(day) < span.to; day++) {
      this.#days.set(day, { alarms: 0, inAlarmMs: 0 });
    }
  }

  /** Episodes that touch the span; one that began before it counts for the time within, not as an alarm of the span. */
  take(series: SeriesId, pointId: PointId, episodes: readonly Episode[]): void {
    this.takeAt(() => ({ series, pointId }), episodes);
  }

  /** The same of episodes that are each at a place of their own, as an area's are. */
  takeAt(placeOf: (episode: Episode) => AlarmPlace, episodes: readonly Episode[]): void {
    for (const each of episodes) {
      const { area: _, ...episode } = each;
      const place = placeOf(each);
      const { pointId } = place;
      const end = Math.min(episode.clearedAt ?? this.#to, this.#to);
      if (end < this.#from || episode.activatedAt >= this.#to) continue;
      const point = this.#points.get(pointId) ?? { alarms: 0, inAlarmMs: 0 };
      this.#points.set(pointId, point);
      const start = Math.max(episode.activatedAt, this.#from);
      point.inAlarmMs += end - start;
      this.#inAlarmMs += end - start;
      this.#spread(start, end);
      if (episode.activatedAt < this.#from) continue;
      point.alarms++;
      this.#alarms++;
      this.#days.get(this.#dayOf(episode.activatedAt))!.alarms++;
      if (this.#isNight(episode.activatedAt)) this.#alarmsAtNight++;
      this.#listed.push({ ...episode, ...place });
      // Sorted and cut now and then: a rule that cries wolf must not fill the memory.
      if (this.#listed.length >= 2 * this.#listLimit + 100) this.#cut();
    }
  }

  get report(): BacktestReport {
    this.#cut();
    return {
      alarms: this.#alarms,
      alarmsAtNight: this.#alarmsAtNight,
      inAlarmMs: this.#inAlarmMs,
      readings: this.readings,
      days: [...this.#days].map(([day, counts]) => ({
        date: new Date(day * DAY_MS).toISOString().slice(0, 10),
        ...counts,
      })),
      points: [...this.#points]
        .map(([pointId, counts]) => ({ pointId, ...counts }))
        .sort((a, b) => b.inAlarmMs - a.inAlarmMs || b.alarms - a.alarms),
      listed: [...this.#listed],
    };
  }

  #cut(): void {
    this.#listed.sort((a, b) => a.activatedAt - b.activatedAt || a.series - b.series);
    this.#listed.length = Math.min(this.#listed.length, this.#listLimit);
  }

  /** Time in alarm over the local days it lies in. */
  #spread(start: number, end: number): void {
    for (let day = this.#dayOf(epochMs(start)); ; day++) {
      const next = this.#startOf(day + 1);
      const counts = this.#days.get(day);
      if (counts) counts.inAlarmMs += Math.min(end, next) - Math.max(start, this.#startOf(day));
      if (next >= end) return;
    }
  }

  /** Days since 1970-01-01 on the local calendar. */
  #dayOf(at: EpochMs): number {
    return Math.floor((at + this.#offset(at)) / DAY_MS);
  }
  /** When a local day begins; near a change of clocks by the offset before it. */
  #startOf(day: number): number {
    const midnight = epochMs(day * DAY_MS);
    return midnight - this.#offset(epochMs(midnight - this.#offset(midnight)));
  }
  #isNight(at: EpochMs): boolean {
    const time = at + this.#offset(at) - this.#dayOf(at) * DAY_MS;
    return time >= NIGHT_FROM_MS || time < NIGHT_TO_MS;
  }
}
