import uPlot from 'uplot';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import type { Language } from '../../../domain/localized.ts';
import type { Side } from '../../state/compare.ts';
import { TIME_ZONE } from '../../state/formatting.ts';
import {
  type ChartColours,
  type ChartModel,
  drawAlarms,
  drawDoubt,
  drawInvalid,
  drawLimits,
  FONT,
  timeLabel,
  valueLabels,
  valueRange,
} from './chart-drawing.ts';

/** One line of a comparison: as a chart of its own, with its number, its scale and its place among the colours. */
export interface ComparedLine extends Pick<ChartModel, 'data' | 'limits' | 'marked' | 'decimals'> {
  /** Said beside the line and in the legend, from 1. */
  readonly number: number;
  readonly side: Side;
  readonly unit: string;
}
export interface ComparisonModel extends Pick<ChartModel, 'from' | 'to'> {
  readonly lines: readonly ComparedLine[];
  readonly alarms: readonly AlarmWire[];
  readonly language: Language;
}

/** CSS variables of lines' colours, none of them a severity's; beyond them they come again, dashed. */
export const LINE_COLOURS = ['--hd-line-1', '--hd-line-2', '--hd-line-3', '--hd-line-4', '--hd-line-5', '--hd-line-6'];
export const lineColour = (number: number): string => LINE_COLOURS[(number - 1) % LINE_COLOURS.length] as string;
export const isDashed = (number: number): boolean => number > LINE_COLOURS.length;

/** Height of the lane above the lines in which one line's doubt is shaded; CSS pixels. */
const LANE = 9;

/** Columns of all lines over one common time; what a line lacks at others' times doesn't break it. */
export function comparisonColumns(lines: readonly ComparedLine[]): uPlot.AlignedData {
  if (lines.length === 0) return [[]];
  const tables = lines.map(
    ({ data }): uPlot.AlignedData => [[...data.time], [...data.value], [...data.low], [...data.high]],
  );
  // 1: an empty place of the line's own stays and breaks it.
  return uPlot.join(
    tables,
    tables.map(() => [1, 1, 1, 1]),
  );
}

/** Options of the chart library for several lines over one time, with a scale for each of up to two units. */
export function comparisonOptions(
  size: { readonly width: number; readonly height: number },
  colours: ChartColours,
  colourOf: (number: number) => string,
  model: () => ComparisonModel,
  listeners: {
    /** A stretch was dragged out; ms. */
    onZoom(from: number, to: number): void;
    /** The cursor stands at the instant, or nowhere; ms. */
    onCursor(at: number | null): void;
  },
): uPlot.Options {
  const axis = { stroke: colours.text, font: FONT, ticks: { show: false } } as const;
  const made = model().lines;
  const hasRight = made.some(({ side }) => side === 'right');
  const rangeOf = (side: Side) => (_plot: uPlot, low: number, high: number) => {
    const lines = model().lines.filter((line) => line.side === side);
    const all = {
      data: { invalid: lines.flatMap(({ data }) => data.invalid) },
      limits: lines.flatMap(({ limits }) => limits),
      decimals: Math.max(0, ...lines.map(({ decimals }) => decimals)),
    };
    return valueRange(all, low ?? Number.NaN, high ?? Number.NaN);
  };
  const valueAxis = (side: Side): uPlot.Axis => ({
    ...axis,
    scale: side,
    side: side === 'left' ? 3 : 1,
    size: 52,
    gap: 4,
    label: made.find((line) => line.side === side)?.unit ?? '',
    labelFont: FONT,
    labelSize: 16,
    labelGap: 0,
    grid: { show: side === 'left', stroke: colours.grid, width: 1 },
    values: (_plot, marks) => valueLabels(marks, model().language),
  });
  return {
    ...size,
    padding: [8, hasRight ? 0 : 18, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false, dist: 6 }, points: { size: 7 }, y: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), TIME_ZONE),
    scales: {
      x: { time: true, range: () => [model().from / 1000, model().to / 1000] },
      left: { range: rangeOf('left') },
      ...(hasRight ? { right: { range: rangeOf('right') } } : {}),
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
      valueAxis('left'),
      ...(hasRight ? [valueAxis('right')] : []),
    ],
    series: [
      {},
      ...made.flatMap(({ number, side }): uPlot.Series[] => [
        {
          scale: side,
          stroke: colourOf(number),
          width: 1.6,
          points: { show: false },
          spanGaps: false,
          ...(isDashed(number) ? { dash: [7, 4] } : {}),
        },
        { scale: side, stroke: 'transparent', width: 0, points: { show: false } },
        { scale: side, stroke: 'transparent', width: 0, points: { show: false } },
      ]),
    ],
    bands: made.map(({ number }, i) => ({
      series: [3 * i + 3, 3 * i + 2],
      fill: `color-mix(in srgb, ${colourOf(number)} 15%, transparent)`,
    })),
    hooks: {
      drawClear: [
        (plot) => {
          const { lines } = model();
          lines.forEach((line, i) => {
            const height = LANE * devicePixelRatio;
            const lane = { top: plot.bbox.top + i * height, height: height - devicePixelRatio };
            drawDoubt(plot, line, colours, lines.length === 1 ? plot.bbox : lane);
          });
        },
      ],
      draw: [
        (plot) => {
          const { lines, language } = model();
          for (const side of ['left', 'right'] as const) {
            const ofSide = lines.filter((line) => line.side === side);
            const [first] = ofSide;
            if (!first) continue;
            const limits = onlyOnce(ofSide.flatMap((line) => line.limits));
            const words = { scale: side, side, unit: hasRight ? first.unit : '' };
            drawLimits(plot, { limits, decimals: first.decimals, language }, colours, words);
          }
          for (const line of lines) {
            drawInvalid(plot, line, colourOf(line.number), line.side);
            if (lines.length > 1) drawNumber(plot, line, model(), colourOf(line.number), colours.surface);
          }
          drawAlarms(plot, model(), colours);
        },
      ],
      setCursor: [
        (plot) => {
          const { left } = plot.cursor;
          listeners.onCursor(left === undefined || left < 0 ? null : plot.posToVal(left, 'x') * 1000);
        },
      ],
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

/** Points watched by one rule share its limits: drawn once. */
const onlyOnce = (limits: ChartModel['limits']): ChartModel['limits'] => [
  ...new Map(limits.map((limit) => [`${limit.severity} ${limit.value}`, limit])).values(),
];

/** The line's number at its newest value: colours alone tell nobody who can't tell them apart. */
function drawNumber(
  plot: uPlot,
  { data, number, side }: ComparedLine,
  { from, to }: ComparisonModel,
  colour: string,
  surface: string,
): void {
  const last = data.time.findLastIndex(
    (seconds, i) => seconds * 1000 >= from && seconds * 1000 < to && (data.value[i] ?? null) !== null,
  );
  if (last < 0) return;
  const { ctx, bbox } = plot;
  const x = Math.min(
    bbox.left + bbox.width - 12 * devicePixelRatio,
    plot.valToPos(data.time[last] as number, 'x', true),
  );
  const y = plot.valToPos(data.value[last] as number, side, true);
  ctx.save();
  ctx.font = FONT.replace('11px', `600 ${12 * devicePixelRatio}px`);
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = surface;
  ctx.strokeText(String(number), x + 2 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.fillStyle = colour;
  ctx.fillText(String(number), x + 2 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}
