import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { QuantityWire } from '../../api/contract/assets.ts';
import type { MapPoint, MapPoints } from '../../api/contract/map.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import type { Localized } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { pointStates } from '../state/city-state.ts';
import type { PointState } from '../state/point-state.ts';
import { useLive, usePlatform, useServerNow, useStaleness } from './platform.tsx';
import { mapPointsQuery, quantitiesQuery } from './queries.ts';
import { quietPointsQuery } from './suppressions.ts';

export interface City {
  readonly points: readonly MapPoint[];
  readonly pointById: ReadonlyMap<PointId, MapPoint>;
  readonly agencies: MapPoints['agencies'];
  readonly agencyName: ReadonlyMap<AgencyId, Localized>;
  readonly quantities: ReadonlyMap<QuantityKey, QuantityWire>;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}
const CityContext = createContext<City | null>(null);

const NO_POINTS: readonly MapPoint[] = [];
const NO_AGENCIES: MapPoints['agencies'] = [];

/** What changes seldom: points, agencies, the catalogue of quantities. */
export function CityProvider({ children }: { children: ReactNode }) {
  const points = useQuery(mapPointsQuery);
  const quantities = useQuery(quantitiesQuery);
  const { refetch: refetchPoints } = points;
  const { refetch: refetchQuantities } = quantities;
  const city = useMemo<City>(() => {
    const all = points.data?.points ?? NO_POINTS;
    const agencies = points.data?.agencies ?? NO_AGENCIES;
    return {
      points: all,
      pointById: new Map(all.map((point) => [point.id, point])),
      agencies,
      agencyName: new Map(agencies.map(({ id, name }) => [id, name])),
      quantities: new Map((quantities.data?.items ?? []).map((quantity) => [quantity.key, quantity])),
      isLoading: points.isPending || quantities.isPending,
      error: points.error ?? quantities.error,
      retry: () => {
        void refetchPoints();
        void refetchQuantities();
      },
    };
  }, [
    points.data,
    points.isPending,
    points.error,
    quantities.data,
    quantities.isPending,
    quantities.error,
    refetchPoints,
    refetchQuantities,
  ]);
  return <CityContext.Provider value={city}>{children}</CityContext.Provider>;
}

export function useCity(): City {
  const city = useContext(CityContext);
  if (!city) throw new Error('useCity outside CityProvider');
  return city;
}

const sameStates = (a: ReadonlyMap<PointId, PointState>, b: ReadonlyMap<PointId, PointState>): boolean =>
  a.size === b.size && [...a].every(([id, state]) => b.get(id) === state);

const PointStatesContext = createContext<ReadonlyMap<PointId, PointState>>(new Map());

/**
 * Judges the state of every point, once a second and whenever an alarm changes. While the line is down nothing new is judged silent: the
 * screen then does not know, and the banner says so.
 */
export function PointStatesProvider({ children }: { children: ReactNode }) {
  const { live } = usePlatform();
  const { points } = useCity();
  const now = useServerNow();
  const staleness = useStaleness();
  const alarms = useLive((state) => state.table.alarms);
  const phase = useLive((state) => state.table.phase);
  const quiet = useQuery(quietPointsQuery).data;
  const [states, setStates] = useState<ReadonlyMap<PointId, PointState>>(new Map());
  const newestFrameAt = useLive((state) => (staleness.kind === 'fresh' ? null : state.table.at));
  const judgedAt = newestFrameAt ?? Math.floor(now / 1000) * 1000;
  useEffect(() => {
    if (phase === 'empty' && staleness.kind !== 'stale') return;
    const windows = new Map(quiet?.map(({ pointId, kind }) => [pointId, kind] as const));
    // Readings are looked up here, not depended on: they change four times a second, what they say about silence does not.
    const next = pointStates(points, { readings: live.get().table.readings, alarms }, judgedAt, windows);
    setStates((held) => (sameStates(held, next) ? held : next));
  }, [live, points, alarms, phase, judgedAt, staleness.kind, quiet]);
  return <PointStatesContext.Provider value={states}>{children}</PointStatesContext.Provider>;
}

/** Empty until the first data has come. */
export const usePointStates = (): ReadonlyMap<PointId, PointState> => useContext(PointStatesContext);
