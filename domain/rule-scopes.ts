import type { SeriesDirectoryEntry } from './asset.ts';
import { distanceMetres } from './distance.ts';
import type { AreaSituation } from './episode.ts';
import type { PointId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import type { Rule } from './rule.ts';
import { isSelected, watches } from './rule-selection.ts';

/** What one judgement of a rule over several series is about, and what goes into it. */
export interface JointScope {
  /** A point whose series are put together, or all the rule's points at once. */
  readonly kind: 'point' | 'area';
  /** Whose alarm it is: of an area the first of its points, until one is in breach. */
  readonly anchor: SeriesDirectoryEntry;
  /** The inputs, in the order in which the evaluator wants them. */
  readonly inputs: readonly SeriesDirectoryEntry[];
}

const METRES_A_DEGREE = 111_195;

/** The series there are, found by what rules ask for. Ordered by series within each list. */
export class SeriesIndex {
  readonly #byQuantity: ReadonlyMap<QuantityKey, readonly SeriesDirectoryEntry[]>;
  readonly #byPoint: ReadonlyMap<PointId, readonly SeriesDirectoryEntry[]>;

  constructor(directory: readonly SeriesDirectoryEntry[]) {
    const ordered = [...directory].sort((a, b) => a.series - b.series);
    this.#byQuantity = Map.groupBy(ordered, ({ quantity }) => quantity);
    this.#byPoint = Map.groupBy(ordered, ({ pointId }) => pointId);
  }

  /** The series of the rule's quantity at the points it selects. */
  watchedBy(rule: Pick<Rule, 'agencyId' | 'quantity' | 'selection'>): readonly SeriesDirectoryEntry[] {
    const { points } = rule.selection;
    const candidates =
      points === undefined
        ? (this.#byQuantity.get(rule.quantity) ?? [])
        : [...new Set(points)].flatMap((id) => this.#byPoint.get(id) ?? []);
    return candidates.filter((entry) => watches(rule, entry)).sort((a, b) => a.series - b.series);
  }

  /** What a rule over several series judges; none for other rules. */
  jointScopes(rule: Rule): readonly JointScope[] {
    const { condition } = rule;
    const watched = this.watchedBy(rule);
    switch (condition.kind) {
      case 'combination':
        return watched.flatMap((anchor): JointScope[] => {
          const inputs = condition.parts.flatMap(
            ({ quantity }) => this.#byPoint.get(anchor.pointId)?.find((entry) => entry.quantity === quantity) ?? [],
          );
          return inputs.length < condition.parts.length ? [] : [{ kind: 'point', anchor, inputs }];
        });
      case 'area_count': {
        const [anchor] = watched;
        return anchor === undefined ? [] : [{ kind: 'area', anchor, inputs: watched }];
      }
      case 'neighbours':
        return watched.map((anchor) => ({
          kind: 'point',
          anchor,
          inputs: [anchor, ...this.#neighboursOf(anchor, condition.withinMetres)],
        }));
      default:
        return [];
    }
  }

  #neighboursOf(entry: SeriesDirectoryEntry, withinMetres: number): readonly SeriesDirectoryEntry[] {
    const band = withinMetres / METRES_A_DEGREE;
    return (this.#byQuantity.get(entry.quantity) ?? []).filter(
      (other) =>
        other.agencyId === entry.agencyId &&
        other.pointId !== entry.pointId &&
        Math.abs(other.location.latitude - entry.location.latitude) <= band &&
        distanceMetres(entry.location, other.location) <= withinMetres,
    );
  }
}

/** The points of the agency that the selection matches, whatever they measure. */
export const selectedPoints = (
  rule: Pick<Rule, 'agencyId' | 'selection'>,
  directory: readonly SeriesDirectoryEntry[],
): readonly SeriesDirectoryEntry[] => {
  const seen = new Set<PointId>();
  return directory.filter((entry) => {
    if (entry.agencyId !== rule.agencyId || seen.has(entry.pointId) || !isSelected(rule.selection, entry)) return false;
    seen.add(entry.pointId);
    return true;
  });
};

/** Where an alarm of an area is shown: at the point that was farthest out. */
export function placeInArea({ inputs, anchor }: JointScope, situation: AreaSituation | null) {
  const { series, pointId } = inputs[situation?.worst ?? 0] ?? anchor;
  const breaching = (situation?.breaching ?? []).flatMap((i) => inputs[i]?.pointId ?? []);
  return { series, pointId, area: { points: inputs.map((input) => input.pointId), breaching } };
}
