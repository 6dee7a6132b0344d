import type { ReadingColumns } from '../../domain/reading.ts';

/** Columns by series id; ids are small stable integers, so an array is the fastest map there is. */
const INITIAL_CAPACITY = 4_096;

/**
 * The newest reading of every series by event time, and which of them changed in which frame. Holds numbers only:
 * folding a reading costs some ten nanoseconds and makes no garbage.
 *
 * Frames are numbered 1, 2, 3 …; whoever has sent up to frame n owes exactly the series whose `changedIn` is greater than n, however far
 * behind: no queue is kept for anyone.
 */
export class LatestTable {
  eventTime = new Float64Array(INITIAL_CAPACITY).fill(Number.NEGATIVE_INFINITY);
  value = new Float64Array(INITIAL_CAPACITY);
  quality = new Uint8Array(INITIAL_CAPACITY);
  /** Frame in which the series last changed; 0: never. */
  changedIn = new Float64Array(INITIAL_CAPACITY);
  /** The first `changedCount` entries are the series that changed in the frame being filled. */
  changed = new Int32Array(INITIAL_CAPACITY);
  changedCount = 0;
  /** The frame being filled. */
  frame = 1;
  /** Readings older than what the table had: stored elsewhere, not shown as newest. */
  lateReadings = 0;
  /** Arrival of the oldest readings in the frame being filled; +∞ when there are none. */
  oldestArrival = Number.POSITIVE_INFINITY;

  get capacity(): number {
    return this.value.length;
  }

  has(series: number): boolean {
    return series < this.capacity && this.eventTime[series] !== Number.NEGATIVE_INFINITY;
  }

  /** Takes readings in. The same event time again replaces (a resend may correct), an older one never does. */
  fold(columns: ReadingColumns): void {
    const { length, series, eventTime, arrivalTime, value, quality } = columns;
    // What was made durable together arrived together.
    if (length > 0) this.oldestArrival = Math.min(this.oldestArrival, arrivalTime[0] as number);
    for (let i = 0; i < length; i++) {
      const id = series[i] as number;
      if (id >= this.value.length) this.#grow(id);
      const time = eventTime[i] as number;
      if (time < (this.eventTime[id] as number)) {
        this.lateReadings++;
        continue;
      }
      this.eventTime[id] = time;
      this.value[id] = value[i] as number;
      this.quality[id] = quality[i] as number;
      if (this.changedIn[id] !== this.frame) {
        this.changedIn[id] = this.frame;
        this.changed[this.changedCount++] = id;
      }
    }
  }

  /** Closes the frame and begins the next; its number is returned. */
  closeFrame(): number {
    this.changedCount = 0;
    this.oldestArrival = Number.POSITIVE_INFINITY;
    return this.frame++;
  }

  #grow(id: number): void {
    const capacity = 2 ** Math.ceil(Math.log2(id + 1));
    const grown = <T extends Float64Array | Uint8Array | Int32Array>(old: T, next: T): T => {
      next.set(old);
      return next;
    };
    this.eventTime = grown(this.eventTime, new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY));
    this.value = grown(this.value, new Float64Array(capacity));
    this.quality = grown(this.quality, new Uint8Array(capacity));
    this.changedIn = grown(this.changedIn, new Float64Array(capacity));
    this.changed = grown(this.changed, new Int32Array(capacity));
  }
}
