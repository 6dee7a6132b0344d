import type { PointId, SiteId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { RainCell } from '../signals/weather.ts';

/** From inclusive, to exclusive. */
export interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** What a scenario does to the world. The signal models read these; devices and platform never do. */
export type Effect =
  | (Span & { readonly kind: 'rain'; readonly cell: RainCell })
  | (Span & { readonly kind: 'wind'; readonly peakMs: number })
  | (Span & { readonly kind: 'low_pressure'; readonly dropHpa: number })
  | (Span & { readonly kind: 'surge'; readonly peakM: number })
  /** Flood wave from the mountains; full height 40 km from the sea and more. */
  | (Span & { readonly kind: 'river_flood'; readonly peakM: number })
  | (Span & { readonly kind: 'smog'; readonly factor: number })
  | (Span & { readonly kind: 'traffic_demand'; readonly factor: number })
  /** Density as a multiple of the critical one (1: capacity; 3: standstill). */
  | (Span & { readonly kind: 'congestion'; readonly point: PointId; readonly density: number })
  /** A transformer, feeder, substation or gateway without supply. */
  | (Span & { readonly kind: 'outage'; readonly site: SiteId })
  | (Span & { readonly kind: 'burst'; readonly dma: SiteId; readonly m3PerHour: number });

/** The effects in force, asked by place when the models are made and by instant while they run. */
export interface Effects {
  readonly rainCells: readonly RainCell[];
  windMs(t: number): number;
  pressureDropHpa(t: number): number;
  surgeM(t: number): number;
  riverFloodM(t: number): number;
  /** ≥ 1. */
  smogFactor(t: number): number;
  demandFactor(t: number): number;
  /** Outages of any of the sites (a transformer and what feeds it), in order of their beginning, not overlapping. */
  outagesOf(sites: readonly SiteId[]): readonly Span[];
  /** Extra flow of a zone at an instant, m³/h; `undefined` when no burst ever touches it. */
  burstOf(dma: SiteId): ((t: number) => number) | undefined;
  congestionOf(point: PointId): ((t: number) => number) | undefined;
}

const within = (span: Span, t: number): boolean => t >= span.from && t < span.to;
/** Swells and fades as a storm does. */
const swell = (span: Span, t: number): number => {
  if (!within(span, t)) return 0;
  const s = Math.sin((Math.PI * (t - span.from)) / (span.to - span.from));
  return s * s;
};
/** Rises over the first tenth and falls over the last fifth. */
const plateau = (span: Span, t: number): number => {
  if (!within(span, t)) return 0;
  const x = (t - span.from) / (span.to - span.from);
  return Math.min(1, x / 0.1, (1 - x) / 0.2);
};

/** Joins overlapping spans. */
function merged(spans: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && span.from <= last.to) {
      out[out.length - 1] = { from: last.from, to: Math.max(last.to, span.to) as EpochMs };
    } else out.push({ from: span.from, to: span.to });
  }
  return out;
}

export function createEffects(list: readonly Effect[]): Effects {
  const of = <K extends Effect['kind']>(kind: K) =>
    list.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
  const winds = of('wind');
  const lows = of('low_pressure');
  const surges = of('surge');
  const floods = of('river_flood');
  const smogs = of('smog');
  const demands = of('traffic_demand');
  const outages = of('outage');
  const bursts = of('burst');
  const congestions = of('congestion');
  const total = <E extends Span>(effects: readonly E[], t: number, size: (effect: E) => number): number =>
    effects.reduce((sum, effect) => sum + size(effect) * swell(effect, t), 0);
  return {
    rainCells: of('rain').map((effect) => effect.cell),
    windMs: (t) => total(winds, t, (effect) => effect.peakMs),
    pressureDropHpa: (t) => total(lows, t, (effect) => effect.dropHpa),
    surgeM: (t) => total(surges, t, (effect) => effect.peakM),
    riverFloodM: (t) => total(floods, t, (effect) => effect.peakM),
    smogFactor: (t) => smogs.reduce((factor, effect) => factor * (1 + (effect.factor - 1) * plateau(effect, t)), 1),
    demandFactor: (t) => demands.reduce((factor, effect) => factor * (1 + (effect.factor - 1) * plateau(effect, t)), 1),
    outagesOf: (sites) => merged(outages.filter((effect) => sites.includes(effect.site))),
    burstOf: (dma) => {
      const own = bursts.filter((effect) => effect.dma === dma);
      if (own.length === 0) return undefined;
      // A pipe breaks in an instant and is shut off in an instant.
      return (t) => own.reduce((sum, effect) => sum + (within(effect, t) ? effect.m3PerHour : 0), 0);
    },
    congestionOf: (point) => {
      const own = congestions.filter((effect) => effect.point === point);
      if (own.length === 0) return undefined;
      return (t) => own.reduce((worst, effect) => Math.max(worst, effect.density * plateau(effect, t)), 0);
    },
  };
}
