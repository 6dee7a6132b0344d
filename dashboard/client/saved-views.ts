import { notifications } from '@mantine/notifications';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import type { SavedViewDraft, SavedViewWire } from '../../api/contract/saved-views.ts';
import type { SavedViewKind } from '../../domain/saved-view.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from './http.ts';

const KEY = 'saved-views';

/** One's own views of a kind by name, then those of colleagues. */
export const savedViewsQuery = (kind: SavedViewKind) =>
  queryOptions({
    queryKey: [KEY, kind],
    queryFn: async ({ signal }): Promise<readonly SavedViewWire[]> =>
      (await call('GET /me/views', { query: { kind }, signal })).items,
  });

type NewSavedView = Pick<SavedViewWire, 'kind' | 'name' | 'content' | 'sharedWith'>;

/** Where the words of each kind of view stand in the address. */
const PAGE_OF: Readonly<Record<SavedViewKind, string>> = {
  alarm_filter: '/alarms',
  map_view: '/',
  chart: '/compare',
  replay_bookmark: '/',
};
/** Copies an address that opens a view: for whoever may see what it shows. False: this page may not copy, as on an origin that isn't secure. */
export function useCopyViewLink(): (kind: SavedViewKind, content: SavedViewWire['content']) => Promise<boolean> {
  const router = useRouter();
  return async (kind, content) => {
    const { href } = router.buildLocation({ to: PAGE_OF[kind], search: content as never });
    try {
      await navigator.clipboard.writeText(new URL(href, window.location.origin).href);
      return true;
    } catch {
      return false;
    }
  };
}

/** Saves, changes and deletes views; says so when that was refused. Each is true when it was done. */
export function useSavedViews() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const done = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    try {
      await work();
      return true;
    } catch (error) {
      notifications.show({ color: 'red', title: t('views.refused'), message: problemText(error) });
      return false;
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: [KEY] });
    }
  };
  const draftOf = ({ kind, name, content, sharedWith }: NewSavedView) =>
    // The server checks the words of the content against the kind.
    ({ kind, name, content, sharedWith }) as SavedViewDraft;
  return {
    busy,
    save: (view: NewSavedView) => done(() => call('POST /me/views', { body: draftOf(view) })),
    change: (view: SavedViewWire, change: Partial<Omit<NewSavedView, 'kind'>>) =>
      done(() =>
        call('PUT /me/views/{viewId}', {
          params: { viewId: view.id },
          ifMatch: view.version,
          body: draftOf({ ...view, ...change }),
        }),
      ),
    remove: (view: SavedViewWire) =>
      done(() => call('DELETE /me/views/{viewId}', { params: { viewId: view.id }, ifMatch: view.version })),
  };
}
