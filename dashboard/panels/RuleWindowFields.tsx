import { NumberInput, Select } from '@mantine/core';
import { useLanguage } from '../i18n/use-language.ts';
import { MEASURES, type Measure, type RuleDraft, takesMeasure } from '../state/rule-draft.ts';

const DIRECTIONS = ['rising', 'falling', 'either'] as const;

/** What a number field says: `null` while it is empty. */
export const numberOrNull = (value: number | string): number | null => (typeof value === 'number' ? value : null);

/** What of the last while is judged: a change, a statistic, stillness; nothing to fill in where each reading is judged by itself. */
export function RuleWindowFields({
  draft,
  change,
  withUnit,
}: {
  draft: RuleDraft;
  change: (next: Partial<RuleDraft>) => void;
  withUnit: (label: string) => string;
}) {
  const { t, language } = useLanguage();
  const decimalSeparator = language === 'vi' ? ',' : '.';
  const field = (
    key: 'windowMinutes' | 'intervalMinutes' | 'capturePercent' | 'percentile' | 'tolerance',
    label: string,
    hint?: string,
  ) => (
    <NumberInput
      label={label}
      {...(hint === undefined ? {} : { description: hint })}
      decimalSeparator={decimalSeparator}
      min={0}
      value={draft[key] ?? ''}
      onChange={(value) => change({ [key]: numberOrNull(value) })}
    />
  );
  const window = field('windowMinutes', t('rules.window'));
  const expected = (
    <div className="form-row">
      {field('intervalMinutes', t('rules.interval'))}
      {field('capturePercent', t('rules.capture'), t('rules.captureHint'))}
    </div>
  );
  if (draft.kind === 'rate_of_change') {
    return (
      <div className="form-row">
        <Select
          label={t('rules.direction')}
          data={DIRECTIONS.map((each) => ({ value: each, label: t(`rules.directions.${each}`) }))}
          value={draft.direction}
          allowDeselect={false}
          onChange={(direction) => change({ direction: (direction ?? 'rising') as RuleDraft['direction'] })}
        />
        {window}
      </div>
    );
  }
  if (draft.kind === 'frozen') {
    return (
      <>
        <div className="form-row">
          {field('tolerance', withUnit(t('rules.tolerance')), t('rules.toleranceHint'))}
          {window}
        </div>
        {expected}
      </>
    );
  }
  if (!takesMeasure(draft.kind)) return null;
  return (
    <>
      <div className="form-row">
        <Select
          label={t('rules.measure')}
          data={MEASURES.map((each) => ({ value: each, label: t(`rules.measures.${each}`) }))}
          value={draft.measure}
          allowDeselect={false}
          onChange={(measure) => change({ measure: (measure ?? 'each') as Measure })}
        />
        {draft.measure === 'percentile' ? field('percentile', t('rules.percentile')) : null}
        {draft.measure === 'each' ? null : window}
      </div>
      {draft.measure === 'each' ? null : expected}
    </>
  );
}
