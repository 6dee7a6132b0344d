import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deviceFirmwareQuery } from '../../client/firmware.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { useProgressText } from '../firmware/use-progress-text.ts';
import '../../styles/firmware.css';

/** What the device runs, and how far it is in rollouts. */
export function DeviceFirmware({ deviceId }: { deviceId: string }) {
  const { t, language } = useLanguage();
  const progressText = useProgressText();
  const firmware = useQuery(deviceFirmwareQuery(deviceId)).data;
  if (!firmware) return null;
  return (
    <section>
      <h2 className="section-title">{t('firmware.title')}</h2>
      <p>
        {t('firmware.runs')} <strong>{firmware.version ?? t('firmware.unknownVersion')}</strong>
      </p>
      <ul className="history">
        {firmware.rollouts.map(({ rollout, device }) => (
          <li key={rollout.id}>
            <Link to="/firmware/rollouts/$rolloutId" params={{ rolloutId: rollout.id }} className="text-button">
              {t('firmware.toVersion', { version: rollout.version })}
            </Link>
            <p>{progressText(device, null)}</p>
            <p className="secondary small">{formatDateTime(device.at, language, true)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
