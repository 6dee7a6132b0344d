import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { QUALITY } from '../../domain/quality.ts';
import { emptyColumns, toColumns } from '../../domain/reading.ts';
import { days, epochMs, hours, milliseconds } from '../../domain/time.ts';
import { openDuckDbStore } from './duckdb.ts';
import { describeTimeSeriesStore } from './time-series-store.contract.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-store-'));
const openAt = (path: string, damaged: string[] = []) =>
  openDuckDbStore({ path, memoryLimitMegabytes: 128, onDamaged: (file) => damaged.push(file) });

describeTimeSeriesStore(
  'the DuckDB store',
  () => {
    const path = newFolder();
    return () => openAt(path);
  },
  (store) => store.settle(),
);

const reading = (eventTime: number) =>
  toColumns([
    {
      series: 1 as SeriesId,
      eventTime: epochMs(eventTime),
      arrivalTime: epochMs(eventTime),
      value: 1,
      quality: QUALITY.GOOD,
    },
  ]);
const S = (n: number) => n as SeriesId;
const WEEK = 7 * 86_400_000;

describe('the DuckDB store on disk', () => {
  it('gives the disk back when a file falls before the retention', async () => {
    const path = newFolder();
    const store = await openAt(path);
    const now = Date.parse('2026-11-20T00:00:00Z');
    await store.append([reading(now - 5 * WEEK), reading(now)], 1 as JournalSequence);
    const before = readdirSync(path).filter((f) => f.endsWith('.duckdb')).length;
    const limits = { raw: epochMs(now - WEEK), hourly: null, daily: null };
    await store.retire({ series: [1 as SeriesId], directions: [], limits });
    expect(before).toBe(2);
    expect(readdirSync(path).filter((f) => f.startsWith('week-') && f.endsWith('.duckdb'))).toHaveLength(1);
    await store.close();
  });

  it('sets a damaged file aside, names it, and serves the rest', async () => {
    const path = newFolder();
    const now = Date.parse('2026-11-20T00:00:00Z');
    const first = await openAt(path);
    await first.append([reading(now - 5 * WEEK), reading(now)], 1 as JournalSequence);
    await first.close();
    const [oldest] = readdirSync(path)
      .filter((f) => f.endsWith('.duckdb'))
      .sort();
    truncateSync(join(path, oldest!), 5000);
    const damaged: string[] = [];
    const store = await openAt(path, damaged);
    expect(damaged).toEqual([oldest]);
    expect((await store.status()).damagedFiles).toEqual([oldest]);
    expect(readdirSync(join(path, 'damaged'))).toEqual([oldest]);
    expect(
      await store.range({ series: 1 as SeriesId, from: epochMs(0), to: epochMs(now + 1), limit: 10 }),
    ).toHaveLength(1);
    await store.close();
  });

  it('does not take a file for damaged whose last free blocks were never written', async () => {
    const path = newFolder();
    const start = Date.parse('2026-11-23T21:00:00Z');
    const [batches, rows, series] = [100, 16_000, 4_000];
    const store = await openAt(path);
    // Enough for a sealing on the way, which frees blocks; the rest comes hours later and stays in the tail.
    for (let batch = 0; batch < batches; batch++) {
      const columns = emptyColumns(rows);
      for (let i = 0; i < rows; i++) {
        const turn = (batch * rows) / series + Math.floor(i / series);
        columns.series[i] = i % series;
        columns.eventTime[i] = start + turn + (batch * rows > 1_200_000 ? 3 * 3_600_000 : 0);
        columns.arrivalTime[i] = start + 6 * 3_600_000 + turn * 15 + (i % 17);
        columns.value[i] = 20 + (i % 4) + (turn % 10) / 10;
      }
      await store.append([columns], (batch + 1) as JournalSequence);
    }
    await store.close();
    const damaged: string[] = [];
    const opened = await openAt(path, damaged);
    expect(damaged).toEqual([]);
    expect(await opened.cursor()).toBe(batches);
    const { length } = await opened.range({
      series: 1 as SeriesId,
      from: epochMs(start),
      to: epochMs(start + WEEK),
      limit: 1_000,
    });
    expect(length).toBe((batches * rows) / series);
    await opened.close();
  }, 90_000);

  it('has every finished append and its cursor after SIGKILL', async () => {
    const path = newFolder();
    const script = join(newFolder(), 'writer.ts');
    writeFileSync(
      script,
      `import { openDuckDbStore } from '${join(import.meta.dirname, 'duckdb.ts')}';
       import { toColumns } from '${join(import.meta.dirname, '../../domain/reading.ts')}';
       const store = await openDuckDbStore({ path: process.argv[2], memoryLimitMegabytes: 128 });
       const t0 = Date.parse('2026-11-20T00:00:00Z');
       for (let i = (await store.cursor()) + 1; ; i++) {
         await store.append([toColumns([0, ${WEEK}].map((w) => ({ series: 1, eventTime: t0 + w + i, arrivalTime: t0, value: i, quality: 0 })))], i);
         process.stdout.write(i + '\\n');
       }`,
    );
    let promised = 0;
    for (const stopAfter of [10, 25]) {
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const chunk of child.stdout) {
        promised = Math.max(promised, ...String(chunk).trim().split('\n').map(Number));
        if (promised >= stopAfter) child.kill('SIGKILL');
      }
    }
    const damaged: string[] = [];
    const store = await openAt(path, damaged);
    const cursor = await store.cursor();
    expect(damaged).toEqual([]);
    expect(cursor).toBeGreaterThanOrEqual(promised);
    const kept = await store.range({ series: 1 as SeriesId, from: epochMs(0), to: epochMs(4e12), limit: 10_000 });
    for (let i = 1; i <= cursor; i++) expect(kept.value.filter((v) => v === i)).toHaveLength(2);
    await store.close();
  });

  it('has every reading when killed while a file is written anew', async () => {
    const path = newFolder();
    const script = join(newFolder(), 'settler.ts');
    writeFileSync(
      script,
      `import { readdirSync } from 'node:fs';
       import { openDuckDbStore } from '${join(import.meta.dirname, 'duckdb.ts')}';
       import { emptyColumns } from '${join(import.meta.dirname, '../../domain/reading.ts')}';
       const path = process.argv[2];
       const store = await openDuckDbStore({ path, memoryLimitMegabytes: 128 });
       const t0 = Date.parse('2026-11-16T00:00:00+07:00');
       // The same readings in every life: what is there already is replaced, which leaves more lying free.
       for (let batch = 0; batch < 6; batch++) {
         const columns = emptyColumns(30_000);
         for (let i = 0; i < columns.length; i++) {
           columns.series[i] = 1 + (i % 200);
           columns.eventTime[i] = t0 + (batch * 150 + Math.floor(i / 200)) * 60_000 + (i * 7_919) % 1_000;
           columns.arrivalTime[i] = columns.eventTime[i] + (i * 104_729) % 5_000;
           columns.value[i] = ((i * 7_919) % 10_007) / 10;
         }
         await store.append([columns], batch + 1);
         process.stdout.write(batch + 1 + '\\n');
         if (batch % 2 === 0) continue;
         // Of a series that is not there: for the file it is a deletion, after which it is written anew.
         await store.deleteRange(999, t0, t0 + 60_000);
         await store.settle();
       }
       await store.close();`,
    );
    let promised = 0;
    let seenCopies = 0;
    for (const life of [1, 2, 3]) {
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      let unfinished = 0;
      const killAt = life * 2;
      for await (const chunk of child.stdout) {
        const batch = Math.max(...String(chunk).trim().split('\n').map(Number));
        promised = Math.max(promised, batch);
        // After every second batch comes settling: killed as soon as the copy is there, or a moment later.
        if (life === 3 || batch < killAt) continue;
        for (let look = 0; look < 200 && unfinished === 0; look++) {
          unfinished = readdirSync(path).filter((name) => name.endsWith('.new')).length;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await new Promise((resolve) => setTimeout(resolve, life * 10));
        seenCopies += unfinished;
        child.kill('SIGKILL');
      }
    }
    expect(seenCopies).toBeGreaterThan(0);
    const damaged: string[] = [];
    const store = await openAt(path, damaged);
    expect(damaged).toEqual([]);
    expect(readdirSync(path).filter((name) => name.includes('.new'))).toEqual([]);
    expect(promised).toBe(6);
    const counts = await store.windows({
      series: Array.from({ length: 200 }, (_, i) => (i + 1) as SeriesId),
      from: epochMs(0),
      to: epochMs(4e12),
      step: milliseconds(WEEK),
      align: epochMs(Date.parse('2026-11-16T00:00:00+07:00')),
    });
    expect([...counts.count]).toEqual(Array(200).fill(900));
    await store.close();
  }, 90_000);

  it('has every reading, or what it came to, when killed while readings are retired', async () => {
    const path = newFolder();
    const script = join(newFolder(), 'retirer.ts');
    const start = Date.parse('2026-11-02T00:00:00+07:00');
    writeFileSync(
      script,
      `import { openDuckDbStore } from '${join(import.meta.dirname, 'duckdb.ts')}';
       import { emptyColumns } from '${join(import.meta.dirname, '../../domain/reading.ts')}';
       const store = await openDuckDbStore({ path: process.argv[2], memoryLimitMegabytes: 128 });
       if ((await store.cursor()) === 0) {
         const columns = emptyColumns(160_000);
         for (let i = 0; i < columns.length; i++) {
           columns.series[i] = 1 + (i % 80);
           columns.eventTime[i] = columns.arrivalTime[i] = ${start} + Math.floor(i / 80) * 600_000;
           columns.value[i] = i % 80;
         }
         await store.append([columns], 1);
       }
       process.stdout.write('loaded\\n');
       const series = Array.from({ length: 60 }, (_, i) => 1 + i);
       await store.retire({ series, directions: [], limits: { raw: ${start + 2 * WEEK}, hourly: null, daily: null } });
       process.stdout.write('retired\\n');
       await store.close();`,
    );
    const seen: string[] = [];
    for (const wait of [0, 60, Number.POSITIVE_INFINITY]) {
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      for await (const chunk of child.stdout) {
        said += chunk;
        if (said.trim() !== 'loaded' || !Number.isFinite(wait)) continue;
        const isThere = () => readdirSync(path).some((name) => name.startsWith('rollups-'));
        for (let look = 0; look < 400 && !isThere(); look++) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, wait));
        child.kill('SIGKILL');
      }
      seen.push(said);
      const store = await openAt(path);
      const query = { from: epochMs(start), to: epochMs(start + 2 * WEEK), align: epochMs(start) };
      const all = Array.from({ length: 80 }, (_, i) => S(i + 1));
      for (const step of [hours(1), days(1)]) {
        const { count, sum } = await store.windows({ series: all, ...query, step });
        expect(count.reduce((total, n) => total + n, 0)).toBe(160_000);
        expect(sum.reduce((total, n) => total + n, 0)).toBe((79 / 2) * 160_000);
      }
      await store.close();
    }
    expect(seen.filter((said) => !said.includes('retired')).length).toBeGreaterThan(0);
    const store = await openAt(path);
    expect(await store.range({ series: S(1), from: epochMs(0), to: epochMs(4e12), limit: 5 })).toHaveLength(0);
    expect(await store.range({ series: S(80), from: epochMs(0), to: epochMs(4e12), limit: 5 })).toHaveLength(5);
    await store.close();
  }, 90_000);

  it('gives the disk back of what was deleted inside a file', async () => {
    const store = await openAt(newFolder());
    const start = Date.parse('2026-11-16T00:00:00+07:00');
    const columns = emptyColumns(300_000);
    for (let i = 0; i < columns.length; i++) {
      columns.series[i] = 1 + (i % 30);
      columns.eventTime[i] = start + Math.floor(i / 30) * 60_000 + ((i * 7_919) % 1_000);
      columns.arrivalTime[i] = columns.eventTime[i]! + ((i * 104_729) % 5_000);
      columns.value[i] = ((i * 7_919) % 10_007) / 10;
    }
    await store.append([columns], 1 as JournalSequence);
    await store.settle();
    const before = (await store.status()).bytesOnDisk!;
    for (let series = 1; series <= 22; series++) {
      await store.deleteRange(series as SeriesId, epochMs(start), epochMs(start + WEEK));
    }
    await store.settle();
    expect((await store.status()).bytesOnDisk!).toBeLessThan(before * 0.6);
    const left = await store.range({
      series: 30 as SeriesId,
      from: epochMs(start),
      to: epochMs(start + WEEK),
      limit: 20_000,
    });
    expect(left).toHaveLength(10_000);
    expect((await store.latest([1 as SeriesId, 30 as SeriesId])).series).toEqual(Int32Array.of(30));
    await store.close();
  }, 90_000);
});
