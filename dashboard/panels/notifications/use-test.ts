import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TestOutcomeWire } from '../../../api/contract/notifications.ts';
import type { RouteBodyInput } from '../../../api/contract/routes.ts';
import { call } from '../../client/http.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';

/** Sends a test and says what came of it, in the other side's own words. */
export function useTest() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [testing, setTesting] = useState<string | null>(null);
  const run = async (key: string, send: () => Promise<TestOutcomeWire>): Promise<void> => {
    setTesting(key);
    try {
      const { outcome, answer } = await send();
      notifications.show({
        title: t(`notifications.outcome.${outcome}`),
        message: answer,
        color: outcome === 'accepted' ? 'blue' : 'red',
        autoClose: 12_000,
      });
    } catch (error) {
      notifications.show({ message: problemText(error), color: 'red' });
    }
    setTesting(null);
    await queries.invalidateQueries({ queryKey: ['notifications'] });
  };
  return {
    testing,
    test: (key: string, body: RouteBodyInput<'POST /notifications/mine/test'>) =>
      run(key, () => call('POST /notifications/mine/test', { body })),
    testWebhook: (webhookId: string) =>
      run(webhookId, () => call('POST /webhooks/{webhookId}/test', { params: { webhookId } })),
  };
}
