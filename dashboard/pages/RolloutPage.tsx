import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { RolloutDeviceWire, RolloutWire } from '../../api/contract/firmware.ts';
import type { RolloutStep } from '../../domain/firmware/rollout.ts';
import { PROGRESS_KINDS } from '../../domain/firmware/rollout-device.ts';
import { DEVICES_SHOWN, firmwareImagesQuery, rolloutDevicesQuery, rolloutQuery } from '../client/firmware.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { holdsIn } from '../client/session.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { RolloutBar } from '../panels/firmware/RolloutBar.tsx';
import { useProgressText } from '../panels/firmware/use-progress-text.ts';
import { formatCount, formatDateTime } from '../state/formatting.ts';
import { AssetTabs } from './AssetTabs.tsx';
import '../styles/devices-in.css';
import '../styles/firmware.css';

/** One rollout as it goes: stages, counts, why it halted, each device. */
export function RolloutPage() {
  const { t, language } = useLanguage();
  const { rolloutId } = useParams({ from: '/shell/firmware/rollouts/$rolloutId' });
  const rollout = useQuery(rolloutQuery(rolloutId));
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
        <span className="grow" />
        <Link to="/firmware" className="text-button">
          {t('firmware.toList')}
        </Link>
      </header>
      <div className="page-scroll firmware-page">
        {rollout.isPending ? (
          <ListLoading what={t('firmware.rollouts')} rows={6} />
        ) : rollout.error ? (
          <Failure error={rollout.error} retry={() => void rollout.refetch()} />
        ) : (
          <>
            <div className="firmware-heading">
              <h2>{t('firmware.rolloutOf', { version: rollout.data.version, model: rollout.data.modelId })}</h2>
              <span className="firmware-state" data-state={rollout.data.state}>
                {t(`firmware.rolloutState.${rollout.data.state}`)}
              </span>
              {rollout.data.stateAt === null ? null : (
                <span className="secondary small">{formatDateTime(rollout.data.stateAt, language, true)}</span>
              )}
            </div>
            {rollout.data.halt ? <Halted rollout={rollout.data} /> : null}
            <RolloutBar rollout={rollout.data} />
            <Steps rollout={rollout.data} />
            <Devices rollout={rollout.data} />
          </>
        )}
      </div>
    </div>
  );
}

function Halted({ rollout }: { rollout: RolloutWire }) {
  const { t, language } = useLanguage();
  if (!rollout.halt) return null;
  const { reason, failed, finished } = rollout.halt;
  return (
    <div className="firmware-halt" role="alert">
      <strong>{t('firmware.haltedTitle')}</strong>
      <p>
        {t(`firmware.halt.${reason}`, {
          failed: formatCount(failed, language),
          finished: formatCount(finished, language),
        })}
      </p>
      <p className="secondary small">{t('firmware.haltedSafe')}</p>
    </div>
  );
}

const STEPS: Readonly<Record<RolloutWire['state'], readonly RolloutStep[]>> = {
  draft: ['start', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  halted: ['resume', 'cancel'],
  done: [],
  cancelled: [],
};
function Steps({ rollout }: { rollout: RolloutWire }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [sure, setSure] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (!holdsIn(session, 'assets.write', rollout.agencyId) || STEPS[rollout.state].length === 0) return null;
  async function take(step: RolloutStep): Promise<void> {
    if (step === 'cancel' && !sure) return setSure(true);
    setProblem(null);
    try {
      const params = { rolloutId: rollout.id };
      await call('POST /firmware/rollouts/{rolloutId}/steps', { params, body: { step } });
    } catch (error) {
      setProblem(problemText(error));
    }
    setSure(false);
    await queries.invalidateQueries({ queryKey: ['firmware'] });
  }
  return (
    <div className="firmware-actions">
      {STEPS[rollout.state].map((step) => (
        <Button key={step} variant={step === 'cancel' ? 'default' : 'filled'} onClick={() => void take(step)}>
          {step === 'cancel' && sure ? t('firmware.step.cancelSure') : t(`firmware.step.${step}`)}
        </Button>
      ))}
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
    </div>
  );
}

function Devices({ rollout }: { rollout: RolloutWire }) {
  const { t, language } = useLanguage();
  const { state } = useSearch({ from: '/shell/firmware/rollouts/$rolloutId' });
  const navigate = useNavigate();
  const devices = useQuery(rolloutDevicesQuery(rollout.id, state));
  const images = useQuery(firmwareImagesQuery);
  const sizeBytes = images.data?.items.find(({ id }) => id === rollout.imageId)?.sizeBytes ?? null;
  const items = devices.data?.items ?? [];
  const show = (next: RolloutDeviceWire['state'] | undefined): void =>
    void navigate({
      to: '/firmware/rollouts/$rolloutId',
      params: { rolloutId: rollout.id },
      search: next === undefined ? {} : { state: next },
      replace: true,
    });
  return (
    <section>
      <h2 className="section-title">{t('firmware.devices')}</h2>
      <div className="firmware-chips">
        <button type="button" className="chip" aria-pressed={state === undefined} onClick={() => show(undefined)}>
          {t('firmware.everyState')} {formatCount(rollout.devices, language)}
        </button>
        {PROGRESS_KINDS.filter((kind) => rollout.counts[kind] > 0).map((kind) => (
          <button key={kind} type="button" className="chip" aria-pressed={state === kind} onClick={() => show(kind)}>
            {t(`firmware.state.${kind}`)} {formatCount(rollout.counts[kind], language)}
          </button>
        ))}
      </div>
      <ul className="plain-list">
        {items.map((device) => (
          <DeviceRow key={device.deviceId} device={device} rollout={rollout} sizeBytes={sizeBytes} />
        ))}
      </ul>
      {devices.data?.next ? (
        <p className="secondary small">{t('firmware.more', { shown: formatCount(DEVICES_SHOWN, language) })}</p>
      ) : null}
    </section>
  );
}

function DeviceRow({
  device,
  rollout,
  sizeBytes,
}: {
  device: RolloutDeviceWire;
  rollout: RolloutWire;
  sizeBytes: number | null;
}) {
  const { t, language } = useLanguage();
  const progressText = useProgressText();
  return (
    <li className="firmware-device" data-state={device.state}>
      <Link to="/devices/$deviceId" params={{ deviceId: device.deviceId }} className="text-button">
        {device.deviceId}
      </Link>
      <span className="secondary small">{device.versionBefore ?? t('firmware.unknownVersion')}</span>
      <span className="secondary small">{rollout.plan.stages[device.stage]} %</span>
      <span>{progressText(device, sizeBytes)}</span>
      <span className="secondary small">{formatDateTime(device.at, language, true)}</span>
    </li>
  );
}
