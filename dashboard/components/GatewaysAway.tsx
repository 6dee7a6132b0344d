import { Alert } from '@mantine/core';
import type { GatewayName } from '../../domain/ports/quarantine.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** That something is missing from what is shown, and with whom it is: nothing while every gateway answers. */
export function GatewaysAway({
  away,
  text,
}: {
  away: readonly Pick<GatewayName, 'name'>[] | undefined;
  text: 'quarantine.away' | 'tail.away';
}) {
  const { t } = useLanguage();
  if (!away || away.length === 0) return null;
  return (
    <Alert color="orange" role="status">
      {t(text, { gateways: away.map(({ name }) => name).join(', ') })}
    </Alert>
  );
}
