import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useCurrentTabShown } from '../components/use-current-tab-shown.ts';
import { useLanguage } from '../i18n/use-language.ts';

const TABS = [
  { to: '/users', label: 'users.title' },
  { to: '/roles', label: 'roles.title' },
  { to: '/agencies', label: 'agencies.title' },
  { to: '/sharing', label: 'sharing.title' },
  { to: '/api-keys', label: 'apiKeys.title' },
  { to: '/displays', label: 'displays.title' },
  { to: '/audit', label: 'audit.title' },
] as const;

/** A page of the administration: people, what they may do, who owns what, what is shared, and who did what. `action`: what is done here most. */
export function AdminPage({ action, children }: { action?: ReactNode; children: ReactNode }) {
  const { t } = useLanguage();
  const { pathname } = useLocation();
  const row = useCurrentTabShown(pathname);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.admin')}</h1>
        <nav ref={row} className="tabs" aria-label={t('nav.admin')}>
          {TABS.map(({ to, label }) => (
            <Link key={to} to={to} className="tab" aria-current={pathname === to ? 'page' : undefined}>
              {t(label)}
            </Link>
          ))}
        </nav>
        {action ? <span className="grow" /> : null}
        {action}
      </header>
      {children}
    </div>
  );
}
