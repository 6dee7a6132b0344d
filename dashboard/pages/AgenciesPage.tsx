import { Button, Modal, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { RouteAnswer } from '../../api/contract/routes.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { call } from '../client/http.ts';
import { holdingsQuery } from '../client/people.ts';
import { usePlatform } from '../client/platform.tsx';
import { agenciesQuery } from '../client/queries.ts';
import { agenciesWith } from '../client/session.ts';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatCount } from '../state/formatting.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/people.css';

type Agency = RouteAnswer<'GET /agencies'>['items'][number];
const HELD = [
  'sites',
  'points',
  'devices',
  'rules',
  'openAlarms',
  'users',
  'apiKeys',
  'grantsGiven',
  'grantsReceived',
] as const;

/** Who owns what: agencies with how much belongs to each. */
export function AgenciesPage() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const agencies = useQuery(agenciesQuery);
  const [editing, setEditing] = useState<Agency | 'new' | null>(null);
  const isPlatformAdmin = session.permissions['platform.administer'] !== undefined;
  const shown = agenciesWith(session, 'agency.administer', agencies.data?.items ?? []);
  return (
    <AdminPage
      action={
        isPlatformAdmin ? (
          <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setEditing('new')}>
            {t('agencies.add')}
          </Button>
        ) : null
      }
    >
      <div className="page-scroll people-page">
        {agencies.isPending ? (
          <ListLoading what={t('loading.agencies')} />
        ) : agencies.error ? (
          <Failure error={agencies.error} retry={() => void agencies.refetch()} />
        ) : shown.length === 0 ? (
          <Empty title={t('agencies.empty')} />
        ) : (
          <ul className="agency-cards">
            {shown.map((agency) => (
              <AgencyCard
                key={agency.id}
                agency={agency}
                {...(isPlatformAdmin ? { onEdit: () => setEditing(agency) } : {})}
              />
            ))}
          </ul>
        )}
      </div>
      {editing === null ? null : (
        <AgencyDialog agency={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </AdminPage>
  );
}

function AgencyCard({ agency, onEdit }: { agency: Agency; onEdit?: () => void }) {
  const { t, language } = useLanguage();
  const holdings = useQuery(holdingsQuery(agency.id));
  return (
    <li className="agency-card">
      <header>
        <h2>{agency.name[language]}</h2>
        <span className="secondary small">{agency.id}</span>
      </header>
      {holdings.error ? (
        <Failure error={holdings.error} retry={() => void holdings.refetch()} />
      ) : (
        <dl className="holdings">
          {HELD.map((what) => (
            <div key={what}>
              <dt>{t(`agencies.held.${what}`)}</dt>
              <dd>{holdings.data ? formatCount(holdings.data[what], language) : t('value.none')}</dd>
            </div>
          ))}
        </dl>
      )}
      <div className="agency-actions">
        <Link to="/alarms" search={{ agency: agency.id }}>
          {t('agencies.toAlarms')}
        </Link>
        <Link to="/" search={{ agency: agency.id }}>
          {t('agencies.toMap')}
        </Link>
        {onEdit ? (
          <button type="button" className="text-button" onClick={onEdit}>
            {t('agencies.rename')}
          </button>
        ) : null}
      </div>
    </li>
  );
}

function AgencyDialog({ agency, onClose }: { agency: Agency | null; onClose: () => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [id, setId] = useState<string>(agency?.id ?? '');
  const [vi, setVi] = useState(agency?.name.vi ?? '');
  const [en, setEn] = useState(agency?.name.en ?? '');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const name = { vi: vi.trim(), en: en.trim() };
    try {
      if (agency === null) await call('POST /agencies', { body: { id: id.trim() as AgencyId, name } });
      else
        await call('PUT /agencies/{agencyId}', {
          params: { agencyId: agency.id },
          ifMatch: agency.version,
          body: { name },
        });
      await queries.invalidateQueries({ queryKey: agenciesQuery.queryKey });
      notifications.show({ message: t('agencies.saved', { name: name.vi }) });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={agency === null ? t('agencies.add') : t('agencies.rename')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {agency === null ? (
          <TextInput
            label={t('agencies.id')}
            description={t('agencies.idHint')}
            value={id}
            autoCapitalize="none"
            onChange={(event) => setId(event.currentTarget.value)}
            data-autofocus
          />
        ) : null}
        <TextInput label={t('agencies.nameVi')} value={vi} onChange={(event) => setVi(event.currentTarget.value)} />
        <TextInput label={t('agencies.nameEn')} value={en} onChange={(event) => setEn(event.currentTarget.value)} />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy} disabled={vi.trim() === '' || en.trim() === ''}>
          {t('common.save')}
        </Button>
      </form>
    </Modal>
  );
}
