import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { call } from '../../client/http.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime, formatDuration } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

const LISTED = 10;

const earlierQuery = ({ id, pointId, ruleId, startedAt }: AlarmWire) =>
  queryOptions({
    queryKey: ['alarm', id, 'earlier'],
    queryFn: ({ signal }) =>
      call('GET /alarms', {
        signal,
        query: { point: pointId, rule: ruleId, to: startedAt, newest: true, limit: LISTED },
      }),
  });

/** The same rule on the same point before: whether this is the first time or the tenth this week. */
export function EarlierAlarms({ alarm }: { alarm: AlarmWire }) {
  const { t, language } = useLanguage();
  const earlier = useQuery(earlierQuery(alarm));
  return (
    <section>
      <h3 className="section-title">{t('alarms.earlier')}</h3>
      {earlier.error ? (
        <Failure error={earlier.error} retry={() => void earlier.refetch()} />
      ) : earlier.isPending ? (
        <ListLoading rows={2} what={t('loading.alarms')} />
      ) : earlier.data.items.length === 0 ? (
        <p className="small secondary">{t('alarms.earlierNone')}</p>
      ) : (
        <ol className="earlier">
          {earlier.data.items.map((each) => (
            <li key={each.id}>
              <StateMark state={each.worstSeverity} size={16} />
              <Link to="/alarms" search={(before) => ({ ...before, alarm: each.id }) as never}>
                {formatDateTime(each.startedAt, language)}
              </Link>
              <span className="small secondary">
                {t(`severity.${each.worstSeverity}`)}
                {each.clearedAt === null
                  ? ` · ${t('condition.active')}`
                  : ` · ${t('alarms.lasted', { time: formatDuration(each.clearedAt - each.startedAt, language) })}`}
                {each.origin === 'past' ? ` · ${t('alarms.fromLateData')}` : ''}
              </span>
            </li>
          ))}
          {earlier.data.next === null ? null : <li className="small secondary">{t('alarms.earlierMore')}</li>}
        </ol>
      )}
    </section>
  );
}
