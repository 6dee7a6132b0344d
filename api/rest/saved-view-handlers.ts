import type { RegistryView } from '../../domain/ports/registry.ts';
import type { SavedView, SavedViewId } from '../../domain/saved-view.ts';
import type { SavedViewDraft, SavedViewWire } from '../contract/saved-views.ts';
import { namesOf } from './colleagues.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';

type SavedViewRoutes =
  | 'GET /me/views'
  | 'POST /me/views'
  | 'GET /me/views/{viewId}'
  | 'PUT /me/views/{viewId}'
  | 'DELETE /me/views/{viewId}';

export function savedViewHandlers({ registry, newId }: HandlerPorts): Handlers<SavedViewRoutes> {
  const wire = async (view: SavedView, nameOf = namesOf(registry)): Promise<SavedViewWire> => ({
    ...view,
    ownerName: await nameOf(view.owner),
  });
  /** The draft as the registry keeps it: what is left out is absent, not undefined. */
  const fieldsOf = ({ kind, name, content, sharedWith }: SavedViewDraft) => ({
    ...{ kind, name, sharedWith },
    content: { ...content } as SavedView['content'],
  });
  const of = (view: RegistryView) => view.savedViews;

  return {
    async 'GET /me/views'({ view, query }) {
      const nameOf = namesOf(registry);
      const items = await of(view).list(given('kind', query.kind));
      return { items: await Promise.all(items.map((each) => wire(each, nameOf))) };
    },
    async 'POST /me/views'({ view, body }) {
      return wire(await of(view).create({ id: newId() as SavedViewId, ...fieldsOf(body) }));
    },
    async 'GET /me/views/{viewId}'({ view, params }) {
      return wire(await of(view).get(params.viewId));
    },
    async 'PUT /me/views/{viewId}'({ view, params, body, version }) {
      return wire(await of(view).update({ id: params.viewId, ...fieldsOf(body), version }));
    },
    'DELETE /me/views/{viewId}': ({ view, params, version }) => of(view).remove(params.viewId, version),
  };
}
