import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../client/http.ts';
import { useServerNow } from '../../client/platform.tsx';
import { boundDevicesQuery, modelsQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDate, formatDateTime } from '../../state/formatting.ts';
import { PanelHeader } from '../PointPanel.tsx';
import { type Authority, AuthorityForm } from './AuthorityForm.tsx';
import { DoorFacts, Refusals } from './DoorFacts.tsx';
import { DoorState } from './DoorState.tsx';

/** One authority: its certificate, the devices that connect by it, and its end. */
export function AuthorityPanel({ authority, onClose }: { authority: Authority; onClose: () => void }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const now = useServerNow();
  const { agencyName } = useCity();
  const models = useQuery(modelsQuery);
  const bound = useQuery(boundDevicesQuery(authority.id));
  const [asking, setAsking] = useState<'edit' | 'revoke' | 'close' | null>(null);
  const [busy, setBusy] = useState(false);
  const params = { authorityId: authority.id };

  async function attempt(what: () => Promise<unknown>, said?: string): Promise<void> {
    setBusy(true);
    try {
      await what();
      await queries.invalidateQueries({ queryKey: ['provisioning'] });
      if (said !== undefined) notifications.show({ message: said });
      setAsking(null);
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setBusy(false);
    }
  }
  const setEnabled = (enabled: boolean) =>
    attempt(() => {
      const { name, modelId, stockListOnly, maximumDevices, version } = authority;
      const body = { name, modelId, stockListOnly, maximumDevices, enabled };
      return call('PUT /certificate-authorities/{authorityId}', { params, body, ifMatch: version });
    });
  const revoke = () =>
    attempt(
      () => call('POST /certificate-authorities/{authorityId}/revoke', { params }),
      t('provisioning.revoked', { name: authority.name }),
    );

  return (
    <>
      <PanelHeader title={authority.name} subtitle={authority.subject} onClose={onClose} />
      <div className="panel-body">
        {authority.revokedAt === null ? (
          <div className="actions">
            <Button variant="default" onClick={() => setAsking('edit')}>
              {t('provisioning.edit')}
            </Button>
            <Button
              variant="default"
              loading={busy && asking === null}
              onClick={() => (authority.enabled ? setAsking('close') : void setEnabled(true))}
            >
              {t(authority.enabled ? 'provisioning.close' : 'provisioning.reopen')}
            </Button>
            <Button variant="default" onClick={() => setAsking('revoke')}>
              {t('provisioning.revoke')}
            </Button>
          </div>
        ) : null}
        <dl className="facts">
          <dt>{t('provisioning.state')}</dt>
          <dd>
            <DoorState door={authority} endsAt={authority.validTo} now={now} revokedAt={authority.revokedAt} />
          </dd>
          <dt>{t('provisioning.subject')}</dt>
          <dd>{authority.subject}</dd>
          <dt>{t('provisioning.fingerprint')}</dt>
          <dd className="fingerprint">{(authority.fingerprintSha256.match(/../g) ?? []).join(':')}</dd>
          <dt>{t('provisioning.validity')}</dt>
          <dd>
            {t('provisioning.validityText', {
              from: formatDate(authority.validFrom, language),
              to: formatDate(authority.validTo, language),
            })}
          </dd>
          <dt>{t('alarms.agency')}</dt>
          <dd>{agencyName.get(authority.agencyId)?.[language] ?? authority.agencyId}</dd>
          <dt>{t('provisioning.model')}</dt>
          <dd>{models.data?.items.find(({ id }) => id === authority.modelId)?.name ?? authority.modelId}</dd>
          <DoorFacts door={authority} />
        </dl>
        <section>
          <h3 className="section-title">
            {t('provisioning.bound')} ({formatCount(authority.boundDevices, language)})
          </h3>
          {bound.data?.items.length === 0 ? (
            <p className="secondary section-empty">{t('provisioning.noBound')}</p>
          ) : (
            <ul className="history">
              {(bound.data?.items ?? []).map(({ deviceId, boundAt }) => (
                <li key={deviceId}>
                  <Link to="/devices/$deviceId" params={{ deviceId }}>
                    {deviceId}
                  </Link>{' '}
                  <span className="secondary small">{formatDateTime(boundAt, language)}</span>
                </li>
              ))}
              {bound.data?.next ? <li className="secondary">{t('provisioning.moreBound')}</li> : null}
            </ul>
          )}
        </section>
        <Refusals door={authority} />
      </div>
      {asking === 'edit' ? <AuthorityForm authority={authority} onClose={() => setAsking(null)} /> : null}
      <Modal
        opened={asking === 'revoke' || asking === 'close'}
        onClose={() => setAsking(null)}
        title={asking === 'revoke' ? t('provisioning.revokeTitle', { name: authority.name }) : t('provisioning.close')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <div className="form">
          <p>
            {asking === 'close'
              ? t('provisioning.closeEffect')
              : authority.boundDevices === 0
                ? t('provisioning.revokeNone')
                : t('provisioning.revokeEffect', {
                    count: authority.boundDevices,
                    shown: formatCount(authority.boundDevices, language),
                  })}
          </p>
          <Button color="red" loading={busy} onClick={() => void (asking === 'revoke' ? revoke() : setEnabled(false))}>
            {t(asking === 'revoke' ? 'provisioning.revoke' : 'provisioning.close')}
          </Button>
        </div>
      </Modal>
    </>
  );
}
