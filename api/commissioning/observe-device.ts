import type { Access } from '../../domain/access.ts';
import type { Device } from '../../domain/asset.ts';
import {
  type CommissioningFacts,
  NEIGHBOURS_ASKED,
  type NeighbourReading,
  type NeighbourTolerance,
  type ObservedChannel,
  type ObservedReading,
} from '../../domain/commissioning.ts';
import { distanceMetres } from '../../domain/distance.ts';
import type { DeviceId, PointId, SeriesId } from '../../domain/identifiers.ts';
import type { QuarantineCode } from '../../domain/ports/quarantine.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { UNUSABLE_FROM } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { readingAt } from '../../domain/reading.ts';
import { type DurationMs, type EpochMs, hours, minutes } from '../../domain/time.ts';
import { maySee } from '../../domain/visibility.ts';
import type { HandlerPorts } from '../rest/handler-ports.ts';

/** Readings of one channel looked at; where a device sends more, a shorter time is looked at. */
const READINGS_LOOKED_AT = 500;
/** So many of the model's intervals are looked back at, within these bounds. */
const INTERVALS_LOOKED_BACK = 20;
const LOOK_BACK_LEAST = minutes(10);
const LOOK_BACK_MOST = hours(48);
/** A device may say a little later than it measured; event times ahead of now are looked at, too. */
const LOOK_AHEAD = minutes(10);
/** An attribute older than this says nothing of today. */
const ATTRIBUTE_COUNTS_FOR = hours(48);
const HELD_LOOKED_AT = 200;

export interface Observed {
  readonly facts: CommissioningFacts;
  readonly device: Device;
  readonly pointIds: readonly PointId[];
}

/** Gathers what is known of a device at this moment: from the registry, the live table, the store and quarantine. */
export function createDeviceObserver(ports: HandlerPorts) {
  const { clock, index, latest, store, queries, quarantine, catalogue, commissioning: terms } = ports;

  /** Ascending by event time, at most {@link READINGS_LOOKED_AT}; those that arrived before `since` are left out. */
  async function readingsOf(
    series: SeriesId,
    since: EpochMs,
    now: EpochMs,
    interval: DurationMs,
  ): Promise<ObservedReading[]> {
    let back = Math.min(LOOK_BACK_MOST, Math.max(LOOK_BACK_LEAST, INTERVALS_LOOKED_BACK * interval));
    for (;;) {
      const span = { from: (now - back) as EpochMs, to: (now + LOOK_AHEAD) as EpochMs };
      const columns = await queries.run(() => store.range({ series, ...span, limit: READINGS_LOOKED_AT }));
      // The store gives the earliest: a full answer is followed by newer ones.
      if (columns.length < READINGS_LOOKED_AT || back < 1_000)
        return Array.from({ length: columns.length }, (_, i) => readingAt(columns, i)).filter(
          ({ arrivalTime }) => arrivalTime >= since,
        );
      back /= 8;
    }
  }

  /** What other points read of a quantity now, those nearest to the point. Stale and unusable readings say nothing. */
  function neighboursOf(
    access: Access,
    own: ReadonlySet<PointId>,
    quantity: QuantityKey,
    tolerance: NeighbourTolerance,
    now: EpochMs,
  ): NeighbourReading[] {
    const [at] = [...own].flatMap((id) => index.points.get(id)?.point.location ?? []);
    if (at === undefined) return [];
    const near: NeighbourReading[] = [];
    for (const candidate of index.points.values()) {
      const { point } = candidate;
      const series = point.series.find((one) => one.quantity === quantity)?.id;
      if (series === undefined || own.has(point.id) || !latest.has(series) || !maySee(access, point)) continue;
      const away = distanceMetres(at, point.location);
      if (away > tolerance.withinMetres) continue;
      if ((latest.quality[series] as number) >= UNUSABLE_FROM) continue;
      if (now - (latest.eventTime[series] as number) > index.staleAfterMs(quantity, candidate)) continue;
      near.push({ distanceMetres: away, value: latest.value[series] as number });
    }
    return near.sort((a, b) => a.distanceMetres - b.distanceMetres).slice(0, NEIGHBOURS_ASKED);
  }

  async function heldOf(device: Device, since: EpochMs): Promise<CommissioningFacts['held']> {
    const { found: messages } = await quarantine.list(
      { agencies: [device.agencyId], deviceId: device.id, state: 'held' },
      HELD_LOOKED_AT,
    );
    const counts = new Map<QuarantineCode, number>();
    for (const message of messages) {
      const [first] = message.problems;
      if (message.arrivalTime >= since && first) counts.set(first.code, (counts.get(first.code) ?? 0) + 1);
    }
    return [...counts].map(([code, count]) => ({ code, messages: count }));
  }

  return async function observe(view: RegistryView, id: DeviceId, access: Access): Promise<Observed> {
    const device = await view.devices.get(id);
    const [model, assignments, attributes, statuses] = await Promise.all([
      view.models.get(device.modelId),
      view.devices.assignments({ deviceId: id }),
      view.devices.attributes(id),
      view.devices.statusHistory(id, { limit: 1 }),
    ]);
    const now = clock();
    const serving = assignments.filter(({ to }) => to === null);
    const pointIds = serving.map(({ pointId }) => pointId).sort();
    const servesSince = serving.length === 0 ? null : (Math.max(...serving.map(({ from }) => from)) as EpochMs);
    const points = await Promise.all(pointIds.map((pointId) => view.points.get(pointId)));
    const own = new Set(pointIds);
    const channels = await Promise.all(
      model.channels.map(async ({ key, quantity, plausibleRange }): Promise<ObservedChannel> => {
        const series = points.flatMap((point) => point.series).find((one) => one.quantity === quantity)?.id;
        const tolerance = terms.neighbours.get(quantity);
        return {
          key,
          quantity,
          plausibleRange: plausibleRange ??
            catalogue.get(quantity)?.plausibleRange ?? { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
          hasSeries: series !== undefined,
          readings:
            series === undefined || servesSince === null
              ? []
              : await readingsOf(series, servesSince, now, model.expectedInterval),
          neighbours: tolerance === undefined ? [] : neighboursOf(access, own, quantity, tolerance, now),
        };
      }),
    );
    const attribute = (name: string): CommissioningFacts['signalDbm'] => {
      const said = attributes[name];
      return typeof said?.value === 'number' && now - said.at <= ATTRIBUTE_COUNTS_FOR
        ? { value: said.value, at: said.at }
        : null;
    };
    // The bus is ahead of the registry's log by what is being written.
    const known = index.devices.get(id);
    const [logged] = statuses.items;
    const connection =
      known?.online != null && known.since !== null && known.since >= (logged?.eventTime ?? 0)
        ? { online: known.online, since: known.since }
        : logged
          ? { online: logged.online, since: logged.eventTime }
          : null;
    return {
      device,
      pointIds,
      facts: {
        now,
        servesSince,
        connection,
        channels,
        expectedInterval: model.expectedInterval,
        held: servesSince === null ? [] : await heldOf(device, servesSince),
        signalDbm: attribute('rssi_dbm'),
        batteryPercent: attribute('battery_percent'),
      },
    };
  };
}
