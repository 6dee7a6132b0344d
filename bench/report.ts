import { MACHINE } from './machine.ts';

export type Figure = number | string | boolean | null;
/** A figure is to be at most or at least this. */
export type Reach = { readonly most: number } | { readonly least: number };

/** Rounded to so many decimals, as a number. */
export const rounded = (value: number, decimals = 1): number => Number(value.toFixed(decimals));

/** The value below which `share` (0–1) of the values lie; NaN of none. Sorts the values in place. */
export function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}

/** Prints the figures: as lines with what they are to reach, or with `--json` as one JSON object on the last line, the machine named. */
export function report(
  bench: string,
  figures: Readonly<Record<string, Figure>>,
  reaches: Readonly<Record<string, Reach>>,
): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ bench, machine: MACHINE, ...figures }));
    return;
  }
  console.log(`\nbench:${bench} on ${MACHINE}\n`);
  const width = Math.max(28, ...Object.keys(figures).map(({ length }) => length));
  for (const [name, value] of Object.entries(figures)) {
    const reach = reaches[name];
    const wanted = reach === undefined ? '' : 'most' in reach ? `≤ ${reach.most}` : `≥ ${reach.least}`;
    const verdict = reach === undefined || typeof value !== 'number' ? '' : reached(value, reach) ? '✓' : '✗ missed';
    console.log(`  ${name.padEnd(width)} ${String(value).padStart(12)}  ${wanted.padEnd(8)} ${verdict}`.trimEnd());
  }
}

const reached = (value: number, reach: Reach): boolean =>
  'most' in reach ? value <= reach.most : value >= reach.least;
