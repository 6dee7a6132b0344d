import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { IconSearch, IconX } from './icons.ts';

const TYPING_PAUSE_MS = 200;

/** Text to look for; told to its owner after a short pause in typing. */
export function SearchField({
  value,
  label,
  onChange,
}: {
  value: string;
  label: string;
  onChange: (text: string) => void;
}) {
  const { t } = useLanguage();
  const [text, setText] = useState(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: typing decides; the owner's function may be new each time
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextInput
      className="search-field"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      rightSection={
        text === '' ? null : (
          <button
            type="button"
            className="icon-button"
            aria-label={t('common.clear')}
            onClick={() => {
              setText('');
              onChange('');
            }}
          >
            <IconX size={14} aria-hidden="true" />
          </button>
        )
      }
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
