import type { Access } from '../../domain/access.ts';
import { DOMAINS, type Domain } from '../../domain/quantity.ts';
import { maySee } from '../../domain/visibility.ts';
import { accessKey } from '../auth/caller.ts';
import type { BoundingBox } from '../contract/live.ts';
import type { CityIndex } from './city-index.ts';

/** Scopes kept; every distinct set of rights needs one, most callers share a few. The one longest unused is dropped and made again when needed. */
const SCOPES_KEPT = 64;

/** All points and series one set of rights may see. Shared by everyone with equal rights. */
export interface Scope {
  readonly key: string;
  readonly access: Access;
  /** Revision of the index it was made from. */
  readonly revision: number;
  /** By series id: 1 when it may be seen. */
  readonly visible: Uint8Array;
  /** The ids, ascending. */
  readonly series: Int32Array;
  /** By point number: 1 when it may be seen. */
  readonly points: Uint8Array;
}

export const seesSeries = (scope: Scope, series: number): boolean => scope.visible[series] === 1;

/** Makes and keeps scopes for the present revision of the index. */
export class Scopes {
  readonly #index: CityIndex;
  readonly #kept = new Map<string, Scope>();

  constructor(index: CityIndex) {
    this.#index = index;
  }

  of(access: Access): Scope {
    const key = accessKey(access);
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    const scope = kept?.revision === this.#index.revision ? kept : this.#make(key, access);
    this.#kept.set(key, scope);
    if (this.#kept.size > SCOPES_KEPT) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return scope;
  }

  #make(key: string, access: Access): Scope {
    const { series, points, revision } = this.#index;
    const visible = new Uint8Array(series.length);
    const visiblePoints = new Uint8Array(this.#index.numbers);
    for (const { number, point } of points.values()) {
      if (!maySee(access, point)) continue;
      visiblePoints[number] = 1;
      for (const one of point.series) visible[one.id] = 1;
    }
    const ids: number[] = [];
    for (let id = 0; id < visible.length; id++) if (visible[id] === 1) ids.push(id);
    return { key, access, revision, visible, series: Int32Array.from(ids), points: visiblePoints };
  }
}

/** Where and what every series is, in columns by series id: a viewport is four comparisons. */
export class SeriesPlaces {
  readonly #index: CityIndex;
  #revision = 0;
  #longitude = new Float64Array(0);
  #latitude = new Float64Array(0);
  /** One bit per domain. */
  #domain = new Uint8Array(0);

  constructor(index: CityIndex) {
    this.#index = index;
  }

  /** Tells of a series whether it lies in the box and belongs to the domains; `null` for no limit. */
  filter(viewport: BoundingBox | null, domains: readonly Domain[] | null): (series: number) => boolean {
    this.#refresh();
    const [longitude, latitude, domain] = [this.#longitude, this.#latitude, this.#domain];
    const wanted = domains === null ? 0xff : domains.reduce((mask, name) => mask | domainBit(name), 0);
    if (viewport === null) return (id) => ((domain[id] as number) & wanted) !== 0;
    const [west, south, east, north] = viewport;
    return (id) => {
      const x = longitude[id] as number;
      const y = latitude[id] as number;
      return x >= west && x <= east && y >= south && y <= north && ((domain[id] as number) & wanted) !== 0;
    };
  }

  #refresh(): void {
    const { series, revision } = this.#index;
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#longitude = new Float64Array(series.length);
    this.#latitude = new Float64Array(series.length);
    this.#domain = new Uint8Array(series.length);
    series.forEach((one, id) => {
      if (!one) return;
      const { location, domain } = one.point.point;
      this.#longitude[id] = location.longitude;
      this.#latitude[id] = location.latitude;
      this.#domain[id] = domainBit(domain);
    });
  }
}

const domainBit = (domain: Domain): number => 1 << DOMAINS.indexOf(domain);
