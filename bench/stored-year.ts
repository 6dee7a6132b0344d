import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { emptyColumns } from '../domain/reading.ts';

const BATCH_READINGS = 200_000;
const EVERY_MS = 600_000;
const YEAR_MS = 365 * 86_400_000;

/**
 * Fills a store's folder with `readings`, in the order in which they would have come, for series from `firstSeries` on: a reading every ten minutes over the year up to `end`. Values
 * move daily with a little noise, at a decimal.
 */
export async function fillYear(path: string, readings: number, firstSeries: number, end: number): Promise<number> {
  const store = await openDuckDbStore({ path, memoryLimitMegabytes: 512 });
  const marks = YEAR_MS / EVERY_MS;
  const series = Math.max(1, Math.round(readings / marks));
  const begin = Math.floor((end - YEAR_MS) / EVERY_MS) * EVERY_MS;
  let columns = emptyColumns(BATCH_READINGS);
  let length = 0;
  let loaded = 0;
  const flush = async (): Promise<void> => {
    if (length === 0) return;
    await store.load([{ ...columns, length }]);
    loaded += length;
    length = 0;
    columns = emptyColumns(BATCH_READINGS);
  };
  for (let mark = 0; mark < marks; mark++) {
    const at = begin + mark * EVERY_MS;
    const wave = 4 * Math.sin((at / 86_400_000) * 2 * Math.PI);
    for (let i = 0; i < series; i++) {
      columns.series[length] = firstSeries + i;
      columns.eventTime[length] = at;
      columns.arrivalTime[length] = at + 100 + ((i * 7_919 + mark) % 1_900);
      columns.value[length] = Math.round((20 + (i % 7) + wave) * 10 + ((i * 31 + mark * 17) % 5)) / 10;
      if (++length === BATCH_READINGS) await flush();
    }
    if (mark % 4_320 === 0) process.stderr.write(`  ${((loaded + length) / 1e6).toFixed(1)} M readings\n`);
  }
  await flush();
  await store.settle();
  await store.close();
  return loaded;
}
