import { err, ok, type Result } from './result.ts';

/**
 * Units of measurement by their UCUM codes (unitsofmeasure.org, case-sensitive), as far as sensors use them: atoms, metric prefixes,
 * products, quotients, powers, parentheses, and annotations. An annotation is a dimension of its own here: `kV.A.h{reactive}` and
 * `kV.A.h` are equal to UCUM but not to an electrician. Logarithmic units (`B[SPL]`, `[pH]`) are dimensions of their own as well.
 */
export type UnitProblem = 'UNIT_UNKNOWN' | 'UNIT_MISMATCH';

/** `to = from × factor + offset`. */
export interface UnitConversion {
  readonly factor: number;
  readonly offset: number;
}

/** To 15 digits, which every double keeps and no sensor has: 0.03 mg are 30 µg, not 30.000000000000004. */
export const converted = (value: number, { factor, offset }: UnitConversion): number =>
  Number((value * factor + offset).toPrecision(15));

/** `base = value × factor + offset` in base units: metre, gram, second, radian, kelvin, coulomb, candela, mole, byte. */
interface Unit {
  readonly factor: number;
  readonly offset: number;
  readonly dimensions: ReadonlyMap<string, number>;
}

/** How a value in unit `from` becomes one in unit `to`, both UCUM codes. */
export function unitConversion(from: string, to: string): Result<UnitConversion, UnitProblem> {
  if (from === to) return ok({ factor: 1, offset: 0 });
  const [a, b] = [parseUnit(from), parseUnit(to)];
  if (!a || !b) return err('UNIT_UNKNOWN');
  if (a.dimensions.size !== b.dimensions.size) return err('UNIT_MISMATCH');
  for (const [name, power] of a.dimensions) if (b.dimensions.get(name) !== power) return err('UNIT_MISMATCH');
  return ok({ factor: a.factor / b.factor, offset: (a.offset - b.offset) / b.factor });
}

/** True when the code can be read. */
export const isUnit = (code: string): boolean => parseUnit(code) !== undefined;

const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['da', 1e1],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
  ['h', 1e2],
  ['d', 1e-1],
  ['c', 1e-2],
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
  ['p', 1e-12],
]);

const METRIC = true;
const PLAIN = false;
const BASE = new Set([
  'm',
  'g',
  's',
  'rad',
  'K',
  'C',
  'cd',
  'mol',
  'By',
  'B',
  'B[SPL]',
  'B[W]',
  'B[kW]',
  'B[V]',
  '[pH]',
]);
/** Atoms that are no base units: whether prefixes may stand before them, factor, definition, and for temperatures the zero point. */
const ATOMS: Readonly<Record<string, readonly [metric: boolean, factor: number, definition: string, zero?: number]>> = {
  '%': [PLAIN, 0.01, '1'],
  '[ppth]': [PLAIN, 1e-3, '1'],
  '[ppm]': [PLAIN, 1e-6, '1'],
  '[ppb]': [PLAIN, 1e-9, '1'],
  sr: [METRIC, 1, 'rad2'],
  deg: [PLAIN, Math.PI / 180, 'rad'],
  min: [PLAIN, 60, 's'],
  h: [PLAIN, 3_600, 's'],
  d: [PLAIN, 86_400, 's'],
  wk: [PLAIN, 604_800, 's'],
  a: [PLAIN, 31_557_600, 's'],
  Hz: [METRIC, 1, 's-1'],
  Bq: [METRIC, 1, 's-1'],
  N: [METRIC, 1, 'kg.m/s2'],
  Pa: [METRIC, 1, 'N/m2'],
  J: [METRIC, 1, 'N.m'],
  W: [METRIC, 1, 'J/s'],
  A: [METRIC, 1, 'C/s'],
  V: [METRIC, 1, 'J/C'],
  F: [METRIC, 1, 'C/V'],
  Ohm: [METRIC, 1, 'V/A'],
  S: [METRIC, 1, 'Ohm-1'],
  mho: [METRIC, 1, 'S'],
  Wb: [METRIC, 1, 'V.s'],
  T: [METRIC, 1, 'Wb/m2'],
  H: [METRIC, 1, 'Wb/A'],
  lm: [METRIC, 1, 'cd.sr'],
  lx: [METRIC, 1, 'lm/m2'],
  Gy: [METRIC, 1, 'J/kg'],
  Sv: [METRIC, 1, 'J/kg'],
  kat: [METRIC, 1, 'mol/s'],
  Cel: [METRIC, 1, 'K', 273.15],
  '[degF]': [PLAIN, 5 / 9, 'K', 459.67 * (5 / 9)],
  L: [METRIC, 1e-3, 'm3'],
  l: [METRIC, 1e-3, 'm3'],
  ar: [METRIC, 100, 'm2'],
  t: [METRIC, 1e6, 'g'],
  bar: [METRIC, 1e5, 'Pa'],
  atm: [PLAIN, 101_325, 'Pa'],
  'm[H2O]': [METRIC, 9_806.65, 'Pa'],
  'm[Hg]': [METRIC, 133_322, 'Pa'],
  '[psi]': [PLAIN, 6_894.757293168361, 'Pa'],
  bit: [METRIC, 1 / 8, 'By'],
  '[in_i]': [PLAIN, 0.0254, 'm'],
  '[ft_i]': [PLAIN, 0.3048, 'm'],
  '[mi_i]': [PLAIN, 1_609.344, 'm'],
  '[kn_i]': [PLAIN, 1_852 / 3_600, 'm/s'],
  '[gal_us]': [PLAIN, 0.003785411784, 'm3'],
  cal: [METRIC, 4.184, 'J'],
  Gal: [METRIC, 0.01, 'm/s2'],
  '[g]': [METRIC, 9.80665, 'm/s2'],
};
const ONE: Unit = { factor: 1, offset: 0, dimensions: new Map() };

