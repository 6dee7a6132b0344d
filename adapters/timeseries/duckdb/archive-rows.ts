import type { SeriesId } from '../../../domain/identifiers.ts';
import type { RetentionLimits } from '../../../domain/ports/time-series-store.ts';
import { epochMs } from '../../../domain/time.ts';
import type { Gone, RollupRows } from '../rollup-rows.ts';
import { createTables } from './archive.ts';
import { among, attachment, type Engine, int, type Session } from './engine.ts';
import { MINUTE_MS } from './layout.ts';
import type { SummedColumns } from './queries.ts';

/** Of so many series at once: a year of their hours is some tens of megabytes. */
const SERIES_AT_ONCE = 50;
const COLUMNS = ['n', 'good', 'sum', 'min', 'max', 'last', 'cosine', 'sine'];

/** Tells what a file of rollups holds that nobody else has open, and leaves it as it is. */
export async function readArchive(
  engine: Engine,
  path: string,
  onRows: (rows: RollupRows) => Promise<void>,
): Promise<Gone> {
  const session = await engine.session();
  try {
    await session.run(`ATTACH '${path.replaceAll("'", "''")}' AS archive (READ_ONLY)`);
    try {
      for (const table of ['hours', 'days'] as const) await readTable(session, table, onRows);
      return await goneIn(session);
    } finally {
      await session.run('DETACH archive');
    }
  } finally {
    session.close();
  }
}

/** Numbers of one VALUES list. */
const LISTED_ROWS = 1_000;
const sql = (number: number): string => (Number.isNaN(number) ? 'NULL' : `${number}::DOUBLE`);

/** Adds to a file of rollups that nobody has open, made if absent. No row of it is there already. */
export async function writeArchive(
  engine: Engine,
  path: string,
  parts: readonly RollupRows[],
  gone: Gone,
): Promise<void> {
  const session = await engine.session();
  try {
    await session.run(attachment(path, 'archive'));
    try {
      await createTables((statement) => session.run(statement), 'archive');
      for (const rows of parts) await writeRows(session, rows);
      for (const [series, limits] of gone) {
        const known = [limits.raw, limits.hourly, limits.daily].map((limit) => (limit === null ? 'NULL' : int(limit)));
        await session.run(`INSERT OR REPLACE INTO archive.gone VALUES (${int(series)}, ${known.join(', ')})`);
      }
      await session.run('CHECKPOINT archive');
    } finally {
      await session.run('DETACH archive');
    }
  } finally {
    session.close();
  }
}

async function writeRows(session: Session, rows: RollupRows): Promise<void> {
  for (let from = 0; from < rows.series.length; from += LISTED_ROWS) {
    const listed: string[] = [];
    for (let i = from; i < Math.min(rows.series.length, from + LISTED_ROWS); i++) {
      const numbers = [rows.n, rows.good, rows.sum, rows.min, rows.max, rows.last, rows.cosine, rows.sine];
      listed.push(
        `(${int(rows.series[i]!)}, ${int(rows.start[i]! / MINUTE_MS)}, ${numbers.map((of) => sql(of[i]!)).join(', ')})`,
      );
    }
    await session.run(`INSERT INTO archive.${rows.table} VALUES ${listed.join(', ')}`);
  }
}

async function readTable(session: Session, table: RollupRows['table'], onRows: (rows: RollupRows) => Promise<void>) {
  const found = await session.query(`SELECT DISTINCT series::DOUBLE FROM archive.${table} ORDER BY 1`);
  const series = [...(found.columns[0] ?? [])];
  for (let from = 0; from < series.length; from += SERIES_AT_ONCE) {
    const { columns } = await session.query(
      `SELECT series::DOUBLE, start_minute::DOUBLE * ${MINUTE_MS}, ${COLUMNS.map((column) => `${column}::DOUBLE`).join(', ')}
       FROM archive.${table} WHERE ${among(series.slice(from, from + SERIES_AT_ONCE))} ORDER BY series, start_minute`,
    );
    const [id, start, n, good, sum, min, max, last, cosine, sine] = columns as Float64Array[] as SummedColumns;
    await onRows({ table, series: id, start, n, good, sum, min, max, last, cosine, sine });
  }
}

async function goneIn(session: Session): Promise<Gone> {
  const { length, columns } = await session.query(
    'SELECT series::DOUBLE, raw_ms::DOUBLE, hourly_ms::DOUBLE, daily_ms::DOUBLE FROM archive.gone',
  );
  const limit = (column: number, i: number): RetentionLimits['raw'] => {
    const at = columns[column]![i]!;
    return Number.isNaN(at) ? null : epochMs(at);
  };
  return new Map(
    Array.from({ length }, (_, i) => [
      columns[0]![i] as SeriesId,
      { raw: limit(1, i), hourly: limit(2, i), daily: limit(3, i) },
    ]),
  );
}
