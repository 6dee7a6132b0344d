import { useQuery } from '@tanstack/react-query';
import type { IndexInfo } from '../../../api/contract/indices.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import { UNUSABLE_FROM } from '../../../domain/quality.ts';
import { epochMs } from '../../../domain/time.ts';
import { call } from '../../client/http.ts';
import { useReading, useServerNow } from '../../client/platform.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatNumber, formatTime } from '../../state/formatting.ts';
import { categoryOf } from '../../state/index-stations.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
const HEIGHT = 44;
const BAR = 10;

/** The last 24 hourly values as bars in the colours of their categories; hours without one are gaps. */
export function IndexHistory({ info, series }: { info: IndexInfo; series: SeriesId }) {
  const { t, language } = useLanguage();
  const newest = useReading(series)?.eventTime;
  const now = useServerNow();
  // Before the first value has come: of now.
  const to = Math.ceil((newest ?? now) / HOUR_MS) * HOUR_MS;
  const from = to - (HOURS - 1) * HOUR_MS;
  const history = useQuery({
    queryKey: ['index-history', series, to],
    queryFn: ({ signal }) =>
      call('GET /readings', { signal, query: { series: String(series), from: epochMs(from), to: epochMs(to + 1) } }),
  });
  const bars = (history.data?.eventTime ?? []).flatMap((at, i) => {
    const value = history.data?.value[i];
    const quality = history.data?.quality[i] ?? 0;
    return value === undefined || quality >= UNUSABLE_FROM ? [] : [{ at, value, category: categoryOf(info, value) }];
  });
  const values = bars.map(({ value }) => value);
  const top = Math.max(100, ...values);
  const summary =
    values.length === 0
      ? t('index.noHistory')
      : t('index.history', {
          lowest: formatNumber(Math.min(...values), 0, language),
          highest: formatNumber(Math.max(...values), 0, language),
        });
  return (
    <figure className="index-history">
      <svg viewBox={`0 0 ${HOURS * BAR} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summary}>
        {bars.map(({ at, value, category }) => {
          const height = Math.max(2, (value / top) * (HEIGHT - 2));
          return (
            <rect
              key={at}
              x={((at - from) / HOUR_MS) * BAR + 1}
              y={HEIGHT - height}
              width={BAR - 2}
              height={height}
              fill={category?.colour}
            >
              <title>{`${formatTime(at)} · ${formatNumber(value, 0, language)} · ${category?.name[language] ?? ''}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className="secondary small">{summary}</figcaption>
    </figure>
  );
}
