import type { Actor } from '../../domain/access.ts';
import type { Agency, Device, DeviceModel, Point, SeriesDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId, DeviceModelId, PointId, SeriesId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import { type Page, type PageRequest, type Registry, RegistryError } from '../../domain/ports/registry.ts';
import type { Quantity, QuantityCatalogue, QuantityKey } from '../../domain/quantity.ts';
import { type DurationMs, type EpochMs, milliseconds } from '../../domain/time.ts';

/** The index reads for everyone; what a caller sees of it is decided per caller. */
const READER: Actor = { kind: 'system', name: 'city index' };
const PAGE = 1_000;
/** Changes come in bunches (an import, a commissioning round): one reload for all within this. */
const RELOAD_DELAY_MS = 500;
/** When this share of the devices changes in one bunch, everything is read again at once, which is cheaper; never for a few. */
const RELOAD_WHOLE_FROM = 0.2;
const SINGLE_RELOADS_MIN = 100;
/** No data once the newest reading is older than this many of the device's expected intervals. */
const MISSED_INTERVALS = 3;

export interface IndexedPoint {
  /** 0, 1, 2 …: stands for the id wherever there are many, as long as the process runs; never given to another point. */
  readonly number: number;
  readonly point: Point;
  readonly devices: Set<DeviceId>;
}
export interface IndexedDevice {
  device: Device;
  points: Set<PointId>;
  online: boolean | null;
  since: EpochMs | null;
}
export interface IndexedSeries {
  readonly id: SeriesId;
  readonly quantity: QuantityKey;
  readonly point: IndexedPoint;
}

export interface CityIndexPorts {
  readonly registry: Registry;
  readonly bus: LiveBus;
  readonly catalogue: QuantityCatalogue;
  readonly onError: (error: unknown) => void;
}

/** Points, series and devices in memory, as the live screens and the map need them; follows the bus. */
export class CityIndex {
  agencies: readonly Agency[] = [];
  points = new Map<PointId, IndexedPoint>();
  devices = new Map<DeviceId, IndexedDevice>();
  /** By series id; holes where a number means nothing (any more). */
  series: (IndexedSeries | undefined)[] = [];
  /** Of the points' numbers: the same at every server. */
  epoch = '';
  /** Rises with every change of assets; not with a device's coming and going. */
  revision = 1;
  /** Rises with every change a screen could show of devices. */
  deviceRevision = 1;

  /** {@link assets} as of a revision. */
  #digest = { revision: 0, text: '' };
  readonly #ports: CityIndexPorts;
  #byNumber: (IndexedPoint | undefined)[] = [];
  readonly #listeners = new Set<() => void>();
  #models = new Map<DeviceModelId, DeviceModel>();
  #unsubscribe: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #loading: Promise<void> = Promise.resolve();
  readonly #changedDevices = new Set<DeviceId>();

  constructor(ports: CityIndexPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    const { bus } = this.#ports;
    this.#unsubscribe = [
      bus.subscribe('assets.changed', () => this.#reloadSoon()),
      bus.subscribe('events.missed', () => this.#reloadSoon()),
      bus.subscribe('device.changed', ({ deviceId }) => this.#reloadDeviceSoon(deviceId)),
      bus.subscribe('device.status', ({ deviceId, online, at }) => {
        const known = this.devices.get(deviceId);
        if (!known) return;
        known.online = online;
        known.since = at;
        this.deviceRevision++;
      }),
    ];
    await this.#reload();
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    clearTimeout(this.#timer);
    await this.#loading;
  }

  /** Called after assets changed (not for coming and going). Returns the unsubscriber. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Digest of all that screens fetch and keep of points, devices and agencies: the same on every server that knows the same. */
  get assets(): string {
    if (this.#digest.revision !== this.revision)
      this.#digest = { revision: this.revision, text: digestOf(this.#versions()) };
    return this.#digest.text;
  }

  *#versions(): Generator<string> {
    for (const { id, version } of this.agencies) yield `agency ${id} ${version}`;
    for (const { id, version } of this.#models.values()) yield `model ${id} ${version}`;
    for (const { point, devices } of this.points.values()) {
      yield `point ${point.id} ${point.version} ${point.series.length}`;
      for (const device of devices) yield `assignment ${point.id} ${device}`;
    }
    for (const { device } of this.devices.values()) yield `device ${device.id} ${device.version} ${device.state}`;
  }

  /** Above all numbers of points. */
  get numbers(): number {
    return this.#byNumber.length;
  }

  /** Undefined for a point that is gone. */
  pointByNumber(number: number): IndexedPoint | undefined {
    return this.#byNumber[number];
  }

  quantity(key: QuantityKey): Quantity | undefined {
    return this.#ports.catalogue.get(key);
  }

  /** The catalogue's stale time, narrowed to three expected intervals of the devices that serve the point. */
  staleAfterMs(quantity: QuantityKey, served: IndexedPoint): number {
    const catalogued = this.quantity(quantity)?.staleAfter ?? Number.POSITIVE_INFINITY;
    const intervals = [...served.devices].flatMap((id) => {
      const known = this.devices.get(id);
      const model = known && this.#models.get(known.device.modelId);
      return model?.channels.some((channel) => channel.quantity === quantity) ? [model.expectedInterval] : [];
    });
    return Math.min(catalogued, MISSED_INTERVALS * Math.min(...intervals));
  }

  /** The series as rules select it. */
  directoryEntry({ id, quantity, point: { point, devices } }: IndexedSeries): SeriesDirectoryEntry {
    const { id: pointId, siteId, agencyId, domain, tags, location, wardCode } = point;
    const models = new Set<DeviceModelId>();
    for (const device of devices) {
      const known = this.devices.get(device);
      if (known) models.add(known.device.modelId);
    }
    return { series: id, quantity, pointId, siteId, agencyId, domain, tags, location, wardCode, models: [...models] };
  }

  /** All series as rules select them. */
  directory(): readonly SeriesDirectoryEntry[] {
    return this.series.flatMap((entry) => (entry === undefined ? [] : [this.directoryEntry(entry)]));
  }

  /** How often the devices that serve the point report the quantity: the most often, `undefined` where none does. */
  intervalOf(quantity: QuantityKey, served: IndexedPoint): DurationMs | undefined {
    const intervals = [...served.devices].flatMap((id) => {
      const model = this.#models.get(this.devices.get(id)?.device.modelId as DeviceModelId);
      return model?.channels.some((channel) => channel.quantity === quantity) ? [model.expectedInterval] : [];
    });
    return intervals.length === 0 ? undefined : milliseconds(Math.min(...intervals));
  }

  /** One after the other: a reload never overtakes another. */
  #queue(work: () => Promise<void>): void {
    this.#loading = this.#loading.then(work).catch(this.#ports.onError);
  }

  #reloadDeviceSoon(id: DeviceId): void {
    if (this.#changedDevices.size === 0) {
      this.#queue(async () => {
        const ids = [...this.#changedDevices];
        this.#changedDevices.clear();
        if (ids.length > Math.max(SINGLE_RELOADS_MIN, this.devices.size * RELOAD_WHOLE_FROM)) return this.#reload();
        for (const [i, one] of ids.entries()) {
          await this.#reloadDevice(one);
          if (i % SINGLE_RELOADS_MIN === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        this.#changed();
      });
    }
    this.#changedDevices.add(id);
  }

  #reloadSoon(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#queue(() => this.#reload());
    }, RELOAD_DELAY_MS);
  }

  async #reload(): Promise<void> {
    const view = this.#ports.registry.as(READER);
    const [agencies, models, assignments, statuses] = await Promise.all([
      view.agencies.list(),
      view.models.list(),
      view.devices.assignments({}),
      this.#ports.registry.deviceLog.currentStatus(),
    ]);
    const points = new Map<PointId, IndexedPoint>();
    const series: (IndexedSeries | undefined)[] = [];
    const byNumber: (IndexedPoint | undefined)[] = [];
    const listed: Point[] = [];
    for await (const point of everyItem((page) => view.points.list({}, page))) listed.push(point);
    const { epoch, numbers } = await this.#ports.registry.directory.pointNumbers();
    for (const point of listed) {
      const number = numbers.get(point.id);
      // It has gone since it was listed.
      if (number === undefined) continue;
      const indexed: IndexedPoint = { number, point, devices: new Set() };
      points.set(point.id, indexed);
      byNumber[number] = indexed;
      for (const one of point.series) series[one.id] = { id: one.id, quantity: one.quantity, point: indexed };
    }
    const status = new Map(statuses.map((change) => [change.deviceId, change]));
    const devices = new Map<DeviceId, IndexedDevice>();
    for await (const device of everyItem((page) => view.devices.list({}, page))) {
      const known = status.get(device.id);
      devices.set(device.id, {
        device,
        points: new Set(),
        online: known?.online ?? null,
        since: known?.eventTime ?? null,
      });
    }
    for (const { deviceId, pointId, to } of assignments) {
      if (to !== null) continue;
      devices.get(deviceId)?.points.add(pointId);
      points.get(pointId)?.devices.add(deviceId);
    }
    // What came on the bus while this was read is newer than what was read.
    for (const [id, before] of this.devices) {
      const now = devices.get(id);
      if (now && (before.since ?? 0) > (now.since ?? 0))
        Object.assign(now, { online: before.online, since: before.since });
    }
    this.agencies = agencies;
    this.#models = new Map(models.map((model) => [model.id, model]));
    this.#byNumber = byNumber;
    this.epoch = epoch;
    Object.assign(this, { points, series, devices });
    this.#changed();
  }

  async #reloadDevice(id: DeviceId): Promise<void> {
    const view = this.#ports.registry.as(READER);
    const before = this.devices.get(id);
    for (const pointId of before?.points ?? []) this.points.get(pointId)?.devices.delete(id);
    try {
      const device = await view.devices.get(id);
      if (!this.#models.has(device.modelId)) this.#models.set(device.modelId, await view.models.get(device.modelId));
      const served = (await view.devices.assignments({ deviceId: id })).filter(({ to }) => to === null);
      this.devices.set(id, {
        device,
        points: new Set(served.map(({ pointId }) => pointId)),
        online: before?.online ?? null,
        since: before?.since ?? null,
      });
      // Assigning a device ends what served the point before: those devices are looked up again, too.
      for (const { pointId } of served) {
        const entry = this.points.get(pointId);
        if (!entry) continue;
        entry.devices.clear();
        for (const now of await view.devices.assignments({ pointId })) {
          if (now.to === null) entry.devices.add(now.deviceId);
        }
      }
    } catch (error) {
      if (!(error instanceof RegistryError && error.code === 'NOT_FOUND')) throw error;
      this.devices.delete(id);
    }
  }

  #changed(): void {
    this.revision++;
    this.deviceRevision++;
    for (const listener of this.#listeners) listener();
  }
}

/** 64 bits (FNV-1a, two halves) of a set of texts, in whatever order they come. */
function digestOf(texts: Iterable<string>): string {
  let high = 0;
  let low = 0;
  for (const text of texts) {
    let a = 0x811c9dc5;
    let b = 0x01000193;
    for (let i = 0; i < text.length; i++) {
      a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
      b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b);
    }
    high = (high + (a ^ (b >>> 15))) | 0;
    low = (low + (b ^ (a >>> 13))) | 0;
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

/** All items of a list, page by page, leaving the event loop to others in between. */
async function* everyItem<T>(list: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<T> {
  let after: string | null = null;
  do {
    const page: Page<T> = await list(after === null ? { limit: PAGE } : { limit: PAGE, after });
    yield* page.items;
    after = page.next;
    if (after !== null) await new Promise((resolve) => setImmediate(resolve));
  } while (after !== null);
}
