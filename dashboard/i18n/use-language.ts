import { useTranslation } from 'react-i18next';
import type { Language } from '../../domain/localized.ts';

/** The translate function and the language numbers, dates and names are written in. */
export function useLanguage() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === 'en' ? 'en' : 'vi';
  return { t, language };
}
