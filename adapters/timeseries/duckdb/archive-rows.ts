import type { SeriesId } from '../../../domain/identifiers.ts';
import type { RetentionLimits } from '../../../domain/ports/time-series-store.ts';
import { epochMs } from '../../../domain/time.ts';
import type { Gone, RollupRows } from '../rollup-rows.ts';
import { among, type Engine, type Session } from './engine.ts';
import { MINUTE_MS } from './layout.ts';

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

async function readTable(session: Session, table: RollupRows['table'], onRows: (rows: RollupRows) => Promise<void>) {
  const found = await session.query(`SELECT DISTINCT series::DOUBLE FROM archive.${table} ORDER BY 1`);
  const series = [...(found.columns[0] ?? [])];
  for (let from = 0; from < series.length; from += SERIES_AT_ONCE) {
    const { columns } = await session.query(
      `SELECT series::DOUBLE, start_minute::DOUBLE * ${MINUTE_MS}, ${COLUMNS.map((column) => `${column}::DOUBLE`).join(', ')}
       FROM archive.${table} WHERE ${among(series.slice(from, from + SERIES_AT_ONCE))} ORDER BY series, start_minute`,
    );
    const [id, start, n, good, sum, min, max, last, cosine, sine] = columns as Float64Array[] as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
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
