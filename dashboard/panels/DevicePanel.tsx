import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeviceWire } from '../../api/contract/assets.ts';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import { call } from '../client/http.ts';
import { useLive, usePlatform, useServerNow } from '../client/platform.tsx';
import {
  deviceAssignmentsQuery,
  deviceAttributesQuery,
  deviceCredentialsQuery,
  deviceQuery,
  deviceStatusQuery,
  modelsQuery,
} from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { useCity, useWholeCity } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatAge, formatDateTime, formatDuration, formatNumber } from '../state/formatting.ts';
import { modelTitle } from '../state/model-draft.ts';
import { PanelHeader } from './PointPanel.tsx';
import { TokenOnce } from './TokenOnce.tsx';

/** Attributes whose unit is known by their name. */
const ATTRIBUTE_UNITS: Readonly<Record<string, string>> = {
  battery_percent: '%',
  battery_mv: 'mV',
  rssi_dbm: 'dBm',
  snr_db: 'dB',
  clock_offset_ms: 'ms',
  temperature_c: '°C',
};

/** One device: connection, model, what it serves, what it says of itself, its tokens. */
export function DevicePanel({ deviceId, onClose }: { deviceId: DeviceId; onClose: () => void }) {
  const { t } = useLanguage();
  const device = useQuery(deviceQuery(deviceId));
  return (
    <>
      <PanelHeader title={deviceId} subtitle={t('device.one')} onClose={onClose} />
      {device.isPending ? (
        <ListLoading what={t('loading.devices')} />
      ) : device.error ? (
        <Failure error={device.error} retry={() => void device.refetch()} />
      ) : (
        <div className="panel-body">
          <Link to="/devices/$deviceId" params={{ deviceId }} className="text-button">
            {t('device.openPage')}
          </Link>
          <DeviceFacts device={device.data} />
          <DeviceServes device={device.data} />
          <DeviceAttributes deviceId={deviceId} />
          <DeviceCredentials device={device.data} />
          <DeviceStatus deviceId={deviceId} />
        </div>
      )}
    </>
  );
}

export function DeviceFacts({ device }: { device: DeviceWire }) {
  const { t, language } = useLanguage();
  const { agencyName } = useCity();
  const models = useQuery(modelsQuery);
  const connection = useLive((state) => state.table.devices.get(device.id));
  const now = useServerNow();
  const model = models.data?.items.find(({ id }) => id === device.modelId);
  return (
    <section>
      <dl className="facts">
        <dt>{t('device.connection')}</dt>
        <dd className="live-value">
          {connection
            ? t(connection.online ? 'device.onlineSince' : 'device.offlineSince', {
                time: formatDateTime(connection.since, language),
                age: formatAge(now - connection.since, language),
              })
            : t('device.neverConnected')}
        </dd>
        <dt>{t('device.state')}</dt>
        <dd>{t(`deviceState.${device.state}`)}</dd>
        <dt>{t('device.model')}</dt>
        <dd>
          {model ? (
            <Link to="/models/$modelId" params={{ modelId: model.id }}>
              {modelTitle(model, language)}
            </Link>
          ) : (
            device.modelId
          )}
        </dd>
        {model ? (
          <>
            <dt>{t('device.interval')}</dt>
            <dd>{formatDuration(model.expectedInterval, language)}</dd>
          </>
        ) : null}
        <dt>{t('device.serial')}</dt>
        <dd>{device.serialNumber ?? t('value.none')}</dd>
        <dt>{t('alarms.agency')}</dt>
        <dd>{agencyName.get(device.agencyId)?.[language] ?? device.agencyId}</dd>
        <dt>{t('device.registered')}</dt>
        <dd>{formatDateTime(device.createdAt, language)}</dd>
      </dl>
    </section>
  );
}

