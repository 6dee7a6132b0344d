import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { FirmwareImageWire } from '../../api/contract/firmware.ts';
import { firmwareImagesQuery, firmwareKeysQuery, rolloutsQuery } from '../client/firmware.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { holdsAnywhere, holdsIn } from '../client/session.ts';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { FirmwareKeys } from '../panels/firmware/FirmwareKeys.tsx';
import { NewRollout } from '../panels/firmware/NewRollout.tsx';
import { RolloutBar } from '../panels/firmware/RolloutBar.tsx';
import { UploadFirmware } from '../panels/firmware/UploadFirmware.tsx';
import { formatBytes, formatDateTime } from '../state/formatting.ts';
import { AssetTabs } from './AssetTabs.tsx';
import '../styles/devices-in.css';
import '../styles/firmware.css';

/** Firmware over the air: rollouts, images, and whose signatures count. */
export function FirmwarePage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const images = useQuery(firmwareImagesQuery);
  const rollouts = useQuery(rolloutsQuery);
  const keys = useQuery(firmwareKeysQuery);
  const [uploading, setUploading] = useState(false);
  const [rollingOut, setRollingOut] = useState<FirmwareImageWire | null>(null);
  const hasKey = keys.data?.items.some(({ revokedAt }) => revokedAt === null) ?? false;
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
        <span className="grow" />
        {holdsAnywhere(session, 'assets.write') ? (
          <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setUploading(true)}>
            {t('firmware.upload')}
          </Button>
        ) : null}
      </header>
      <div className="page-scroll firmware-page">
        {rollouts.data && rollouts.data.items.length > 0 ? (
          <section>
            <h2 className="section-title">{t('firmware.rollouts')}</h2>
            <ul className="plain-list">
              {rollouts.data.items.map((rollout) => (
                <li key={rollout.id} className="firmware-rollout">
                  <Link to="/firmware/rollouts/$rolloutId" params={{ rolloutId: rollout.id }} className="text-button">
                    {t('firmware.rolloutOf', { version: rollout.version, model: rollout.modelId })}
                  </Link>
                  <span className="firmware-state" data-state={rollout.state}>
                    {t(`firmware.rolloutState.${rollout.state}`)}
                  </span>
                  <span className="secondary small">{formatDateTime(rollout.createdAt, language)}</span>
                  <RolloutBar rollout={rollout} />
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        <section>
          <h2 className="section-title">{t('firmware.images')}</h2>
          {images.isPending ? (
            <ListLoading what={t('firmware.images')} rows={4} />
          ) : images.error ? (
            <Failure error={images.error} retry={() => void images.refetch()} />
          ) : images.data.items.length === 0 ? (
            <Empty title={t('firmware.noImages')} hint={t(hasKey ? 'firmware.noImagesHint' : 'firmware.noKeysHint')} />
          ) : (
            <>
              <ul className="plain-list">
                {images.data.items.map((image) => (
                  <Image key={image.id} image={image} onRollOut={() => setRollingOut(image)} />
                ))}
              </ul>
              <p className="secondary small">
                {t('firmware.room', {
                  used: formatBytes(images.data.room.bytes, language),
                  capacity: formatBytes(images.data.room.capacityBytes, language),
                })}
              </p>
            </>
          )}
        </section>
        <FirmwareKeys />
      </div>
      {uploading ? <UploadFirmware onClose={() => setUploading(false)} /> : null}
      {rollingOut ? <NewRollout image={rollingOut} onClose={() => setRollingOut(null)} /> : null}
    </div>
  );
}

function Image({ image, onRollOut }: { image: FirmwareImageWire; onRollOut: () => void }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const mayWrite = holdsIn(session, 'assets.write', image.agencyId) && image.withdrawnAt === null;
  async function withdraw(): Promise<void> {
    await call('DELETE /firmware/images/{imageId}', { params: { imageId: image.id } }).catch(() => {});
    await queries.invalidateQueries({ queryKey: ['firmware'] });
  }
  return (
    <li className="firmware-row" data-withdrawn={image.withdrawnAt !== null || undefined}>
      <div>
        <strong>{image.version}</strong> <span>{image.modelId}</span>
        <p className="secondary small">
          {formatBytes(image.sizeBytes, language)} · {formatDateTime(image.uploadedAt, language)}
          {image.withdrawnAt !== null ? ` · ${t('firmware.withdrawn')}` : ''}
        </p>
        {image.notes !== '' ? <p className="small">{image.notes}</p> : null}
        <code className="small secondary firmware-hash">SHA-256 {image.sha256}</code>
      </div>
      {mayWrite ? (
        <div className="firmware-actions">
          <Button variant="default" onClick={onRollOut}>
            {t('firmware.rollOut')}
          </Button>
          <button type="button" className="text-button" onClick={() => (sure ? void withdraw() : setSure(true))}>
            {t(sure ? 'firmware.withdrawSure' : 'firmware.withdraw')}
          </button>
        </div>
      ) : null}
    </li>
  );
}
