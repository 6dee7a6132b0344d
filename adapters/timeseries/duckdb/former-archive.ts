import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Archive } from './archive.ts';
import { type Engine, int } from './engine.ts';
import { DAY_MS, type Layout, MINUTE_MS } from './layout.ts';
import { bucket } from './sealing.ts';
import type { WeekFile } from './week-file.ts';

/** Rollups of dropped weeks, as the first releases kept them: one file for all years, a series' week by the hour or by the day. */
export const FORMER_ARCHIVE = 'dropped-weeks.duckdb';
const ALIAS = 'dropped_weeks';

/**
 * Moves what that file holds to the files of years, and with it the rollups in the one week's file of which only the beginning was dropped; then removes it.
 * Done again after a kill it comes to the same.
 */
export async function takeOverFormerArchive(
  engine: Engine,
  layout: Layout,
  directory: string,
  archive: Archive,
  weeks: readonly WeekFile[],
): Promise<void> {
  const path = join(directory, FORMER_ARCHIVE);
  if (!existsSync(path)) return;
  await engine.attach(path, ALIAS);
  try {
    const dropped = await engine.query(`SELECT max(before_ms)::DOUBLE FROM ${ALIAS}.dropped`);
    const droppedBefore = dropped.columns[0]![0]!;
    const cut = weeks.find((week) => week.start < droppedBefore && week.end > droppedBefore);
    // Of a bucket that ended by then the readings are gone; of the others they are in the file.
    if (cut) {
      await takeOver(engine, layout, archive, { alias: cut.alias, endedBy: droppedBefore });
      await engine.write(
        `DELETE FROM ${cut.alias}.rollup WHERE ${ended('start_minute + hours::INTEGER * 60', droppedBefore)}`,
      );
    }
    await takeOver(engine, layout, archive, { alias: ALIAS, endedBy: Number.MAX_SAFE_INTEGER });
  } finally {
    await engine.write(`DETACH ${ALIAS}`);
  }
  for (const part of [path, `${path}.wal`]) rmSync(part, { force: true });
}

const ended = (endMinute: string, by: number): string => `${endMinute} <= ${int(Math.floor(by / MINUTE_MS))}`;

async function takeOver(
  engine: Engine,
  layout: Layout,
  archive: Archive,
  { alias, endedBy }: { readonly alias: string; readonly endedBy: number },
): Promise<void> {
  const condition = ended('start_minute + hours::INTEGER * 60', endedBy);
  const extent = await engine.query(
    `SELECT min(start_minute)::DOUBLE, max(start_minute)::DOUBLE FROM ${alias}.rollup WHERE ${condition}`,
  );
  const [first, last] = extent.columns.map((column) => column[0]! * MINUTE_MS);
  if (Number.isNaN(first)) return;
  const yearOf = (instant: number): number => new Date(layout.fileStart(instant) + layout.utcOffsetMs).getUTCFullYear();
  for (let year = yearOf(first!); year <= yearOf(last!); year++) {
    const file = await archive.attach(engine, year);
    // Weeks that begin in the year, each from its Monday.
    const monday = (newYear: number): number => {
      const start = layout.fileStart(newYear);
      return start === newYear ? start : start + 7 * DAY_MS;
    };
    const span = `start_minute >= ${int(monday(file.start) / MINUTE_MS)} AND start_minute < ${int(monday(file.end - 7 * DAY_MS) / MINUTE_MS)}`;
    await engine.transaction(async () => {
      for (const [table, hours] of [
        ['hours', 1],
        ['days', 24],
      ] as const) {
        await engine.write(
          `INSERT INTO ${file.alias}.${table} SELECT made.* FROM (
             SELECT series, ${bucket('start_minute', hours, layout)} AS start_minute, sum(n) AS n, NULL::INTEGER AS good, sum(sum) AS sum, min(min) AS min, max(max) AS max,
               arg_max(last, start_minute) AS last, NULL::DOUBLE AS cosine, NULL::DOUBLE AS sine
             FROM ${alias}.rollup WHERE ${condition} AND ${span} AND ${ended(`${bucket('start_minute', hours, layout)} + ${hours * 60}`, endedBy)} AND hours <= ${hours} GROUP BY 1, 2) AS made
           ANTI JOIN (FROM ${file.alias}.${table} WHERE ${span}) AS kept ON kept.series = made.series AND kept.start_minute = made.start_minute
           ORDER BY made.series, made.start_minute`,
        );
      }
      await engine.write(
        `INSERT INTO ${file.alias}.gone SELECT series, (max(start_minute + hours::INTEGER * 60)::BIGINT * ${MINUTE_MS}), NULL, NULL FROM ${alias}.rollup WHERE ${condition} AND ${span} GROUP BY series
         ON CONFLICT DO UPDATE SET raw_ms = greatest(raw_ms, excluded.raw_ms)`,
      );
    });
    await archive.learnAgain(engine, file);
  }
}