export function DeviceServes({ device }: { device: DeviceWire }) {
  const { t, language } = useLanguage();
  const { pointById } = useWholeCity();
  const assignments = useQuery(deviceAssignmentsQuery(device.id));
  return (
    <section>
      <h3 className="section-title">{t('device.serves')}</h3>
      {assignments.error ? <Failure error={assignments.error} retry={() => void assignments.refetch()} /> : null}
      {assignments.data?.items.length === 0 ? (
        <p className="secondary section-empty">{t('device.servesNothing')}</p>
      ) : null}
      <ul>
        {(assignments.data?.items ?? []).map((assignment) => (
          <li key={`${assignment.pointId} ${assignment.from}`} className="ended-row">
            <Link to="/" search={{ point: assignment.pointId }} className="truncate">
              {pointById.get(assignment.pointId)?.name[language] ?? assignment.pointId}
            </Link>
            <span className="secondary small">
              {assignment.to === null
                ? t('device.servesSince', { time: formatDateTime(assignment.from, language) })
                : t('device.servedUntil', { time: formatDateTime(assignment.to, language) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function DeviceAttributes({ deviceId }: { deviceId: DeviceId }) {
  const { t, language } = useLanguage();
  const attributes = useQuery(deviceAttributesQuery(deviceId));
  const entries = Object.entries(attributes.data ?? {});
  const textOf = (name: string, value: string | number | boolean): string => {
    if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
    if (typeof value === 'string') return value;
    const number = formatNumber(value, Number.isInteger(value) ? 0 : 2, language);
    return ATTRIBUTE_UNITS[name] ? `${number} ${ATTRIBUTE_UNITS[name]}` : number;
  };
  return (
    <section>
      <h3 className="section-title">{t('device.attributes')}</h3>
      {attributes.isSuccess && entries.length === 0 ? (
        <p className="secondary section-empty">{t('device.noAttributes')}</p>
      ) : null}
      <dl className="facts">
        {entries.map(([name, { value, at }]) => (
          <Attribute key={name} name={name} text={textOf(name, value)} at={formatDateTime(at, language)} />
        ))}
      </dl>
    </section>
  );
}

function Attribute({ name, text, at }: { name: string; text: string; at: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd title={at}>{text}</dd>
    </>
  );
}

export function DeviceCredentials({ device }: { device: DeviceWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const permitted = holdsIn(session, 'credentials.write', device.agencyId);
  const credentials = useQuery({ ...deviceCredentialsQuery(device.id), enabled: permitted });
  const models = useQuery(modelsQuery);
  const [token, setToken] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<CredentialId | null>(null);
  if (!permitted) return null;
  const quantity = models.data?.items.find(({ id }) => id === device.modelId)?.channels[0]?.key ?? 'temperature';
  const refresh = () => void queries.invalidateQueries({ queryKey: deviceCredentialsQuery(device.id).queryKey });
  const tell = (error: unknown) =>
    notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });

  async function add(): Promise<void> {
    try {
      const created = await call('POST /devices/{deviceId}/credentials', { params: { deviceId: device.id }, body: {} });
      setToken(created.token);
      refresh();
    } catch (error) {
      tell(error);
    }
  }
  async function revoke(credentialId: CredentialId): Promise<void> {
    setRevoking(null);
    try {
      await call('DELETE /devices/{deviceId}/credentials/{credentialId}', {
        params: { deviceId: device.id, credentialId },
      });
      refresh();
    } catch (error) {
      tell(error);
    }
  }
  return (
    <section>
      <h3 className="section-title">{t('token.title')}</h3>
      <ul>
        {(credentials.data?.items ?? []).map((credential) => (
          <li key={credential.id} className="ended-row">
            <span className="truncate">
              {t('token.createdAt', { time: formatDateTime(credential.createdAt, language) })}
            </span>
            {credential.revokedAt === null ? (
              <Button size="compact-sm" variant="subtle" color="red" onClick={() => setRevoking(credential.id)}>
                {t('token.revoke')}
              </Button>
            ) : (
              <span className="secondary small">{t('token.revoked')}</span>
            )}
          </li>
        ))}
      </ul>
      <Button mt={8} variant="default" onClick={() => void add()}>
        {t('token.add')}
      </Button>
      <Modal
        opened={token !== null}
        onClose={() => setToken(null)}
        title={t('token.title')}
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        {token === null ? null : <TokenOnce deviceId={device.id} token={token} quantity={quantity} />}
      </Modal>
      <Modal
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t('token.revokeTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <p>{t('token.revokeHint', { id: device.id })}</p>
        <div className="actions">
          <Button color="red" onClick={() => revoking !== null && void revoke(revoking)}>
            {t('token.revoke')}
          </Button>
          <Button variant="default" onClick={() => setRevoking(null)}>
            {t('common.cancel')}
          </Button>
        </div>
      </Modal>
    </section>
  );
}

export function DeviceStatus({ deviceId }: { deviceId: DeviceId }) {
  const { t, language } = useLanguage();
  const status = useQuery(deviceStatusQuery(deviceId));
  return (
    <section>
      <h3 className="section-title">{t('device.statusHistory')}</h3>
      {status.data?.items.length === 0 ? <p className="secondary section-empty">{t('device.neverConnected')}</p> : null}
      <ul>
        {(status.data?.items ?? []).map((change) => (
          <li key={`${change.eventTime} ${change.reason}`} className="ended-row">
            <span className="truncate">{t(change.online ? 'device.wentOnline' : 'device.wentOffline')}</span>
            <span className="secondary small">{formatDateTime(change.eventTime, language, true)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
