import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { call } from '../../client/http.ts';
import { useCity } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { momentSpan, momentView } from '../../state/alarm-moment.ts';
import { formatDateTime, formatTime } from '../../state/formatting.ts';

const MOST_READINGS = 2_000;
const SIZE = { width: 360, height: 96 };
const ROWS_BESIDE = 3;

/** The readings around the moment the alarm became active, in a picture and in words. */
export function AlarmMoment({ alarm }: { alarm: AlarmWire }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const quantity = quantities.get(alarm.quantity);
  const span = momentSpan(alarm);
  const readings = useQuery(
    queryOptions({
      queryKey: ['alarm', alarm.id, 'moment', span, alarm.version],
      queryFn: ({ signal }) =>
        call('GET /readings', { signal, query: { series: alarm.series, ...span, limit: MOST_READINGS } }),
      placeholderData: keepPreviousData,
    }),
  );
  if (alarm.triggerValue === null) return null;
  const view = readings.data ? momentView(readings.data, alarm, SIZE) : null;
  return (
    <section>
      <h3 className="section-title">{t('alarms.moment')}</h3>
      {readings.error ? (
        <Failure error={readings.error} retry={() => void readings.refetch()} />
      ) : view === null || view.rows.length === 0 ? (
        <p className="small secondary">{readings.isPending ? '…' : t('alarms.momentNone')}</p>
      ) : (
        <figure className="moment">
          <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} aria-hidden="true" preserveAspectRatio="none">
            <line className="moment-at" x1={view.activatedX} x2={view.activatedX} y1={0} y2={SIZE.height} />
            {view.limitY === null ? null : (
              <line className="moment-limit" x1={0} x2={SIZE.width} y1={view.limitY} y2={view.limitY} />
            )}
            <polyline className="moment-line" points={view.points} />
            <path className="moment-dots" d={view.dots} />
          </svg>
          <figcaption className="small secondary">
            {t('alarms.momentText', {
              from: formatDateTime(span.from, language),
              to: formatTime(span.to, false),
              low: valueText(view.low, quantity),
              high: valueText(view.high, quantity),
            })}
          </figcaption>
          <details className="small">
            <summary>{t('alarms.momentRows')}</summary>
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">{t('alarms.momentTime')}</th>
                  <th scope="col" className="numeric">
                    {quantity?.name[language] ?? alarm.quantity}
                  </th>
                </tr>
              </thead>
              <tbody>
                {view.rowsAround(ROWS_BESIDE).map(({ at, value, isActivation }) => (
                  <tr key={at} data-marked={isActivation || undefined}>
                    <td>{formatTime(at, true)}</td>
                    <td className="numeric">{valueText(value, quantity)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </figure>
      )}
    </section>
  );
}
