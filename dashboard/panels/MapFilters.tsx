import { Menu } from '@mantine/core';
import { POINT_STATES, type PointState } from '../../domain/point-state.ts';
import { DOMAINS, type Domain } from '../../domain/quantity.ts';
import { useCity } from '../client/use-city.tsx';
import { IconChevronDown } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Glyph, StateMark } from '../symbols/Symbols.tsx';

interface FilterChange {
  readonly domains?: string | undefined;
  readonly states?: string | undefined;
  readonly agency?: string | undefined;
}

const toggled = <T extends string>(list: readonly T[], item: T): string | undefined => {
  const next = list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
  return next.length === 0 ? undefined : next.join(' ');
};

/** What the map shows: domains at one press each, states and agency behind a menu. Nothing chosen shows all. */
export function MapFilters({
  domains,
  states,
  agency,
  onChange,
}: {
  domains: readonly Domain[];
  states: readonly PointState[];
  agency: string | null;
  onChange: (change: FilterChange) => void;
}) {
  const { t, language } = useLanguage();
  const { agencies } = useCity();
  const agencyLabel = agencies.find(({ id }) => id === agency)?.name[language];
  return (
    <fieldset className="bare map-filters" aria-label={t('filter.label')}>
      {DOMAINS.map((domain) => (
        <button
          key={domain}
          type="button"
          className="chip"
          aria-pressed={domains.includes(domain)}
          onClick={() => onChange({ domains: toggled(domains, domain) })}
        >
          <Glyph name={domain} size={14} />
          <span className="chip-word">{t(`domain.${domain}`)}</span>
        </button>
      ))}
      <Menu closeOnItemClick={false} position="bottom-start">
        <Menu.Target>
          <button type="button" className="chip" data-active={states.length > 0 || undefined}>
            {states.length === 0 ? t('filter.states') : t('filter.statesChosen', { count: states.length })}
            <IconChevronDown size={14} aria-hidden="true" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {POINT_STATES.map((state) => (
            <Menu.CheckboxItem
              key={state}
              checked={states.includes(state)}
              onChange={() => onChange({ states: toggled(states, state) })}
            >
              <span className="menu-choice">
                <StateMark state={state} size={16} />
                {t(`state.${state}`)}
              </span>
            </Menu.CheckboxItem>
          ))}
        </Menu.Dropdown>
      </Menu>
      {agencies.length > 1 ? (
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" className="chip" data-active={agency !== null || undefined}>
              <span className="truncate">{agencyLabel ?? t('filter.agency')}</span>
              <IconChevronDown size={14} aria-hidden="true" />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.RadioGroup value={agency} onChange={(next) => onChange({ agency: next || undefined })}>
              <Menu.RadioItem value="" checked={agency === null}>
                {t('filter.allAgencies')}
              </Menu.RadioItem>
              {agencies.map(({ id, name }) => (
                <Menu.RadioItem key={id} value={id}>
                  {name[language]}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Dropdown>
        </Menu>
      ) : null}
    </fieldset>
  );
}
