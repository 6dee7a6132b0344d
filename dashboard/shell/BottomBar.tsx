import { Link, useLocation } from '@tanstack/react-router';
import { usePlatform } from '../client/platform.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { AccountMenu } from './AccountMenu.tsx';
import { phoneNavigationFor } from './navigation.ts';

/** The phone's navigation; the rail stands in its place on wide screens. */
export function BottomBar() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { pathname } = useLocation();
  return (
    <nav className="bottom-bar" aria-label={t('nav.main')}>
      {phoneNavigationFor(session).bar.map(({ to, label, icon: EntryIcon, alsoAt }) => {
        const here = pathname === to || alsoAt.includes(pathname);
        return (
          <Link
            key={to}
            to={to}
            className="bottom-link"
            data-here={here || undefined}
            aria-current={pathname === to ? 'page' : here ? 'true' : undefined}
          >
            <EntryIcon size={22} stroke={1.6} aria-hidden="true" />
            <span>{t(label)}</span>
          </Link>
        );
      })}
      <AccountMenu placement="bottom" />
    </nav>
  );
}
