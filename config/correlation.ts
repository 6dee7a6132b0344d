import type { CorrelationSettings } from '../domain/incident.ts';
import { type DurationMs, hours, minutes } from '../domain/time.ts';

/**
 * How signs of trouble are taken together. Weather is the same over a region, a flooded street or a jam over a few streets; a network says itself what
 * hangs on what. Radii and windows are design figures for a coastal city of this size, not from a standard.
 */
export const correlationSettings = (site: {
  readonly radiusM: number;
  readonly window: DurationMs;
}): CorrelationSettings => ({
  // Half of the nominal is an outage of that phase; below a tenth, nothing is left of the line or the main.
  lossAt: {
    power_present: 0.5,
    voltage: 110,
    voltage_l1: 110,
    voltage_l2: 110,
    voltage_l3: 110,
    line_voltage: 2_000,
    water_pressure: 0.1,
  },
  networkQuantities: [
    'water_flow',
    'current',
    'load_percent',
    'oil_temperature',
    'power_factor',
    'frequency',
    'free_chlorine',
    'turbidity',
  ],
  places: {
    rain: { quantities: ['rain_intensity', 'rain'], radiusM: 25_000, window: hours(1) },
    wind: { quantities: ['wind_speed'], radiusM: 30_000, window: hours(2) },
    street_flood: { quantities: ['flood_depth'], radiusM: 4_000, window: minutes(45) },
    river: { quantities: ['water_level', 'river_discharge'], radiusM: 20_000, window: hours(3) },
    traffic: {
      quantities: ['vehicle_speed', 'occupancy', 'queue_length', 'vehicle_density', 'travel_time'],
      radiusM: 3_000,
      window: minutes(30),
    },
    air: { quantities: ['pm2_5', 'pm10', 'o3', 'no2', 'so2', 'co'], radiusM: 15_000, window: hours(2) },
    // What makes it is as wide as wind and rain.
    noise: { quantities: ['noise_level'], radiusM: 20_000, window: minutes(30) },
    salinity: { quantities: ['salinity', 'conductivity'], radiusM: 10_000, window: hours(3) },
  },
  elsewhere: site,
  networkWindow: site.window,
  // Meters tell of themselves every half hour.
  silenceWindow: minutes(35),
  share: 0.5,
});
