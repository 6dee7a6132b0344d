import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from './http.ts';

const HITS = 20;
/** The longest text that is looked for. */
export const SEARCH_TEXT_MAX = 120;

/** Points, sites and devices by name, without diacritics; the server looks, since it alone has the whole city. What was found before stays until then. */
export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['search', text],
    queryFn: async ({ signal }) =>
      (await call('GET /search', { query: { text: text.slice(0, SEARCH_TEXT_MAX), limit: HITS }, signal })).items,
    enabled: text !== '',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
