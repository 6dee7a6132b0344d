import { DatePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import 'dayjs/locale/vi';
import { useLanguage } from '../i18n/use-language.ts';

/** One month at a time, weeks from Monday. `day` as `2026-11-26`, or '' for none. */
export function Calendar({
  day,
  max,
  onChoose,
}: {
  day: string;
  max: string | undefined;
  onChoose: (day: string) => void;
}) {
  const { t, language } = useLanguage();
  return (
    <DatePicker
      value={day === '' ? null : day}
      {...(day === '' ? {} : { defaultDate: day })}
      {...(max === undefined ? {} : { maxDate: max })}
      locale={language}
      firstDayOfWeek={1}
      // Colour is kept for what is abnormal: a Sunday is a day like others.
      weekendDays={[]}
      // Escape closes the calendar, not the dialog it stands in.
      __stopPropagation
      ariaLabels={{
        monthLevelControl: t('dateField.chooseMonth'),
        yearLevelControl: t('dateField.chooseYear'),
        previousMonth: t('dateField.previousMonth'),
        nextMonth: t('dateField.nextMonth'),
        previousYear: t('dateField.previousYear'),
        nextYear: t('dateField.nextYear'),
        previousDecade: t('dateField.previousDecade'),
        nextDecade: t('dateField.nextDecade'),
      }}
      onChange={(chosen) => chosen !== null && onChoose(chosen)}
    />
  );
}
