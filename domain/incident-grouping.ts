import { distanceMetres } from './distance.ts';
import type { DeviceId, SiteId } from './identifiers.ts';
import type { CorrelationSettings, IncidentCause, Signal, SignalKey } from './incident.ts';
import type { SupplyForest } from './incident-network.ts';
import { severityRank } from './rule.ts';
import type { EpochMs } from './time.ts';

/** Signals of one cause, earliest first; at least two. */
export interface SignalGroup {
  readonly cause: IncidentCause;
  readonly keys: readonly SignalKey[];
  readonly startedAt: EpochMs;
}

/**
 * Signals that may have to do with each other at all: of one tree of the network, of one gateway, or of one family of places. Groups never reach over
 * scopes, so only those are looked at again in which something changed.
 */
export function scopeOf({ link, siteId }: Pick<Signal, 'link' | 'siteId'>, forest: SupplyForest): string {
  switch (link.kind) {
    case 'network':
      return `network:${forest.rootOf(siteId)}`;
    case 'carrier':
      return `carrier:${link.carrier}`;
    case 'place':
      return `place:${link.family}`;
  }
}

/**
 * The groups among the signals of one scope. What comes out depends on the set of signals alone, and with more signals groups only grow together:
 * so signals end up in the same groups in whatever order they came.
 */
export function groupSignals(
  signals: readonly Signal[],
  forest: SupplyForest,
  settings: CorrelationSettings,
): readonly SignalGroup[] {
  const [first] = signals;
  if (first === undefined) return [];
  const ordered = [...signals].sort(earlier);
  switch (first.link.kind) {
    case 'network':
      return inTime(ordered).flatMap((cluster) => networkGroups(cluster, forest, settings));
    case 'carrier':
      return carrierGroups(ordered, first.link.carrier);
    case 'place':
      return placeGroups(ordered, first.link.family, forest, settings);
  }
}

const earlier = (a: Signal, b: Signal): number => a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const groupOf = (cause: IncidentCause, signals: readonly Signal[]): readonly SignalGroup[] => {
  const [first] = signals;
  if (first === undefined || signals.length < 2) return [];
  return [{ cause, keys: signals.map(({ key }) => key), startedAt: first.at }];
};

/**
 * Splits signals in order of time where nothing reaches over the gap. Two belong together when the longer of their windows does; whatever lies
 * between two such belongs to both, so clusters are runs.
 */
function inTime(ordered: readonly Signal[]): readonly (readonly Signal[])[] {
  const backTo = new Float64Array(ordered.length + 1).fill(Number.POSITIVE_INFINITY);
  for (let i = ordered.length - 1; i >= 0; i--) {
    const { at, window } = ordered[i] as Signal;
    backTo[i] = Math.min(backTo[i + 1] as number, at - window);
  }
  const clusters: Signal[][] = [];
  let reach = Number.NEGATIVE_INFINITY;
  let previous = Number.NEGATIVE_INFINITY;
  ordered.forEach((signal, i) => {
    const isBridged = signal.at <= reach || (backTo[i] as number) <= previous;
    if (isBridged) clusters.at(-1)?.push(signal);
    else clusters.push([signal]);
    reach = Math.max(reach, signal.at + signal.window);
    previous = signal.at;
  });
  return clusters;
}

/** Bad enough to explain what happens behind it. */
const explains = ({ sign, severity }: Signal): boolean =>
  sign !== 'limit' || severityRank(severity) <= severityRank('major');

/**
 * Each signal goes to the topmost site on its way up that explains it: one with bad news of its own, or one that enough of what hangs on it points
 * to (outage localisation from last gasps: a site qualifies when all its branches do). A sound branch shows that what is above it is live.
 */
function networkGroups(
  cluster: readonly Signal[],
  forest: SupplyForest,
  settings: CorrelationSettings,
): readonly SignalGroup[] {
  const bySite = Map.groupBy(cluster, ({ siteId }) => siteId);
  const told = new Set<SiteId>();
  for (const [site, signals] of bySite) if (signals.some(explains)) told.add(site);
  const suspected = suspectedSites(cluster, forest, settings.share);
  const leaders = new Map<SiteId, SiteId>();
  for (const site of bySite.keys()) {
    const above = forest.pathUp(site).findLast((one) => told.has(one) || suspected.has(one));
    leaders.set(site, above ?? site);
  }
  const groups = Map.groupBy(cluster, ({ siteId }) => leaders.get(siteId) as SiteId);
  return [...groups].flatMap(([siteId, signals]) =>
    groupOf({ kind: 'site', siteId, inferred: !bySite.has(siteId) }, signals),
  );
}

