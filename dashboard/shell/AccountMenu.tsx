import { Menu, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { sessionQuery } from '../client/queries.ts';
import { IconBell, IconDeviceDesktop, IconDots, IconLogout, IconMoon, IconSun, IconUser } from '../components/icons.ts';
import { setLanguage } from '../i18n/i18n.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { phoneNavigationFor } from './navigation.ts';

const SCHEMES = [
  { value: 'auto', label: 'account.schemeSystem', icon: IconDeviceDesktop },
  { value: 'dark', label: 'account.schemeDark', icon: IconMoon },
  { value: 'light', label: 'account.schemeLight', icon: IconSun },
] as const;
const LANGUAGE_NAMES = { vi: 'account.languageVi', en: 'account.languageEn' } as const;

/** Who is signed in, language, light or dark, sign out. */
export function AccountMenu({ placement }: { placement: 'rail' | 'bottom' }) {
  const { t, language } = useLanguage();
  const { session, settings } = usePlatform();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const navigate = useNavigate();

  async function signOut(): Promise<void> {
    await call('DELETE /session').catch(() => {});
    // The pages go first: what they still ask would only be told that nobody is signed in.
    queries.removeQueries({ queryKey: sessionQuery.queryKey });
    await navigate({ to: '/login' });
    queries.clear();
  }

  const roles = [...new Set(session.user.roles.map(({ role }) => role))];
  return (
    <Menu position={placement === 'rail' ? 'right-end' : 'top-end'} width={260}>
      <Menu.Target>
        <button type="button" className={placement === 'rail' ? 'rail-link' : 'bottom-link'}>
          {placement === 'rail' ? (
            <IconUser size={22} stroke={1.6} aria-hidden="true" />
          ) : (
            <IconDots size={22} stroke={1.6} aria-hidden="true" />
          )}
          <span>{placement === 'rail' ? t('nav.account') : t('nav.more')}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className="account-who">
          <strong className="truncate">{session.user.displayName}</strong>
          <span className="secondary small">{roles.map((role) => t(`role.${role}`)).join(', ')}</span>
        </div>
        {placement === 'bottom' ? (
          <>
            <Menu.Divider />
            {phoneNavigationFor(session).menu.map(({ to, label, icon: EntryIcon }) => (
              <Menu.Item
                key={to}
                leftSection={<EntryIcon size={18} aria-hidden="true" />}
                onClick={() => void navigate({ to })}
              >
                {t(label)}
              </Menu.Item>
            ))}
          </>
        ) : null}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconBell size={18} aria-hidden="true" />}
          onClick={() => void navigate({ to: '/notifications', search: {} })}
        >
          {t('notifications.title')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('account.language')}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={(next) => setLanguage(next === 'en' ? 'en' : 'vi')}>
          {(['vi', 'en'] as const).map((each) => (
            <Menu.RadioItem key={each} value={each} lang={each} closeMenuOnClick={false}>
              {t(LANGUAGE_NAMES[each])}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t('account.appearance')}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(next) => setColorScheme(next as typeof colorScheme)}>
          {SCHEMES.map(({ value, label, icon: SchemeIcon }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick={false}>
              <span className="menu-choice">
                <SchemeIcon size={18} aria-hidden="true" />
                {t(label)}
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={18} aria-hidden="true" />} onClick={() => void signOut()}>
          {t('account.signOut')}
        </Menu.Item>
        <Menu.Label>{t('account.version', { version: settings.version })}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
