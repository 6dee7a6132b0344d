import type { PointFacts } from '../../config/city/facts.ts';
import type { DeviceModel } from '../../domain/asset.ts';
import type { DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createRandomWalk, seedOf } from '../random.ts';
import type { Span } from '../scenarios/effects.ts';
import type { Street, StreetPoint } from '../signals/street.ts';
import type { Effect } from './orders.ts';
import {
  coverageGapEnd,
  driftFactor,
  type HardwareProfile,
  hardwareProfile,
  stuckSince,
  type Temper,
} from './profile.ts';

/** What a device wants done with its connection. */
export type Deed =
  /** `repeat`: the same bytes as just before, as after a lost acknowledgement. `readings`: how many it holds. */
  | { readonly kind: 'telemetry'; readonly payload: string; readonly readings: number; readonly repeat: boolean }
  | { readonly kind: 'attributes'; readonly payload: string }
  /** The radio or the supply is gone: the connection dies without a goodbye. */
  | { readonly kind: 'vanish' }
  | { readonly kind: 'appear' };

export interface SimulatedDevice {
  readonly id: DeviceId;
  /** True time of its next deed. */
  readonly dueAt: EpochMs;
  /** Does what is due at `now` (≥ dueAt) and sets the next due time, later than `now`. */
  step(now: EpochMs): readonly Deed[];
  readonly modelId: DeviceModelId;
  /** What it runs. */
  readonly firmware: string;
  /** It has restarted with another firmware, and says so with its next report. */
  runs(firmware: string, now: EpochMs): void;
  /** Does as it was told from afar: reports at once, or at another interval from `now` on. */
  order(effect: Extract<Effect, { readonly kind: 'report_now' | 'interval' }>, now: EpochMs): void;
  /** From `now` on the world is another: a scenario has begun. Sequence, clock and buffers go on. */
  adopt(world: DeviceWorld, now: EpochMs): void;
}

/** What a device measures and what can take its supply. */
export interface DeviceWorld {
  readonly point: StreetPoint;
  readonly street: Street;
  /** Spans without supply at its place, ascending. */
  readonly outages: readonly Span[];
}

export interface DeviceOptions extends DeviceWorld {
  readonly id: DeviceId;
  readonly model: Omit<DeviceModel, 'version'>;
  readonly facts: PointFacts;
  readonly seed: number;
  /** When its fleet begins. */
  readonly from: EpochMs;
  readonly temper: Temper;
}

const HOUR_MS = 3_600_000;
/** A message of buffered readings stays small enough for a narrow-band modem. */
const ITEMS_PER_MESSAGE = 20;
/** Readings a device keeps in flash while it can't send; the oldest go first. */
const FLASH_READINGS = 500;
/** Share of last gasps that reach a base station; 30–90 % is what utilities see. */
const LAST_GASP_DELIVERY = 0.8;

/**
 * One device: a state machine over true time. It measures its point, stamps with its own clock, buffers while out of coverage and sends
 * in a burst after, repeats itself now and then, sticks, drifts, gasps when its supply goes. Everything follows from the options.
 */
