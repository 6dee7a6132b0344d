import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import type { DeviceWire } from '../../api/contract/assets.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { usePlatform } from '../client/platform.tsx';
import { agenciesQuery, devicesQuery, modelsQuery, settingsQuery, sitesQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { registerFieldWorker } from '../installer/field-worker.ts';
import { WaitingWork } from '../installer/WaitingWork.tsx';
import { formatCount } from '../state/formatting.ts';
import { JOB_KINDS, jobsIn } from '../state/jobs.ts';
import { modelTitleOf } from '../state/model-draft.ts';
import '../styles/installer.css';

const PlaceMap = lazy(() =>
  import('../installer/PlaceMap.tsx').then(({ PlaceMap: component }) => ({ default: component })),
);

/** What is to be installed, signed for, maintained or fetched, with a map; the phone's way to begin is the label. */
export function JobsPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const navigate = useNavigate();
  const city = useCity();
  const devices = useQuery(devicesQuery);
  const models = useQuery(modelsQuery);
  // What the work without network needs is asked for here, while there is one.
  useQuery(sitesQuery);
  useQuery(agenciesQuery);
  useEffect(registerFieldWorker, []);
  const [withMap, setWithMap] = useState(false);

  const placeOf = useMemo(
    () => new Map(city.points.flatMap((point) => point.devices.map(({ id }) => [id, point] as const))),
    [city.points],
  );
  const jobs = useMemo(
    () =>
      jobsIn(
        (devices.data ?? []).filter(({ agencyId }) => holdsIn(session, 'assets.write', agencyId)),
        (id) => placeOf.has(id),
      ),
    [devices.data, session, placeOf],
  );
  const near = useMemo(
    () =>
      JOB_KINDS.flatMap((kind) => jobs[kind]).flatMap(({ id }) => {
        const point = placeOf.get(id);
        return point ? [{ id: point.id, location: point.location }] : [];
      }),
    [jobs, placeOf],
  );
  const modelOf = ({ modelId }: DeviceWire): string => modelTitleOf(models.data?.items, modelId, language);
  const total = JOB_KINDS.reduce((sum, kind) => sum + jobs[kind].length, 0);

  return (
    <div className="page field-page">
      <header className="page-header">
        <h1>{t('jobs.title')}</h1>
        <span className="grow" />
        <Button variant="default" aria-pressed={withMap} onClick={() => setWithMap(!withMap)}>
          {t(withMap ? 'jobs.hideMap' : 'jobs.showMap')}
        </Button>
      </header>
      <div className="field-body">
        <WaitingWork />
        {withMap ? (
          <Suspense fallback={<div className="place-map" aria-busy="true" />}>
            <PlaceMap label={t('jobs.map')} at={null} accuracyMetres={null} near={near} />
          </Suspense>
        ) : null}
        {devices.isPending ? (
          <ListLoading what={t('loading.devices')} />
        ) : devices.error && !devices.data ? (
          <Failure error={devices.error} retry={() => void devices.refetch()} />
        ) : total === 0 ? (
          <Empty title={t('jobs.empty')} hint={t('jobs.emptyHint')} />
        ) : (
          JOB_KINDS.filter((kind) => jobs[kind].length > 0).map((kind) => (
            <section key={kind}>
              <h2 className="section-title">
                {t(`jobs.${kind}`)} · {formatCount(jobs[kind].length, language)}
              </h2>
              <ul className="jobs">
                {jobs[kind].map((device) => (
                  <li key={device.id}>
                    <Link to="/install/$deviceId" params={{ deviceId: device.id as DeviceId }} className="job">
                      <span className="job-name">{device.id}</span>
                      <span className="secondary small">
                        {placeOf.get(device.id)?.name[language] ?? t('device.servesNothing')} · {modelOf(device)}
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          ))
        )}
        <DemoStock devices={devices.data ?? []} />
      </div>
      <div className="field-bar">
        <Button size="lg" fullWidth onClick={() => void navigate({ to: '/claim' })}>
          {t('field.scanTitle')}
        </Button>
      </div>
    </div>
  );
}

/** In the demo: labels to open, as long as their devices are in stock. */
function DemoStock({ devices }: { devices: readonly DeviceWire[] }) {
  const { t, language } = useLanguage();
  const settings = useQuery(settingsQuery);
  const models = useQuery(modelsQuery);
  const stock = (settings.data?.demoStock ?? []).flatMap(({ deviceId, code }) => {
    const device = devices.find(({ id, state }) => id === deviceId && state === 'in_stock');
    return device ? [{ deviceId, code, model: modelTitleOf(models.data?.items, device.modelId, language) }] : [];
  });
  if (stock.length === 0) return null;
  return (
    <section>
      <h2 className="section-title">{t('jobs.try')}</h2>
      <p className="secondary small">{t('jobs.tryHint')}</p>
      <ul className="jobs">
        {stock.map(({ deviceId, code, model }) => (
          <li key={deviceId}>
            <Link to="/claim/$deviceId" params={{ deviceId }} hash={code} className="job">
              <span className="job-name">{deviceId}</span>
              <span className="secondary small">
                {model} · {code}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
