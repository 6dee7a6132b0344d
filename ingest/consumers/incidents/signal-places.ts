import type { Alarm } from '../../../domain/alarm.ts';
import type { DeviceDirectoryEntry, SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type { DeviceId, PointId, RuleId } from '../../../domain/identifiers.ts';
import { type CorrelationSettings, type Signal, signalOfAlarm, signalOfDevice } from '../../../domain/incident.ts';
import { SupplyForest } from '../../../domain/incident-network.ts';
import { type Registry, RegistryError } from '../../../domain/ports/registry.ts';
import type { Rule } from '../../../domain/rule.ts';
import type { EpochMs } from '../../../domain/time.ts';

export type PlacesRegistry = Pick<Registry, 'directory' | 'suppressions' | 'ruleState' | 'as'>;

const inUse = ({ state }: DeviceDirectoryEntry): boolean => state !== 'in_stock' && state !== 'retired';

/** Where alarms and devices stand, as the registry has it at one time. */
export class SignalPlaces {
  readonly forest: SupplyForest;
  readonly #registry: PlacesRegistry;
  readonly #settings: CorrelationSettings;
  readonly #points: ReadonlyMap<PointId, SeriesDirectoryEntry>;
  readonly #firstPoints: ReadonlyMap<DeviceId, SeriesDirectoryEntry>;
  readonly #rules: Map<RuleId, Rule | undefined>;

  private constructor(
    registry: PlacesRegistry,
    settings: CorrelationSettings,
    forest: SupplyForest,
    points: ReadonlyMap<PointId, SeriesDirectoryEntry>,
    firstPoints: ReadonlyMap<DeviceId, SeriesDirectoryEntry>,
    rules: readonly Rule[],
  ) {
    this.#registry = registry;
    this.#settings = settings;
    this.forest = forest;
    this.#points = points;
    this.#firstPoints = firstPoints;
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]));
  }

  static async load(registry: PlacesRegistry, settings: CorrelationSettings): Promise<SignalPlaces> {
    const [rows, series, devices, rules] = await Promise.all([
      registry.suppressions.network(),
      registry.directory.series(),
      registry.directory.devices(),
      registry.ruleState.liveRules(),
    ]);
    const points = new Map(series.map((entry) => [entry.pointId, entry]));
    const bySeries = new Map(series.map((entry) => [entry.series, entry]));
    const firstPoints = new Map<DeviceId, SeriesDirectoryEntry>();
    for (const device of devices.filter(inUse)) {
      const [first] = [...device.channels.values()].flatMap((channel) => bySeries.get(channel.series) ?? []);
      if (first !== undefined) firstPoints.set(device.deviceId, first);
    }
    const forest = new SupplyForest(rows, new Set(series.map(({ siteId }) => siteId)));
    return new SignalPlaces(registry, settings, forest, points, firstPoints, rules);
  }

  /** `undefined` for an alarm of a point that is no more. */
  async ofAlarm(alarm: Alarm): Promise<Signal | undefined> {
    const place = this.#points.get(alarm.pointId);
    return place && signalOfAlarm(alarm, await this.#ruleOf(alarm.ruleId), place, this.#settings);
  }

  /** `undefined` for a device that serves nothing. */
  ofDevice(deviceId: DeviceId, since: EpochMs, backAt: EpochMs | null): Signal | undefined {
    const place = this.#firstPoints.get(deviceId);
    if (place === undefined) return undefined;
    const { agencyId, pointId } = place;
    return signalOfDevice({ deviceId, agencyId, pointId }, since, backAt, place, this.#settings);
  }

  /** A rule that was withdrawn or switched off still says what its alarms were of. */
  async #ruleOf(id: RuleId): Promise<Rule | undefined> {
    if (this.#rules.has(id)) return this.#rules.get(id);
    const versions = await this.#registry
      .as({ kind: 'system', name: 'incidents' })
      .rules.versions(id)
      .catch((error: unknown) => {
        if (error instanceof RegistryError && error.code === 'NOT_FOUND') return [];
        throw error;
      });
    const rule = versions.at(-1);
    this.#rules.set(id, rule);
    return rule;
  }
}
