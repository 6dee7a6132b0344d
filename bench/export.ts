/**
 * What an export costs the server: `npm run bench:export [-- --json] [-- --scale 0.1]`. A hundred series of a year every ten minutes, 5.26 million rows, are
 * written as CSV, XLSX and Parquet from the embedded store by the platform's own code, with the process's memory watched all the while. The baseline
 * is taken after the store has answered questions over the same year, so that what DuckDB keeps anyway is in it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { openExportWriter } from '../api/exports/export-writer.ts';
import { exportNotes, runExport } from '../api/exports/run-export.ts';
import { EXPORT_FORMATS, type ExportOrder, PLAIN_CSV } from '../domain/data-export.ts';
import type { SeriesId } from '../domain/identifiers.ts';
import type { Registry } from '../domain/ports/registry.ts';
import { emptyColumns } from '../domain/reading.ts';
import { days, epochMs, minutes } from '../domain/time.ts';
import { VIETNAM_TIME } from '../domain/time-zone.ts';
import { type Figure, report, rounded } from './report.ts';

const scaleAt = process.argv.indexOf('--scale');
const SCALE = scaleAt < 0 ? 1 : Number(process.argv[scaleAt + 1]);
if (!(SCALE > 0 && SCALE <= 1)) throw new RangeError('--scale takes a number above 0, up to 1');

const SERIES = Array.from({ length: 100 }, (_, i) => (i + 1) as SeriesId);
const FROM = Date.parse('2025-11-01T00:00:00+07:00');
const STEPS = Math.round((days(365) / minutes(10)) * SCALE);
const TO = FROM + STEPS * minutes(10);
const TIME_ZONE = 'Asia/Ho_Chi_Minh';
/** The promise of the export: the server grows by no more while it is written. */
const GROWTH_MEGABYTES = 200;
const MEGABYTE = 1_048_576;
const BATCH_STEPS = 1_000;
const rss = (): number => process.memoryUsage.rss() / MEGABYTE;

/** A year of readings, put into a store by a process of its own: what loading takes must not hide what exporting takes. */
async function fill(path: string): Promise<void> {
  const store = await openDuckDbStore({ path, memoryLimitMegabytes: 160 });
  for (let from = 0; from < STEPS; from += BATCH_STEPS) {
    const steps = Math.min(BATCH_STEPS, STEPS - from);
    const columns = emptyColumns(steps * SERIES.length);
    for (let step = 0, at = 0; step < steps; step++) {
      for (const series of SERIES) {
        const time = FROM + (from + step) * minutes(10);
        columns.series[at] = series;
        columns.eventTime[at] = time;
        columns.arrivalTime[at] = time + 400;
        columns.value[at++] =
          Math.round(250 + 100 * Math.sin(time / 13_750_987 + series) + ((step * 7 + series) % 10)) / 10;
      }
    }
    await store.load([columns]);
  }
  await store.settle();
  await store.close();
}

const fillAt = process.argv.indexOf('--fill');
if (fillAt >= 0) {
  await fill(process.argv[fillAt + 1] ?? '');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'hd-bench-export-'));
const filled = spawnSync(
  process.execPath,
  [import.meta.filename, '--fill', join(folder, 'store'), '--scale', String(SCALE)],
  { stdio: 'inherit' },
);
if (filled.status !== 0) throw new Error('the store could not be filled');
const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 160 });
for (const series of SERIES.slice(0, 20))
  await store.range({ series, from: epochMs(FROM), to: epochMs(TO), limit: 50_000 });

const noVerdicts = { as: () => ({ qualitySpans: { list: async () => [] } }) } as unknown as Pick<Registry, 'as'>;
const figures: Record<string, Figure> = { rows: STEPS * SERIES.length };
const baseline = rss();
figures['baseline_mb'] = rounded(baseline);
for (const format of EXPORT_FORMATS) {
  const order: ExportOrder = {
    series: SERIES,
    from: epochMs(FROM),
    to: epochMs(TO),
    step: null,
    format,
    withUnusable: true,
    csv: PLAIN_CSV,
    language: 'vi',
  };
  const path = join(folder, `year.${format}`);
  let highest = 0;
  let longestTurn = 0;
  let turnAt = performance.now();
  const watching = setInterval(() => {
    highest = Math.max(highest, rss());
    longestTurn = Math.max(longestTurn, performance.now() - turnAt - 20);
    turnAt = performance.now();
  }, 20);
  const begun = performance.now();
  const notes = exportNotes(order, TIME_ZONE, null);
  const writer = openExportWriter({ ...order, path, kind: 'readings', timeZone: TIME_ZONE, notes });
  const progress = await runExport(order, writer, {
    store,
    registry: noVerdicts,
    offset: VIETNAM_TIME,
    timeZone: TIME_ZONE,
    isDirection: () => false,
    describe: (series) => ({
      pointId: `p-tram-${series}`,
      pointName: `Trạm không khí số ${series}`,
      agency: 'Sở Nông nghiệp và Môi trường',
      ward: String(11_300 + series),
      quantity: 'pm2_5',
      quantityName: 'Bụi mịn PM2,5',
      unit: 'µg/m³',
    }),
    inTurn: (query) => query(),
    maximumRows: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  await writer.end(exportNotes(order, TIME_ZONE, progress));
  await writer.close();
  clearInterval(watching);
  figures[`${format}_s`] = rounded((performance.now() - begun) / 1_000);
  figures[`${format}_mb`] = rounded(statSync(path).size / MEGABYTE);
  figures[`${format}_bytes_per_row`] = rounded(statSync(path).size / progress.rows);
  figures[`${format}_growth_mb`] = rounded(highest - baseline);
  figures[`${format}_longest_turn_ms`] = rounded(longestTurn);
  rmSync(path);
}
await store.close();
rmSync(folder, { recursive: true, force: true });
report(
  'export',
  figures,
  Object.fromEntries(EXPORT_FORMATS.map((format) => [`${format}_growth_mb`, { most: GROWTH_MEGABYTES }])),
);
