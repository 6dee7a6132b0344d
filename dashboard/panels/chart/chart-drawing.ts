import uPlot from 'uplot';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import type { Language } from '../../../domain/localized.ts';
import type { ChartData } from '../../state/chart-data.ts';
import {
  formatDate,
  formatDayMonth,
  formatMonth,
  formatNumber,
  formatTime,
  TIME_ZONE,
} from '../../state/formatting.ts';
import type { DrawnLimit } from '../../state/point-limits.ts';
import type { DrawnSpan } from '../../state/quality-spans.ts';
import { STATE_SHAPES } from '../../symbols/paths.ts';

/** What a chart is made from; all of it may change while it stands. */
export interface ChartModel {
  readonly data: ChartData;
  /** Epoch ms shown, from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  readonly limits: readonly DrawnLimit[];
  readonly alarms: readonly AlarmWire[];
  /** Stretches that verdicts cover, what counts most last. */
  readonly marked: readonly DrawnSpan[];
  readonly decimals: number;
  /** It stays what it was until it is something else: drawn in steps. */
  readonly isState: boolean;
  /** What its codes 0, 1, … are called. */
  readonly stateNames: readonly string[] | undefined;
  readonly language: Language;
}

export interface ChartColours {
  readonly line: string;
  readonly band: string;
  readonly text: string;
  readonly grid: string;
  readonly surface: string;
  readonly unknown: string;
  readonly calibrating: string;
  readonly severity: Readonly<Record<'critical' | 'major' | 'minor' | 'notice', string>>;
}

/** The colours in force now, read from the page's own variables. */
export function chartColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const text2 = read('--hd-text-2');
  return {
    line: read('--hd-text'),
    band: `color-mix(in srgb, ${text2} 26%, transparent)`,
    text: text2,
    grid: read('--hd-line'),
    surface: read('--hd-raised'),
    unknown: read('--hd-unknown'),
    calibrating: read('--hd-calibrating'),
    severity: {
      critical: read('--hd-critical'),
      major: read('--hd-major'),
      minor: read('--hd-minor'),
      notice: read('--hd-notice'),
    },
  };
}

export const FONT = '11px "Inter Variable", sans-serif';

/** Label of a mark on the time axis, as coarse as the distance between marks. */
export function timeLabel(seconds: number, incrementSeconds: number, language: Language): string {
  const instant = seconds * 1000;
  if (incrementSeconds >= 28 * 86_400) return formatMonth(instant, language);
  if (incrementSeconds >= 86_400) return formatDayMonth(instant, language);
  const time = formatTime(instant, incrementSeconds < 60);
  return time === '00:00' ? formatDayMonth(instant, language) : time;
}

/** Diagonal hatching over a stretch of suspect readings. */
function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  const gap = 7 * devicePixelRatio;
  for (let at = x - height; at < x + width; at += gap) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

/**
 * Stretches of doubt behind the line: suspect hatched, calibrating lilac, invalid shaded. Over the whole height, or in the lane of one line among
 * several; `lane` in device pixels.
 */
export function drawDoubt(
  plot: uPlot,
  model: Pick<ChartModel, 'data' | 'marked'>,
  colours: ChartColours,
  lane: { readonly top: number; readonly height: number } = plot.bbox,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  // Windows hold no quality of single readings: there the verdicts themselves are shaded.
  const stretches = model.data.doubtful.length > 0 ? model.data.doubtful : model.marked;
  for (const { from, to, kind } of stretches) {
    if (kind === 'good') continue;
    const left = Math.max(bbox.left, plot.valToPos(from / 1000, 'x', true) - 2 * devicePixelRatio);
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1000, 'x', true) + 2 * devicePixelRatio);
    if (right <= left) continue;
    ctx.globalAlpha = kind === 'calibrating' ? 0.28 : kind === 'invalid' ? 0.16 : 0.5;
    ctx.fillStyle = kind === 'calibrating' ? colours.calibrating : colours.unknown;
    ctx.strokeStyle = colours.unknown;
    ctx.lineWidth = devicePixelRatio;
    if (kind === 'suspect') hatch(ctx, left, lane.top, right - left, lane.height);
    else ctx.fillRect(left, lane.top, right - left, lane.height);
  }
  ctx.restore();
}

