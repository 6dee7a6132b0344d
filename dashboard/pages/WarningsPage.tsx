import { Button, Modal, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { WarningWire } from '../../api/contract/warnings.ts';
import { epochMs } from '../../domain/time.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { call } from '../client/http.ts';
import { usePlatform, useServerNow } from '../client/platform.tsx';
import { useCity } from '../client/use-city.tsx';
import { warningsQuery } from '../client/warning-queries.ts';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatDateTime } from '../state/formatting.ts';
import { emptyContent, groupedWarnings, headlineOf } from '../state/warning-draft.ts';
import '../styles/warnings.css';

/** Official warnings of the agency: what waits for somebody first, then drafts, what holds, and what is over. */
export function WarningsPage() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const warnings = useQuery(warningsQuery);
  const groups = groupedWarnings(warnings.data ?? []);
  const [adding, setAdding] = useState(false);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('warnings.title')}</h1>
        <span className="grow" />
        <a href="/warnings" target="_blank" rel="noreferrer">
          {t('warnings.publicPage')}
        </a>
        {session.permissions['warnings.draft'] === undefined ? null : (
          <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('warnings.add')}
          </Button>
        )}
      </header>
      <div className="page-scroll">
        {warnings.isPending ? (
          <ListLoading what={t('loading.warnings')} />
        ) : warnings.error ? (
          <Failure error={warnings.error} retry={() => void warnings.refetch()} />
        ) : warnings.data.length === 0 ? (
          <Empty title={t('warnings.empty')} hint={t('warnings.emptyHint')} />
        ) : (
          <div className="warning-groups">
            {(['waiting', 'drafts', 'inForce', 'past'] as const).map((group) =>
              groups[group].length === 0 ? null : (
                <section key={group} aria-label={t(`warnings.group.${group}`)}>
                  <h2 className="section-title">
                    {t(`warnings.group.${group}`)} ({groups[group].length})
                  </h2>
                  <ul className="warning-list">
                    {groups[group].map((warning) => (
                      <li key={warning.id}>
                        <WarningRow warning={warning} />
                      </li>
                    ))}
                  </ul>
                </section>
              ),
            )}
          </div>
        )}
      </div>
      {adding ? <NewWarning onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

function WarningRow({ warning }: { warning: WarningWire }) {
  const { t, language } = useLanguage();
  const { agencyName } = useCity();
  const { proposal, phase, status, issued, people } = warning;
  const content = proposal?.content ?? issued.findLast(({ kind }) => kind !== 'cancel')?.content;
  const author = proposal?.authors[0];
  return (
    <Link
      to="/official-warnings/$warningId"
      params={{ warningId: warning.id }}
      className={`warning-row${content ? ` cap-${content.severity}` : ''}`}
    >
      <span>
        <strong>{headlineOf(warning, language) || t('warnings.untitled')}</strong>{' '}
        {status === 'Exercise' ? <span className="warning-exercise">{t('warnings.exercise')}</span> : null}
      </span>
      <span className="small">
        {content ? <span className="warning-severity">{t(`warnings.severity.${content.severity}`)}</span> : null}
        <span className="secondary">
          {' · '}
          {t(`warnings.phase.${phase}`)}
          {proposal && phase === 'in_force'
            ? ` · ${proposal.stage === 'submitted' ? t('warnings.phase.submitted') : t(`warnings.pending.${proposal.kind}`)}`
            : ''}
          {author ? ` · ${people[author] ?? author}` : ''}
          {' · '}
          {agencyName.get(warning.agencyId)?.[language] ?? warning.agencyId}
        </span>
      </span>
      <span className="small secondary">
        {warning.endedAt !== null
          ? t('warnings.endedAt', { time: formatDateTime(warning.endedAt, language) })
          : content?.expires
            ? t('warnings.until', { time: formatDateTime(content.expires, language) })
            : ''}
      </span>
    </Link>
  );
}

/** Only the agency is asked; the draft is there at once, so that nothing typed is ever without a place. */
function NewWarning({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const now = useServerNow();
  const { agency, choose, agencies } = useAgencyChoice('warnings.draft');
  const [isBusy, setBusy] = useState(false);

  async function make(): Promise<void> {
    if (agency === null) return;
    setBusy(true);
    try {
      const made = await call('POST /warnings', {
        body: { agencyId: agency, content: emptyContent(epochMs(now)) },
      });
      await queries.invalidateQueries({ queryKey: ['warnings'] });
      await navigate({ to: '/official-warnings/$warningId', params: { warningId: made.id } });
    } catch (error) {
      notifications.show({ color: 'red', title: t('warnings.refused'), message: problemText(error) });
      setBusy(false);
    }
  }
  return (
    <Modal opened onClose={onClose} title={t('warnings.add')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Select
          label={t('alarms.agency')}
          data={[...agencies]}
          value={agency}
          allowDeselect={false}
          onChange={choose}
        />
        <Button type="submit" loading={isBusy} disabled={agency === null}>
          {t('warnings.begin')}
        </Button>
      </form>
    </Modal>
  );
}
