import { Link, useLocation } from '@tanstack/react-router';
import { usePlatform } from '../client/platform.tsx';
import { holdsAnywhere } from '../client/session.ts';
import { useCurrentTabShown } from '../components/use-current-tab-shown.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** Points, devices, the ways devices come in, quarantine: views of what is installed. */
export function AssetTabs() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { pathname } = useLocation();
  const row = useCurrentTabShown(pathname);
  const tabs = [
    { to: '/points', label: 'assets.points' },
    { to: '/devices', label: 'assets.devices' },
    { to: '/models', label: 'assets.models' },
    { to: '/firmware', label: 'assets.firmware' },
    ...(holdsAnywhere(session, 'assets.write') ? [{ to: '/imports', label: 'assets.imports' } as const] : []),
    ...(holdsAnywhere(session, 'credentials.write') ? [{ to: '/labels', label: 'assets.labels' } as const] : []),
    ...(holdsAnywhere(session, 'agency.administer')
      ? [{ to: '/provisioning', label: 'assets.provisioning' } as const]
      : []),
    ...(holdsAnywhere(session, 'quarantine.read') ? [{ to: '/quarantine', label: 'assets.quarantine' } as const] : []),
  ] as const;
  return (
    <nav ref={row} className="tabs" aria-label={t('nav.assets')}>
      {tabs.map(({ to, label }) => (
        <Link key={to} to={to} className="tab" aria-current={pathname === to ? 'page' : undefined}>
          {t(label)}
        </Link>
      ))}
    </nav>
  );
}