/** Verdicts as a bar along the upper edge, from their beginning to their end, whether or not there are readings in them. */
function drawVerdicts(plot: uPlot, model: ChartModel, colours: ChartColours): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { from, to, kind } of model.marked) {
    const left = Math.max(bbox.left, plot.valToPos(from / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1000, 'x', true));
    if (right <= left) continue;
    ctx.fillStyle = kind === 'calibrating' ? colours.calibrating : kind === 'good' ? colours.line : colours.unknown;
    ctx.fillRect(left, bbox.top, Math.max(2 * devicePixelRatio, right - left), 4 * devicePixelRatio);
  }
  ctx.restore();
}

/** Limits as thin rules, each with its value, and `unit` where there are two, at the edge of its scale. */
export function drawLimits(
  plot: uPlot,
  model: Pick<ChartModel, 'limits' | 'decimals' | 'language'>,
  colours: ChartColours,
  { scale = 'y', side = 'right', unit = '' } = {},
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = FONT.replace('11px', `${11 * devicePixelRatio}px`);
  ctx.textAlign = side === 'left' ? 'left' : 'right';
  let lastLabelAt = Number.NEGATIVE_INFINITY;
  for (const limit of [...model.limits].sort((a, b) => b.value - a.value)) {
    const y = Math.round(plot.valToPos(limit.value, scale, true)) + 0.5;
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colours.severity[limit.severity];
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    if (y - lastLabelAt < 12 * devicePixelRatio) continue;
    lastLabelAt = y;
    const text = `${formatNumber(limit.value, model.decimals, model.language)}${unit === '' ? '' : ` ${unit}`}`;
    const x = side === 'left' ? bbox.left + 3 * devicePixelRatio : bbox.left + bbox.width - 3 * devicePixelRatio;
    const below = y < bbox.top + 14 * devicePixelRatio;
    ctx.textBaseline = below ? 'top' : 'bottom';
    const at = below ? y + 2 * devicePixelRatio : y - 2 * devicePixelRatio;
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.strokeStyle = colours.surface;
    ctx.strokeText(text, x, at);
    ctx.fillStyle = colours.severity[limit.severity];
    ctx.fillText(text, x, at);
  }
  ctx.restore();
}

/** Alarms on the time axis: a bar from beginning to end, the severity's shape at its beginning. */
export function drawAlarms(plot: uPlot, model: Pick<ChartModel, 'alarms' | 'to'>, colours: ChartColours): void {
  const { ctx, bbox } = plot;
  const size = 11 * devicePixelRatio;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  for (const alarm of model.alarms) {
    const from = Math.max(bbox.left, plot.valToPos(alarm.startedAt / 1000, 'x', true));
    const end = alarm.clearedAt ?? alarm.endedAt ?? model.to;
    const to = Math.min(bbox.left + bbox.width, plot.valToPos(end / 1000, 'x', true));
    if (to < bbox.left || from > bbox.left + bbox.width) continue;
    ctx.fillStyle = colours.severity[alarm.worstSeverity];
    ctx.globalAlpha = 0.55;
    ctx.fillRect(from, bottom - 3 * devicePixelRatio, Math.max(devicePixelRatio, to - from), 3 * devicePixelRatio);
    ctx.globalAlpha = 1;
    ctx.save();
    ctx.translate(from - size / 2, bottom - size);
    ctx.scale(size / 24, size / 24);
    ctx.fill(new Path2D(STATE_SHAPES[alarm.worstSeverity].path));
    ctx.restore();
  }
  ctx.restore();
}

/** Crosses where invalid readings fell. */
export function drawInvalid(plot: uPlot, model: Pick<ChartModel, 'data'>, colour: string, scale = 'y'): void {
  const { ctx, bbox } = plot;
  const arm = 3.5 * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.beginPath();
  model.data.invalid.forEach((value, i) => {
    if (value === null) return;
    const x = plot.valToPos(model.data.time[i] as number, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    // Far-off values stand at the edge: the scale belongs to what can be believed.
    const y = Math.min(bbox.top + bbox.height - arm, Math.max(bbox.top + arm, plot.valToPos(value, scale, true)));
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x + arm, y - arm);
    ctx.lineTo(x - arm, y + arm);
  });
  ctx.stroke();
  ctx.restore();
}

