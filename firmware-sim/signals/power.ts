import type { LoadClass, PointFacts } from '../../config/city/facts.ts';
import { hours } from '../../domain/time.ts';
import { normalAt, seedOf, smoothNoise, unitAt } from '../random.ts';
import type { Span } from '../scenarios/effects.ts';
import { type DayKind, localDay } from './calendar.ts';
import { dailyShape } from './daily-shape.ts';
import { createRegister, perDay, type Register, totalWithout } from './register.ts';
import type { Place, Sampler } from './sampler.ts';
import { dailyMeanTemperature } from './weather.ts';

type Facts<K extends PointFacts['kind']> = Extract<PointFacts, { kind: K }>;

/** Load over the day, 00:00 … 23:00, any scale. Households peak at 19–21 h, offices and shops by day, shift work hardly falls. */
const SHAPES: Readonly<Record<LoadClass, readonly number[]>> = {
  residential: [62, 54, 48, 45, 46, 55, 70, 74, 68, 66, 68, 80, 84, 76, 70, 70, 78, 94, 118, 134, 136, 124, 102, 78],
  commercial: [
    34, 31, 29, 28, 29, 33, 46, 72, 104, 122, 130, 126, 112, 118, 128, 130, 124, 116, 118, 120, 108, 84, 56, 42,
  ],
  industrial: [
    78, 76, 74, 74, 76, 80, 90, 108, 118, 122, 122, 112, 106, 116, 122, 122, 118, 108, 100, 98, 96, 94, 88, 82,
  ],
};
const DAY_FACTOR: Readonly<Record<LoadClass, Readonly<Record<DayKind, number>>>> = {
  residential: { workday: 1, saturday: 1.03, sunday: 1.07, holiday: 1.05, tet: 0.98 },
  commercial: { workday: 1, saturday: 0.97, sunday: 0.9, holiday: 0.8, tet: 0.45 },
  industrial: { workday: 1, saturday: 0.88, sunday: 0.62, holiday: 0.5, tet: 0.28 },
};
/** Rise per °C of daily mean above 23 °C: air conditioning. */
const COOLING_PER_C: Readonly<Record<LoadClass, number>> = { residential: 0.052, commercial: 0.034, industrial: 0.008 };
const CLASSES = ['residential', 'commercial', 'industrial'] as const;

/** Loads of the three classes, as multiples of their means, shared by all of a street. */
export type LoadRegisters = Readonly<Record<LoadClass, Register>>;
const registersByClimate = new WeakMap<object, LoadRegisters>();
export function loadRegisters(place: Pick<Place, 'climate' | 'citySeed'>): LoadRegisters {
  const known = registersByClimate.get(place.climate);
  if (known !== undefined) return known;
  const { climate } = place;
  const made = Object.fromEntries(
    CLASSES.map((load) => [
      load,
      createRegister(
        dailyShape(SHAPES[load]),
        perDay((day) => {
          const cooling = COOLING_PER_C[load] * Math.max(0, dailyMeanTemperature(climate, day) - 23);
          const noise = 0.98 + 0.04 * unitAt(seedOf(place.citySeed, 'load', load), day);
          return (0.88 + cooling) * DAY_FACTOR[load][localDay(day).kind] * noise;
        }),
      ),
    ]),
  ) as unknown as LoadRegisters;
  registersByClimate.set(climate, made);
  return made;
}
/** Highest of a class's shape over its mean: about how far above its mean a load can rise on a mild day. */
const PEAK_OVER_MEAN: Readonly<Record<LoadClass, number>> = { residential: 1.72, commercial: 1.55, industrial: 1.24 };

/** The grid's frequency, the same everywhere: kept within some hundredths of a hertz of 50. */
const frequencyHz = (citySeed: number, t: number): number =>
  50 +
  0.018 * smoothNoise(citySeed ^ 0xf1, t, 420_000) +
  0.012 * smoothNoise(citySeed ^ 0xf2, t, 37_000) +
  0.003 * normalAt(citySeed ^ 0xf3, Math.floor(t / 1_000));

const dead = (spans: readonly Span[], t: number): boolean => spans.some((span) => t >= span.from && t < span.to);
const powerFactorOf = (load: LoadClass, place: Place, t: number): number =>
  (load === 'industrial' ? 0.91 : load === 'commercial' ? 0.93 : 0.95) +
  0.018 * smoothNoise(place.seed ^ 0x9f, t, 2.4e6);
/** Line voltage of the 22 kV busbar: the tap changer holds it near 22.8 kV, lower under load. */
const busVolts = (citySeed: number, substation: string, t: number, loading: number): number => {
  const seed = seedOf(citySeed, substation);
  return 22_850 - 420 * loading + 110 * smoothNoise(seed, t, 1.8e6) + 25 * smoothNoise(seed ^ 1, t, 9e4);
};

export function substationSampler(facts: Facts<'substation'>, place: Place): Sampler {
  const loads = loadRegisters(place);
  const outages = place.effects.outagesOf([facts.substation]);
  return {
    quantities: ['line_voltage', 'active_power', 'reactive_power', 'frequency', 'load_percent', 'oil_temperature'],
    sample(moment, out) {
      const { t } = moment;
      const on = dead(outages, t) ? 0 : 1;
      const mix = 0.45 * loads.residential.rate(t) + 0.25 * loads.commercial.rate(t) + 0.3 * loads.industrial.rate(t);
      const loading = Math.min(1.15, mix / 1.5) * (1 + 0.02 * smoothNoise(place.seed, t, 9e5));
      out[0] = on * busVolts(place.citySeed, facts.substation, t, loading);
      out[1] = on * facts.peakKw * loading;
      out[2] = (out[1] as number) * 0.31;
      out[3] = frequencyHz(place.citySeed, t);
      out[4] = on * 78 * loading;
      out[5] = moment.weather.temperatureC + 14 + on * 24 * loading ** 1.6;
    },
  };
}

