import { describe, expect, it } from 'vitest';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { createStreet, type Street } from '../signals/street.ts';
import { GroundTruth } from './ground-truth.ts';
import { createScenario, SCENARIO_NAMES } from './scenarios.ts';

const city = { city: haiPhong, facts: haiPhongFacts, seed: 7 };
const BEGINNINGS = [
  ['a winter morning', epochMs(Date.UTC(2026, 10, 24, 1))],
  ['a summer night', epochMs(Date.UTC(2026, 6, 14, 17))],
] as const;
const MINUTE_MS = 60_000;

const values = (street: Street, point: PointId, quantity: string, from: EpochMs, to: EpochMs): readonly number[] => {
  const found = street.points.get(point);
  if (found === undefined) throw new Error(`no point ${point}`);
  const index = found.quantities.indexOf(quantity as QuantityKey);
  const out = new Float64Array(found.quantities.length);
  const seen: number[] = [];
  for (let t: number = from; t < to; t += 2 * MINUTE_MS) {
    found.measure(street.moment(t as EpochMs), out);
    seen.push(out[index] as number);
  }
  return seen;
};

describe.each(SCENARIO_NAMES)('scenario %s', (name) => {
  it.each(BEGINNINGS)('writes a ground truth that survives its file, on %s', (_, at) => {
    const { truth } = createScenario(name, { ...city, at });
    expect(GroundTruth.parse(JSON.parse(JSON.stringify(truth)))).toEqual(truth);
    for (const event of truth.events) {
      expect(event.from).toBeGreaterThanOrEqual(truth.from);
      expect(event.to).toBeLessThanOrEqual(truth.to);
      for (const id of event.sites)
        expect(
          haiPhong.sites.some((site) => site.id === id),
          id,
        ).toBe(true);
    }
  });

  it.each(BEGINNINGS)('shows each sign in the signals while it lasts, on %s', (_, at) => {
    const { effects, truth } = createScenario(name, { ...city, at });
    const street = createStreet({ ...city, effects });
    for (const event of truth.events)
      for (const sign of event.signs) {
        const seen = values(street, sign.point, sign.quantity, event.from, event.to);
        const worst = sign.is === 'above' ? Math.max(...seen) : Math.min(...seen);
        if (sign.is === 'above') expect(worst, `${sign.point} ${sign.quantity}`).toBeGreaterThan(sign.limit);
        else expect(worst, `${sign.point} ${sign.quantity}`).toBeLessThan(sign.limit);
      }
  });

  it('shows none of its signs an hour before it begins, were it not for the weather of the day', () => {
    const at = BEGINNINGS[0][1];
    const { effects, truth } = createScenario(name, { ...city, at });
    const street = createStreet({ ...city, effects });
    for (const event of truth.events)
      for (const sign of event.signs) {
        const seen = values(street, sign.point, sign.quantity, (at - 60 * MINUTE_MS) as EpochMs, at);
        for (const value of seen) expect(sign.is === 'above' ? value <= sign.limit : value >= sign.limit).toBe(true);
      }
  });

  it('leaves the street as it was before its beginning and after its end', () => {
    const at = BEGINNINGS[0][1];
    const { effects, truth } = createScenario(name, { ...city, at });
    const calm = createStreet(city);
    const street = createStreet({ ...city, effects });
    // Standing water drains within hours; registers keep the memory of an event, as real ones do.
    const instants = [at - MINUTE_MS, truth.to + 9 * 60 * MINUTE_MS].map((t) => t as EpochMs);
    const remembers = new Set(['active_energy', 'water_volume']);
    for (const t of instants)
      for (const [id, point] of street.points) {
        const a = new Float64Array(point.quantities.length);
        const b = new Float64Array(point.quantities.length);
        point.measure(street.moment(t), a);
        calm.points.get(id)?.measure(calm.moment(t), b);
        point.quantities.forEach((quantity, i) => {
          if (!remembers.has(quantity)) expect(a[i], `${id} ${quantity}`).toBe(b[i]);
        });
      }
  });
});

describe('registers through an event', () => {
  const at = BEGINNINGS[0][1];

  it('stand still while the supply is out, and go on from there', () => {
    const { effects, truth } = createScenario('transformer-outage', { ...city, at });
    const street = createStreet({ ...city, effects });
    const during = values(street, 'p-pt-lach-tray-471-1' as PointId, 'active_energy', truth.from, truth.to);
    expect(Math.max(...during) - Math.min(...during)).toBe(0);
    const after = values(
      street,
      'p-pt-lach-tray-471-1' as PointId,
      'active_energy',
      truth.to,
      (truth.to + 3_600_000) as EpochMs,
    );
    expect(after.at(-1)).toBeGreaterThan(during[0] as number);
  });

  it('count the water a burst let out', () => {
    const { effects, truth } = createScenario('pipe-burst', { ...city, at });
    const flow = (list: typeof effects) =>
      values(
        createStreet({ ...city, effects: list }),
        'p-wd-ho-nam' as PointId,
        'water_volume',
        truth.from,
        (truth.to + 1) as EpochMs,
      );
    const gained = (series: readonly number[]) => (series.at(-1) as number) - (series[0] as number);
    const extra = gained(flow(effects)) - gained(flow([]));
    expect(extra).toBeGreaterThan(330);
    expect(extra).toBeLessThan(400);
  });
});
