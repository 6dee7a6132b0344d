import { useQuery } from '@tanstack/react-query';
import type { IncidentNodeWire } from '../../../api/contract/incidents.ts';
import type { SiteId } from '../../../domain/identifiers.ts';
import type { IncidentId } from '../../../domain/incident.ts';
import { incidentNetworkQuery } from '../../client/incidents.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

/** Children of one site that are all sound, or that there are very many of, are folded. */
const UNFOLDED = 12;
const MARK = { lost: 'critical', limit: 'minor', sound: 'normal', unknown: 'unknown' } as const;

/** What hangs on the cause, as a tree, with what is wrong where. */
export function IncidentNetwork({ incidentId }: { incidentId: IncidentId }) {
  const { t, language } = useLanguage();
  const network = useQuery(incidentNetworkQuery(incidentId));
  if (network.error) return <Failure error={network.error} retry={() => void network.refetch()} />;
  if (network.isPending) return <ListLoading rows={3} what={t('loading.network')} />;
  const { nodes, total } = network.data;
  if (nodes.length === 0) return null;
  const children = Map.groupBy(nodes, ({ parentId }) => parentId);
  return (
    <section>
      <h3 className="section-title">{t('incidents.network')}</h3>
      <ul className="incident-tree">
        {(children.get(null) ?? []).map((node) => (
          <Branch key={node.siteId} node={node} childrenOf={children} />
        ))}
      </ul>
      {total > nodes.length ? (
        <p className="small secondary">
          {t('incidents.moreSites', {
            count: total - nodes.length,
            shown: formatCount(total - nodes.length, language),
          })}
        </p>
      ) : null}
    </section>
  );
}

function Branch({
  node,
  childrenOf,
}: {
  node: IncidentNodeWire;
  childrenOf: ReadonlyMap<SiteId | null, readonly IncidentNodeWire[]>;
}) {
  const { t, language } = useLanguage();
  const below = childrenOf.get(node.siteId) ?? [];
  const wrong = below.filter(({ state }) => state === 'lost' || state === 'limit').length;
  const line = (
    <>
      <StateMark state={MARK[node.state]} size={16} />
      <span className="incident-tree-name">{node.name[language]}</span>
      <span className="small secondary">
        {t(`incidents.siteState.${node.state}`)}
        {below.length > 0 ? ` · ${t('incidents.affectedBelow', { wrong, total: below.length })}` : ''}
      </span>
    </>
  );
  if (below.length === 0) return <li className="incident-tree-line">{line}</li>;
  return (
    <li>
      <details open={below.length <= UNFOLDED || wrong > 0}>
        <summary className="incident-tree-line">{line}</summary>
        <ul className="incident-tree">
          {below.map((child) => (
            <Branch key={child.siteId} node={child} childrenOf={childrenOf} />
          ))}
        </ul>
      </details>
    </li>
  );
}
