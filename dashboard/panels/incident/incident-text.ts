import type { IncidentWire } from '../../../api/contract/incidents.ts';
import type { TextKey } from '../../../domain/localized.ts';
import { useCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';

const FAMILIES = ['rain', 'wind', 'street_flood', 'river', 'traffic', 'air', 'noise', 'salinity'] as const;

const TITLES = ['no_supply', 'no_water', 'no_data', 'offline', 'limit', 'hidden', 'device', 'place', 'hand'] as const;
const BEHIND = ['meters', 'places'] as const;
const EVIDENCE = ['own', 'inferred', 'no_supply', 'no_data', 'offline', 'limit', 'device', 'place', 'hand'] as const;

/** Texts of causes and evidence, with names, counts and times as the reader's language writes them. */
export function useIncidentText() {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const familyName = (key: string): string => {
    const known = FAMILIES.find((family) => family === key);
    if (known !== undefined) return t(`incident.family.${known}`);
    const quantity = [...quantities.values()].find((each) => each.key === key);
    return quantity?.name[language] ?? key;
  };
  const textOf = ({ key, params = {} }: TextKey): string => {
    const [, group, word] = key.split('.');
    const time = (name: 'first' | 'last'): string => {
      const value = params[name];
      return typeof value === 'number' ? formatDateTime(value, language, true) : '';
    };
    const { count, total, family } = params;
    const times = { first: time('first'), last: time('last') };
    const filled = {
      name: params[`name_${language}`] ?? t('incident.unnamed'),
      ...(typeof count === 'number' ? { count, shown: formatCount(count, language) } : {}),
      ...(typeof total === 'number' ? { total: formatCount(total, language) } : {}),
      ...(typeof family === 'string' ? { family: familyName(family) } : {}),
      ...times,
    };
    const when = t(times.first === times.last ? 'incident.when.at' : 'incident.when.span', times);
    const title = TITLES.find((each) => group === 'title' && each === word);
    if (title !== undefined) return t(`incident.title.${title}`, filled);
    const behind = BEHIND.find((each) => group === 'behind' && each === word);
    if (behind !== undefined) return t(`incident.behind.${behind}`, { ...filled, count: filled.count ?? 0 });
    const evidence = EVIDENCE.find((each) => group === 'evidence' && each === word);
    return evidence === undefined
      ? key
      : t(`incident.evidence.${evidence}`, { ...filled, when, count: filled.count ?? 0 });
  };
  return {
    textOf,
    titleOf: ({ name, title }: Pick<IncidentWire, 'name' | 'title'>): string => name ?? title.map(textOf).join(', '),
  };
}
