import type { NeighbourTolerance, NeighbourTolerances } from '../domain/commissioning.ts';
import { type CatalogueKey, quantityKey } from './quantities.ts';

const KILOMETRE = 1_000;

/*
 * How far two good stations of the same quantity can be apart at the same moment. Wide on purpose: the check is for sensors that are broken,
 * blocked, wired wrongly or set to another unit, not for calibration. What a street, a pipe or a meter has to itself (traffic, flows, loads, levels)
 * is not compared.
 */
const ROWS: Partial<Record<CatalogueKey, NeighbourTolerance>> = {
  pm2_5: { absolute: 25, relative: 0.6, withinMetres: 10 * KILOMETRE },
  pm10: { absolute: 40, relative: 0.6, withinMetres: 10 * KILOMETRE },
  o3: { absolute: 60, relative: 0.6, withinMetres: 15 * KILOMETRE },
  temperature: { absolute: 4, relative: 0, withinMetres: 15 * KILOMETRE },
  humidity: { absolute: 20, relative: 0, withinMetres: 15 * KILOMETRE },
  air_pressure: { absolute: 5, relative: 0, withinMetres: 30 * KILOMETRE },
  solar_irradiance: { absolute: 400, relative: 0.6, withinMetres: 10 * KILOMETRE },
  frequency: { absolute: 0.1, relative: 0, withinMetres: 100 * KILOMETRE },
  voltage: { absolute: 0, relative: 0.1, withinMetres: 2 * KILOMETRE },
  voltage_l1: { absolute: 0, relative: 0.1, withinMetres: 2 * KILOMETRE },
  voltage_l2: { absolute: 0, relative: 0.1, withinMetres: 2 * KILOMETRE },
  voltage_l3: { absolute: 0, relative: 0.1, withinMetres: 2 * KILOMETRE },
};

export const NEIGHBOUR_TOLERANCES: NeighbourTolerances = new Map(
  (Object.entries(ROWS) as [CatalogueKey, NeighbourTolerance][]).map(([key, tolerance]) => [
    quantityKey(key),
    tolerance,
  ]),
);
