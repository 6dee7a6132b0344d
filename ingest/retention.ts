import type { SeriesId } from '../domain/identifiers.ts';
import type { QualitySpan } from '../domain/ports/quality-spans.ts';
import type { Retired, TimeSeriesStore } from '../domain/ports/time-series-store.ts';
import { effectiveQuality } from '../domain/quality-verdicts.ts';
import type { QuantityCatalogue, QuantityKey } from '../domain/quantity.ts';
import type { ReadingColumns } from '../domain/reading.ts';
import { type RetentionClass, type RetentionStatus, retentionLimits } from '../domain/retention.ts';
import { type Clock, type DurationMs, type EpochMs, epochMs, hours } from '../domain/time.ts';

export interface RetentionOptions {
  readonly store: Pick<TimeSeriesStore, 'retire' | 'range' | 'load'>;
  /** All series there are. */
  readonly series: () => Promise<readonly { readonly series: SeriesId; readonly quantity: QuantityKey }[]>;
  /** What people and the platform have said of readings. */
  readonly verdictsOn: (series: readonly SeriesId[], from: EpochMs, to: EpochMs) => Promise<readonly QualitySpan[]>;
  readonly classes: readonly RetentionClass[];
  /** What counts in place of the classes until they begin: the same ones, kept otherwise. */
  readonly before?: { readonly begins: EpochMs; readonly classes: readonly RetentionClass[] };
  readonly catalogue: QuantityCatalogue;
  /** Of the site's standard time. */
  readonly utcOffset: DurationMs;
  readonly clock: Clock;
  /** Told of a round that failed; the next one makes up for it. */
  readonly onError: (error: unknown) => void;
  readonly every?: DurationMs;
}

/** Readings looked at in one go where verdicts lie over them. */
const PAGE_READINGS = 50_000;
const NOTHING: Retired = { readings: 0, hourlyValues: 0, dailyValues: 0 };

/**
 * Rolls up and deletes what has outlived its time, a class of quantities after the other: at the start, then every six hours, so that a week goes soon
 * after it may. A store that is away only delays it.
 */
export function createRetention(options: RetentionOptions) {
  const { store, catalogue, utcOffset, clock, onError, every = hours(6) } = options;
  const { before } = options;
  const classesNow = (): readonly RetentionClass[] =>
    before !== undefined && clock() < before.begins ? before.classes : options.classes;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopping = false;
  let status: RetentionStatus = {
    finishedAt: null,
    failing: false,
    classes: classesNow().map(({ key, keeping }) => ({
      key,
      series: 0,
      limits: retentionLimits(keeping, clock(), utcOffset),
      deleted: NOTHING,
    })),
  };

  async function retireAll(): Promise<void> {
    const all = await options.series();
    for (const { key, quantities, keeping } of classesNow()) {
      if (stopping) return;
      const limits = retentionLimits(keeping, clock(), utcOffset);
      const own = all.filter(({ quantity }) => quantities.has(quantity));
      const series = own.map((entry) => entry.series);
      const directions = own
        .filter(({ quantity }) => catalogue.get(quantity)?.aggregation === 'direction')
        .map((entry) => entry.series);
      if (limits.raw !== null) await settleVerdicts(series, limits.raw);
      const deleted = await store.retire({ series, directions, limits });
      status = {
        ...status,
        classes: status.classes.map((state) =>
          state.key === key ? { key, series: series.length, limits, deleted: sumOf(state.deleted, deleted) } : state,
        ),
      };
    }
    status = { ...status, finishedAt: clock(), failing: false };
  }

  /**
   * Writes into readings that are about to go what verdicts make of them, so that it is in what they come to. Until then a verdict is laid over and can be
   * withdrawn; with the readings that ends.
   */
  async function settleVerdicts(series: readonly SeriesId[], limit: EpochMs): Promise<void> {
    if (series.length === 0) return;
    const verdicts = await options.verdictsOn(series, epochMs(0), limit);
    for (const [id, spans] of Map.groupBy(verdicts, (span) => span.series)) {
      for (const span of spans) {
        if (span.withdrawnAt !== null) continue;
        const to = Math.min(span.to, limit);
        for (let from: number = span.from; from < to; ) {
          const page = await store.range({ series: id, from: epochMs(from), to: epochMs(to), limit: PAGE_READINGS });
          const changed = withQuality(page, effectiveQuality(page, spans));
          if (changed.length > 0) await store.load([changed]);
          if (page.length < PAGE_READINGS) break;
          from = page.eventTime[page.length - 1]! + 1;
        }
      }
    }
  }

  const run = (): void => {
    round = round.then(retireAll).catch((error: unknown) => {
      status = { ...status, failing: true };
      onError(error);
    });
  };
  return {
    status: (): RetentionStatus => status,
    async start(): Promise<void> {
      run();
      timer = setInterval(run, every);
      timer.unref();
    },
    async stop(): Promise<void> {
      stopping = true;
      clearInterval(timer);
      await round;
    },
  };
}
export type Retention = ReturnType<typeof createRetention>;

const sumOf = (a: Retired, b: Retired): Retired => ({
  readings: a.readings + b.readings,
  hourlyValues: a.hourlyValues + b.hourlyValues,
  dailyValues: a.dailyValues + b.dailyValues,
});

/** The readings whose quality differs, with the new one. */
function withQuality(page: ReadingColumns, quality: Uint8Array): ReadingColumns {
  const rows = Array.from({ length: page.length }, (_, i) => i).filter((i) => page.quality[i] !== quality[i]);
  return {
    length: rows.length,
    series: Int32Array.from(rows, (i) => page.series[i]!),
    eventTime: Float64Array.from(rows, (i) => page.eventTime[i]!),
    arrivalTime: Float64Array.from(rows, (i) => page.arrivalTime[i]!),
    value: Float64Array.from(rows, (i) => page.value[i]!),
    quality: Uint8Array.from(rows, (i) => quality[i]!),
  };
}
