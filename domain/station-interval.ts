import { meanDirection } from './direction.ts';
import { qualityKind, UNUSABLE_FROM } from './quality.ts';
import type { AggregationKind } from './quantity.ts';
import { statusOfInterval } from './station-file.ts';

/**
 * What a station's file says of one interval of a series: the mean of what could be used (the sum of amounts, the last of states and registers, the
 * vector mean of directions), and the status code by `statusOfInterval`. Where nothing could be used, the mean of what there is, or 0: the code says
 * that it does not count. `length` readings, ascending.
 */
export function intervalRecord(
  length: number,
  value: ArrayLike<number>,
  quality: ArrayLike<number>,
  kind: AggregationKind,
): { readonly value: number; readonly status: '00' | '01' | '02' } {
  const all: number[] = [];
  const usable: number[] = [];
  const qualities: number[] = [];
  for (let i = 0; i < length; i++) {
    all.push(value[i] as number);
    qualities.push(quality[i] as number);
    if ((quality[i] as number) < UNUSABLE_FROM) usable.push(value[i] as number);
  }
  const status = statusOfInterval(qualities);
  // A value that a person or the platform found wrong, or that no sensor can have, says nothing of the air.
  const shown =
    usable.length > 0 ? usable : all.filter((_, i) => qualityKind(qualities[i] as number) === 'calibrating');
  return { value: shown.length === 0 ? 0 : combined(shown, kind), status };
}

function combined(values: readonly number[], kind: AggregationKind): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (kind) {
    case 'interval_total':
      return sum;
    case 'state':
    case 'cumulative':
      return values.at(-1) ?? 0;
    case 'direction':
      return meanDirection(values);
    case 'instantaneous':
    case 'interval_mean':
      return sum / values.length;
  }
}
