import { useQuery } from '@tanstack/react-query';
import type { Location } from '../../domain/asset.ts';
import { usePlatform } from '../client/platform.tsx';
import { wardAt } from '../state/nearby.ts';

/** Code of the ward a place lies in, where the site has outlines of its wards; else `null`. */
export function useWard(at: Location | null): string | null {
  const { settings } = usePlatform();
  const url = settings.map.boundariesUrl;
  const outlines = useQuery({
    queryKey: ['ward-outlines', url],
    enabled: url !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => (await (await fetch(url ?? '', { signal })).json()) as GeoJSON.FeatureCollection,
  });
  return at && outlines.data ? wardAt(outlines.data, at) : null;
}
