import { layers, namedFlavor } from '@protomaps/basemaps';
import { addProtocol, type StyleSpecification } from 'maplibre-gl';
import { PMTiles, Protocol } from 'pmtiles';

const protocol = new Protocol();
addProtocol('pmtiles', protocol.tile);

/**
 * Style over a site's own PMTiles file with the Protomaps layers. Its font names are those of our font faces; it has no sprite.
 * @throws when the file can't be read: the server must answer range requests with 206.
 */
export async function protomapsStyle(url: string, flavor: 'light' | 'dark'): Promise<StyleSpecification> {
  const archive = new PMTiles(url);
  await archive.getHeader();
  protocol.add(archive);
  return {
    version: 8,
    sources: { protomaps: { type: 'vector', url: `pmtiles://${url}` } },
    layers: layers('protomaps', namedFlavor(flavor), { lang: 'vi' }) as StyleSpecification['layers'],
  };
}
