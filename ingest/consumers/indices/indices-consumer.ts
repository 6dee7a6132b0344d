import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { Affected } from '../../../domain/indices/air-index-series.ts';
import type { IndexDefinition } from '../../../domain/indices/index-definition.ts';
import type { IndexStation } from '../../../domain/indices/index-station.ts';
import { affectedOf, dueBetween, lastHourOver } from '../../../domain/indices/index-values.ts';
import { type HourEnd, hourOf } from '../../../domain/indices/local-hours.ts';
import type { ChangedReadings, IndexProgress } from '../../../domain/ports/index-work.ts';
import type { Journal, JournalSequence } from '../../../domain/ports/journal.ts';
import type { LiveBus } from '../../../domain/ports/live-bus.ts';
import type { TimeSeriesStore } from '../../../domain/ports/time-series-store.ts';
import { type Reading, type ReadingColumns, toColumns } from '../../../domain/reading.ts';
import { before, type Clock, epochMs } from '../../../domain/time.ts';
import type { UtcOffset } from '../../../domain/time-zone.ts';
import { decodePayload, encodePayload } from '../../readings-codec.ts';
import { type ChangedStation, workOfChanges } from './changed-hours.ts';
import {
  DEFAULT_INDICES_SETTINGS,
  type IndicesLog,
  type IndicesSettings,
  type IndicesStatus,
} from './indices-settings.ts';
import { INDICES, type IndicesRegistry, loadStations, Stations } from './stations.ts';
import { TouchedHours } from './touched-hours.ts';
import { type StationWork, type WorkOutPorts, workOut } from './work-out.ts';

export interface IndicesConsumerOptions {
  readonly journal: Journal;
  readonly registry: IndicesRegistry;
  readonly store: Pick<TimeSeriesStore, 'windows' | 'range' | 'cursor' | 'load'>;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly definitions: readonly IndexDefinition[];
  /** Local time of the site. */
  readonly offset: UtcOffset;
  /** Values were put into the store past the journal: whoever judges readings must look at them as late. */
  readonly onLoaded: (spans: readonly ChangedReadings[]) => void;
  readonly log: IndicesLog;
  readonly settings?: Partial<IndicesSettings>;
}

export interface IndicesConsumer {
  /** Reads points and progress, and works out from where it left off; resolves when it watches. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Readings were put into the store past the journal; resolves when it is on record that their indices are to be worked out. */
  readingsLoaded(spans: readonly ChangedReadings[]): Promise<void>;
  status(): IndicesStatus;
}

/** Values of one journal entry. */
const ENTRY_READINGS = 8_192;
const ENTRIES_AT_ONCE = 64;
/** Stations whose changed hours the store is asked for in one question. */
const STATIONS_AT_ONCE = 25;

/** What one round has to do. */
interface Round {
  readonly cursor: JournalSequence;
  /** The hours after `after`, up to this one, are over and new. */
  readonly after: HourEnd;
  readonly through: HourEnd;
  readonly late: TouchedHours;
  readonly changes: readonly (ChangedReadings & { readonly id: number })[];
}
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/**
 * Works out the indices of points from what the store holds, each hour once it is over, and again wherever late readings, imports or people's verdicts
 * change what it was made of. The values are readings like any other: they go through the journal, and with it to store, rules and screens. Nothing is
 * kept in memory that the store doesn't say again, so a kill at any moment is made good by the next round: the same identity gets the same value.
 */
