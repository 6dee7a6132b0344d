import { useQuery } from '@tanstack/react-query';
import type { ActivityWire } from '../../../api/contract/assets.ts';
import { DEVICE_STATES } from '../../../domain/asset.ts';
import type { DeviceId, PointId } from '../../../domain/identifiers.ts';
import { colleaguesQuery, deviceActivitiesQuery } from '../../client/queries.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Everything that was done with the device: what, when, by whom, and why. */
export function DeviceActivities({ deviceId }: { deviceId: DeviceId }) {
  const { t, language } = useLanguage();
  const activities = useQuery(deviceActivitiesQuery(deviceId));
  const colleagues = useQuery(colleaguesQuery);
  const { pointById } = useWholeCity();
  const nameOf = (by: ActivityWire['by']) =>
    by === null ? t('activity.bySystem') : (colleagues.data?.items.find(({ id }) => id === by)?.displayName ?? by);
  const textOf = ({ kind, text }: ActivityWire): string => {
    const params = text.params ?? {};
    const state = (value: unknown) => DEVICE_STATES.find((each) => each === value);
    const to = state(params['to']);
    if (kind === 'state_changed' && to) return t('activity.state_changed', { state: t(`deviceState.${to}`) });
    const point = params['point'];
    if (kind === 'assigned' || kind === 'unassigned')
      return t(`activity.${kind}`, { point: pointById.get(String(point) as PointId)?.name[language] ?? String(point) });
    if (kind === 'swapped') return t('activity.swapped', { old: String(params['old']), new: String(params['new']) });
    return t(`activity.${kind as 'note'}`);
  };
  return (
    <section>
      <h2 className="section-title">{t('device.activities')}</h2>
      <ul className="history">
        {(activities.data?.items ?? []).map((activity, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: append-only, newest first; one instant may hold several
          <li key={i}>
            <p>{textOf(activity)}</p>
            {activity.reason ? <p className="history-note">{activity.reason}</p> : null}
            <p className="secondary small">
              {formatDateTime(activity.eventTime, language)} · {nameOf(activity.by)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
