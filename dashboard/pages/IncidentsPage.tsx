import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { IncidentWire } from '../../api/contract/incidents.ts';
import type { IncidentId } from '../../domain/incident.ts';
import { type IncidentUndo, incidentsQuery, useIncidentActions } from '../client/incidents.ts';
import { useServerNow } from '../client/platform.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { IncidentPanel } from '../panels/incident/IncidentPanel.tsx';
import { useIncidentText } from '../panels/incident/incident-text.ts';
import { formatAge, formatCount, formatDateTime } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import '../styles/incidents.css';

/** Alarms with one cause, each such cause one row. */
export function IncidentsPage() {
  const { t } = useLanguage();
  const search = useSearch({ from: '/shell/incidents' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const [undo, setUndo] = useState<IncidentUndo | null>(null);
  const actions = useIncidentActions(setUndo);
  const list = search.list ?? 'open';
  const incidents = useQuery(incidentsQuery(list === 'open'));
  const selected = (search.incident as IncidentId | undefined) ?? null;
  const select = (incident: IncidentId | null) =>
    void navigate({ to: '/incidents', search: (before) => ({ ...before, incident: incident ?? undefined }) as never });
  const columns = useColumns(selected !== null);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('incidents.title')}</h1>
        <nav className="tabs" aria-label={t('incidents.lists')}>
          {(['open', 'over'] as const).map((each) => (
            <Link
              key={each}
              to="/incidents"
              search={{ list: each === 'open' ? undefined : each } as never}
              className="tab"
              // By itself the router takes a list without a word in the address for the one that is open, whatever word stands there.
              activeOptions={{ exact: true }}
              aria-current={each === list ? 'page' : undefined}
            >
              {t(`incidents.list.${each}`)}
            </Link>
          ))}
          <Link to="/alarms" className="tab">
            {t('alarms.title')}
          </Link>
        </nav>
      </header>
      <div role="status">
        {undo === null ? null : (
          <p className="incident-undo">
            {t(`incidents.done.${undo.done}`)}
            <Button size="xs" variant="default" loading={actions.busy} onClick={() => void actions.undo(undo)}>
              {t('incidents.undo')}
            </Button>
          </p>
        )}
      </div>
      <div className="page-split">
        <div className="page-list">
          {incidents.isPending ? (
            <ListLoading what={t('loading.incidents')} />
          ) : incidents.error ? (
            <Failure error={incidents.error} retry={() => void incidents.refetch()} />
          ) : incidents.data.length === 0 ? (
            <Empty title={t(`incidents.empty.${list}`)} hint={t(`incidents.emptyHint.${list}`)} />
          ) : (
            <VirtualGrid
              label={t(`incidents.list.${list}`)}
              items={incidents.data}
              columns={columns}
              keyOf={({ id }) => id}
              rowHeight={52}
              phoneRowHeight={84}
              selectedKey={selected}
              withHeader={!isPhone}
              onOpen={({ id }) => select(id)}
              onKey={(key) => {
                if (key !== 'Escape') return false;
                select(null);
                return true;
              }}
              rowClass={({ unacknowledged, endedAt }) =>
                unacknowledged > 0 && endedAt === null ? 'unacknowledged' : undefined
              }
            />
          )}
        </div>
        {selected !== null ? (
          <SidePanel label={t('incidents.panel')} onClose={() => select(null)}>
            <IncidentPanel
              key={selected}
              incidentId={selected}
              actions={actions}
              onClose={() => select(null)}
              onOpen={select}
            />
          </SidePanel>
        ) : null}
      </div>
    </div>
  );
}

function useColumns(besidePanel: boolean): readonly GridColumn<IncidentWire>[] {
  const { t, language } = useLanguage();
  const isPhone = useIsPhone();
  const { titleOf } = useIncidentText();
  const now = useServerNow();
  const what = ({ alarms, devices, active, endedAt }: IncidentWire): string =>
    [
      t('incidents.alarms', { count: alarms, shown: formatCount(alarms, language) }),
      ...(devices > 0 ? [t('incidents.devices', { count: devices, shown: formatCount(devices, language) })] : []),
      ...(endedAt === null ? [t('incidents.active', { count: active, shown: formatCount(active, language) })] : []),
    ].join(' · ');
  const when = ({ startedAt, endedAt }: IncidentWire) => (
    <time dateTime={new Date(startedAt).toISOString()} title={formatDateTime(startedAt, language, true)}>
      {endedAt === null ? formatAge(now - startedAt, language) : formatDateTime(startedAt, language)}
    </time>
  );
  const main: GridColumn<IncidentWire> = {
    key: 'incident',
    header: t('incidents.column.incident'),
    width: 'minmax(0, 1fr)',
    cell: (incident) => (
      <span className="view-row">
        <StateMark state={incident.endedAt === null ? incident.severity : 'normal'} size={22} />
        <span className="two-lines">
          <span className="truncate" title={titleOf(incident)}>
            {titleOf(incident)}
          </span>
          <span className="small secondary truncate">
            {incident.endedAt === null ? `${t(`severity.${incident.severity}`)} · ` : ''}
            {what(incident)}
          </span>
          {isPhone ? <span className="small secondary truncate">{when(incident)}</span> : null}
        </span>
      </span>
    ),
  };
  if (isPhone) return [main];
  const waiting: GridColumn<IncidentWire> = {
    key: 'work',
    header: t('incidents.column.work'),
    width: '160px',
    cell: ({ unacknowledged, endedAt }) =>
      endedAt !== null || unacknowledged === 0
        ? t('incidents.allAcknowledged')
        : t('incidents.unacknowledged', { count: unacknowledged, shown: formatCount(unacknowledged, language) }),
  };
  const since: GridColumn<IncidentWire> = {
    key: 'since',
    header: t('alarms.column.began'),
    width: '136px',
    numeric: true,
    cell: when,
  };
  return besidePanel ? [main, since] : [main, waiting, since];
}
