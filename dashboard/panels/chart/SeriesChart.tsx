import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { MapPoint } from '../../../api/contract/map.ts';
import { QUALITY_KINDS } from '../../../domain/quality.ts';
import {
  alarmsWithin,
  CHART_REFETCH_MS,
  type ChartSpan,
  chartQuery,
  pointAlarmsQuery,
} from '../../client/chart-queries.ts';
import { useLive, usePlatform, useReading, useServerNow } from '../../client/platform.tsx';
import { qualitySpansQuery } from '../../client/quality.ts';
import { rulesQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { IconHighlight, IconMinus, IconPlus, IconRefresh } from '../../components/icons.ts';
import { useBareText, useValueText } from '../../components/Reading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { chartSummary, NO_CHART_DATA, untilMoment, withNewest } from '../../state/chart-data.ts';
import { CHART_PRESETS, type ChartPreset, chartSource, zoomedSpan } from '../../state/chart-span.ts';
import { formatDate } from '../../state/formatting.ts';
import { limitsOf } from '../../state/point-limits.ts';
import { drawnSpans, spansAt } from '../../state/quality-spans.ts';
import { SpanText } from '../quality/SpanText.tsx';
import '../../styles/quality.css';
import { ChartTable } from './ChartTable.tsx';
import { type ChartModel, chartColours, chartColumns, chartOptions, cursorTime } from './chart-drawing.ts';
import { usePlot } from './use-plot.ts';

type Series = MapPoint['series'][number];
/** Parts of its span in which a chart of the past moves on. */
const PAST_PARTS = 24;
const HEIGHT = 220;

/** One series over time, from an hour to a year: drag or keys to zoom, limits, quality, alarms. */
export function SeriesChart({
  point,
  series,
  onMark,
}: {
  point: MapPoint;
  series: Series;
  /** Absent for those who may not mark; ms, from inclusive, to exclusive. */
  onMark?: (from: number, to: number) => void;
}) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const quantity = quantities.get(series.quantity);
  const valueText = useValueText();
  const bareText = useBareText();
  const now = useServerNow();
  const { isPast } = usePlatform();
  const [preset, setPreset] = useState<ChartPreset | null>('h6');
  const [zoomed, setZoomed] = useState<ChartSpan | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [marking, setMarking] = useState(false);

  // A span that follows the clock moves in steps, so that not every second asks anew.
  const spanMs = CHART_PRESETS.find(({ key }) => key === preset)?.spanMs ?? 0;
  // In a replay the moment runs along the chart, which moves on when it has come to its end.
  const stepMs = isPast ? Math.max(CHART_REFETCH_MS, spanMs / PAST_PARTS) : CHART_REFETCH_MS;
  const stepped = Math.ceil(now / stepMs) * stepMs;
  const span = useMemo<ChartSpan>(() => zoomed ?? { from: stepped - spanMs, to: stepped }, [zoomed, stepped, spanMs]);
  const source = chartSource(span.to - span.from);
  const follows = zoomed === null;
  const fetched = useQuery(chartQuery(series, quantity, span, follows));
  const newest = useReading(series.id);
  const until = isPast ? now : null;
  const data = useMemo(() => {
    const base = fetched.data ?? NO_CHART_DATA;
    const whole = source.kind === 'raw' ? withNewest(base, newest, span.from, span.to) : base;
    return until === null ? whole : untilMoment(whole, until);
  }, [fetched.data, newest, source.kind, span, until]);

  const rules = useQuery(rulesQuery);
  const limits = useMemo(
    () => limitsOf(point, series.quantity, rules.data?.items ?? []),
    [point, series.quantity, rules.data],
  );
  const listed = useQuery(pointAlarmsQuery(point.id)).data;
  const open = useLive((state) => state.table.alarms);
  const alarms = useMemo(
    () => alarmsWithin(series.id, span, listed ?? [], open.values()),
    [series.id, span, listed, open],
  );
  const verdicts = useQuery(qualitySpansQuery(point.series.filter(({ computed }) => !computed).map(({ id }) => id)));
  const spans = useMemo(
    () => (verdicts.data?.items ?? []).filter((each) => each.series === series.id),
    [verdicts.data, series.id],
  );
  const marked = useMemo(() => drawnSpans(spans, span.from, span.to), [spans, span]);

  const model: ChartModel = {
    data,
    from: span.from,
    to: span.to,
    // Between states that have names there is nothing to draw a limit at.
    limits: quantity?.stateNames ? [] : limits,
    alarms,
    marked,
    decimals: quantity?.decimals ?? 1,
    isState: quantity?.aggregation === 'state',
    stateNames: quantity?.stateNames?.map((state) => state[language]),
    language,
  };
  const zoomBy = (factor: number) => {
    setPreset(null);
    setZoomed(zoomedSpan(span.from, span.to, factor, stepped));
  };
  const moveBy = (share: number) => {
    const shift = Math.min((span.to - span.from) * share, stepped - span.to);
    setPreset(null);
    setZoomed({ from: span.from + shift, to: span.to + shift });
  };
  const reset = () => {
    setZoomed(null);
    setPreset('h6');
  };
  const box = useRef<HTMLDivElement>(null);
  const plot = useChart(box, model, {
    onZoom: (from, to) => {
      if (marking) {
        setMarking(false);
        onMark?.(Math.round(from), Math.round(to));
        return;
      }
      setPreset(null);
      setZoomed(zoomedSpan(from, to, 1, stepped));
    },
    onCursor: setCursor,
  });

  function onKeyDown(event: KeyboardEvent): void {
    const moveCursor = (by: number) => {
      const at = Math.max(0, Math.min(data.time.length - 1, (cursor ?? data.time.length - 1) + by));
      const time = data.time[at];
      if (time === undefined || !plot.current) return;
      plot.current.setCursor({ left: plot.current.valToPos(time, 'x'), top: HEIGHT / 2 });
    };
    const side = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (side !== 0 && event.shiftKey) moveBy(side / 4);
    else if (side !== 0) moveCursor(side);
    else if (event.key === '+' || event.key === '=') zoomBy(0.5);
    else if (event.key === '-') zoomBy(2);
    else if (event.key === '0') reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const summary = chartSummary(data);
  const name = quantity?.name[language] ?? series.quantity;
  const spanLabel = preset ? t(`chart.preset.${preset}`) : t('chart.chosenSpan');
  const cursorValue = cursor === null ? null : (data.value[cursor] ?? data.invalid[cursor] ?? null);
  const cursorAt = cursor === null ? undefined : data.time[cursor];
  const cursorLow = cursor === null ? null : (data.low[cursor] ?? null);
  const cursorHigh = cursor === null ? null : (data.high[cursor] ?? null);
  const cursorSpan = cursorAt === undefined ? undefined : spansAt(spans, cursorAt * 1000)[0];
  const kinds = new Set([...data.doubtful, ...marked].map(({ kind }) => kind));
  return (
    <figure className="chart">
      <figcaption className="chart-caption">
        <span>
          <strong>{name}</strong> <span className="secondary small">{quantity?.unitSymbol}</span>
        </span>
        <span className="small secondary chart-cursor">
          {cursorAt !== undefined && cursorValue !== null ? (
            <>
              {valueText(cursorValue, quantity)}
              {cursorLow !== null && cursorHigh !== null && cursorLow !== cursorHigh
                ? ` (${bareText(cursorLow, quantity)}–${bareText(cursorHigh, quantity)})`
                : ''}
              {' · '}
              {cursorTime(cursorAt, source.kind === 'raw' ? 0 : source.stepMs, language)}
            </>
          ) : summary ? (
            t('chart.summary', {
              lowest: valueText(summary.lowest, quantity),
              highest: valueText(summary.highest, quantity),
            })
          ) : null}
        </span>
      </figcaption>
      <div
        ref={box}
        className="chart-plot inset-focus"
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows read the chart, plus and minus zoom it
        tabIndex={0}
        onKeyDown={onKeyDown}
        aria-label={
          summary
            ? t('chart.description', {
                name,
                span: spanLabel,
                lowest: valueText(summary.lowest, quantity),
                highest: valueText(summary.highest, quantity),
                last: valueText(summary.last, quantity),
              })
            : t('chart.descriptionEmpty', { name, span: spanLabel })
        }
      />
      {cursorSpan ? (
        <p className="small chart-verdict">
          <SpanText span={cursorSpan} />
        </p>
      ) : kinds.size > 0 ? (
        <p className="small secondary chart-legend">
          {QUALITY_KINDS.filter((kind) => kind !== 'good' && kinds.has(kind)).map((kind) => (
            <span key={kind}>
              <span className={`quality quality-${kind}`}>{t(`quality.${kind as Exclude<typeof kind, 'good'>}`)}</span>
              {t(`qualitySpans.drawn.${kind as Exclude<typeof kind, 'good'>}`)}
            </span>
          ))}
        </p>
      ) : null}
      {data.thinned ? (
        <p className="small secondary chart-thinned">
          {t(`chart.thinned.${data.thinned.left}`, { date: formatDate(data.thinned.before, language) })}
        </p>
      ) : null}
      {marking ? (
        <p className="small chart-marking" role="status">
          {t('qualitySpans.dragHint')}
          <button type="button" className="text-button" onClick={() => setMarking(false)}>
            {t('common.cancel')}
          </button>
        </p>
      ) : null}
      {fetched.error && data.time.length === 0 ? (
        <div className="chart-over">
          <Failure error={fetched.error} retry={() => void fetched.refetch()} />
        </div>
      ) : fetched.isPending ? (
        <p className="chart-over secondary small" role="status">
          {t('loading.readings')}
        </p>
      ) : data.time.length === 0 ? (
        <p className="chart-over secondary">{t('chart.empty')}</p>
      ) : null}
      <div className="chart-controls">
        <fieldset className="bare segments" aria-label={t('chart.span')}>
          {CHART_PRESETS.map(({ key }) => (
            <button
              key={key}
              type="button"
              aria-pressed={preset === key}
              onClick={() => {
                setPreset(key);
                setZoomed(null);
              }}
            >
              {t(`chart.preset.${key}`)}
            </button>
          ))}
        </fieldset>
        <button type="button" className="icon-button" aria-label={t('chart.zoomIn')} onClick={() => zoomBy(0.5)}>
          <IconPlus size={16} aria-hidden="true" />
        </button>
        <button type="button" className="icon-button" aria-label={t('chart.zoomOut')} onClick={() => zoomBy(2)}>
          <IconMinus size={16} aria-hidden="true" />
        </button>
        {onMark ? (
          <button
            type="button"
            className="icon-button"
            aria-pressed={marking}
            aria-label={t('qualitySpans.markOnChart')}
            title={t('qualitySpans.markOnChart')}
            onClick={() => setMarking(!marking)}
          >
            <IconHighlight size={16} aria-hidden="true" />
          </button>
        ) : null}
        {zoomed ? (
          <button type="button" className="icon-button" aria-label={t('chart.backToNow')} onClick={reset}>
            <IconRefresh size={16} aria-hidden="true" />
          </button>
        ) : null}
      </div>
      <ChartTable
        name={name}
        fileName={`${point.id}-${series.quantity}`}
        lines={[
          {
            data,
            title: `${name}${quantity?.unitSymbol ? ` (${quantity.unitSymbol})` : ''}`,
            decimals: quantity?.decimals ?? 1,
            figureText: (value) => bareText(value, quantity),
          },
        ]}
        from={span.from}
        to={span.to}
        stepMs={source.kind === 'raw' ? 0 : source.stepMs}
      />
    </figure>
  );
}

/** The plot of one line, told of everything but size and colours while it stands. */
function useChart(
  box: React.RefObject<HTMLDivElement | null>,
  model: ChartModel,
  listeners: Parameters<typeof chartOptions>[3],
): React.RefObject<uPlot | null> {
  const current = useRef({ model, listeners });
  current.current = { model, listeners };
  const { data, from, to, limits, alarms, marked, language } = model;
  return usePlot(
    box,
    {
      height: HEIGHT,
      shape: '',
      options: (size, element) =>
        chartOptions(size, chartColours(element), () => current.current.model, {
          onZoom: (start, end) => current.current.listeners.onZoom(start, end),
          onCursor: (index) => current.current.listeners.onCursor(index),
        }),
      columns: () => chartColumns(current.current.model.data),
    },
    [data, from, to, limits, alarms, marked, language],
  );
}
