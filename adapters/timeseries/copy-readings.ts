import { crc32 } from 'node:zlib';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { TimeSeriesStore, WindowColumns } from '../../domain/ports/time-series-store.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { type DurationMs, type EpochMs, epochMs } from '../../domain/time.ts';

/** Event times: from ≤ t < to. */
export interface TimeSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
}
/** Readings of a series in a span, and a checksum over all there is of them. */
interface Sum {
  readonly count: number;
  readonly checksum: number;
}

/** Readings of one question. Sums are made of the same pages on both sides, so it is the same for both. */
const PAGE_READINGS = 50_000;
const WRITE_READINGS = 50_000;
const QUESTIONS_AT_ONCE = 4;
const SERIES_AT_ONCE = 500;
export const DAY_MS = 86_400_000;
/** Sums are added up in another order by each engine. */
const ALIKE = 1e-9;

async function* pagesOf(
  store: Pick<TimeSeriesStore, 'range'>,
  series: SeriesId,
  { from, to }: TimeSpan,
): AsyncGenerator<ReadingColumns> {
  for (let next = from; ; ) {
    const page = await store.range({ series, from: next, to, limit: PAGE_READINGS });
    if (page.length > 0) yield page;
    if (page.length < PAGE_READINGS) return;
    next = epochMs(page.eventTime[page.length - 1]! + 1);
  }
}

function checksumOf(page: ReadingColumns, before: number): number {
  const { length, eventTime, arrivalTime, quality } = page;
  // Line protocol knows no zero below zero.
  const value = page.value.slice(0, length).map((one) => (one === 0 ? 0 : one));
  let sum = before;
  for (const column of [eventTime.slice(0, length), arrivalTime.slice(0, length), value, quality.slice(0, length)])
    sum = crc32(new Uint8Array(column.buffer), sum);
  return sum;
}

/** Those of the series that have a reading in the span. */
async function thoseWithin(
  store: Pick<TimeSeriesStore, 'latest'>,
  series: readonly SeriesId[],
  { from, to }: TimeSpan,
): Promise<readonly SeriesId[]> {
  const { series: found, eventTime } = await store.latest(series, to);
  return ([...found] as SeriesId[]).filter((_, i) => eventTime[i]! >= from);
}

async function sumOf(store: Pick<TimeSeriesStore, 'range'>, series: SeriesId, span: TimeSpan): Promise<Sum> {
  let [count, checksum] = [0, 0];
  for await (const page of pagesOf(store, series, span)) {
    count += page.length;
    checksum = checksumOf(page, checksum);
  }
  return { count, checksum };
}

/** `work` on each, some at the same time. */
async function onEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, worker));
}

/**
 * Makes the readings of a span in `to` those that `from` has, and reads them again there: counts and checksums of every series are alike afterwards. Nobody
 * else writes to the span meanwhile. Repeated it comes to the same.
 * @returns how many readings there are. @throws when a series is not the same after it was written twice.
 */
export async function copyReadings(
  from: Pick<TimeSeriesStore, 'range' | 'latest'>,
  to: TimeSeriesStore,
  series: readonly SeriesId[],
  span: TimeSpan,
  onReadings: (readings: number) => void = () => {},
): Promise<number> {
  const here = await thoseWithin(from, series, span);
  const either = [...new Set([...here, ...(await thoseWithin(to, series, span))])];
  const sums = await writeReadings(from, to, here, span, onReadings);
  for (const attempt of ['written again', 'deleted and written again', 'given up'] as const) {
    const differing: SeriesId[] = [];
    await onEach(either, async (id) => {
      const [wanted, found] = [sums.get(id), await sumOf(to, id, span)];
      if (found.count !== (wanted?.count ?? 0) || found.checksum !== (wanted?.checksum ?? 0)) differing.push(id);
    });
    if (differing.length === 0) break;
    if (attempt === 'given up')
      throw new Error(
        `${differing.length} series are not what was written, among them ${differing[0]} from ${new Date(span.from).toISOString()} on: is somebody else writing there?`,
      );
    if (attempt === 'deleted and written again')
      for (const id of differing) await to.deleteRange(id, span.from, span.to);
    await writeReadings(from, to, differing, span, () => {});
  }
  return [...sums.values()].reduce((sum, { count }) => sum + count, 0);
}

async function writeReadings(
  from: Pick<TimeSeriesStore, 'range'>,
  to: TimeSeriesStore,
  series: readonly SeriesId[],
  span: TimeSpan,
  onReadings: (readings: number) => void,
): Promise<ReadonlyMap<SeriesId, Sum>> {
  const sums = new Map<SeriesId, Sum>();
  let batch: ReadingColumns[] = [];
  let waiting = 0;
  const write = async (): Promise<void> => {
    await to.load(batch);
    onReadings(waiting);
    batch = [];
    waiting = 0;
  };
  for (const id of series) {
    let [count, checksum] = [0, 0];
    for await (const page of pagesOf(from, id, span)) {
      count += page.length;
      checksum = checksumOf(page, checksum);
      batch.push(page);
      waiting += page.length;
      if (waiting >= WRITE_READINGS) await write();
    }
    if (count > 0) sums.set(id, { count, checksum });
  }
  if (waiting > 0) await write();
  return sums;
}

/** Days of series on which what both stores make of the usable readings is not the same: count, least, greatest, last and sum. A day is 24 h from `span.from`. */
export async function differingDays(
  one: Pick<TimeSeriesStore, 'windows'>,
  other: Pick<TimeSeriesStore, 'windows'>,
  series: readonly SeriesId[],
  span: TimeSpan,
): Promise<readonly { readonly series: SeriesId; readonly span: TimeSpan }[]> {
  const differing: { readonly series: SeriesId; readonly span: TimeSpan }[] = [];
  for (let from = 0; from < series.length; from += SERIES_AT_ONCE) {
    const asked = {
      ...{ series: series.slice(from, from + SERIES_AT_ONCE), from: span.from, to: span.to },
      ...{ step: DAY_MS as DurationMs, align: span.from },
    };
    const [left, right] = [byDay(await one.windows(asked)), byDay(await other.windows(asked))];
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      if (areAlike(left.get(key), right.get(key))) continue;
      const [id, start] = key.split('@').map(Number) as [number, number];
      differing.push({ series: id as SeriesId, span: { from: epochMs(start), to: epochMs(start + DAY_MS) } });
    }
  }
  return differing;
}

type Day = readonly [count: number, min: number, max: number, last: number, sum: number];
const byDay = (windows: WindowColumns): Map<string, Day> =>
  new Map(
    Array.from({ length: windows.length }, (_, i) => [
      `${windows.series[i]}@${windows.start[i]}`,
      [windows.count[i]!, windows.min[i]!, windows.max[i]!, windows.last[i]!, windows.sum[i]!],
    ]),
  );
const areAlike = (one: Day | undefined, other: Day | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.every((number, i) => {
    const difference = Math.abs(number - other[i]!);
    return difference === 0 || (i === 4 && difference <= ALIKE * one[0] * Math.max(Math.abs(one[1]), Math.abs(one[2])));
  });
