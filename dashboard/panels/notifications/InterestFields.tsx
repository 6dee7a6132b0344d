import { MultiSelect, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { WARDS } from '../../../config/city/hai-phong/wards.ts';
import type { AlarmInterest } from '../../../domain/notifications/alarm-interest.ts';
import { DOMAINS } from '../../../domain/quantity.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { rulesQuery, sitesQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';

type Part = keyof AlarmInterest;
/** A city has thousands of sites and rules: the rest is found by typing. */
const CHOICES_SHOWN = 50;

/** Which alarms: whatever is left empty matches all. */
export function InterestFields({
  value,
  onChange,
  withSeverities,
}: {
  value: AlarmInterest;
  onChange: (next: AlarmInterest) => void;
  withSeverities: boolean;
}) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const rules = useQuery(rulesQuery);
  const sites = useQuery(sitesQuery);
  const set = (part: Part, chosen: readonly string[]): void => {
    const { [part]: _, ...others } = value;
    onChange(chosen.length === 0 ? others : { ...others, [part]: chosen });
  };
  const chosen = (part: Part): string[] => [...((value[part] ?? []) as readonly string[])];
  const choices: readonly (readonly [Part, readonly { readonly value: string; readonly label: string }[]])[] = [
    ...(withSeverities
      ? [['severities', SEVERITIES.map((each) => ({ value: each, label: t(`severity.${each}`) }))] as const]
      : []),
    ['domains', DOMAINS.map((each) => ({ value: each, label: t(`domain.${each}`) }))],
    ['quantities', [...quantities.values()].map(({ key, name }) => ({ value: key, label: name[language] }))],
    ['rules', (rules.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name[language] }))],
    ['sites', (sites.data ?? []).map(({ id, name }) => ({ value: id, label: name[language] }))],
    ['wards', [...WARDS.values()].map(({ code, name }) => ({ value: code, label: name[language] }))],
  ];
  return (
    <div className="interest-fields">
      {choices.map(([part, data]) => (
        <MultiSelect
          key={part}
          label={t(`notifications.interest.${part as 'domains'}`)}
          placeholder={chosen(part).length === 0 ? t('notifications.interest.all') : ''}
          data={[...data]}
          value={chosen(part)}
          onChange={(next) => set(part, next)}
          searchable
          limit={CHOICES_SHOWN}
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          nothingFoundMessage={t('search.nothing')}
          hidePickedOptions
        />
      ))}
      <TagsInput
        label={t('notifications.interest.tags')}
        placeholder={chosen('tags').length === 0 ? t('notifications.interest.all') : ''}
        value={chosen('tags')}
        onChange={(next) => set('tags', next)}
      />
    </div>
  );
}
