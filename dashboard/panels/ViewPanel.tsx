import { useMemo } from 'react';
import type { MapPoint } from '../../api/contract/map.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { isAlarmState, stateRank } from '../../domain/point-state.ts';
import { useCity, usePointStates } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { LiveReading } from '../components/Reading.tsx';
import { Empty } from '../components/States.tsx';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { MapBounds } from '../map/city-map.ts';
import { stateOf } from '../state/city-state.ts';
import { formatCount } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';

/** What the map shows, as a list, worst first: the same for those who use a keyboard or a screen reader. */
export function ViewPanel({
  points,
  bounds,
  total,
  onOpen,
}: {
  points: readonly MapPoint[];
  bounds: MapBounds | null;
  total: number;
  onOpen: (id: PointId) => void;
}) {
  const { t, language } = useLanguage();
  const states = usePointStates();
  const { quantities, isLoading } = useCity();
  const inView = useMemo(() => {
    const within = points.filter(({ location: { longitude, latitude } }) => {
      if (bounds === null) return true;
      const [west, south, east, north] = bounds;
      return longitude >= west && longitude <= east && latitude >= south && latitude <= north;
    });
    const rankOf = (point: MapPoint) => stateRank(stateOf(states, point.number) ?? 'normal');
    return within.sort((a, b) => rankOf(a) - rankOf(b) || a.name[language].localeCompare(b.name[language], language));
  }, [points, bounds, states, language]);

  return (
    <>
      <header className="panel-header">
        <div>
          <h2 className="panel-title">{t('view.title')}</h2>
          <p className="secondary small">
            {t('view.count', {
              count: inView.length,
              shown: formatCount(inView.length, language),
              total: formatCount(total, language),
            })}
          </p>
        </div>
      </header>
      {isLoading || (states.epoch === null && total > 0) ? (
        <ListLoading what={t('loading.points')} rows={12} />
      ) : inView.length === 0 ? (
        total === 0 ? (
          <Empty
            title={t('view.emptyCity')}
            hint={t('view.emptyCityHint')}
            action={
              <a href="/api/docs" target="_blank" rel="noreferrer">
                {t('view.emptyCityAction')}
              </a>
            }
          />
        ) : (
          <Empty title={t('view.empty')} hint={points.length === 0 ? t('view.emptyFilter') : t('view.emptyHere')} />
        )
      ) : (
        <VirtualGrid
          label={t('view.title')}
          items={inView}
          keyOf={(point) => point.id}
          rowHeight={48}
          phoneRowHeight={56}
          withHeader={false}
          onOpen={(point) => onOpen(point.id)}
          columns={[
            {
              key: 'point',
              header: t('point.name'),
              width: 'minmax(0, 1fr)',
              cell: (point) => {
                const state = stateOf(states, point.number) ?? 'unknown';
                const main = point.series[0];
                return (
                  <span className="view-row">
                    <StateMark state={state} glyph={point.domain} size={22} />
                    <span className="view-row-text">
                      <span className="truncate">{point.name[language]}</span>
                      <span className="small truncate">
                        {state === 'normal' ? null : (
                          <span className={isAlarmState(state) ? `severity-${state}` : 'secondary'}>
                            {t(`state.${state}`)}
                            {' · '}
                          </span>
                        )}
                        {/* A number without a unit says nothing by itself. */}
                        {main && quantities.get(main.quantity)?.unitSymbol === '' ? (
                          <span className="secondary">{quantities.get(main.quantity)?.name[language]} </span>
                        ) : null}
                        {main ? <LiveReading series={main.id} quantity={quantities.get(main.quantity)} /> : null}
                      </span>
                    </span>
                  </span>
                );
              },
            },
          ]}
        />
      )}
    </>
  );
}
