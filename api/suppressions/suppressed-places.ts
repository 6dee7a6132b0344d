import type { SeriesDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId, PointId, SeriesId } from '../../domain/identifiers.ts';
import type { SuppressionLog } from '../../domain/ports/suppressions.ts';
import { type SuppressionPlaces, seriesOf } from '../../domain/scope-suppressions.ts';
import { SiteNetwork } from '../../domain/site-network.ts';
import type { SuppressionWindow } from '../../domain/suppression-window.ts';
import type { CityIndex } from '../city/city-index.ts';

/** Which points the scopes of windows come to; worked out from the city as it is now. */
export class SuppressedPlaces {
  readonly #log: Pick<SuppressionLog, 'network'>;
  readonly #index: CityIndex;
  #known: { readonly revision: number; readonly places: SuppressionPlaces } | null = null;

  constructor(log: Pick<SuppressionLog, 'network'>, index: CityIndex) {
    this.#log = log;
    this.#index = index;
  }

  /** None for a whole rule. */
  async pointsOf(window: SuppressionWindow): Promise<ReadonlySet<PointId>> {
    const { scope } = window;
    const points = new Set<PointId>();
    // What a device serves is asked of the index, which follows each assignment.
    if (scope.kind === 'device') return this.#index.devices.get(scope.deviceId)?.points ?? points;
    const places = await this.#places();
    for (const series of seriesOf(window, places) ?? []) {
      const point = this.#index.series[series]?.point.point.id;
      if (point !== undefined) points.add(point);
    }
    return points;
  }

  async #places(): Promise<SuppressionPlaces> {
    const { revision } = this.#index;
    if (this.#known?.revision === revision) return this.#known.places;
    const network = new SiteNetwork(await this.#log.network());
    const series = this.#index.series.flatMap(
      (known): Pick<SeriesDirectoryEntry, 'series' | 'pointId' | 'siteId' | 'agencyId'>[] => {
        if (known === undefined) return [];
        const { id: pointId, siteId, agencyId } = known.point.point;
        return [{ series: known.id, pointId, siteId, agencyId }];
      },
    );
    const servedBy = (_: DeviceId): Iterable<SeriesId> => [];
    const places = { series, network, servedBy };
    this.#known = { revision, places };
    return places;
  }
}
