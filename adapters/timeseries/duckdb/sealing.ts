import { UNUSABLE_FROM } from '../../../domain/quality.ts';
import { type Engine, EVENT_TIME, int } from './engine.ts';
import { type BucketHours, type Layout, MINUTE_MS } from './layout.ts';
import { NO_MINUTE, type Span, WeekFile } from './week-file.ts';

/** Readings sorted at once: enough that few row groups hold a series' day, few enough to sort in the memory allowed. */
const SLICE_ROWS = 1_000_000;
/** A series with this many readings an hour gets buckets of an hour; fewer would save little, at the price of a rollup half as large as the readings. */
const READINGS_PER_HOURLY_BUCKET = 20;
const LISTED_ROWS = 1_000;

/** Temporary tables sealing works with, made once per connection. */
export async function prepareSealing(engine: Engine): Promise<void> {
  await engine.write('CREATE TEMP TABLE touched (series INTEGER, from_minute INTEGER, to_minute INTEGER)');
  await engine.write(
    'CREATE TEMP TABLE newest (series INTEGER, hours UTINYINT, minute INTEGER, ms USMALLINT, late_ms BIGINT, value DOUBLE, quality UTINYINT)',
  );
}

/**
 * Moves the readings before `to` (a whole hour) from `tail` to `sorted`, each identity once, and brings the rollup up to it: one
 * transaction. Plans made before it stay true: what they take from the rollup does not change, the rest they look for in both tables.
 */
export async function seal(engine: Engine, layout: Layout, file: WeekFile, to: number): Promise<void> {
  const { alias } = file;
  const before = file.sealedTo;
  const sealedTo = Math.max(before, to);
  const moved = `minute < ${int(WeekFile.minute(sealedTo))}`;
  const late = [...file.disorder].filter(([, span]) => span.from < sealedTo);
  const hours = new Map<number, BucketHours>();
  let left = { rows: 0, from: Number.POSITIVE_INFINITY };
  await engine.transaction(async () => {
    await listTouched(engine, late);
    if (late.length > 0) await keepEachIdentityOnce(engine, alias, moved, before);
    await takeNewest(engine, alias, moved);
    await moveSorted(engine, alias, moved);
    await rollUpOrderly(engine, layout, alias, before, sealedTo);
    await recomputeTouched(engine, layout, alias, before);
    await engine.write(`DELETE FROM ${alias}.disorder WHERE to_ms <= ${int(sealedTo)}`);
    await engine.write(`UPDATE ${alias}.disorder SET from_ms = ${int(sealedTo)} WHERE from_ms < ${int(sealedTo)}`);
    await engine.write(`UPDATE ${alias}.meta SET sealed_to = ${int(sealedTo)}`);
    const kinds = await engine.queryAsWriter('SELECT series::DOUBLE, hours::DOUBLE FROM newest');
    for (let i = 0; i < kinds.length; i++) hours.set(kinds.columns[0]![i]!, kinds.columns[1]![i]! as BucketHours);
    const rest = await engine.queryAsWriter(`SELECT count(*)::DOUBLE, min(${EVENT_TIME})::DOUBLE FROM ${alias}.tail`);
    if (rest.columns[0]![0]! > 0) left = { rows: rest.columns[0]![0]!, from: rest.columns[1]![0]! };
  });
  file.changes++;
  file.sealedTo = sealedTo;
  file.tailRows = left.rows;
  file.tailFrom = left.from;
  file.sealedAt = Date.now();
  for (const [series, kind] of hours) file.setHours(series, kind);
  for (const [series, span] of late) {
    if (span.to <= sealedTo) file.disorder.delete(series);
    else span.from = Math.max(span.from, sealedTo);
  }
  // Blocks of the moved rows become free now rather than at the next automatic checkpoint; busy readers only put it off.
  await engine.write(`CHECKPOINT ${alias}`).catch(() => {});
}

