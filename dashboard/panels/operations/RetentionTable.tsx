import type { OperationsWire } from '../../../api/contract/operations.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDate, formatDateTime } from '../../state/formatting.ts';

const KNOWN = ['environment', 'supply', 'traffic', 'hardware', 'computed'] as const;
type Known = (typeof KNOWN)[number];

/** Since when readings and what they come to are kept, by class of quantities, and how much was deleted. */
export function RetentionTable({ retention }: { retention: OperationsWire['retention'] }) {
  const { t, language } = useLanguage();
  const since = (instant: number | null): string =>
    instant === null ? t('operations.retention.forever') : formatDate(instant, language);
  return (
    <section className="retention">
      <h2>{t('operations.retention.title')}</h2>
      <p className={retention.failing ? 'form-problem' : 'secondary'}>
        {retention.failing
          ? t('operations.retention.failing')
          : retention.finishedAt === null
            ? t('operations.retention.never')
            : t('operations.retention.finished', { when: formatDateTime(retention.finishedAt, language) })}
      </p>
      <table>
        <thead>
          <tr>
            {(['class', 'raw', 'hourly', 'daily', 'deleted'] as const).map((heading) => (
              <th key={heading} scope="col">
                {t(`operations.retention.${heading}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {retention.classes.map(({ key, rawSince, hourlySince, dailySince, deletedReadings, deletedRollups }) => (
            <tr key={key}>
              <th scope="row">{KNOWN.includes(key as Known) ? t(`operations.retention.of.${key as Known}`) : key}</th>
              <td data-heading={t('operations.retention.raw')}>{since(rawSince)}</td>
              <td data-heading={t('operations.retention.hourly')}>{since(hourlySince)}</td>
              <td data-heading={t('operations.retention.daily')}>{since(dailySince)}</td>
              <td data-heading={t('operations.retention.deleted')}>
                {deletedReadings + deletedRollups === 0
                  ? '—'
                  : t('operations.retention.deletedValue', {
                      readings: formatCount(deletedReadings, language),
                      rollups: formatCount(deletedRollups, language),
                    })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
