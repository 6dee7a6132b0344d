import { Button, Modal, PasswordInput, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { UserWire } from '../../../api/contract/users.ts';
import type { RoleAssignment } from '../../../domain/access.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import type { Language } from '../../../domain/localized.ts';
import { call } from '../../client/http.ts';
import { usersQuery } from '../../client/people.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { LinkOnce } from './LinkOnce.tsx';
import { RoleFields } from './RoleFields.tsx';
import { UserSessions } from './UserSessions.tsx';

/** A new user, who gets a link for choosing a password, or one to be changed, let in again or shut out. */
export function UserForm({ user, onClose }: { user: UserWire | null; onClose: () => void }) {
  const { t, language: shownLanguage } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [loginName, setLoginName] = useState(user?.loginName ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [language, setLanguage] = useState<Language>(user?.language ?? 'vi');
  const [roles, setRoles] = useState<readonly RoleAssignment[]>(user?.roles ?? []);
  const [disabled, setDisabled] = useState(user !== null && user.disabledAt !== null);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [link, setLink] = useState<{ readonly address: string; readonly expiresAt: number } | null>(null);

  /** Does it, or says why it wasn't done. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: usersQuery.queryKey });
    }
  }
  const invite = async (userId: UserId) => {
    const { path, expiresAt } = await call('POST /users/{userId}/invitation', { params: { userId } });
    setLink({ address: new URL(path, window.location.origin).href, expiresAt });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const secret = password === '' ? {} : { password };
      if (user === null) {
        const made = await call('POST /users', { body: { loginName, displayName, language, roles, ...secret } });
        if (password === '') {
          await invite(made.id);
          return;
        }
      } else {
        const params = { userId: user.id };
        await call('PUT /users/{userId}', {
          params,
          ifMatch: user.version,
          body: { displayName, language, roles, disabled },
        });
        if (password !== '') await call('PUT /users/{userId}/password', { params, body: { password } });
      }
      notifications.show({ message: t('users.saved', { name: displayName }) });
      onClose();
    });
  };
  const isMade = user === null && link !== null;

  return (
    <Modal
      opened
      onClose={onClose}
      title={user === null ? t('users.add') : user.displayName}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {link ? (
        <LinkOnce
          text={link.address}
          title={t('users.link', { name: displayName })}
          hint={t('users.linkHint', { time: formatDateTime(link.expiresAt, shownLanguage) })}
        />
      ) : null}
      {isMade ? (
        <Button mt={16} onClick={onClose}>
          {t('common.close')}
        </Button>
      ) : (
        <form className="form" onSubmit={submit} noValidate>
          {user === null ? (
            <TextInput
              label={t('login.name')}
              autoCapitalize="none"
              autoComplete="off"
              value={loginName}
              onChange={(event) => setLoginName(event.currentTarget.value)}
              data-autofocus
            />
          ) : null}
          <TextInput
            label={t('users.displayName')}
            value={displayName}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
          <SegmentedControl
            aria-label={t('account.language')}
            data={[
              { value: 'vi', label: t('account.languageVi') },
              { value: 'en', label: t('account.languageEn') },
            ]}
            value={language}
            onChange={(next) => setLanguage(next === 'en' ? 'en' : 'vi')}
          />
          <RoleFields roles={roles} onChange={setRoles} />
          <PasswordInput
            label={user === null ? t('users.passwordOptional') : t('users.newPassword')}
            description={user === null ? t('users.passwordOptionalHint') : t('users.newPasswordHint')}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
          />
          {user === null ? null : (
            <>
              <div>
                <Button variant="default" loading={busy} onClick={() => void attempt(() => invite(user.id))}>
                  {t('users.makeLink')}
                </Button>
                <p className="small secondary">{t('users.makeLinkHint')}</p>
              </div>
              <Switch
                label={t('users.disable')}
                description={t('users.disableHint')}
                checked={disabled}
                onChange={(event) => setDisabled(event.currentTarget.checked)}
              />
              <UserSessions userId={user.id} attempt={attempt} />
            </>
          )}
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <Button type="submit" loading={busy} disabled={roles.length === 0}>
            {t('common.save')}
          </Button>
        </form>
      )}
    </Modal>
  );
}
