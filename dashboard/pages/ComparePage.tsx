import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import { epochMs } from '../../domain/time.ts';
import { CHART_REFETCH_MS, type ChartSpan } from '../client/chart-queries.ts';
import { useServerNow } from '../client/platform.tsx';
import { useWholeCity } from '../client/use-city.tsx';
import { DateField } from '../components/DateField.tsx';
import { IconMinus, IconPlus, IconRefresh } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { useBareText } from '../components/Reading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { ChartTable } from '../panels/chart/ChartTable.tsx';
import { CompareChart } from '../panels/chart/CompareChart.tsx';
import { CompareLegend } from '../panels/chart/CompareLegend.tsx';
import { ComparePicker } from '../panels/chart/ComparePicker.tsx';
import { heldComparison } from '../panels/chart/held-comparison.ts';
import { useComparison, useFoundLines } from '../panels/chart/use-comparison.ts';
import { SavedViewsMenu } from '../panels/views/SavedViewsMenu.tsx';
import { CHART_PRESETS, type ChartPreset, chartSource, zoomedSpan } from '../state/chart-span.ts';
import { dateField, instantOf } from '../state/city-dates.ts';
import { lineKey, readInstant, readLines, withLine, writeLines } from '../state/compare.ts';
import { formatDateTime } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import { DataTabs } from './DataTabs.tsx';
import '../styles/compare.css';
import '../styles/quality.css';

const FIRST_PERIOD: ChartPreset = 'h24';
const HEIGHT = 380;
const PHONE_HEIGHT = 260;
/** The shortest and longest span a free range may be. */
const SPAN_MIN_MS = 60_000;
const SPAN_MAX_MS = 5 * 366 * 86_400_000;

