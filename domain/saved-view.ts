import type { Brand } from './brand.ts';
import type { AgencyId, UserId } from './identifiers.ts';
import type { EpochMs } from './time.ts';

/** What a person can keep under a name: a filter of the alarm list, a look at the map, a chart, a moment in the past. */
export const SAVED_VIEW_KINDS = ['alarm_filter', 'map_view', 'chart', 'replay_bookmark'] as const;
export type SavedViewKind = (typeof SAVED_VIEW_KINDS)[number];

/** Views of one kind that a person keeps: more than anyone finds again in a menu. */
export const SAVED_VIEWS_MAX = 100;

export type SavedViewId = Brand<string, 'SavedViewId'>;

/** One person's view. Its content is the words of its page's address, so that opening it is going there. */
export interface SavedView {
  readonly id: SavedViewId;
  readonly kind: SavedViewKind;
  readonly owner: UserId;
  /** Unique among the owner's views of the kind. */
  readonly name: string;
  readonly content: Readonly<Record<string, string>>;
  /** Whose people may open it too, but not change it; `null`: the owner alone. */
  readonly sharedWith: AgencyId | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly version: number;
}