export function createSimulatedDevice(options: DeviceOptions): SimulatedDevice {
  const { id, model, facts, seed, from, temper } = options;
  let { point, street, outages } = options;
  const deviceSeed = seedOf(seed, id);
  let intervalMs: number = model.expectedInterval;
  const profile = hardwareProfile(seed, id, intervalMs, temper);
  const walk = createRandomWalk(seedOf(seed, id, 'walk'));
  const meter = facts.kind === 'electricity_meter';
  /** Without supply it is dark: a meter gasps first, a gateway has nobody left to tell. */
  const goesDark = meter || facts.kind === 'gateway';
  /** It lives on while its gateway is down, and sends what it kept when that is back. */
  const isCarried = facts.kind === 'road' && facts.gateway !== undefined;
  // Transformer monitors ride through on a small battery and tell the loss at once; meters only gasp.
  const tellsOutage = goesDark || facts.kind === 'transformer';
  let edges: readonly Edge[] = [];
  let edge = 0;
  const plan = (now: number): void => {
    edges = tellsOutage
      ? outageEdges(
          outages,
          createRandomWalk(seedOf(seed, id, 'outage')),
          meter ? 'perhaps' : goesDark ? 'never' : 'surely',
        )
      : [];
    edge = edges.filter((e) => e.at < now).length;
  };
  plan(from);

  const values = new Float64Array(point.quantities.length);
  const flash: string[] = [];
  let sequence = 0;
  let present = true;
  let nextAttributesAt: number = from;
  let firmware = profile.firmware;
  /** Its own grid of report times, from which jitter strays but does not accumulate. */
  let gridAt = Math.round(from + walk.unit() * intervalMs);
  let nextReportAt: number = from;
  let dueAt = 0;
  const schedule = (): void => {
    dueAt = Math.min(nextReportAt, edges[edge]?.at ?? Number.POSITIVE_INFINITY);
  };
  // The first report comes at the start, so that a screen fills without waiting a whole interval.
  schedule();

  const planReport = (now: number): void => {
    const stray = (walk.unit() - 0.5) * profile.jitterMs;
    if (gridAt <= now) gridAt += intervalMs * Math.ceil((now - gridAt + 1) / intervalMs);
    nextReportAt = Math.max(now + 1, Math.round(gridAt + stray));
    gridAt += intervalMs;
  };

  const item = (now: number): string => {
    const measuredAt = stuckSince(profile, deviceSeed, now) ?? now;
    point.measure(street.moment(measuredAt as EpochMs), values);
    const stamped = Math.round(now + profile.clockOffsetMs + ((now - from) * profile.clockDriftPpm) / 1e6);
    sequence += 1;
    return `{"ts":${stamped},"seq":${sequence},"values":{${fields(model, values, driftFactor(profile, now))}}}`;
  };
  const keep = (text: string): void => {
    flash.push(text);
    if (flash.length > FLASH_READINGS) flash.shift();
  };

  return {
    id,
    get dueAt() {
      return dueAt as EpochMs;
    },
    modelId: model.id,
    get firmware() {
      return firmware;
    },
    runs(version, now) {
      firmware = version;
      nextAttributesAt = now;
    },
    order(effect, now) {
      if (effect.kind === 'interval') {
        intervalMs = effect.ms;
        gridAt = now + intervalMs;
      }
      // One that is without supply reports when it is back.
      if (Number.isFinite(nextReportAt)) nextReportAt = effect.kind === 'report_now' ? now : now + intervalMs;
      schedule();
    },
    adopt(world, now) {
      ({ point, street, outages } = world);
      plan(now);
      schedule();
    },
    step(now) {
      const deeds: Deed[] = [];
      const current = edges[edge];
      if (current !== undefined && current.at <= now) {
        edge += 1;
        if (current.kind === 'lost') {
          if (current.delivered) deeds.push(telemetry([item(now)], false));
          if (goesDark) {
            present = false;
            deeds.push({ kind: 'vanish' });
            nextReportAt = Number.POSITIVE_INFINITY;
          }
        } else {
          if (!present) deeds.push({ kind: 'appear' });
          present = true;
          deeds.push(telemetry([item(now)], false));
          planReport(now);
        }
        schedule();
        return deeds;
      }
      const isOut = outages.some((span) => now >= span.from && now < span.to);
      if (goesDark && isOut) {
        // Started in the dark: it appears with the supply.
        if (present) deeds.push({ kind: 'vanish' });
        present = false;
        nextReportAt = Number.POSITIVE_INFINITY;
        schedule();
        return deeds;
      }
      const gapEnd = coverageGapEnd(profile, deviceSeed, now);
      if (gapEnd !== null || (isCarried && isOut)) {
        if (present) deeds.push({ kind: 'vanish' });
        present = false;
        keep(item(now));
      } else {
        if (!present) deeds.push({ kind: 'appear' });
        present = true;
        if (now >= nextAttributesAt) {
          deeds.push({ kind: 'attributes', payload: attributes(profile, firmware, walk.unit()) });
          nextAttributesAt = now + HOUR_MS;
        }
        keep(item(now));
        while (flash.length > 0) deeds.push(telemetry(flash.splice(0, ITEMS_PER_MESSAGE), false));
        const last = deeds.at(-1);
        if (walk.chance(profile.repeatProbability) && last?.kind === 'telemetry') deeds.push({ ...last, repeat: true });
      }
      planReport(now);
      schedule();
      return deeds;
    },
  };
}

interface Edge {
  readonly at: number;
  readonly kind: 'lost' | 'restored';
  /** Whether the word of it gets through. */
  readonly delivered: boolean;
}
function outageEdges(
  outages: readonly Span[],
  walk: ReturnType<typeof createRandomWalk>,
  gasps: 'surely' | 'perhaps' | 'never',
): readonly Edge[] {
  return outages.flatMap((span): Edge[] => [
    {
      at: Math.round(span.from + walk.between(80, 2_500)),
      kind: 'lost',
      delivered: gasps === 'surely' || (gasps === 'perhaps' && walk.chance(LAST_GASP_DELIVERY)),
    },
    { at: Math.round(span.to + walk.between(4_000, 40_000)), kind: 'restored', delivered: true },
  ]);
}

const telemetry = (items: readonly string[], repeat: boolean): Deed => ({
  kind: 'telemetry',
  payload: items.length === 1 ? (items[0] as string) : `[${items.join(',')}]`,
  readings: items.length,
  repeat,
});

function fields(model: Omit<DeviceModel, 'version'>, values: Float64Array, drift: number): string {
  let text = '';
  for (let i = 0; i < model.channels.length; i += 1) {
    const channel = model.channels[i];
    if (channel === undefined) break;
    const value = values[i] as number;
    // Drift shows on the first channel, the one the hardware is there for.
    const shown = i === 0 && drift !== 1 ? Number((value * drift).toPrecision(5)) : value;
    text += `${i === 0 ? '' : ','}"${channel.key}":${shown}`;
  }
  return text;
}

const attributes = (profile: HardwareProfile, firmware: string, unit: number): string =>
  JSON.stringify({
    firmware,
    rssi_dbm: Math.round(profile.rssiDbm + 6 * (unit - 0.5)),
    clock_offset_ms: profile.clockOffsetMs,
  });
