import type { ReactNode } from 'react';
import { setLanguage } from '../i18n/i18n.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Lighthouse } from '../shell/Lighthouse.tsx';

/** What surrounds the pages before a session: the name, the language, one card. */
export function SignInFrame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const { t, language } = useLanguage();
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="sign-in-top">
          <div className="sign-in-brand">
            <Lighthouse size={36} />
            <div>
              <div className="sign-in-name">Hải Đăng</div>
              <div className="secondary small">{t('login.subtitle')}</div>
            </div>
          </div>
          <fieldset className="bare language-switch" aria-label={t('account.language')}>
            {(['vi', 'en'] as const).map((each) => (
              <button
                key={each}
                type="button"
                lang={each}
                aria-pressed={each === language}
                onClick={() => setLanguage(each)}
              >
                {each.toUpperCase()}
                <span className="visually-hidden">
                  {' '}
                  {t(each === 'vi' ? 'account.languageVi' : 'account.languageEn')}
                </span>
              </button>
            ))}
          </fieldset>
        </div>
        <h1>{title}</h1>
        <p className="secondary">{lead}</p>
        {children}
      </div>
    </main>
  );
}
