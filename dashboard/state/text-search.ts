/** `text` lower-cased and without diacritics (đ as d), so that "tram bom" finds "Trạm bơm". */
export const foldText = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase();

/**
 * How well `text` answers `query`, both folded: 0 the text starts with it, 1 a word starts with it, 2 it occurs somewhere,
 * 3 every word of the query occurs somewhere; `null` not at all. An empty query matches everything with 2.
 */
export function matchRank(text: string, query: string): 0 | 1 | 2 | 3 | null {
  if (query === '') return 2;
  const at = text.indexOf(query);
  if (at === 0) return 0;
  if (at > 0) return /[\s\-–(/.,]/.test(text[at - 1] ?? '') ? 1 : 2;
  return query.split(/\s+/).every((word) => text.includes(word)) ? 3 : null;
}
