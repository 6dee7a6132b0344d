import type { SiteId } from '../../../domain/identifiers.ts';
import type { RoadSetting } from '../facts.ts';
import { roadCourse } from './courses.ts';
import { at, type CityBuilder, named, offset, type PointDraft } from './place.ts';
import { BRIDGES, CAR_PARKS, GATEWAYS, JUNCTIONS, PORTS, ROAD_SEGMENTS } from './traffic-places.ts';

const AGENCY = 'transport';

const by = (gateway: SiteId | undefined) => (gateway === undefined ? {} : { gateway });

/** Detectors of both directions of one road, some metres apart as on the carriageways. */
const bothDirections = (
  id: string,
  name: { readonly vi: string; readonly en: string },
  location: { readonly longitude: number; readonly latitude: number },
  lanes: number,
  setting: RoadSetting,
  gateway?: SiteId,
): readonly PointDraft[] => [
  {
    id: `${id}-in`,
    model: 'traffic-radar',
    name: named(name, ', hướng vào trung tâm', ', inbound'),
    location: offset(location, 18, 22),
    tags: ['inbound'],
    facts: { kind: 'road', setting, lanes: lanes / 2, heading: 1, lengthKm: 0, ...by(gateway) },
  },
  {
    id: `${id}-out`,
    model: 'traffic-radar',
    name: named(name, ', hướng ra ngoài', ', outbound'),
    location: offset(location, -18, -22),
    tags: ['outbound'],
    facts: { kind: 'road', setting, lanes: lanes / 2, heading: -1, lengthKm: 0, ...by(gateway) },
  },
];

/** Junctions, bridges, port gates, road segments and car parks. */
export function addTraffic(city: CityBuilder): void {
  const gateways = new Map<string, SiteId>();
  for (const [slug, vi, en, longitude, latitude, ward, junctions] of GATEWAYS) {
    const gateway = `cabinet-${slug}` as SiteId;
    city.site(
      {
        id: gateway,
        agency: AGENCY,
        domain: 'traffic',
        kind: 'gateway_cabinet',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        tags: ['gateway'],
      },
      [{ id: `tg-${slug}`, model: 'traffic-gateway', facts: { kind: 'gateway', gateway } }],
    );
    for (const junction of junctions) gateways.set(junction, gateway);
  }
  for (const [slug, vi, en, longitude, latitude, ward, lanes, setting] of JUNCTIONS) {
    const name = { vi, en };
    const location = at(longitude, latitude);
    const gateway = gateways.get(slug);
    const junction = city.site(
      {
        id: `junction-${slug}`,
        agency: AGENCY,
        domain: 'traffic',
        kind: 'junction',
        name,
        location,
        ward,
        tags: [setting],
      },
      bothDirections(`tj-${slug}`, name, location, lanes, setting, gateway),
    );
    if (gateway !== undefined) city.link(AGENCY, gateway, junction, 'backhauls');
  }
  for (const [slug, vi, en, longitude, latitude, ward, lanes, setting, hasAnemometer] of BRIDGES) {
    const name = { vi, en };
    const location = at(longitude, latitude);
    const wind: readonly PointDraft[] = hasAnemometer
      ? [
          {
            id: `tw-${slug}`,
            model: 'traffic-anemometer',
            name: named(name, ', gió mặt cầu', ', deck wind'),
            tags: ['wind'],
            facts: { kind: 'bridge_wind' },
          },
        ]
      : [];
    city.site(
      {
        id: `bridge-${slug}`,
        agency: AGENCY,
        domain: 'traffic',
        kind: 'bridge',
        name,
        location,
        ward,
        tags: ['bridge'],
      },
      [...bothDirections(`tb-${slug}`, name, location, lanes, setting), ...wind],
    );
  }
  for (const [slug, vi, en, longitude, latitude, ward, trucksPerHour] of PORTS)
    city.site(
      {
        id: `port-${slug}`,
        agency: AGENCY,
        domain: 'traffic',
        kind: 'port',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        tags: ['port'],
      },
      [
        {
          id: `tp-${slug}`,
          model: 'traffic-port-gate',
          name: { vi: `${vi}, cổng xe`, en: `${en}, truck gate` },
          facts: { kind: 'port_gate', trucksPerHour },
        },
      ],
    );
  for (const [slug, vi, en, longitude, latitude, ward, lanes, setting, lengthKm] of ROAD_SEGMENTS) {
    const location = at(longitude, latitude);
    const road = city.site({
      id: `road-${slug}`,
      agency: AGENCY,
      domain: 'traffic',
      kind: 'road',
      name: { vi, en },
      location,
      ward,
      tags: [setting],
    });
    const segment = city.site(
      {
        id: `segment-${slug}`,
        agency: AGENCY,
        domain: 'traffic',
        kind: 'road_segment',
        name: { vi, en },
        location,
        path: roadCourse(slug),
        ward,
        parent: road,
        tags: [setting],
      },
      [
        {
          id: `ts-${slug}`,
          model: 'traffic-segment',
          facts: { kind: 'road', setting, lanes, heading: 0, lengthKm },
        },
      ],
    );
    city.link(AGENCY, road, segment, 'contains');
  }
  for (const [slug, vi, en, longitude, latitude, ward, places] of CAR_PARKS)
    city.site(
      {
        id: `car-park-${slug}`,
        agency: AGENCY,
        domain: 'traffic',
        kind: 'parking',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        tags: ['car_park'],
      },
      [{ id: `tk-${slug}`, model: 'traffic-car-park', facts: { kind: 'car_park', places } }],
    );
}
