import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { AppSettings } from '../../api/contract/map.ts';
import type { SignedIn } from '../../api/contract/session.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { isSameStaleness, type Staleness, stalenessOf } from '../state/connection-health.ts';
import type { LatestReading } from '../state/live-table.ts';
import { keepCityFresh } from './city-freshness.ts';
import { type LiveConnection, type LiveState, openLiveConnection } from './live-connection.ts';
import { sessionQuery } from './queries.ts';
import { onlyLooking } from './session.ts';

interface Platform {
  readonly session: SignedIn;
  readonly settings: AppSettings;
  readonly live: LiveConnection;
  /** What is shown is a moment of the past. */
  readonly isPast: boolean;
}
const PlatformContext = createContext<Platform | null>(null);

/** In a flood incidents change several times a second: once a second they are fetched again. */
const INCIDENTS_AGAIN_MS = 1_000;
function incidentsSoon(queries: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void queries.invalidateQueries({ queryKey: ['incidents'] });
    }, INCIDENTS_AGAIN_MS);
  };
}

/** The line to the live data, open as long as the person is signed in. */
export function PlatformProvider({
  session,
  settings,
  display,
  children,
}: {
  session: SignedIn;
  settings: AppSettings;
  /** Of a wall screen: the build of its page, and what is to be done when its login is over. */
  display?: { readonly build: string; readonly onSignedOut: () => void };
  children: ReactNode;
}) {
  const queries = useQueryClient();
  const [live, setLive] = useState<LiveConnection | null>(null);
  const userId = session.user.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person needs another line
  useEffect(() => {
    const fresh = keepCityFresh(queries);
    const connection = openLiveConnection({
      onAssets: fresh.expect,
      onIncidentChanged: incidentsSoon(queries),
      onRulesChanged: () => void queries.invalidateQueries({ queryKey: ['rules'] }),
      ...(display === undefined ? {} : { display: display.build }),
      onSignedOut: () =>
        display === undefined
          ? void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
          : display.onSignedOut(),
    });
    setLive(connection);
    return () => {
      connection.close();
      fresh.stop();
    };
  }, [queries, userId]);
  if (!live) return null;
  return (
    <PlatformContext.Provider value={{ session, settings, live, isPast: false }}>{children}</PlatformContext.Provider>
  );
}

/**
 * Gives what is in it another source than the live line (`null`: the live line all the same). Nobody works on the past: there, one may do what anyone may
 * who only looks on.
 */
export function PastPlatform({ live, children }: { live: LiveConnection | null; children: ReactNode }) {
  const present = usePlatform();
  const value = useMemo<Platform>(
    () => (live === null ? present : { ...present, session: onlyLooking(present.session), live, isPast: true }),
    [present, live],
  );
  return <PlatformContext.Provider value={value}>{children}</PlatformContext.Provider>;
}

export function usePlatform(): Platform {
  const platform = useContext(PlatformContext);
  if (!platform) throw new Error('usePlatform outside PlatformProvider');
  return platform;
}

/** A part of the live state; renders again only when that part is another (by `isEqual`, identity by default). */
export function useLive<T>(select: (state: LiveState) => T, isEqual: (a: T, b: T) => boolean = Object.is): T {
  const { live } = usePlatform();
  const selected = useRef<{ readonly value: T } | null>(null);
  const get = (): T => {
    const next = select(live.get());
    if (selected.current && isEqual(selected.current.value, next)) return selected.current.value;
    selected.current = { value: next };
    return next;
  };
  return useSyncExternalStore(live.subscribe, get);
}

/** Has the newest readings of these series sent, as long as the component is there; `series` must keep its identity while it is the same. */
export function useWanted(series: readonly SeriesId[]): void {
  const { live } = usePlatform();
  useEffect(() => live.want(series), [live, series]);
}

/** The newest reading of a series, had sent as long as the component is there. `undefined` series: of none. */
export function useReading(series: SeriesId | undefined): LatestReading | undefined {
  useWanted(useMemo(() => (series === undefined ? [] : [series]), [series]));
  return useLive((state) => (series === undefined ? undefined : state.table.readings.get(series)));
}

/** One timer for every age on the screen. */
const secondListeners = new Set<() => void>();
let second = Math.floor(Date.now() / 1000);
setInterval(() => {
  second = Math.floor(Date.now() / 1000);
  for (const listener of secondListeners) listener();
}, 1000);
const subscribeSecond = (listener: () => void) => {
  secondListeners.add(listener);
  return () => secondListeners.delete(listener);
};

/** The screen's clock, renewed every second. */
export function useScreenClock(): number {
  useSyncExternalStore(subscribeSecond, () => second);
  return Date.now();
}

/** The server's time now, or the moment of the past that is shown, ms. */
const serverNow = (live: LiveConnection, isPast: boolean): number => {
  const { table, clockOffsetMs } = live.get();
  return (isPast ? table.at : null) ?? Date.now() + clockOffsetMs;
};

/**
 * What ages are counted from, ms: the server's time now, renewed every second; of a moment of the past, that moment. The estimate of the server's clock,
 * which every frame changes a little, is taken over with the next second.
 */
export function useServerNow(): number {
  const { live, isPast } = usePlatform();
  useLive((state) => (isPast ? state.table.at : null));
  useScreenClock();
  return serverNow(live, isPast);
}

/** As {@link useServerNow}, renewed only when another span of `everyMs` has begun; the number of the span. */
export function useServerTick(everyMs: number): number {
  const { live, isPast } = usePlatform();
  const subscribe = useCallback(
    (listener: () => void) => {
      const stop = [subscribeSecond(listener), ...(isPast ? [live.subscribe(listener)] : [])];
      return () => {
        for (const each of stop) each();
      };
    },
    [live, isPast],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(serverNow(live, isPast) / everyMs));
}

/** Whether what is shown is as new as it should be, judged every second. */
export function useStaleness(): Staleness {
  const { settings } = usePlatform();
  const now = useScreenClock();
  return useLive((state) => stalenessOf(state.line, now, settings.live.heartbeatMs), isSameStaleness);
}