/** Longest code that is read: what a device sends as a unit is not trusted to be one. */
const LONGEST_CODE = 64;

function parseUnit(code: string): Unit | undefined {
  if (code.length === 0 || code.length > LONGEST_CODE) return undefined;
  const reader = { code, at: 0 };
  const unit = parseTerm(reader);
  return reader.at === code.length ? unit : undefined;
}

interface Reader {
  readonly code: string;
  at: number;
}

/** `component (('.' | '/') component)*`, also with a leading `/`. */
function parseTerm(reader: Reader): Unit | undefined {
  const { code } = reader;
  let result: Unit | undefined;
  for (;;) {
    const divided = code[reader.at] === '/';
    if (divided || (result && code[reader.at] === '.')) reader.at++;
    else if (result) return result;
    const next = parseComponent(reader);
    if (!next) return undefined;
    // A temperature with a zero point of its own has no products: 2 °C·m means nothing.
    if ((result || divided) && (next.offset !== 0 || (result?.offset ?? 0) !== 0)) return undefined;
    result = result ? times(result, next, divided ? -1 : 1) : divided ? times(ONE, next, -1) : next;
  }
}

function parseComponent(reader: Reader): Unit | undefined {
  const { code } = reader;
  let unit: Unit | undefined;
  if (code[reader.at] === '(') {
    reader.at++;
    unit = parseTerm(reader);
    if (!unit || code[reader.at++] !== ')') return undefined;
  } else {
    const number = /^(10[*^]|\d+)/.exec(code.slice(reader.at))?.[0];
    const symbol = number ?? /^(?:[^\s./(){}\d+\-[\]]|\[[^\]]*\])+/.exec(code.slice(reader.at))?.[0];
    if (symbol === undefined) unit = code[reader.at] === '{' ? ONE : undefined;
    else {
      reader.at += symbol.length;
      unit = number ? { ...ONE, factor: /^10[*^]/.test(number) ? 10 : Number(number) } : atom(symbol);
    }
    const power = symbol === undefined ? undefined : /^[+-]?\d+/.exec(code.slice(reader.at))?.[0];
    if (unit && power !== undefined) {
      reader.at += power.length;
      if (unit.offset !== 0 || Math.abs(Number(power)) > 99) return undefined;
      unit = times(ONE, unit, Number(power));
    }
  }
  const annotation = /^\{[^{}]*\}/.exec(code.slice(reader.at))?.[0];
  if (!unit || annotation === undefined) return unit;
  reader.at += annotation.length;
  return times(unit, { ...ONE, dimensions: new Map([[annotation, 1]]) }, 1);
}

function atom(symbol: string): Unit | undefined {
  const whole = plainAtom(symbol);
  if (whole) return whole.unit;
  for (const [prefix, scale] of PREFIXES) {
    const found = symbol.startsWith(prefix) ? plainAtom(symbol.slice(prefix.length)) : undefined;
    if (found?.metric) return { ...found.unit, factor: found.unit.factor * scale };
  }
  return undefined;
}

function plainAtom(symbol: string): { readonly unit: Unit; readonly metric: boolean } | undefined {
  if (BASE.has(symbol)) return { unit: { ...ONE, dimensions: new Map([[symbol, 1]]) }, metric: symbol !== '[pH]' };
  if (!Object.hasOwn(ATOMS, symbol)) return undefined;
  const [metric, factor, definition, zero = 0] = ATOMS[symbol]!;
  const defined = parseUnit(definition);
  return defined && { unit: { ...defined, factor: defined.factor * factor, offset: zero }, metric };
}

/** `a × b^power`; the zero point is that of `a`. */
function times(a: Unit, b: Unit, power: number): Unit {
  const dimensions = new Map(a.dimensions);
  for (const [name, exponent] of b.dimensions) {
    const sum = (dimensions.get(name) ?? 0) + exponent * power;
    if (sum === 0) dimensions.delete(name);
    else dimensions.set(name, sum);
  }
  return { factor: a.factor * b.factor ** power, offset: a.offset, dimensions };
}
