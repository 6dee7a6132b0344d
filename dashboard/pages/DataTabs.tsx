import { Link, useLocation } from '@tanstack/react-router';
import { usePlatform } from '../client/platform.tsx';
import { holdsAnywhere } from '../client/session.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** Readings that leave as files, side by side in a chart, and files of stations that come and go. */
export function DataTabs() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { pathname } = useLocation();
  const tabs = [
    { to: '/export', label: 'exports.title' },
    { to: '/compare', label: 'compare.title' },
    ...(holdsAnywhere(session, 'rules.write') ? [{ to: '/stations', label: 'stations.title' } as const] : []),
  ] as const;
  return (
    <nav className="tabs" aria-label={t('nav.data')}>
      {tabs.map(({ to, label }) => (
        <Link key={to} to={to} className="tab" aria-current={pathname === to ? 'page' : undefined}>
          {t(label)}
        </Link>
      ))}
    </nav>
  );
}
