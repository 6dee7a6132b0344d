import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../client/http.ts';
import { useServerNow } from '../../client/platform.tsx';
import { modelsQuery, profilesQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { PanelHeader } from '../PointPanel.tsx';
import { DoorFacts, Refusals } from './DoorFacts.tsx';
import { DoorState } from './DoorState.tsx';
import { type Profile, ProfileForm } from './ProfileForm.tsx';
import { SecretOnce } from './SecretOnce.tsx';

/** One profile: its terms, who came and who was turned away, and what may be done with it. */
export function ProfilePanel({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const now = useServerNow();
  const { agencyName } = useCity();
  const models = useQuery(modelsQuery);
  const [asking, setAsking] = useState<'edit' | 'secret' | 'close' | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const params = { profileKey: profile.key };
  const nameOf = (id: string) => models.data?.items.find((each) => each.id === id)?.name ?? id;

  async function attempt(what: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    try {
      await what();
      await queries.invalidateQueries({ queryKey: profilesQuery.queryKey });
      setAsking(null);
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setBusy(false);
    }
  }
  const setEnabled = (enabled: boolean) =>
    attempt(() => {
      const { name, modelIds, stockListOnly, maximumDevices, expiresAt } = profile;
      const body = { name, modelIds: [...modelIds], stockListOnly, maximumDevices, expiresAt, enabled };
      return call('PUT /provisioning-profiles/{profileKey}', { params, body, ifMatch: profile.version });
    });
  const renew = () =>
    attempt(async () => {
      setSecret((await call('POST /provisioning-profiles/{profileKey}/secret', { params })).secret);
    });

  return (
    <>
      <PanelHeader title={profile.name} subtitle={profile.key} onClose={onClose} />
      <div className="panel-body">
        <div className="actions">
          <Button variant="default" onClick={() => setAsking('edit')}>
            {t('provisioning.edit')}
          </Button>
          <Button variant="default" onClick={() => setAsking('secret')}>
            {t('provisioning.newSecret')}
          </Button>
          {profile.enabled ? (
            <Button variant="default" onClick={() => setAsking('close')}>
              {t('provisioning.close')}
            </Button>
          ) : (
            <Button variant="default" loading={busy} onClick={() => void setEnabled(true)}>
              {t('provisioning.reopen')}
            </Button>
          )}
        </div>
        <dl className="facts">
          <dt>{t('provisioning.state')}</dt>
          <dd>
            <DoorState door={profile} endsAt={profile.expiresAt} now={now} />
          </dd>
          <dt>{t('alarms.agency')}</dt>
          <dd>{agencyName.get(profile.agencyId)?.[language] ?? profile.agencyId}</dd>
          <dt>{t('provisioning.models')}</dt>
          <dd>{profile.modelIds.map(nameOf).join(', ')}</dd>
          <dt>{t('provisioning.topic')}</dt>
          <dd>hd/v1/provision/{profile.key}</dd>
          <DoorFacts door={profile} />
        </dl>
        <Refusals door={profile} />
      </div>
      {asking === 'edit' ? <ProfileForm profile={profile} onClose={() => setAsking(null)} /> : null}
      <Modal
        opened={asking === 'secret' || asking === 'close'}
        onClose={() => setAsking(null)}
        title={asking === 'secret' ? t('provisioning.newSecretTitle') : t('provisioning.close')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <div className="form">
          <p>{asking === 'secret' ? t('provisioning.newSecretEffect') : t('provisioning.closeEffect')}</p>
          <Button color="red" loading={busy} onClick={() => void (asking === 'secret' ? renew() : setEnabled(false))}>
            {asking === 'secret' ? t('provisioning.newSecret') : t('provisioning.close')}
          </Button>
        </div>
      </Modal>
      <Modal
        opened={secret !== null}
        onClose={() => setSecret(null)}
        title={t('provisioning.secretTitle', { key: profile.key })}
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        {secret !== null ? <SecretOnce profile={profile} secret={secret} onKept={() => setSecret(null)} /> : null}
      </Modal>
    </>
  );
}
