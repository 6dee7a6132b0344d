import { NumberInput, Select } from '@mantine/core';
import { hours, milliseconds } from '../../../domain/time.ts';
import { numberOrNull } from '../../components/number-input.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { ChecksDraft as Checks } from '../../state/model-draft.ts';

const CHOICES = ['usual', 'own', 'none'] as const;
type Choice = (typeof CHOICES)[number];

/** Where somebody begins who sets limits of their own; the numbers are to be changed. */
const FIRST_RATE = { step: 1, perMinute: 1 } as const;
const FIRST_STUCK = { after: hours(4) } as const;
const HOUR_MS = 3_600_000;

const choiceOf = (limit: object | null | undefined): Choice =>
  limit === undefined ? 'usual' : limit === null ? 'none' : 'own';

/** Limits of the automatic checks where this hardware differs from what is usual for its quantity. */
export function ChannelChecksFields({
  name,
  unitSymbol,
  checks,
  onChange,
}: {
  /** The channel's key, which tells its fields from those of others. */
  name: string;
  unitSymbol: string;
  checks: Checks;
  onChange: (checks: Checks) => void;
}) {
  const { t, language } = useLanguage();
  const decimalSeparator = language === 'vi' ? ',' : '.';
  const { rate, stuck } = checks;
  const choose = (part: keyof Checks, choice: Choice, first: object): void => {
    const { [part]: _, ...others } = checks;
    onChange(choice === 'usual' ? others : { ...others, [part]: choice === 'none' ? null : first });
  };
  const select = (part: keyof Checks, first: object) => (
    <Select
      label={t(`models.checks.${part}`)}
      data={CHOICES.map((value) => ({ value, label: t(`models.checks.${value}`) }))}
      value={choiceOf(checks[part])}
      allowDeselect={false}
      onChange={(next) => choose(part, CHOICES.find((each) => each === next) ?? 'usual', first)}
    />
  );
  const number = (label: string, value: number | null, set: (value: number | null) => void) => (
    <NumberInput
      label={label}
      decimalSeparator={decimalSeparator}
      min={0}
      value={value ?? ''}
      onChange={(next) => set(numberOrNull(next))}
    />
  );
  const unit = unitSymbol === '' ? '' : ` (${unitSymbol})`;
  return (
    <details className="channel-checks">
      <summary>
        {t('models.checks.title', { key: name })}
        {Object.keys(checks).length > 0 ? ` · ${t('models.checks.changed')}` : ''}
      </summary>
      <div className="check-row">
        {select('rate', FIRST_RATE)}
        {rate === undefined || rate === null ? null : (
          <>
            {number(`${t('models.checks.step')}${unit}`, rate.step, (step) =>
              onChange({ ...checks, rate: { ...rate, step } }),
            )}
            {number(`${t('models.checks.perMinute')}${unit}`, rate.perMinute, (perMinute) =>
              onChange({ ...checks, rate: { ...rate, perMinute } }),
            )}
          </>
        )}
      </div>
      <div className="check-row">
        {select('stuck', FIRST_STUCK)}
        {stuck === undefined || stuck === null
          ? null
          : number(t('models.checks.after'), stuck.after === null ? null : stuck.after / HOUR_MS, (after) =>
              onChange({
                ...checks,
                stuck: { ...stuck, after: after === null ? null : milliseconds(Math.round(after * HOUR_MS)) },
              }),
            )}
      </div>
    </details>
  );
}
