import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import { AIR_POLLUTANTS } from '../../domain/indices/air-index.ts';
import { energyMean, weightedLevel } from '../../domain/indices/sound-levels.ts';
import { QUALITY } from '../../domain/quality.ts';
import { type Reading, toColumns } from '../../domain/reading.ts';
import { type EpochMs, epochMs, hours, minutes, seconds } from '../../domain/time.ts';
import { airMessage, airReadings } from './air-messages.ts';
import {
  expectedAir,
  INTERVAL,
  type IndexedStreet,
  openIndexedStreet,
  type PointName,
  reading,
  START,
  system,
} from './indexed-street.ts';

const opened: IndexedStreet[] = [];
afterEach(async () => {
  for (const street of opened.splice(0)) {
    expect(street.problems).toEqual([]);
    await street.close();
  }
});
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'hd-indices-'));
async function open(startsAt: EpochMs = START, folder = newFolder()): Promise<IndexedStreet> {
  const street = await openIndexedStreet(folder, startsAt);
  opened.push(street);
  return street;
}
const waitFor = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 30_000, interval: 25 });

/** One reading every ten minutes over hours 1 … `count` of the day that begins at START. */
const steady = (series: SeriesId, count: number, value: (slot: number) => number): Reading[] =>
  Array.from({ length: count * 6 }, (_, slot) => reading(series, START + (slot + 1) * INTERVAL, value(slot)));
const afterHour = (hour: number): EpochMs => epochMs(START + hours(hour) + seconds(61));
const usable = (kept: Awaited<ReturnType<IndexedStreet['kept']>>) =>
  kept.filter(([, , quality]) => quality < 0x20).map(([at, value]) => [at, value]);

async function airSeries(street: IndexedStreet): Promise<Record<string, SeriesId>> {
  const series: Record<string, SeriesId> = {};
  for (const pollutant of AIR_POLLUTANTS) series[pollutant] = await street.seriesOf('air', pollutant);
  return series;
}
/** The four series of the air station are what they would be had everything been worked out at once, at the end. */
async function expectReference(
  street: IndexedStreet,
  readings: Readonly<Record<string, readonly Reading[]>>,
  until: EpochMs,
) {
  for (const index of ['vn_aqi', 'us_aqi'] as const) {
    const { hourly, daily } = expectedAir(index, readings, until);
    expect(hourly.length).toBeGreaterThan(10);
    await waitFor(async () => {
      expect(usable(await street.kept('air', `${index}_hourly`))).toEqual(hourly);
      expect(usable(await street.kept('air', `${index}_daily`))).toEqual(daily);
    });
  }
}

describe('the indices of an air station', () => {
  it('appear for an hour when it is over, and not while it runs', async () => {
    const street = await open();
    const pm = await street.seriesOf('air', 'pm2_5');
    await street.append(steady(pm, 4, () => 40));
    street.setClock(epochMs(START + hours(4) + seconds(59)));
    const hoursKept = async () => (await street.kept('air', 'vn_aqi_hourly')).map(([at]) => (at - START) / hours(1));
    // The NowCast needs two of the last three hours.
    await waitFor(async () => expect(await hoursKept()).toEqual([2, 3]));
    street.setClock(afterHour(4));
    await waitFor(async () => expect(await hoursKept()).toEqual([2, 3, 4]));
    expect(usable(await street.kept('air', 'vn_aqi_hourly'))[0]).toEqual([START + hours(2), 80]);
    expect(await street.kept('air', 'vn_aqi_daily')).toEqual([]);
  });

  it('are worked out again when readings come late, come again with another value, or are imported', async () => {
    const street = await open();
    const series = await airSeries(street);
    const count = 6 * 24 * 3;
    for (let n = 0; n < count; n += 18) {
      street.setClock(epochMs(START + n * INTERVAL + seconds(61)));
      for (let k = n; k < n + 18; k++) await street.append(airMessage(k, series));
      await pause(5);
    }
    const until = epochMs(START + count * INTERVAL);
    street.setClock(epochMs(until + seconds(61)));
    await expectReference(street, airReadings(count), until);

    const imported = steady(series['pm2_5']!, 30, (slot) => 150 + slot);
    await street.store.load([toColumns(imported)]);
    await street.indices.readingsLoaded([
      { series: series['pm2_5']!, from: imported[0]!.eventTime, to: epochMs(imported.at(-1)!.eventTime + 1) },
    ]);
    const given = airReadings(count);
    await expectReference(street, { ...given, pm2_5: [...given['pm2_5']!, ...imported] }, until);
    // Told to whoever judges readings: they came past the journal.
    const hourly = await street.seriesOf('air', 'vn_aqi_hourly');
    expect(street.loaded.some((span) => span.series === hourly)).toBe(true);
  }, 90_000);

  it('leave out what people found invalid, say that a value is no more, and come back when the verdict is withdrawn', async () => {
    const street = await open();
    const pm = await street.seriesOf('air', 'pm2_5');
    await street.append(steady(pm, 6, (slot) => (slot < 24 ? 20 : 400)));
    street.setClock(afterHour(6));
    const values = async () => usable(await street.kept('air', 'vn_aqi_hourly')).map(([, value]) => value);
    const before = await waitFor(async () => {
      const found = await values();
      expect(found).toHaveLength(5);
      return found;
    });
    const verdicts = street.registry.as(system).qualitySpans;
    const span = { series: pm, from: epochMs(START + hours(4) + 1), to: epochMs(START + hours(6) + 1) };
    const verdict = await verdicts.mark({
      ...span,
      quality: QUALITY.INVALID_DECLARED,
      reason: 'burning beside the inlet',
    });
    // The hour after still has two of three hours, the one after that does not.
    await waitFor(async () => expect(await values()).toEqual([40, 40, 40, 40]));
    const kept = await street.kept('air', 'vn_aqi_hourly');
    expect(kept.at(-1)).toEqual([START + hours(6), before[4], QUALITY.INVALID_WITHDRAWN]);
    await verdicts.withdraw(verdict.id);
    await waitFor(async () => expect(await values()).toEqual(before));
  });

  it('are those of a day by the site’s clock: from midnight to midnight, with the last 8-hour means of the evening before', async () => {
    const street = await open();
    const series = await airSeries(street);
    const count = 6 * 47;
    await Promise.all(Array.from({ length: count }, (_, n) => street.append(airMessage(n, series))));
    const until = epochMs(START + hours(47));
    street.setClock(epochMs(until + seconds(61)));
    await expectReference(street, airReadings(count), until);
    expect((await street.kept('air', 'vn_aqi_daily')).map(([at]) => at)).toEqual([START + hours(24)]);
  });

  it('ask for readings all over the hour: many of its last minutes are no hour', async () => {
    const street = await open();
    const pm = await street.seriesOf('air', 'pm2_5');
    const burst = Array.from({ length: 60 }, (_, i) => reading(pm, START + hours(5) - i * seconds(10), 300));
    await street.append([...steady(pm, 4, () => 10), ...burst]);
    street.setClock(afterHour(5));
    await waitFor(async () => expect(await street.kept('air', 'vn_aqi_hourly')).toHaveLength(4));
    // The fifth hour does not count: the NowCast is that of the hours before.
    expect((await street.kept('air', 'vn_aqi_hourly')).at(-1)).toEqual([START + hours(5), 20, QUALITY.GOOD]);
  });

  it('stand once for each hour whenever the process is killed, and are what they would be without', async () => {
    const folder = newFolder();
    const total = 6 * 24 * 2;
    let kills = 0;
    for (let finished = false; !finished; ) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'street-process.ts'), folder, String(total)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(child, 'exit');
      const ready = new Promise<void>((resolve) => {
        child.stdout.on('data', (data: Buffer) => {
          if (String(data).includes('ready')) resolve();
          if (String(data).includes('sent')) finished = true;
        });
      });
      await Promise.race([ready, gone]);
      expect(child.exitCode).toBeNull();
      // A random instant is the point: nothing to wait for.
      await pause(20 + Math.random() * 250);
      child.kill('SIGKILL');
      await gone;
      kills++;
    }
    expect(kills).toBeGreaterThan(1);
    const until = epochMs(START + total * INTERVAL);
    const street = await open(epochMs(until + seconds(61)), folder);
    await expectReference(street, airReadings(total), until);
  }, 120_000);
});

