import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { DeviceId } from '../../domain/identifiers.ts';
import { deviceQuery, devicesQuery, modelsQuery } from '../client/queries.ts';
import { IconCheck } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { ChecksStep } from '../installer/ChecksStep.tsx';
import { registerFieldWorker } from '../installer/field-worker.ts';
import { PhotosStep } from '../installer/PhotosStep.tsx';
import { PlaceStep } from '../installer/PlaceStep.tsx';
import { useFieldLoaded, useFieldQueue } from '../installer/use-field.ts';
import { WaitingWork } from '../installer/WaitingWork.tsx';
import { tasksOf } from '../state/field-queue.ts';
import { INSTALL_STEPS, type InstallStep } from '../state/install-steps.ts';
import '../styles/installer.css';

/** Putting one device up, step by step: where it hangs, pictures and notes, the live checks and the signature. */
export function InstallPage() {
  const { t } = useLanguage();
  const { deviceId } = useParams({ from: '/shell/install/$deviceId' });
  const id = deviceId as DeviceId;
  const search = useSearch({ from: '/shell/install/$deviceId' });
  const navigate = useNavigate();
  const queue = tasksOf(useFieldQueue(), id);
  const loaded = useFieldLoaded();
  const waits = (kind: string) => queue.some(({ work }) => work.kind === kind);
  const single = useQuery({ ...deviceQuery(id), enabled: loaded && !waits('claim'), retry: false });
  const listed = useQuery(devicesQuery);
  const models = useQuery(modelsQuery);
  useEffect(registerFieldWorker, []);

  const device = single.data ?? listed.data?.find((each) => each.id === id) ?? null;
  const model = models.data?.items.find((each) => each.id === device?.modelId) ?? null;
  const placed = waits('place') || device?.state === 'installed' || device?.state === 'commissioned';
  const step: InstallStep = search.step ?? (placed ? 'checks' : 'place');
  const go = (next: InstallStep) =>
    void navigate({ to: '/install/$deviceId', params: { deviceId }, search: { step: next }, replace: true });

  return (
    <div className="page field-page">
      <header className="page-header">
        <h1>{t('field.installTitle', { id })}</h1>
        {device ? <span className="secondary">{t(`deviceState.${device.state}`)}</span> : null}
      </header>
      <nav className="field-steps" aria-label={t('field.steps')}>
        {INSTALL_STEPS.map((each, i) => (
          <button
            key={each}
            type="button"
            className="field-step"
            aria-current={each === step ? 'step' : undefined}
            onClick={() => go(each)}
          >
            <span className="field-step-number" aria-hidden="true">
              {each === 'place' && placed && step !== 'place' ? <IconCheck size={16} /> : i + 1}
            </span>
            {t(`installStep.${each}`)}
          </button>
        ))}
      </nav>
      <div className="field-body">
        <WaitingWork deviceId={id} />
        {single.error && device === null && !waits('claim') ? (
          <div className="empty-state" role="alert">
            <p className="empty-title">{t('field.unknownDevice')}</p>
            <p className="secondary">{t('field.unknownDeviceHint')}</p>
            <Button variant="default" onClick={() => void navigate({ to: '/claim' })}>
              {t('field.scanTitle')}
            </Button>
          </div>
        ) : step === 'place' ? (
          <PlaceStep deviceId={id} device={device} model={model} onDone={() => go('photos')} />
        ) : step === 'photos' ? (
          <PhotosStep deviceId={id} canAsk={device !== null} onDone={() => go('checks')} />
        ) : (
          <ChecksStep deviceId={id} device={device} waiting={queue.length > 0} onPlace={() => go('place')} />
        )}
      </div>
    </div>
  );
}
