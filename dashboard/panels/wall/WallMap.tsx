import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DisplayView } from '../../../domain/display.ts';
import { usePlatform } from '../../client/platform.tsx';
import { useCity, useTellPointStates } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { type MapBasemap, offlineBasemap, siteBasemap } from '../../map/basemap.ts';
import { type CityMap, createCityMap, HOME_VIEW } from '../../map/city-map.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { WallLayers } from './WallLayers.tsx';
import '../../styles/map.css';

const nothing = () => {};
/** A map of this height in pixels has symbols and names that are read from five metres when it is as large as the wall's. */
const READ_HEIGHT_PIXELS = 640;

/** The city or a part of it; nobody touches it. */
export function WallMap({ view, theme }: { view: Extract<DisplayView, { readonly kind: 'map' }>; theme: MapTheme }) {
  const { t } = useLanguage();
  const { settings } = usePlatform();
  const { places } = useCity();
  const container = useRef<HTMLDivElement>(null);
  const map = useRef<CityMap | null>(null);
  /** The same, for what is laid over it. */
  const [madeMap, setMadeMap] = useState<CityMap | null>(null);
  const basemap = useWallBasemap(settings.map, theme);
  const { area, layers } = view;
  const label = t('map.label');
  // Drawn small and shown large; the part of the city stays the same.
  const [scale] = useState(() => Math.max(1, window.innerHeight / READ_HEIGHT_PIXELS));
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew for another ground or another part
  useEffect(() => {
    if (!container.current || basemap === null) return;
    const looked = area ?? HOME_VIEW;
    const made = createCityMap(
      container.current,
      { basemap, view: { ...looked, zoom: looked.zoom - Math.log2(scale) / 2 }, label },
      {
        onSelect: nothing,
        onView: nothing,
        onHover: nothing,
        onLabelled: nothing,
        onBasemapError: nothing,
        onReady: nothing,
      },
    );
    map.current = made;
    setMadeMap(made);
    return () => {
      map.current = null;
      setMadeMap(null);
      made.destroy();
    };
  }, [basemap, area]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useEffect(() => map.current?.setPlaces(places), [places, basemap, area]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useTellPointStates(useCallback(({ ranks }) => map.current?.setStates(ranks), [places, basemap, area]));
  return (
    <section className="wall-map" aria-label={area?.name ?? t('wall.wholeCity')}>
      <div className="wall-map-ground">
        <div
          ref={container}
          className="map-canvas"
          style={{ width: `${100 / scale}%`, height: `${100 / scale}%`, transform: `scale(${scale})` }}
        />
      </div>
      <h2>{area?.name ?? t('wall.wholeCity')}</h2>
      {madeMap !== null && layers.length > 0 ? <WallLayers map={madeMap} theme={theme} layers={layers} /> : null}
    </section>
  );
}

/** The site's own ground, or the one that comes with the platform while the other can't be had. */
function useWallBasemap(settings: Parameters<typeof siteBasemap>[0], theme: MapTheme): MapBasemap | null {
  const offline = useMemo(() => offlineBasemap(settings, theme), [settings, theme]);
  const isOffline = settings.basemap.mode === 'offline';
  const [site, setSite] = useState<MapBasemap | null>(null);
  useEffect(() => {
    if (isOffline) return;
    let wanted = true;
    siteBasemap(settings, theme).then(
      (loaded) => wanted && setSite(loaded),
      () => wanted && setSite(offline),
    );
    return () => {
      wanted = false;
    };
  }, [settings, theme, isOffline, offline]);
  return isOffline ? offline : site;
}
