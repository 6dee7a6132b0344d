import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AlarmId, PointId } from '../../domain/identifiers.ts';
import { alarmSound } from '../client/alarm-sound.ts';
import { placesQuery } from '../client/places.ts';
import { useLive, usePlatform } from '../client/platform.tsx';
import { searchQuery } from '../client/search.ts';
import { useCity } from '../client/use-city.tsx';
import { IconClock, IconCurrentLocation, IconSearch } from '../components/icons.ts';
import { setLanguage } from '../i18n/i18n.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { writeView } from '../state/map-address.ts';
import { RECENT_MAX, readFinds, withFind } from '../state/recent-finds.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { Glyph, StateMark } from '../symbols/Symbols.tsx';
import { navigationFor } from './navigation.ts';
import { palettePages } from './palette-pages.ts';
import { MUTE_BY_KEY_MS } from './SoundSwitch.tsx';

const MOST_POINTS = 8;
const MOST_OF_A_KIND = 5;
/** A city this large is searched by the server alone. */
const SEARCHED_HERE = 5_000;
const TYPING_PAUSE_MS = 150;
const RECENT_KEY = 'hd-recent-finds';
const NO_ALARMS: ReadonlyMap<AlarmId, AlarmWire> = new Map();

/** Folded once for each state of an alarm: thousands may be open. */
const foldedAlarms = new WeakMap<AlarmWire, string>();
function alarmText(alarm: AlarmWire): string {
  const known = foldedAlarms.get(alarm);
  if (known !== undefined) return known;
  const { point, rule, pointId } = alarm;
  const made = foldText([point?.name.vi, point?.name.en, rule?.name.vi, rule?.name.en, pointId].join(' '));
  foldedAlarms.set(alarm, made);
  return made;
}

/** The best `most` of `items` for what is sought, both folded. */
function best<T>(items: Iterable<T>, textOf: (item: T) => string, wanted: string, most: number): readonly T[] {
  const ranked: { readonly item: T; readonly rank: number }[] = [];
  for (const item of items) {
    const rank = matchRank(textOf(item), wanted);
    if (rank !== null) ranked.push({ item, rank });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ item }) => item);
}

