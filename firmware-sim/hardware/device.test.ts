import { describe, expect, it } from 'vitest';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import type { EpochMs } from '../../domain/time.ts';
import { seedOf } from '../random.ts';
import { createScenario } from '../scenarios/scenarios.ts';
import type { Deed, SimulatedDevice } from './device.ts';
import { createCityDevices } from './devices.ts';
import { coverageGapEnd, hardwareProfile, stuckSince } from './profile.ts';

const FROM = Date.UTC(2026, 9, 20) as EpochMs;
const HOUR_MS = 3_600_000;
const city = { city: haiPhong, facts: haiPhongFacts };
type Timed = Deed & { readonly at: number };

const devicesOf = (options: Partial<Parameters<typeof createCityDevices>[0]> = {}) =>
  createCityDevices({ ...city, seed: 1, from: FROM, effects: [], temper: 'real', ...options }).devices;
const named = (devices: readonly SimulatedDevice[], id: string): SimulatedDevice => {
  const found = devices.find((device) => device.id === id);
  if (found === undefined) throw new Error(`no device ${id}`);
  return found;
};
/** Lets a device live until `to` (exclusive), on time to the millisecond. */
const live = (device: SimulatedDevice, to: number): readonly Timed[] => {
  const deeds: Timed[] = [];
  while (device.dueAt < to) {
    const at = device.dueAt;
    for (const deed of device.step(at)) deeds.push({ ...deed, at });
    expect(device.dueAt).toBeGreaterThan(at);
  }
  return deeds;
};
interface Item {
  readonly ts: number;
  readonly seq: number;
  readonly values: Readonly<Record<string, number>>;
}
const items = (deed: Deed): readonly Item[] => {
  if (deed.kind !== 'telemetry') return [];
  const body = JSON.parse(deed.payload) as Item | readonly Item[];
  return Array.isArray(body) ? (body as readonly Item[]) : [body as Item];
};

describe('a simulated device', () => {
  it('does the same again for the same seed, byte for byte', () => {
    const day = () =>
      JSON.stringify(
        devicesOf()
          .slice(0, 40)
          .map((device) => live(device, FROM + 6 * HOUR_MS)),
      );
    expect(day()).toBe(day());
  });

  it('numbers its readings without gaps and sends the keys of its model', () => {
    const device = named(devicesOf(), 'ea-le-chan');
    const sent = live(device, FROM + 12 * HOUR_MS).filter((deed) => !(deed.kind === 'telemetry' && deed.repeat));
    const readings = sent.flatMap(items);
    expect(readings.map((item) => item.seq)).toEqual(readings.map((_, i) => i + 1));
    const model = haiPhong.models.find((m) => m.id === 'air-reference');
    for (const item of readings)
      expect(Object.keys(item.values)).toEqual(model?.channels.map((channel) => channel.key));
  });

  it('reports at its interval, give or take its jitter, without drifting off its grid', () => {
    const device = named(devicesOf({ temper: 'tame' }), 'tj-nga-sau-in');
    const at = live(device, FROM + HOUR_MS).flatMap((deed) => (deed.kind === 'telemetry' ? [deed.at] : []));
    const gaps = at.slice(2).map((t, i) => t - (at[i + 1] as number));
    expect(new Set(gaps)).toEqual(new Set([60_000]));
  });

  it('buffers while it has no coverage and sends everything in a burst after', () => {
    const devices = devicesOf();
    // A device with poor radio that loses coverage within the day.
    const from = FROM;
    const found = devices.find((device) => {
      const profile = hardwareProfile(1, device.id, 60_000, 'real');
      const gaps = Array.from({ length: 1_440 }, (_, k) =>
        coverageGapEnd(profile, seedOf(1, device.id), from + k * 60_000),
      );
      return gaps.some((end) => end !== null) && device.id.startsWith('tj-');
    });
    if (found === undefined) throw new Error('no device loses coverage on this day');
    const deeds = live(found, from + 24 * HOUR_MS);
    const vanished = deeds.findIndex((deed) => deed.kind === 'vanish');
    const appeared = deeds.findIndex((deed, i) => i > vanished && deed.kind === 'appear');
    expect(vanished).toBeGreaterThan(0);
    expect(appeared).toBe(vanished + 1);
    const burst = deeds.slice(appeared + 1).find((deed) => deed.kind === 'telemetry');
    expect(burst === undefined ? 0 : items(burst).length).toBeGreaterThan(2);
    const all = deeds.filter((deed) => !(deed.kind === 'telemetry' && deed.repeat)).flatMap(items);
    expect(all.map((item) => item.seq)).toEqual(all.map((_, i) => i + 1));
  });

  it('repeats itself now and then with the very same bytes', () => {
    const repeats = devicesOf()
      .slice(0, 120)
      .flatMap((device) => {
        const deeds = live(device, FROM + 8 * HOUR_MS);
        return deeds.flatMap((deed, i) =>
          deed.kind === 'telemetry' && deed.repeat ? [[deed, deeds[i - 1]] as const] : [],
        );
      });
    expect(repeats.length).toBeGreaterThan(20);
    for (const [again, first] of repeats)
      expect(first?.kind === 'telemetry' && again.kind === 'telemetry' && first.payload === again.payload).toBe(true);
  });

  it('sticks on some days: one value for hours', () => {
    const stuck = devicesOf().flatMap((device) => {
      const profile = hardwareProfile(1, device.id, 60_000, 'real');
      for (let k = 0; k < 30 * 24; k += 1)
        if (stuckSince(profile, seedOf(1, device.id), FROM + k * HOUR_MS) !== null) return [device.id];
      return [];
    });
    expect(stuck.length).toBeGreaterThan(3);
    expect(stuck.length).toBeLessThan(40);
  });

  it('has a clock near the truth, but for a few', () => {
    const offsets = haiPhong.devices.map((device) => hardwareProfile(1, device.id, 60_000, 'real').clockOffsetMs);
    const off = offsets.filter((ms) => Math.abs(ms) > 1_000);
    expect(off.length).toBeGreaterThan(5);
    expect(off.length).toBeLessThan(50);
    expect(Math.max(...offsets)).toBeLessThan(300_000);
  });
});

