import type { SiteId } from '../../../domain/identifiers.ts';
import { coursePast, floodedCourse } from './courses.ts';
import { at, type CityBuilder, offset, type PlaceRow, type PointDraft, type SiteDraft } from './place.ts';
import {
  DISTRICT_METERED_AREAS,
  FLOOD_SPOTS,
  PUMPING_STATIONS,
  RAIN_GAUGES,
  RAW_WATER,
  RIVER_GAUGES,
  SLUICES,
  WATER_PLANTS,
} from './water-places.ts';

/** Chart datum at Hòn Dáu lies about this far below the national one. */
const HON_DAU_CHART_DATUM_M = 1.9;
/** Mean household use in the city with its share of small shops. */
const M3_PER_CONNECTION_DAY = 0.62;

const place = (
  [slug, vi, en, longitude, latitude, ward]: PlaceRow<readonly unknown[]>,
  prefix: string,
  agency: string,
  kind: SiteDraft['kind'],
  tags: readonly string[],
): SiteDraft => ({
  id: `${prefix}-${slug}`,
  agency,
  domain: 'water',
  kind,
  name: { vi, en },
  location: at(longitude, latitude),
  ward,
  tags,
});

function addRiversAndRain(city: CityBuilder): void {
  for (const row of RIVER_GAUGES) {
    const [slug, , , , , , river, kmFromSea, meanLevelM] = row;
    const model = kmFromSea >= 38 ? 'water-river-adcp' : 'water-river-radar';
    city.site(place(row, 'river', 'hydromet', 'river_gauge', ['river', `river:${river}`, 'datum:national']), [
      { id: `wr-${slug}`, model, facts: { kind: 'river', kmFromSea, meanLevelM } },
    ]);
  }
  city.site(
    {
      id: 'tide-hon-dau',
      agency: 'hydromet',
      domain: 'water',
      kind: 'tide_gauge',
      name: { vi: 'Trạm hải văn Hòn Dáu', en: 'Hòn Dáu tide station' },
      location: at(106.8149, 20.6672),
      ward: '11455',
      tags: ['tide', 'datum:chart'],
    },
    [{ id: 'wt-hon-dau', model: 'water-tide', facts: { kind: 'tide', chartDatumM: HON_DAU_CHART_DATUM_M } }],
  );
  for (const row of RAIN_GAUGES)
    city.site(place(row, 'rain', 'hydromet', 'rain_gauge', ['rain']), [
      { id: `wn-${row[0]}`, model: 'water-rain', facts: { kind: 'rain' } },
    ]);
}

function addDrainage(city: CityBuilder): void {
  for (const row of FLOOD_SPOTS)
    city.site({ ...place(row, 'flood', 'drainage', 'flood_spot', ['street_flood']), path: floodedCourse(row[0]) }, [
      {
        id: `wf-${row[0]}`,
        model: 'water-flood',
        facts: { kind: 'flood_spot', drainedMmPerHour: row[6], groundLevelM: row[7] },
      },
    ]);
  for (const row of SLUICES)
    city.site(place(row, 'sluice', 'drainage', 'sluice', ['sluice', `water:${row[7]}`, 'datum:national']), [
      { id: `wg-${row[0]}`, model: 'water-sluice', facts: { kind: 'sluice', kmFromSea: row[6] } },
    ]);
  for (const row of PUMPING_STATIONS)
    city.site(place(row, 'pumps', 'drainage', 'pumping_station', ['pumping', 'datum:national']), [
      {
        id: `wp-${row[0]}`,
        model: 'water-pumps',
        facts: { kind: 'pumping_station', pumps: row[6], m3PerHourEach: row[7] },
      },
    ]);
}

