import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

/** The site's wards by code and name, where it supplies their outlines; none without an address. */
export function useWardOutlines(url: string | null): readonly { readonly code: string; readonly name: string }[] {
  const outlines = useQuery({
    queryKey: ['ward-outlines', url],
    enabled: url !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => (await (await fetch(url ?? '', { signal })).json()) as GeoJSON.FeatureCollection,
  });
  return useMemo(() => {
    const named = (outlines.data?.features ?? []).flatMap(({ properties }) => {
      const code: unknown = properties?.['code'];
      return code === undefined || code === null
        ? []
        : [{ code: String(code), name: String(properties?.['name'] ?? code) }];
    });
    return [...new Map(named.map((ward) => [ward.code, ward])).values()];
  }, [outlines.data]);
}
