import { type Access, type Actor, accessOf } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { DeviceStatusChange } from '../../domain/asset.ts';
import type { DeviceId, PointId, SeriesId } from '../../domain/identifiers.ts';
import { allocateLatestBlock } from '../../domain/latest-block.ts';
import type { Knowledge, PastChange, PastChanges, PastSpan } from '../../domain/ports/city-past.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { VerdictBook } from '../../domain/quality-verdicts.ts';
import type { Domain } from '../../domain/quantity.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { packReplay } from '../../domain/replay/replay-block.ts';
import type { SuppressionWindow } from '../../domain/suppression-window.ts';
import { type EpochMs, epochMs, milliseconds } from '../../domain/time.ts';
import { readsAgency } from '../../domain/visibility.ts';
import { type Scope, SeriesPlaces } from '../city/scopes.ts';
import type { BoundingBox, DeviceTuple } from '../contract/live.ts';
import {
  REPLAY_FRAMES_MAX,
  REPLAY_READINGS_MAX,
  type ReplayFramesHead,
  type ReplaySnapshotHead,
} from '../contract/replay.ts';
import { ApiError } from '../errors.ts';
import type { HandlerPorts } from '../rest/handler-ports.ts';
import { QueryGate } from '../rest/query-gate.ts';
import { quietPointsAt } from '../suppressions/quiet-points.ts';
import type { SuppressedPlaces } from '../suppressions/suppressed-places.ts';
import { PastStates } from './past-states.ts';
import { SettledMoments } from './settled-moments.ts';

/** Devices whose past is looked up without letting anyone else have a turn. */
const DEVICES_AT_ONCE = 1_000;

export interface ReplayAsk {
  readonly actor: Actor;
  readonly view: RegistryView;
  readonly known: Knowledge;
  /** Whether readings are to be sent, and of what: these series, or all within the box and of the domains. */
  readonly readings: boolean;
  readonly series?: readonly SeriesId[];
  readonly viewport?: BoundingBox;
  readonly domains?: readonly Domain[];
}

export interface ReplayPorts extends HandlerPorts {
  readonly suppressedPlaces: SuppressedPlaces;
}

/** The past of the city as a caller may see it. Few looks at it are taken at once: each reads much. */
export interface CityReplay {
  readonly gate: QueryGate;
  /** Packed {@link ReplaySnapshotHead} with its blocks. */
  snapshot(ask: ReplayAsk, at: EpochMs): Promise<Uint8Array>;
  /** Packed {@link ReplayFramesHead} with the blocks of its frames; whole steps of (from, to] that are over by now. */
  frames(ask: ReplayAsk, from: EpochMs, to: EpochMs, stepMs: number): Promise<Uint8Array>;
}

/** What is on record of one moment. */
interface Moment {
  readonly at: EpochMs;
  readonly readings: ReadingColumns;
  /** Worst and newest first. */
  readonly alarms: readonly Alarm[];
  readonly quiet: ReadonlyMap<PointId, SuppressionWindow['kind']>;
}

