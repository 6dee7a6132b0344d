import { useQuery } from '@tanstack/react-query';
import type { RouteBodyInput } from '../../../api/contract/routes.ts';
import { grantEffectQuery } from '../../client/people.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';
import { Glyph, StateMark } from '../../symbols/Symbols.tsx';

/** Who would see what: counted by the server with the rule it judges by, before anything is saved. `reader`: the agency's name, `null` for the public. */
export function GrantEffect({
  question,
  reader,
  isEnding,
}: {
  question: RouteBodyInput<'POST /grants/effect'>;
  reader: string | null;
  /** What would be taken away, instead of shown. */
  isEnding: boolean;
}) {
  const { t, language } = useLanguage();
  const effect = useQuery(grantEffectQuery(question));
  const count = (value: number) => ({ count: value, shown: formatCount(value, language) });
  if (effect.isPending) return <ListLoading rows={3} what={t('loading.effect')} />;
  if (effect.error) return <Failure error={effect.error} retry={() => void effect.refetch()} />;
  const { readers, points, series, openAlarms, pointsSeenAlready, domains, pointSamples, alarmSamples } = effect.data;
  const who =
    readers === null
      ? t('sharing.effect.everyone')
      : t('sharing.effect.people', { ...count(readers), agency: reader ?? '' });
  return (
    <section
      className="grant-effect"
      aria-label={t('sharing.effect.title')}
      aria-live="polite"
      aria-busy={effect.isFetching}
    >
      <h3 className="section-title">{t('sharing.effect.title')}</h3>
      {points === 0 ? (
        <p>{t(isEnding ? 'sharing.effect.nothingLost' : 'sharing.effect.nothingNew', { who })}</p>
      ) : (
        <p>
          {t(isEnding ? 'sharing.effect.loses' : 'sharing.effect.sees', {
            who,
            points: t('sharing.effect.points', count(points)),
            series: t('sharing.effect.series', count(series)),
          })}{' '}
          {readers === null ? t('sharing.effect.noAlarms') : t('sharing.effect.alarms', count(openAlarms))}
        </p>
      )}
      {pointsSeenAlready > 0 ? (
        <p className="secondary small">{t('sharing.effect.already', count(pointsSeenAlready))}</p>
      ) : null}
      {domains.length > 0 ? (
        <p className="grant-domains">
          {domains.map(({ domain, points: ofDomain }) => (
            <span key={domain}>
              <Glyph name={domain} size={14} /> {t(`domain.${domain}`)}: {formatCount(ofDomain, language)}
            </span>
          ))}
        </p>
      ) : null}
      {pointSamples.length > 0 ? (
        <ul className="grant-samples">
          {pointSamples.map((point) => (
            <li key={point.id}>
              <Glyph name={point.domain} size={14} /> {point.name[language]}
            </li>
          ))}
          {points > pointSamples.length ? (
            <li className="secondary">{t('sharing.effect.more', count(points - pointSamples.length))}</li>
          ) : null}
        </ul>
      ) : null}
      {alarmSamples.length > 0 ? (
        <ul className="grant-samples">
          {alarmSamples.map((alarm) => (
            <li key={alarm.id}>
              <StateMark state={alarm.severity} size={14} /> {alarm.pointName?.[language] ?? ''} ·{' '}
              {alarm.ruleName?.[language] ?? ''}
            </li>
          ))}
        </ul>
      ) : null}
      <p className="secondary small">{t('sharing.effect.never')}</p>
    </section>
  );
}
