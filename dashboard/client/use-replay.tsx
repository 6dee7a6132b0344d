import { useNavigate, useSearch } from '@tanstack/react-router';
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
import type { MapPoint } from '../../api/contract/map.ts';
import { readMoment, speedOf, writeMoment } from '../state/replay-clock.ts';
import { PastPlatform, usePlatform } from './platform.tsx';
import { openReplay, type Replay, type ReplayState } from './replay-city.ts';
import { PastCity, PlacesFollowStates, useCity } from './use-city.tsx';

/** While playing, the address follows this often: a link copied then is near enough, and the history is not flooded. */
const ADDRESS_EVERY_MS = 5_000;

interface ReplayControl {
  /** `null`: the screen is live. */
  readonly replay: Replay | null;
  /** Back to live. */
  readonly leave: () => void;
}
const ReplayContext = createContext<ReplayControl>({ replay: null, leave: () => {} });

/** Holds the replay while the address names a moment (`at`), and keeps the two together. */
export function ReplayProvider({ children }: { children: ReactNode }) {
  const { settings } = usePlatform();
  const { places, isLoading } = useCity();
  const search: { readonly at?: string; readonly known?: string; readonly speed?: number } = useSearch({
    strict: false,
  });
  const navigate = useNavigate();
  const [replay, setReplay] = useState<Replay | null>(null);
  const moment = readMoment(search.at);
  const isPast = moment !== null;
  const isWhole = places.length <= settings.live.pointsWhole;
  const asked = useRef({ moment, search });
  asked.current = { moment, search };

  useEffect(() => {
    const { moment: at, search: words } = asked.current;
    if (!isPast || isLoading || at === null) return;
    const opened = openReplay({
      at,
      speed: speedOf(words.speed),
      known: words.known === 'now' ? 'now' : 'then',
      isWhole,
    });
    setReplay(opened);
    return () => {
      opened.close();
      setReplay(null);
    };
  }, [isPast, isLoading, isWhole]);

  // The address goes where the replay has gone …
  const written = useRef<string | null>(null);
  useEffect(() => {
    if (!replay) return;
    written.current = asked.current.search.at ?? null;
    let lastAt = Date.now();
    return replay.subscribe(() => {
      const { at, target, isPlaying, known, speed } = replay.get();
      if (at !== target || (isPlaying && Date.now() - lastAt < ADDRESS_EVERY_MS)) return;
      const words = asked.current.search;
      const next = { at: writeMoment(at), known: known === 'now' ? known : undefined, speed };
      if (next.at === words.at && next.known === words.known && next.speed === words.speed) return;
      if (next.at === written.current && next.at !== words.at) return;
      lastAt = Date.now();
      written.current = next.at;
      void navigate({ to: '.', search: (before) => ({ ...before, ...next }) as never, replace: true });
    });
  }, [replay, navigate]);
  // … and the replay where the address has been sent: a bookmark, the browser's back.
  useEffect(() => {
    if (!replay || search.at === undefined || search.at === written.current) return;
    written.current = search.at;
    const at = readMoment(search.at);
    if (at !== null) replay.seek(at);
  }, [replay, search.at]);

  const leave = useCallback(
    () =>
      void navigate({
        to: '.',
        search: (before) => ({ ...before, at: undefined, known: undefined, speed: undefined }) as never,
      }),
    [navigate],
  );
  const control = useMemo(() => ({ replay: isPast ? replay : null, leave }), [isPast, replay, leave]);

  // Seen by styles: a screen of the past looks like one wherever one looks.
  useEffect(() => {
    document.documentElement.toggleAttribute('data-past', isPast);
    return () => document.documentElement.removeAttribute('data-past');
  }, [isPast]);
  return <ReplayContext.Provider value={control}>{children}</ReplayContext.Provider>;
}

export const useReplay = (): ReplayControl => useContext(ReplayContext);

/** The state of a replay; renders again with each change of it. */
export const useReplayState = (replay: Replay): ReplayState => useSyncExternalStore(replay.subscribe, replay.get);

/** Gives what is in it the city of the moment: the past while there is a replay, else what is live. */
export function CityOfTheMoment({ children }: { children: ReactNode }) {
  const { replay } = useReplay();
  return (
    <PastPlatform live={replay?.live ?? null}>
      <PlacesFollowStates />
      {replay ? <CityThen replay={replay}>{children}</CityThen> : <PastCity asShown={null}>{children}</PastCity>}
    </PastPlatform>
  );
}

/** Points with the names and devices they had. */
function CityThen({ replay, children }: { replay: Replay; children: ReactNode }) {
  const get = replay.get;
  const register = useSyncExternalStore(replay.subscribe, () => get().register);
  const known = useSyncExternalStore(replay.subscribe, () => get().known);
  // While nothing changes in the register, no point is made anew.
  const changes = useSyncExternalStore(replay.subscribe, () => get().register?.changesBefore(get().at) ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the moment counts only as far as changes lie before it
  const asShown = useMemo(() => {
    const { at } = get();
    return register && ((point: MapPoint) => register.point(point, at, known));
  }, [register, known, changes]);
  return <PastCity asShown={asShown}>{children}</PastCity>;
}
