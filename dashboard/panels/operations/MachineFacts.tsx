import type { OperationsWire } from '../../../api/contract/operations.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatBytes, formatDuration, formatNumber } from '../../state/formatting.ts';

/** What the platform takes of its machine, and what is left of it. */
export function MachineFacts({ operations: { at, startedAt, version, machine } }: { operations: OperationsWire }) {
  const { t, language } = useLanguage();
  const facts = [
    { key: 'uptime', value: formatDuration(at - startedAt, language) },
    { key: 'version', value: version },
    {
      key: 'cpu',
      value:
        machine.cpuShare === null
          ? '—'
          : t('operations.cpuValue', { value: formatNumber(machine.cpuShare, 2, language) }),
    },
    { key: 'memory', value: formatBytes(machine.residentBytes, language) },
    {
      key: 'eventLoop',
      value: t('operations.eventLoopValue', { value: formatNumber(machine.eventLoopMs, 1, language) }),
    },
    {
      key: 'disk',
      value: t('operations.diskValue', {
        free: formatBytes(machine.diskFreeBytes, language),
        total: formatBytes(machine.diskTotalBytes, language),
      }),
    },
  ] as const;
  return (
    <section>
      <h2>{t('operations.machine')}</h2>
      <dl className="machine-facts">
        {facts.map(({ key, value }) => (
          <div key={key}>
            <dt className="secondary">{t(`operations.${key}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
