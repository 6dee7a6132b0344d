import type { SiteId } from '../../../domain/identifiers.ts';
import type { Localized } from '../../../domain/localized.ts';
import type { LoadClass } from '../facts.ts';
import { coursePast } from './courses.ts';
import { at, type CityBuilder, offset } from './place.ts';
import { FEEDERS, type FeederRow, SUBSTATIONS } from './power-places.ts';

const AGENCY = 'power';
/** A 22 kV feeder of the city carries this at its highest load. */
const FEEDER_PEAK_KW: Readonly<Record<LoadClass, number>> = {
  residential: 7_200,
  commercial: 8_400,
  industrial: 11_000,
};
/** Metered customers behind a transformer that report to the platform. */
const METERS: Readonly<Record<LoadClass, number>> = { residential: 3, commercial: 2, industrial: 1 };
const METER_MEAN_KW: Readonly<Record<LoadClass, number>> = { residential: 0.55, commercial: 9, industrial: 210 };
/** Radians between neighbouring meters round their transformer: the golden angle spreads any number of them evenly. */
const GOLDEN_ANGLE_RAD = Math.PI * (3 - Math.sqrt(5));
const CUSTOMER: Readonly<Record<LoadClass, Localized>> = {
  residential: { vi: 'hộ gia đình', en: 'Household' },
  commercial: { vi: 'cơ sở kinh doanh', en: 'Business' },
  industrial: { vi: 'nhà máy', en: 'Factory' },
};
/** By whose it is and where it hangs: transformers are numbered already, so customers of one have letters, if there are several. */
const meterName = (load: LoadClass, transformer: string, n: number): Localized => {
  const letter = METERS[load] === 1 ? '' : ` ${String.fromCharCode(64 + n)}`;
  const { vi, en } = CUSTOMER[load];
  return { vi: `Công tơ ${vi}${letter}, trạm ${transformer}`, en: `${en} meter${letter}, ${transformer} transformer` };
};

/** Substations, feeders, transformers and the meters behind them. */
export function addPower(city: CityBuilder): void {
  const substations = new Map<string, { readonly site: SiteId; readonly row: (typeof SUBSTATIONS)[number] }>();
  for (const row of SUBSTATIONS) {
    const [slug, vi, en, longitude, latitude, ward, peakMw] = row;
    const substation = `substation-${slug}` as SiteId;
    city.site(
      {
        id: substation,
        agency: AGENCY,
        domain: 'power',
        kind: 'substation',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        tags: ['substation'],
      },
      [
        {
          id: `ps-${slug}`,
          model: 'power-substation',
          facts: { kind: 'substation', substation, peakKw: peakMw * 1000 },
        },
      ],
    );
    substations.set(slug, { site: substation, row });
  }
  for (const row of FEEDERS) {
    const from = substations.get(row.substation);
    if (from === undefined) throw new Error(`city data: substation ${row.substation} is not defined`);
    const [, , , longitude, latitude, ward] = from.row;
    addFeeder(city, row, from.site, at(longitude, latitude), ward);
  }
}

function addFeeder(
  city: CityBuilder,
  row: FeederRow,
  substation: SiteId,
  origin: { readonly longitude: number; readonly latitude: number },
  ward: string,
): void {
  const slug = `${row.substation}-${row.number}`;
  const feeder = `feeder-${slug}` as SiteId;
  const bay = Number(row.number.at(-1));
  // The bays stand side by side in the substation's yard.
  const yard = offset(origin, 25 * (bay - 3), -40);
  city.site(
    {
      id: feeder,
      agency: AGENCY,
      domain: 'power',
      kind: 'feeder',
      name: { vi: `Xuất tuyến ${row.number} ${row.name}`, en: `Feeder ${row.number} ${row.name}` },
      location: yard,
      path: coursePast(
        yard,
        row.transformers.map(([, longitude, latitude]) => at(longitude, latitude)),
      ),
      ward,
      parent: substation,
      tags: ['feeder', `load:${row.load}`],
    },
    [
      {
        id: `pf-${slug}`,
        model: 'power-feeder',
        facts: { kind: 'feeder', substation, feeder, load: row.load, peakKw: FEEDER_PEAK_KW[row.load] },
      },
    ],
  );
  city.link(AGENCY, substation, feeder, 'feeds');
  row.transformers.forEach(([name, longitude, latitude, transformerWard, ratedKva], index) => {
    const id = `${slug}-${index + 1}`;
    const transformer = `transformer-${id}` as SiteId;
    const location = at(longitude, latitude);
    const power = { substation, feeder, transformer, load: row.load } as const;
    city.site(
      {
        id: transformer,
        agency: AGENCY,
        domain: 'power',
        kind: 'transformer',
        name: { vi: `Trạm biến áp ${name}`, en: `${name} transformer` },
        location,
        ward: transformerWard,
        parent: feeder,
        tags: ['transformer', `load:${row.load}`],
      },
      [{ id: `pt-${id}`, model: 'power-transformer', facts: { kind: 'transformer', ...power, ratedKva } }],
    );
    city.link(AGENCY, feeder, transformer, 'feeds');
    for (let n = 1; n <= METERS[row.load]; n += 1) {
      const remoteness = n / (METERS[row.load] + 0.5);
      const metres = 40 + 160 * remoteness;
      const angle = GOLDEN_ANGLE_RAD * (n + index);
      const meter = city.site(
        {
          id: `meter-${id}-${n}`,
          agency: AGENCY,
          domain: 'power',
          kind: 'electricity_meter',
          name: meterName(row.load, name, n),
          location: offset(location, metres * Math.cos(angle), metres * Math.sin(angle)),
          ward: transformerWard,
          parent: transformer,
          tags: ['meter', `load:${row.load}`],
        },
        [
          {
            id: `pm-${id}-${n}`,
            model: 'power-meter',
            facts: {
              kind: 'electricity_meter',
              ...power,
              meanKw: METER_MEAN_KW[row.load] * (0.6 + 0.4 * n),
              remoteness,
            },
          },
        ],
      );
      city.link(AGENCY, transformer, meter, 'feeds');
    }
  });
}