function addSupply(city: CityBuilder): void {
  const mains = new Map<string, SiteId>();
  for (const row of WATER_PLANTS) {
    const [slug, vi, en, longitude, latitude, ward, m3PerHour] = row;
    const plant = city.site(place(row, 'plant', 'water-supply', 'water_plant', ['water_plant']), [
      {
        id: `wo-${slug}`,
        model: 'water-plant-outlet',
        name: { vi: `${vi}, đầu ra`, en: `${en}, outlet` },
        facts: { kind: 'plant_outlet', m3PerHour },
      },
      {
        id: `wq-${slug}`,
        model: 'water-plant-quality',
        name: { vi: `${vi}, chất lượng nước`, en: `${en}, water quality` },
        facts: { kind: 'plant_quality' },
      },
    ]);
    const head = offset(at(longitude, latitude), 120, 60);
    const fed = DISTRICT_METERED_AREAS.filter((area) => area[6] === slug);
    const main = city.site({
      id: `main-${slug}`,
      agency: 'water-supply',
      domain: 'water',
      kind: 'water_main',
      name: { vi: `Tuyến ống truyền tải ${vi}`, en: `Trunk main of ${en}` },
      location: head,
      path: coursePast(
        head,
        fed.map((area) => at(area[3], area[4])),
      ),
      ward,
      parent: plant,
      tags: ['main'],
    });
    mains.set(slug, main);
    city.link('water-supply', plant, main, 'feeds');
  }
  for (const row of DISTRICT_METERED_AREAS) addDistrictMeteredArea(city, row, mains);
  for (const row of RAW_WATER)
    city.site(place(row, 'raw', 'water-supply', 'other', ['raw_water', `water:${row[7]}`]), [
      { id: `ww-${row[0]}`, model: 'water-raw', facts: { kind: 'raw_water', kmFromSea: row[6] } },
    ]);
}

function addDistrictMeteredArea(
  city: CityBuilder,
  row: (typeof DISTRICT_METERED_AREAS)[number],
  mains: ReadonlyMap<string, SiteId>,
): void {
  const [slug, vi, en, longitude, latitude, , plant, connections] = row;
  const dma = `dma-${slug}` as SiteId;
  const centre = at(longitude, latitude);
  const points: PointDraft[] = [
    {
      id: `wd-${slug}`,
      model: 'water-dma-inlet',
      name: { vi: `${vi}, đồng hồ đầu vào`, en: `${en}, inlet meter` },
      tags: ['inlet'],
      facts: { kind: 'dma_inlet', dma, connections },
    },
    {
      id: `we-${slug}`,
      model: 'water-pressure',
      name: { vi: `${vi}, áp lực giữa vùng`, en: `${en}, mid-zone pressure` },
      location: offset(centre, 170, -140),
      tags: ['pressure'],
      facts: { kind: 'dma_pressure', dma, connections, remoteness: 0.55 },
    },
    {
      id: `wc-${slug}`,
      model: 'water-pressure',
      name: { vi: `${vi}, điểm áp lực bất lợi`, en: `${en}, critical point` },
      location: offset(centre, -210, 190),
      tags: ['pressure', 'critical_point'],
      facts: { kind: 'dma_pressure', dma, connections, remoteness: 1 },
    },
    {
      id: `wm-${slug}`,
      model: 'water-customer',
      name: { vi: `${vi}, khách hàng đại diện`, en: `${en}, sample customer` },
      location: offset(centre, 60, 110),
      tags: ['customer'],
      facts: { kind: 'water_customer', dma, m3PerDay: M3_PER_CONNECTION_DAY * 12 },
    },
  ];
  city.site(place(row, 'dma', 'water-supply', 'district_metered_area', ['dma', `dma:${slug}`]), points);
  const main = mains.get(plant);
  if (main === undefined) throw new Error(`city data: plant ${plant} of ${slug} is not defined`);
  city.link('water-supply', main, dma, 'feeds');
}

/** Rivers, tide, rain, drainage and drinking water. */
export function addWater(city: CityBuilder): void {
  addRiversAndRain(city);
  addDrainage(city);
  addSupply(city);
}
