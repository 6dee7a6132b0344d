import { useQuery } from '@tanstack/react-query';
import type { WarningWire } from '../../../api/contract/warnings.ts';
import { warningVersionsQuery } from '../../client/warning-queries.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Who did what with the warning, newest first, and the messages that came of it. */
export function WarningHistory({ warning }: { warning: WarningWire }) {
  const { t, language } = useLanguage();
  const versions = useQuery(warningVersionsQuery(warning.id, warning.version));
  return (
    <>
      {warning.issued.length === 0 ? null : (
        <section>
          <h2 className="section-title">{t('warnings.messages')}</h2>
          <ol className="history">
            {[...warning.issued].reverse().map(({ identifier, kind, sent, approvedBy, reason }) => (
              <li key={identifier}>
                <div>
                  <strong>{t(`warnings.kind.${kind}`)}</strong> ·{' '}
                  <a href={`/cap/v1/${encodeURIComponent(identifier)}.xml`} target="_blank" rel="noreferrer">
                    {identifier}
                  </a>
                </div>
                <p className="small secondary">
                  {formatDateTime(sent, language, true)} ·{' '}
                  {t('warnings.approvedBy', { name: warning.people[approvedBy] ?? approvedBy })}
                </p>
                {reason ? <p className="history-note">{reason[language]}</p> : null}
              </li>
            ))}
          </ol>
        </section>
      )}
      <section>
        <h2 className="section-title">{t('warnings.history')}</h2>
        {versions.error ? (
          <Failure error={versions.error} retry={() => void versions.refetch()} />
        ) : versions.isPending ? (
          <ListLoading rows={3} what={t('loading.history')} />
        ) : (
          <ol className="history">
            {[...versions.data.items].reverse().map(({ version, step, byName, at, proposal }) => (
              <li key={version}>
                <div>
                  <strong>{t(`warnings.step.${step}`)}</strong>
                  {byName ? ` · ${byName}` : ''}
                </div>
                <time className="small secondary" dateTime={new Date(at).toISOString()}>
                  {formatDateTime(at, language, true)}
                </time>
                {step === 'reject' && proposal?.rejection ? (
                  <p className="history-note">{proposal.rejection.reason}</p>
                ) : null}
              </li>
            ))}
          </ol>
        )}
      </section>
    </>
  );
}
