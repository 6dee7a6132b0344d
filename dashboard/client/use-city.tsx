import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { QuantityWire } from '../../api/contract/assets.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import type { CityPlaces } from '../../domain/city-places.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import type { Localized } from '../../domain/localized.ts';
import type { PointState } from '../../domain/point-state.ts';
import { type QuantityKey, unitSymbolIn } from '../../domain/quantity.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { NO_STATES, type PointStates, stateOf } from '../state/city-state.ts';
import { worstByPoint } from '../state/point-alarms.ts';
import { useLive, usePlatform } from './platform.tsx';
import { forgetPointDetails, pointDetails } from './point-details.ts';
import { mapPlacesQuery, mapPointsQuery, quantitiesQuery } from './queries.ts';

export interface City {
  /** Where all points are: enough for the map. */
  readonly places: CityPlaces;
  /** All points with their names, series and devices, in a city that fits a screen's memory or once {@link useWholeCity} has had them fetched; else none. */
  readonly points: readonly MapPoint[];
  readonly pointById: ReadonlyMap<PointId, MapPoint>;
  readonly pointByNumber: ReadonlyMap<number, MapPoint>;
  readonly agencies: CityPlaces['agencies'];
  readonly agencyName: ReadonlyMap<AgencyId, Localized>;
  readonly quantities: ReadonlyMap<QuantityKey, QuantityWire>;
  /** Whether `points` are all there are. */
  readonly isWhole: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
  /** The point as it is on record at the moment shown: live, the same. */
  readonly asShown: (point: MapPoint) => MapPoint;
}
interface CityAndWish extends City {
  readonly wantWhole: () => void;
}
const CityContext = createContext<CityAndWish | null>(null);

const NO_PLACES: CityPlaces = {
  epoch: '',
  assets: '',
  agencies: [],
  length: 0,
  number: new Int32Array(0),
  longitude: new Float64Array(0),
  latitude: new Float64Array(0),
  domain: new Uint8Array(0),
  agency: new Uint16Array(0),
};
const NO_POINTS: readonly MapPoint[] = [];

/** What changes seldom: points, agencies, the catalogue of quantities. */
export function CityProvider({ children }: { children: ReactNode }) {
  const { language } = useLanguage();
  const { settings } = usePlatform();
  const [wholeWanted, setWholeWanted] = useState(false);
  const wantWhole = useCallback(() => setWholeWanted(true), []);
  const places = useQuery(mapPlacesQuery);
  const fits = places.data !== undefined && places.data.length <= settings.live.pointsWhole;
  const needsPoints = fits || wholeWanted;
  const points = useQuery({ ...mapPointsQuery, enabled: needsPoints });
  const quantities = useQuery(quantitiesQuery);
  const { refetch: refetchPlaces } = places;
  const { refetch: refetchPoints } = points;
  const { refetch: refetchQuantities } = quantities;
  const city = useMemo<CityAndWish>(() => {
    const all = points.data?.points ?? NO_POINTS;
    const { agencies } = places.data ?? NO_PLACES;
    return {
      places: places.data ?? NO_PLACES,
      points: all,
      pointById: new Map(all.map((point) => [point.id, point])),
      pointByNumber: new Map(all.map((point) => [point.number, point])),
      agencies,
      agencyName: new Map(agencies.map(({ id, name }) => [id, name])),
      quantities: new Map(
        (quantities.data?.items ?? []).map((quantity) => [
          quantity.key,
          // The language of the page is one: whoever shows a unit need not ask again how that writes it.
          { ...quantity, unitSymbol: unitSymbolIn(quantity, language) },
        ]),
      ),
      isWhole: points.data !== undefined,
      isLoading: places.isPending || quantities.isPending || (needsPoints && points.isPending),
      error: places.error ?? points.error ?? quantities.error,
      retry: () => {
        void refetchPlaces();
        if (needsPoints) void refetchPoints();
        void refetchQuantities();
      },
      asShown: (point) => point,
      wantWhole,
    };
  }, [
    places.data,
    places.isPending,
    places.error,
    points.data,
    points.isPending,
    points.error,
    needsPoints,
    wantWhole,
    language,
    quantities.data,
    quantities.isPending,
    quantities.error,
    refetchPlaces,
    refetchPoints,
    refetchQuantities,
  ]);
  return <CityContext.Provider value={city}>{children}</CityContext.Provider>;
}

/** Gives what is in it the city of another moment: its points as `asShown`, which must keep its identity while they are the same, has them. */
export function PastCity({ asShown, children }: { asShown: City['asShown'] | null; children: ReactNode }) {
  const present = useContext(CityContext);
  const past = useMemo(() => {
    if (present === null || asShown === null) return present;
    const points = present.points.map(asShown);
    return {
      ...present,
      points,
      pointById: new Map(points.map((point) => [point.id, point])),
      pointByNumber: new Map(points.map((point) => [point.number, point])),
      asShown,
    };
  }, [present, asShown]);
  return <CityContext.Provider value={past}>{children}</CityContext.Provider>;
}

export function useCity(): City {
  const city = useContext(CityContext);
  if (!city) throw new Error('useCity outside CityProvider');
  return city;
}

