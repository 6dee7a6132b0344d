import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ROLES, type Role, type RoleAssignment } from '../../../domain/access.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { usePlatform } from '../../client/platform.tsx';
import { agenciesQuery } from '../../client/queries.ts';
import { agenciesWith } from '../../client/session.ts';
import { IconTrash } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';

/** Roles in agencies that the person signed in may give, each with what it allows. */
export function RoleFields({
  roles,
  onChange,
}: {
  roles: readonly RoleAssignment[];
  onChange: (roles: readonly RoleAssignment[]) => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const agencies = agenciesWith(session, 'agency.administer', useQuery(agenciesQuery).data?.items ?? []);
  const isPlatformAdmin = session.permissions['platform.administer'] !== undefined;
  const offered = ROLES.filter((role) => isPlatformAdmin || role !== 'platform_admin');
  const setRole = (at: number, change: Partial<RoleAssignment>) =>
    onChange(roles.map((role, i) => (i === at ? { ...role, ...change } : role)));
  return (
    <fieldset className="form role-fields">
      <legend>{t('users.roles')}</legend>
      {roles.map((held, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same role may stand twice while it is being edited
        <div key={i} className="role-field">
          <div className="form-row">
            <Select
              aria-label={t('users.role')}
              data={offered.map((role) => ({ value: role, label: t(`role.${role}`) }))}
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
                data={agencies.map((agency) => ({ value: agency.id, label: agency.name[language] }))}
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
              onClick={() => onChange(roles.filter((_, at) => at !== i))}
            >
              <IconTrash size={16} aria-hidden="true" />
            </button>
          </div>
          {roles[i + 1]?.role === held.role ? null : <p className="small secondary">{t(`roles.about.${held.role}`)}</p>}
        </div>
      ))}
      <button
        type="button"
        className="text-button"
        onClick={() => onChange([...roles, { role: 'viewer', agencyId: agencies[0]?.id ?? null }])}
      >
        {t('users.addRole')}
      </button>
    </fieldset>
  );
}
