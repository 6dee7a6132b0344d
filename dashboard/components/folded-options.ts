import type { OptionsFilter } from '@mantine/core';
import { foldText, matchRank } from '../state/text-search.ts';

/** Finds choices as the rest of the platform is searched: whatever the case, with or without diacritics, the words in any order. */
export const foldedOptions: OptionsFilter = ({ options, search, limit }) => {
  const wanted = foldText(search.trim());
  const found: typeof options = [];
  for (const option of options) {
    if (found.length >= limit) break;
    if ('group' in option) {
      const items = foldedOptions({ options: option.items, search, limit: limit - found.length });
      found.push({ ...option, items: items as typeof option.items });
    } else if (matchRank(foldText(option.label), wanted) !== null) found.push(option);
  }
  return found;
};
