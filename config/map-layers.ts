import type { Site } from '../domain/asset.ts';
import type { LineClass, LineLayer, LineScale } from '../domain/map-lines.ts';
import type { QuantityKey } from '../domain/quantity.ts';
import { FLOOD_DEPTHS } from './legal-limits/flood-depth.ts';
import type { Evidence } from './legal-limits/legal-limit.ts';
import { NOMINAL_MEDIUM_KILOVOLTS, NOMINAL_PHASE_VOLTS, NORMAL_OPERATION } from './legal-limits/supply-voltage.ts';
import { SERVICE_PRESSURE } from './legal-limits/water-supply.ts';
import { type CatalogueKey, quantityKey } from './quantities.ts';

/*
 * What colours the lines of the map: which quantity is held against which scale, and where a scale's figures come from. Figures marked `unverified` were
 * remembered; `convention` is the platform's own. Change them here.
 */

export interface PublishedScale extends LineScale {
  readonly quantities: readonly QuantityKey[];
  readonly source: string;
  readonly evidence: Evidence;
}

/** `best` for everything up to the first limit; each next class above its limit, or at it where `includes`. */
const ladder = (
  first: LineClass,
  ...steps: readonly (readonly [lineClass: LineClass, from: number, includes?: 'included'])[]
): LineScale['steps'] => [
  { lineClass: first, from: Number.NEGATIVE_INFINITY, includesFrom: true },
  ...steps.map(([lineClass, from, includes]) => ({ lineClass, from, includesFrom: includes === 'included' })),
];

const scale = (
  key: string,
  layer: LineLayer,
  quantities: readonly CatalogueKey[],
  of: LineScale['of'],
  steps: LineScale['steps'],
  [source, evidence]: readonly [string, Evidence],
): PublishedScale => ({ key, layer, quantities: quantities.map(quantityKey), of, steps, source, evidence });

const KM_PER_MILE = 1.609344;
/** Metres of road that a vehicle and the detector's zone take together: density per kilometre and lane is ten times the percent over this. */
const VEHICLE_AND_DETECTOR_M = 6.5;
const occupancyAt = (perMileAndLane: number): number => ((perMileAndLane / KM_PER_MILE) * VEHICLE_AND_DETECTOR_M) / 10;

/** Left of the nominal voltage below which a supply counts as interrupted, percent (EN 50160), and the bars below which nothing is left of a main. */
const INTERRUPTED_PERCENT = 5;
const EMPTY_MAIN_BAR = 0.1;
const METRES_PER_BAR = 10.197;

const [wet, motorcycles, cars, closed] = FLOOD_DEPTHS.map(({ value }) => value / 100) as [
  number,
  number,
  number,
  number,
];

export const LINE_SCALES: readonly PublishedScale[] = [
  scale(
    'street_speed',
    'roads',
    ['vehicle_speed'],
    'percent',
    ladder('F', ['E', 30], ['D', 40], ['C', 50], ['B', 67], ['A', 80]),
    ['HCM 6, urban street segments: travel speed as a share of the free one', 'unverified'],
  ),
  scale(
    'expressway_occupancy',
    'roads',
    ['occupancy'],
    'value',
    ladder(
      'A',
      ['B', occupancyAt(11)],
      ['C', occupancyAt(18)],
      ['D', occupancyAt(26)],
      ['E', occupancyAt(35)],
      ['F', occupancyAt(45)],
    ),
    [`HCM, basic freeway segments: density; of occupancy with ${VEHICLE_AND_DETECTOR_M} m a vehicle`, 'convention'],
  ),
  scale(
    'supply_voltage',
    'power',
    ['line_voltage', 'voltage', 'voltage_l1', 'voltage_l2', 'voltage_l3'],
    'percent',
    ladder(
      'outage',
      ['undervoltage', INTERRUPTED_PERCENT, 'included'],
      ['energised', 100 - NORMAL_OPERATION.below, 'included'],
      ['overvoltage', 100 + NORMAL_OPERATION.above],
    ),
    ['EN 50160 (interruption); ± 5 % in normal operation', 'unverified'],
  ),
  scale('supply_present', 'power', ['power_present'], 'value', ladder('outage', ['energised', 0.5, 'included']), [
    'The meter says so',
    'convention',
  ]),
  scale(
    'service_pressure',
    'water',
    ['water_pressure'],
    'value',
    ladder(
      'no_water',
      ['low_pressure', EMPTY_MAIN_BAR],
      ['supplied', SERVICE_PRESSURE.value / METRES_PER_BAR, 'included'],
    ),
    ['TCVN 13606:2023: 10 m of free head', SERVICE_PRESSURE.source.evidence],
  ),
  scale(
    'street_depth',
    'floods',
    ['flood_depth'],
    'value',
    ladder(
      'dry',
      ['wet', wet, 'included'],
      ['motorcycles', motorcycles, 'included'],
      ['cars', cars, 'included'],
      ['closed', closed, 'included'],
    ),
    ['The platform’s own scale of depths', 'convention'],
  ),
];

/** A road's own free speed stands on its site as a tag: `free_speed:62` (km/h). Without one, what is usual for its kind: design figures, not measured. */
const FREE_SPEED_TAG = 'free_speed:';
const EXPRESSWAY = 'expressway';
const FREE_KMH: Readonly<Record<string, number>> = {
  urban: 40,
  arterial: 50,
  port: 50,
  coastal: 50,
  rural: 50,
  [EXPRESSWAY]: 100,
};
const FREE_KMH_ELSEWHERE = 50;
function freeSpeedKmh({ tags }: Pick<Site, 'tags'>): number {
  const own = Number(tags.find((tag) => tag.startsWith(FREE_SPEED_TAG))?.slice(FREE_SPEED_TAG.length));
  if (own > 0) return own;
  return FREE_KMH[tags.find((tag) => tag in FREE_KMH) ?? ''] ?? FREE_KMH_ELSEWHERE;
}

/** The scale by which a quantity of a site colours its line, with what 100 % is there; `null`: it says nothing of it. */
export function scaleFor(
  site: Pick<Site, 'tags'>,
  layer: LineLayer,
  quantity: QuantityKey,
): { readonly scale: PublishedScale; readonly whole: number | null } | null {
  const found = LINE_SCALES.find((one) => one.layer === layer && one.quantities.includes(quantity));
  if (found === undefined) return null;
  if (layer === 'roads') {
    const isExpressway = site.tags.includes(EXPRESSWAY);
    if (isExpressway !== (found.key === 'expressway_occupancy')) return null;
    return { scale: found, whole: found.of === 'percent' ? freeSpeedKmh(site) : null };
  }
  if (found.of === 'value') return { scale: found, whole: null };
  const volts = quantity === quantityKey('line_voltage') ? NOMINAL_MEDIUM_KILOVOLTS * 1_000 : NOMINAL_PHASE_VOLTS;
  return { scale: found, whole: volts };
}
