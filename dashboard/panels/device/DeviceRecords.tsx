import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { DeviceWire } from '../../../api/contract/assets.ts';
import { devicePhotosQuery, deviceRecordsQuery } from '../../client/queries.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { photoAddress } from '../../installer/photo-address.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Signed records and pictures of the work. */
export function DeviceRecords({ device }: { device: DeviceWire }) {
  const { t, language } = useLanguage();
  const records = useQuery({ ...deviceRecordsQuery(device.id), retry: false });
  const photos = useQuery({ ...devicePhotosQuery(device.id), retry: false });
  return (
    <section>
      <h2 className="section-title">{t('record.many')}</h2>
      {records.data?.items.length === 0 ? <p className="secondary section-empty">{t('record.none')}</p> : null}
      <ul>
        {(records.data?.items ?? []).map((record) => (
          <li key={record.id} className="ended-row">
            <Link
              to="/devices/$deviceId/record/$recordId"
              params={{ deviceId: device.id, recordId: record.id }}
              className="truncate"
            >
              {record.signedName}
            </Link>
            <span className="secondary small">{formatDateTime(record.signedAt, language)}</span>
          </li>
        ))}
      </ul>
      <ul className="photos">
        {(photos.data?.items ?? []).map((photo) => (
          <li key={photo.id}>
            <img
              src={photoAddress(device.id, photo.id)}
              alt={t('field.photoOf', { time: formatDateTime(photo.takenAt, language) })}
              loading="lazy"
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