describe('losing supply', () => {
  const at = (FROM + 2 * HOUR_MS) as EpochMs;
  const { effects, truth } = createScenario('transformer-outage', { ...city, seed: 1, at });

  it('makes meters gasp and fall silent, until the supply is back', () => {
    const devices = devicesOf({ effects, temper: 'tame' });
    const meters = ['1', '2', '3'].map((n) => named(devices, `pm-lach-tray-471-1-${n}`));
    const lives = meters.map((meter) => live(meter, truth.to + HOUR_MS));
    const gasps = lives.flatMap((deeds) =>
      deeds.filter((deed) => items(deed).some((item) => item.values['power_present'] === 0)),
    );
    // Radio loses some of them, as it does.
    expect(gasps.length).toBeGreaterThan(0);
    for (const deeds of lives) {
      const dark = deeds.filter((deed) => deed.at > truth.from + 5_000 && deed.at < truth.to);
      expect(dark).toEqual([]);
      const after = deeds.filter((deed) => deed.at >= truth.to);
      expect(after[0]?.kind).toBe('appear');
      expect(after.flatMap(items)[0]?.values['power_present']).toBe(1);
    }
  });

  it('is told at once by the transformer, which goes on reporting', () => {
    const device = named(devicesOf({ effects, temper: 'tame' }), 'pt-lach-tray-471-1');
    const deeds = live(device, truth.to);
    const first = deeds.find((deed) => deed.at >= truth.from);
    expect((first?.at ?? 0) - truth.from).toBeLessThan(3_000);
    expect(first === undefined ? undefined : items(first)[0]?.values['voltage_l1']).toBe(0);
    expect(deeds.filter((deed) => deed.at > truth.from).length).toBeGreaterThan(30);
  });

  it('can begin while the fleet runs', () => {
    const world = createCityDevices({ ...city, seed: 1, from: FROM, effects: [], temper: 'tame' });
    const transformer = named(world.devices, 'pt-lach-tray-471-1');
    live(transformer, at - 10_000);
    world.setEffects(effects, (at - 10_000) as EpochMs);
    const told = live(transformer, at + 5_000).flatMap(items);
    expect(told.at(-1)?.values['voltage_l1']).toBe(0);
  });
});

describe('a gateway without supply', () => {
  const at = (FROM + 2 * HOUR_MS) as EpochMs;
  const { effects, truth } = createScenario('gateway-outage', { ...city, seed: 1, at });

  it('is gone without a word, and so is what it carries, which tells afterwards what it measured meanwhile', () => {
    const devices = devicesOf({ effects, temper: 'tame' });
    for (const id of ['tg-cau-dat', 'tj-nga-sau-in', 'tj-cau-dat-out']) {
      const deeds = live(named(devices, id), truth.to + HOUR_MS);
      const during = deeds.filter((deed) => deed.at > truth.from + 61_000 && deed.at < truth.to);
      expect(
        during.filter(({ kind }) => kind !== 'vanish'),
        id,
      ).toEqual([]);
      expect(
        deeds.filter(({ kind }) => kind === 'vanish'),
        id,
      ).toHaveLength(1);
      const after = deeds.filter((deed) => deed.at >= truth.to);
      expect(after[0]?.kind, id).toBe('appear');
      // Three quarters of an hour, a reading a minute.
      const kept = after.flatMap(items).filter(({ ts }) => ts < truth.to);
      if (id.startsWith('tj')) expect(kept.length, id).toBeGreaterThan(40);
      else expect(kept, id).toEqual([]);
    }
  });

  it('is nothing to others', () => {
    const deeds = live(named(devicesOf({ effects, temper: 'tame' }), 'tj-quan-mau-in'), truth.to);
    expect(deeds.filter(({ kind }) => kind === 'vanish')).toEqual([]);
  });
});

describe('a fleet of any size', () => {
  it('keeps the domains in proportion when it is small', () => {
    const ids = devicesOf({ count: 60 }).map((device) => device.id);
    expect(new Set(ids).size).toBe(60);
    for (const prefix of ['t', 'w', 'p', 'e'])
      expect(ids.filter((id) => id.startsWith(prefix)).length).toBeGreaterThan(5);
  });

  it('names the copies apart when it is larger than the city', () => {
    const ids = devicesOf({ count: haiPhong.devices.length + 10 }).map((device) => device.id);
    expect(new Set(ids).size).toBe(haiPhong.devices.length + 10);
    expect(ids.filter((id) => id.endsWith('-x2')).length).toBe(10);
  });
});
