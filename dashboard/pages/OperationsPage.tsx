import { useQuery } from '@tanstack/react-query';
import type { PathStageWire, PlatformProcessWire } from '../../api/contract/operations.ts';
import { operationsQuery } from '../client/operations.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { LossTable } from '../panels/operations/LossTable.tsx';
import { ProcessFacts } from '../panels/operations/ProcessFacts.tsx';
import { RetentionTable } from '../panels/operations/RetentionTable.tsx';
import { MARK, StageCard } from '../panels/operations/StageCard.tsx';
import { StateMark } from '../symbols/Symbols.tsx';
import '../styles/operations.css';

const WORST = ['stuck', 'attention'] as const;

/** The way of a reading through the platform: the pace of each stage, and where it is stuck. */
export function OperationsPage() {
  const { t } = useLanguage();
  const { data, error, isPending, refetch } = useQuery(operationsQuery);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('operations.title')}</h1>
      </header>
      <div className="page-scroll operations">
        {isPending ? (
          <ListLoading what={t('operations.loading')} />
        ) : data === undefined ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : (
          <>
            <Verdict stages={data.stages} processes={data.processes} />
            <section>
              <h2>{t('operations.path')}</h2>
              <ol className="reading-path">
                {data.stages.map((stage) => (
                  <li key={stage.stage} className={`stage-${stage.stage}`}>
                    <StageCard stage={stage} {...(stage.stage === 'journal' ? { used: data.journal } : {})} />
                  </li>
                ))}
              </ol>
            </section>
            <ProcessFacts processes={data.processes} at={data.at} />
            <RetentionTable retention={data.retention} />
            <LossTable losses={data.losses} />
          </>
        )}
      </div>
    </div>
  );
}

/** The whole in one sentence. */
function Verdict({
  stages,
  processes,
}: {
  stages: readonly PathStageWire[];
  processes: readonly PlatformProcessWire[];
}) {
  const { t } = useLanguage();
  const worst = WORST.find((state) => stages.some((stage) => stage.state === state));
  const count = stages.filter((stage) => stage.state === worst).length;
  const away = processes.filter(({ load }) => load === null).map(({ name }) => name);
  const state = worst ?? (away.length > 0 ? 'attention' : 'ok');
  return (
    <p className="path-verdict" data-state={state} role="status">
      <StateMark state={MARK[state]} size={18} />
      <span>
        {worst === undefined ? t('operations.flows') : t(`operations.${worst}`, { count })}
        {away.length === 0 ? null : ` ${t('operations.away', { count: away.length, names: away.join(', ') })}`}
      </span>
    </p>
  );
}
