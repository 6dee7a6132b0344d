import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileRule } from './compiled-rule.ts';
import type { JudgedReading } from './episode.ts';
import type { AgencyId, RuleId, SeriesId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import { type Reading, toColumns } from './reading.ts';
import { jointReadings, type ReadingSource } from './stored-readings.ts';
import { epochMs, hours, milliseconds, minutes } from './time.ts';

const quantity = 'water_level' as QuantityKey;
const compiled = compileRule({
  id: 'r' as RuleId,
  agencyId: 'water' as AgencyId,
  version: 1,
  name: { vi: 'r', en: 'r' },
  advice: null,
  enabled: true,
  quantity,
  selection: {},
  condition: {
    kind: 'area_count',
    each: { side: 'above', limit: { limit: 5 }, hysteresis: 1 },
    minimumHeard: 0,
    levels: [{ severity: 'major', hold: milliseconds(0), points: 1 }],
    at: { step: minutes(7), maximumAge: minutes(20), settle: milliseconds(0) },
  },
  clearHold: milliseconds(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
  createdBy: null,
  createdAt: epochMs(0),
});
const BEGIN = hours(500_000);
const FILE_MS = hours(50);

const sourceOf = (readings: readonly Reading[]): ReadingSource => ({
  // In files of some hours, of which one is read at a time.
  stretch: async ({ series, from, to }) => {
    const end = epochMs(Math.min(to, Math.floor(from / FILE_MS + 1) * FILE_MS));
    const found = readings.filter((r) => series.includes(r.series) && r.eventTime >= from && r.eventTime < end);
    return { ...toColumns(found.sort((a, b) => a.series - b.series || a.eventTime - b.eventTime)), to: end };
  },
});
const collect = async (readings: readonly Reading[], from: number, to: number): Promise<JudgedReading[]> => {
  const found: JudgedReading[] = [];
  for await (const instant of jointReadings(sourceOf(readings), compiled, [1, 2] as SeriesId[], from, to))
    found.push(instant);
  return found;
};

it('says the same of an instant wherever reading began, over stretches with and without readings', async () => {
  const reading = fc.record({
    series: fc.constantFrom(1, 2).map((id) => id as SeriesId),
    // Days apart and minutes apart.
    at: fc.tuple(fc.nat(3), fc.nat(600)).map(([day, minute]) => BEGIN + hours(day * 31) + minutes(minute)),
    value: fc.nat(10),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(reading, { maxLength: 80 }), fc.nat(6_000), async (list, cut) => {
      const readings = list
        .map(
          ({ series, at, value }): Reading => ({
            series,
            eventTime: epochMs(at),
            arrivalTime: epochMs(at),
            value,
            quality: 0,
          }),
        )
        .sort((a, b) => a.eventTime - b.eventTime);
      const end = BEGIN + hours(120);
      const whole = await collect(readings, 0, end);
      const middle = BEGIN + minutes(cut);
      expect([...(await collect(readings, 0, middle)), ...(await collect(readings, middle, end))]).toEqual(whole);
      // Worked out one by one, by hand.
      for (const { eventTime, value } of whole) {
        const heard = [1, 2].flatMap((series) => {
          const those = readings.filter(
            (r) => r.series === series && r.eventTime <= eventTime && r.eventTime > eventTime - minutes(20),
          );
          const newest = Math.max(...those.map((r) => r.eventTime));
          return those.filter((r) => r.eventTime === newest).slice(-1);
        });
        expect(value).toBe(heard.filter((r) => r.value >= 5).length);
      }
    }),
    { numRuns: 60 },
  );
});
