import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeviceId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { GatewaysAway } from '../../components/GatewaysAway.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';

const SHOWN = 20;
const heldQuery = (device: DeviceId) =>
  queryOptions({
    queryKey: ['quarantine', 'of-device', device],
    queryFn: ({ signal }) => call('GET /quarantine', { query: { device, state: 'held', limit: SHOWN }, signal }),
    refetchInterval: 15_000,
  });

/** What of the device is held back, why, and the way back in. */
export function DeviceQuarantine({ deviceId }: { deviceId: DeviceId }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const held = useQuery(heldQuery(deviceId));
  const [busy, setBusy] = useState(false);
  const items = held.data?.items ?? [];

  async function replay(): Promise<void> {
    setBusy(true);
    try {
      const answer = await call('POST /quarantine/replay', { body: { ids: items.map(({ id }) => id) } });
      const accepted = answer.items.reduce((sum, item) => sum + item.accepted, 0);
      notifications.show({
        title: t('quarantine.replayed'),
        message: t('quarantine.replayedText', {
          count: accepted,
          accepted: formatCount(accepted, language),
          remaining: formatCount(answer.items.filter(({ problems }) => problems.length > 0).length, language),
        }),
      });
      await queries.invalidateQueries({ queryKey: ['quarantine'] });
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setBusy(false);
    }
  }
  return (
    <section>
      <h2 className="section-title">{t('assets.quarantine')}</h2>
      <GatewaysAway away={held.data?.away} text="quarantine.away" />
      {held.data && items.length === 0 ? <p className="secondary section-empty">{t('device.nothingHeld')}</p> : null}
      <ul>
        {items.map((message) => (
          <li key={message.id} className="ended-row">
            <span className="truncate">
              {[...new Set(message.problems.map(({ code }) => t(`quarantineCode.${code}`)))].join(', ')}
            </span>
            <span className="secondary small">{formatDateTime(message.arrivalTime, language, true)}</span>
          </li>
        ))}
      </ul>
      {items.length > 0 ? (
        <div className="actions">
          <Button variant="default" loading={busy} onClick={() => void replay()}>
            {t('quarantine.replayAll', { count: items.length, shown: formatCount(items.length, language) })}
          </Button>
          <Link to="/quarantine" search={{ device: deviceId }} className="text-button">
            {t('device.allHeld')}
          </Link>
        </div>
      ) : null}
    </section>
  );
}
