import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { MapPoint } from '../../api/contract/map.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { isAlarmState, stateRank } from '../../domain/point-state.ts';
import { DOMAINS, type Domain } from '../../domain/quantity.ts';
import { usePointStates, useWholeCity } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { LiveReading } from '../components/Reading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { PointPanel } from '../panels/PointPanel.tsx';
import { stateOf } from '../state/city-state.ts';
import { formatCount } from '../state/formatting.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { Glyph, StateMark } from '../symbols/Symbols.tsx';
import { AssetTabs } from './AssetTabs.tsx';

/** Every point as a table: state, name, main value, device. */
export function PointsPage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/points' });
  const navigate = useNavigate();
  const city = useWholeCity();
  const states = usePointStates();
  const isPhone = useIsPhone();
  const domains = (search.domains?.split(' ') ?? []) as Domain[];
  const change = (next: Record<string, string | undefined>, replace = true) =>
    void navigate({ to: '/points', search: (before) => ({ ...before, ...next }) as never, replace });

  const points = useMemo(() => {
    const wanted = foldText((search.text ?? '').trim());
    const rankOf = (point: MapPoint) => stateRank(stateOf(states, point.number) ?? 'normal');
    return city.points
      .filter(
        (point) =>
          (search.domains === undefined || search.domains.split(' ').includes(point.domain)) &&
          matchRank(
            foldText(`${point.name[language]} ${point.id} ${point.devices.map(({ id }) => id).join(' ')}`),
            wanted,
          ) !== null,
      )
      .sort((a, b) => rankOf(a) - rankOf(b) || a.name[language].localeCompare(b.name[language], language));
  }, [city.points, states, search.text, search.domains, language]);

  const columns: readonly GridColumn<MapPoint>[] = [
    {
      key: 'name',
      header: t('point.name'),
      width: 'minmax(160px, 2.2fr)',
      cell: (point) => (
        <span className="severity-cell">
          <StateMark state={stateOf(states, point.number) ?? 'unknown'} glyph={point.domain} size={18} />
          <span className="truncate">{point.name[language]}</span>
        </span>
      ),
    },
    {
      key: 'state',
      header: t('point.state'),
      width: '116px',
      wideOnly: true,
      cell: (point) => {
        const state = stateOf(states, point.number) ?? 'unknown';
        return <span className={isAlarmState(state) ? `severity-${state}` : 'secondary'}>{t(`state.${state}`)}</span>;
      },
    },
    {
      key: 'quantity',
      header: t('point.mainQuantity'),
      width: 'minmax(110px, 1.2fr)',
      wideOnly: true,
      cell: (point) => {
        const main = point.series[0];
        return main ? (city.quantities.get(main.quantity)?.name[language] ?? main.quantity) : null;
      },
    },
    {
      key: 'value',
      header: t('point.lastReading'),
      width: 'minmax(150px, 1.3fr)',
      numeric: true,
      cell: (point) => {
        const main = point.series[0];
        return main ? <LiveReading series={main.id} quantity={city.quantities.get(main.quantity)} /> : null;
      },
    },
    {
      key: 'device',
      header: t('device.one'),
      width: 'minmax(110px, 1fr)',
      wideOnly: true,
      cell: (point) => point.devices[0]?.id ?? <span className="secondary">{t('point.noDeviceShort')}</span>,
    },
    {
      key: 'agency',
      header: t('alarms.agency'),
      width: 'minmax(120px, 1.2fr)',
      wideOnly: true,
      cell: (point) => city.agencyName.get(point.agencyId)?.[language] ?? point.agencyId,
    },
  ];
  const selected = (search.point as PointId | undefined) ?? null;
  // Beside an open panel only what tells points apart.
  const shownColumns = selected === null ? columns : columns.filter(({ key }) => key === 'name' || key === 'value');
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
      </header>
      <div className="page-tools">
        <SearchField
          value={search.text ?? ''}
          label={t('assets.searchPoints')}
          onChange={(text) => change({ text: text || undefined })}
        />
        {DOMAINS.map((domain) => (
          <button
            key={domain}
            type="button"
            className="chip"
            aria-pressed={domains.includes(domain)}
            onClick={() => {
              const next = domains.includes(domain) ? domains.filter((d) => d !== domain) : [...domains, domain];
              change({ domains: next.length === 0 ? undefined : next.join(' ') });
            }}
          >
            <Glyph name={domain} size={14} />
            {t(`domain.${domain}`)}
          </button>
        ))}
        <span className="secondary small" role="status">
          {t('assets.pointCount', { count: points.length, shown: formatCount(points.length, language) })}
        </span>
      </div>
      <div className="page-split">
        <div className="page-list">
          {city.isLoading ? (
            <ListLoading what={t('loading.points')} rows={14} />
          ) : city.error && city.points.length === 0 ? (
            <Failure error={city.error} retry={city.retry} />
          ) : points.length === 0 ? (
            <Empty
              title={t('assets.noPoints')}
              hint={city.points.length === 0 ? t('assets.noPointsHint') : t('alarms.emptyFilterHint')}
            />
          ) : (
            <VirtualGrid
              label={t('assets.points')}
              items={points}
              columns={shownColumns}
              keyOf={(point) => point.id}
              rowHeight={34}
              phoneRowHeight={48}
              selectedKey={selected}
              withHeader={!isPhone}
              onOpen={(point) => change({ point: point.id }, false)}
            />
          )}
        </div>
        {selected !== null ? (
          <SidePanel label={t('point.panel')} onClose={() => change({ point: undefined }, false)}>
            <PointPanel
              key={selected}
              pointId={selected}
              onClose={() => change({ point: undefined }, false)}
              onShow={() => void navigate({ to: '/', search: { point: selected } })}
            />
          </SidePanel>
        ) : null}
      </div>
    </div>
  );
}
