import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiKeyWire } from '../../api/contract/users.ts';
import type { RoleAssignment } from '../../domain/access.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { call } from '../client/http.ts';
import { apiKeysQuery } from '../client/people.ts';
import { usePlatform, useServerNow } from '../client/platform.tsx';
import { agenciesQuery } from '../client/queries.ts';
import { DateField } from '../components/DateField.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { LinkOnce } from '../panels/people/LinkOnce.tsx';
import { RoleFields } from '../panels/people/RoleFields.tsx';
import { instantOf } from '../state/city-dates.ts';
import { formatDateTime } from '../state/formatting.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/people.css';

/** Keys by which other programs read and write, for as long as they are let. */
export function ApiKeysPage() {
  const { t, language } = useLanguage();
  const now = useServerNow();
  const keys = useQuery(apiKeysQuery);
  const agencies = useQuery(agenciesQuery).data?.items ?? [];
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyWire | null>(null);
  const stateOf = ({ revokedAt, expiresAt }: ApiKeyWire): string => {
    if (revokedAt !== null) return t('apiKeys.revokedAt', { time: formatDateTime(revokedAt, language) });
    if (expiresAt === null) return t('apiKeys.lasting');
    return t(expiresAt <= now ? 'apiKeys.expired' : 'apiKeys.expires', { time: formatDateTime(expiresAt, language) });
  };
  return (
    <AdminPage
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
          {t('apiKeys.add')}
        </Button>
      }
    >
      <div className="page-scroll people-page">
        <p className="people-lead">{t('apiKeys.lead')}</p>
        {keys.isPending ? (
          <ListLoading what={t('loading.keys')} />
        ) : keys.error ? (
          <Failure error={keys.error} retry={() => void keys.refetch()} />
        ) : keys.data.length === 0 ? (
          <Empty title={t('apiKeys.empty')} hint={t('apiKeys.emptyHint')} />
        ) : (
          <ul className="grant-list">
            {keys.data.map((key) => (
              <li key={key.id} data-over={key.revokedAt !== null || undefined}>
                <span className="two-lines">
                  <span>
                    <strong>{key.name}</strong> ·{' '}
                    {key.roles
                      .map(({ role, agencyId }) => {
                        const agency = agencies.find(({ id }) => id === agencyId)?.name[language];
                        return agency === undefined ? t(`role.${role}`) : `${t(`role.${role}`)} (${agency})`;
                      })
                      .join(', ')}
                  </span>
                  <span className="secondary small">
                    {t('apiKeys.madeAt', { time: formatDateTime(key.createdAt, language) })} · {stateOf(key)}
                  </span>
                </span>
                {key.revokedAt === null ? (
                  <button
                    type="button"
                    className="text-button"
                    aria-label={t('apiKeys.revokeOf', { name: key.name })}
                    onClick={() => setRevoking(key)}
                  >
                    {t('apiKeys.revoke')}
                  </button>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </div>
      {adding ? <NewKey onClose={() => setAdding(false)} /> : null}
      {revoking ? <RevokeKey apiKey={revoking} onClose={() => setRevoking(null)} /> : null}
    </AdminPage>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, choose, agencies } = useAgencyChoice('agency.administer');
  const isPlatformAdmin = session.permissions['platform.administer'] !== undefined;
  const [name, setName] = useState('');
  const [isPlatforms, setPlatforms] = useState(false);
  const owner = isPlatforms ? null : agency;
  const [roles, setRoles] = useState<readonly RoleAssignment[] | null>(null);
  const given = roles ?? (owner === null ? [] : [{ role: 'viewer' as const, agencyId: owner }]);
  const [until, setUntil] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const body = {
        name: name.trim(),
        agencyId: owner,
        roles: given,
        expiresAt: until === '' ? null : instantOf(until),
      };
      setSecret((await call('POST /api-keys', { body })).secret);
      await queries.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('apiKeys.add')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {secret !== null ? (
        <div className="form">
          <LinkOnce text={secret} title={t('apiKeys.once')} hint={t('apiKeys.onceHint')} />
          <Button onClick={onClose}>{t('common.close')}</Button>
        </div>
      ) : (
        <form className="form" onSubmit={(event) => void submit(event)} noValidate>
          <TextInput
            label={t('apiKeys.name')}
            description={t('apiKeys.nameHint')}
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Select
            label={t('apiKeys.owner')}
            data={[...agencies, ...(isPlatformAdmin ? [{ value: '', label: t('apiKeys.platform') }] : [])]}
            value={owner ?? ''}
            allowDeselect={false}
            onChange={(next) => {
              setPlatforms(next === '');
              choose(next);
            }}
          />
          <RoleFields roles={given} onChange={setRoles} />
          <DateField
            kind="moment"
            label={t('apiKeys.until')}
            description={t('apiKeys.untilHint')}
            value={until}
            onChange={(next) => setUntil(next)}
          />
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <Button type="submit" loading={busy} disabled={name.trim() === '' || given.length === 0}>
            {t('apiKeys.make')}
          </Button>
        </form>
      )}
    </Modal>
  );
}

function RevokeKey({ apiKey, onClose }: { apiKey: ApiKeyWire; onClose: () => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);
  const revoke = async () => {
    try {
      await call('DELETE /api-keys/{apiKeyId}', { params: { apiKeyId: apiKey.id } });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      void queries.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('apiKeys.revokeOf', { name: apiKey.name })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className="form">
        <p>{t('apiKeys.revokeEffect')}</p>
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button onClick={() => void revoke()}>{t('apiKeys.revoke')}</Button>
      </div>
    </Modal>
  );
}
