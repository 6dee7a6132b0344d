import type { Alarm } from '../../domain/alarm.ts';
import type { AlarmId, PointId } from '../../domain/identifiers.ts';
import { POINT_STATES, recordedState, silentState, stateRank } from '../../domain/point-state.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { QuietPoints } from '../suppressions/quiet-points.ts';
import type { CityIndex, IndexedPoint } from './city-index.ts';
import type { LatestTable } from './latest-table.ts';
import type { OpenAlarms } from './open-alarms.ts';

/** Silence shows with the passing of time alone: all points are looked at this often. */
const LOOK_AT_ALL_MS = 1_000;
const NORMAL = stateRank('normal');
const UNKNOWN = stateRank('unknown');

export interface PointStatesPorts {
  readonly index: CityIndex;
  readonly latest: LatestTable;
  readonly openAlarms: Pick<OpenAlarms, 'list' | 'onChanged'>;
  readonly quiet: Pick<QuietPoints, 'now' | 'onChanged'>;
  /** Of a moment of the past: where devices stand in their lives now says nothing of it; maintenance shows in the windows of that time. */
  readonly isPast?: true;
}

/**
 * What every point's symbol says, by the point's number: judged here once for all screens, so that none needs every reading of the city. Judged again at
 * each frame where something arrived or changed, and everywhere once a second. A second column holds what those are told who see no alarms: heard from or not.
 */
export class PointStates {
  /** Rank of the state by point number. */
  ranks = new Uint8Array(0);
  ranksWithoutAlarms = new Uint8Array(0);
  /** Frame of the table of newest readings in which one of the two last changed. */
  changedIn = new Float64Array(0);
  /** The numbers that changed in the frame last judged. */
  readonly changed: number[] = [];

  readonly #ports: PointStatesPorts;
  readonly #alarms = new Map<PointId, Map<AlarmId, Alarm>>();
  /** Points behind what is down, by the alarms that say so. */
  readonly #cutOff = new Map<PointId, Set<AlarmId>>();
  readonly #carriers = new Map<AlarmId, readonly PointId[]>();
  /** Rank of what is on record, and of what it becomes in silence. */
  #heard = new Uint8Array(0);
  #silent = new Uint8Array(0);
  #measured: MeasuredSeries = NOTHING_MEASURED;
  readonly #touched = new Set<number>();
  #revision = 0;
  #lookedAtAll = 0;
  #unsubscribe: (() => void)[] = [];

  constructor(ports: PointStatesPorts) {
    this.#ports = ports;
  }

