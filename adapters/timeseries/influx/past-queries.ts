import type { PointId, SeriesId } from '../../../domain/identifiers.ts';
import type { PastReadings } from '../../../domain/ports/past-readings.ts';
import type { TimeSeriesStore } from '../../../domain/ports/time-series-store.ts';
import { type InfluxQueries, identifier, type ReadingRow } from '../influx.ts';

/** Newest readings of a series among which one is looked for that had arrived by then; for those without, all of the lookback are asked for. */
const UNDERWAY_LIMIT = 20;
const FIELDS = '"value", "quality", "late_ms"';

/** InfluxQL compares no time with a field, so what had arrived by when is sorted out here. */
export function pastReadingsOf({
  query,
  byQuantity,
  anyOf,
  columnsOf,
}: InfluxQueries): PastReadings & Pick<TimeSeriesStore, 'stretch'> {
  /** Rows of (after, to], by series; `newest`: so many of each, newest first; else all, oldest first. */
  async function* rowsOf(
    series: readonly SeriesId[],
    after: number,
    to: number,
    newest?: number,
  ): AsyncGenerator<readonly [SeriesId, readonly ReadingRow[]]> {
    const order = newest === undefined ? 'ASC' : `DESC LIMIT ${newest}`;
    for (const [quantity, points] of byQuantity(series)) {
      const found = await query(
        `SELECT ${FIELDS} FROM ${identifier(quantity)} WHERE ${anyOf(points.keys())} AND time > ${after}ms AND time <= ${to}ms GROUP BY "point" ORDER BY time ${order}`,
        'POST',
      );
      for (const { tags, values } of found) {
        const id = points.get((tags?.['point'] ?? '') as PointId);
        if (id === undefined) continue;
        yield [id, values.map((row) => [id, Number(row[0]), Number(row[1]), Number(row[2]), Number(row[3])])];
      }
    }
  }

  return {
    async stretch({ series, from, to }) {
      const rows: ReadingRow[] = [];
      for await (const [, own] of rowsOf(series, from - 1, to - 1)) for (const row of own) rows.push(row);
      return { ...columnsOf(rows.sort((a, b) => a[0] - b[0])), to };
    },

    async latestAt({ series, at, lookback, arrived }) {
      const rows = new Map<SeriesId, ReadingRow>();
      let missing: readonly SeriesId[] = series;
      for (const newest of arrived ? [1, UNDERWAY_LIMIT, undefined] : [1]) {
        const underway: SeriesId[] = [];
        for await (const [id, own] of rowsOf(missing, at - lookback, at, newest)) {
          const known = own.filter(([, eventTime, , , late]) => !arrived || eventTime + late <= at);
          const row = newest === undefined ? known.at(-1) : known[0];
          if (row) rows.set(id, row);
          else if (newest !== undefined && own.length === newest) underway.push(id);
        }
        missing = underway;
        if (missing.length === 0) break;
      }
      return columnsOf([...rows.values()].sort((a, b) => a[0] - b[0]));
    },

    async changes({ series, from, to, step, lookback, arrived }) {
      const newest = new Map<string, { readonly step: number; readonly row: ReadingRow }>();
      for await (const [id, own] of rowsOf(series, arrived ? from - lookback : from, to)) {
        for (const row of own) {
          const [, eventTime, , , late] = row;
          const knownAt = arrived ? Math.max(eventTime, eventTime + late) : eventTime;
          if (knownAt <= from || knownAt > to || (arrived && late >= lookback)) continue;
          const at = Math.floor((knownAt - from - 1) / step);
          // Ascending: of one step the later event comes last.
          newest.set(`${at}:${id}`, { step: at, row });
        }
      }
      const found = [...newest.values()].sort((a, b) => a.step - b.step || a.row[0] - b.row[0]);
      return { ...columnsOf(found.map(({ row }) => row)), step: Int32Array.from(found, (one) => one.step) };
    },
  };
}
