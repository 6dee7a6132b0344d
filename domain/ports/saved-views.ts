import type { SavedView, SavedViewId, SavedViewKind } from '../saved-view.ts';

/**
 * People's saved views under the access of a `RegistryView`: one's own, and those that others share with an agency one reads whole. Only the owner
 * changes or removes a view; every write leaves an audit row.
 */
export interface SavedViewsView {
  /** One's own by name, then others' by name. */
  list(filter: { readonly kind?: SavedViewKind }): Promise<readonly SavedView[]>;
  /** @throws {RegistryError} NOT_FOUND */
  get(id: SavedViewId): Promise<SavedView>;
  /**
   * @throws {RegistryError} ALREADY_EXISTS for a name in use, SAVED_VIEWS_FULL beyond `SAVED_VIEWS_MAX` of a kind, REFERENCE_MISSING when shared with
   * an agency one doesn't belong to
   */
  create(view: Pick<SavedView, 'id' | 'kind' | 'name' | 'content' | 'sharedWith'>): Promise<SavedView>;
  /**
   * Name, content and who may open it.
   * @throws {RegistryError} as `create`; NOT_ALLOWED for another's; CONFLICT when `version` isn't the current one; INVALID_STATE for another kind
   */
  update(view: Pick<SavedView, 'id' | 'kind' | 'name' | 'content' | 'sharedWith' | 'version'>): Promise<SavedView>;
  /** @throws {RegistryError} NOT_ALLOWED for another's; CONFLICT when `version` isn't the current one */
  remove(id: SavedViewId, version: number): Promise<void>;
}
