import { Checkbox, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { DeviceWire } from '../../api/contract/assets.ts';
import type { ClaimWindowWire } from '../../api/contract/device-life.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { useServerNow } from '../client/platform.tsx';
import { claimWindowsQuery, devicesQuery, importRowsQuery, importsQuery, modelsQuery } from '../client/queries.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { PrintLabels } from '../panels/labels/PrintLabels.tsx';
import { formatCount, formatDate, formatDateTime } from '../state/formatting.ts';
import { LABEL_SOURCES, labelState } from '../state/label-printing.ts';
import { modelTitle } from '../state/model-draft.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { AssetTabs } from './AssetTabs.tsx';

/** Which devices get labels, and how these are printed. */
export function LabelsPage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/labels' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const devices = useQuery(devicesQuery);
  const models = useQuery(modelsQuery);
  const windows = useQuery(claimWindowsQuery);
  const imports = useQuery(importsQuery);
  const source = search.from ?? 'stock';
  const rows = useQuery({
    ...importRowsQuery(search.import ?? ''),
    enabled: source === 'import' && search.import !== undefined,
  });
  const [selected, setSelected] = useState<ReadonlySet<DeviceId>>(new Set());
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/labels', search: (before) => ({ ...before, ...next }) as never, replace: true });
  const modelOf = useMemo(() => new Map((models.data?.items ?? []).map((model) => [model.id, model])), [models.data]);
  const windowOf = useMemo(
    () => new Map<DeviceId, ClaimWindowWire>((windows.data ?? []).map((window) => [window.deviceId, window])),
    [windows.data],
  );
  const imported = useMemo(
    () => new Set((rows.data ?? []).flatMap((row) => (row.kind === 'create' ? [row.device.id] : []))),
    [rows.data],
  );
  const shown = useMemo(() => {
    const wanted = foldText((search.text ?? '').trim());
    return (devices.data ?? []).filter((device) => {
      if (source === 'stock' && device.state !== 'in_stock') return false;
      if (source === 'import' && !imported.has(device.id)) return false;
      const model = modelOf.get(device.modelId);
      const words = [device.id, device.serialNumber ?? '', model ? `${modelTitle(model, language)} ${model.name}` : ''];
      return matchRank(foldText(words.join(' ')), wanted) !== null;
    });
  }, [devices.data, search.text, modelOf, language, source, imported]);
  // Whoever comes from an import wants its labels.
  useEffect(() => {
    if (imported.size > 0) setSelected(imported);
  }, [imported]);

  const toggle = (id: DeviceId): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
  };
  const chosen = useMemo(() => (devices.data ?? []).filter(({ id }) => selected.has(id)), [devices.data, selected]);
  const areAll = shown.length > 0 && shown.every(({ id }) => selected.has(id));

  const columns: readonly GridColumn<DeviceWire>[] = [
    {
      key: 'chosen',
      header: '',
      headerLabel: t('labels.selectAll'),
      width: '28px',
      cell: ({ id }) => (
        <Checkbox size="xs" tabIndex={-1} aria-label={id} checked={selected.has(id)} readOnly className="row-check" />
      ),
    },
    { key: 'id', header: t('device.id'), width: 'minmax(120px, 1.2fr)', cell: ({ id }) => id },
    {
      key: 'model',
      header: t('device.model'),
      width: 'minmax(120px, 1.4fr)',
      wideOnly: true,
      cell: ({ modelId }) => {
        const model = modelOf.get(modelId);
        return model ? modelTitle(model, language) : modelId;
      },
    },
    {
      key: 'state',
      header: t('device.state'),
      width: '112px',
      wideOnly: true,
      cell: ({ state }) => t(`deviceState.${state}`),
    },
    {
      key: 'label',
      header: t('labels.label'),
      width: 'minmax(150px, 2fr)',
      cell: ({ id }) => <LabelNote window={windowOf.get(id)} />,
    },
  ];
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
      </header>
      <div className="page-tools">
        <SegmentedControl
          aria-label={t('labels.source')}
          data={[
            { value: 'stock', label: t('labels.stock') },
            { value: 'import', label: t('labels.fromImport') },
            { value: 'all', label: t('labels.everything') },
          ]}
          value={source}
          onChange={(value) => change({ from: LABEL_SOURCES.find((each) => each === value) })}
        />
        {source === 'import' ? (
          <Select
            aria-label={t('labels.import')}
            placeholder={t('labels.chooseImport')}
            data={(imports.data?.items ?? [])
              .filter(({ state }) => state === 'applied')
              .map((each) => ({
                value: each.id,
                label: `${each.fileName} · ${formatDateTime(each.createdAt, language)}`,
              }))}
            value={search.import ?? null}
            onChange={(id) => change({ import: id ?? undefined })}
          />
        ) : null}
        <SearchField
          value={search.text ?? ''}
          label={t('assets.searchDevices')}
          onChange={(text) => change({ text: text || undefined })}
        />
        <button
          type="button"
          className="text-button"
          disabled={shown.length === 0}
          onClick={() => {
            const next = new Set(selected);
            for (const { id } of shown)
              if (areAll) next.delete(id);
              else next.add(id);
            setSelected(next);
          }}
        >
          {t(areAll ? 'labels.selectNone' : 'labels.selectAll')}
        </button>
        <span className="secondary small" role="status">
          {selected.size === 0
            ? t('labels.noneSelected')
            : t('labels.selected', { count: selected.size, shown: formatCount(selected.size, language) })}
        </span>
      </div>
      <div className="page-split labels-split">
        <div className="page-list">
          {devices.isPending || windows.isPending ? (
            <ListLoading what={t('loading.devices')} rows={14} />
          ) : devices.error || windows.error ? (
            <Failure error={devices.error ?? windows.error} retry={() => void devices.refetch()} />
          ) : shown.length === 0 ? (
            <Empty title={t('labels.noDevices')} hint={t('labels.noDevicesHint')} />
          ) : (
            <VirtualGrid
              label={t('labels.source')}
              items={shown}
              columns={columns}
              keyOf={({ id }) => id}
              rowHeight={34}
              phoneRowHeight={48}
              withHeader={!isPhone}
              onOpen={({ id }) => toggle(id)}
              onKey={(key, device) => {
                if (key !== ' ' || !device) return false;
                toggle(device.id);
                return true;
              }}
            />
          )}
        </div>
        <PrintLabels
          devices={chosen}
          modelOf={modelOf}
          windowOf={windowOf}
          onPrinted={(ids) => {
            const printed = new Set(ids);
            setSelected(new Set([...selected].filter((id) => !printed.has(id))));
          }}
        />
      </div>
    </div>
  );
}

/** What was printed for a device, and whether it still works. */
function LabelNote({ window }: { window: ClaimWindowWire | undefined }) {
  const { t, language } = useLanguage();
  const now = useServerNow();
  const state = labelState(window, now);
  if (!window || state === 'never') return <span className="secondary">{t('labels.never')}</span>;
  return (
    <span className={state === 'open' || state === 'early' ? undefined : 'secondary'}>
      {t(`labels.${state}`, {
        printed: formatDate(window.madeAt, language),
        until: formatDate(window.closesAt, language),
        from: formatDate(window.opensAt, language),
        used: formatDateTime(window.usedAt ?? 0, language),
      })}
    </span>
  );
}
