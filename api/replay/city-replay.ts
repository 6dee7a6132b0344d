import { type Access, type Actor, accessOf } from '../../domain/access.ts';
import type { DeviceStatusChange } from '../../domain/asset.ts';
import type { DeviceId, SeriesId } from '../../domain/identifiers.ts';
import { allocateLatestBlock } from '../../domain/latest-block.ts';
import type { Knowledge, PastChange, PastChanges, PastSpan } from '../../domain/ports/city-past.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { VerdictBook } from '../../domain/quality-verdicts.ts';
import type { Domain } from '../../domain/quantity.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { packReplay } from '../../domain/replay/replay-block.ts';
import { type EpochMs, epochMs, milliseconds } from '../../domain/time.ts';
import { readsAgency } from '../../domain/visibility.ts';
import { SeriesPlaces } from '../city/scopes.ts';
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

/** Devices whose past is looked up without letting anyone else have a turn. */
const DEVICES_AT_ONCE = 1_000;

export interface ReplayAsk {
  readonly actor: Actor;
  readonly view: RegistryView;
  readonly known: Knowledge;
  readonly viewport?: BoundingBox;
  readonly domains?: readonly Domain[];
}

/** The past of the city as a caller may see it. Few looks at it are taken at once: each reads much. */
export interface CityReplay {
  readonly gate: QueryGate;
  /** Packed {@link ReplaySnapshotHead} and its block. */
  snapshot(ask: ReplayAsk, at: EpochMs): Promise<Uint8Array>;
  /** Packed {@link ReplayFramesHead} and a block for each frame; whole steps of (from, to] that are over by now. */
  frames(ask: ReplayAsk, from: EpochMs, to: EpochMs, stepMs: number): Promise<Uint8Array>;
}

export function createCityReplay(ports: HandlerPorts): CityReplay {
  const { registry, store, index, scopes, openAlarms, settings, clock } = ports;
  const { limits } = settings;
  const places = new SeriesPlaces(index);
  const gate = new QueryGate(limits.replaysAtOnce, limits.replaysWaiting);
  const lookback = limits.replayLookback;

  const seriesOf = ({ actor, viewport, domains }: ReplayAsk): SeriesId[] => {
    const lies = places.filter(viewport ?? null, domains ?? null);
    return Array.from(scopes.of(accessOf(actor)).series).filter(lies) as SeriesId[];
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
      await new Promise((resolve) => setImmediate(resolve));
    }
    return tuples;
  };

  return {
    gate,
    snapshot: (ask, asked) =>
      gate.run(async () => {
        const at = epochMs(Math.min(asked, clock()));
        const { known, view } = ask;
        const arrived = known === 'then';
        const [found, verdicts, devices, alarms] = await Promise.all([
          store.latestAt({ series: seriesOf(ask), at, lookback, arrived }),
          verdictsAt(at - lookback, at, at, known),
          devicesAt(ask, at),
          view.past.alarmsAt(at, known, limits.liveSnapshotAlarms + 1),
        ]);
        const block = blockOf(verdicts.over(found), 0, found.length);
        const head: ReplaySnapshotHead = {
          at,
          known,
          readingBytes: block.length,
          devices,
          alarms: alarms.slice(0, limits.liveSnapshotAlarms).map((alarm) => openAlarms.wire(alarm)),
          alarmsTruncated: alarms.length > limits.liveSnapshotAlarms,
        };
        return packReplay(head, [block]);
      }),

    frames: (ask, from, askedTo, stepMs) => {
      const steps = Math.floor((Math.min(askedTo, clock()) - from) / stepMs);
      const series = seriesOf(ask);
      if (Math.ceil((askedTo - from) / stepMs) > REPLAY_FRAMES_MAX)
        throw new ApiError('QUERY_TOO_LARGE', {
          asked: Math.ceil((askedTo - from) / stepMs),
          limit: REPLAY_FRAMES_MAX,
        });
      if (series.length * steps > REPLAY_READINGS_MAX)
        throw new ApiError('QUERY_TOO_LARGE', { asked: series.length * steps, limit: REPLAY_READINGS_MAX });
      const { known, view } = ask;
      if (steps < 1) return Promise.resolve(packReplay({ from, to: from, known, frames: [] }, []));
      return gate.run(async () => {
        const to = epochMs(from + steps * stepMs);
        const span = { from, to, knowledge: known, limit: limits.replayChanges };
        const [alarms, devices] = await Promise.all([
          wholeSteps((part) => view.past.alarmChanges(part), span, stepMs),
          wholeSteps((part) => view.past.deviceStatusChanges(part), span, stepMs),
        ]);
        const covered = epochMs(Math.min(alarms.coveredTo, devices.coveredTo));
        const [columns, verdicts] = await Promise.all([
          store.changes({ series, from, to: covered, step: milliseconds(stepMs), lookback, arrived: known === 'then' }),
          verdictsAt(from - lookback, covered, from, known),
        ]);
        const readings = verdicts.over(columns);
        const seen = new Set(devicesOf(accessOf(ask.actor)));
        const alarmsOf = lastOfSteps(alarms.items, ({ id }) => id, from, stepMs);
        const devicesOfStep = lastOfSteps(devices.items, ({ deviceId }) => deviceId, from, stepMs);
        const blocks: Uint8Array[] = [];
        const frames: ReplayFramesHead['frames'][number][] = [];
        let row = 0;
        for (let k = 0; k < (covered - from) / stepMs; k++) {
          const first = row;
          while (row < columns.length && columns.step[row] === k) row++;
          const block = blockOf(readings, first, row);
          blocks.push(block);
          frames.push({
            at: epochMs(from + (k + 1) * stepMs),
            readingBytes: block.length,
            devices: (devicesOfStep.get(k) ?? []).flatMap((status): DeviceTuple[] =>
              seen.has(status.deviceId) ? [tupleOf(status)] : [],
            ),
            alarms: (alarmsOf.get(k) ?? []).map((alarm) => openAlarms.wire(alarm)),
          });
        }
        const head: ReplayFramesHead = { from, to: covered, known, frames };
        return packReplay(head, blocks);
      });
    },
  };
}

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

/** Rows [first, end) as a block. */
function blockOf(columns: ReadingColumns, first: number, end: number): Uint8Array {
  const block = allocateLatestBlock(end - first);
  block.eventTime.set(columns.eventTime.subarray(first, end));
  block.value.set(columns.value.subarray(first, end));
  block.series.set(columns.series.subarray(first, end));
  block.quality.set(columns.quality.subarray(first, end));
  return block.bytes;
}
