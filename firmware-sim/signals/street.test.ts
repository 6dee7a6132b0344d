import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { type CatalogueKey, QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createScenario, SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { createStreet, type Street } from './street.ts';

const city = { city: haiPhong, facts: haiPhongFacts };
const street = createStreet({ ...city, seed: 1 });
const HOUR_MS = 3_600_000;
/** Local midnight, UTC+7. */
const localMidnight = (year: number, month: number, day: number): number =>
  Date.UTC(year, month - 1, day) - 7 * HOUR_MS;

const read = (from: Street, point: string, quantity: CatalogueKey, at: number): number => {
  const found = from.points.get(`p-${point}` as Parameters<typeof from.points.get>[0]);
  if (found === undefined) throw new Error(`no point ${point}`);
  const out = new Float64Array(found.quantities.length);
  found.measure(from.moment(at as EpochMs), out);
  return out[found.quantities.findIndex((key) => key.valueOf() === quantity)] as number;
};
const series = (
  point: string,
  quantity: CatalogueKey,
  from: number,
  hours: number,
  stepMinutes = 10,
): readonly number[] =>
  Array.from({ length: (hours * 60) / stepMinutes }, (_, k) =>
    read(street, point, quantity, from + k * stepMinutes * 60_000),
  );
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Mean over ten workdays at a local hour. */
const atHour = (point: string, quantity: CatalogueKey, hour: number): number => {
  const values: number[] = [];
  for (let week = 0; week < 5; week += 1)
    for (const weekday of [0, 1, 2, 3])
      values.push(
        read(
          street,
          point,
          quantity,
          localMidnight(2026, 10, 5) + (week * 7 + weekday) * 24 * HOUR_MS + hour * HOUR_MS,
        ),
      );
  return mean(values);
};

describe('the signals of the street', () => {
  it('stay within what is physically possible and, here, believable, at any instant, for any seed', () => {
    const seeds = new Map<number, Street>();
    const streetOf = (seed: number): Street => {
      const known = seeds.get(seed) ?? createStreet({ ...city, seed });
      seeds.set(seed, known);
      return known;
    };
    const out = new Float64Array(16);
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2029, 11, 31) }),
        fc.integer({ min: 0, max: 7 }),
        (instant, seed) => {
          const here = streetOf(seed);
          const moment = here.moment(instant as EpochMs);
          for (const point of here.points.values()) {
            point.measure(moment, out);
            point.quantities.forEach((key, i) => {
              const range = QUANTITY_CATALOGUE.get(key)?.plausibleRange;
              const value = out[i] as number;
              if (range === undefined || !(value >= range.min && value <= range.max))
                throw new Error(`${point.id} ${key} ${value} at ${new Date(instant).toISOString()}, seed ${seed}`);
            });
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('stay within what is physically possible in every scenario', () => {
    const at = localMidnight(2026, 8, 10) as EpochMs;
    const effects = SCENARIO_NAMES.flatMap((name) => createScenario(name, { ...city, seed: 1, at }).effects);
    const stormy = createStreet({ ...city, seed: 1, effects });
    const out = new Float64Array(16);
    for (let t: number = at; t < at + 60 * HOUR_MS; t += 20 * 60_000) {
      const moment = stormy.moment(t as EpochMs);
      for (const point of stormy.points.values()) {
        point.measure(moment, out);
        point.quantities.forEach((key, i) => {
          const range = QUANTITY_CATALOGUE.get(key)?.physicalRange;
          const value = out[i] as number;
          // Not by `expect`: a hundred thousand of them take seconds.
          if (range === undefined || !(value >= range.min && value <= range.max))
            throw new Error(`${point.id} ${key} ${value} at ${new Date(t).toISOString()}`);
        });
      }
    }
  });

  it('are the same for the same seed, asked in any order, and others for another seed', () => {
    const at = localMidnight(2026, 11, 3) + 8 * HOUR_MS;
    const twin = createStreet({ ...city, seed: 1 });
    const forwards = [0, 1, 2, 3].map((h) => read(street, 'ea-le-chan', 'pm2_5', at + h * HOUR_MS));
    const backwards = [3, 2, 1, 0].map((h) => read(twin, 'ea-le-chan', 'pm2_5', at + h * HOUR_MS)).reverse();
    expect(backwards).toEqual(forwards);
    const other = createStreet({ ...city, seed: 2 });
    expect([0, 1, 2, 3].map((h) => read(other, 'ea-le-chan', 'pm2_5', at + h * HOUR_MS))).not.toEqual(forwards);
  });
});

describe('traffic', () => {
  it('peaks in the morning into the centre, in the evening out of it, and sleeps at three', () => {
    const inbound = (hour: number) => atHour('tj-thanh-doi-in', 'occupancy', hour);
    const outbound = (hour: number) => atHour('tj-thanh-doi-out', 'occupancy', hour);
    expect(inbound(7)).toBeGreaterThan(1.25 * inbound(17));
    expect(outbound(17)).toBeGreaterThan(1.25 * outbound(7));
    expect(atHour('tj-thanh-doi-in', 'vehicle_flow', 3)).toBeLessThan(
      0.2 * atHour('tj-thanh-doi-in', 'vehicle_flow', 7),
    );
  });

  it('is mostly motorcycles in the city, and has none on the expressway', () => {
    const share = atHour('tj-thanh-doi-in', 'motorcycle_flow', 17) / atHour('tj-thanh-doi-in', 'vehicle_flow', 17);
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.92);
    expect(haiPhong.points.find((point) => point.id === 'p-tb-bach-dang-in')).toBeDefined();
    expect(atHour('tb-bach-dang-in', 'motorcycle_flow', 17)).toBe(0);
  });

  it('counts classes that add up to the total, and slows as it fills', () => {
    const at = localMidnight(2026, 10, 6) + 17 * HOUR_MS;
    const classes = (['motorcycle_flow', 'car_flow', 'bus_flow', 'truck_flow'] as const).map((key) =>
      read(street, 'tj-an-duong-in', key, at),
    );
    expect(classes.reduce((sum, n) => sum + n, 0)).toBe(read(street, 'tj-an-duong-in', 'vehicle_flow', at));
    expect(atHour('tj-thanh-doi-in', 'vehicle_speed', 7)).toBeLessThan(
      0.85 * atHour('tj-thanh-doi-in', 'vehicle_speed', 3),
    );
  });
});

describe('power', () => {
  it('peaks in the evening at homes, by day in shops, and hardly falls in factories', () => {
    const home = (hour: number) => atHour('pt-lach-tray-471-1', 'active_power', hour);
    const shop = (hour: number) => atHour('pt-lach-tray-473-1', 'active_power', hour);
    const factory = (hour: number) => atHour('pt-an-lac-473-1', 'active_power', hour);
    expect(home(20)).toBeGreaterThan(1.5 * home(10));
    expect(home(20)).toBeGreaterThan(2.2 * home(3));
    expect(shop(10)).toBeGreaterThan(2.5 * shop(3));
    expect(factory(3)).toBeGreaterThan(0.5 * factory(10));
  });

  it('sags under load, most at the far end of the line', () => {
    const near = atHour('pm-lach-tray-471-1-1', 'voltage', 20);
    const far = atHour('pm-lach-tray-471-1-3', 'voltage', 20);
    expect(atHour('pm-lach-tray-471-1-3', 'voltage', 3) - far).toBeGreaterThan(5);
    expect(near).toBeGreaterThan(far);
    expect(far).toBeGreaterThan(205);
  });

  it('has one frequency everywhere', () => {
    const at = localMidnight(2026, 10, 6);
    expect(read(street, 'ps-lach-tray', 'frequency', at)).toBe(read(street, 'ps-tien-trung', 'frequency', at));
  });

  it('counts energy that agrees with the power drawn', () => {
    const from = localMidnight(2026, 10, 6);
    const kwh =
      read(street, 'pt-cat-bi-473-1', 'active_energy', from + 24 * HOUR_MS) -
      read(street, 'pt-cat-bi-473-1', 'active_energy', from);
    const drawn = mean(series('pt-cat-bi-473-1', 'active_power', from, 24)) * 24;
    expect(Math.abs(kwh / drawn - 1)).toBeLessThan(0.03);
  });
});

describe('water', () => {
  it('is drawn least at night and most in the morning, when pressure is lowest', () => {
    const flow = (hour: number) => atHour('wd-ho-nam', 'water_flow', hour);
    expect(flow(3)).toBeLessThan(0.45 * flow(6.5));
    expect(atHour('wc-ho-nam', 'water_pressure', 6.5)).toBeLessThan(atHour('wc-ho-nam', 'water_pressure', 3) - 0.3);
  });

  it('rains five times as much in the wet months as in the dry, about a metre and a half a year', () => {
    const mm = (month: number): number => {
      const gauges = ['wn-le-chan', 'wn-an-lao', 'wn-tu-ky', 'wn-thuy-nguyen', 'wn-kien-thuy', 'wn-hai-duong'];
      const days = 30;
      return mean(
        gauges.map((gauge) =>
          series(gauge, 'rain', localMidnight(2026, month, 1), days * 24).reduce((a, b) => a + b, 0),
        ),
      );
    };
    const year = Array.from({ length: 12 }, (_, i) => mm(i + 1));
    const wet = year.slice(5, 9).reduce((a, b) => a + b, 0);
    const dry = [10, 11, 0, 1].reduce((sum, i) => sum + (year[i] as number), 0);
    expect(wet).toBeGreaterThan(4 * dry);
    const total = year.reduce((a, b) => a + b, 0);
    expect(total).toBeGreaterThan(900);
    expect(total).toBeLessThan(2_400);
  });
});

describe('air and noise', () => {
  it('is dirtier in winter than in summer, and ozone needs the sun', () => {
    const winter = mean(series('ea-le-chan', 'pm2_5', localMidnight(2026, 1, 1), 24 * 31, 120));
    const summer = mean(series('ea-le-chan', 'pm2_5', localMidnight(2026, 7, 1), 24 * 31, 120));
    expect(winter).toBeGreaterThan(1.8 * summer);
    expect(atHour('ea-do-son', 'o3', 13)).toBeGreaterThan(1.5 * atHour('ea-do-son', 'o3', 3));
  });

  it('is louder by day than by night, and loudest at the roadside', () => {
    expect(atHour('en-thanh-doi', 'noise_level', 17)).toBeGreaterThan(atHour('en-thanh-doi', 'noise_level', 2) + 8);
    expect(atHour('en-thanh-doi', 'noise_level', 10)).toBeGreaterThan(atHour('en-viet-tiep', 'noise_level', 10) + 6);
  });
});
