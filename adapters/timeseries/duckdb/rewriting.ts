import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { attachment, type Engine, int, type NumberColumns } from './engine.ts';
import { DAY_MS } from './layout.ts';
import { createTables, WeekFile } from './week-file.ts';

/** Readings sorted at once: what the memory allowed can hold. */
const CHUNK_ROWS = 2_500_000;
/** DuckDB keeps free blocks in the file for later; from this share of them on a file that is done growing is written anew … */
const FREE_SHARE = 0.1;
/** … but not for fewer than these (of 256 KiB): writing anew may itself leave the blocks of one half-filled row group. */
const FEWEST_FREE_BLOCKS = 12;

/** Whether so much of the file lies free that writing it anew is worth it. */
export async function hasRoomToGive(engine: Engine, file: WeekFile): Promise<boolean> {
  const blocks = await engine.query(
    `SELECT free_blocks::DOUBLE, total_blocks::DOUBLE FROM pragma_database_size() WHERE database_name = '${file.alias}'`,
  );
  const [free, total] = blocks.columns.map((column) => column[0]!);
  return free! >= FEWEST_FREE_BLOCKS && free! > total! * FREE_SHARE;
}

/**
 * Writes all that `file` holds into a new file beside it and returns its path: without free blocks, the readings day by day, in each day series that are alike
 * side by side. Reads and writes on a connection of its own; what is written to `file` meanwhile is not in the copy, and the caller must then drop it.
 * @throws when the copy could not be finished or was aborted; nothing is left of it.
 */
export async function writeAnew(engine: Engine, file: WeekFile, signal: AbortSignal): Promise<string> {
  const path = `${file.path}${WeekFile.NEW_SUFFIX}`;
  const alias = `${file.alias}_new`;
  const remove = (): void => {
    for (const part of [path, `${path}.wal`]) rmSync(part, { force: true });
  };
  remove();
  const session = await engine.session();
  const interrupt = (): void => session.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    await session.run(attachment(path, alias));
    try {
      await createTables((sql) => session.run(sql), alias);
      await session.run(`CREATE TEMP TABLE places AS ${placesOf(file.alias)}`);
      const day = `(minute - ${int(WeekFile.minute(file.start))}) // 1440`;
      const rows = `FROM ${file.alias}.sorted JOIN places ON places.series = sorted.series`;
      const counts = await session.query(
        `SELECT (${day})::DOUBLE, place::DOUBLE, count(*)::DOUBLE ${rows} GROUP BY ALL ORDER BY 1, 2`,
      );
      for (const chunk of chunks(counts)) {
        signal.throwIfAborted();
        const first = WeekFile.minute(file.start + chunk.firstDay * DAY_MS);
        const end = WeekFile.minute(file.start + (chunk.lastDay + 1) * DAY_MS);
        await session.run(
          `INSERT INTO ${alias}.sorted SELECT sorted.* ${rows} WHERE minute >= ${int(first)} AND minute < ${int(end)}
             AND place BETWEEN ${int(chunk.firstPlace)} AND ${int(chunk.lastPlace)} ORDER BY ${day}, place, minute, ms`,
        );
        // A row group half filled by one chunk is written again with the next: its old blocks are free from here on.
        await session.run(`CHECKPOINT ${alias}`);
      }
      await session.run(`INSERT INTO ${alias}.tail FROM ${file.alias}.tail`);
      await session.run(`INSERT INTO ${alias}.rollup FROM ${file.alias}.rollup ORDER BY hours, series, start_minute`);
      await session.run(`INSERT INTO ${alias}.series FROM ${file.alias}.series ORDER BY series`);
      for (const table of ['disorder', 'meta'])
        await session.run(`INSERT INTO ${alias}.${table} FROM ${file.alias}.${table}`);
      const kept = await session.query(
        `SELECT (SELECT count(*) FROM ${file.alias}.sorted)::DOUBLE, (SELECT count(*) FROM ${alias}.sorted)::DOUBLE`,
      );
      if (kept.columns[0]![0] !== kept.columns[1]![0]) throw new Error(`${file.name} could not be copied whole`);
      await session.run(`CHECKPOINT ${alias}`);
    } finally {
      await session.run(`DETACH ${alias}`);
    }
    sync(path);
    return path;
  } catch (error) {
    remove();
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    session.close();
  }
}

/**
 * Each series' place: those of as many decimals and about as large values lie together, since a block of values takes the width of its widest. What
 * that brings is a byte of five; the rollup knows enough to tell.
 */
const placesOf = (alias: string): string => `
  SELECT kind.series, row_number() OVER (ORDER BY decimals, magnitude, kind.series)::INTEGER AS place
  FROM ${alias}.series AS kind LEFT JOIN (
    SELECT series, ceil(log2(abs(sum(sum) / sum(n)) + 0.001)) AS magnitude,
      CASE ${[0, 1, 2, 3, 4].map((places) => `WHEN bool_and(min = round(min, ${places}) AND max = round(max, ${places})) THEN ${places}`).join(' ')} ELSE 9 END AS decimals
    FROM ${alias}.rollup GROUP BY series) AS known ON known.series = kind.series`;

/** Days (of the file, from 0) and places, all inclusive. */
interface Chunk {
  firstDay: number;
  lastDay: number;
  firstPlace: number;
  lastPlace: number;
}

/** Cuts rows of (day, place, readings), in that order, into whole days of up to {@link CHUNK_ROWS} together, or days with more into runs of places. */
function chunks({ length, columns }: NumberColumns): Chunk[] {
  const [day, place, readings] = columns as [Float64Array, Float64Array, Float64Array];
  const perDay = new Map<number, number>();
  for (let i = 0; i < length; i++) perDay.set(day[i]!, (perDay.get(day[i]!) ?? 0) + readings[i]!);
  const all: Chunk[] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const [number, count] of perDay) {
    if (rows + count > CHUNK_ROWS) {
      all.push({ firstDay: number, lastDay: number, firstPlace: 0, lastPlace: Number.MAX_SAFE_INTEGER });
      rows = 0;
    } else all.at(-1)!.lastDay = number;
    rows += count;
  }
  return all.flatMap((chunk) => {
    if (perDay.get(chunk.firstDay)! <= CHUNK_ROWS) return [chunk];
    const parts: Chunk[] = [];
    let inPart = 0;
    for (let i = 0; i < length; i++) {
      if (day[i] !== chunk.firstDay) continue;
      if (parts.length === 0 || inPart + readings[i]! > CHUNK_ROWS) {
        if (parts.length > 0) parts.at(-1)!.lastPlace = place[i]! - 1;
        parts.push({ ...chunk, firstPlace: parts.length === 0 ? 0 : place[i]! });
        inPart = 0;
      }
      inPart += readings[i]!;
    }
    return parts;
  });
}

/** Makes a file's content, or a folder's names, durable. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
