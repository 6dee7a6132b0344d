import type { AlarmCarrier, CarrierRef } from './alarm.ts';
import type { DeviceDirectoryEntry, SeriesDirectoryEntry } from './asset.ts';
import type { AgencyId, DeviceId, PointId, RuleId, SeriesId } from './identifiers.ts';
import type { RegistryView } from './ports/registry.ts';
import type { QuantityKey } from './quantity.ts';
import type { SiteNetwork } from './site-network.ts';
import { minutes } from './time.ts';
import { levelsOf, topicMatches } from './topic-filter.ts';

/** Points that an alarm of a carrier names; it counts all. */
export const CARRIER_POINTS_MAX = 1_000;

/** A device that data of others travels by. */
export interface Gateway {
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  readonly behind: ReadonlySet<SeriesId>;
  readonly points: readonly PointId[];
  /** Where its alarm is shown: a series of its own, or else the first behind it. */
  readonly anchor: SeriesDirectoryEntry;
}

type Place = Pick<SeriesDirectoryEntry, 'series' | 'pointId' | 'siteId' | 'agencyId'>;

const pointsOf = (entries: readonly Place[]): readonly PointId[] => [...new Set(entries.map(({ pointId }) => pointId))];

/** What an alarm says of the carrier it is of. */
export const carrierOf = (ref: CarrierRef, points: readonly PointId[]): AlarmCarrier => ({
  ...ref,
  pointsBehind: points.length,
  points: points.slice(0, CARRIER_POINTS_MAX),
});

/**
 * The gateways among devices in use, each with what is behind it, in its own agency alone: another agency would be shown
 * nothing in the place of what is kept quiet. Behind it are devices whose topics its rights cover and that never had a session of their
 * own (`connectsItself`), and points at sites that the sites of its own points backhaul.
 */
export function gatewaysOf(
  devices: readonly DeviceDirectoryEntry[],
  series: readonly SeriesDirectoryEntry[],
  network: SiteNetwork,
  connectsItself: (device: DeviceId) => boolean,
): readonly Gateway[] {
  const entries = new Map(series.map((entry) => [entry.series, entry]));
  const found: Gateway[] = [];
  for (const gateway of devices) {
    if (gateway.state === 'in_stock' || gateway.state === 'retired') continue;
    const { deviceId, agencyId } = gateway;
    const own = servedBy(gateway).flatMap((id) => entries.get(id) ?? []);
    const filters = [...gateway.credentials, ...gateway.certificates]
      .flatMap((held) => held.topicFilters)
      .filter((filter) => levelsOf(filter, deviceId)[2] !== deviceId);
    const carried = (other: DeviceDirectoryEntry): boolean =>
      other.agencyId === agencyId &&
      other.deviceId !== deviceId &&
      !connectsItself(other.deviceId) &&
      filters.some((filter) => topicMatches(filter, `hd/v1/${other.deviceId}/telemetry`, deviceId));
    const behind = new Set(filters.length === 0 ? [] : devices.filter(carried).flatMap(servedBy));
    const sites = new Set(own.flatMap(({ siteId }) => [...network.carriedBy(siteId)]));
    if (sites.size > 0) for (const entry of series) if (sites.has(entry.siteId)) behind.add(entry.series);
    for (const { series: id } of own) behind.delete(id);
    const others = [...behind].flatMap((id) => entries.get(id) ?? []).filter((entry) => entry.agencyId === agencyId);
    const anchor = own[0] ?? others[0];
    if (anchor === undefined || others.length === 0) continue;
    const ids = new Set(others.map((entry) => entry.series));
    found.push({ deviceId, agencyId, behind: ids, points: pointsOf(others), anchor });
  }
  return found;
}

const servedBy = ({ channels }: Pick<DeviceDirectoryEntry, 'channels'>): readonly SeriesId[] =>
  [...channels.values()].map(({ series }) => series);

/** What is behind the site of a point, in the same agency; the point itself is not. */
export function behindSiteOf(
  at: Place,
  series: readonly Place[],
  network: SiteNetwork,
): { readonly behind: ReadonlySet<SeriesId>; readonly points: readonly PointId[] } {
  const sites = network.withAllBehind(at.siteId);
  const others = series.filter(
    (entry) => sites.has(entry.siteId) && entry.agencyId === at.agencyId && entry.pointId !== at.pointId,
  );
  return { behind: new Set(others.map((entry) => entry.series)), points: pointsOf(others) };
}

const CARRIER_RULE = 'carrier-down:';
export const carrierRuleId = (agency: AgencyId): RuleId => `${CARRIER_RULE}${agency}` as RuleId;
/** True for the rule that the alarms of an agency's gateways go by. Its readings are sessions, so series are not judged by it. */
export const isCarrierRule = ({ id }: { readonly id: RuleId }): boolean => id.startsWith(CARRIER_RULE);

/** The rule that an agency's gateways are judged by, as it is first made; its hold, severity and texts are the agency's to change. */
export const carrierRule = (
  agencyId: AgencyId,
  quantity: QuantityKey,
): Parameters<RegistryView['rules']['create']>[0] => ({
  id: carrierRuleId(agencyId),
  agencyId,
  name: { vi: 'Cổng kết nối ngừng hoạt động', en: 'Gateway is down' },
  advice: {
    vi: 'Kiểm tra nguồn điện và đường truyền của cổng kết nối. Cảnh báo mất tín hiệu của thiết bị phía sau được giữ yên lặng cho đến khi cổng hoạt động lại.',
    en: 'Check the power and the line of the gateway. No-data alarms of the devices behind it are kept quiet until it is back.',
  },
  enabled: true,
  quantity,
  selection: { points: [] },
  condition: { kind: 'no_data', levels: [{ severity: 'major', hold: minutes(1) }] },
  clearHold: minutes(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
});
