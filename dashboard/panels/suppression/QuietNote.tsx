import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AlarmWire, SuppressionWire } from '../../../api/contract/alarms.ts';
import type { MapPoint } from '../../../api/contract/map.ts';
import type { SuppressionWindowWire } from '../../../api/contract/suppressions.ts';
import type { AgencyId, DeviceId } from '../../../domain/identifiers.ts';
import { useLive, usePlatform } from '../../client/platform.tsx';
import { holdsIn } from '../../client/session.ts';
import { quietPointsQuery, suppressionsQuery } from '../../client/suppressions.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { outagesByPoint } from '../../state/city-state.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';
import { type ScopeChoice, SuppressionDialog } from './SuppressionDialog.tsx';
import '../../styles/suppressions.css';

/** "Maintenance until 16:00 – reason – who", in the reader's language. */
export function useSuppressionText() {
  const { t, language } = useLanguage();
  return ({
    kind,
    until,
    reason,
    ownerName,
  }: Pick<SuppressionWire, 'kind' | 'until' | 'reason'> & Pick<SuppressionWindowWire, 'ownerName'>): string =>
    [
      `${t(`suppression.${kind}`)}${until === null ? '' : ` ${t('suppression.until', { time: formatDateTime(until, language) })}`}`,
      reason,
      ownerName ?? '',
    ]
      .filter((part) => part !== '')
      .join(' – ');
}

/** Why the point is quiet: maintenance of it or of what holds it, and a gateway or site that is down. */
export function PointQuiet({ point }: { point: MapPoint }) {
  const { t, language } = useLanguage();
  const quiet = useQuery(quietPointsQuery).data?.find(({ pointId }) => pointId === point.id);
  const outage = useLive((state) => outagesByPoint(state.table.alarms.values()).get(point.id));
  const text = useSuppressionText();
  if (!quiet && !outage) return null;
  return (
    <section aria-label={t('suppressions.section')}>
      {quiet ? (
        <p className="advice quiet-note">
          <StateMark state={quiet.kind} size={18} />
          <span>
            {text(quiet)} <Link to="/suppressions">{t('suppressions.toList')}</Link>
          </span>
        </p>
      ) : null}
      {outage ? (
        <p className="advice quiet-note">
          <StateMark state="cut_off" size={18} />
          <span>
            {t('suppressions.behindCarrier', { carrier: outage.carrier?.id ?? '' })}{' '}
            <Link to="/alarms" search={{ alarm: outage.id }}>
              {outage.rule?.name[language] ?? outage.ruleId}
            </Link>
          </span>
        </p>
      ) : null}
    </section>
  );
}

/** Begins maintenance of the point, of its site, or of a device that serves it. */
export function StartPointSuppression({ point }: { point: MapPoint }) {
  const { t } = useLanguage();
  const choices: readonly ScopeChoice[] = [
    { scope: { kind: 'point', pointId: point.id }, label: t('suppressions.scope.point') },
    { scope: { kind: 'site', siteId: point.siteId }, label: t('suppressions.scope.site') },
    ...point.devices.map(
      ({ id }): ScopeChoice => ({
        scope: { kind: 'device', deviceId: id },
        label: t('suppressions.scope.device', { device: id }),
      }),
    ),
  ];
  return <StartSuppression agencyId={point.agencyId} choices={choices} />;
}

/** What holds a device under maintenance, and the way to begin it. */
export function DeviceQuiet({ deviceId, agencyId }: { deviceId: DeviceId; agencyId: AgencyId }) {
  const { t } = useLanguage();
  const text = useSuppressionText();
  const windows = (useQuery(suppressionsQuery(false)).data ?? []).filter(
    ({ scope }) => scope.kind === 'device' && scope.deviceId === deviceId,
  );
  const { session } = usePlatform();
  if (windows.length === 0 && !holdsIn(session, 'alarms.work', agencyId)) return null;
  return (
    <section>
      <h2 className="section-title">{t('suppressions.section')}</h2>
      {windows.map((window) => (
        <p key={window.id} className="advice quiet-note">
          <StateMark state={window.kind} size={18} />
          <span>
            {text(window)} <Link to="/suppressions">{t('suppressions.toList')}</Link>
          </span>
        </p>
      ))}
      <StartSuppression
        agencyId={agencyId}
        choices={[{ scope: { kind: 'device', deviceId }, label: t('suppressions.scope.device', { device: deviceId }) }]}
      />
    </section>
  );
}

/** From an alarm: its rule on its point alone, its point, its site, or its rule everywhere. */
export function alarmScopes(alarm: AlarmWire, t: ReturnType<typeof useLanguage>['t']): readonly ScopeChoice[] {
  const { ruleId, pointId, point } = alarm;
  return [
    ...(alarm.area === undefined && alarm.carrier === undefined
      ? [{ scope: { kind: 'rule_on_point', ruleId, pointId }, label: t('suppressions.scope.ruleOnPoint') } as const]
      : []),
    { scope: { kind: 'point', pointId }, label: t('suppressions.scope.point') },
    ...(point ? [{ scope: { kind: 'site', siteId: point.siteId }, label: t('suppressions.scope.site') } as const] : []),
    ...(alarm.carrier?.kind === 'device'
      ? [
          {
            scope: { kind: 'device', deviceId: alarm.carrier.id },
            label: t('suppressions.scope.device', { device: alarm.carrier.id }),
          } as const,
        ]
      : []),
    { scope: { kind: 'rule', ruleId }, label: t('suppressions.scope.rule') },
  ];
}

function StartSuppression({ agencyId, choices }: { agencyId: AgencyId; choices: readonly ScopeChoice[] }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const [opening, setOpening] = useState(false);
  if (!holdsIn(session, 'alarms.work', agencyId)) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpening(true)}>
        {t('suppressions.add')}
      </Button>
      {opening ? <SuppressionDialog choices={choices} onClose={() => setOpening(false)} /> : null}
    </>
  );
}
