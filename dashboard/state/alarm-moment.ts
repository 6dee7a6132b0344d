import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { ReadingsAnswer } from '../../api/contract/readings.ts';

/** What is shown before the activation, and at least after it. */
const BESIDE_MS = 30 * 60_000;
/** However long the alarm lasted: it is the beginning that is asked for. */
const AFTER_AT_MOST_MS = 2 * 3_600_000;

/** More readings make a line by themselves. */
const DOTS_UP_TO = 60;

/** The span of readings that tell of an activation: half an hour before, then until it cleared and half an hour on, two hours at the most. */
export function momentSpan({ activatedAt, clearedAt }: Pick<AlarmWire, 'activatedAt' | 'clearedAt'>): {
  readonly from: number;
  readonly to: number;
} {
  const lasted = clearedAt === null ? 0 : Math.max(0, clearedAt - activatedAt);
  return { from: activatedAt - BESIDE_MS, to: activatedAt + Math.min(lasted + BESIDE_MS, AFTER_AT_MOST_MS) };
}

interface MomentRow {
  readonly at: number;
  readonly value: number;
  /** The reading that activated the alarm, or the first after it began. */
  readonly isActivation: boolean;
}
export interface MomentView {
  /** Of an SVG polyline. */
  readonly points: string;
  /** Of an SVG path: each reading by itself, where there are few enough to tell apart. */
  readonly dots: string;
  readonly activatedX: number;
  /** `null`: no limit, or one so far off that it would flatten the line. */
  readonly limitY: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: readonly MomentRow[];
  /** The activation with so many readings on each side. */
  rowsAround(beside: number): readonly MomentRow[];
}

/** Readings around an activation as a line of `size` pixels; the limit is drawn within it. */
export function momentView(
  readings: Pick<ReadingsAnswer, 'eventTime' | 'value'>,
  alarm: Pick<AlarmWire, 'activatedAt' | 'clearedAt' | 'limit'>,
  size: { readonly width: number; readonly height: number },
): MomentView {
  const { from, to } = momentSpan(alarm);
  const { eventTime, value } = readings;
  const activation = eventTime.findIndex((at) => at >= alarm.activatedAt);
  const rows = eventTime.map((at, i) => ({ at, value: value[i] as number, isActivation: i === activation }));
  const low = rows.reduce((least, row) => Math.min(least, row.value), Number.POSITIVE_INFINITY);
  const high = rows.reduce((most, row) => Math.max(most, row.value), Number.NEGATIVE_INFINITY);
  const [bottom, top] = [Math.min(low, alarm.limit ?? low), Math.max(high, alarm.limit ?? high)];
  const x = (at: number): number => ((at - from) / (to - from)) * size.width;
  // A little air above and below; a line that never moves runs through the middle.
  const y = (each: number): number =>
    top === bottom ? size.height / 2 : size.height * (0.92 - (0.84 * (each - bottom)) / (top - bottom));
  return {
    points: rows.map((row) => `${x(row.at).toFixed(1)},${y(row.value).toFixed(1)}`).join(' '),
    dots:
      rows.length > DOTS_UP_TO
        ? ''
        : rows.map((row) => `M${x(row.at).toFixed(1)} ${y(row.value).toFixed(1)}h0`).join(''),
    activatedX: x(alarm.activatedAt),
    limitY: alarm.limit === null || rows.length === 0 ? null : y(alarm.limit),
    low: rows.length === 0 ? null : low,
    high: rows.length === 0 ? null : high,
    rows,
    rowsAround(beside) {
      const middle = activation < 0 ? rows.length - 1 : activation;
      return rows.slice(Math.max(0, middle - beside), middle + beside + 1);
    },
  };
}