/** Ctrl+K, `/`, or the search on the map: any point, device, site, open alarm, street, page and action, and what was found before. */
export function CommandPalette() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { points, pointById, agencyName } = useCity();
  const router = useRouter();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [query, setQuery] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [recent, setRecent] = useState(() => readFinds(localStorage.getItem(RECENT_KEY)));
  const alarms = useLive((state) => (isOpen ? state.table.alarms : NO_ALARMS));
  const wanted = foldText(query.trim());
  const [asked] = useDebouncedValue(query.trim(), TYPING_PAUSE_MS);
  const { data: hits, isPlaceholderData } = useQuery({ ...searchQuery(asked), enabled: isOpen && asked !== '' });
  /** The server also knows names in the other language; what it found for what was typed some moments ago must still fit. */
  const isFoundForThis = asked === query.trim() && !isPlaceholderData;
  const places = useQuery({ ...placesQuery, enabled: isOpen && wanted !== '' }).data;

  const folded = useMemo(
    () =>
      points.length > SEARCHED_HERE
        ? []
        : points.map((point) => ({ point, text: foldText(`${point.name.vi} ${point.name.en} ${point.id}`) })),
    [points],
  );

  /** An entry that leads to an address, and is offered again next time. */
  const leading = (id: string, label: string, icon: ReactNode, href: string, description?: string) => ({
    id,
    label,
    leftSection: icon,
    ...(description === undefined ? {} : { description }),
    onClick: () => {
      const next = withFind(recent, { id, label, href });
      setRecent(next);
      localStorage.setItem(RECENT_KEY, JSON.stringify(next));
      router.history.push(href);
    },
  });
  const entryOf = (text: string) => matchRank(foldText(text), wanted) !== null;
  const stillFits = ({ label, id }: { readonly label: string; readonly id: string }) =>
    isFoundForThis || entryOf(`${label} ${id}`);

  const pointEntries = (): SpotlightActionData[] => {
    const found = (hits ?? []).filter((hit) => hit.kind === 'point' && stillFits(hit));
    const here = best(folded, ({ text }) => text, wanted, MOST_POINTS).map(({ point }) => point.id as string);
    const ids = [...new Set([...here, ...found.map(({ id }) => id)])].slice(0, MOST_POINTS);
    return ids.map((id) => {
      const point = pointById.get(id as PointId);
      const label = point?.name[language] ?? found.find((hit) => hit.id === id)?.label ?? id;
      const icon = point ? <Glyph name={point.domain} size={18} /> : <IconCurrentLocation size={18} stroke={1.6} />;
      const owner = point ? agencyName.get(point.agencyId)?.[language] : undefined;
      return leading(`point ${id}`, label, icon, `/?${new URLSearchParams({ point: id })}`, owner);
    });
  };
  const otherHits = (): SpotlightActionData[] => {
    // A site that has its point's name would only say the same twice.
    const named = new Set(best(folded, ({ text }) => text, wanted, MOST_POINTS).map(({ point }) => point.name.vi));
    for (const { kind, label } of hits ?? []) if (kind === 'point') named.add(label);
    return (hits ?? [])
      .filter((hit) => hit.kind !== 'point' && !named.has(hit.label) && stillFits(hit))
      .slice(0, MOST_OF_A_KIND)
      .map(({ kind, id, label, location }) =>
        kind === 'device'
          ? leading(
              `device ${id}`,
              label,
              <Glyph name="device" size={18} />,
              `/devices?${new URLSearchParams({ device: id })}`,
              t('search.device'),
            )
          : leading(
              `site ${id}`,
              label,
              <IconCurrentLocation size={18} stroke={1.6} />,
              location ? `/?view=${writeView({ ...location, zoom: 15 })}` : '/',
              t('search.site'),
            ),
      );
  };
  const alarmEntries = (): SpotlightActionData[] =>
    best(alarms.values(), alarmText, wanted, MOST_OF_A_KIND).map((alarm) =>
      leading(
        `alarm ${alarm.id}`,
        alarm.point?.name[language] ?? alarm.pointId,
        <StateMark state={alarm.severity} size={18} />,
        `/alarms?${new URLSearchParams({ alarm: alarm.id })}`,
        `${t(`severity.${alarm.severity}`)} · ${alarm.rule?.name[language] ?? alarm.ruleId}`,
      ),
    );
  const placeEntries = (): SpotlightActionData[] =>
    best(places ?? [], ({ text }) => text, wanted, MOST_OF_A_KIND).map(({ name, kind, view }) =>
      leading(
        `${kind} ${name}`,
        name,
        <IconCurrentLocation size={18} stroke={1.6} />,
        `/?view=${writeView(view)}`,
        t(`search.${kind}`),
      ),
    );
  const pageEntries: SpotlightActionData[] = [
    ...navigationFor(session)
      .filter(({ label }) => entryOf(t(label)))
      .map(({ to, label, icon: EntryIcon }) => ({
        id: `page ${to}`,
        label: t(label),
        leftSection: <EntryIcon size={18} stroke={1.6} />,
        onClick: () => router.history.push(to),
      })),
    ...(wanted === '' ? [] : palettePages(session))
      .filter(({ label }) => entryOf(t(label)))
      .map(({ to, label }) => ({ id: `page ${to}`, label: t(label), onClick: () => router.history.push(to) })),
  ];
  const actionEntries = (
    [
      {
        id: 'action theme',
        label: t(colorScheme === 'light' ? 'search.toDark' : 'search.toLight'),
        onClick: () => setColorScheme(colorScheme === 'light' ? 'dark' : 'light'),
      },
      {
        id: 'action language',
        label: t('search.otherLanguage'),
        onClick: () => setLanguage(language === 'vi' ? 'en' : 'vi'),
      },
      {
        id: 'action sound',
        label: t(alarmSound.get().mutedUntil === null ? 'sound.mute.hour' : 'sound.turnOn'),
        onClick: () => alarmSound.muteFor(alarmSound.get().mutedUntil === null ? MUTE_BY_KEY_MS : 0),
      },
    ] satisfies SpotlightActionData[]
  ).filter(({ label }) => wanted !== '' && entryOf(label));
  const recentEntries = recent.map(({ id, label, href }) =>
    leading(id, label, <IconClock size={18} stroke={1.6} />, href),
  );

  const groups = (
    wanted === ''
      ? [
          { group: t('search.recent'), actions: recentEntries },
          { group: t('search.pages'), actions: pageEntries },
        ]
      : [
          { group: t('search.points'), actions: pointEntries() },
          { group: t('search.alarms'), actions: alarmEntries() },
          { group: t('search.devicesAndSites'), actions: otherHits() },
          { group: t('search.places'), actions: placeEntries() },
          { group: t('search.pages'), actions: pageEntries },
          { group: t('search.actions'), actions: actionEntries },
        ]
  ).filter(({ actions }) => actions.length > 0);

  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      onSpotlightOpen={() => setOpen(true)}
      onSpotlightClose={() => setOpen(false)}
      filter={(_query, actions) => actions}
      nothingFound={t('search.nothing')}
      shortcut={['mod + K', '/']}
      limit={MOST_POINTS + 4 * MOST_OF_A_KIND + RECENT_MAX}
      scrollable
      maxHeight={480}
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
