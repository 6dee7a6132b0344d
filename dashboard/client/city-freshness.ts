import type { QueryClient } from '@tanstack/react-query';
import { forgetPointDetails, pointDetails } from './point-details.ts';
import { mapPlacesQuery, mapPointsQuery } from './queries.ts';

/** A change is on the line and in the answers within this of each other. */
const SETTLE_MS = 500;
/** Another server than the one on the line may know of a change a little later: so often it is asked again. */
const ATTEMPTS = 8;
const FETCHED = [mapPlacesQuery, mapPointsQuery].map(({ queryKey }) => queryKey);

/**
 * Keeps what was fetched of the city's points as new as what the line tells: whatever was fetched before the line stood, while it was broken, or from a
 * server that knew less, is fetched again.
 */
export function keepCityFresh(queries: QueryClient): { expect(assets: string): void; stop(): void } {
  let expected: string | null = null;
  let attempts = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isOld = (assets: string | null | undefined): boolean => (assets ?? expected) !== expected;
  /** What is being fetched is looked at when it has come; what nobody shows is fetched when somebody does. */
  const oldKeys = () =>
    FETCHED.filter((queryKey) => {
      const query = queries.getQueryCache().find<{ readonly assets: string }>({ queryKey });
      if (!query || query.state.fetchStatus === 'fetching' || !isOld(query.state.data?.assets)) return false;
      return query.isActive() || !query.state.isInvalidated;
    });

  function look(): void {
    if (expected === null || timer !== undefined || attempts >= ATTEMPTS) return;
    if (oldKeys().length === 0 && !isOld(pointDetails.assets())) return;
    timer = setTimeout(() => {
      timer = undefined;
      attempts += 1;
      if (isOld(pointDetails.assets())) forgetPointDetails();
      for (const queryKey of oldKeys()) void queries.invalidateQueries({ queryKey });
      look();
    }, SETTLE_MS);
  }

  const leaveQueries = queries.getQueryCache().subscribe(look);
  const leaveDetails = pointDetails.subscribe(look);
  return {
    /** Told by the line. */
    expect(assets) {
      if (assets !== expected) attempts = 0;
      expected = assets;
      look();
    },
    stop() {
      leaveQueries();
      leaveDetails();
      clearTimeout(timer);
    },
  };
}