/** Computes the rollup of one series again where it overlaps `span`, and its newest sealed reading; within the open transaction. */
export async function recompute(
  engine: Engine,
  layout: Layout,
  file: WeekFile,
  series: number,
  span: Span,
): Promise<void> {
  const { alias } = file;
  const kind = file.hoursOf(series);
  if (kind === 0) return;
  await listTouched(engine, [[series, span]]);
  await engine.write(`DELETE FROM ${alias}.series WHERE series = ${int(series)}`);
  await engine.write(
    `INSERT INTO ${alias}.series SELECT ${kind}, * FROM (
       SELECT series, minute, ms, late_ms, value, quality FROM ${alias}.sorted WHERE series = ${int(series)}
       UNION ALL SELECT ${int(series)}, ${NO_MINUTE}, 0, 0, 0, 0) ORDER BY minute DESC, ms DESC LIMIT 1`,
  );
  await recomputeTouched(engine, layout, alias, file.sealedTo, kind);
}

async function listTouched(engine: Engine, spans: readonly (readonly [number, Span])[]): Promise<void> {
  await engine.write('DELETE FROM touched');
  for (let from = 0; from < spans.length; from += LISTED_ROWS) {
    const listed = spans
      .slice(from, from + LISTED_ROWS)
      .map(([series, span]) => `(${int(series)},${int(span.from / MINUTE_MS)},${int(span.to / MINUTE_MS)})`);
    await engine.write(`INSERT INTO touched VALUES ${listed.join(',')}`);
  }
}

async function keepEachIdentityOnce(engine: Engine, alias: string, moved: string, sealedBefore: number): Promise<void> {
  await engine.write(
    `DELETE FROM ${alias}.tail WHERE rowid IN (SELECT id FROM (
       SELECT rowid AS id, row_number() OVER (PARTITION BY series, minute, ms ORDER BY rowid DESC) AS age
       FROM ${alias}.tail WHERE ${moved} AND series IN (SELECT series FROM touched)) WHERE age > 1)`,
  );
  const again = await engine.queryAsWriter(
    `SELECT min(minute)::DOUBLE, max(minute)::DOUBLE, count(*)::DOUBLE FROM ${alias}.tail WHERE minute < ${int(WeekFile.minute(sealedBefore))}`,
  );
  if (again.columns[2]![0] === 0) return;
  await engine.write(
    `DELETE FROM ${alias}.sorted USING (
       SELECT series, minute, ms FROM ${alias}.tail WHERE minute < ${int(WeekFile.minute(sealedBefore))}) AS again
     WHERE sorted.minute BETWEEN ${int(again.columns[0]![0]!)} AND ${int(again.columns[1]![0]!)}
       AND sorted.series = again.series AND sorted.minute = again.minute AND sorted.ms = again.ms`,
  );
}

async function takeNewest(engine: Engine, alias: string, moved: string): Promise<void> {
  const columns = ['minute', 'ms', 'late_ms', 'value', 'quality'];
  const span = '(max(minute) FILTER (fresh) - min(minute) FILTER (fresh) + 1)';
  const count = 'count(*) FILTER (fresh)';
  await engine.write('DELETE FROM newest');
  await engine.write(
    `INSERT INTO newest SELECT series,
       CASE WHEN max(hours) > 0 THEN max(hours)
            WHEN ${count} >= ${READINGS_PER_HOURLY_BUCKET} AND ${count} * 60 >= ${READINGS_PER_HOURLY_BUCKET} * ${span} THEN 1 ELSE 24 END,
       ${columns.map((column) => `arg_max(${column}, age)`).join(', ')}
     FROM (SELECT series, hours, ${columns.join(', ')}, ${EVENT_TIME} * 2 AS age, false AS fresh FROM ${alias}.series
           UNION ALL SELECT series, 0, ${columns.join(', ')}, ${EVENT_TIME} * 2 + 1, true FROM ${alias}.tail WHERE ${moved})
     GROUP BY series`,
  );
  await engine.write(`DELETE FROM ${alias}.series`);
  await engine.write(
    `INSERT INTO ${alias}.series SELECT hours, series, ${columns.join(', ')} FROM newest ORDER BY series`,
  );
}

async function moveSorted(engine: Engine, alias: string, moved: string): Promise<void> {
  const extent = await engine.queryAsWriter(
    `SELECT count(*)::DOUBLE, min(minute)::DOUBLE, max(minute)::DOUBLE FROM ${alias}.tail WHERE ${moved}`,
  );
  const [count, first, last] = extent.columns.map((column) => column[0]!);
  if (count === 0) return;
  const minutes = Math.ceil((last! - first! + 1) / Math.ceil(count! / SLICE_ROWS));
  for (let from = first!; from <= last!; from += minutes) {
    await engine.write(
      `INSERT INTO ${alias}.sorted FROM ${alias}.tail WHERE ${moved} AND minute >= ${int(from)} AND minute < ${int(from + minutes)} ORDER BY series, minute, ms`,
    );
  }
  await engine.write(`DELETE FROM ${alias}.tail WHERE ${moved}`);
}