export function createCityReplay(ports: ReplayPorts): CityReplay {
  const { registry, store, index, scopes, openAlarms, settings, suppressedPlaces, clock } = ports;
  const { limits } = settings;
  const places = new SeriesPlaces(index);
  const gate = new QueryGate(limits.replaysAtOnce, limits.replaysWaiting);
  const lookback = limits.replayLookback;

  const seenBy = ({ actor }: ReplayAsk): Scope => scopes.of(accessOf(actor));
  /** Tells of a series the caller may see whether its readings are to be sent. */
  const selectionOf = ({ readings, series, viewport, domains }: ReplayAsk): ((series: number) => boolean) => {
    if (!readings) return () => false;
    const lies = places.filter(viewport ?? null, domains ?? null);
    if (series === undefined) return lies;
    const named = new Set<number>(series);
    return (id) => named.has(id) && lies(id);
  };
  const devicesOf = (access: Access): DeviceId[] =>
    [...index.devices.values()].flatMap(({ device }) => (readsAgency(access, device.agencyId) ? [device.id] : []));

  /** Verdicts on readings of (from, to] as they were known at `at`. */
  const verdictsAt = async (from: number, to: number, at: number, known: Knowledge): Promise<VerdictBook> => {
    const spans = await registry.verdicts.touching(epochMs(from), epochMs(to + 1));
    const book = new VerdictBook();
    book.take(
      known === 'now'
        ? spans.filter(({ withdrawnAt }) => withdrawnAt === null)
        : spans.flatMap((span) =>
            span.recordedAt <= at && (span.withdrawnAt === null || span.withdrawnAt > at)
              ? [{ ...span, withdrawnAt: null }]
              : [],
          ),
    );
    return book;
  };

  const devicesAt = async ({ actor, view, known }: ReplayAsk, at: EpochMs): Promise<DeviceTuple[]> => {
    const ids = devicesOf(accessOf(actor));
    const tuples: DeviceTuple[] = [];
    for (let from = 0; from < ids.length; from += DEVICES_AT_ONCE) {
      const found = await view.past.deviceStatusAt(ids.slice(from, from + DEVICES_AT_ONCE), at, known);
      for (const { deviceId, online, eventTime } of found) tuples.push([deviceId, online, eventTime]);
      await turn();
    }
    return tuples;
  };

  const momentAt = async (ask: ReplayAsk, at: EpochMs): Promise<Moment> => {
    const { known, view } = ask;
    const series = Array.from(seenBy(ask).series) as SeriesId[];
    const [found, verdicts, alarms, windows] = await Promise.all([
      store.latestAt({ series, at, lookback, arrived: known === 'then' }),
      verdictsAt(at - lookback, at, at, known),
      view.past.alarmsAt(at, known, limits.replayAlarms),
      registry.suppressions.windows(at),
    ]);
    const inForce = windows.filter(({ createdAt }) => known === 'now' || createdAt <= at);
    const quiet = await quietPointsAt(inForce, suppressedPlaces, at);
    return { at, readings: verdicts.over(found), alarms, quiet };
  };
  const settled = { moments: new SettledMoments<Moment>(clock), devices: new SettledMoments<DeviceTuple[]>(clock) };
  /** As it is kept of the moment; what is known now of then may be another by now. */
  const keptOf = <T>(kept: SettledMoments<T>, ask: ReplayAsk, at: EpochMs, look: () => Promise<T>): Promise<T> =>
    ask.known === 'then' ? kept.find(seenBy(ask), at, look) : look();
  const momentOf = (ask: ReplayAsk, at: EpochMs) => keptOf(settled.moments, ask, at, () => momentAt(ask, at));

  return {
    gate,
    snapshot: (ask, asked) =>
      gate.run(async () => {
        const at = epochMs(Math.min(asked, clock()));
        const [moment, devices] = await Promise.all([
          momentOf(ask, at),
          keptOf(settled.devices, ask, at, () => devicesAt(ask, at)),
        ]);
        const { readings, alarms } = moment;
        const ranks = new PastStates({ index, ...moment }).all(seenBy(ask));
        const block = blockOf(readings, 0, readings.length, selectionOf(ask));
        const head: ReplaySnapshotHead = {
          at,
          known: ask.known,
          readingBytes: block.length,
          rankBytes: ranks.length,
          epoch: index.epoch,
          devices,
          alarms: alarms.slice(0, limits.liveSnapshotAlarms).map((alarm) => openAlarms.wire(alarm)),
          alarmsTruncated: alarms.length > limits.liveSnapshotAlarms,
        };
        return packReplay(head, [block, ranks]);
      }),

    frames: (ask, from, askedTo, stepMs) => {
      const { known, view } = ask;
      const asked = Math.ceil((askedTo - from) / stepMs);
      const steps = Math.floor((Math.min(askedTo, clock()) - from) / stepMs);
      const scope = seenBy(ask);
      if (asked > REPLAY_FRAMES_MAX) throw new ApiError('QUERY_TOO_LARGE', { asked, limit: REPLAY_FRAMES_MAX });
      if (scope.series.length * steps > REPLAY_READINGS_MAX)
        throw new ApiError('QUERY_TOO_LARGE', { asked: scope.series.length * steps, limit: REPLAY_READINGS_MAX });
      if (steps < 1) return Promise.resolve(packReplay({ from, to: from, known, frames: [] }, []));
      return gate.run(async () => {
        const to = epochMs(from + steps * stepMs);
        const span = { from, to, knowledge: known, limit: limits.replayChanges };
        const [alarms, devices] = await Promise.all([
          wholeSteps((part) => view.past.alarmChanges(part), span, stepMs),
          wholeSteps((part) => view.past.deviceStatusChanges(part), span, stepMs),
        ]);
        const covered = epochMs(Math.min(alarms.coveredTo, devices.coveredTo));
        const series = Array.from(scope.series) as SeriesId[];
        const [begin, columns, verdicts] = await Promise.all([
          momentOf(ask, from),
          store.changes({ series, from, to: covered, step: milliseconds(stepMs), lookback, arrived: known === 'then' }),
          verdictsAt(from - lookback, covered, from, known),
        ]);
        const states = new PastStates({ index, ...begin });
        const readings = verdicts.over(columns);
        const isSelected = selectionOf(ask);
        const seen = new Set(devicesOf(accessOf(ask.actor)));
        const alarmsOf = lastOfSteps(alarms.items, ({ id }) => id, from, stepMs);
        const devicesOfStep = lastOfSteps(devices.items, ({ deviceId }) => deviceId, from, stepMs);
        const blocks: Uint8Array[] = [];
        const frames: ReplayFramesHead['frames'][number][] = [];
        let row = 0;
        for (let k = 0; k < (covered - from) / stepMs; k++) {
          const at = epochMs(from + (k + 1) * stepMs);
          const first = row;
          while (row < columns.length && columns.step[row] === k) row++;
          const changed = alarmsOf.get(k) ?? [];
          const block = blockOf(readings, first, row, isSelected);
          const stateBlock = states.playOn({ readings, first, end: row, alarms: changed, at }, scope);
          blocks.push(block, stateBlock);
          frames.push({
            at,
            readingBytes: block.length,
            stateBytes: stateBlock.length,
            devices: (devicesOfStep.get(k) ?? []).flatMap((status): DeviceTuple[] =>
              seen.has(status.deviceId) ? [tupleOf(status)] : [],
            ),
            alarms: changed.map((alarm) => openAlarms.wire(alarm)),
          });
          await turn();
        }
        const head: ReplayFramesHead = { from, to: covered, known, frames };
        return packReplay(head, blocks);
      });
    },
  };
}

