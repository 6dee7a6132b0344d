import type { Alarm } from '../../domain/alarm.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { allocateStateBlock, NO_STATE } from '../../domain/state-block.ts';
import type { SuppressionWindow } from '../../domain/suppression-window.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CityIndex } from '../city/city-index.ts';
import { LatestTable } from '../city/latest-table.ts';
import { PointStates } from '../city/point-states.ts';
import type { Scope } from '../city/scopes.ts';

export interface PastMoment {
  readonly index: CityIndex;
  readonly readings: ReadingColumns;
  readonly alarms: readonly Alarm[];
  readonly quiet: ReadonlyMap<PointId, SuppressionWindow['kind']>;
  readonly at: EpochMs;
}

/** What became known in one step: rows [first, end) of the readings, and alarms after their last change. */
export interface PastStep {
  readonly readings: ReadingColumns;
  readonly first: number;
  readonly end: number;
  readonly alarms: readonly Alarm[];
  /** The step's end. */
  readonly at: EpochMs;
}

/** What every point's symbol said at a moment of the past and after it: judged by what judges it now, from what was known then. */
export class PastStates {
  readonly #table = new LatestTable();
  readonly #states: PointStates;
  #tellAlarm: (alarm: Alarm) => void = () => {};

  constructor({ index, readings, alarms, quiet, at }: PastMoment) {
    this.#table.fold(readings);
    this.#states = new PointStates({
      index,
      latest: this.#table,
      openAlarms: {
        list: () => alarms,
        onChanged: (listener) => {
          this.#tellAlarm = listener;
          return () => {};
        },
      },
      quiet: { now: quiet, onChanged() {} },
      isPast: true,
    });
    this.#states.start(at);
    this.#table.closeFrame();
  }

  /** Ranks by point number, {@link NO_STATE} for points that may not be seen. */
  all(scope: Scope): Uint8Array {
    return this.#states.ranks.map((rank, number) => (scope.points[number] === 1 ? rank : NO_STATE));
  }

  /** Goes one step on; gives the block of the states that changed in it. */
  playOn({ readings, first, end, alarms, at }: PastStep, scope: Scope): Uint8Array {
    this.#table.fold({
      length: end - first,
      series: readings.series.subarray(first, end),
      eventTime: readings.eventTime.subarray(first, end),
      arrivalTime: readings.arrivalTime.subarray(first, end),
      value: readings.value.subarray(first, end),
      quality: readings.quality.subarray(first, end),
    });
    for (const alarm of alarms) this.#tellAlarm(alarm);
    this.#states.judge(at);
    const changed = this.#states.changed.filter((number) => scope.points[number] === 1);
    this.#table.closeFrame();
    const block = allocateStateBlock(changed.length);
    block.number.set(changed);
    for (const [i, number] of changed.entries()) block.rank[i] = this.#states.ranks[number] as number;
    return block.bytes;
  }
}
