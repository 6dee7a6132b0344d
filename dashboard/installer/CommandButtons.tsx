import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CommandId } from '../../domain/device-control.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { call } from '../client/http.ts';
import { deviceCommandsQuery } from '../client/queries.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';

const BLINK_SECONDS = 20;

/** The two commands that help on a ladder: which box is it, and say something now. */
export function CommandButtons({ deviceId }: { deviceId: DeviceId }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [given, setGiven] = useState<CommandId | null>(null);
  const commands = useQuery({ ...deviceCommandsQuery(deviceId), enabled: given !== null });
  const shown = commands.data?.items.find(({ id }) => id === given);

  async function give(name: 'identify' | 'report_now'): Promise<void> {
    try {
      const command = await call('POST /devices/{deviceId}/commands', {
        params: { deviceId },
        body: { name, ...(name === 'identify' ? { params: { seconds: BLINK_SECONDS } } : {}) },
      });
      setGiven(command.id);
      void queries.invalidateQueries({ queryKey: deviceCommandsQuery(deviceId).queryKey });
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    }
  }
  return (
    <div className="field-commands">
      <Button size="lg" variant="default" onClick={() => void give('identify')}>
        {t('command.identify')}
      </Button>
      <Button size="lg" variant="default" onClick={() => void give('report_now')}>
        {t('command.report_now')}
      </Button>
      <p className="secondary" role="status">
        {shown ? `${t(`command.${shown.name as 'identify'}`)}: ${t(`commandState.${shown.state}`)}` : ''}
      </p>
    </div>
  );
}
