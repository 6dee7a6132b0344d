import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { DeviceId } from '../../domain/identifiers.ts';
import { usePlatform } from '../client/platform.tsx';
import { deviceQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import {
  DeviceAttributes,
  DeviceCredentials,
  DeviceFacts,
  DeviceServes,
  DeviceStatus,
} from '../panels/DevicePanel.tsx';
import { DeviceActivities } from '../panels/device/DeviceActivities.tsx';
import { DeviceCommands } from '../panels/device/DeviceCommands.tsx';
import { DeviceConfiguration } from '../panels/device/DeviceConfiguration.tsx';
import { DeviceFirmware } from '../panels/device/DeviceFirmware.tsx';
import { DeviceMessages } from '../panels/device/DeviceMessages.tsx';
import { DeviceQuarantine } from '../panels/device/DeviceQuarantine.tsx';
import { DeviceRecords } from '../panels/device/DeviceRecords.tsx';
import { DeviceSteps } from '../panels/device/DeviceSteps.tsx';
import { DeviceQuiet } from '../panels/suppression/QuietNote.tsx';
import '../styles/installer.css';

/** All there is to see of one device, and all that can be done with it. */
export function DevicePage() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { deviceId } = useParams({ from: '/shell/devices/$deviceId' });
  const id = deviceId as DeviceId;
  const device = useQuery(deviceQuery(id));
  return (
    <div className="page">
      <header className="page-header">
        <h1>{id}</h1>
        {device.data ? <span className="secondary">{t(`deviceState.${device.data.state}`)}</span> : null}
        <span className="grow" />
        <Link to="/devices" className="text-button">
          {t('device.toList')}
        </Link>
      </header>
      {device.isPending ? (
        <ListLoading what={t('loading.devices')} />
      ) : device.error ? (
        <Failure error={device.error} retry={() => void device.refetch()} />
      ) : (
        <div className="device-page">
          <div className="device-column">
            <DeviceFacts device={device.data} />
            <DeviceSteps device={device.data} />
            <DeviceQuiet deviceId={id} agencyId={device.data.agencyId} />
            <DeviceServes device={device.data} />
            <DeviceRecords device={device.data} />
            <DeviceFirmware deviceId={id} />
            <DeviceAttributes deviceId={id} />
            <DeviceCredentials device={device.data} />
          </div>
          <div className="device-column device-column-wide">
            {holdsIn(session, 'quarantine.read', device.data.agencyId) ? (
              <>
                <DeviceMessages deviceId={id} />
                <DeviceQuarantine deviceId={id} />
              </>
            ) : null}
            <DeviceCommands device={device.data} />
            <DeviceConfiguration device={device.data} />
          </div>
          <div className="device-column">
            <DeviceStatus deviceId={id} />
            <DeviceActivities deviceId={id} />
          </div>
        </div>
      )}
    </div>
  );
}
