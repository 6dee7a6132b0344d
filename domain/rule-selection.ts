import type { Location, SeriesDirectoryEntry } from './asset.ts';
import type { PointSelection, Position, Rule } from './rule.ts';

/** What a point is selected by. */
export type Selectable = Pick<
  SeriesDirectoryEntry,
  'pointId' | 'siteId' | 'agencyId' | 'tags' | 'location' | 'wardCode' | 'models'
>;

/**
 * Whether a rule watches a series: its own agency's, of its quantity, and {@link isSelected}. A device swapped or a point moved moves what
 * is selected, from the moment the registry says so.
 */
export function watches(
  rule: Pick<Rule, 'agencyId' | 'quantity' | 'selection'>,
  series: SeriesDirectoryEntry,
): boolean {
  return rule.quantity === series.quantity && rule.agencyId === series.agencyId && isSelected(rule.selection, series);
}

/** Whether a point matches every part of the selection that is given. */
export function isSelected(selection: PointSelection, point: Selectable): boolean {
  const { points, sites, tags, models, wards, polygon } = selection;
  return (
    (points === undefined || points.includes(point.pointId)) &&
    (sites === undefined || sites.includes(point.siteId)) &&
    (tags === undefined || tags.every((tag) => point.tags.includes(tag))) &&
    (models === undefined || models.some((model) => point.models.includes(model))) &&
    (wards === undefined || (point.wardCode !== null && wards.includes(point.wardCode))) &&
    (polygon === undefined || isInside(polygon, point.location))
  );
}

/**
 * Whether a place lies in the area of the outline, on a flat map of degrees (what people draw). On the line counts as inside, so that of two areas that
 * share a border a point on it is in both; of an outline that crosses itself, what is enclosed an odd number of times is inside. The outline must
 * not cross the 180th meridian.
 */
export function isInside(outline: readonly Position[], { longitude, latitude }: Location): boolean {
  let inside = false;
  for (let i = 0, before = outline.length - 1; i < outline.length; before = i++) {
    const [fromX, fromY] = outline[before]!;
    const [toX, toY] = outline[i]!;
    const cross = (toX - fromX) * (latitude - fromY) - (toY - fromY) * (longitude - fromX);
    if (
      cross === 0 &&
      longitude >= Math.min(fromX, toX) &&
      longitude <= Math.max(fromX, toX) &&
      latitude >= Math.min(fromY, toY) &&
      latitude <= Math.max(fromY, toY)
    ) {
      return true;
    }
    // A ray to the east crosses this side: its lower end counts, its upper end doesn't, so a corner is counted once.
    const above = fromY > latitude;
    if (above !== toY > latitude && longitude < ((toX - fromX) * (latitude - fromY)) / (toY - fromY) + fromX) {
      inside = !inside;
    }
  }
  return inside;
}
