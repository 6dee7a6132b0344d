import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import en from './en.json' with { type: 'json' };
import vi from './vi.json' with { type: 'json' };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

const REMEMBERED_AS = 'hd.language';

function rememberedLanguage(): Language {
  try {
    const text = localStorage.getItem(REMEMBERED_AS);
    return LANGUAGES.find((language) => language === text) ?? 'vi';
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return 'vi';
  }
}

/** Both catalogues travel with the page: switching is instant and needs no network. */
export const i18n = i18next.createInstance();
void i18n.use(initReactI18next).init({
  lng: rememberedLanguage(),
  fallbackLng: false,
  supportedLngs: [...LANGUAGES],
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
  initAsync: false,
});
document.documentElement.lang = i18n.language;

export const currentLanguage = (): Language => (i18n.language === 'en' ? 'en' : 'vi');

/** Changes the language at once, and remembers it on this machine. */
export function setLanguage(language: Language): void {
  try {
    localStorage.setItem(REMEMBERED_AS, language);
  } catch {
    // As above.
  }
  document.documentElement.lang = language;
  void i18n.changeLanguage(language);
}
