import type { LineScaleWire, MapLineWire } from '../../api/contract/map-lines.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import { classOf, LINE_CLASSES, type LineClass, type LineLayer, LOST_CLASS } from '../../domain/map-lines.ts';
import { isStale } from '../../domain/point-state.ts';
import { UNUSABLE_FROM } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { LiveTable } from './live-table.ts';

/** What a line is said to be, and by what. */
export interface LineState {
  /** `null`: nothing recent is known. */
  readonly lineClass: LineClass | null;
  /** The reading that decided; `null` where none did. `percent`: of what is whole there. */
  readonly reading: {
    readonly value: number;
    readonly quantity: QuantityKey;
    readonly percent: number | null;
    readonly at: number;
  } | null;
  /** `upstream`: what feeds it is out, and nothing was heard from here since. `incident`: so says an open incident. */
  readonly because: 'reading' | 'upstream' | 'incident' | null;
}

const UNKNOWN: LineState = { lineClass: null, reading: null, because: null };

/** Place of a class among those of its layer: more is worse. -1 for what is not known. */
export const classRank = (layer: LineLayer, lineClass: LineClass | null): number =>
  lineClass === null ? -1 : (LINE_CLASSES[layer] as readonly LineClass[]).indexOf(lineClass);

/**
 * Judges lines at `now` (server's clock; a past moment's own) by the newest readings. The worst measurement counts. On a network a line is also out when
 * what feeds it is out, or an open incident has its cause there (`outages`: site → since when, epoch ms), unless something newer was heard from the line.
 */
export function judgeLines(
  lines: readonly MapLineWire[],
  scales: readonly LineScaleWire[],
  readings: LiveTable['readings'],
  now: number,
  outages: ReadonlyMap<SiteId, number>,
): ReadonlyMap<SiteId, LineState> {
  const scaleByKey = new Map(scales.map((scale) => [scale.key, stepsOf(scale)]));
  const lineById = new Map(lines.map((line) => [line.id, line]));
  const judged = new Map<SiteId, LineState & { readonly since: number }>();

  const byReadings = (line: MapLineWire): { state: LineState; newest: number } => {
    let state = UNKNOWN;
    let newest = Number.NEGATIVE_INFINITY;
    for (const { series, quantity, scale, whole, staleAfterMs } of line.measures) {
      const held = scaleByKey.get(scale);
      const reading = readings.get(series);
      if (held === undefined || reading === undefined || reading.quality >= UNUSABLE_FROM) continue;
      if (isStale(reading.eventTime, staleAfterMs, now)) continue;
      const lineClass = classOf(held, reading.value, whole);
      if (lineClass === null) continue;
      newest = Math.max(newest, reading.eventTime);
      if (classRank(line.layer, lineClass) <= classRank(line.layer, state.lineClass)) continue;
      const percent = whole === null ? null : (reading.value / whole) * 100;
      state = {
        lineClass,
        reading: { value: reading.value, quantity, percent, at: reading.eventTime },
        because: 'reading',
      };
    }
    return { state, newest };
  };

  const judge = (line: MapLineWire, path: ReadonlySet<SiteId>): LineState & { readonly since: number } => {
    const known = judged.get(line.id);
    if (known) return known;
    const { state, newest } = byReadings(line);
    let result = { ...state, since: state.reading?.at ?? Number.NEGATIVE_INFINITY };
    const lost = LOST_CLASS[line.layer];
    if (lost !== undefined && state.lineClass !== lost) {
      const outage = outages.get(line.id);
      const above = line.from === null ? undefined : lineById.get(line.from);
      // A ring is opened where it would close.
      const upstream = above && !path.has(above.id) ? judge(above, new Set(path).add(line.id)) : undefined;
      const source = line.from === null || upstream ? undefined : outages.get(line.from);
      const incident = outage ?? source;
      if (incident !== undefined && newest < incident)
        result = { ...UNKNOWN, lineClass: lost, because: 'incident', since: incident };
      else if (upstream?.lineClass === lost && newest < upstream.since)
        result = { ...UNKNOWN, lineClass: lost, because: 'upstream', since: upstream.since };
    }
    judged.set(line.id, result);
    return result;
  };
  for (const line of lines) judge(line, new Set());
  return judged;
}

const stepsOf = ({ of, steps }: LineScaleWire) => ({
  of,
  steps: steps.map(({ lineClass, from, includesFrom }) => ({
    lineClass,
    from: from ?? Number.NEGATIVE_INFINITY,
    includesFrom,
  })),
});

/** How many lines of a layer are of each class; `null` counts those of which nothing is known. */
export function countsOf(
  lines: readonly MapLineWire[],
  states: ReadonlyMap<SiteId, LineState>,
  layer: LineLayer,
): ReadonlyMap<LineClass | null, number> {
  const counts = new Map<LineClass | null, number>();
  for (const line of lines) {
    if (line.layer !== layer) continue;
    const lineClass = states.get(line.id)?.lineClass ?? null;
    counts.set(lineClass, (counts.get(lineClass) ?? 0) + 1);
  }
  return counts;
}

const sameState = (a: LineState | undefined, b: LineState): boolean =>
  a !== undefined &&
  a.lineClass === b.lineClass &&
  a.because === b.because &&
  a.reading?.value === b.reading?.value &&
  a.reading?.at === b.reading?.at;

/** `before` itself when nothing in it is another. */
export function keptWhenSame(
  before: ReadonlyMap<SiteId, LineState>,
  next: ReadonlyMap<SiteId, LineState>,
): ReadonlyMap<SiteId, LineState> {
  if (before.size !== next.size) return next;
  for (const [id, state] of next) if (!sameState(before.get(id), state)) return next;
  return before;
}
