import { Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { holdsIn } from '../../client/session.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';

/** Begins an official warning with what the platform knows of the alarm, and opens it. */
export function DraftWarning({ alarm }: { alarm: AlarmWire }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  if (!holdsIn(session, 'warnings.draft', alarm.agencyId)) return null;

  async function draft(): Promise<void> {
    try {
      const made = await call('POST /warnings/from-alarm', { body: { alarmId: alarm.id } });
      await queries.invalidateQueries({ queryKey: ['warnings'] });
      await navigate({ to: '/official-warnings/$warningId', params: { warningId: made.id } });
    } catch (error) {
      notifications.show({ color: 'red', title: t('warnings.refused'), message: problemText(error) });
    }
  }
  return <Menu.Item onClick={() => void draft()}>{t('warnings.draftFromAlarm')}</Menu.Item>;
}
