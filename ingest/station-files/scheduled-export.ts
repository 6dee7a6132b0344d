import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Actor } from '../../domain/access.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StationExportStatus } from '../../domain/ports/station-files.ts';
import { StoreUnavailableError, type TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import { effectiveQuality } from '../../domain/quality-verdicts.ts';
import type { QuantityCatalogue } from '../../domain/quantity.ts';
import { dueIntervals, parameterOf, type Station, type StationSchedule } from '../../domain/station.ts';
import {
  type StationRecord,
  stationFileName,
  stationFolder,
  ucumOfStationUnit,
  writeStationFile,
} from '../../domain/station-file.ts';
import { intervalRecord } from '../../domain/station-interval.ts';
import { before, type Clock, type DurationMs, days, type EpochMs, epochMs, minutes } from '../../domain/time.ts';
import { converted, unitConversion } from '../../domain/unit.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { KnownStation, StationDirectory } from './station-directory.ts';

export interface ScheduledExportOptions {
  readonly folder: string;
  readonly stations: StationDirectory;
  readonly registry: Pick<Registry, 'stations' | 'as'>;
  readonly store: TimeSeriesStore;
  readonly catalogue: QuantityCatalogue;
  readonly every: DurationMs;
  /** An interval's file is written this long after its end, so that ordinary lateness is in it. */
  readonly delay: DurationMs;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Article 39: a logger keeps the latest sixty days. What lies further back is not made up for. */
const CATCH_UP: DurationMs = days(60);
/** Files of one station in one turn; after an outage every station gets its turn. */
const FILES_PER_TURN = 50;
/** Readings of one series in one interval: ten a second for an hour. */
const READINGS_MAX = 36_000;
const READER: Actor = { kind: 'system', name: 'station files' };

/**
 * Writes the files that stations owe to the receiving authority, one an interval, in order. What was not written while the platform was down is written when
 * it is back; how far it came is kept only after the file is on disk, so that a kill in between writes the same file again.
 */
export class ScheduledExport {
  readonly #options: ScheduledExportOptions;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #status: { -readonly [K in keyof StationExportStatus]: StationExportStatus[K] };
  /** Ahead of what the directory has read: files written since. */
  readonly #writtenTo = new Map<string, EpochMs>();

  constructor(options: ScheduledExportOptions) {
    this.#options = options;
    this.#status = { folder: options.folder, files: 0, lastFile: null, trouble: null };
  }

  get status(): StationExportStatus {
    return { ...this.#status };
  }

  start(): void {
    this.#turnIn(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
  }

  #turnIn(milliseconds: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#takeTurn().then((more) => this.#turnIn(more ? 0 : this.#options.every));
    }, milliseconds);
  }

  /** True when some station has more files to write at once. */
  async #takeTurn(): Promise<boolean> {
    let more = false;
    let trouble: string | null = null;
    for (const known of this.#options.stations.all()) {
      try {
        more = (await this.#writeDue(known)) || more;
      } catch (error) {
        trouble = (error as Error).message;
        if (this.#status.trouble !== trouble && !(error instanceof StoreUnavailableError)) this.#options.onError(error);
      }
    }
    this.#status.trouble = trouble;
    return more && trouble === null;
  }

  async #writeDue(known: KnownStation): Promise<boolean> {
    const { clock, delay, registry } = this.#options;
    const { code, schedule, exportedTo } = known.station;
    if (schedule === null || exportedTo === null || schedule.symbols.length === 0) {
      this.#writtenTo.delete(code);
      return false;
    }
    const now = clock();
    const from = epochMs(Math.max(exportedTo, this.#writtenTo.get(code) ?? exportedTo, before(now, CATCH_UP)));
    const due = dueIntervals(from, before(now, delay), schedule.intervalMinutes, FILES_PER_TURN);
    for (const end of due) {
      if (this.#stopped) return false;
      await this.#write(known, schedule, end);
      await registry.stations.exported(code, end);
      this.#writtenTo.set(code, end);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return due.length === FILES_PER_TURN;
  }

  async #write({ station, series }: KnownStation, schedule: StationSchedule, end: EpochMs): Promise<void> {
    const { folder, metrics, clock } = this.#options;
    const records: Omit<StationRecord, 'record'>[] = [];
    for (const symbol of schedule.symbols) {
      const record = await this.#recordOf(station, symbol, series.get(symbol), end, schedule.intervalMinutes);
      if (record) records.push(record);
    }
    const { province, facility, code } = station;
    const name = stationFileName({ province, facility, station: code, time: end });
    const path = join(folder, schedule.folder, schedule.dated ? stationFolder(code, end) : '', name);
    await writeWhole(path, writeStationFile(records));
    metrics.add('hd_station_files_exported_total');
    this.#status.files++;
    this.#status.lastFile = { name, at: clock() };
  }

  async #recordOf(
    station: Station,
    symbol: string,
    series: SeriesId | undefined,
    end: EpochMs,
    intervalMinutes: number,
  ): Promise<Omit<StationRecord, 'record'> | null> {
    const { store, catalogue, registry } = this.#options;
    const parameter = parameterOf(station, symbol);
    const quantity = parameter && catalogue.get(parameter.quantity);
    if (!parameter || !quantity) return null;
    const { unit } = parameter;
    if (series === undefined) return { symbol, value: 0, unit, time: end, status: '02' };
    // Amounts and means stand at the end of what they are of; samples are of their own moment.
    const endsAt = quantity.aggregation === 'interval_total' || quantity.aggregation === 'interval_mean' ? 1 : 0;
    const span = {
      from: epochMs(end - minutes(intervalMinutes) + endsAt),
      to: epochMs(end + endsAt),
    };
    const readings = await store.range({ series, ...span, limit: READINGS_MAX });
    const verdicts = await registry.as(READER).qualitySpans.list({ series: [series], ...span });
    const { value, status } = intervalRecord(
      readings.length,
      readings.value,
      effectiveQuality(readings, verdicts),
      quantity.aggregation,
    );
    const between = unitConversion(quantity.unit, ucumOfStationUnit(unit) ?? quantity.unit);
    // The registry refuses units that can't be converted; a catalogue that changed since must not write wrong numbers.
    return between.ok
      ? { symbol, value: converted(value, between.value), unit, time: end, status }
      : { symbol, value, unit: quantity.unitSymbol, time: end, status };
  }
}

/** All of the file or none of it, also for those who list the folder meanwhile. */
async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.tmp`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(text, 'utf8');
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
