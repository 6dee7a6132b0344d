import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { AppSettings } from '../../api/contract/map.ts';
import { basemapStyle, fontFaces } from '../../config/basemap/style.ts';
import type { MapTheme } from './overlay-layers.ts';

/** The ground everything stands on: a whole style, or the address of one. */
export interface MapBasemap {
  readonly theme: MapTheme;
  readonly style: StyleSpecification | string;
  /** Of what the site has added; the bundled data's sources are named by the page, in its language. */
  readonly attribution: string;
  /** Roads drawn for orientation only: the map says so. */
  readonly isSchematic: boolean;
  /** Made of the style once it is loaded: our fonts and the site's ward outlines added. */
  readonly complete: (style: StyleSpecification) => StyleSpecification;
}
type MapSettings = AppSettings['map'];

const absolute = (path: string): string => new URL(path, document.baseURI).href;
const dataUrl = (): string => absolute('/basemap');
const fontUrl = (): string => absolute('/basemap/fonts');

/** Bundled with the platform: needs no other host, and never fails. */
export function offlineBasemap(settings: MapSettings, theme: MapTheme): MapBasemap {
  const boundaries = settings.boundariesUrl
    ? { url: absolute(settings.boundariesUrl), attribution: settings.attribution ?? '' }
    : undefined;
  return {
    theme,
    style: basemapStyle({
      theme,
      variant: 'operations',
      dataUrl: dataUrl(),
      fontUrl: fontUrl(),
      ...(boundaries ? { boundaries } : {}),
    }),
    attribution: boundaries?.attribution ?? '',
    isSchematic: true,
    complete: (style) => style,
  };
}

/** Adds to a site's own style what labels of ours and ward outlines need. */
function completing(settings: MapSettings, theme: MapTheme): MapBasemap['complete'] {
  return (style) => {
    const offline = basemapStyle({
      theme,
      variant: 'operations',
      dataUrl: dataUrl(),
      fontUrl: fontUrl(),
      ...(settings.boundariesUrl ? { boundaries: { url: absolute(settings.boundariesUrl), attribution: '' } } : {}),
    });
    const wards = offline.sources['wards'];
    const wardLayers = offline.layers.filter(
      (layer: LayerSpecification) => 'source' in layer && layer.source === 'wards',
    );
    return {
      ...style,
      'font-faces': { ...style['font-faces'], ...fontFaces(fontUrl()) },
      sources: { ...style.sources, ...(wards ? { wards } : {}) },
      layers: [...style.layers, ...(wards ? wardLayers : [])],
    };
  };
}

/**
 * The basemap the site has set. Code for PMTiles is fetched only where a site uses them.
 * @throws when the site's map can't be had; the caller falls back to {@link offlineBasemap} and says so.
 */
export async function siteBasemap(settings: MapSettings, theme: MapTheme): Promise<MapBasemap> {
  const { basemap } = settings;
  const attribution = settings.attribution ?? '';
  switch (basemap.mode) {
    case 'offline':
      return offlineBasemap(settings, theme);
    case 'style':
      return {
        theme,
        style: absolute(basemap.styleUrl),
        attribution,
        isSchematic: false,
        complete: completing(settings, theme),
      };
    case 'pmtiles': {
      const { protomapsStyle } = await import('./pmtiles-basemap.ts');
      return {
        theme,
        style: await protomapsStyle(absolute(basemap.pmtilesUrl), basemap.flavor ?? theme),
        attribution: attribution === '' ? '© OpenStreetMap contributors' : attribution,
        isSchematic: false,
        complete: completing(settings, theme),
      };
    }
  }
}
