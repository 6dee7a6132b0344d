import { NumberInput, Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { numberOrNull } from '../../components/number-input.ts';
import { useLanguage } from '../../i18n/use-language.ts';

/** A number, `null` while there is none. */
export function NumberField({
  label,
  value,
  onChange,
  unit = '',
  min,
  description,
}: {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  unit?: string;
  min?: number;
  description?: string;
}) {
  const { language } = useLanguage();
  return (
    <NumberInput
      label={unit === '' ? label : `${label} (${unit})`}
      description={description}
      decimalSeparator={language === 'vi' ? ',' : '.'}
      {...(min === undefined ? {} : { min })}
      value={value ?? ''}
      onChange={(next) => onChange(numberOrNull(next))}
    />
  );
}

const UNIT_MINUTES = { minutes: 1, hours: 60, days: 1440 } as const;
type TimeUnit = keyof typeof UNIT_MINUTES;
const TIME_UNITS = ['minutes', 'hours', 'days'] as const satisfies readonly TimeUnit[];
const unitOf = (minutes: number | null): TimeUnit =>
  TIME_UNITS.findLast((unit) => minutes !== null && minutes > 0 && minutes % UNIT_MINUTES[unit] === 0) ?? 'minutes';

/** A length of time in minutes, typed in whatever unit fits. */
export function DurationField({
  label,
  minutes,
  onChange,
  description,
}: {
  label: string;
  minutes: number | null;
  onChange: (minutes: number | null) => void;
  description?: string;
}) {
  const { t } = useLanguage();
  const [unit, setUnit] = useState<TimeUnit>(() => unitOf(minutes));
  const factor = UNIT_MINUTES[unit];
  return (
    <div className="rule-duration">
      <NumberField
        label={label}
        min={0}
        {...(description === undefined ? {} : { description })}
        value={minutes === null ? null : minutes / factor}
        onChange={(value) => onChange(value === null ? null : value * factor)}
      />
      <Select
        aria-label={t('ruleForm.timeUnit', { label })}
        data={TIME_UNITS.map((each) => ({ value: each, label: t(`ruleForm.timeUnits.${each}`) }))}
        value={unit}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        onChange={(next) => {
          const chosen = TIME_UNITS.find((each) => each === next) ?? 'minutes';
          setUnit(chosen);
          if (minutes !== null) onChange((minutes / factor) * UNIT_MINUTES[chosen]);
        }}
      />
    </div>
  );
}

/** One of few words. Its list stays in the popover it is in, or that would close. */
export function ChoiceField<T extends string>({
  label,
  value,
  options,
  onChange,
  searchable = false,
}: {
  label: string;
  value: T;
  options: readonly { readonly value: T; readonly label: string; readonly disabled?: boolean }[];
  onChange: (value: T) => void;
  searchable?: boolean;
}) {
  const { t } = useLanguage();
  return (
    <Select
      label={label}
      data={[...options]}
      value={value}
      allowDeselect={false}
      searchable={searchable}
      nothingFoundMessage={t('search.nothing')}
      comboboxProps={{ withinPortal: false }}
      maxDropdownHeight={220}
      onChange={(next) => {
        if (next !== null) onChange(next as T);
      }}
    />
  );
}

export const Fields = ({ children }: { children: ReactNode }) => <div className="rule-fields">{children}</div>;