/** The highest sites that what is below them says are down. */
function suspectedSites(cluster: readonly Signal[], forest: SupplyForest, share: number): ReadonlySet<SiteId> {
  const lost = new Set(cluster.filter(({ sign }) => sign !== 'limit').map(({ siteId }) => siteId));
  /** How many sites at or below say so; only sites above a lost one are in it. */
  const counts = new Map<SiteId, number>();
  for (const site of lost) for (const above of forest.pathUp(site)) counts.set(above, (counts.get(above) ?? 0) + 1);
  const verdicts = new Map<SiteId, boolean>();
  const canTell = (site: SiteId): boolean =>
    forest.isMeasured(site) || forest.childrenOf(site).some((child) => counts.has(child) || canTell(child));
  const qualifies = (site: SiteId): boolean => {
    if (lost.has(site)) return true;
    if (!counts.has(site)) return false;
    const known = verdicts.get(site);
    if (known !== undefined) return known;
    const children = forest.childrenOf(site).filter(canTell);
    const leaves = children.filter((child) => forest.childrenOf(child).length === 0);
    const branches = children.filter((child) => forest.childrenOf(child).length > 0);
    const lostLeaves = leaves.filter((leaf) => lost.has(leaf)).length;
    const verdict =
      children.length > 0 && (leaves.length === 0 || lostLeaves / leaves.length >= share) && branches.every(qualifies);
    verdicts.set(site, verdict);
    return verdict;
  };
  const found = new Set<SiteId>();
  const search = (site: SiteId): void => {
    if (!counts.has(site)) return;
    if (!qualifies(site) || (counts.get(site) as number) < 2) {
      for (const child of forest.childrenOf(site)) search(child);
      return;
    }
    // The lowest that explains the same.
    let lowest = site;
    for (;;) {
      const [only, ...others] = forest.childrenOf(lowest);
      if (lost.has(lowest) || only === undefined || others.length > 0 || forest.childrenOf(only).length === 0) break;
      lowest = only;
    }
    found.add(lowest);
  };
  const [any] = cluster;
  if (any !== undefined) search(forest.rootOf(any.siteId));
  return found;
}

/** What a gateway's outage keeps quiet goes to the outage that was the last to begin before it. */
function carrierGroups(ordered: readonly Signal[], deviceId: DeviceId): readonly SignalGroup[] {
  const isOutage = ({ link }: Signal): boolean => link.kind === 'carrier' && link.isCarrier;
  const outages = ordered.filter(isOutage);
  const groups = new Map(outages.map((outage) => [outage.key, [outage]]));
  for (const signal of ordered) {
    if (isOutage(signal)) continue;
    const outage =
      outages.findLast(({ at, window }) => at <= signal.at + Math.max(window, signal.window)) ?? outages[0];
    if (outage !== undefined) groups.get(outage.key)?.push(signal);
  }
  return [...groups.values()].flatMap((signals) => groupOf({ kind: 'device', deviceId }, signals.sort(earlier)));
}

const METRES_PER_DEGREE = 111_195;

/** Signals within radius and window of each other, directly or by way of others; on one road (or other network) however far apart. */
function placeGroups(
  ordered: readonly Signal[],
  family: string,
  forest: SupplyForest,
  settings: CorrelationSettings,
): readonly SignalGroup[] {
  const { radiusM } = settings.places[family] ?? settings.elsewhere;
  const clusters: (readonly Signal[])[] = [];
  const cells = new Map<string, number[]>();
  // Any two in one cell are near enough: its sides are the radius over √2.
  const side = radiusM / Math.SQRT2 / METRES_PER_DEGREE;
  const cellOf = ({ location }: Signal): string =>
    `${Math.floor(location.latitude / side)}:${Math.floor(location.longitude / side)}`;
  const put = (index: Map<string, number[]>, key: string, cluster: number): void => {
    const there = index.get(key);
    if (there) there.push(cluster);
    else index.set(key, [cluster]);
  };
  const trees = new Map<string, number[]>();
  const spots = Map.groupBy(ordered, cellOf);
  for (const [cell, inCell] of spots)
    for (const cluster of inTime(inCell)) {
      put(cells, cell, clusters.length);
      for (const root of new Set(cluster.map(({ siteId }) => forest.rootOf(siteId)))) put(trees, root, clusters.length);
      clusters.push(cluster);
    }
  const joined = new Sets(clusters.length);
  for (const [cell, mine] of cells) {
    const [row, column] = cell.split(':').map(Number) as [number, number];
    // Degrees of longitude are shorter: three cells to the side are enough up to a latitude of 60°.
    for (let r = row; r <= row + 2; r++)
      for (let c = column - 3; c <= column + 3; c++) {
        if (r === row && c <= column) continue;
        for (const other of cells.get(`${r}:${c}`) ?? [])
          for (const one of mine)
            if (!joined.same(one, other) && areNear(clusters[one] ?? [], clusters[other] ?? [], radiusM))
              joined.join(one, other);
      }
  }
  for (const inTree of trees.values())
    for (const one of inTree)
      for (const other of inTree)
        if (one < other && !joined.same(one, other) && touchInTree(clusters[one] ?? [], clusters[other] ?? [], forest))
          joined.join(one, other);
  const groups = Map.groupBy(clusters.keys(), (i) => joined.of(i));
  return [...groups.values()].flatMap((members) =>
    groupOf({ kind: 'place', family }, members.flatMap((i) => clusters[i] ?? []).sort(earlier)),
  );
}

const touchInTime = (a: Signal, b: Signal): boolean => Math.abs(a.at - b.at) <= Math.max(a.window, b.window);
const areNear = (some: readonly Signal[], others: readonly Signal[], radiusM: number): boolean =>
  some.some((a) => others.some((b) => touchInTime(a, b) && distanceMetres(a.location, b.location) <= radiusM));
const touchInTree = (some: readonly Signal[], others: readonly Signal[], forest: SupplyForest): boolean =>
  some.some((a) => others.some((b) => touchInTime(a, b) && forest.rootOf(a.siteId) === forest.rootOf(b.siteId)));

/** Disjoint sets of numbers from 0 on. */
class Sets {
  readonly #above: Int32Array;
  constructor(size: number) {
    this.#above = Int32Array.from({ length: size }, (_, i) => i);
  }
  of(one: number): number {
    let at = one;
    while (this.#above[at] !== at) {
      this.#above[at] = this.#above[this.#above[at] as number] as number;
      at = this.#above[at] as number;
    }
    return at;
  }
  same(a: number, b: number): boolean {
    return this.of(a) === this.of(b);
  }
  join(a: number, b: number): void {
    this.#above[this.of(b)] = this.of(a);
  }
}
