import type { AlarmId } from '../../../domain/identifiers.ts';
import { useLive, usePlatform } from '../../client/platform.tsx';

/** Names of the colleagues who have an alarm open, with a count of those beyond; empty: nobody else. */
export function useLookers(alarm: AlarmId): string {
  const { session } = usePlatform();
  const me = session.user.id;
  return useLive(({ lookers }) => {
    const found = lookers.find(({ alarmId }) => alarmId === alarm);
    if (!found) return '';
    const names = found.people.filter(({ id }) => id !== me).map(({ name }) => name);
    return [...names, ...(found.more > 0 ? [`+${found.more}`] : [])].join(', ');
  });
}
