import { notifications } from '@mantine/notifications';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
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
