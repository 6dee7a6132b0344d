import { Button } from '@mantine/core';
import { useMemo, useRef } from 'react';
import { isAlarmState, POINT_STATES } from '../../domain/point-state.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { useCity, usePointAlarm, usePointByNumber, usePointState, usePointStates } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { LiveReading } from '../components/Reading.tsx';
import { Empty } from '../components/States.tsx';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { MapBounds } from '../map/city-map.ts';
import { indexOfNumber } from '../state/city-state.ts';
import { formatCount } from '../state/formatting.ts';
import { tellingSeries } from '../state/point-alarms.ts';
import { StateMark } from '../symbols/Symbols.tsx';

/** What the map shows, as a list, worst first: the same for those who use a keyboard or a screen reader. */
export function ViewPanel({
  filter,
  only,
  bounds,
  onNoFilter,
  onOpen,
}: {
  /** By index among the places: 1 for what is chosen; `null`: all. */
  filter: Uint8Array | null;
  /** Numbers of the points that are shown in place of all; `null`: all. */
  only: readonly number[] | null;
  bounds: MapBounds | null;
  /** Has all points shown again. */
  onNoFilter: () => void;
  onOpen: (number: number) => void;
}) {
  const { t, language } = useLanguage();
  const states = usePointStates();
  const { places, points, isLoading } = useCity();
  const total = places.length;
  // By name where names are known; a large city's are fetched row by row.
  const nameOrder = useMemo(() => {
    const { compare } = new Intl.Collator(language);
    const sorted = [...points].sort((a, b) => compare(a.name[language], b.name[language]));
    return new Map(sorted.map(({ number }, order) => [number, order]));
  }, [points, language]);
  const chosen = useMemo(() => {
    const [west, south, east, north] = bounds ?? [-180, -90, 180, 90];
    const wanted = only && new Set(only);
    const numbers: number[] = [];
    for (let i = 0; i < places.length; i++) {
      const [longitude, latitude] = [places.longitude[i] as number, places.latitude[i] as number];
      if (longitude < west || longitude > east || latitude < south || latitude > north) continue;
      const number = places.number[i] as number;
      if (wanted ? wanted.has(number) : filter === null || filter[i] === 1) numbers.push(number);
    }
    return nameOrder.size === 0 ? numbers : numbers.sort((a, b) => (nameOrder.get(a) ?? a) - (nameOrder.get(b) ?? b));
  }, [only, filter, bounds, places, nameOrder]);
  const worst = useMemo(() => worstFirst(chosen, states.ranks), [chosen, states]);
  // Most changes of a state move nobody: the list that is shown stays the same then.
  const shown = useRef(worst);
  if (!isSameOrder(shown.current, worst)) shown.current = worst;
  const inView = shown.current;
  const isAllHidden = filter !== null && !filter.includes(1);
  const columns = useMemo<readonly GridColumn<number>[]>(
    () => [
      {
        key: 'point',
        header: t('point.name'),
        width: 'minmax(0, 1fr)',
        cell: (number) => <ViewRow number={number} />,
      },
    ],
    [t],
  );

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
          <Empty
            title={t('view.empty')}
            hint={isAllHidden ? t('view.emptyFilter') : t('view.emptyHere')}
            action={
              isAllHidden ? (
                <Button variant="default" onClick={onNoFilter}>
                  {t('alarms.filter.none')}
                </Button>
              ) : null
            }
          />
        )
      ) : (
        <VirtualGrid
          label={t('view.title')}
          items={inView}
          keyOf={String}
          rowHeight={48}
          phoneRowHeight={56}
          withHeader={false}
          onOpen={onOpen}
          columns={columns}
        />
      )}
    </>
  );
}

/** Sorted into states in one pass, otherwise in their order: this is done for fifty thousand points whenever one of them changes. */
function worstFirst(numbers: readonly number[], ranks: Uint8Array): readonly number[] {
  const byRank: number[][] = POINT_STATES.map(() => []);
  for (const number of numbers) byRank[ranks[number] ?? POINT_STATES.length]?.push(number);
  return byRank.flat();
}
const isSameOrder = (a: readonly number[], b: readonly number[]): boolean =>
  a === b || (a.length === b.length && a.every((number, i) => number === b[i]));

function ViewRow({ number }: { number: number }) {
  const { t, language } = useLanguage();
  const { places, quantities } = useCity();
  const point = usePointByNumber(number);
  const state = usePointState(number) ?? 'unknown';
  const domain = DOMAINS[places.domain[indexOfNumber(places, number)] ?? 0] ?? 'environment';
  const alarm = usePointAlarm(point?.id);
  const series = point && tellingSeries(point, alarm);
  const quantity = series && quantities.get(series.quantity);
  return (
    <span className="view-row">
      <StateMark state={state} glyph={domain} size={22} />
      <span className="view-row-text">
        <span className="truncate">{point?.name[language] ?? '…'}</span>
        <span className="small truncate">
          {state === 'normal' ? null : (
            <span className={isAlarmState(state) ? `severity-${state}` : 'secondary'}>
              {t(`state.${state}`)}
              {' · '}
            </span>
          )}
          {/* A number without a unit says nothing by itself, nor does one that is not what the point is there for. */}
          {quantity && (quantity.unitSymbol === '' || series !== point?.series[0]) ? (
            <span className="secondary">{quantity.name[language]} </span>
          ) : null}
          {series ? <LiveReading series={series.id} quantity={quantity} /> : null}
        </span>
      </span>
    </span>
  );
}
