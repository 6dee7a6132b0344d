import { Button, Modal, PasswordInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { UserWire } from '../../api/contract/users.ts';
import { ROLES, type Role, type RoleAssignment } from '../../domain/access.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { agenciesQuery } from '../client/queries.ts';
import { agenciesWith } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconPlus, IconTrash } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatDate } from '../state/formatting.ts';

const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call('GET /users', { query: { limit: 1000 }, signal }),
});

/** Who may come in and what they may do. */
export function UsersPage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/users' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const { agencyName } = useCity();
  const users = useQuery(usersQuery);
  const [adding, setAdding] = useState(false);
  const show = (user: string | undefined) => void navigate({ to: '/users', search: user ? { user } : {} });
  const rolesText = (roles: readonly RoleAssignment[]): string =>
    roles
      .map(({ role, agencyId }) =>
        agencyId === null
          ? t(`role.${role}`)
          : `${t(`role.${role}`)} (${agencyName.get(agencyId)?.[language] ?? agencyId})`,
      )
      .join(', ');
  const selected = users.data?.items.find(({ id }) => id === search.user);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('users.title')}</h1>
        <span className="grow" />
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
          {t('users.add')}
        </Button>
      </header>
      <div className="page-list">
        {users.isPending ? (
          <ListLoading what={t('loading.users')} />
        ) : users.error ? (
          <Failure error={users.error} retry={() => void users.refetch()} />
        ) : users.data.items.length === 0 ? (
          <Empty title={t('users.empty')} />
        ) : (
          <VirtualGrid
            label={t('users.title')}
            items={users.data.items}
            keyOf={(user) => user.id}
            rowHeight={36}
            phoneRowHeight={56}
            withHeader={!isPhone}
            selectedKey={search.user ?? null}
            onOpen={(user) => show(user.id)}
            columns={[
              {
                key: 'name',
                header: t('users.displayName'),
                width: 'minmax(140px, 1.4fr)',
                cell: (user) => (
                  <>
                    {user.displayName}
                    {user.disabledAt === null ? null : <span className="secondary"> · {t('users.disabled')}</span>}
                  </>
                ),
              },
              {
                key: 'login',
                header: t('login.name'),
                width: 'minmax(100px, 1fr)',
                wideOnly: true,
                cell: (user) => user.loginName,
              },
              {
                key: 'roles',
                header: t('users.roles'),
                width: 'minmax(140px, 2.4fr)',
                cell: (user) => rolesText(user.roles),
              },
              {
                key: 'created',
                header: t('users.created'),
                width: '110px',
                wideOnly: true,
                numeric: true,
                cell: (user) => formatDate(user.createdAt, language),
              },
            ]}
          />
        )}
      </div>
      {adding ? <UserForm user={null} onClose={() => setAdding(false)} /> : null}
      {selected ? <UserForm key={selected.id} user={selected} onClose={() => show(undefined)} /> : null}
    </div>
  );
}

/** A new user, or one to be changed. */
function UserForm({ user, onClose }: { user: UserWire | null; onClose: () => void }) {
  const { t, language: shownLanguage } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const allAgencies = useQuery(agenciesQuery);
  const agencies = agenciesWith(session, 'agency.administer', allAgencies.data?.items ?? []);
  const isPlatformAdmin = session.permissions['platform.administer'] !== undefined;
  const [loginName, setLoginName] = useState(user?.loginName ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [language, setLanguage] = useState<Language>(user?.language ?? 'vi');
  const [roles, setRoles] = useState<readonly RoleAssignment[]>(user?.roles ?? []);
  const [disabled, setDisabled] = useState(user !== null && user.disabledAt !== null);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      if (user === null) {
        await call('POST /users', { body: { loginName, displayName, language, roles, password } });
      } else {
        const params = { userId: user.id };
        await call('PUT /users/{userId}', {
          params,
          ifMatch: user.version,
          body: { displayName, language, roles, disabled },
        });
        if (password !== '') await call('PUT /users/{userId}/password', { params, body: { password } });
      }
      await queries.invalidateQueries({ queryKey: usersQuery.queryKey });
      notifications.show({ message: t('users.saved', { name: displayName }) });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  const setRole = (at: number, change: Partial<RoleAssignment>) =>
    setRoles(roles.map((role, i) => (i === at ? { ...role, ...change } : role)));
  const offeredRoles = ROLES.filter((role) => isPlatformAdmin || role !== 'platform_admin');

  return (
    <Modal
      opened
      onClose={onClose}
      title={user === null ? t('users.add') : user.displayName}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
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
        <fieldset className="form role-fields">
          <legend>{t('users.roles')}</legend>
          {roles.map((held, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same role may stand twice while it is being edited
            <div key={i} className="form-row">
              <Select
                aria-label={t('users.role')}
                data={offeredRoles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
                value={held.role}
                allowDeselect={false}
                onChange={(role) =>
                  setRole(i, {
                    role: role as Role,
                    agencyId: role === 'platform_admin' ? null : (held.agencyId ?? agencies[0]?.id ?? null),
                  })
                }
              />
              {held.role === 'platform_admin' ? null : (
                <Select
                  aria-label={t('alarms.agency')}
                  data={agencies.map((agency) => ({ value: agency.id, label: agency.name[shownLanguage] }))}
                  value={held.agencyId}
                  allowDeselect={false}
                  onChange={(agency) => setRole(i, { agencyId: agency as AgencyId })}
                />
              )}
              <button
                type="button"
                className="icon-button"
                style={{ flex: 'none', minWidth: 0 }}
                aria-label={t('users.removeRole')}
                onClick={() => setRoles(roles.filter((_, at) => at !== i))}
              >
                <IconTrash size={16} aria-hidden="true" />
              </button>
            </div>
          ))}
          <button
            type="button"
            className="text-button"
            onClick={() => setRoles([...roles, { role: 'viewer', agencyId: agencies[0]?.id ?? null }])}
          >
            {t('users.addRole')}
          </button>
        </fieldset>
        <PasswordInput
          label={user === null ? t('login.password') : t('users.newPassword')}
          description={user === null ? t('users.passwordRule') : t('users.newPasswordHint')}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
        />
        {user === null ? null : (
          <Switch
            label={t('users.disable')}
            description={t('users.disableHint')}
            checked={disabled}
            onChange={(event) => setDisabled(event.currentTarget.checked)}
          />
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
    </Modal>
  );
}
