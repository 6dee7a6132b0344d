import type { MapPoint } from '../../api/contract/map.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { call } from './http.ts';

/** Questions that come within this are asked together: a list scrolls, a view comes to rest. */
const GATHER_MS = 15;
/** As many as the server answers in one question. */
const ASKED_AT_ONCE = 200;
/** Details of points kept; the ones longest unused are forgotten and asked for again. */
const KEPT = 5_000;

/**
 * Names, series and devices of single points of a large city, fetched when something shows them. Outside React: many small parts of the screen ask at the
 * same moment, and one question serves them all.
 */
const known = new Map<number, MapPoint>();
/** `null`: there is no such point, or none that may be seen. */
const byId = new Map<PointId, MapPoint | null>();
const waitingNumbers = new Set<number>();
const waitingIds = new Set<PointId>();
const asked = new Set<number | PointId>();
const listeners = new Set<() => void>();
/** Of the last answer: `null` before it. */
let assetsThen: string | null = null;
let revision = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function keep(point: MapPoint): void {
  known.delete(point.number);
  known.set(point.number, point);
  byId.set(point.id, point);
  if (known.size <= KEPT) return;
  const [oldest] = known.values();
  if (!oldest) return;
  known.delete(oldest.number);
  byId.delete(oldest.id);
}

async function ask(): Promise<void> {
  timer = undefined;
  const numbers = [...waitingNumbers].slice(-ASKED_AT_ONCE);
  const ids = [...waitingIds].slice(-ASKED_AT_ONCE);
  for (const number of numbers) waitingNumbers.delete(number);
  for (const id of ids) waitingIds.delete(id);
  for (const one of [...numbers, ...ids]) asked.add(one);
  try {
    const { points, assets } = await call('GET /map/points', {
      query: { ...(numbers.length > 0 ? { numbers } : {}), ...(ids.length > 0 ? { ids } : {}) },
    });
    // What came with another digest may be old.
    if (assetsThen !== null && assets !== assetsThen) forgetPointDetails();
    assetsThen = assets;
    for (const point of points) keep(point);
    for (const id of ids) if (!byId.has(id)) byId.set(id, null);
  } catch {
    // Asked again by whoever still shows it.
  }
  for (const one of [...numbers, ...ids]) asked.delete(one);
  tell();
  askSoon();
}

function tell(): void {
  revision += 1;
  for (const listener of listeners) listener();
}

function askSoon(): void {
  if (timer !== undefined || waitingNumbers.size + waitingIds.size === 0) return;
  timer = setTimeout(() => void ask(), GATHER_MS);
}

export const pointDetails = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** The digest of the city's assets as the last answer gave it; `null` while nothing is held. */
  assets: (): string | null => assetsThen,
  /** Rises with every answer. */
  revision: (): number => revision,
  /** The point, fetched if need be; `undefined`: there is none, or it can't be had now. */
  async get(number: number): Promise<MapPoint | undefined> {
    if (!known.has(number)) {
      pointDetails.want({ numbers: [number] });
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          if (asked.has(number) || waitingNumbers.has(number)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
    }
    return known.get(number);
  },
  /** `undefined` until {@link want} has been answered. */
  byNumber: (number: number): MapPoint | undefined => known.get(number),
  /** `null`: there is none. */
  byId: (id: PointId): MapPoint | null | undefined => byId.get(id),
  /** Fetches what is not known of these. */
  want({ numbers = [], ids = [] }: { readonly numbers?: Iterable<number>; readonly ids?: Iterable<PointId> }): void {
    for (const number of numbers) if (!known.has(number) && !asked.has(number)) waitingNumbers.add(number);
    for (const id of ids) if (!byId.has(id) && !asked.has(id)) waitingIds.add(id);
    askSoon();
  },
};

/** The city has changed: all is asked for again when it is shown. */
export function forgetPointDetails(): void {
  known.clear();
  byId.clear();
  assetsThen = null;
  tell();
}
