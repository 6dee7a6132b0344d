import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { SeriesId } from '../../../domain/identifiers.ts';
import { useLive, useServerNow, useWanted } from '../../client/platform.tsx';
import { indicesQuery } from '../../client/queries.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatNumber } from '../../state/formatting.ts';
import { inkOn } from '../../state/index-colour.ts';
import { indexStations } from '../../state/index-stations.ts';

/** Three rows of three, in type that is read from five metres. */
const TILES = 9;

/** The first air index of the site, station by station, the worst first. */
export function WallAir() {
  const { t, language } = useLanguage();
  const { points, isLoading } = useWholeCity();
  const indices = useQuery(indicesQuery);
  const now = useServerNow();
  const readings = useLive((state) => state.table.readings);
  const index = (indices.data?.items ?? []).find(({ kind }) => kind === 'air');
  const wanted = useMemo<readonly SeriesId[]>(
    () =>
      points.flatMap(({ series }) => series.filter(({ quantity }) => quantity === index?.hourly).map(({ id }) => id)),
    [points, index],
  );
  useWanted(wanted);
  if (index === undefined || isLoading) return <p className="wall-calm">{t('wall.waiting')}</p>;
  const stations = [...indexStations(index, points, readings, now)].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
  if (stations.length === 0) return <p className="wall-calm">{t('wall.noStations')}</p>;
  return (
    <section className="wall-air" aria-label={index.name[language]}>
      <h2>{index.name[language]}</h2>
      <ul>
        {stations.slice(0, TILES).map(({ point, value, category }) => (
          <li
            key={point.id}
            style={category ? { background: category.colour, color: inkOn(category.colour) } : undefined}
          >
            <p className="wall-number">{value === null ? '–' : formatNumber(value, 0, language)}</p>
            <div>
              <p className="wall-strong">{point.name[language]}</p>
              <p>{category?.name[language] ?? t('index.none')}</p>
            </div>
          </li>
        ))}
      </ul>
      {stations.length > TILES ? (
        <p className="wall-more">
          {t('wall.moreStations', { number: formatCount(stations.length - TILES, language) })}
        </p>
      ) : null}
    </section>
  );
}
