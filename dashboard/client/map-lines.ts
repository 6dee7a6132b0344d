import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { MapLines, MapLineWire } from '../../api/contract/map-lines.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import type { LineLayer } from '../../domain/map-lines.ts';
import type { MapBounds } from '../map/city-map.ts';
import { judgeLines, keptWhenSame, type LineState } from '../state/line-states.ts';
import { call } from './http.ts';
import { incidentsQuery } from './incidents.ts';
import { useLive, usePlatform, useServerNow, useWanted } from './platform.tsx';
import { useCity } from './use-city.tsx';

/** Lines that one screen follows in a city that isn't given whole: those in view, the first of them. */
const LINES_FOLLOWED_MAX = 300;
const OUTAGES: ReadonlySet<string> = new Set(['incident.title.no_supply', 'incident.title.no_water']);
const NO_OUTAGES: ReadonlyMap<SiteId, number> = new Map();
const NO_LINES: readonly MapLineWire[] = [];

/** Courses change seldom; numbers of points are of one run of the platform (`epoch`). */
const mapLinesQuery = (epoch: string) =>
  queryOptions({
    queryKey: ['map', 'lines', epoch],
    queryFn: ({ signal }): Promise<MapLines> => call('GET /map/lines', { signal }),
    staleTime: 60_000,
  });

export interface JudgedLines {
  /** Of the layers asked for. */
  readonly lines: readonly MapLineWire[];
  readonly states: ReadonlyMap<SiteId, LineState>;
  readonly scales: MapLines['scales'];
  readonly withoutCourse: number;
  /** Lines that are not told of, since there are too many in the city. */
  readonly leftOut: number;
  /** Lines of these layers that the screen does not follow, since there are too many: closer, they are. */
  readonly unfollowed: number;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

const isInside = (path: MapLineWire['path'], [west, south, east, north]: MapBounds): boolean =>
  path.some(
    ([longitude, latitude]) => longitude >= west && longitude <= east && latitude >= south && latitude <= north,
  );

/** Lines of some layers as they stand at the moment shown, live or past; judged once a second. Of the past, incidents are not known: readings alone tell. */
export function useMapLines(layers: readonly LineLayer[], bounds: MapBounds | null): JudgedLines {
  const { live, isPast } = usePlatform();
  const { places, isWhole } = useCity();
  const query = useQuery({ ...mapLinesQuery(places.epoch), enabled: layers.length > 0 && places.epoch !== '' });
  const incidents = useQuery({ ...incidentsQuery(true), enabled: layers.length > 0 && !isPast });
  const wantedLayers = layers.join(' ');
  const all = query.data?.lines ?? NO_LINES;
  const lines = useMemo(() => all.filter(({ layer }) => wantedLayers.split(' ').includes(layer)), [all, wantedLayers]);
  const followed = useMemo(() => {
    if (isWhole || lines.length <= LINES_FOLLOWED_MAX || bounds === null)
      return lines.slice(0, isWhole ? undefined : LINES_FOLLOWED_MAX);
    return lines.filter(({ path }) => isInside(path, bounds)).slice(0, LINES_FOLLOWED_MAX);
  }, [lines, isWhole, bounds]);
  useWanted(useMemo(() => followed.flatMap(({ measures }) => measures.map(({ series }) => series)), [followed]));

  const outages = useMemo(() => {
    if (isPast) return NO_OUTAGES;
    const found = new Map<SiteId, number>();
    for (const { cause, title, startedAt } of incidents.data ?? [])
      if (cause.kind === 'site' && cause.siteId !== null && title.some(({ key }) => OUTAGES.has(key)))
        found.set(cause.siteId, startedAt);
    return found;
  }, [incidents.data, isPast]);

  const second = Math.floor(useServerNow() / 1_000);
  // Of the past, each step shown is another table; live, once a second is soon enough.
  const step = useLive((state) => (isPast ? state.table : null));
  const [states, setStates] = useState<ReadonlyMap<SiteId, LineState>>(new Map());
  const known = useRef(states);
  const { data } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the second and the step are why readings are looked up again
  useEffect(() => {
    if (!data) return;
    const next = judgeLines(followed, data.scales, live.get().table.readings, second * 1_000, outages);
    known.current = keptWhenSame(known.current, next);
    setStates(known.current);
  }, [followed, data, outages, second, step, live]);

  return {
    lines,
    states,
    scales: data?.scales ?? [],
    withoutCourse: data?.withoutCourse ?? 0,
    leftOut: data?.leftOut ?? 0,
    unfollowed: lines.length - followed.length,
    isLoading: query.isPending && layers.length > 0,
    error: query.error,
    retry: () => void query.refetch(),
  };
}
