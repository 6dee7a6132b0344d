import { Button, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Season, Weekday, WeeklyHours } from '../../../domain/active-times.ts';
import { DateField } from '../../components/DateField.tsx';
import { IconTrash } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { RuleDraft } from '../../state/rule-draft.ts';
import { weekdayName } from '../../state/rule-words.ts';
import { ChoiceField } from './fields.tsx';

const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const MONTHS = Array.from({ length: 12 }, (_, i) => String(i + 1).padStart(2, '0'));
/** Of a leap year: 29 February is a day that a season may begin on. */
const daysOf = (month: string): readonly string[] =>
  Array.from({ length: new Date(Date.UTC(2024, Number(month), 0)).getUTCDate() }, (_, i) =>
    String(i + 1).padStart(2, '0'),
  );

type Times = Pick<RuleDraft, 'weekly' | 'seasons'>;

/** When a rule applies: hours of the week and dates of the year; none of either means always. */
export function ActiveTimesFields({ draft, change }: { draft: Times; change: (next: Partial<Times>) => void }) {
  const { t } = useLanguage();
  const setHours = (at: number, next: Partial<WeeklyHours>) =>
    change({ weekly: draft.weekly.map((each, i) => (i === at ? { ...each, ...next } : each)) });
  const setSeason = (at: number, next: Partial<Season>) =>
    change({ seasons: draft.seasons.map((each, i) => (i === at ? { ...each, ...next } : each)) });
  return (
    <div className="rule-fields">
      <p className="small secondary">{t('ruleForm.activeHint')}</p>
      {draft.weekly.map((hours, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: hours have no other name than their place
        <Hours key={at} hours={hours} change={(next) => setHours(at, next)}>
          <Remove
            label={t('ruleForm.removeHours')}
            onClick={() => change({ weekly: draft.weekly.filter((_, i) => i !== at) })}
          />
        </Hours>
      ))}
      {draft.seasons.map((season, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: seasons have no other name than their place
        <div key={at} className="rule-season">
          <SeasonDay
            label={t('ruleForm.seasonFrom')}
            value={season.from}
            onChange={(from) => setSeason(at, { from })}
          />
          <SeasonDay label={t('ruleForm.seasonTo')} value={season.to} onChange={(to) => setSeason(at, { to })} />
          <Remove
            label={t('ruleForm.removeSeason')}
            onClick={() => change({ seasons: draft.seasons.filter((_, i) => i !== at) })}
          />
        </div>
      ))}
      <div className="actions">
        <Button
          variant="default"
          size="xs"
          onClick={() => change({ weekly: [...draft.weekly, { days: [1, 2, 3, 4, 5], from: '06:00', to: '22:00' }] })}
        >
          {t('ruleForm.addHours')}
        </Button>
        <Button
          variant="default"
          size="xs"
          onClick={() => change({ seasons: [...draft.seasons, { from: '05-01', to: '10-31' }] })}
        >
          {t('ruleForm.addSeason')}
        </Button>
      </div>
    </div>
  );
}

function Hours({
  hours,
  change,
  children,
}: {
  hours: WeeklyHours;
  change: (next: Partial<WeeklyHours>) => void;
  children: ReactNode;
}) {
  const { t, language } = useLanguage();
  return (
    <div className="rule-hours">
      <Checkbox.Group
        label={t('ruleForm.days')}
        value={hours.days.map(String)}
        onChange={(days) => change({ days: days.map(Number).sort() as Weekday[] })}
      >
        <div className="rule-days">
          {WEEKDAYS.map((day) => (
            <Checkbox key={day} value={String(day)} label={weekdayName(day, language)} />
          ))}
        </div>
      </Checkbox.Group>
      <div className="rule-season">
        <DateField
          kind="time"
          label={t('ruleForm.from')}
          value={hours.from}
          onChange={(next) => change({ from: next })}
        />
        <DateField kind="time" label={t('ruleForm.to')} value={hours.to} onChange={(next) => change({ to: next })} />
        {children}
      </div>
    </div>
  );
}

const Remove = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <button type="button" className="icon-button" aria-label={label} onClick={onClick}>
    <IconTrash size={16} aria-hidden="true" />
  </button>
);

/** A day of every year, `MM-DD`. */
function SeasonDay({ label, value, onChange }: { label: string; value: string; onChange: (date: string) => void }) {
  const { t } = useLanguage();
  const [month = '01', day = '01'] = value.split('-');
  const days = daysOf(month);
  return (
    <div className="rule-date">
      <ChoiceField
        label={t('ruleForm.dayOf', { label })}
        value={day}
        options={days.map((each) => ({ value: each, label: String(Number(each)) }))}
        onChange={(next) => onChange(`${month}-${next}`)}
      />
      <ChoiceField
        label={t('ruleForm.month')}
        value={month}
        options={MONTHS.map((each) => ({ value: each, label: String(Number(each)) }))}
        onChange={(next) => onChange(`${next}-${daysOf(next).includes(day) ? day : (daysOf(next).at(-1) ?? '01')}`)}
      />
    </div>
  );
}