/** Several points and quantities over one time; the address carries all of it. */
export function ComparePage() {
  const { t, language } = useLanguage();
  const bareText = useBareText();
  const search = useSearch({ from: '/shell/compare' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const now = useServerNow();
  const [cursor, setCursor] = useState<number | null>(null);

  const lines = useMemo(() => readLines(search.lines), [search.lines]);
  useEffect(() => heldComparison.set(search.lines), [search.lines]);
  const city = useWholeCity(lines.length > 0);
  const { found, leftOut } = useFoundLines(lines);

  const [from, to] = [readInstant(search.from), readInstant(search.to)];
  const stepped = Math.ceil(now / CHART_REFETCH_MS) * CHART_REFETCH_MS;
  const chosen =
    from !== null && to !== null && to - from >= SPAN_MIN_MS && to - from <= SPAN_MAX_MS ? { from, to } : null;
  const period = chosen ? null : (search.period ?? FIRST_PERIOD);
  const spanMs = CHART_PRESETS.find(({ key }) => key === period)?.spanMs ?? 0;
  const [start, end] = chosen ? [chosen.from, chosen.to] : [stepped - spanMs, stepped];
  const span = useMemo<ChartSpan>(() => ({ from: start, to: end }), [start, end]);
  const source = chartSource(span.to - span.from);
  const stepMs = source.kind === 'raw' ? 0 : source.stepMs;

  const drawn = useComparison(found, span, chosen === null);
  const change = (next: Record<string, string | undefined>, replace = true) =>
    void navigate({ to: '/compare', search: (before) => ({ ...before, ...next }) as never, replace });
  const setSpan = (next: ChartSpan) =>
    change({ period: undefined, from: new Date(next.from).toISOString(), to: new Date(next.to).toISOString() });
  const zoomBy = (factor: number) => setSpan(zoomedSpan(span.from, span.to, factor, stepped));
  const moveBy = (share: number) => {
    const shift = Math.min((span.to - span.from) * share, stepped - span.to);
    setSpan({ from: span.from + shift, to: span.to + shift });
  };
  const toNow = () => change({ period: undefined, from: undefined, to: undefined });
  const setLines = (next: typeof lines) => change({ lines: writeLines(next) });

  const titleOf = ({ point, quantity }: (typeof found)[number]) =>
    `${point.name[language]} – ${quantity.name[language]}${quantity.unitSymbol === '' ? '' : ` (${quantity.unitSymbol})`}`;
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.data')}</h1>
        <DataTabs />
        <span className="grow" />
        <SavedViewsMenu
          kind="chart"
          current={{ lines: search.lines, period: search.period, from: search.from, to: search.to }}
          onOpen={(content) => void navigate({ to: '/compare', search: content as never })}
        />
      </header>
      <div className="page-tools compare-tools">
        <fieldset className="bare segments" aria-label={t('chart.span')}>
          {CHART_PRESETS.map(({ key }) => (
            <button
              key={key}
              type="button"
              aria-pressed={period === key}
              onClick={() => change({ period: key, from: undefined, to: undefined })}
            >
              {t(`chart.preset.${key}`)}
            </button>
          ))}
        </fieldset>
        <FreeSpan span={span} onChange={setSpan} />
        <button type="button" className="icon-button" aria-label={t('chart.zoomIn')} onClick={() => zoomBy(0.5)}>
          <IconPlus size={16} aria-hidden="true" />
        </button>
        <button type="button" className="icon-button" aria-label={t('chart.zoomOut')} onClick={() => zoomBy(2)}>
          <IconMinus size={16} aria-hidden="true" />
        </button>
        {chosen ? (
          <button type="button" className="icon-button" aria-label={t('chart.backToNow')} onClick={toNow}>
            <IconRefresh size={16} aria-hidden="true" />
          </button>
        ) : null}
      </div>
      <div className="page-scroll compare-page" data-empty={lines.length === 0 || undefined}>
        <div className="compare-side">
          <ComparePicker
            lines={lines}
            units={found.map(({ quantity }) => quantity.unitSymbol)}
            onAdd={(line) => setLines(withLine(lines, line) ?? lines)}
          />
          {city.isLoading ? (
            <ListLoading rows={3} what={t('loading.points')} />
          ) : city.error && found.length === 0 ? (
            <Failure error={city.error} retry={city.retry} />
          ) : lines.length > 0 ? (
            <CompareLegend
              found={found}
              leftOut={leftOut}
              lines={drawn.lines}
              cursor={cursor}
              withinMs={Math.max(stepMs, (span.to - span.from) / 100)}
              onRemove={(line) => setLines(lines.filter((each) => lineKey(each) !== lineKey(line)))}
            />
          ) : null}
        </div>
        <div className="compare-main">
          {lines.length === 0 ? (
            <Empty title={t('compare.empty')} hint={t('compare.emptyHint')} />
          ) : found.length === 0 ? null : (
            <>
              <CompareChart
                model={{ ...span, lines: drawn.lines, alarms: drawn.alarms, language }}
                label={t('compare.description', {
                  lines: found.map(titleOf).join('; '),
                  from: formatDateTime(span.from, language),
                  to: formatDateTime(span.to, language),
                })}
                height={isPhone ? PHONE_HEIGHT : HEIGHT}
                isPending={drawn.isPending}
                error={drawn.error}
                retry={drawn.retry}
                onZoom={(first, last) => setSpan(zoomedSpan(first, last, 1, stepped))}
                onZoomBy={zoomBy}
                onMoveBy={moveBy}
                onReset={toNow}
                onCursor={setCursor}
              />
              <AlarmsShown alarms={drawn.alarms} />
              <ChartTable
                name={t('compare.title')}
                fileName="so-sanh"
                lines={drawn.lines.map(({ data, decimals }, i) => ({
                  ...{ data, decimals },
                  title: found[i] ? titleOf(found[i]) : '',
                  figureText: (value: number) => bareText(value, found[i]?.quantity),
                }))}
                {...span}
                stepMs={stepMs}
                isOpenAtFirst={!isPhone}
              />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

/** From and to in the city's time; taken over once both make a span. */
function FreeSpan({ span, onChange }: { span: ChartSpan; onChange: (span: ChartSpan) => void }) {
  const { t } = useLanguage();
  const shown = { from: dateField(epochMs(span.from)), to: dateField(epochMs(span.to)) };
  const [typed, setTyped] = useState<{ from: string; to: string } | null>(null);
  const fields = typed ?? shown;
  const [from, to] = [instantOf(fields.from), instantOf(fields.to)];
  const isReversed = from !== null && to !== null && to - from < SPAN_MIN_MS;
  const isTooLong = from !== null && to !== null && to - from > SPAN_MAX_MS;
  const type = (next: typeof fields) => {
    setTyped(next);
    const [first, last] = [instantOf(next.from), instantOf(next.to)];
    if (first === null || last === null || last - first < SPAN_MIN_MS || last - first > SPAN_MAX_MS) return;
    setTyped(null);
    onChange({ from: first, to: last });
  };
  return (
    <fieldset className="bare compare-range" aria-label={t('compare.range')}>
      <DateField
        kind="moment"
        aria-label={t('compare.from')}
        value={fields.from}
        onChange={(next) => type({ ...fields, from: next })}
      />
      <span aria-hidden="true">–</span>
      <DateField
        kind="moment"
        aria-label={t('compare.to')}
        value={fields.to}
        error={isReversed ? t('compare.reversed') : isTooLong ? t('compare.tooLong') : null}
        onChange={(next) => type({ ...fields, to: next })}
      />
    </fieldset>
  );
}

const ALARMS_LISTED = 12;
/** The marks under the chart in words. */
function AlarmsShown({ alarms }: { alarms: readonly AlarmWire[] }) {
  const { t, language } = useLanguage();
  if (alarms.length === 0) return null;
  return (
    <section className="compare-alarms" aria-label={t('compare.alarms')}>
      <h2 className="section-title">{t('compare.alarmsCount', { count: alarms.length })}</h2>
      <ul>
        {alarms.slice(0, ALARMS_LISTED).map((alarm) => (
          <li key={alarm.id}>
            <Link to="/alarms" search={{ alarm: alarm.id }} className="ended-row">
              <StateMark state={alarm.worstSeverity} size={14} />
              <span className="truncate">
                {alarm.point?.name[language] ?? alarm.pointId} · {alarm.rule?.name[language] ?? alarm.ruleId}
              </span>
              <span className="secondary small">{formatDateTime(alarm.startedAt, language)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