  /** After the index, the open alarms and the windows have been read. */
  start(now: EpochMs): void {
    const { openAlarms, quiet, index } = this.#ports;
    for (const alarm of openAlarms.list()) this.#takeAlarm(alarm);
    this.#unsubscribe = [openAlarms.onChanged((alarm) => this.#takeAlarm(alarm))];
    quiet.onChanged(() => {
      for (const { number } of index.points.values()) this.#touched.add(number);
    });
    this.judge(now);
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** Judges what may have changed, in the frame being filled. To be called before the frame is sent. */
  judge(now: EpochMs): void {
    const { index, latest } = this.#ports;
    this.changed.length = 0;
    if (index.revision !== this.#revision) this.#rebuild();
    for (const number of this.#touched) this.#record(number);
    if (now - this.#lookedAtAll >= LOOK_AT_ALL_MS) {
      this.#lookedAtAll = now;
      for (let number = 0; number < this.ranks.length; number++) this.#judgeOne(number, now);
    } else {
      for (let i = 0; i < latest.changedCount; i++) {
        const number = this.#measured.pointOf[latest.changed[i] as number] ?? -1;
        // Only silence is ended by a reading.
        if (number >= 0 && this.ranksWithoutAlarms[number] === UNKNOWN) this.#judgeOne(number, now);
      }
      for (const number of this.#touched) this.#judgeOne(number, now);
    }
    this.#touched.clear();
  }

  #takeAlarm(alarm: Alarm): void {
    const isOpen = alarm.endedAt === null && alarm.origin === 'live';
    const onPoint = this.#alarms.get(alarm.pointId);
    if (isOpen) {
      if (onPoint) onPoint.set(alarm.id, alarm);
      else this.#alarms.set(alarm.pointId, new Map([[alarm.id, alarm]]));
    } else if (onPoint?.delete(alarm.id) && onPoint.size === 0) this.#alarms.delete(alarm.pointId);
    this.#touch(alarm.pointId);

    const before = this.#carriers.get(alarm.id);
    const behind = isOpen && alarm.condition === 'active' ? (alarm.carrier?.points ?? []) : [];
    if (before === undefined && behind.length === 0) return;
    for (const point of before ?? []) {
      const by = this.#cutOff.get(point);
      if (by?.delete(alarm.id) && by.size === 0) this.#cutOff.delete(point);
      this.#touch(point);
    }
    for (const point of behind) {
      const by = this.#cutOff.get(point);
      if (by) by.add(alarm.id);
      else this.#cutOff.set(point, new Set([alarm.id]));
      this.#touch(point);
    }
    if (behind.length > 0) this.#carriers.set(alarm.id, behind);
    else this.#carriers.delete(alarm.id);
  }

  #touch(id: PointId): void {
    const number = this.#ports.index.points.get(id)?.number;
    if (number !== undefined) this.#touched.add(number);
  }

  #record(number: number): void {
    const entry = this.#ports.index.pointByNumber(number);
    if (!entry || number >= this.ranks.length) return;
    const { id } = entry.point;
    const window = this.#ports.quiet.now.get(id) ?? null;
    const hasDeviceInMaintenance =
      !this.#ports.isPast &&
      [...entry.devices].some((device) => this.#ports.index.devices.get(device)?.device.state === 'in_maintenance');
    const recorded = recordedState({
      alarms: this.#alarms.get(id)?.values() ?? [],
      window,
      hasDeviceInMaintenance,
    });
    this.#heard[number] = stateRank(recorded);
    this.#silent[number] = stateRank(silentState(recorded, window, this.#cutOff.has(id)));
  }

  #judgeOne(number: number, now: EpochMs): void {
    const { eventTime } = this.#ports.latest;
    const { first, series, staleAfter } = this.#measured;
    const from = first[number] as number;
    const to = first[number + 1] as number;
    let isSilent = to > from;
    for (let i = from; i < to && isSilent; i++) {
      const time = eventTime[series[i] as number] ?? Number.NEGATIVE_INFINITY;
      isSilent = now - time > (staleAfter[i] as number);
    }
    const rank = (isSilent ? this.#silent[number] : this.#heard[number]) as number;
    const rankWithoutAlarms = isSilent ? UNKNOWN : NORMAL;
    if (this.ranks[number] === rank && this.ranksWithoutAlarms[number] === rankWithoutAlarms) return;
    this.ranks[number] = rank;
    this.ranksWithoutAlarms[number] = rankWithoutAlarms;
    this.changedIn[number] = this.#ports.latest.frame;
    this.changed.push(number);
  }

  /** The city's assets changed: the columns are made anew, what was judged stays until it is judged again. */
  #rebuild(): void {
    const { index } = this.#ports;
    this.#revision = index.revision;
    const count = index.numbers;
    const grown = (before: Uint8Array): Uint8Array<ArrayBuffer> => {
      const next = new Uint8Array(count).fill(POINT_STATES.length);
      next.set(before);
      return next;
    };
    const changedIn = new Float64Array(count);
    changedIn.set(this.changedIn);
    this.changedIn = changedIn;
    [this.ranks, this.ranksWithoutAlarms] = [grown(this.ranks), grown(this.ranksWithoutAlarms)];
    [this.#heard, this.#silent] = [grown(this.#heard), grown(this.#silent)];
    this.#measured = measuredSeries(index);
    for (let number = 0; number < count; number++) if (index.pointByNumber(number)) this.#touched.add(number);
    this.#lookedAtAll = 0;
  }
}

/** The measured series of a city by point number. */
interface MeasuredSeries {
  /** Series of point n: entries `first[n]` up to `first[n + 1]` of the next two columns. */
  readonly first: Int32Array;
  readonly series: Int32Array;
  readonly staleAfter: Float64Array;
  /** Point number by series id; -1 for none. */
  readonly pointOf: Int32Array;
}
const NOTHING_MEASURED: MeasuredSeries = {
  first: new Int32Array(1),
  series: new Int32Array(0),
  staleAfter: new Float64Array(0),
  pointOf: new Int32Array(0),
};

/** Made once for a revision of a city: every look at the past needs them, too. */
const madeOf = new WeakMap<CityIndex, { readonly revision: number; readonly made: MeasuredSeries }>();
function measuredSeries(index: CityIndex): MeasuredSeries {
  const known = madeOf.get(index);
  if (known?.revision === index.revision) return known.made;
  const series: number[] = [];
  const staleAfter: number[] = [];
  const first = new Int32Array(index.numbers + 1);
  const pointOf = new Int32Array(index.series.length).fill(-1);
  for (let number = 0; number < index.numbers; number++) {
    first[number] = series.length;
    const entry = index.pointByNumber(number);
    if (!entry) continue;
    for (const one of measured(entry, index)) {
      series.push(one.id);
      staleAfter.push(index.staleAfterMs(one.quantity, entry));
      pointOf[one.id] = number;
    }
  }
  first[index.numbers] = series.length;
  const made = { first, series: Int32Array.from(series), staleAfter: Float64Array.from(staleAfter), pointOf };
  madeOf.set(index, { revision: index.revision, made });
  return made;
}

/** What the platform works out says nothing of the hardware. */
const measured = ({ point }: IndexedPoint, index: CityIndex) =>
  point.series.filter(({ quantity }) => !index.quantity(quantity)?.computed);
