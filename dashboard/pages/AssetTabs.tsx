import { Link, useLocation } from '@tanstack/react-router';
import { usePlatform } from '../client/platform.tsx';
import { holdsAnywhere } from '../client/session.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** Points, devices, quarantine: three views of what is installed. */
export function AssetTabs() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { pathname } = useLocation();
  const tabs = [
    { to: '/points', label: 'assets.points' },
    { to: '/devices', label: 'assets.devices' },
    { to: '/models', label: 'assets.models' },
    ...(holdsAnywhere(session, 'quarantine.read') ? [{ to: '/quarantine', label: 'assets.quarantine' } as const] : []),
  ] as const;
  return (
    <nav className="tabs" aria-label={t('nav.assets')}>
      {tabs.map(({ to, label }) => (
        <Link key={to} to={to} className="tab" aria-current={pathname === to ? 'page' : undefined}>
          {t(label)}
        </Link>
      ))}
    </nav>
  );
}
