import { statSync } from 'node:fs';
import type { ColumnSource } from 'hyparquet-writer';
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { qualityKind, qualityName } from '../../domain/quality.ts';
import {
  type ExportedSeries,
  type ExportFile,
  type ExportFileSettings,
  type ExportPage,
  WINDOW_COLUMNS,
} from './export-rows.ts';

/** Rows of a row group: enough to compress well, few enough to be held. */
const ROW_GROUP = 100_000;
const WHAT = ['point', 'point_name', 'agency', 'ward', 'quantity', 'unit'] as const;

type Columns = {
  readonly time: bigint[];
  readonly words: string[][];
  readonly numbers: number[][];
  readonly quality: string[][];
};

/**
 * Parquet with names that programs can rely on, whatever the language: `time` (UTC, milliseconds), what it is of, and `value`, `quality`, `reason` or the
 * aggregates. Local time is what a reader makes of `time`; the zone is in the file's metadata.
 */
export function openParquetFile(settings: ExportFileSettings): ExportFile {
  const { path, kind, timeZone } = settings;
  const numberNames = kind === 'readings' ? ['value'] : [...WINDOW_COLUMNS];
  const qualityNames = kind === 'readings' ? ['quality', 'reason'] : [];
  let held: Columns = empty();
  let series: readonly string[] = WHAT.map(() => '');

  function empty(): Columns {
    return {
      time: [],
      words: WHAT.map(() => []),
      numbers: numberNames.map(() => []),
      quality: qualityNames.map(() => []),
    };
  }
  const sources = ({
    time,
    words,
    numbers,
    quality,
  }: Columns): (ColumnSource & { type: NonNullable<ColumnSource['type']> })[] => [
    { name: 'time', data: time, type: 'TIMESTAMP', nullable: false },
    ...WHAT.map((name, i) => ({ name, data: words[i] ?? [], type: 'STRING' as const, nullable: false })),
    ...numberNames.map((name, i) => ({ name, data: numbers[i] ?? [], type: 'DOUBLE' as const, nullable: false })),
    ...qualityNames.map((name, i) => ({ name, data: quality[i] ?? [], type: 'STRING' as const, nullable: false })),
  ];
  const metadata = [{ key: 'time_zone', value: timeZone }];
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: schemaFromColumnData({ columnData: sources(held) }),
    kvMetadata: metadata,
    createdBy: 'hai-dang',
  });
  const flush = async (): Promise<void> => {
    if (held.time.length === 0) return;
    const columnData = sources(held).map(({ type: _, ...source }) => source);
    await writer.write({ columnData, rowGroupSize: held.time.length });
    held = empty();
  };

  return {
    begin({ pointId, pointName, agency, ward, quantity, unit }: ExportedSeries) {
      series = [pointId, pointName, agency, ward, quantity, unit];
    },
    async write(page: ExportPage) {
      for (let i = 0; i < page.time.length; i++) {
        held.time.push(BigInt(page.time[i] as number));
        for (let w = 0; w < series.length; w++) held.words[w]?.push(series[w] as string);
        if (page.kind === 'readings') {
          held.numbers[0]?.push(page.value[i] as number);
          held.quality[0]?.push(qualityKind(page.quality[i] as number));
          held.quality[1]?.push(reasonOf(page.quality[i] as number));
        } else for (const [n, column] of WINDOW_COLUMNS.entries()) held.numbers[n]?.push(page[column][i] as number);
        if (held.time.length === ROW_GROUP) await flush();
      }
    },
    async end(notes) {
      await flush();
      metadata.push({ key: 'notes', value: notes.join('\n') });
      await writer.finish();
      return statSync(path).size;
    },
  };
}

/** `OUT_OF_RANGE` of `INVALID_OUT_OF_RANGE`; empty where the kind says it all. */
const reasonOf = (quality: number): string => {
  const name = qualityName(quality);
  return name === 'GOOD' || name === 'CALIBRATING' ? '' : name.slice(name.indexOf('_') + 1);
};
