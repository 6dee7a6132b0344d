import { Switch } from '@mantine/core';
import { useState } from 'react';
import type { OperationsWire } from '../../../api/contract/operations.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';

/** What was refused, held back or done again, by reason; those that never happened on request. */
export function LossTable({ losses }: { losses: OperationsWire['losses'] }) {
  const { t, language } = useLanguage();
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? losses : losses.filter(({ total }) => total > 0);
  return (
    <section className="losses">
      <header>
        <h2>{t('operations.losses')}</h2>
        <Switch
          label={t('operations.lossesAll')}
          checked={showsAll}
          onChange={(event) => setShowsAll(event.currentTarget.checked)}
        />
      </header>
      {shown.length === 0 ? (
        <p className="secondary">{t('operations.lossesNone')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('operations.counter')}</th>
              <th scope="col">{t('operations.lastHour')}</th>
              <th scope="col">{t('operations.total')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ counter, lastHour, total }) => (
              <tr key={counter}>
                <th scope="row">{t(`operations.loss.${counter}`)}</th>
                <td>{formatCount(lastHour, language)}</td>
                <td>{formatCount(total, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
