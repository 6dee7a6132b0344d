import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASEMAP_COLOURS, basemapStyle } from './style.ts';

const channel = (hex: string, at: number): number => {
  const v = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};
const luminance = (hex: string) => 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
/** Contrast ratio of WCAG 2.2. */
const contrast = (a: string, b: string) => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const STATES = {
  light: { critical: '#c62a2f', major: '#b45309', minor: '#8a6d00', notice: '#1d6fd1', unknown: '#5f6b76' },
  dark: { critical: '#f2555a', major: '#f28c28', minor: '#e2b203', notice: '#6ea8fe', unknown: '#8b98a5' },
} as const;

describe('the basemap style', () => {
  it.each(
    (['light', 'dark'] as const).flatMap((theme) =>
      Object.entries(STATES[theme]).map(([state, colour]) => ({ theme, state, colour })),
    ),
  )('lets $state stand out at 3:1 from every fill and road of the $theme operations map', ({ theme, colour }) => {
    const { sea, land, builtUp, park, motorway, trunk, primary, secondary } = BASEMAP_COLOURS.operations[theme];
    for (const fill of [sea, land, builtUp, park, secondary, primary, trunk, motorway])
      expect(contrast(colour, fill)).toBeGreaterThanOrEqual(3);
  });

  it('asks for nothing but the addresses it was given', () => {
    const style = basemapStyle({
      theme: 'dark',
      variant: 'operations',
      dataUrl: 'http://here/basemap',
      fontUrl: 'http://here/fonts',
    });
    expect([...JSON.stringify(style).matchAll(/https?:\/\/[^/"]+/g)].every(([host]) => host === 'http://here')).toBe(
      true,
    );
  });

  it('names every layer once, from a source it has', () => {
    const style = basemapStyle({
      theme: 'light',
      variant: 'plain',
      dataUrl: 'http://a',
      fontUrl: 'http://a',
      boundaries: { url: 'http://a/w', attribution: 'W' },
    });
    expect(new Set(style.layers.map((l) => l.id)).size).toBe(style.layers.length);
    for (const layer of style.layers) if ('source' in layer) expect(Object.keys(style.sources)).toContain(layer.source);
  });
});

describe('the committed basemap data', () => {
  const DEPTH: Readonly<Record<string, number>> = { Point: 0, LineString: 1, Polygon: 2, MultiPolygon: 3 };
  const depth = (value: unknown): number => (Array.isArray(value) ? 1 + depth(value[0]) : 0);
  it.each(['land', 'rivers', 'places', 'roads', 'areas'])('nests the coordinates of %s as its types say', (name) => {
    const { features } = JSON.parse(readFileSync(join(import.meta.dirname, 'data', `${name}.geojson`), 'utf8')) as {
      features: { geometry: { type: string; coordinates: unknown } }[];
    };
    expect(features.filter(({ geometry: g }) => depth(g.coordinates) !== (DEPTH[g.type] ?? Number.NaN) + 1)).toEqual(
      [],
    );
  });
});

const REFERENCE = '../shared/basemap';
describe.skipIf(!existsSync(REFERENCE))(`the basemap data, beside the reference clip in ${REFERENCE}`, () => {
  const geometries = (file: string) =>
    new Set(
      (JSON.parse(readFileSync(file, 'utf8')).features as { geometry: unknown; properties: { src?: string } | null }[])
        // Authored labels are ours to move.
        .filter(({ properties }) => properties?.src !== 'authored')
        .map((f) => JSON.stringify(f.geometry)),
    );
  it.each(['land', 'rivers', 'places'])('has every shape of %s', (name) => {
    const ours = geometries(join(import.meta.dirname, 'data', `${name}.geojson`));
    expect([...geometries(join(REFERENCE, `${name}.geojson`))].filter((g) => !ours.has(g))).toEqual([]);
  });
});
