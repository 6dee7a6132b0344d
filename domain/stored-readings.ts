import type { CompiledRule } from './compiled-rule.ts';
import type { JudgedReading } from './episode.ts';
import type { SeriesId } from './identifiers.ts';
import { inputsInBreach, JointSignal } from './joint-evaluation.ts';
import type { TimeSeriesStore } from './ports/time-series-store.ts';
import { type ReadingColumns, readingAt } from './reading.ts';
import { RecentReadings } from './recent-readings.ts';
import { epochMs, hours } from './time.ts';

const PAGE_READINGS = 10_000;

/** Raw readings of one series with from ≤ event time < to, ascending, a page at a time. */
export async function* storedReadings(
  store: Pick<TimeSeriesStore, 'range'>,
  series: SeriesId,
  from: number,
  to: number,
): AsyncGenerator<JudgedReading> {
  for (let next = from; next < to; ) {
    const page = await store.range({ series, from: epochMs(next), to: epochMs(to), limit: PAGE_READINGS });
    for (let i = 0; i < page.length; i++) yield readingAt(page, i);
    if (page.length < PAGE_READINGS) return;
    next = page.eventTime[page.length - 1]! + 1;
  }
}

/** The part of the store from which readings of several series are read. */
export type ReadingSource = Pick<TimeSeriesStore, 'stretch'>;

/** Rows [from, to) of one series. */
interface SeriesRows {
  readonly series: SeriesId;
  readonly from: number;
  readonly to: number;
}

/** Which rows belong to which series, of readings ordered by series. */
export function* rowsBySeries({ length, series }: ReadingColumns): Generator<SeriesRows> {
  for (let from = 0; from < length; ) {
    let to = from + 1;
    while (to < length && series[to] === series[from]) to++;
    yield { series: series[from] as SeriesId, from, to };
    from = to;
  }
}

/** Readings of all inputs held at once, about: a stretch is read that holds as many. */
const STRETCH_READINGS = 50_000;
const FIRST_STRETCH_MS: number = hours(1);
const STRETCH_GROWTH = 4;

/** What was read of one input and not yet put in place: its rows of each page. */
interface Waiting {
  readonly pages: { readonly readings: ReadingColumns; readonly to: number; row: number }[];
  page: number;
}

/**
 * What a rule over several series comes to at its instants T, from ≤ T < to, by the stored readings of its inputs: as live judges them when nothing
 * comes late. Instants at which nothing is judged are left out. `onRead` is told of readings as they are read.
 */
export async function* jointReadings(
  store: ReadingSource,
  compiled: CompiledRule,
  inputs: readonly SeriesId[],
  from: number,
  to: number,
  onRead: (readings: number) => void = () => {},
): AsyncGenerator<JudgedReading> {
  const { joint } = compiled;
  if (joint === null) return;
  const { stepMs, reachMs } = joint;
  const recent = inputs.map(() => new RecentReadings());
  const indexOf = new Map(inputs.map((series, i) => [series, i]));
  const signal = new JointSignal();
  let newest = Number.NEGATIVE_INFINITY;
  let stretch = Math.max(FIRST_STRETCH_MS, stepMs);
  for (let at = Math.ceil(from / stepMs) * stepMs, read = at - reachMs + 1; at < to; ) {
    // The instants in [at, end) need the readings in [read, last], last being the latest of them; later readings belong to the next stretch.
    const end = Math.min(to, at + Math.ceil(stretch / stepMs) * stepMs);
    const last = lastInstantBefore(end, stepMs);
    const waiting: Waiting[] = inputs.map(() => ({ pages: [], page: 0 }));
    let count = 0;
    for (let next = epochMs(Math.max(0, read)); next <= last; ) {
      const readings = await store.stretch({ series: inputs, from: next, to: epochMs(last + 1) });
      for (const { series, from, to } of rowsBySeries(readings))
        waiting[indexOf.get(series)!]!.pages.push({ readings, row: from, to });
      count += readings.length;
      next = readings.to;
    }
    onRead(count);
    read = last + 1;
    while (at < end) {
      for (let i = 0; i < waiting.length; i++) newest = Math.max(newest, fill(recent[i]!, waiting[i]!, at, reachMs));
      if (newest <= at - reachMs) {
        const next = Math.min(...waiting.map(nextTime));
        at = Math.max(at + stepMs, Math.min(last + stepMs, Math.ceil(next / stepMs) * stepMs));
        continue;
      }
      if (signal.judge(compiled, joint, recent, at)) {
        const { x: value, clearX: clearValue, shown, quality, worst } = signal;
        const breached = joint.kind === 'area_count' && value >= compiled.quietHigh;
        const area = breached ? { breaching: inputsInBreach(compiled, joint, recent, at), worst } : null;
        yield { eventTime: at, value, quality, joint: { clearValue, shown, area } };
      }
      at += stepMs;
    }
    if (count < STRETCH_READINGS / STRETCH_GROWTH) stretch *= STRETCH_GROWTH;
    else if (count > STRETCH_READINGS) stretch = Math.max(stepMs, stretch / STRETCH_GROWTH);
  }
}

const lastInstantBefore = (end: number, stepMs: number): number => (Math.ceil(end / stepMs) - 1) * stepMs;

/** Puts the readings up to `at` in place. @returns the time of the last of them, −∞ when there was none. */
function fill(recent: RecentReadings, waiting: Waiting, at: number, reachMs: number): number {
  let last = Number.NEGATIVE_INFINITY;
  for (; waiting.page < waiting.pages.length; waiting.page++) {
    const page = waiting.pages[waiting.page]!;
    const { eventTime, value, quality } = page.readings;
    for (; page.row < page.to; page.row++) {
      const time = eventTime[page.row]!;
      if (time > at) return last;
      recent.put(time, value[page.row]!, quality[page.row]!, at - reachMs + 1);
      last = time;
    }
  }
  return last;
}

function nextTime({ pages, page }: Waiting): number {
  // A page is left as soon as all of it is in place.
  const coming = pages[page];
  return coming === undefined ? Number.POSITIVE_INFINITY : coming.readings.eventTime[coming.row]!;
}