export function createIndicesConsumer(options: IndicesConsumerOptions): IndicesConsumer {
  const { journal, registry, store, bus, clock, newId, definitions, offset, onLoaded, log } = options;
  const settings = { ...DEFAULT_INDICES_SETTINGS, ...options.settings };
  const ports: WorkOutPorts = {
    store,
    clock,
    verdictsOn: (series, from, to) => registry.as(INDICES).qualitySpans.list({ series, from, to }),
  };
  const leave: (() => void)[] = [];
  let stations = new Stations([]);
  let cursor: JournalSequence = journal.head();
  /** Hours up to here have been worked out: their readings are late from now on. */
  let through: HourEnd;
  let late = new TouchedHours();
  let kept: IndexProgress;
  let keptAt = 0;
  let lateAt = 0;
  /** Sequence of the last values this consumer gave to the journal. */
  let ownSequence = 0;
  /** Values of before a kill may be there that are not on record: the first round looks at what is stored. */
  let isFirstRound = true;
  let reloadAt = Number.POSITIVE_INFINITY;
  let values = 0;
  let undecodable = 0;
  let failing = false;
  let stopped = true;
  let running: Promise<void> | null = null;

  /** Notes which hours late readings touch. Runs for every reading of the city. */
  function note({ length, series, eventTime }: ReadingColumns): void {
    for (let i = 0; i < length; i++) {
      const at = eventTime[i]!;
      if (at > through) continue;
      const id = series[i] as SeriesId;
      if (stations.inputOf(id) !== undefined) late.add(id, hourOf(epochMs(at), offset));
    }
  }

  /** Reads the journal to its end, with breaks. */
  async function readJournal(): Promise<void> {
    for (let until = performance.now() + settings.readAtOnce; !stopped; ) {
      const entries = await journal.read(cursor, ENTRIES_AT_ONCE);
      if (entries.length === 0) return;
      for (const { sequence, traceId, payload } of entries) {
        try {
          note(decodePayload(payload).readings);
        } catch (error) {
          undecodable++;
          log.error({ event: 'indices.entry_unreadable', sequence, traceId, err: error }, 'journal entry skipped');
        }
        cursor = sequence;
      }
      if (performance.now() < until) continue;
      await nextTurn();
      until = performance.now() + settings.readAtOnce;
    }
  }

  async function look(): Promise<void> {
    if (performance.now() >= reloadAt) await reload();
    await readJournal();
    const changes = await registry.indexWork.changes(settings.changesAtOnce);
    const over = lastHourOver(before(clock(), settings.settle), offset);
    const isLateDue = late.count > 0 && performance.now() - lateAt >= settings.lateEvery;
    if (over <= through && changes.length === 0 && !isLateDue) {
      if (late.count === 0 && cursor > kept.cursor && performance.now() - keptAt >= settings.keepEvery)
        await keep({ cursor, through }, []);
      return;
    }
    const round: Round = { cursor, after: through, through: Math.max(over, through) as HourEnd, late, changes };
    late = new TouchedHours();
    through = round.through;
    try {
      await untilStored(Math.max(round.cursor, ownSequence));
      await workOutRound(round);
      await keep(
        { cursor: round.cursor, through: round.through },
        changes.map(({ id }) => id),
      );
      isFirstRound = false;
      lateAt = performance.now();
      if (failing) log.info({ event: 'indices.recovered' }, 'indices are worked out again');
      failing = false;
    } catch (error) {
      late.addAll(round.late);
      through = round.after;
      throw error;
    }
  }

  async function keep(progress: IndexProgress, done: readonly number[]): Promise<void> {
    await registry.indexWork.keep(progress, done);
    kept = progress;
    keptAt = performance.now();
    journal.passed('indices', progress.cursor);
  }

  /** What is worked out comes from the store: it must have all that was noted, and what this consumer said itself. */
  async function untilStored(sequence: number): Promise<void> {
    while ((await store.cursor()) < sequence) {
      if (stopped) throw new StoppedError();
      await pause(settings.storePoll);
    }
  }

  async function workOutRound(round: Round): Promise<void> {
    if (round.through > round.after) {
      for (const station of stations.list) {
        const due = new Map(station.definitions.map((each) => [each, dueBetween(each, round.after, round.through)]));
        await throughJournal(await workOut(ports, station, due, isFirstRound));
        await breathe();
      }
    }
    await workOutAgain(workOfLate(round.late, round.through), throughJournal);
    const changed = changedStations(round.changes);
    for (let i = 0; i < changed.length; i += STATIONS_AT_ONCE) {
      const some = changed.slice(i, i + STATIONS_AT_ONCE);
      const work = await workOfChanges({ store, offset }, some, round.through);
      await workOutAgain(
        [...work].map(([station, ofStation]) => [station, () => ofStation]),
        pastJournal,
      );
      await breathe();
    }
  }

  /** `work`: asked for when the station's turn comes, since a backlog of a whole city takes seconds to tell. */
  async function workOutAgain(
    work: readonly (readonly [IndexStation, () => StationWork])[],
    publish: (readings: readonly Reading[]) => Promise<void>,
  ): Promise<void> {
    if (work.length === 0) return;
    // What was written before must be stored, to be compared with.
    await untilStored(ownSequence);
    for (const [station, ofStation] of work) {
      await publish(await workOut(ports, station, ofStation(), true));
      await breathe();
    }
  }

  async function breathe(): Promise<void> {
    if (stopped) throw new StoppedError();
    await nextTurn();
  }

  function workOfLate(touched: TouchedHours, until: HourEnd) {
    const inputs = [...touched.series()].flatMap((series) => {
      const input = stations.inputOf(series);
      return input === undefined ? [] : [{ series, ...input }];
    });
    return [...Map.groupBy(inputs, ({ station }) => station)].map(([station, own]) => {
      const work = (): StationWork => {
        const changed = own.flatMap(({ series, quantity }) =>
          [...touched.of(series)].map((hour) => ({ quantity, hour })),
        );
        return new Map<IndexDefinition, Affected>(
          station.definitions.map((definition) => [definition, affectedOf(definition, changed, until)]),
        );
      };
      return [station, work] as const;
    });
  }

  function changedStations(changes: readonly ChangedReadings[]): readonly ChangedStation[] {
    const ofInputs = changes.flatMap((change) => {
      const input = change.to > change.from ? stations.inputOf(change.series) : undefined;
      return input === undefined ? [] : [{ change, station: input.station }];
    });
    return [...Map.groupBy(ofInputs, ({ station }) => station)].map(([station, own]) => ({
      station,
      changes: own.map(({ change }) => change),
    }));
  }

  /** Live: rules judge them, screens show them. */
  async function throughJournal(readings: readonly Reading[]): Promise<void> {
    // In order of time, as they would have come.
    const ordered = [...readings].sort((a, b) => a.eventTime - b.eventTime);
    for (let i = 0; i < ordered.length; i += ENTRY_READINGS) {
      const part = ordered.slice(i, i + ENTRY_READINGS);
      const payload = encodePayload({ readings: toColumns(part), marks: [] });
      ownSequence = await journal.append({ partition: 0, traceId: newId(), payload });
      values += part.length;
    }
  }

  /** As the readings they are made of came: into the store, judged as late. The newest of each series is news all the same. */
  async function pastJournal(readings: readonly Reading[]): Promise<void> {
    const older: Reading[] = [];
    const newest: Reading[] = [];
    for (const ofSeries of Map.groupBy(readings, ({ series }) => series).values()) {
      newest.push(ofSeries.at(-1)!);
      older.push(...ofSeries.slice(0, -1));
    }
    if (older.length > 0) {
      await store.load([toColumns(older)]);
      values += older.length;
    }
    await throughJournal(newest);
    if (older.length > 0) {
      onLoaded(
        [...Map.groupBy(older, ({ series }) => series)].map(([series, list]) => ({
          series,
          from: list[0]!.eventTime,
          to: epochMs(list.at(-1)!.eventTime + 1),
        })),
      );
    }
  }

  async function reload(): Promise<void> {
    reloadAt = Number.POSITIVE_INFINITY;
    try {
      const now = clock();
      const loaded = await loadStations(registry, definitions, before(now, settings.backfill), now);
      stations = loaded.stations;
      for (const agencyId of loaded.extended) bus.publish('assets.changed', { agencyId });
    } catch (error) {
      reloadSoon();
      throw error;
    }
  }
  const reloadSoon = (): void => {
    reloadAt = Math.min(reloadAt, performance.now() + settings.reloadAfter);
  };

  const wake = (): void => {
    if (stopped || running !== null) return;
    running = look()
      .catch((error: unknown) => {
        if (error instanceof StoppedError) return;
        if (!failing) log.error({ event: 'indices.failing', err: error }, 'indices are not worked out; trying on');
        failing = true;
      })
      .finally(() => {
        running = null;
      });
  };

  return {
    async start() {
      const progress = await registry.indexWork.progress();
      const now = clock();
      kept = progress ?? { cursor: journal.head(), through: lastHourOver(before(now, settings.settle), offset) };
      if (progress === null) await registry.indexWork.keep(kept, []);
      cursor = kept.cursor;
      through = kept.through;
      if (cursor > journal.head()) {
        // The journal has lost its end (it was damaged, or is another one): what it still holds is counted already.
        journal.skipTo(cursor);
      }
      // What was said before a kill may not be stored yet.
      ownSequence = journal.head();
      journal.passed('indices', cursor);
      await reload();
      stopped = false;
      const looking = setInterval(wake, settings.lookEvery);
      looking.unref();
      leave.push(
        () => clearInterval(looking),
        bus.subscribe('assets.changed', reloadSoon),
        bus.subscribe('device.changed', reloadSoon),
        bus.subscribe('events.missed', reloadSoon),
      );
      wake();
    },

    async stop() {
      for (const off of leave.splice(0)) off();
      stopped = true;
      await running;
    },

    async readingsLoaded(spans) {
      const inputs = spans.filter(({ series }) => stations.inputOf(series) !== undefined);
      if (inputs.length > 0) await registry.indexWork.add(inputs);
    },

    status: () => ({ cursor, stations: stations.list.length, touchedHours: late.count, values, failing, undecodable }),
  };
}
