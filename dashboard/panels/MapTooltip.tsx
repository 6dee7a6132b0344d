import type { IndexInfo } from '../../api/contract/indices.ts';
import { POINT_STATES } from '../../domain/point-state.ts';
import { type HeldValue, useHeld } from '../client/held-value.ts';
import { useCity, usePointByNumber, usePointState } from '../client/use-city.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { CityMapListeners } from '../map/city-map.ts';
import { formatCount, formatNumber } from '../state/formatting.ts';
import type { IndexStationNow } from '../state/index-stations.ts';
import { StateMark } from '../symbols/Symbols.tsx';

export type Hovered = Parameters<CityMapListeners['onHover']>[0];

/** What the pointer is over, in words. For the eye alone: the list beside the map says the same to others. */
export function MapTooltip({
  hovered,
  stations,
  layer,
}: {
  hovered: HeldValue<Hovered>;
  stations: readonly IndexStationNow[] | null;
  layer: IndexInfo | undefined;
}) {
  const over = useHeld(hovered);
  if (over === null) return null;
  const { target, x, y } = over;
  return (
    <div className="map-tooltip" style={{ left: x, top: y }} aria-hidden="true">
      {target.kind === 'point' ? (
        <PointWords number={target.number} />
      ) : target.kind === 'cluster' ? (
        <ClusterWords count={target.count} byState={target.byState} />
      ) : (
        <StationWords station={stations?.find(({ point }) => point.id === target.id)} layer={layer} />
      )}
    </div>
  );
}

function PointWords({ number }: { number: number }) {
  const { t, language } = useLanguage();
  const point = usePointByNumber(number);
  const state = usePointState(number);
  const { isLoading } = useCity();
  return (
    <>
      <strong>{point?.name[language] ?? (isLoading ? '' : '…')}</strong>
      {state ? <span>{t(`state.${state}`)}</span> : null}
    </>
  );
}

function ClusterWords({ count, byState }: { count: number; byState: readonly number[] }) {
  const { t, language } = useLanguage();
  return (
    <>
      <strong>{t('map.cluster', { count, number: formatCount(count, language) })}</strong>
      {POINT_STATES.map((state, rank) =>
        (byState[rank] ?? 0) > 0 ? (
          <span key={state} className="menu-choice">
            <StateMark state={state} size={12} />
            {formatCount(byState[rank] ?? 0, language)} {t(`state.${state}`)}
          </span>
        ) : null,
      )}
    </>
  );
}

function StationWords({ station, layer }: { station: IndexStationNow | undefined; layer: IndexInfo | undefined }) {
  const { t, language } = useLanguage();
  if (!station || !layer) return null;
  const { value, category, point } = station;
  return (
    <>
      <strong>{point.name[language]}</strong>
      <span>
        {layer.name[language]}{' '}
        {value === null ? t('index.none') : `${formatNumber(value, 0, language)} · ${category?.name[language] ?? ''}`}
      </span>
    </>
  );
}