/** As {@link useCity}, for what can't do without the names and series of all points (`isNeeded`): in a large city they are fetched now. */
export function useWholeCity(isNeeded = true): City {
  const city = useContext(CityContext);
  if (!city) throw new Error('useWholeCity outside CityProvider');
  const { wantWhole } = city;
  useEffect(() => {
    if (isNeeded) wantWhole();
  }, [isNeeded, wantWhole]);
  return isNeeded ? { ...city, isLoading: city.isLoading || (!city.isWhole && !city.error) } : city;
}

/** A point by its id; fetched where the city is not known whole. `null`: there is none; `undefined`: not known yet. */
export function usePoint(id: PointId | null): MapPoint | null | undefined {
  const { pointById, isWhole, isLoading, asShown } = useCity();
  const fetched = useSyncExternalStore(pointDetails.subscribe, () => (id === null ? null : pointDetails.byId(id)));
  const isAskedFor = id !== null && !isWhole && !isLoading && fetched === undefined;
  useEffect(() => {
    if (isAskedFor) pointDetails.want({ ids: [id] });
  }, [isAskedFor, id]);
  const shown = useMemo(() => (fetched ? asShown(fetched) : fetched), [fetched, asShown]);
  if (id === null) return null;
  return isWhole ? (pointById.get(id) ?? null) : shown;
}

/** Details of a point by its number; fetched where the city is not known whole. `undefined`: not known yet. */
export function usePointByNumber(number: number): MapPoint | undefined {
  const { pointByNumber, isWhole, asShown } = useCity();
  const fetched = useSyncExternalStore(pointDetails.subscribe, () => pointDetails.byNumber(number));
  const isAskedFor = !isWhole && fetched === undefined;
  useEffect(() => {
    if (isAskedFor) pointDetails.want({ numbers: [number] });
  }, [isAskedFor, number]);
  const shown = useMemo(() => (fetched ? asShown(fetched) : fetched), [fetched, asShown]);
  return isWhole ? pointByNumber.get(number) : shown;
}

/** Those of the points with these numbers whose details are known; the others are fetched. `numbers` must keep its identity while it is the same. */
export function usePointsByNumber(numbers: readonly number[]): ReadonlyMap<number, MapPoint> {
  const { pointByNumber, isWhole, asShown } = useCity();
  const revision = useSyncExternalStore(pointDetails.subscribe, pointDetails.revision);
  useEffect(() => {
    if (!isWhole) pointDetails.want({ numbers });
  }, [isWhole, numbers]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is known has changed with the revision
  return useMemo(() => {
    const known = new Map<number, MapPoint>();
    for (const number of numbers) {
      const point = isWhole ? pointByNumber.get(number) : pointDetails.byNumber(number);
      if (point) known.set(number, isWhole ? point : asShown(point));
    }
    return known;
  }, [numbers, pointByNumber, isWhole, asShown, revision]);
}

/**
 * The states the map and the lists show: the live ones, or in a replay those of its moment. While the line is down nothing new is judged silent: the
 * screen then does not know, and the banner says so. {@link NO_STATES} until the first data has come, and where they are of other numbers than the places.
 */
const statesFor = (held: PointStates, epoch: string): PointStates => (held.epoch === epoch ? held : NO_STATES);

/** All of them; renders again whenever one has changed, several times a second: for what does something with all. */
export function usePointStates(isNeeded = true): PointStates {
  const { epoch } = useCity().places;
  return useLive(({ table }) => (isNeeded ? statesFor(table.states, epoch) : NO_STATES));
}

/** The state of one point; `undefined` while it isn't known. */
export function usePointState(number: number): PointState | undefined {
  const { epoch } = useCity().places;
  return useLive(({ table }) => stateOf(statesFor(table.states, epoch), number));
}

/** The worst alarm that is shown of a point; `undefined` of one without. */
export const usePointAlarm = (point: PointId | undefined): AlarmWire | undefined =>
  useLive(({ table }) => (point === undefined ? undefined : worstByPoint(table.alarms).get(point)));

/** Tells `listener`, which must keep its identity, of the states as they are and as they become, without rendering anything: for the map. */
export function useTellPointStates(listener: (states: PointStates) => void): void {
  const { live } = usePlatform();
  const { epoch } = useCity().places;
  useEffect(() => {
    let told: PointStates | null = null;
    const tell = (): void => {
      const states = statesFor(live.get().table.states, epoch);
      if (states === told) return;
      told = states;
      listener(states);
    };
    tell();
    return live.subscribe(tell);
  }, [live, epoch, listener]);
}

/** Has the places fetched anew when the platform has started anew since: its states are then of other numbers. */
export function PlacesFollowStates(): null {
  const queries = useQueryClient();
  const { places } = useCity();
  const epoch = useLive((state) => state.table.states.epoch);
  const isOther = epoch !== null && places !== NO_PLACES && epoch !== places.epoch;
  useEffect(() => {
    if (!isOther) return;
    forgetPointDetails();
    void queries.invalidateQueries({ queryKey: mapPlacesQuery.queryKey });
    void queries.invalidateQueries({ queryKey: mapPointsQuery.queryKey });
  }, [isOther, queries]);
  return null;
}