export function feederSampler(facts: Facts<'feeder'>, place: Place): Sampler {
  const register = loadRegisters(place)[facts.load];
  const outages = place.effects.outagesOf([facts.feeder, facts.substation]);
  return {
    quantities: ['line_voltage', 'active_power', 'reactive_power', 'current', 'power_factor'],
    sample(moment, out) {
      const { t } = moment;
      const on = dead(outages, t) ? 0 : 1;
      const loading = (register.rate(t) / PEAK_OVER_MEAN[facts.load]) * (1 + 0.04 * smoothNoise(place.seed, t, 6e5));
      const volts = busVolts(place.citySeed, facts.substation, t, loading);
      const factor = powerFactorOf(facts.load, place, t);
      const kw = facts.peakKw * 0.82 * loading;
      out[0] = on * volts;
      out[1] = on * kw;
      out[2] = on * kw * Math.tan(Math.acos(factor));
      out[3] = (on * kw * 1000) / (Math.sqrt(3) * volts * factor);
      out[4] = on === 0 ? 1 : factor;
    },
  };
}

/** Low voltage at the transformer's terminals, phase to neutral: the tap is set high for the far end's sake. */
const terminalVolts = (place: Pick<Place, 'citySeed'>, transformer: string, t: number, loading: number): number => {
  const seed = seedOf(place.citySeed, transformer);
  return 229.5 - 8.5 * loading + 1.6 * smoothNoise(seed, t, 1.5e6) + 0.7 * smoothNoise(seed ^ 1, t, 1.2e5);
};

export function transformerSampler(facts: Facts<'transformer'>, place: Place): Sampler {
  const register = loadRegisters(place)[facts.load];
  const outages = place.effects.outagesOf([facts.transformer, facts.feeder, facts.substation]);
  const factor = facts.load === 'industrial' ? 0.91 : 0.94;
  // Mean load of the day as a share of the rating; some transformers are fuller than others.
  const meanShare = (0.6 + 0.26 * unitAt(place.seed, 1)) / PEAK_OVER_MEAN[facts.load];
  const meanKw = facts.ratedKva * factor * meanShare;
  const installed = Math.floor(4e5 * unitAt(place.seed, 2));
  const skew = [unitAt(place.seed, 11) - 0.5, unitAt(place.seed, 12) - 0.5, unitAt(place.seed, 13) - 0.5] as const;
  return {
    quantities: [
      'voltage_l1',
      'voltage_l2',
      'voltage_l3',
      'current',
      'neutral_current',
      'active_power',
      'active_energy',
      'load_percent',
      'oil_temperature',
    ],
    sample(moment, out) {
      const { t } = moment;
      const on = dead(outages, t) ? 0 : 1;
      const share = meanShare * register.rate(t) * (1 + 0.05 * smoothNoise(place.seed, t, 5e5));
      const volts = terminalVolts(place, facts.transformer, t, share);
      for (let phase = 0; phase < 3; phase += 1)
        out[phase] =
          on *
          (volts + 2.2 * (skew[phase] as number) * (0.5 + share) + 0.25 * normalAt(place.seed ^ (0x20 + phase), t));
      const kva = facts.ratedKva * share;
      out[3] = (on * kva * 1000) / (3 * volts);
      out[4] =
        (out[3] as number) *
        (facts.load === 'industrial' ? 0.05 : 0.16) *
        (1 + 0.2 * smoothNoise(place.seed ^ 7, t, 8e5));
      out[5] = on * kva * factor;
      out[6] = installed + meanKw * totalWithout(register, outages, t);
      out[7] = on * share * 100;
      // Oil follows the load of the last hours (time constant about three hours).
      const earlier =
        (register.rate(t) + register.rate((t - hours(2)) as typeof t) + register.rate((t - hours(4)) as typeof t)) / 3;
      out[8] = moment.weather.temperatureC + 9 + 34 * (meanShare * earlier) ** 1.6 + (on === 0 ? -6 : 0);
    },
  };
}

export function meterSampler(facts: Facts<'electricity_meter'>, place: Place): Sampler {
  const register = loadRegisters(place)[facts.load];
  const outages = place.effects.outagesOf([facts.transformer, facts.feeder, facts.substation]);
  const threePhase = facts.load !== 'residential';
  const installed = Math.floor(9e3 * facts.meanKw * unitAt(place.seed, 2));
  // Appliances of one household come and go; a factory's load hardly flickers.
  const flicker = facts.load === 'residential' ? 0.62 : facts.load === 'commercial' ? 0.22 : 0.08;
  return {
    quantities: ['voltage', 'current', 'active_power', 'active_energy', 'power_factor', 'power_present'],
    sample(moment, out) {
      const { t } = moment;
      const on = dead(outages, t) ? 0 : 1;
      const rate = register.rate(t);
      const loading = (0.72 * rate) / PEAK_OVER_MEAN[facts.load];
      const drop = (facts.load === 'industrial' ? 3 : 8.5) * facts.remoteness * loading;
      const volts = terminalVolts(place, facts.transformer, t, loading) - drop + 0.4 * normalAt(place.seed, t);
      const factor = powerFactorOf(facts.load, place, t);
      const kw = facts.meanKw * rate * (1 + flicker * smoothNoise(place.seed, t, 7e5));
      out[0] = on * volts;
      out[1] = (on * kw * 1000) / (volts * factor * (threePhase ? 3 : 1));
      out[2] = on * kw;
      out[3] = installed + facts.meanKw * totalWithout(register, outages, t);
      out[4] = on === 0 ? 1 : factor;
      out[5] = on;
    },
  };
}
