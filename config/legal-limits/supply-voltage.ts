import type { VoltageBand, WeeklyVoltageRule } from '../../domain/indices/supply-voltage.ts';
import type { CatalogueKey } from '../quantities.ts';
import { type Evidence, type LegalLimit, legalLimitSchema } from './legal-limit.ts';

/*
 * Voltage and frequency of supply in Việt Nam: ± 5 % of the nominal voltage in normal operation, as several cite Circular 39/2015/TT-BCT (amended
 * by 30/2019). Circular 05/2025/TT-BCT replaced it on 1 February 2025; its figures have not been read. The wider bands are remembered.
 */

export const NORMAL_OPERATION: VoltageBand = { below: 5, above: 5 };
export const UNSTABLE_AFTER_FAULT: VoltageBand = { below: 10, above: 5 };

export const NOMINAL_PHASE_VOLTS = 220;
export const NOMINAL_MEDIUM_KILOVOLTS = 22;

/** EN 50160, low voltage, by 10-minute means of a week: 95 of 100 within ± 10 %, all within + 10/− 15 %. Remembered; not a law here. */
export const EN_50160_LOW_VOLTAGE: WeeklyVoltageRule = {
  usual: { below: 10, above: 10 },
  usualShare: 0.95,
  always: { below: 15, above: 10 },
};

/** Left of the nominal voltage below which a supply counts as interrupted, EN 50160, percent. Remembered; not a law here. */
const INTERRUPTED_PERCENT = 5;
const interrupted = (quantity: CatalogueKey, nominal: number, unit: string): LegalLimit =>
  legalLimitSchema.parse({
    quantity,
    bound: 'minimum',
    value: (nominal * INTERRUPTED_PERCENT) / 100,
    unit,
    averagingHours: null,
    edge: 'allowed',
    inForce: { from: null, until: null },
    source: {
      document: 'EN 50160',
      clause: `supply interruption: below ${INTERRUPTED_PERCENT} % of the nominal voltage (chưa đối chiếu văn bản)`,
      issued: null,
      evidence: 'unverified',
    },
  });
/** A dead transformer by its phase A, and a dead 22 kV feeder. */
export const INTERRUPTED_PHASE = interrupted('voltage_l1', NOMINAL_PHASE_VOLTS, 'V');
export const INTERRUPTED_FEEDER = interrupted('line_voltage', NOMINAL_MEDIUM_KILOVOLTS, 'kV');

export interface LimitPair {
  readonly low: LegalLimit;
  readonly high: LegalLimit;
}
const pair = (
  quantity: CatalogueKey,
  unit: string,
  [low, high]: readonly [number, number],
  clause: string,
  evidence: Evidence,
): LimitPair => {
  const of = (bound: LegalLimit['bound'], value: number): LegalLimit =>
    legalLimitSchema.parse({
      quantity,
      bound,
      value,
      unit,
      averagingHours: null,
      edge: 'allowed',
      inForce: { from: null, until: null },
      source: { document: 'Thông tư 39/2015/TT-BCT', clause, issued: '2015-11-18', evidence },
    });
  return { low: of('minimum', low), high: of('maximum', high) };
};

const around = (nominal: number, { below, above }: VoltageBand): readonly [number, number] => [
  (nominal * (100 - below)) / 100,
  (nominal * (100 + above)) / 100,
];

export const PHASE_QUANTITIES = ['voltage', 'voltage_l1', 'voltage_l2', 'voltage_l3'] as const satisfies CatalogueKey[];

/** Phase voltage of a low-voltage supply, 209 … 231 V and 198 … 231 V. */
export const phaseVoltageLimits = (quantity: (typeof PHASE_QUANTITIES)[number]) => ({
  normal: pair(
    quantity,
    'V',
    around(NOMINAL_PHASE_VOLTS, NORMAL_OPERATION),
    'điện áp vận hành, chế độ bình thường',
    'secondary',
  ),
  unstable: pair(
    quantity,
    'V',
    around(NOMINAL_PHASE_VOLTS, UNSTABLE_AFTER_FAULT),
    'điện áp vận hành, chưa ổn định sau sự cố',
    'unverified',
  ),
});

/** Line voltage of a 22 kV feeder, 20.9 … 23.1 kV. */
export const FEEDER_VOLTAGE_LIMITS: LimitPair = pair(
  'line_voltage',
  'kV',
  around(NOMINAL_MEDIUM_KILOVOLTS, NORMAL_OPERATION),
  'điện áp vận hành, chế độ bình thường',
  'secondary',
);

/** 50 Hz ± 0.2 normally, ± 0.5 while unstable. */
export const FREQUENCY_LIMITS = {
  normal: pair('frequency', 'Hz', [49.8, 50.2], 'tần số, chế độ bình thường', 'unverified'),
  unstable: pair('frequency', 'Hz', [49.5, 50.5], 'tần số, chưa ổn định sau sự cố', 'unverified'),
} as const;
