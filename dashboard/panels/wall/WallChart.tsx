import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { DisplayView } from '../../../domain/display.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { useLive, useWanted } from '../../client/platform.tsx';
import { useCity, usePoint } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatTime, formatWhen } from '../../state/formatting.ts';
import { CHART_BOX, chartShape } from '../../state/wall-chart.ts';

const HOUR_MS = 3_600_000;
const AGAIN_MS = 60_000;
/** Windows across the picture: more can't be told apart from five metres. */
const WINDOWS = 144;

/** Windows of the last `hours`, whole steps. */
const windowsQuery = (series: SeriesId, hours: number) =>
  queryOptions({
    queryKey: ['wall-chart', series, hours],
    queryFn: async ({ signal }) => {
      const step = Math.max(60_000, Math.ceil((hours * HOUR_MS) / WINDOWS / 60_000) * 60_000);
      const to = Math.ceil(Date.now() / step) * step;
      const from = to - hours * HOUR_MS;
      const answer = await call('GET /readings/windows', { query: { series: [series], from, to, step }, signal });
      return { from, to, step, columns: answer.items[0] ?? null };
    },
    refetchInterval: AGAIN_MS,
    staleTime: 0,
    // One picture of one screen: what was shown an hour ago is of no use.
    gcTime: AGAIN_MS,
  });

/** One quantity of one point over its last hours: its newest value, the line, and between what it moved. */
export function WallChart({ view }: { view: Extract<DisplayView, { readonly kind: 'chart' }> }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const point = usePoint(view.pointId);
  const series = point?.series.find(({ quantity }) => quantity === view.quantity);
  const id = series?.id ?? (0 as SeriesId);
  useWanted(useMemo(() => (id === 0 ? [] : [id]), [id]));
  const windows = useQuery({ ...windowsQuery(id, view.hours), enabled: id !== 0 });
  const latest = useLive((state) => state.table.readings.get(id));
  const quantity = quantities.get(view.quantity);
  if (point === null || (point && !series)) return <p className="wall-calm">{t('wall.noPoint')}</p>;
  const data = windows.data;
  const shape = data?.columns ? chartShape(data.columns, data) : null;
  return (
    <section className="wall-chart" aria-label={point?.name[language] ?? view.pointId}>
      <div className="wall-chart-head">
        <div>
          <h2>{point?.name[language] ?? view.pointId}</h2>
          <p className="wall-quiet">
            {quantity?.name[language] ?? view.quantity} · {t('wall.hours', { count: view.hours })}
          </p>
        </div>
        {latest ? (
          <div className="wall-chart-now">
            <p className="wall-number">{valueText(latest.value, quantity)}</p>
            <p className="wall-quiet">{formatTime(latest.eventTime)}</p>
          </div>
        ) : null}
      </div>
      {data === undefined ? (
        <p className="wall-calm">{t('wall.waiting')}</p>
      ) : shape === null ? (
        <p className="wall-calm">{t('wall.noReadings')}</p>
      ) : (
        <div className="wall-chart-plot">
          <p className="wall-chart-limit">{valueText(shape.high, quantity)}</p>
          <svg viewBox={`0 0 ${CHART_BOX.width} ${CHART_BOX.height}`} preserveAspectRatio="none" aria-hidden="true">
            <path d={shape.band} className="wall-chart-band" />
            <path d={shape.line} className="wall-chart-line" vectorEffect="non-scaling-stroke" />
          </svg>
          <p className="wall-chart-limit">{valueText(shape.low, quantity)}</p>
          <p className="wall-chart-times">
            <span>{formatWhen(data.from, data.to, language)}</span>
            <span>{formatTime(data.to)}</span>
          </p>
        </div>
      )}
    </section>
  );
}
