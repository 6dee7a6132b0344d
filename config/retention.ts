import { z } from 'zod';
import type { QuantityKey } from '../domain/quantity.ts';
import type { Keeping, RetentionClass } from '../domain/retention.ts';
import { days } from '../domain/time.ts';
import { type CatalogueKey, QUANTITY_CATALOGUE } from './quantities.ts';

export const RETENTION_CLASSES = ['environment', 'supply', 'traffic', 'hardware', 'computed'] as const;
export type RetentionClassKey = (typeof RETENTION_CLASSES)[number];

/** Days, or for ever. */
export type KeptDays = number | 'forever';
export interface KeepingInDays {
  readonly raw: KeptDays;
  readonly hourly: KeptDays;
  readonly daily: KeptDays;
}
export const KEPT = ['raw', 'hourly', 'daily'] as const;

const keptDays = z.union([z.literal('forever'), z.number().positive()]);
const length = (kept: KeptDays): number => (kept === 'forever' ? Number.POSITIVE_INFINITY : kept);
export const keepingInDays = z
  .strictObject({ raw: keptDays, hourly: keptDays, daily: keptDays })
  .refine(({ raw, hourly, daily }) => length(raw) <= length(hourly) && length(hourly) <= length(daily), {
    message: 'readings are kept no longer than hourly values, and those no longer than daily ones',
  });

const FOR_EVER: KeepingInDays = { raw: 'forever', hourly: 'forever', daily: 'forever' };

/** The defaults suit a city whose readings come every minute to every ten. Why so long is said of each. */
export const DEFAULT_KEEPING: Readonly<Record<RetentionClassKey, KeepingInDays>> = {
  // Three years and a month: a limit is judged by the year, reports compare with the two years before, and rules are tried on past seasons. Stations are
  // few and report seldom. Hours and days are the city's climate: they take little and nobody can measure them again.
  environment: { raw: 1_126, hourly: 'forever', daily: 'forever' },
  // A year and a month, so that this month can be held against the same month of last year, reading by reading: bills and complaints about voltage and
  // leakage go back no further. Load profiles by the hour serve planning for five years.
  supply: { raw: 396, hourly: 1_827, daily: 'forever' },
  // Most readings of a city, and the soonest forgotten: half a year covers an accident's enquiry and the trial of rules. Five years by the hour compare
  // a street before and after it was rebuilt.
  traffic: { raw: 190, hourly: 1_827, daily: 'forever' },
  // What the devices say of themselves: a quarter to find a fault in, a year of hours for batteries over the seasons, three of days for their life.
  hardware: { raw: 95, hourly: 396, daily: 1_126 },
  // Indices come once an hour or day: nothing to roll up, and what was published stays.
  computed: FOR_EVER,
};

/** As in releases that had no classes: nothing goes by itself. */
export const KEEPING_ALL: Readonly<Record<RetentionClassKey, KeepingInDays>> = {
  environment: FOR_EVER,
  supply: FOR_EVER,
  traffic: FOR_EVER,
  hardware: FOR_EVER,
  computed: FOR_EVER,
};

const SUPPLY: readonly CatalogueKey[] = [
  'water_flow',
  'water_volume',
  'water_pressure',
  'tank_level',
  'pump_running',
  'gate_opening',
];
const HARDWARE: readonly CatalogueKey[] = ['battery_voltage', 'battery_level', 'cabinet_temperature', 'door_open'];

/** The class of a quantity: what it is listed for, else that of its field of city life. */
function classOf(key: QuantityKey): RetentionClassKey {
  const quantity = QUANTITY_CATALOGUE.get(key);
  const among = (keys: readonly string[]): boolean => keys.includes(key);
  if (quantity?.computed) return 'computed';
  if (among(HARDWARE)) return 'hardware';
  if (among(SUPPLY)) return 'supply';
  switch (quantity?.domain) {
    case 'traffic':
      return 'traffic';
    case 'power':
      return 'supply';
    default:
      return 'environment';
  }
}

/** Every quantity of the catalogue in exactly one class, kept as said. `rawAtMost`: no class keeps readings for longer than these days. */
export function retentionClasses(
  keeping: Readonly<Record<RetentionClassKey, KeepingInDays>>,
  rawAtMost?: number,
): readonly RetentionClass<RetentionClassKey>[] {
  const duration = (kept: KeptDays) => (kept === 'forever' ? null : days(kept));
  return RETENTION_CLASSES.map((key) => {
    const { raw, hourly, daily } = keeping[key];
    const kept: Keeping = {
      raw: duration(rawAtMost === undefined || length(raw) <= rawAtMost ? raw : rawAtMost),
      hourly: duration(hourly),
      daily: duration(daily),
    };
    const quantities = new Set([...QUANTITY_CATALOGUE.keys()].filter((quantity) => classOf(quantity) === key));
    return { key, quantities, keeping: kept };
  });
}
