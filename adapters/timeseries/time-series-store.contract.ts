import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type {
  RetentionLimits,
  TimeSeriesStore,
  WindowColumns,
  WindowQuery,
} from '../../domain/ports/time-series-store.ts';
import { QUALITY, type Quality, UNUSABLE_FROM } from '../../domain/quality.ts';
import { type Reading, type ReadingColumns, readingAt, toColumns } from '../../domain/reading.ts';
import { days, type EpochMs, epochMs, hours, milliseconds, minutes } from '../../domain/time.ts';

const T0 = Date.parse('2026-11-20T00:00:00Z');
/** Sunday's end in Asia/Ho_Chi_Minh, from T0. */
const WEEK_END = Date.parse('2026-11-22T17:00:00Z') - T0;
/** Each run is a store of its own on its engine: few at a time, other ones at every time. */
const PROPERTY_RUNS = 6;
const aReading = (
  more: { series?: number; at?: number; value?: number; quality?: Quality; late?: number } = {},
): Reading => ({
  series: (more.series ?? 1) as SeriesId,
  eventTime: epochMs(T0 + (more.at ?? 0)),
  arrivalTime: epochMs(T0 + (more.at ?? 0) + (more.late ?? 250)),
  value: more.value ?? 1,
  quality: more.quality ?? QUALITY.GOOD,
});
const list = (columns: ReadingColumns): Reading[] =>
  Array.from({ length: columns.length }, (_, i) => readingAt(columns, i));
const at = (offset: number): EpochMs => epochMs(T0 + offset);
const S = (n: number) => n as SeriesId;
const C = (n: number) => n as JournalSequence;

/**
 * What every time-series store does. `newPlace` gives a function that opens the same, at first empty, store again and again; `settle` makes the store do at once
 * what it puts off, such as sorting and rolling up.
 */
