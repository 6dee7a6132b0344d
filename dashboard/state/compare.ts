import type { PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';

/** One quantity of one point: a line of a comparison. */
export interface CompareLine {
  readonly pointId: PointId;
  readonly quantity: QuantityKey;
}

/** Lines that can be told apart in one chart. */
export const COMPARE_LINES_MAX = 8;
const WORD = /^([A-Za-z0-9][A-Za-z0-9._:-]{0,95})~([a-z][a-z0-9_]{0,63})$/;

/** `point~quantity`, as in the address; readable, and the same after a registry was restored. */
export const lineKey = ({ pointId, quantity }: CompareLine): string => `${pointId}~${quantity}`;

/** Lines of an address, each once, the first {@link COMPARE_LINES_MAX}; words that name none are passed over. */
export function readLines(text: string | undefined): readonly CompareLine[] {
  const words = [...new Set((text ?? '').split(' '))];
  return words
    .flatMap((word): CompareLine[] => {
      const [, pointId, quantity] = WORD.exec(word) ?? [];
      if (pointId === undefined || quantity === undefined) return [];
      return [{ pointId: pointId as PointId, quantity: quantity as QuantityKey }];
    })
    .slice(0, COMPARE_LINES_MAX);
}

/** The address of lines; undefined for none. */
export const writeLines = (lines: readonly CompareLine[]): string | undefined =>
  lines.length === 0 ? undefined : lines.map(lineKey).join(' ');

/** Lines with one more; `null` when it is there already or there are as many as there may be. */
export function withLine(lines: readonly CompareLine[], line: CompareLine): readonly CompareLine[] | null {
  if (lines.length >= COMPARE_LINES_MAX || lines.some((each) => lineKey(each) === lineKey(line))) return null;
  return [...lines, line];
}

export type Side = 'left' | 'right';

/**
 * The axis of each unit: the first unit on the left, the second on the right, `null` for any further one, since a third scale could only be read
 * wrongly. Units are those of lines in their order.
 */
export function axesOf(units: readonly string[]): ReadonlyMap<string, Side | null> {
  const axes = new Map<string, Side | null>();
  for (const unit of units) {
    if (axes.has(unit)) continue;
    axes.set(unit, axes.size === 0 ? 'left' : axes.size === 1 ? 'right' : null);
  }
  return axes;
}

/** An instant of an address, ISO 8601; `null` for anything else. */
export function readInstant(text: string | undefined): number | null {
  const at = text === undefined || !/^\d{4}-\d\d-\d\dT/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isFinite(at) ? at : null;
}

/** Where in ascending `time` (seconds) the nearest to an instant (ms) is, no further off than `withinMs`; `null` for none. */
export function nearestIndex(time: readonly number[], at: number, withinMs: number): number | null {
  const seconds = at / 1000;
  let low = 0;
  let high = time.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] as number) < seconds) low = middle + 1;
    else high = middle;
  }
  const distance = (i: number) => Math.abs((time[i] ?? Number.POSITIVE_INFINITY) - seconds);
  const nearest = distance(low - 1) < distance(low) ? low - 1 : low;
  return distance(nearest) * 1000 <= withinMs ? nearest : null;
}
