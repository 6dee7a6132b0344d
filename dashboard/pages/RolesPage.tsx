import { may, PERMISSIONS, ROLES, type RoleAssignment } from '../../domain/access.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { IconCheck } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/people.css';

const SOME_AGENCY = 'a' as AgencyId;
const holding = (role: (typeof ROLES)[number]): readonly RoleAssignment[] => [
  { role, agencyId: role === 'platform_admin' ? null : SOME_AGENCY },
];

/** Every role, what it is for and what it allows: the very table the platform judges by. */
export function RolesPage() {
  const { t } = useLanguage();
  return (
    <AdminPage>
      <div className="page-scroll people-page">
        <p className="people-lead">{t('roles.lead')}</p>
        <dl className="role-list">
          {ROLES.map((role) => (
            <div key={role}>
              <dt>{t(`role.${role}`)}</dt>
              <dd>{t(`roles.about.${role}`)}</dd>
            </div>
          ))}
        </dl>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, by keys too */}
        <section className="role-table-box inset-focus" aria-label={t('roles.table')} tabIndex={0}>
          <table className="role-table">
            <thead>
              <tr>
                <th scope="col">{t('roles.may')}</th>
                {ROLES.map((role) => (
                  <th key={role} scope="col">
                    {t(`role.${role}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {PERMISSIONS.map((permission) => (
                <tr key={permission}>
                  <th scope="row">{t(`roles.permission.${permission}`)}</th>
                  {ROLES.map((role) => {
                    const allowed = may(holding(role), permission, SOME_AGENCY);
                    return (
                      <td key={role}>
                        {allowed ? <IconCheck size={18} aria-hidden="true" /> : null}
                        <span className="visually-hidden">{t(allowed ? 'common.yes' : 'common.no')}</span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <p className="secondary small">{t('roles.note')}</p>
      </div>
    </AdminPage>
  );
}
