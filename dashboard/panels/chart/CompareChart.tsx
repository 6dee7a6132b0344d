import { type KeyboardEvent, useRef, useState } from 'react';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { chartColours } from './chart-drawing.ts';
import {
  type ComparedLine,
  type ComparisonModel,
  comparisonColumns,
  comparisonOptions,
  lineColour,
} from './compare-drawing.ts';
import { usePlot } from './use-plot.ts';

/** Several lines over one time, with one cursor; drag or keys to zoom. `onCursor` is told the instant under it, ms. */
export function CompareChart({
  model,
  label,
  height,
  isPending,
  error,
  retry,
  onZoom,
  onZoomBy,
  onMoveBy,
  onReset,
  onCursor,
}: {
  model: ComparisonModel;
  label: string;
  height: number;
  isPending: boolean;
  error: unknown;
  retry: () => void;
  onZoom: (from: number, to: number) => void;
  onZoomBy: (factor: number) => void;
  /** By a share of what is shown. */
  onMoveBy: (share: number) => void;
  onReset: () => void;
  onCursor: (at: number | null) => void;
}) {
  const { t } = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const current = useRef({ model, onZoom, onCursor });
  current.current = { model, onZoom, onCursor };
  const { lines, alarms, from, to, language } = model;
  const columns = useRef<{ lines: readonly ComparedLine[]; made: ReturnType<typeof comparisonColumns> } | null>(null);
  const plot = usePlot(
    box,
    {
      height,
      shape: lines.map(({ side, number, unit }) => `${number} ${side} ${unit}`).join(','),
      options: (size, element) => {
        const style = getComputedStyle(element);
        return comparisonOptions(
          size,
          chartColours(element),
          (number) => style.getPropertyValue(lineColour(number)).trim(),
          () => current.current.model,
          {
            onZoom: (start, end) => current.current.onZoom(start, end),
            onCursor: (at) => current.current.onCursor(at),
          },
        );
      },
      columns: () => {
        const now = current.current.model.lines;
        if (columns.current?.lines !== now) columns.current = { lines: now, made: comparisonColumns(now) };
        return columns.current.made;
      },
    },
    [lines, alarms, from, to, language],
  );
  const [at, setAt] = useState<number | null>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const side = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (side !== 0 && event.shiftKey) onMoveBy(side / 4);
    else if (side !== 0) {
      const times = plot.current?.data[0] ?? [];
      const next = Math.max(0, Math.min(times.length - 1, (at ?? times.length - 1) + side));
      const time = times[next];
      if (time === undefined || !plot.current) return;
      setAt(next);
      plot.current.setCursor({ left: plot.current.valToPos(time, 'x'), top: height / 2 });
    } else if (event.key === '+' || event.key === '=') onZoomBy(0.5);
    else if (event.key === '-') onZoomBy(2);
    else if (event.key === '0') onReset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const isEmpty = lines.every(({ data }) => data.time.length === 0);
  return (
    <div className="chart compare-chart">
      <div
        ref={box}
        className="chart-plot inset-focus"
        style={{ minHeight: height }}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows read the chart, plus and minus zoom it
        tabIndex={0}
        onKeyDown={onKeyDown}
        aria-label={label}
      />
      {error && isEmpty ? (
        <div className="chart-over">
          <Failure error={error} retry={retry} />
        </div>
      ) : isPending ? (
        <p className="chart-over secondary small" role="status">
          {t('loading.readings')}
        </p>
      ) : isEmpty ? (
        <p className="chart-over secondary">{t('chart.empty')}</p>
      ) : null}
    </div>
  );
}
