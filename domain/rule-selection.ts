import type { SeriesDirectoryEntry } from './asset.ts';
import type { Rule } from './rule.ts';

/**
 * Whether a rule watches a series: its own agency's, of its quantity, and matching every part of the selection that is given: one of the
 * points, one of the sites, all of the tags. An empty selection matches all.
 */
export function watches(
  rule: Pick<Rule, 'agencyId' | 'quantity' | 'selection'>,
  series: SeriesDirectoryEntry,
): boolean {
  const { points, sites, tags } = rule.selection;
  return (
    rule.quantity === series.quantity &&
    rule.agencyId === series.agencyId &&
    (points === undefined || points.includes(series.pointId)) &&
    (sites === undefined || sites.includes(series.siteId)) &&
    (tags === undefined || tags.every((tag) => series.tags.includes(tag)))
  );
}
