import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { StationWire } from '../../api/contract/station-files.ts';
import { stationsQuery } from '../client/station-queries.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { FolderState, ReceiptList } from '../panels/stations/FolderState.tsx';
import { StationEditor } from '../panels/stations/StationEditor.tsx';
import { StationUpload } from '../panels/stations/StationUpload.tsx';
import { formatDateTime } from '../state/formatting.ts';
import { DataTabs } from './DataTabs.tsx';
import '../styles/data-files.css';

/** Files of automatic monitoring stations: what their symbols are, what came, what goes out. */
export function StationsPage() {
  const { t } = useLanguage();
  const [open, setOpen] = useState<StationWire | 'new' | null>(null);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.data')}</h1>
        <DataTabs />
      </header>
      <div className="page-scroll data-page">
        <div className="data-form">
          {open === null ? (
            <StationList onOpen={setOpen} />
          ) : (
            <StationEditor
              key={open === 'new' ? 'new' : `${open.code} ${open.version}`}
              station={open === 'new' ? null : open}
              onDone={() => setOpen(null)}
            />
          )}
        </div>
        <div className="data-list form">
          <StationUpload />
          <FolderState />
          <ReceiptList />
        </div>
      </div>
    </div>
  );
}

function StationList({ onOpen }: { onOpen: (station: StationWire | 'new') => void }) {
  const { t, language } = useLanguage();
  const stations = useQuery(stationsQuery);
  if (stations.isPending) return <ListLoading rows={4} what={t('loading.stations')} />;
  if (stations.error) return <Failure error={stations.error} retry={() => void stations.refetch()} />;
  const add = <Button onClick={() => onOpen('new')}>{t('stations.new')}</Button>;
  if (stations.data.items.length === 0)
    return <Empty title={t('stations.none')} hint={t('stations.noneHint')} action={add} />;
  return (
    <section aria-label={t('stations.registered')}>
      <h2 className="section-title">{t('stations.registered')}</h2>
      <ul className="data-items">
        {stations.data.items.map((station) => (
          <li className="data-item" key={station.code}>
            <div className="data-item-text">
              <strong>{station.code}</strong>
              <span className="secondary small">
                {station.parameters.map(({ symbol }) => symbol).join(', ') || t('stations.noParameters')}
                {station.schedule && station.exportedTo !== null
                  ? ` · ${t('stations.writtenTo', {
                      minutes: String(station.schedule.intervalMinutes),
                      when: formatDateTime(station.exportedTo, language),
                    })}`
                  : ''}
              </span>
            </div>
            <div className="actions">
              <Button
                variant="default"
                onClick={() => onOpen(station)}
                aria-label={t('stations.edit', { code: station.code })}
              >
                {t('stations.change')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <div className="actions">{add}</div>
    </section>
  );
}
