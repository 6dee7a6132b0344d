import { Link, useLocation } from '@tanstack/react-router';
import { usePlatform } from '../client/platform.tsx';
import { useReplay } from '../client/use-replay.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { AccountMenu } from './AccountMenu.tsx';
import { Lighthouse } from './Lighthouse.tsx';
import { navigationFor } from './navigation.ts';

/** The slim bar at the left, for mouse and keyboard. */
export function Rail() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { pathname } = useLocation();
  const { replay } = useReplay();
  return (
    <nav className="rail" aria-label={t('nav.main')}>
      <div className="rail-mark" title="Hải Đăng">
        <Lighthouse size={30} />
      </div>
      <ul className="rail-list">
        {navigationFor(session).map(({ to, label, icon: EntryIcon, alsoAt }) => {
          const here = pathname === to || alsoAt.includes(pathname) || (to === '/replay' && replay !== null);
          return (
            <li key={to}>
              <Link
                to={to}
                className="rail-link"
                data-here={here || undefined}
                aria-current={pathname === to ? 'page' : here ? 'true' : undefined}
              >
                <EntryIcon size={22} stroke={1.6} aria-hidden="true" />
                <span>{t(label)}</span>
              </Link>
            </li>
          );
        })}
      </ul>
      <AccountMenu placement="rail" />
    </nav>
  );
}