/** Rolls up the buckets that were not complete before and are now. */
async function rollUpOrderly(
  engine: Engine,
  layout: Layout,
  alias: string,
  before: number,
  sealedTo: number,
): Promise<void> {
  for (const hours of [1, 24] as const) {
    const from = WeekFile.minute(layout.bucketStart(before, hours));
    const to = WeekFile.minute(layout.bucketStart(sealedTo, hours));
    if (to <= from) continue;
    await insertRollup(
      engine,
      layout,
      alias,
      hours,
      `FROM ${alias}.sorted JOIN ${alias}.series AS kind ON sorted.series = kind.series AND kind.hours = ${hours}
       WHERE sorted.minute >= ${int(from)} AND sorted.minute < ${int(to)}`,
    );
  }
}

/** Computes the complete buckets again that the spans of `touched` overlap. */
async function recomputeTouched(
  engine: Engine,
  layout: Layout,
  alias: string,
  sealedTo: number,
  only?: BucketHours,
): Promise<void> {
  for (const hours of [1, 24] as const) {
    if (only !== undefined && only !== hours) continue;
    const limit = WeekFile.minute(layout.bucketStart(sealedTo, hours));
    // A touched span, widened to whole buckets.
    const from = bucket('touched.from_minute', hours, layout);
    const to = `least(${bucket('(touched.to_minute - 1)', hours, layout)} + ${hours * 60}, ${int(limit)})`;
    await engine.write(
      `DELETE FROM ${alias}.rollup USING touched
       WHERE rollup.series = touched.series AND rollup.hours = ${hours} AND rollup.start_minute >= ${from} AND rollup.start_minute < ${to}`,
    );
    const extent = await engine.queryAsWriter(
      `SELECT count(*)::DOUBLE, min(${from})::DOUBLE, max(${to})::DOUBLE FROM touched WHERE ${from} < ${to}`,
    );
    if (extent.columns[0]![0] === 0) continue;
    await insertRollup(
      engine,
      layout,
      alias,
      hours,
      `FROM ${alias}.sorted JOIN ${alias}.series AS kind ON sorted.series = kind.series AND kind.hours = ${hours} JOIN touched ON touched.series = sorted.series
       WHERE sorted.minute BETWEEN ${int(extent.columns[1]![0]!)} AND ${int(extent.columns[2]![0]!)} AND sorted.minute >= ${from} AND sorted.minute < ${to}`,
    );
  }
}

/** Start of the bucket that holds a minute, as SQL. */
export function bucket(minute: string, hours: BucketHours, layout: Layout): string {
  const width = hours * 60;
  const offset = layout.utcOffsetMs / MINUTE_MS;
  return `(${minute} - (((${minute} + ${int(offset)}) % ${width} + ${width}) % ${width}))`;
}

async function insertRollup(
  engine: Engine,
  layout: Layout,
  alias: string,
  hours: BucketHours,
  source: string,
): Promise<void> {
  // A sum of decimals carries the rounding noise of binary fractions, which would be stored at eight bytes a number; where rounding at the sixth
  // decimal changes nothing but that noise, the rounded sum is the truer one and packs into a third.
  await engine.write(
    `INSERT INTO ${alias}.rollup
     SELECT series, start_minute, ${hours}, n, CASE WHEN abs(sum - round(sum, 6)) <= 1e-13 * abs(sum) THEN round(sum, 6) ELSE sum END, min, max, last, good
     FROM (SELECT sorted.series AS series, ${bucket('sorted.minute', hours, layout)} AS start_minute, count(*) AS n, sum(sorted.value) AS sum,
             min(sorted.value) AS min, max(sorted.value) AS max, arg_max(sorted.value, sorted.minute::BIGINT * 60000 + sorted.ms) AS last, count(*) FILTER (sorted.quality = 0) AS good
           ${source} AND sorted.quality < ${UNUSABLE_FROM} GROUP BY 1, 2)
     ORDER BY series, start_minute`,
  );
}
