import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { MapLayer } from '../../../domain/map-lines.ts';
import { usePlatform } from '../../client/platform.tsx';
import { readLayers, writeLayers } from '../../state/map-layers.ts';

const keyOf = (userId: string): string => `hd.map-layers.${userId}`;

/**
 * The layers in the map's address. A person who opens the map anew finds those chosen last; a link, which says where the map looks, opens with its own alone.
 */
export function useMapLayers(): {
  readonly layers: readonly MapLayer[];
  readonly setLayers: (layers: readonly MapLayer[]) => void;
} {
  const { session } = usePlatform();
  const search = useSearch({ from: '/shell/' });
  const navigate = useNavigate();
  const key = keyOf(session.user.id);
  const layers = useMemo(() => readLayers(search.layers), [search.layers]);
  const isNew = search.view === undefined && search.layers === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the page is opened
  useEffect(() => {
    const remembered = isNew ? writeLayers(readLayers(localStorage.getItem(key))) : undefined;
    if (remembered === undefined) return;
    void navigate({ to: '/', search: (before) => ({ ...before, layers: remembered }) as never, replace: true });
  }, []);
  return {
    layers,
    setLayers(next) {
      const written = writeLayers(next);
      if (written === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, written);
      void navigate({
        to: '/',
        search: (before) =>
          ({ ...before, layers: written, list: written === undefined ? undefined : before.list }) as never,
        replace: true,
      });
    },
  };
}
