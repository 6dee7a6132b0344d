import type { Suppression } from './alarm.ts';
import type { SeriesDirectoryEntry } from './asset.ts';
import type { DeviceId, RuleId, SeriesId } from './identifiers.ts';
import type { SiteNetwork } from './site-network.ts';
import { endOf, phaseOf, type SuppressionWindow, suppressionBy } from './suppression-window.ts';
import type { EpochMs } from './time.ts';

/** What the scopes of windows are worked out from. */
export interface SuppressionPlaces {
  readonly series: readonly Pick<SeriesDirectoryEntry, 'series' | 'pointId' | 'siteId' | 'agencyId'>[];
  /** The series that the device serves now. */
  readonly servedBy: (device: DeviceId) => Iterable<SeriesId>;
  readonly network: SiteNetwork;
}

/** Whose alarm it is: a rule on one series, on several of one point, or on an area. */
export interface AlarmScope {
  readonly rule: RuleId;
  readonly inputs: readonly Pick<SeriesDirectoryEntry, 'series'>[];
  /** An area is hidden only when all of it is; a point as soon as one of its series is, since they count together. */
  readonly isArea: boolean;
  /** The gateway that the alarm is of. */
  readonly device?: DeviceId;
}

/** The series whose alarms a window hides; `null` for one on a whole rule. Only those of the window's own agency. */
export function seriesOf(
  { scope, agencyId }: Pick<SuppressionWindow, 'scope' | 'agencyId'>,
  places: SuppressionPlaces,
): ReadonlySet<SeriesId> | null {
  const own = (matches: (entry: SuppressionPlaces['series'][number]) => boolean): ReadonlySet<SeriesId> =>
    new Set(places.series.filter((s) => s.agencyId === agencyId && matches(s)).map(({ series }) => series));
  switch (scope.kind) {
    case 'rule':
      return null;
    case 'point':
    case 'rule_on_point':
      return own(({ pointId }) => pointId === scope.pointId);
    case 'site': {
      const sites = places.network.withAllBehind(scope.siteId);
      return own(({ siteId }) => sites.has(siteId));
    }
    case 'device': {
      const served = new Set(places.servedBy(scope.deviceId));
      return own(({ series }) => served.has(series));
    }
  }
}

interface Entry {
  readonly window: SuppressionWindow;
  /** The rule it is about; `null`: any. */
  readonly rule: RuleId | null;
}

/** Windows by what they hide, for one look-up per alarm. */
export class ScopeSuppressions {
  readonly #bySeries = new Map<SeriesId, Entry[]>();
  /** Whole rules, and devices for what is of the device itself. */
  readonly #byId = new Map<RuleId | DeviceId, SuppressionWindow[]>();

  constructor(windows: readonly SuppressionWindow[], places: SuppressionPlaces) {
    // The one that lasts longest comes first, and is what is shown.
    const ordered = [...windows].sort(
      (a, b) => (endOf(b) ?? Infinity) - (endOf(a) ?? Infinity) || (a.id < b.id ? -1 : 1),
    );
    for (const window of ordered) {
      const { scope } = window;
      const series = seriesOf(window, places);
      const id = scope.kind === 'rule' ? scope.ruleId : scope.kind === 'device' ? scope.deviceId : null;
      if (id !== null) this.#byId.set(id, [...(this.#byId.get(id) ?? []), window]);
      const rule = scope.kind === 'rule_on_point' ? scope.ruleId : null;
      for (const id of series ?? []) {
        const known = this.#bySeries.get(id);
        if (known) known.push({ window, rule });
        else this.#bySeries.set(id, [{ window, rule }]);
      }
    }
  }

  /** What hides an alarm of the scope at `at`; `null`: nothing. */
  inForce(scope: AlarmScope, at: EpochMs): Suppression | null {
    const window = this.#windowAt(scope, at);
    return window === null ? null : suppressionBy(window);
  }

  #windowAt({ rule, inputs, isArea, device }: AlarmScope, at: EpochMs): SuppressionWindow | null {
    const whole = [...(this.#byId.get(rule) ?? []), ...((device && this.#byId.get(device)) ?? [])];
    const found = whole.find((window) => phaseOf(window, at) === 'in_force');
    if (found !== undefined) return found;
    if (this.#bySeries.size === 0) return null;
    let first: SuppressionWindow | null = null;
    for (const { series } of inputs) {
      const here = this.#bySeries
        .get(series)
        ?.find((entry) => (entry.rule === null || entry.rule === rule) && phaseOf(entry.window, at) === 'in_force');
      if (here === undefined && isArea) return null;
      first ??= here?.window ?? null;
    }
    return first;
  }
}
