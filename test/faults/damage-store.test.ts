import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { emptyColumns, type ReadingColumns } from '../../domain/reading.ts';
import { days, epochMs } from '../../domain/time.ts';
import { damagesTo, overwrite, seededRandom } from './damage.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-damage-'));
const openAt = (path: string, damaged: string[], verifyAfterMs = 3_600_000) =>
  openDuckDbStore({ path, memoryLimitMegabytes: 128, verifyAfterMs, onDamaged: (file) => damaged.push(file) });
const MONDAY = Date.parse('2026-11-02T00:00:00+07:00');
const WEEK = days(7);
const SERIES = 20;
const PER_SERIES = 1_500;

/** Readings of one week, minute by minute. */
function weekOf(number: number): ReadingColumns {
  const columns = emptyColumns(SERIES * PER_SERIES);
  for (let i = 0; i < columns.length; i++) {
    columns.series[i] = 1 + (i % SERIES);
    columns.eventTime[i] = MONDAY + number * WEEK + Math.floor(i / SERIES) * 60_000 + ((i * 7_919) % 1_000);
    columns.arrivalTime[i] = columns.eventTime[i]! + ((i * 104_729) % 5_000);
    columns.value[i] = ((i * 7_919) % 10_007) / 10;
  }
  return columns;
}

/** Three weeks: two sealed, the last one half. */
async function soundFolder(): Promise<string> {
  const path = newFolder();
  const store = await openAt(path, []);
  for (let week = 0; week < 3; week++) await store.append([weekOf(week)], (week + 1) as JournalSequence);
  await store.settle();
  await store.close();
  return path;
}
const NAMES = ['week-2026-11-02.duckdb', 'week-2026-11-09.duckdb', 'week-2026-11-16.duckdb'] as const;

it('never serves a reading that is not what was stored; what it can’t serve it has said, and it takes new readings', async () => {
  const sound = await soundFolder();
  const random = seededRandom(61);
  const damages = NAMES.slice(1).flatMap((name) =>
    damagesTo(join(sound, name), 5, random).map((d) => ({ ...d, name })),
  );
  let found = 0;
  for (const { name, what, bytes } of damages) {
    const path = newFolder();
    cpSync(sound, path, { recursive: true });
    overwrite(join(path, name), bytes);
    const damaged: string[] = [];
    const store = await openAt(path, damaged);
    for (const week of [0, 1, 2]) {
      const from = epochMs(MONDAY + week * WEEK);
      const to = epochMs(MONDAY + (week + 1) * WEEK);
      const whole = weekOf(week);
      const served = await store.range({ series: 7 as SeriesId, from, to, limit: 10_000 });
      const counted = await store.windows({ series: [7 as SeriesId], from, to, step: days(7), align: from });
      const message = `${name}, ${what}, week ${week}`;
      // Found damaged by either query, or by the second only: then the first did not need what is broken.
      const gone = damaged.includes(NAMES[week]!);
      if (!(gone && served.length === 0)) {
        expect([...served.value], message).toEqual([...whole.value].filter((_, i) => whole.series[i] === 7));
      }
      if (!(gone && counted.length === 0)) expect([...counted.count], message).toEqual([PER_SERIES]);
    }
    for (const file of damaged) expect(readdirSync(join(path, 'damaged')), what).toContain(file);
    expect((await store.status()).damagedFiles, what).toEqual(damaged);
    expect(
      damaged.every((file) => file === name),
      what,
    ).toBe(true);
    found += damaged.length;
    await store.append([weekOf(1)], 9 as JournalSequence);
    const again = await store.range({
      series: 7 as SeriesId,
      from: epochMs(MONDAY + WEEK),
      to: epochMs(MONDAY + 2 * WEEK),
      limit: 10_000,
    });
    expect(again.length, what).toBe(PER_SERIES);
    await store.close();
  }
  expect(found).toBeGreaterThan(3);
}, 120_000);

it('finds damage that nobody has asked about by reading everything once', async () => {
  const path = await soundFolder();
  const file = join(path, NAMES[0]);
  // In every block, so that those are hit that hold the readings; the three headers of 4 KiB before them stay whole.
  const rotten = readFileSync(file);
  for (let block = 12_288; block < rotten.length; block += 262_144) rotten[block + 1_000]! ^= 1;
  overwrite(file, rotten);
  const damaged: string[] = [];
  const store = await openAt(path, damaged, 0);
  await vi.waitFor(() => expect(damaged).toEqual([NAMES[0]]), { timeout: 20_000 });
  await store.close();
}, 60_000);
