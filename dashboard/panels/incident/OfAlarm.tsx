import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AlarmId } from '../../../domain/identifiers.ts';
import { incidentOfAlarmQuery } from '../../client/incidents.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useIncidentText } from './incident-text.ts';

/** From an alarm to the incident it is part of; nothing when it is in none. */
export function IncidentOfAlarm({ alarmId }: { alarmId: AlarmId }) {
  const { t } = useLanguage();
  const { titleOf } = useIncidentText();
  const incident = useQuery(incidentOfAlarmQuery(alarmId)).data;
  if (!incident) return null;
  return (
    <p className="advice">
      {t('incidents.partOf')}{' '}
      <Link to="/incidents" search={{ incident: incident.id }}>
        {titleOf(incident)}
      </Link>{' '}
      <span className="secondary">· {t('incidents.members', { count: incident.members })}</span>
    </p>
  );
}