export function describeTimeSeriesStore<S extends TimeSeriesStore>(
  name: string,
  newPlace: () => () => Promise<S>,
  settle: (store: S) => Promise<void> = async () => {},
): void {
  describe(`${name} keeps the TimeSeriesStore contract`, () => {
    let open: () => Promise<S>;
    let store: S;
    beforeEach(async () => {
      open = newPlace();
      store = await open();
    });
    afterEach(() => store.close());
    const whole = (series = 1, limit = 1000) =>
      store.range({ series: S(series), from: at(-days(400)), to: at(days(400)), limit });

    it('gives back readings ascending by event time with arrival and quality, over a restart too', async () => {
      const given = [
        aReading({ at: 2000, value: 2, quality: QUALITY.SUSPECT_STUCK }),
        aReading({ at: 1000 }),
        aReading({ at: 1500, series: 2 }),
      ];
      await store.append([toColumns(given)], C(7));
      await store.close();
      store = await open();
      expect(list(await whole())).toEqual([given[1], given[0]]);
      expect(await store.cursor()).toBe(7);
    });

    it('takes the beginning of a range in, leaves its end out, and stops at the limit with the earliest', async () => {
      await store.append([toColumns([0, 1000, 2000, 3000].map((t) => aReading({ at: t })))], C(1));
      const times = async (from: number, to: number, limit = 10) =>
        list(await store.range({ series: S(1), from: at(from), to: at(to), limit })).map((r) => r.eventTime - T0);
      expect(await times(1000, 3000)).toEqual([1000, 2000]);
      expect(await times(0, 9000, 2)).toEqual([0, 1000]);
    });

    const inStretches = async (series: readonly number[], from: number, to: number): Promise<Reading[]> => {
      const found: Reading[] = [];
      for (let next = at(from); next < at(to); ) {
        const stretch = await store.stretch({ series: series.map(S), from: next, to: at(to) });
        expect(stretch.to).toBeGreaterThan(next);
        expect(stretch.to).toBeLessThanOrEqual(at(to));
        const readings = list(stretch);
        expect(readings.filter((r) => r.eventTime < next || r.eventTime >= stretch.to)).toEqual([]);
        expect(readings).toEqual(readings.toSorted((a, b) => a.series - b.series || a.eventTime - b.eventTime));
        found.push(...readings);
        next = stretch.to;
      }
      return found.sort((a, b) => a.series - b.series || a.eventTime - b.eventTime);
    };

    it('gives the readings of several series a stretch at a time: sealed, late, repeated and of any week', async () => {
      const first = [0, days(1), days(8), days(30)].flatMap((t) =>
        [3, 1, 2, 9].map((series) => aReading({ series, at: t, value: series })),
      );
      await store.append([toColumns(first)], C(1));
      await settle(store);
      const again = [
        aReading({ series: 2, at: days(1), value: 7, quality: QUALITY.CALIBRATING }),
        aReading({ series: 1, at: hours(3), late: hours(70) }),
        aReading({ series: 3, at: -hours(1) }),
      ];
      await store.append([toColumns(again)], C(2));
      for (const [from, to] of [
        [-days(60), days(60)],
        [days(1), days(30)],
        [days(9), days(20)],
      ] as const) {
        const each = [1, 2, 3].map((series) =>
          store.range({ series: S(series), from: at(from), to: at(to), limit: 1000 }).then(list),
        );
        expect(await inStretches([1, 2, 3], from, to)).toEqual((await Promise.all(each)).flat());
      }
      expect(await inStretches([2, 3], 0, days(2))).toHaveLength(4);
      expect(await inStretches([77], 0, days(2))).toEqual([]);
    });

    it('replaces value, quality and arrival under the same identity: the later call, or the later row, wins', async () => {
      await store.append([toColumns([aReading({ value: 1 }), aReading({ value: 2 })])], C(1));
      expect(list(await whole()).map((r) => r.value)).toEqual([2]);
      await store.append([toColumns([aReading({ value: 3, quality: QUALITY.CALIBRATING, late: 9000 })])], C(2));
      expect(list(await whole())).toEqual([aReading({ value: 3, quality: QUALITY.CALIBRATING, late: 9000 })]);
      expect(list(await store.latest([S(1)]))).toEqual([
        aReading({ value: 3, quality: QUALITY.CALIBRATING, late: 9000 }),
      ]);
    });

    it('changes nothing when the same append comes again', async () => {
      const batch = toColumns([aReading({ at: 0 }), aReading({ at: 1000 }), aReading({ at: days(9) })]);
      await store.append([batch], C(3));
      await store.append([batch], C(3));
      expect(await whole()).toHaveLength(3);
      expect(await store.cursor()).toBe(3);
    });

    it('keeps a cursor without readings, and loads without touching the cursor', async () => {
      await store.append([], C(5));
      await store.load([toColumns([aReading()])]);
      await store.close();
      store = await open();
      expect(await store.cursor()).toBe(5);
      expect(await whole()).toHaveLength(1);
    });

    it('aggregates usable readings in windows, many series at once, and leaves empty windows out', async () => {
      await store.append(
        [
          toColumns([
            aReading({ at: 0, value: 1 }),
            aReading({ at: 500, value: 3 }),
            aReading({ at: 700, value: 99, quality: QUALITY.INVALID_OUT_OF_RANGE }),
            aReading({ at: 2500, value: 7, quality: QUALITY.SUSPECT_RATE }),
            aReading({ series: 2, at: 999, value: 5 }),
          ]),
        ],
        C(1),
      );
      const w = await store.windows({
        series: [S(1), S(2)],
        from: at(0),
        to: at(10_000),
        step: milliseconds(1000),
        align: at(0),
      });
      const table = Array.from({ length: w.length }, (_, i) => [
        w.series[i],
        w.start[i]! - T0,
        w.count[i],
        w.mean[i],
        w.min[i],
        w.max[i],
        w.sum[i],
        w.last[i],
      ]);
      expect(table).toEqual([
        [1, 0, 2, 2, 1, 3, 4, 3],
        [1, 2000, 1, 7, 7, 7, 7, 7],
        [2, 0, 1, 5, 5, 5, 5, 5],
      ]);
    });

    it('cuts days at the local midnight it is given, also before it and across files', async () => {
      const midnight = Date.parse('2026-11-21T17:00:00Z') - T0; // 00:00 on the 22nd in Asia/Ho_Chi_Minh
      await store.append(
        [
          toColumns(
            [-1, 0, hours(24) - 1, hours(24), -hours(24) - 1].map((t, i) => aReading({ at: midnight + t, value: i })),
          ),
        ],
        C(1),
      );
      const w = await store.windows({
        series: [S(1)],
        from: at(-days(30)),
        to: at(days(30)),
        step: days(1),
        align: at(midnight),
      });
      expect([...w.start].map((s) => (s - T0 - midnight) / 86_400_000)).toEqual([-2, -1, 0, 1]);
      expect([...w.count]).toEqual([1, 1, 2, 1]);
    });

    it('knows the latest reading of each series, of any quality, never a late one, and before an instant', async () => {
      await store.append(
        [
          toColumns([
            aReading({ at: days(20), value: 9, quality: QUALITY.INVALID_OUT_OF_RANGE }),
            aReading({ series: 2, at: 5 }),
          ]),
        ],
        C(1),
      );
      await store.append([toColumns([aReading({ at: 1000, value: 1 })])], C(2));
      expect(list(await store.latest([S(1), S(2), S(3)])).map((r) => [r.series, r.value])).toEqual([
        [1, 9],
        [2, 1],
      ]);
      expect(list(await store.latest([S(1)], at(days(20)))).map((r) => r.value)).toEqual([1]);
      expect(await store.latest([S(1)], at(1000))).toHaveLength(0);
    });

    it('knows how it stood at an instant: what had happened by then, and what of it had arrived', async () => {
      await store.append(
        [
          toColumns([
            aReading({ at: 1000, value: 1, late: 100 }),
            aReading({ at: 2000, value: 2, late: 5000 }),
            aReading({ series: 2, at: 1500, value: 3, late: 0, quality: QUALITY.INVALID_OUT_OF_RANGE }),
            aReading({ series: 3, at: -days(2), value: 4 }),
          ]),
        ],
        C(1),
      );
      const then = async (instant: number, arrived: boolean) =>
        list(await store.latestAt({ series: [S(3), S(1), S(2)], at: at(instant), lookback: hours(24), arrived })).map(
          (r) => [r.series, r.value],
        );
      expect(await then(999, false)).toEqual([]);
      expect(await then(1000, false)).toEqual([[1, 1]]);
      expect(await then(1000, true)).toEqual([]);
      expect(await then(2000, true)).toEqual([
        [1, 1],
        [2, 3],
      ]);
      expect(await then(2000, false)).toEqual([
        [1, 2],
        [2, 3],
      ]);
      expect(await then(7000, true)).toEqual([
        [1, 2],
        [2, 3],
      ]);
    });

    it('plays what became known step by step to the same end as looking at once, whatever was late or sent again', async () => {
      const row = fc.record({
        series: fc.integer({ min: 1, max: 4 }),
        // Around the end of a week, within some hours.
        at: fc.integer({ min: -90, max: 90 }).map((n) => n * 120_000 + WEEK_END),
        late: fc.constantFrom(0, 300, 119_000, 3_600_000, -60_000),
        value: fc.integer({ min: -99, max: 99 }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(row, { maxLength: 25 }), { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          fc.integer({ min: -100, max: 50 }),
          fc.integer({ min: 1, max: 5 }),
          async (calls, arrived, start, sealedAfter) => {
            const own = await newPlace()();
            const model = new Map<string, Reading>();
            for (const [i, call] of calls.entries()) {
              const readings = call.map((r) => aReading(r));
              await own.append([toColumns(readings)], C(i + 1));
              for (const r of readings) model.set(`${r.series}:${r.eventTime}`, r);
              if (i === sealedAfter) await settle(own);
            }
            const from = at(WEEK_END + start * 120_000);
            const step = minutes(7);
            const series = [S(1), S(2), S(3), S(4)];
            const window = { series, lookback: hours(24), arrived };
            const shown = new Map(list(await own.latestAt({ ...window, at: from })).map((r) => [r.series, r]));
            const modelAt = (instant: number) => {
              const newest = new Map<SeriesId, Reading>();
              for (const r of model.values()) {
                if (r.eventTime > instant || (arrived && r.arrivalTime > instant)) continue;
                if (r.eventTime > (newest.get(r.series)?.eventTime ?? Number.NEGATIVE_INFINITY))
                  newest.set(r.series, r);
              }
              return [...newest.values()].sort((a, b) => a.series - b.series);
            };
            const inOrder = () => [...shown.values()].sort((a, b) => a.series - b.series);
            expect(inOrder()).toEqual(modelAt(from));
            const changes = await own.changes({ ...window, from, to: epochMs(from + 12 * step), step });
            for (let k = 0; k < 12; k++) {
              for (let i = 0; i < changes.length; i++) {
                if (changes.step[i] !== k) continue;
                const r = readingAt(changes, i);
                if (r.eventTime >= (shown.get(r.series)?.eventTime ?? Number.NEGATIVE_INFINITY)) shown.set(r.series, r);
              }
              expect(inOrder()).toEqual(modelAt(from + (k + 1) * step));
            }
            await own.close();
          },
        ),
        { numRuns: PROPERTY_RUNS },
      );
    }, 120_000);

    it('removes a range of one series and no more', async () => {
      await store.append(
        [toColumns([0, 1000, 2000].flatMap((t) => [aReading({ at: t }), aReading({ at: t, series: 2 })]))],
        C(1),
      );
      await store.deleteRange(S(1), at(1000), at(3000));
      expect(list(await whole()).map((r) => r.eventTime - T0)).toEqual([0]);
      expect(await whole(2)).toHaveLength(3);
      expect(list(await store.latest([S(1)])).map((r) => r.eventTime - T0)).toEqual([0]);
    });

    /** Monday midnight of the week of T0, in Asia/Ho_Chi_Minh. */
    const monday = (weeks: number): EpochMs => epochMs(Date.parse('2026-11-15T17:00:00Z') + weeks * days(7));
    const retire = (series: readonly SeriesId[], limits: Partial<RetentionLimits>, directions: SeriesId[] = []) =>
      store.retire({ series, directions, limits: { raw: null, hourly: null, daily: null, ...limits } });

    it('retires the readings of some series in whole weeks, keeps the others and the cursor, and says since when', async () => {
      await store.append(
        [toColumns([1, 2].flatMap((series) => [-60, -30, 0].map((day) => aReading({ series, at: day * days(1) }))))],
        C(4),
      );
      expect(await retire([S(1)], { raw: monday(0) })).toEqual({ readings: 2, hourlyValues: 0, dailyValues: 0 });
      expect(list(await whole()).map((r) => r.eventTime - T0)).toEqual([0]);
      expect(await whole(2)).toHaveLength(3);
      await store.close();
      store = await open();
      expect(await store.cursor()).toBe(4);
      expect(list(await store.latest([S(1)], at(-1)))).toEqual([]);
      const retired = await store.retired([S(1), S(2)]);
      expect([...retired.keys()]).toEqual([1]);
      expect(retired.get(S(1))!.raw!).toBeLessThanOrEqual(monday(0));
      expect(retired.get(S(1))!.raw!).toBeGreaterThan(at(-days(30)));
      await retire([S(2)], { raw: monday(0) });
      expect(list(await whole(2)).map((r) => r.eventTime - T0)).toEqual([0]);
      expect(await store.cursor()).toBe(4);
    });

    it('keeps hours and days of retired readings exactly, for longer, and of directions the vector mean', async () => {
      const begin = monday(-2) - T0;
      const given = Array.from({ length: 2_000 }, (_, i) =>
        aReading({
          series: 1 + (i % 2),
          at: begin + i * 600_000 + (i % 7) * 1_000,
          value: i % 2 === 0 ? 20 + (i % 13) : (340 + (i % 40)) % 360,
          quality: i % 11 === 0 ? QUALITY.INVALID_OUT_OF_RANGE : i % 5 === 0 ? QUALITY.SUSPECT_STUCK : QUALITY.GOOD,
        }),
      );
      await store.append([toColumns(given)], C(1));
      await settle(store);
      const ask = (step: number, more: Partial<WindowQuery> = {}): WindowQuery => ({
        series: [S(1), S(2)],
        directions: [S(2)],
        from: monday(-2),
        to: monday(0),
        step: milliseconds(step),
        align: monday(-2),
        ...more,
      });
      const queries = [
        ask(hours(1)),
        ask(hours(6)),
        ask(days(1)),
        ask(days(7)),
        ask(days(1), { from: at(begin + hours(31)) }),
      ];
      const before = await Promise.all(queries.map((query) => store.windows(query)));
      const tables = (windows: readonly WindowColumns[]) =>
        windows.map((w) => tableOf(w).map((row, i) => [...row, w.good[i]].map((n) => Math.round(n! * 1e6) / 1e6)));
      const expected = tables(before);
      // The mean of 340° … 19° lies about north, not about south.
      const north = before[2]!.mean.filter((_, i) => before[2]!.series[i] === 2);
      expect([...north].every((mean) => mean > 340 || mean < 20)).toBe(true);
      expect(before[2]!.good.every((good, i) => good > 0 && good < before[2]!.count[i]!)).toBe(true);

      await retire([S(1), S(2)], { raw: monday(0) }, [S(2)]);
      expect(await whole(1)).toHaveLength(0);
      expect(tables(await Promise.all(queries.map((query) => store.windows(query))))).toEqual(expected);
      // Repeated, and after a restart, the same.
      await retire([S(1), S(2)], { raw: monday(0) }, [S(2)]);
      await store.close();
      store = await open();
      expect(tables(await Promise.all(queries.map((query) => store.windows(query))))).toEqual(expected);

      const hoursGone = await retire([S(1)], { raw: monday(0), hourly: monday(-1) });
      expect(hoursGone.hourlyValues).toBeGreaterThan(100);
      const left = await store.windows(ask(hours(1), { series: [S(1)] }));
      expect(left.start.every((start) => start >= monday(-1))).toBe(true);
      expect(tableOf(await store.windows(ask(days(1), { series: [S(1)] })))).toEqual(
        tableOf(before[2]!).filter(([series]) => series === 1),
      );
      const { dailyValues } = await retire([S(1)], { raw: monday(0), hourly: monday(0), daily: monday(-1) });
      expect(dailyValues).toBe(7);
      expect((await store.windows(ask(days(1), { series: [S(1)] }))).start.every((start) => start >= monday(-1))).toBe(
        true,
      );
      expect((await store.retired([S(1)])).get(S(1))).toEqual({ raw: monday(0), hourly: monday(0), daily: monday(-1) });
    });

    it('takes no second account of what was retired, but fills what it knew nothing of', async () => {
      const begin = monday(-1) - T0;
      await store.append([toColumns([0, 1, 2].map((i) => aReading({ at: begin + i * 60_000, value: i })))], C(1));
      await retire([S(1)], { raw: monday(0) });
      await store.load([
        toColumns([aReading({ at: begin + 60_000, value: 99 }), aReading({ at: begin + hours(5), value: 7 })]),
      ]);
      await retire([S(1)], { raw: monday(0) });
      const query = { series: [S(1)], from: monday(-1), to: monday(0), step: hours(1), align: monday(-1) };
      expect(
        tableOf(await store.windows(query)).map(([, start, count, mean]) => [start - monday(-1), count, mean]),
      ).toEqual([
        [0, 3, 1],
        [hours(5), 1, 7],
      ]);
      expect(tableOf(await store.windows({ ...query, step: days(1) })).map(([, , count]) => count)).toEqual([4]);
    });

    it('keeps what a plain map would keep, whatever comes in whatever order', async () => {
      const row = fc.record({
        series: fc.integer({ min: 1, max: 3 }),
        at: fc.integer({ min: -12, max: 12 }).map((n) => n * 43_200_000),
        value: fc.integer({ min: -99, max: 99 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 6 }), async (calls) => {
          const own = await newPlace()();
          const model = new Map<string, number>();
          for (const [i, call] of calls.entries()) {
            await own.append([toColumns(call.map((r) => aReading(r)))], C(i + 1));
            for (const r of call) model.set(`${r.series}:${r.at}`, r.value);
          }
          const kept = new Map<string, number>();
          for (const series of [1, 2, 3]) {
            for (const r of list(
              await own.range({ series: S(series), from: at(-days(40)), to: at(days(40)), limit: 1000 }),
            ))
              kept.set(`${series}:${r.eventTime - T0}`, r.value);
          }
          await own.close();
          expect(new Map([...kept].sort())).toEqual(new Map([...model].sort()));
        }),
        { numRuns: PROPERTY_RUNS },
      );
    }, 120_000);

    it('aggregates what a plain list would, in windows of minutes to weeks, whatever was late, repeated or deleted', async () => {
      const burst = fc.record({
        kind: fc.constant('append' as const),
        series: fc.integer({ min: 1, max: 3 }),
        // Often the same hours again, so that readings are late and replace.
        fromMinute: fc.integer({ min: -18, max: 18 }).map((n) => n * 240),
        stepMinutes: fc.constantFrom(1, 7, 60),
        count: fc.integer({ min: 1, max: 200 }),
        quality: fc.constantFrom(QUALITY.GOOD, QUALITY.SUSPECT_STUCK, QUALITY.INVALID_OUT_OF_RANGE),
        value: fc.integer({ min: -50, max: 50 }),
      });
      const deletion = fc.record({
        kind: fc.constant('delete' as const),
        series: fc.integer({ min: 1, max: 3 }),
        fromMinute: fc.integer({ min: -4_320, max: 4_320 }),
        minutes: fc.integer({ min: 1, max: 3_000 }),
      });
      const step = fc.oneof({ weight: 6, arbitrary: burst }, deletion, fc.constant({ kind: 'settle' as const }));
      const question = fc.record({
        step: fc.constantFrom(minutes(10), hours(1), hours(6), days(1), days(7)),
        align: fc.constantFrom(at(0), at(-hours(7)), at(hours(3) + 600_000)),
        fromMinute: fc.integer({ min: -4_500, max: 0 }),
        toMinute: fc.integer({ min: 1, max: 17_000 }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 9 }),
          fc.array(question, { minLength: 3, maxLength: 3 }),
          async (steps, questions) => {
            const own = await newPlace()();
            const model = new Map<string, Reading>();
            for (const [i, change] of steps.entries()) {
              switch (change.kind) {
                case 'append': {
                  const readings = Array.from({ length: change.count }, (_, k) =>
                    aReading({
                      ...change,
                      at: (change.fromMinute + k * change.stepMinutes) * 60_000,
                      value: change.value + (k % 13),
                    }),
                  );
                  await own.append([toColumns(readings)], C(i + 1));
                  for (const reading of readings) model.set(`${reading.series}:${reading.eventTime}`, reading);
                  break;
                }
                case 'delete': {
                  const from = at(change.fromMinute * 60_000);
                  const to = at((change.fromMinute + change.minutes) * 60_000);
                  await own.deleteRange(S(change.series), from, to);
                  for (const [key, { series, eventTime }] of model) {
                    if (series === change.series && eventTime >= from && eventTime < to) model.delete(key);
                  }
                  break;
                }
                case 'settle':
                  await settle(own);
              }
            }
            for (const asked of questions) {
              const from = at(asked.fromMinute * 60_000);
              const to = at(asked.toMinute * 60_000);
              const query = { series: [S(1), S(2), S(3)], from, to, step: asked.step, align: asked.align };
              expect(tableOf(await own.windows(query))).toEqual(windowsOf([...model.values()], query));
            }
            const newest = list(await own.latest([S(1), S(2), S(3)])).map(({ series, eventTime }) => [
              series,
              eventTime,
            ]);
            expect(newest).toEqual(
              [1, 2, 3].flatMap((id) => {
                const times = [...model.values()]
                  .filter(({ series }) => series === id)
                  .map(({ eventTime }) => eventTime);
                return times.length === 0 ? [] : [[id, Math.max(...times)]];
              }),
            );
            await own.close();
          },
        ),
        { numRuns: PROPERTY_RUNS },
      );
    }, 120_000);
  });
}

type Row = readonly [
  series: number,
  start: number,
  count: number,
  mean: number,
  min: number,
  max: number,
  sum: number,
  last: number,
];
const tableOf = (w: WindowColumns): Row[] =>
  Array.from({ length: w.length }, (_, i) => [
    w.series[i]!,
    w.start[i]!,
    w.count[i]!,
    w.mean[i]!,
    w.min[i]!,
    w.max[i]!,
    w.sum[i]!,
    w.last[i]!,
  ]);

/** The same by hand. */
function windowsOf(readings: readonly Reading[], { from, to, step, align }: WindowQuery): Row[] {
  const usable = readings
    .filter(({ eventTime, quality }) => eventTime >= from && eventTime < to && quality < UNUSABLE_FROM)
    .sort((a, b) => a.series - b.series || a.eventTime - b.eventTime);
  const groups = Map.groupBy(
    usable,
    ({ series, eventTime }) => `${series}:${align + Math.floor((eventTime - align) / step) * step}`,
  );
  return [...groups].map(([key, inWindow]): Row => {
    const [series, start] = key.split(':').map(Number) as [number, number];
    const values = inWindow.map(({ value }) => value);
    const sum = values.reduce((total, value) => total + value, 0);
    return [
      series,
      start,
      values.length,
      sum / values.length,
      Math.min(...values),
      Math.max(...values),
      sum,
      values.at(-1)!,
    ];
  });
}
