import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { DeviceWire } from '../../api/contract/assets.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { useLive, usePlatform, useServerNow } from '../client/platform.tsx';
import { devicesQuery, modelsQuery } from '../client/queries.ts';
import { holdsAnywhere } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { DevicePanel } from '../panels/DevicePanel.tsx';
import { NewDevice } from '../panels/NewDevice.tsx';
import { formatAge, formatCount } from '../state/formatting.ts';
import { modelTitle } from '../state/model-draft.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { AssetTabs } from './AssetTabs.tsx';

/** The hardware: what is registered, whether it is connected, what it serves. */
export function DevicesPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const search = useSearch({ from: '/shell/devices' });
  const navigate = useNavigate();
  const city = useCity();
  const isPhone = useIsPhone();
  const devices = useQuery(devicesQuery);
  const models = useQuery(modelsQuery);
  const [adding, setAdding] = useState(false);
  const change = (next: Record<string, string | undefined>, replace = true) =>
    void navigate({ to: '/devices', search: (before) => ({ ...before, ...next }) as never, replace });

  const modelName = useMemo(
    () => new Map((models.data?.items ?? []).map((model) => [model.id, modelTitle(model, language)])),
    [models.data, language],
  );
  const serving = useMemo(
    () => new Map(city.points.flatMap((point) => point.devices.map((device) => [device.id, point] as const))),
    [city.points],
  );
  const shown = useMemo(() => {
    const wanted = foldText((search.text ?? '').trim());
    return (devices.data ?? []).filter((device) => {
      const words = [
        device.id,
        device.serialNumber ?? '',
        modelName.get(device.modelId) ?? '',
        serving.get(device.id)?.name[language] ?? '',
      ];
      return matchRank(foldText(words.join(' ')), wanted) !== null;
    });
  }, [devices.data, search.text, modelName, serving, language]);

  const columns: readonly GridColumn<DeviceWire>[] = [
    { key: 'id', header: t('device.id'), width: 'minmax(130px, 1.2fr)', cell: (device) => device.id },
    {
      key: 'point',
      header: t('device.serves'),
      width: 'minmax(140px, 2fr)',
      wideOnly: true,
      cell: (device) =>
        serving.get(device.id)?.name[language] ?? <span className="secondary">{t('device.servesNothing')}</span>,
    },
    {
      key: 'model',
      header: t('device.model'),
      width: 'minmax(120px, 1.4fr)',
      wideOnly: true,
      cell: (device) => modelName.get(device.modelId) ?? device.modelId,
    },
    {
      key: 'state',
      header: t('device.state'),
      width: '132px',
      wideOnly: true,
      cell: (device) => t(`deviceState.${device.state}`),
    },
    {
      key: 'connection',
      header: t('device.connection'),
      width: 'minmax(196px, 1.2fr)',
      numeric: true,
      cell: (device) => <Connection device={device.id} />,
    },
  ];
  const selected = (search.device as DeviceId | undefined) ?? null;
  // Beside an open panel only what tells devices apart.
  const shownColumns = selected === null ? columns : columns.filter(({ key }) => key !== 'state' && key !== 'model');
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
        <span className="grow" />
        {holdsAnywhere(session, 'assets.write') ? (
          <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('device.add')}
          </Button>
        ) : null}
      </header>
      <div className="page-tools">
        <SearchField
          value={search.text ?? ''}
          label={t('assets.searchDevices')}
          onChange={(text) => change({ text: text || undefined })}
        />
        <span className="secondary small" role="status">
          {t('assets.deviceCount', { count: shown.length, shown: formatCount(shown.length, language) })}
        </span>
      </div>
      <div className="page-split">
        <div className="page-list">
          {devices.isPending ? (
            <ListLoading what={t('loading.devices')} rows={14} />
          ) : devices.error ? (
            <Failure error={devices.error} retry={() => void devices.refetch()} />
          ) : shown.length === 0 ? (
            <Empty
              title={t('assets.noDevices')}
              hint={devices.data.length === 0 ? t('assets.noDevicesHint') : t('alarms.emptyFilterHint')}
            />
          ) : (
            <VirtualGrid
              label={t('assets.devices')}
              items={shown}
              columns={shownColumns}
              keyOf={(device) => device.id}
              rowHeight={34}
              phoneRowHeight={48}
              selectedKey={selected}
              withHeader={!isPhone}
              onOpen={(device) => change({ device: device.id }, false)}
            />
          )}
        </div>
        {selected !== null ? (
          <SidePanel label={t('device.panel')} onClose={() => change({ device: undefined }, false)}>
            <DevicePanel key={selected} deviceId={selected} onClose={() => change({ device: undefined }, false)} />
          </SidePanel>
        ) : null}
      </div>
      {adding ? (
        <NewDevice
          models={models.data?.items ?? []}
          onClose={(created) => {
            setAdding(false);
            if (created) change({ device: created }, false);
          }}
        />
      ) : null}
    </div>
  );
}

/** Connected or not, and since when, by word. */
function Connection({ device }: { device: DeviceId }) {
  const { t, language } = useLanguage();
  const connection = useLive((state) => state.table.devices.get(device));
  const now = useServerNow();
  if (!connection) return <span className="secondary">{t('device.neverConnected')}</span>;
  return (
    <span className="live-value">
      {t(connection.online ? 'device.online' : 'device.offline')}
      <span className="secondary small"> · {formatAge(now - connection.since, language)}</span>
    </span>
  );
}
