import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { haiPhong, haiPhongFacts } from '../config/city/hai-phong.ts';
import type { SeriesId } from '../domain/identifiers.ts';
import { days, type EpochMs, minutes } from '../domain/time.ts';
import { historyFor } from './history.ts';
import { createStreet } from './signals/street.ts';

const FROM = Date.UTC(2026, 9, 20) as EpochMs;
const numbers = () => {
  const ids = new Map<string, SeriesId>();
  return (point: string, quantity: string): SeriesId => {
    const name = `${point}/${quantity}`;
    const id = ids.get(name) ?? ((ids.size + 1) as SeriesId);
    ids.set(name, id);
    return id;
  };
};
const history = (seed: number, to: EpochMs, batchReadings?: number) =>
  historyFor({
    street: createStreet({ city: haiPhong, facts: haiPhongFacts, seed }),
    city: haiPhong,
    from: FROM,
    to,
    seriesOf: numbers(),
    ...(batchReadings === undefined ? {} : { batchReadings }),
  });
const digest = (seed: number): string => {
  const hash = createHash('sha256');
  for (const { series, eventTime, arrivalTime, value } of history(seed, (FROM + minutes(180)) as EpochMs))
    for (const column of [series, eventTime, arrivalTime, value]) hash.update(column);
  return hash.digest('hex');
};

describe('generated history', () => {
  it('is the same bytes for the same seed', () => {
    expect(digest(5)).toBe(digest(5));
    expect(digest(5)).not.toBe(digest(6));
  });

  it('goes forward in time from the first instant to before the last, each identity once', () => {
    const to = (FROM + minutes(120)) as EpochMs;
    const seen = new Set<string>();
    let before = 0;
    for (const batch of history(1, to, 1_000)) {
      expect(batch.length).toBeLessThanOrEqual(1_000);
      for (let i = 0; i < batch.length; i += 1) {
        const t = batch.eventTime[i] as number;
        expect(t).toBeGreaterThanOrEqual(Math.max(FROM, before));
        expect(t).toBeLessThan(to);
        expect(batch.arrivalTime[i]).toBeGreaterThan(t);
        before = t;
        seen.add(`${batch.series[i]} ${t}`);
      }
    }
    const readings = [...history(1, to)].reduce((sum, batch) => sum + batch.length, 0);
    expect(seen.size).toBe(readings);
  });

  it('lets seldom devices report seldom: meters every half hour', () => {
    const seriesOf = numbers();
    const meter = seriesOf('p-pm-lach-tray-471-1-1', 'voltage');
    const radar = seriesOf('p-tj-nga-sau-in', 'vehicle_speed');
    const counts = new Map<number, number>();
    const street = createStreet({ city: haiPhong, facts: haiPhongFacts, seed: 1 });
    for (const batch of historyFor({ street, city: haiPhong, from: FROM, to: (FROM + days(1)) as EpochMs, seriesOf }))
      for (let i = 0; i < batch.length; i += 1)
        counts.set(batch.series[i] as number, (counts.get(batch.series[i] as number) ?? 0) + 1);
    expect(counts.get(meter)).toBe(48);
    expect(counts.get(radar)).toBe(144);
  });

  it('leaves out series the registry does not know', () => {
    const only = historyFor({
      street: createStreet({ city: haiPhong, facts: haiPhongFacts, seed: 1 }),
      city: haiPhong,
      from: FROM,
      to: (FROM + minutes(60)) as EpochMs,
      seriesOf: (point, quantity) =>
        point === 'p-wt-hon-dau' && (quantity as string) === 'water_level' ? (9 as SeriesId) : undefined,
    });
    const batches = [...only];
    expect(batches.map((batch) => batch.length)).toEqual([6]);
    expect(new Set(batches[0]?.series)).toEqual(new Set([9]));
  });

  it('is quick: a day of the whole city takes a small part of a second of processor time', () => {
    const before = process.cpuUsage();
    let readings = 0;
    for (const batch of history(1, (FROM + days(1)) as EpochMs)) readings += batch.length;
    const { user, system } = process.cpuUsage(before);
    expect(readings).toBeGreaterThan(300_000);
    // Thirty days in 20 s of processor time would be 0.67 s a day.
    expect((user + system) / 1e6).toBeLessThan(0.67);
  });
});
