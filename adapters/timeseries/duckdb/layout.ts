/**
 * How time is cut: into files of a week, in them into buckets of an hour or a local day. All of it begins at the site's local Monday midnight,
 * so that a day's bucket never lies in two files. Local time is a fixed offset from UTC; a zone with summer time keeps exact days by hourly buckets.
 */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const FILE_SPAN_MS = 7 * DAY_MS;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
const FILE_PATTERN = /^week-(\d{4}-\d{2}-\d{2})\.duckdb$/;

/** Length of a rollup's bucket in hours. A series keeps one length per file: hours when it reports often, else local days. */
export type BucketHours = 1 | 24;

export interface Layout {
  /** Local time − UTC. */
  readonly utcOffsetMs: number;
  /** Start of the file that holds `eventTime`, epoch ms. */
  fileStart(eventTime: number): number;
  /** `week-<local Monday>.duckdb`. */
  fileName(start: number): string;
  /** The other direction; `undefined` for names of other things. */
  startOf(fileName: string): number | undefined;
  /** Greatest bucket start ≤ `instant`, epoch ms. */
  bucketStart(instant: number, hours: BucketHours): number;
  /** Least bucket start ≥ `instant`, epoch ms. */
  bucketCeiling(instant: number, hours: BucketHours): number;
  /** True when windows of `step` from `align` are made of whole buckets. */
  madeOfBuckets(step: number, align: number, hours: BucketHours): boolean;
}

/** `utcOffsetMs` must be whole hours (the buckets of an hour are UTC's). */
export function createLayout(utcOffsetMs: number): Layout {
  if (!Number.isInteger(utcOffsetMs / HOUR_MS)) throw new RangeError('the offset from UTC must be whole hours');
  const fileOrigin = FIRST_MONDAY_MS - utcOffsetMs;
  const floorTo = (instant: number, span: number, origin: number): number =>
    Math.floor((instant - origin) / span) * span + origin;
  const originOf = (hours: BucketHours): number => (hours === 1 ? 0 : -utcOffsetMs);
  const bucketStart = (instant: number, hours: BucketHours): number =>
    floorTo(instant, hours * HOUR_MS, originOf(hours));
  return {
    utcOffsetMs,
    fileStart: (eventTime) => floorTo(eventTime, FILE_SPAN_MS, fileOrigin),
    fileName: (start) => `week-${new Date(start + utcOffsetMs).toISOString().slice(0, 10)}.duckdb`,
    startOf(fileName) {
      const day = FILE_PATTERN.exec(fileName)?.[1];
      return day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`) - utcOffsetMs;
    },
    bucketStart,
    bucketCeiling: (instant, hours) => -floorTo(-instant, hours * HOUR_MS, -originOf(hours)),
    madeOfBuckets: (step, align, hours) => step % (hours * HOUR_MS) === 0 && bucketStart(align, hours) === align,
  };
}