/** The value axis holds line, band, and those limits that are near enough not to flatten it. */
export function valueRange(
  model: { readonly data: Pick<ChartData, 'invalid'> } & Pick<ChartModel, 'limits' | 'decimals'>,
  low: number,
  high: number,
): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    // Nothing that can be believed: then the axis is that of what was struck.
    const struck = model.data.invalid.filter((value) => value !== null);
    return struck.length === 0 ? [0, 1] : valueRange(model, Math.min(...struck), Math.max(...struck));
  }
  const span = Math.max(high - low, 10 ** -model.decimals * 4);
  const near = model.limits.map(({ value }) => value).filter((v) => v > low - span && v < high + span);
  const from = Math.min(low, ...near);
  const to = Math.max(high, ...near);
  const margin = Math.max(to - from, span) * 0.08;
  const floor = low >= 0 && from - margin < 0 ? Math.min(0, low) : from - margin;
  return [floor, to + margin];
}

/** Labels of a value axis, with as many decimals as the distance of its marks needs. */
export function valueLabels(marks: readonly number[], language: Language): string[] {
  const step = marks.length > 1 ? Math.abs((marks[1] as number) - (marks[0] as number)) : 1;
  const decimals = step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step) - 1e-9));
  return marks.map((mark) => formatNumber(mark, decimals, language));
}

/** Above and below the outermost states, as a share of the distance between two. */
const STATE_MARGIN = 0.25;

/** Options of the chart library for one chart; `model` is asked for at every drawing. */
export function chartOptions(
  size: { readonly width: number; readonly height: number },
  colours: ChartColours,
  model: () => ChartModel,
  listeners: {
    /** A stretch was dragged out; ms. */
    onZoom(from: number, to: number): void;
    /** The cursor stands on the index, or nowhere. */
    onCursor(index: number | null): void;
  },
): uPlot.Options {
  const axis = { stroke: colours.text, font: FONT, ticks: { show: false } } as const;
  const { isState, stateNames } = model();
  return {
    ...size,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: { size: 7, fill: colours.line },
      y: false,
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), TIME_ZONE),
    scales: {
      x: { time: true, range: () => [model().from / 1000, model().to / 1000] },
      y: {
        range: (_plot, low, high) => {
          const { stateNames } = model();
          return stateNames ? [-STATE_MARGIN, stateNames.length - 1 + STATE_MARGIN] : valueRange(model(), low, high);
        },
      },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 5,
        space: 62,
        grid: { show: false },
        values: (_plot, marks, _axis, _space, increment) =>
          marks.map((mark) => timeLabel(mark, increment, model().language)),
      },
      {
        ...axis,
        size: stateNames ? 76 : 48,
        gap: 4,
        grid: { stroke: colours.grid, width: 1 },
        ...(stateNames && { splits: () => stateNames.map((_, code) => code) }),
        values: (_plot, marks) => model().stateNames?.slice() ?? valueLabels(marks, model().language),
      },
    ],
    series: [
      {},
      {
        ...{ stroke: colours.line, width: 1.4, points: { show: false }, spanGaps: false },
        ...(isState && uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
      },
      { stroke: 'transparent', width: 0, points: { show: false } },
      { stroke: 'transparent', width: 0, points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: colours.band }],
    hooks: {
      drawClear: [(plot) => drawDoubt(plot, model(), colours)],
      draw: [
        (plot) => {
          drawLimits(plot, model(), colours);
          drawInvalid(plot, model(), colours.unknown);
          drawVerdicts(plot, model(), colours);
          drawAlarms(plot, model(), colours);
        },
      ],
      setCursor: [(plot) => listeners.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 6) return;
          listeners.onZoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

export const chartColumns = (data: ChartData): uPlot.AlignedData => [
  [...data.time],
  [...data.value],
  [...data.low],
  [...data.high],
];

/** `23/11/2026 21:05` for a short span, the date alone where a window is a day. */
export const cursorTime = (seconds: number, stepMs: number, language: Language): string =>
  stepMs >= 86_400_000
    ? formatDate(seconds * 1000, language)
    : `${formatDate(seconds * 1000, language)} ${formatTime(seconds * 1000, stepMs === 0)}`;
