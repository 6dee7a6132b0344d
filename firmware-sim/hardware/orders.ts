import { type FirmwareOrder, firmwareOrderIn } from './firmware-update.ts';

/** What a device was told to do, and what became of it; beside what it measures. */
export interface OrderBook {
  /**
   * Takes what came under a topic of the device (`cmd/7`, `config`), without its beginning. Repeats of a command are answered as the first time and not
   * done again: orders come at least once.
   */
  take(topic: string, payload: string): Taken | null;
}
export interface Taken {
  readonly answer: { readonly topic: string; readonly payload: string };
  readonly effect: Effect | null;
}
export type Effect =
  /** Goes away and comes back. */
  | { readonly kind: 'reboot' }
  | { readonly kind: 'report_now' }
  | { readonly kind: 'interval'; readonly ms: number }
  | { readonly kind: 'firmware'; readonly order: FirmwareOrder };

export interface OrderBookOptions {
  /** In [0, 1): how often a command fails for a reason of the hardware's own. */
  readonly failureShare: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Why it won't have an image; `null`: it will. Absent: its firmware can't be replaced. */
  readonly firmwareObjection?: ((order: FirmwareOrder) => string | null) | undefined;
}

/** Commands remembered so that a repeat is known. */
const REMEMBERED = 32;
const INTERVAL_SECONDS = { min: 1, max: 86_400 };

type Answer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: string };

/** What a device of the street does with orders: known commands with sane parameters, unless its hardware is out of sorts. */
export function createOrderBook({ failureShare, random, firmwareObjection }: OrderBookOptions): OrderBook {
  const answered = new Map<string, Answer>();
  let configurationVersion = 0;

  function firmware(id: string, params: Readonly<Record<string, unknown>>): [Answer, Effect | null] {
    const order = firmwareOrderIn(id, params);
    const objection = typeof order === 'string' ? order : (firmwareObjection?.(order) ?? null);
    if (typeof order === 'string' || objection !== null) return [{ ok: false, error: String(objection) }, null];
    return [
      { ok: true, result: 'downloading' },
      { kind: 'firmware', order },
    ];
  }

  function carryOut(name: unknown, params: Readonly<Record<string, unknown>>, id: string): [Answer, Effect | null] {
    // Whether firmware fails is told by its own faults.
    if (name === 'firmware' && firmwareObjection !== undefined) return firmware(id, params);
    if (random() < failureShare) return [{ ok: false, error: 'hardware fault, try again' }, null];
    switch (name) {
      case 'reboot':
        return [{ ok: true, result: 'rebooting' }, { kind: 'reboot' }];
      case 'report_now':
        return [{ ok: true, result: 'reported' }, { kind: 'report_now' }];
      case 'identify':
        return [{ ok: true, result: `lamp blinks for ${String(params['seconds'] ?? 10)} s` }, null];
      case 'set_interval': {
        const ms = intervalMs(params['seconds']);
        return ms === null
          ? [{ ok: false, error: 'seconds must be between 1 and 86400' }, null]
          : [
              { ok: true, result: { interval_s: ms / 1_000 } },
              { kind: 'interval', ms },
            ];
      }
      default:
        return [{ ok: false, error: `unknown command ${String(name)}` }, null];
    }
  }

  function command(topic: string, order: Readonly<Record<string, unknown>>): Taken {
    const id = String(order['id']);
    const before = answered.get(id);
    const params = isObject(order['params']) ? order['params'] : {};
    const [answer, effect] = before === undefined ? carryOut(order['name'], params, id) : [before, null];
    answered.set(id, answer);
    if (answered.size > REMEMBERED) answered.delete(answered.keys().next().value as string);
    return { answer: { topic: `${topic}/ack`, payload: JSON.stringify({ id, ...answer }) }, effect };
  }

  function configuration(order: Readonly<Record<string, unknown>>): Taken {
    const version = Number(order['version']);
    const config = isObject(order['config']) ? order['config'] : {};
    const wanted = config['interval_s'];
    const ms = wanted === undefined ? undefined : intervalMs(wanted);
    const verdict = ms === null ? { ok: false, error: 'interval_s must be between 1 and 86400' } : { ok: true };
    const isNew = version > configurationVersion;
    if (verdict.ok) configurationVersion = Math.max(configurationVersion, version);
    return {
      answer: { topic: 'config/ack', payload: JSON.stringify({ version, ...verdict }) },
      effect: isNew && typeof ms === 'number' ? { kind: 'interval', ms } : null,
    };
  }

  return {
    take(topic, payload) {
      let order: unknown;
      try {
        order = JSON.parse(payload);
      } catch {
        return null;
      }
      if (!isObject(order)) return null;
      if (topic === 'config' && 'version' in order) return configuration(order);
      return /^cmd\/[^/]+$/.test(topic) && 'id' in order ? command(topic, order) : null;
    },
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function intervalMs(seconds: unknown): number | null {
  const sane = typeof seconds === 'number' && seconds >= INTERVAL_SECONDS.min && seconds <= INTERVAL_SECONDS.max;
  return sane ? Math.round(seconds * 1_000) : null;
}
