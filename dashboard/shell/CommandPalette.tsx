import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { usePlatform } from '../client/platform.tsx';
import { useWholeCity } from '../client/use-city.tsx';
import { IconSearch } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { Glyph } from '../symbols/Symbols.tsx';
import { navigationFor } from './navigation.ts';

const MOST_HITS = 12;

/** Ctrl+K, or the search on the map: points by name, and the pages. */
export function CommandPalette() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  // A large city's names are fetched once somebody looks for one.
  const { points, agencyName } = useWholeCity(query !== '');

  const folded = useMemo(
    () => points.map((point) => ({ point, text: foldText(`${point.name.vi} ${point.name.en} ${point.id}`) })),
    [points],
  );
  const wanted = foldText(query.trim());
  const pages: SpotlightActionData[] = navigationFor(session)
    .filter(({ label }) => matchRank(foldText(t(label)), wanted) !== null)
    .map(({ to, label, icon: EntryIcon }) => ({
      id: `page ${to}`,
      label: t(label),
      leftSection: <EntryIcon size={18} stroke={1.6} />,
      onClick: () => void navigate({ to }),
    }));
  const hits: SpotlightActionData[] =
    wanted === ''
      ? []
      : folded
          .map(({ point, text }) => ({ point, rank: matchRank(text, wanted) }))
          .filter(({ rank }) => rank !== null)
          .sort((a, b) => (a.rank ?? 9) - (b.rank ?? 9))
          .slice(0, MOST_HITS)
          .map(({ point }) => ({
            id: `point ${point.id}`,
            label: point.name[language],
            description: agencyName.get(point.agencyId)?.[language] ?? '',
            leftSection: <Glyph name={point.domain} size={18} />,
            onClick: () => void navigate({ to: '/', search: { point: point.id } }),
          }));

  return (
    <Spotlight
      actions={[...hits, ...pages]}
      query={query}
      onQueryChange={setQuery}
      filter={(_query, actions) => actions}
      nothingFound={t('search.nothing')}
      shortcut={['mod + K', '/']}
      limit={MOST_HITS + 5}
      lockScroll={false}
      attributes={{ content: { 'aria-label': t('search.open') } }}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: t('search.placeholder'),
        'aria-label': t('search.placeholder'),
        // The dialog's own trap takes the focus some moments later: what a quick hand types until then went nowhere.
        autoFocus: true,
      }}
    />
  );
}
