import type { QualityChecks, RateLimit, StuckLimit } from '../domain/quality-checks.ts';
import type { QuantityKey } from '../domain/quantity.ts';
import { hours } from '../domain/time.ts';
import { type CatalogueKey, quantityKey } from './quantities.ts';

/*
 * How fast a value may change. Where WMO gives a greatest change between one-minute values beyond which one is doubted ("Guidelines on Quality Control
 * Procedures for Data from Automatic Weather Stations", WMO/CIMO ET-ST&MT-1 Doc. 6.1(2), 2004, § 3.1 b: air temperature 3 °C, relative humidity 10 %,
 * station pressure 0.5 hPa, wind speed 10 m/s), that is the step; slower senders may go on at a third of it a minute. The others are this project's own,
 * wide: for jumps that a sensor makes and the world doesn't. Traffic, loads, flows and rain jump by nature and are not checked.
 */
const RATE: Partial<Record<CatalogueKey, RateLimit>> = {
  temperature: { step: 3, perMinute: 1 },
  humidity: { step: 10, perMinute: 3 },
  air_pressure: { step: 0.5, perMinute: 0.2 },
  wind_speed: { step: 10, perMinute: 3 },
  water_temperature: { step: 2, perMinute: 0.5 },
  water_level: { step: 0.5, perMinute: 0.1 },
  salinity: { step: 5, perMinute: 0.5 },
  dissolved_oxygen: { step: 3, perMinute: 0.3 },
  ph: { step: 1, perMinute: 0.1 },
  pm2_5: { step: 250, perMinute: 50 },
  pm10: { step: 400, perMinute: 80 },
  o3: { step: 150, perMinute: 20 },
};

/*
 * How long a value may stand still. The same guidelines ask for a change of 0.1 °C, 1 %, 0.1 hPa and 0.5 m/s within 60 minutes; sensors that report every ten
 * minutes in whole steps hold still for longer on a calm night, so these spans are several times that. Concentrations at their detection limit, saturated air and
 * calm stand still by nature.
 */
const STUCK: Partial<Record<CatalogueKey, StuckLimit>> = {
  temperature: { after: hours(4) },
  humidity: { after: hours(4), restAtOrAbove: 99 },
  air_pressure: { after: hours(6) },
  wind_speed: { after: hours(4), restAtOrBelow: 0.5 },
  pm2_5: { after: hours(4), restAtOrBelow: 2 },
  pm10: { after: hours(4), restAtOrBelow: 4 },
  o3: { after: hours(6), restAtOrBelow: 4 },
  noise_level: { after: hours(2) },
  water_level: { after: hours(24) },
  water_temperature: { after: hours(12) },
  conductivity: { after: hours(24) },
  dissolved_oxygen: { after: hours(12), restAtOrBelow: 0.1 },
};

const byKey = <T>(rows: Partial<Record<CatalogueKey, T>>): ReadonlyMap<QuantityKey, T> =>
  new Map((Object.entries(rows) as [CatalogueKey, T][]).map(([key, limit]) => [quantityKey(key), limit]));

export const QUALITY_CHECKS: QualityChecks = { rate: byKey(RATE), stuck: byKey(STUCK) };
