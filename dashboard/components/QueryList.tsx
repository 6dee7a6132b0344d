import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ListLoading } from './Loading.tsx';
import { Failure } from './States.tsx';

/** A list that is asked for: on its way, not to be had, empty, or there. */
export function QueryList<T>({
  query,
  loading,
  rows = 8,
  empty,
  children,
}: {
  query: Pick<UseQueryResult<{ readonly items: readonly T[] }>, 'data' | 'error' | 'refetch'>;
  /** What is waited for, in words. */
  loading: string;
  /** Lines to draw while it is waited for. */
  rows?: number;
  /** In place of a list without items. */
  empty: ReactNode;
  children: (items: readonly T[]) => ReactNode;
}) {
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <ListLoading rows={rows} what={loading} />;
  return query.data.items.length === 0 ? empty : children(query.data.items);
}
