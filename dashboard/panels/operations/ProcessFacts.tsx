import type { PlatformProcessWire } from '../../../api/contract/operations.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatBytes, formatDuration, formatNumber } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

const FACTS = ['uptime', 'version', 'cpu', 'memory', 'eventLoop', 'disk'] as const;
type Facts = Readonly<Record<(typeof FACTS)[number], string>>;

/** What each process of the platform takes of its machine, and what is left of that; and which does not answer. */
export function ProcessFacts({ processes, at }: { processes: readonly PlatformProcessWire[]; at: number }) {
  const { t, language } = useLanguage();
  const factsOf = (load: NonNullable<PlatformProcessWire['load']>): Facts => ({
    uptime: formatDuration(at - load.startedAt, language),
    version: load.version,
    cpu: load.cpuShare === null ? '—' : t('operations.cpuValue', { value: formatNumber(load.cpuShare, 2, language) }),
    memory: formatBytes(load.residentBytes, language),
    eventLoop: t('operations.eventLoopValue', { value: formatNumber(load.eventLoopMs, 1, language) }),
    disk: t('operations.diskValue', {
      free: formatBytes(load.diskFreeBytes, language),
      total: formatBytes(load.diskTotalBytes, language),
    }),
  });
  const [only] = processes;
  if (processes.length === 1 && only?.load) {
    const facts = factsOf(only.load);
    return (
      <section>
        <h2>{t('operations.machine')}</h2>
        <dl className="machine-facts">
          {FACTS.map((key) => (
            <div key={key}>
              <dt className="secondary">{t(`operations.${key}`)}</dt>
              <dd>{facts[key]}</dd>
            </div>
          ))}
        </dl>
      </section>
    );
  }
  return (
    <section className="processes">
      <h2>{t('operations.processes')}</h2>
      <div className="processes-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('operations.process')}</th>
              <th scope="col">{t('operations.roles')}</th>
              {FACTS.map((key) => (
                <th key={key} scope="col">
                  {t(`operations.${key}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {processes.map(({ id, name, load }) => (
              <ProcessRow key={id} name={name} roles={load?.roles ?? null} facts={load && factsOf(load)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ProcessRow({
  name,
  roles,
  facts,
}: {
  name: string;
  roles: NonNullable<PlatformProcessWire['load']>['roles'];
  /** `null`: it does not answer. */
  facts: Facts | null;
}) {
  const { t } = useLanguage();
  return (
    <tr>
      <th scope="row">{name}</th>
      {facts === null ? (
        <td colSpan={FACTS.length + 1} className="process-away">
          <StateMark state="unknown" size={16} /> {t('operations.processAway')}
        </td>
      ) : (
        <>
          <td className="process-roles">
            {roles === null ? t('operations.role.all') : roles.map((role) => t(`operations.role.${role}`)).join(', ')}
          </td>
          {FACTS.map((key) => (
            <td key={key}>{facts[key]}</td>
          ))}
        </>
      )}
    </tr>
  );
}
