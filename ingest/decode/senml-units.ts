/** UCUM code of a SenML unit, and what is added to a value where the two differ by a constant. */
export interface SenmlUnit {
  readonly code: string;
  readonly offset: number;
}

/** The SenML units registry [RFC 8428 §12.1, RFC 8798] where UCUM writes a unit otherwise. */
const UCUM: Readonly<Record<string, string>> = {
  '%RH': '%',
  '%EL': '%',
  '/': '1',
  '/100': '%',
  '/1000': '[ppth]',
  ppm: '[ppm]',
  ppb: '[ppb]',
  lat: 'deg',
  lon: 'deg',
  pH: '[pH]',
  dB: 'dB',
  dBW: 'dB[W]',
  Bspl: 'B[SPL]',
  count: '{count}',
  EL: 's',
  '1/s': '/s',
  '1/min': '/min',
  'beat/min': '{beat}/min',
  beats: '{beat}',
  B: 'By',
  KiB: 'KiBy',
  GB: 'GBy',
  'B/s': 'By/s',
  'MB/s': 'MBy/s',
  VA: 'V.A',
  kVA: 'kV.A',
  VAs: 'V.A.s',
  kVAh: 'kV.A.h',
  var: 'V.A{reactive}',
  kvar: 'kV.A{reactive}',
  vars: 'V.A.s{reactive}',
  varh: 'V.A.h{reactive}',
  kvarh: 'kV.A.h{reactive}',
  Ah: 'A.h',
  Wh: 'W.h',
  kWh: 'kW.h',
  'Wh/km': 'W.h/km',
  NTU: '{NTU}',
  l: 'L',
  'l/s': 'L/s',
};

/** The SenML unit in UCUM; one that isn't in the registry is taken for UCUM itself, which many devices send. */
export function ucumOfSenml(unit: string): SenmlUnit {
  // 0 dBm is −30 dBW; UCUM has no level relative to a milliwatt.
  if (unit === 'dBm') return { code: 'dB[W]', offset: -30 };
  return { code: Object.hasOwn(UCUM, unit) ? UCUM[unit]! : unit, offset: 0 };
}