describe('other indices', () => {
  it('are the Lden of a day that ends in the morning, from means by energy', async () => {
    const street = await open();
    const noise = await street.seriesOf('noise', 'noise_level');
    const levels = (slot: number): number => 50 + (slot % 6) * 5 + (slot % 144 > 114 ? -10 : 0);
    await street.append(steady(noise, 31, levels));
    street.setClock(afterHour(31));
    const period = (from: number, to: number): number =>
      energyMean(
        Array.from({ length: to - from }, (_, k) => {
          const slots = Array.from({ length: 6 }, (_, i) => levels((from + k) * 6 + i));
          return energyMean(slots)!;
        }),
      )!;
    const lden = weightedLevel([
      { level: period(7, 19), hours: 12, penalty: 0 },
      { level: period(19, 23), hours: 4, penalty: 5 },
      { level: period(23, 31), hours: 8, penalty: 10 },
    ]);
    await waitFor(async () =>
      expect(await street.kept('noise', 'lden')).toEqual([[START + hours(31), Math.round(lden * 10) / 10, 0]]),
    );
  });

  it('are the VN_WQI of an hour where a point measures enough for it, and no series where it does not', async () => {
    const street = await open();
    const clean = { ph: 7, dissolved_oxygen: 8, ammonium: 0.1, nitrate: 1, coliform: 1_000, water_temperature: 25 };
    for (const [quantity, value] of Object.entries(clean))
      await street.append(steady(await street.seriesOf('river', quantity), 2, () => value));
    street.setClock(afterHour(2));
    await waitFor(async () =>
      expect(await street.kept('river', 'vn_wqi_hourly')).toEqual([
        [START + hours(1), 100, 0],
        [START + hours(2), 100, 0],
      ]),
    );
    const has = async (point: PointName) =>
      (await street.registry.directory.series())
        .filter(({ pointId }) => pointId === `p-${point}`)
        .map(({ quantity }) => quantity as string);
    expect(await has('noise')).toEqual(['noise_level', 'lden']);
    expect(await has('air')).not.toContain('vn_wqi_hourly');
  });

  it('are given to a point that begins to measure what they need, from its history on', async () => {
    const street = await open(epochMs(START + minutes(1)));
    const view = street.registry.as(system).points;
    const [template] = (await view.list({}, { limit: 1 })).items;
    const made = await view.create({ ...template!, id: 'p-new' as never, quantities: ['pm10' as never] });
    const pm10 = made.series[0]!.id;
    await street.append(steady(pm10, 3, () => 150));
    street.setClock(afterHour(3));
    street.bus.publish('assets.changed', { agencyId: made.agencyId });
    await waitFor(async () => {
      const entry = (await street.registry.directory.series()).find(
        ({ pointId, quantity }) => pointId === made.id && (quantity as string) === 'vn_aqi_hourly',
      );
      const found = await street.store.range({
        series: entry!.series,
        from: epochMs(0),
        to: epochMs(START + hours(9)),
        limit: 10,
      });
      expect(Array.from(found.value)).toEqual([100, 100]);
    });
  });
});
