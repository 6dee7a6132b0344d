import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import { isStale } from '../../domain/point-state.ts';
import { useLive, usePlatform, useReading, useServerNow } from '../client/platform.tsx';
import type { VerdictDraft } from '../client/quality.ts';
import { endedAlarmsQuery, modelsQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { useCity, usePoint, usePointAlarm, usePointState } from '../client/use-city.tsx';
import { IconCurrentLocation, IconX } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { LiveReading, QualityMark } from '../components/Reading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { compareAlarms } from '../state/alarm-list.ts';
import { formatAge, formatDateTime } from '../state/formatting.ts';
import { modelTitle } from '../state/model-draft.ts';
import { tellingSeries } from '../state/point-alarms.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import { AlarmCard } from './AlarmCard.tsx';
import { AddToComparison } from './chart/AddToComparison.tsx';
import { StationIndices } from './index/StationIndices.tsx';
import { PointQuality } from './quality/PointQuality.tsx';
import { VerdictDialog } from './quality/VerdictDialog.tsx';
import { PointQuiet, StartPointSuppression } from './suppression/QuietNote.tsx';

const HOUR_MS = 3_600_000;
const SeriesChart = lazy(() => import('./chart/SeriesChart.tsx').then((module) => ({ default: module.SeriesChart })));

const sameAlarms = (a: readonly AlarmWire[], b: readonly AlarmWire[]): boolean =>
  a.length === b.length && a.every((alarm, i) => alarm === b[i]);

/** Everything about one point: values, chart, alarms, device. */
export function PointPanel({
  pointId,
  onClose,
  onShow,
}: {
  pointId: PointId;
  onClose: () => void;
  onShow?: () => void;
}) {
  const { t, language } = useLanguage();
  const city = useCity();
  const point = usePoint(pointId);
  const state = usePointState(point?.number ?? -1) ?? 'unknown';
  const { session, isPast } = usePlatform();
  const [chosen, setChosen] = useState<SeriesId | null>(null);
  const [verdict, setVerdict] = useState<VerdictDraft | null>(null);
  const alarms = useLive(
    ({ table }) => [...table.alarms.values()].filter((alarm) => alarm.pointId === pointId).sort(compareAlarms),
    sameAlarms,
  );
  // What alarms is charted until somebody chooses; once charted it stays, so that nothing changes under the eyes when the alarm ends.
  const worst = usePointAlarm(pointId);
  const alarmed = useRef<AlarmWire>(undefined);
  alarmed.current ??= worst;
  if (city.isLoading || (point === undefined && !city.error)) return <ListLoading what={t('loading.points')} />;
  if (city.error && !point) return <Failure error={city.error} retry={city.retry} />;
  if (!point) {
    return (
      <>
        <PanelHeader title={t('point.unknown')} onClose={onClose} />
        <Empty title={t('point.unknown')} hint={t('point.unknownHint')} />
      </>
    );
  }
  const series = point.series.find(({ id }) => id === chosen) ?? tellingSeries(point, alarmed.current);
  const mayMark = holdsIn(session, 'rules.write', point.agencyId);
  const mark = (from: number, to: number) => {
    const own = (series?.computed ? point.series.find(({ computed }) => !computed) : series)?.id;
    const quality = 'INVALID_DECLARED';
    setVerdict({ series: own === undefined ? [] : [own], from, to, quality, reason: '', replaces: null });
  };
  return (
    <>
      <header className="panel-header">
        <StateMark state={state} glyph={point.domain} size={28} />
        <div className="panel-header-text">
          <h2 className="panel-title">{point.name[language]}</h2>
          <p className="secondary small">
            {t(`state.${state}`)} · {t(`domain.${point.domain}`)} ·{' '}
            {city.agencyName.get(point.agencyId)?.[language] ?? ''}
          </p>
        </div>
        <div className="panel-header-actions">
          {onShow ? (
            <button type="button" className="icon-button" aria-label={t('point.showOnMap')} onClick={onShow}>
              <IconCurrentLocation size={18} aria-hidden="true" />
            </button>
          ) : null}
          <button type="button" className="icon-button" aria-label={t('common.close')} onClick={onClose}>
            <IconX size={18} aria-hidden="true" />
          </button>
        </div>
      </header>
      <div className="panel-body">
        {isPast ? null : <PointQuiet point={point} />}
        {alarms.length > 0 ? <PointAlarms point={point} open={alarms} /> : null}
        <StationIndices point={point} />
        <Values point={point} alarms={alarms} chosen={series?.id ?? null} onChoose={setChosen} />
        {series ? (
          <section aria-label={t('chart.title')}>
            <Suspense fallback={<div className="chart-shape" aria-busy="true" />}>
              <SeriesChart
                key={series.id}
                point={point}
                series={series}
                {...(mayMark && !series.computed ? { onMark: (from: number, to: number) => mark(from, to) } : {})}
              />
            </Suspense>
            <AddToComparison line={{ pointId: point.id, quantity: series.quantity }} />
          </section>
        ) : null}
        {alarms.length > 0 ? null : <PointAlarms point={point} open={alarms} />}
        <PointQuality
          point={point}
          mayMark={mayMark}
          onMark={() => mark(Date.now() - HOUR_MS, Date.now())}
          onEdit={setVerdict}
        />
        <PointDevices point={point} />
      </div>
      {verdict ? <VerdictDialog point={point} draft={verdict} onClose={() => setVerdict(null)} /> : null}
    </>
  );
}

export function PanelHeader({ title, subtitle, onClose }: { title: string; subtitle?: string; onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <header className="panel-header">
      <div className="panel-header-text">
        <h2 className="panel-title">{title}</h2>
        {subtitle ? <p className="secondary small">{subtitle}</p> : null}
      </div>
      <button type="button" className="icon-button" aria-label={t('common.close')} onClick={onClose}>
        <IconX size={18} aria-hidden="true" />
      </button>
    </header>
  );
}

function Values({
  point,
  alarms,
  chosen,
  onChoose,
}: {
  point: MapPoint;
  /** Worst first. */
  alarms: readonly AlarmWire[];
  chosen: SeriesId | null;
  onChoose: (series: SeriesId) => void;
}) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  return (
    <section>
      <h3 className="section-title">{t('point.values')}</h3>
      <ul className="values" aria-label={t('point.valuesHint')}>
        {point.series.map((series) => (
          <li key={series.id}>
            <button
              type="button"
              className="value-row"
              aria-pressed={series.id === chosen}
              onClick={() => onChoose(series.id)}
            >
              <span className="value-name">
                {quantities.get(series.quantity)?.name[language] ?? series.quantity}
                <AlarmMark alarm={alarms.find(({ quantity }) => quantity === series.quantity)} />
              </span>
              <ValueCell series={series} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Says of a value that an alarm is about it. */
function AlarmMark({ alarm }: { alarm: AlarmWire | undefined }) {
  const { t } = useLanguage();
  if (alarm === undefined || alarm.suppression !== null) return null;
  return (
    <span className="value-alarm" title={t(`severity.${alarm.severity}`)}>
      <StateMark state={alarm.severity} size={14} />
      <span className="visually-hidden">{t(`severity.${alarm.severity}`)}</span>
    </span>
  );
}

function ValueCell({ series }: { series: MapPoint['series'][number] }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const reading = useReading(series.id);
  const now = useServerNow();
  const silent = isStale(reading?.eventTime, series.staleAfterMs, now);
  return (
    <span className="value-cell">
      <span className="value-figure">
        <LiveReading series={series.id} quantity={quantities.get(series.quantity)} withAge={false} />
      </span>
      <span className="secondary small value-age">
        {silent && reading ? <span className="severity-unknown">{t('state.unknown')} · </span> : null}
        {reading ? <QualityMark quality={reading.quality} /> : null}
        {reading ? formatAge(now - reading.eventTime, language) : t('value.never')}
      </span>
    </span>
  );
}

function PointAlarms({ point, open }: { point: MapPoint; open: readonly AlarmWire[] }) {
  const { t, language } = useLanguage();
  const { isPast } = usePlatform();
  const [withEnded, setWithEnded] = useState(false);
  const ended = useQuery({ ...endedAlarmsQuery(point.id), enabled: withEnded });
  return (
    <section>
      <h3 className="section-title">{t('point.alarms')}</h3>
      {open.length === 0 ? <p className="secondary section-empty">{t('point.noAlarms')}</p> : null}
      <ul className="alarm-cards">
        {open.map((alarm) => (
          <li key={alarm.id}>
            <AlarmCard alarm={alarm} />
          </li>
        ))}
      </ul>
      {withEnded ? (
        ended.isPending ? (
          <ListLoading rows={3} what={t('loading.alarms')} />
        ) : ended.error ? (
          <Failure error={ended.error} retry={() => void ended.refetch()} />
        ) : ended.data.length === 0 ? (
          <p className="secondary section-empty">{t('point.noEndedAlarms')}</p>
        ) : (
          <ul className="ended-list">
            {ended.data.map((alarm) => (
              <li key={alarm.id}>
                <Link
                  to="/alarms"
                  search={{ alarm: alarm.id, list: alarm.origin === 'past' ? 'past' : 'ended' }}
                  className="ended-row"
                >
                  <StateMark state={alarm.worstSeverity} size={14} />
                  <span className="truncate">{alarm.rule?.name[language] ?? alarm.ruleId}</span>
                  <span className="secondary small">{formatDateTime(alarm.startedAt, language)}</span>
                </Link>
              </li>
            ))}
          </ul>
        )
      ) : null}
      {/* The list of those that ended is told of now alone. */}
      {isPast ? null : (
        <div className="actions">
          {withEnded ? null : (
            <button type="button" className="text-button" onClick={() => setWithEnded(true)}>
              {t('point.showEnded')}
            </button>
          )}
          <StartPointSuppression point={point} />
        </div>
      )}
    </section>
  );
}

function PointDevices({ point }: { point: MapPoint }) {
  const { t } = useLanguage();
  return (
    <section>
      <h3 className="section-title">{t('point.devices')}</h3>
      {point.devices.length === 0 ? <p className="secondary section-empty">{t('point.noDevice')}</p> : null}
      <ul>
        {point.devices.map((device) => (
          <li key={device.id}>
            <PointDevice device={device} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PointDevice({ device }: { device: MapPoint['devices'][number] }) {
  const { t, language } = useLanguage();
  const models = useQuery(modelsQuery);
  const connection = useLive((state) => state.table.devices.get(device.id));
  const { isPast } = usePlatform();
  const now = useServerNow();
  const model = models.data?.items.find(({ id }) => id === device.modelId);
  // Of the past only what was known then.
  const online = connection?.online ?? (isPast ? null : device.online);
  const since = connection?.since ?? (isPast ? null : device.since);
  return (
    <dl className="facts">
      <dt>{t('device.id')}</dt>
      <dd>
        <Link to="/devices" search={{ device: device.id }}>
          {device.id}
        </Link>
      </dd>
      <dt>{t('device.model')}</dt>
      <dd>{model ? modelTitle(model, language) : device.modelId}</dd>
      {isPast ? null : (
        <>
          <dt>{t('device.state')}</dt>
          <dd>{t(`deviceState.${device.state}`)}</dd>
        </>
      )}
      <dt>{t('device.connection')}</dt>
      <dd>
        {online === null
          ? t('device.neverConnected')
          : since === null
            ? t(online ? 'device.online' : 'device.offline')
            : t(online ? 'device.onlineSince' : 'device.offlineSince', {
                time: formatDateTime(since, language),
                age: formatAge(now - since, language),
              })}
      </dd>
    </dl>
  );
}