/** Lets others have a turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const tupleOf = ({ deviceId, online, eventTime }: DeviceStatusChange): DeviceTuple => [deviceId, online, eventTime];

/** Changes of whole steps: where there are more than the limit, those of the steps before; of the first step all there are. */
async function wholeSteps<T>(
  ask: (span: PastSpan) => Promise<PastChanges<T>>,
  span: PastSpan,
  stepMs: number,
): Promise<PastChanges<T>> {
  const found = await ask(span);
  if (found.coveredTo === span.to) return found;
  const steps = Math.floor((found.coveredTo - span.from) / stepMs);
  if (steps === 0) return ask({ ...span, to: epochMs(span.from + stepMs), limit: Number.MAX_SAFE_INTEGER - 1 });
  const coveredTo = epochMs(span.from + steps * stepMs);
  return { items: found.items.filter(({ at }) => at <= coveredTo), coveredTo };
}

/** The last state of each thing in each step. */
function lastOfSteps<T>(
  changes: readonly PastChange<T>[],
  idOf: (state: T) => string,
  from: number,
  stepMs: number,
): Map<number, T[]> {
  const steps = Map.groupBy(changes, ({ at }) => Math.floor((at - from - 1) / stepMs));
  return new Map(
    [...steps].map(([step, own]) => [step, [...new Map(own.map(({ after }) => [idOf(after), after])).values()]]),
  );
}

/** Those of the rows [first, end) that are selected, as a block. */
function blockOf(
  columns: ReadingColumns,
  first: number,
  end: number,
  isSelected: (series: number) => boolean,
): Uint8Array {
  const rows: number[] = [];
  for (let i = first; i < end; i++) if (isSelected(columns.series[i] as number)) rows.push(i);
  const block = allocateLatestBlock(rows.length);
  for (const [i, row] of rows.entries()) {
    block.eventTime[i] = columns.eventTime[row] as number;
    block.value[i] = columns.value[row] as number;
    block.series[i] = columns.series[row] as number;
    block.quality[i] = columns.quality[row] as number;
  }
  return block.bytes;
}
