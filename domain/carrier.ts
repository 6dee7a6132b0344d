import type { AlarmCarrier, CarrierRef } from './alarm.ts';
import type { DeviceDirectoryEntry, SeriesDirectoryEntry } from './asset.ts';
import type { AgencyId, DeviceId, PointId, RuleId, SeriesId, SiteId } from './identifiers.ts';
import type { RegistryView } from './ports/registry.ts';
import type { QuantityKey } from './quantity.ts';
import type { SiteNetwork } from './site-network.ts';
import { minutes } from './time.ts';
import { levelsMatch, levelsOf } from './topic-filter.ts';

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
  const coveredBy = coverage(devices, entries, connectsItself);
  const found: Gateway[] = [];
  for (const gateway of devices) {
    if (gateway.state === 'in_stock' || gateway.state === 'retired') continue;
    const { deviceId, agencyId } = gateway;
    const own = servedBy(gateway).flatMap((id) => entries.get(id) ?? []);
    const filters = [...gateway.credentials, ...gateway.certificates]
      .flatMap((held) => held.topicFilters)
      .map((filter) => levelsOf(filter, deviceId))
      .filter((levels) => levels[2] !== deviceId);
    const covered = coveredBy(agencyId, filters);
    const sites = new Set(own.flatMap(({ siteId }) => [...network.carriedBy(siteId)]));
    if (covered.ids.size === 0 && sites.size === 0) continue;
    const behind = own.length === 0 ? covered : withoutOwn(own, sites, covered, series, agencyId);
    const anchor = own[0] ?? behind.first;
    if (anchor === undefined || behind.first === undefined) continue;
    found.push({ deviceId, agencyId, behind: behind.ids, points: behind.points, anchor });
  }
  return found;
}

interface Behind {
  readonly ids: ReadonlySet<SeriesId>;
  readonly points: readonly PointId[];
  readonly first: SeriesDirectoryEntry | undefined;
}
function behindOf(found: readonly SeriesDirectoryEntry[]): Behind {
  const [first] = found;
  return { ids: new Set(found.map((entry) => entry.series)), points: pointsOf(found), first };
}

/**
 * What rights to topics cover within an agency. A city's gateways mostly have the same rights, so that is looked for once for all that do: devices
 * times gateways would be more than a start has time for.
 */
function coverage(
  devices: readonly DeviceDirectoryEntry[],
  entries: ReadonlyMap<SeriesId, SeriesDirectoryEntry>,
  connectsItself: (device: DeviceId) => boolean,
): (agency: AgencyId, filters: readonly (readonly string[])[]) => Behind {
  const known = new Map<string, Behind>();
  return (agency, filters) => {
    const key = [agency, ...filters.map((levels) => levels.join('/')).sort()].join('\n');
    const before = known.get(key);
    if (before) return before;
    const carried = devices.filter(
      ({ agencyId, deviceId }) =>
        agencyId === agency &&
        filters.some((levels) => levelsMatch(levels, ['hd', 'v1', deviceId, 'telemetry'])) &&
        !connectsItself(deviceId),
    );
    const ids = new Set(carried.flatMap(servedBy));
    const covered = behindOf(
      [...ids].flatMap((id) => entries.get(id) ?? []).filter((entry) => entry.agencyId === agency),
    );
    known.set(key, covered);
    return covered;
  };
}

/** Of a gateway that serves points itself: with what their sites carry, without what is its own. */
function withoutOwn(
  own: readonly SeriesDirectoryEntry[],
  sites: ReadonlySet<SiteId>,
  covered: Behind,
  series: readonly SeriesDirectoryEntry[],
  agency: AgencyId,
): Behind {
  const ownIds = new Set(own.map((entry) => entry.series));
  return behindOf(
    series.filter(
      (entry) =>
        entry.agencyId === agency &&
        !ownIds.has(entry.series) &&
        (covered.ids.has(entry.series) || sites.has(entry.siteId)),
    ),
  );
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
