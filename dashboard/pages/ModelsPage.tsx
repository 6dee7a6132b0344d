import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { usePlatform } from '../client/platform.tsx';
import { modelsQuery, modelUsageQuery } from '../client/queries.ts';
import { holdsAnywhere } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormatName } from '../panels/model/format-name.ts';
import { ModelEditor } from '../panels/model/ModelEditor.tsx';
import { formatCount, formatDuration } from '../state/formatting.ts';
import { modelMake, modelTitle } from '../state/model-draft.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { Glyph } from '../symbols/Symbols.tsx';
import { AssetTabs } from './AssetTabs.tsx';
import '../styles/models.css';

/** Kinds of hardware: what each measures, how it speaks, and how many there are. */
export function ModelsPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { agencyName } = useCity();
  const search = useSearch({ from: '/shell/models' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const formatName = useFormatName();
  const models = useQuery(modelsQuery);
  const usage = useQuery(modelUsageQuery);
  const [adding, setAdding] = useState(false);
  const devices = useMemo(
    () => new Map((usage.data?.items ?? []).map((each) => [each.modelId, each.devices])),
    [usage.data],
  );
  const shown = useMemo(() => {
    const wanted = foldText((search.text ?? '').trim());
    return (models.data?.items ?? [])
      .filter((model) => {
        const words = [model.id, model.maker, model.name, modelTitle(model, language)];
        return matchRank(foldText(words.join(' ')), wanted) !== null;
      })
      .sort((a, b) => modelTitle(a, language).localeCompare(modelTitle(b, language), language));
  }, [models.data, search.text, language]);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
        <span className="grow" />
        {holdsAnywhere(session, 'assets.write') ? (
          <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('models.add')}
          </Button>
        ) : null}
      </header>
      <div className="page-tools">
        <SearchField
          value={search.text ?? ''}
          label={t('models.search')}
          onChange={(text) => void navigate({ to: '/models', search: text === '' ? {} : { text }, replace: true })}
        />
        <span className="secondary small" role="status">
          {t('models.count', { count: shown.length, shown: formatCount(shown.length, language) })}
        </span>
      </div>
      <div className="page-list">
        {models.isPending ? (
          <ListLoading what={t('models.loading')} rows={14} />
        ) : models.error ? (
          <Failure error={models.error} retry={() => void models.refetch()} />
        ) : shown.length === 0 ? (
          <Empty
            title={t('models.empty')}
            hint={models.data.items.length === 0 ? t('models.emptyHint') : t('alarms.emptyFilterHint')}
          />
        ) : (
          <VirtualGrid
            label={t('assets.models')}
            items={shown}
            keyOf={(model) => model.id}
            rowHeight={36}
            phoneRowHeight={60}
            selectedKey={null}
            withHeader={!isPhone}
            onOpen={(model) => void navigate({ to: '/models/$modelId', params: { modelId: model.id } })}
            columns={[
              {
                key: 'title',
                header: t('device.model'),
                width: 'minmax(150px, 2fr)',
                cell: (model) => (
                  <span className="severity-cell">
                    <Glyph name={model.domain} size={16} />
                    <span className="two-lines">
                      <span className="truncate">{modelTitle(model, language)}</span>
                      {isPhone ? <span className="small secondary truncate">{modelMake(model)}</span> : null}
                    </span>
                    {model.withdrawn ? <span className="model-mark">{t('models.withdrawn')}</span> : null}
                  </span>
                ),
              },
              {
                key: 'make',
                header: t('models.make'),
                width: 'minmax(150px, 2fr)',
                wideOnly: true,
                cell: (model) => <span className="secondary">{modelMake(model)}</span>,
              },
              {
                key: 'format',
                header: t('models.format'),
                width: 'minmax(120px, 1.2fr)',
                wideOnly: true,
                cell: (model) => formatName(model.format),
              },
              {
                key: 'interval',
                header: t('device.interval'),
                width: '110px',
                wideOnly: true,
                cell: (model) => formatDuration(model.expectedInterval, language),
              },
              {
                key: 'agency',
                header: t('models.offeredTo'),
                width: 'minmax(110px, 1.2fr)',
                wideOnly: true,
                cell: (model) =>
                  model.agencyId === null
                    ? t('models.everyAgency')
                    : (agencyName.get(model.agencyId)?.[language] ?? model.agencyId),
              },
              {
                key: 'devices',
                header: t('assets.devices'),
                width: '84px',
                numeric: true,
                cell: (model) => formatCount(devices.get(model.id) ?? 0, language),
              },
            ]}
          />
        )}
      </div>
      {adding ? (
        <ModelEditor
          work={{ kind: 'add' }}
          onClose={(saved) => {
            setAdding(false);
            if (saved) void navigate({ to: '/models/$modelId', params: { modelId: saved } });
          }}
        />
      ) : null}
    </div>
  );
}
