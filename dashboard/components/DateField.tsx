import { Popover, TextInput, type TextInputProps } from '@mantine/core';
import { type KeyboardEvent, lazy, Suspense, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { type DateKind, readDate, writeDate } from '../state/written-date.ts';
import { IconCalendar } from './icons.ts';
import '../styles/date-field.css';

/** Fetched when somebody opens it: most dates are written. */
const Calendar = lazy(() => import('./Calendar.tsx').then(({ Calendar: component }) => ({ default: component })));

interface DateFieldProps extends Omit<TextInputProps, 'type' | 'value' | 'onChange' | 'rightSection'> {
  readonly kind: DateKind;
  /** As forms keep it, see {@link DateKind}; '' for none. */
  readonly value: string;
  /** The last day that the calendar offers. */
  readonly max?: string | undefined;
  /** Told of every change that is understood, and of '' when what stands there is not. */
  readonly onChange: (value: string) => void;
}

/**
 * A day, a moment or a time of day, written as the language writes it whatever the browser's own is, and read in either language's way; or a day chosen
 * from a calendar, which the button or Alt with the down arrow opens.
 */
export function DateField({ kind, value, max, onChange, error, onBlur, onKeyDown, ...rest }: DateFieldProps) {
  const { t, language } = useLanguage();
  /** What is being written; `null` while it says what `value` says. */
  const [text, setText] = useState<string | null>(null);
  const [isLeft, setLeft] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const isUnread = text !== null && text.trim() !== '' && readDate(text, kind) === null;
  const hasCalendar = kind !== 'time' && rest.disabled !== true && rest.readOnly !== true;

  function write(next: string): void {
    setText(next);
    setLeft(false);
    const read = readDate(next, kind) ?? '';
    if (read !== value) onChange(read);
  }
  function choose(day: string): void {
    setOpen(false);
    setText(null);
    onChange(kind === 'moment' ? `${day}T${value.slice(11) || '00:00'}` : day);
  }
  const openByKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    onKeyDown?.(event);
    if (!hasCalendar || !event.altKey || event.key !== 'ArrowDown') return;
    event.preventDefault();
    setOpen(true);
  };
  const calendar = (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button
          type="button"
          className="icon-button date-field-button"
          aria-label={t('dateField.open')}
          onClick={() => setOpen(!isOpen)}
        >
          <IconCalendar size={16} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense fallback={<div className="date-field-shape" aria-busy="true" />}>
          <Calendar day={value.slice(0, 10)} max={max?.slice(0, 10)} onChoose={choose} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
  return (
    <TextInput
      placeholder={t(`dateField.placeholder.${kind}`)}
      autoComplete="off"
      {...rest}
      value={text ?? writeDate(value, language)}
      error={isUnread && isLeft ? t(`dateField.unread.${kind}`) : error}
      onChange={(event) => write(event.currentTarget.value)}
      onBlur={(event) => {
        onBlur?.(event);
        setLeft(true);
        if (!isUnread) setText(null);
      }}
      onKeyDown={openByKey}
      rightSection={hasCalendar ? calendar : undefined}
      rightSectionWidth="var(--hd-target)"
    />
  );
}
