import { Popover, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { WARDS } from '../../../config/city/hai-phong/wards.ts';
import { DOMAINS, type Domain } from '../../../domain/quantity.ts';
import { SEVERITIES, type Severity } from '../../../domain/rule.ts';
import { colleaguesQuery, rulesQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { IconFilter } from '../../components/icons.ts';
import { SearchField } from '../../components/SearchField.tsx';
import { useIsPhone } from '../../components/use-media.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { ASSIGNED_TO_ME, ASSIGNED_TO_NOBODY, CONDITION_FILTERS, WORK_FILTERS } from '../../state/alarm-list.ts';
import { ALARM_SINCE, type AlarmSearch, isFiltered, NO_FILTER_WORDS } from '../../state/alarm-search.ts';
import { Glyph, StateMark } from '../../symbols/Symbols.tsx';

const toggled = (words: string | undefined, word: string): string | undefined => {
  const list = words?.split(' ').filter(Boolean) ?? [];
  const next = list.includes(word) ? list.filter((each) => each !== word) : [...list, word];
  return next.length === 0 ? undefined : next.join(' ');
};
const has = (words: string | undefined, word: string): boolean => words?.split(' ').includes(word) ?? false;

/** What the list is narrowed to. All of it stands in the page's address, so that it can be kept under a name and sent to a colleague. */
export function AlarmFilters({
  search,
  withWork,
  onChange,
}: {
  search: AlarmSearch;
  /** Work and condition of alarms that are over say nothing. */
  withWork: boolean;
  onChange: (change: Partial<Record<keyof AlarmSearch, string | undefined>>) => void;
}) {
  const { t, language } = useLanguage();
  const isPhone = useIsPhone();
  const { agencies, points } = useCity();
  const rules = useQuery(rulesQuery).data?.items;
  const colleagues = useQuery(colleaguesQuery).data?.items;
  const wards = useMemo(() => {
    const used = new Set(points.flatMap(({ wardCode }) => (wardCode === null ? [] : [wardCode])));
    return [...used]
      .map((code) => ({ value: code as string, label: WARDS.get(code)?.name[language] ?? code }))
      .sort((a, b) => a.label.localeCompare(b.label, language));
  }, [points, language]);
  const more =
    (['agency', 'ward', 'rule', 'assignee', 'since', 'condition'] as const).filter(
      (word) => search[word] !== undefined && (withWork || word !== 'condition'),
    ).length + (withWork ? WORK_FILTERS.filter((work) => work !== 'new' && has(search.work, work)).length : 0);
  const choose = (
    word: 'agency' | 'ward' | 'rule' | 'assignee' | 'since' | 'condition',
    data: { value: string; label: string }[],
    searchable = false,
  ) => (
    <Select
      label={t(`alarms.filter.${word}`)}
      placeholder={t('alarms.filter.any')}
      data={data}
      value={search[word] ?? null}
      onChange={(next) => onChange({ [word]: next ?? undefined })}
      clearable
      searchable={searchable}
      clearButtonProps={{ 'aria-label': t('common.clear') }}
      nothingFoundMessage={t('search.nothing')}
      comboboxProps={{ withinPortal: false }}
    />
  );
  const workChip = (work: (typeof WORK_FILTERS)[number]) => (
    <button
      key={work}
      type="button"
      className="chip"
      aria-pressed={has(search.work, work)}
      onClick={() => onChange({ work: toggled(search.work, work) })}
    >
      {t(`work.${work}`)}
    </button>
  );
  return (
    <fieldset className="bare page-tools alarm-tools" aria-label={t('filter.label')}>
      <SearchField
        key={search.text === undefined ? 'none' : 'some'}
        value={search.text ?? ''}
        label={isPhone ? t('alarms.filter.text') : `${t('alarms.filter.text')} (F)`}
        onChange={(text) => onChange({ text: text.trim() === '' ? undefined : text })}
      />
      {SEVERITIES.map((severity: Severity) => (
        <button
          key={severity}
          type="button"
          className="chip"
          aria-pressed={has(search.severities, severity)}
          onClick={() => onChange({ severities: toggled(search.severities, severity) })}
        >
          <StateMark state={severity} size={14} />
          {t(`severity.${severity}`)}
        </button>
      ))}
      {DOMAINS.map((domain: Domain) => (
        <button
          key={domain}
          type="button"
          className="chip"
          aria-pressed={has(search.domains, domain)}
          onClick={() => onChange({ domains: toggled(search.domains, domain) })}
        >
          <Glyph name={domain} size={14} />
          {t(`domain.${domain}`)}
        </button>
      ))}
      {withWork ? workChip('new') : null}
      <Popover position="bottom-end" width={300} withinPortal trapFocus>
        <Popover.Target>
          <button type="button" className="chip" data-active={more > 0 || undefined}>
            <IconFilter size={14} aria-hidden="true" />
            {more > 0 ? t('alarms.filter.moreChosen', { count: more }) : t('alarms.filter.more')}
          </button>
        </Popover.Target>
        <Popover.Dropdown className="form">
          {withWork ? <div className="chips">{WORK_FILTERS.filter((work) => work !== 'new').map(workChip)}</div> : null}
          {choose(
            'agency',
            agencies.map(({ id, name }) => ({ value: id, label: name[language] })),
          )}
          {choose('ward', wards, true)}
          {choose(
            'rule',
            (rules ?? []).map(({ id, name }) => ({ value: id, label: name[language] })),
            true,
          )}
          {choose(
            'assignee',
            [
              { value: ASSIGNED_TO_ME, label: t('alarms.filter.me') },
              { value: ASSIGNED_TO_NOBODY, label: t('alarms.assigneeNobody') },
              ...(colleagues ?? []).map(({ id, displayName }) => ({ value: id as string, label: displayName })),
            ],
            true,
          )}
          {withWork
            ? choose(
                'condition',
                CONDITION_FILTERS.map((each) => ({ value: each, label: t(`condition.${each}`) })),
              )
            : null}
          {choose(
            'since',
            Object.entries(ALARM_SINCE).map(([value, hours]) => ({
              value,
              label:
                hours < 72
                  ? t('alarms.filter.hours', { count: hours })
                  : t('alarms.filter.days', { count: hours / 24 }),
            })),
          )}
        </Popover.Dropdown>
      </Popover>
      {isFiltered(search) ? (
        <button type="button" className="link-button" onClick={() => onChange(NO_FILTER_WORDS)}>
          {t('alarms.filter.none')}
        </button>
      ) : null}
    </fieldset>
  );
}
