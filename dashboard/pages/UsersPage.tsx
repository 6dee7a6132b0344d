import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { RoleAssignment } from '../../domain/access.ts';
import { usersQuery } from '../client/people.ts';
import { useCity } from '../client/use-city.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { UserForm } from '../panels/people/UserForm.tsx';
import { formatCount, formatDate } from '../state/formatting.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/people.css';

/** Who may come in and what they may do. */
export function UsersPage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/users' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const { agencies, agencyName } = useCity();
  const users = useQuery(usersQuery);
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState('');
  const [agency, setAgency] = useState<string | null>(null);
  const show = (user: string | undefined) => void navigate({ to: '/users', search: user ? { user } : {} });
  // A role in several agencies is said once: their names would push the next role out of sight.
  const rolesText = (roles: readonly RoleAssignment[]): string =>
    [...Map.groupBy(roles, ({ role }) => role)]
      .map(([role, held]) => {
        const ids = held.flatMap(({ agencyId }) => agencyId ?? []);
        const [only] = ids;
        if (only === undefined || ids.length < held.length) return t(`role.${role}`);
        const where =
          ids.length === 1
            ? (agencyName.get(only)?.[language] ?? only)
            : t('users.agencies', { count: ids.length, shown: formatCount(ids.length, language) });
        return `${t(`role.${role}`)} (${where})`;
      })
      .join(', ');
  const wanted = foldText(text.trim());
  const shown = (users.data?.items ?? []).filter(
    (user) =>
      matchRank(foldText(`${user.displayName} ${user.loginName}`), wanted) !== null &&
      (agency === null || user.roles.some(({ agencyId }) => agencyId === agency)),
  );
  const selected = users.data?.items.find(({ id }) => id === search.user);
  return (
    <AdminPage
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
          {t('users.add')}
        </Button>
      }
    >
      <div className="page-tools">
        <SearchField value={text} label={t('users.search')} onChange={setText} />
        {agencies.length > 1 ? (
          <Select
            aria-label={t('alarms.agency')}
            placeholder={t('filter.allAgencies')}
            clearable
            clearButtonProps={{ 'aria-label': t('common.clear') }}
            data={agencies.map(({ id, name }) => ({ value: id as string, label: name[language] }))}
            value={agency}
            onChange={setAgency}
          />
        ) : null}
      </div>
      <div className="page-list">
        {users.isPending ? (
          <ListLoading what={t('loading.users')} />
        ) : users.error ? (
          <Failure error={users.error} retry={() => void users.refetch()} />
        ) : shown.length === 0 ? (
          <Empty title={t('users.empty')} />
        ) : (
          <VirtualGrid
            label={t('users.title')}
            items={shown}
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
    </AdminPage>
  );
}
