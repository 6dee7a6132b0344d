import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useServerNow } from '../client/platform.tsx';
import { authoritiesQuery, profilesQuery } from '../client/queries.ts';
import { useCity } from '../client/use-city.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { AuthorityForm } from '../panels/provisioning/AuthorityForm.tsx';
import { AuthorityPanel } from '../panels/provisioning/AuthorityPanel.tsx';
import { DoorState } from '../panels/provisioning/DoorState.tsx';
import { ProfileForm } from '../panels/provisioning/ProfileForm.tsx';
import { ProfilePanel } from '../panels/provisioning/ProfilePanel.tsx';
import { formatCount } from '../state/formatting.ts';
import { AssetTabs } from './AssetTabs.tsx';

/** The doors that devices open themselves: profiles with a secret, and certificate authorities. */
export function ProvisioningPage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/provisioning' });
  const navigate = useNavigate();
  const now = useServerNow();
  const { agencyName } = useCity();
  const profiles = useQuery(profilesQuery);
  const authorities = useQuery(authoritiesQuery);
  const [adding, setAdding] = useState<'profile' | 'authority' | null>(null);
  const show = (chosen: { readonly profile?: string; readonly authority?: string }) =>
    void navigate({ to: '/provisioning', search: chosen });
  const profile = profiles.data?.items.find(({ key }) => key === search.profile);
  const authority = authorities.data?.items.find(({ id }) => id === search.authority);
  const refused = (refusals: readonly { readonly refused: number }[]): string =>
    formatCount(
      refusals.reduce((sum, each) => sum + each.refused, 0),
      language,
    );

  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
      </header>
      <div className="page-split">
        <div className="page-scroll">
          <DoorList
            title={t('provisioning.profiles')}
            hint={t('provisioning.profilesHint')}
            empty={t('provisioning.noProfiles')}
            add={t('provisioning.addProfile')}
            onAdd={() => setAdding('profile')}
            query={profiles}
            rows={(profiles.data?.items ?? []).map((each) => ({
              key: each.key,
              name: each.name,
              note: `${each.key} · ${agencyName.get(each.agencyId)?.[language] ?? each.agencyId}`,
              state: <DoorState door={each} endsAt={each.expiresAt} now={now} />,
              figures: `${t('provisioning.admitted')} ${formatCount(each.admittedDevices, language)} · ${t('provisioning.refusals')} ${refused(each.refusals)}`,
              isOpen: each.key === profile?.key,
              open: () => show({ profile: each.key }),
            }))}
          />
          <DoorList
            title={t('provisioning.authorities')}
            hint={t('provisioning.authoritiesHint')}
            empty={t('provisioning.noAuthorities')}
            add={t('provisioning.addAuthority')}
            onAdd={() => setAdding('authority')}
            query={authorities}
            rows={(authorities.data?.items ?? []).map((each) => ({
              key: each.id,
              name: each.name,
              note: `${each.subject} · ${agencyName.get(each.agencyId)?.[language] ?? each.agencyId}`,
              state: <DoorState door={each} endsAt={each.validTo} now={now} revokedAt={each.revokedAt} />,
              figures: `${t('provisioning.admitted')} ${formatCount(each.admittedDevices, language)} · ${t('provisioning.refusals')} ${refused(each.refusals)}`,
              isOpen: each.id === authority?.id,
              open: () => show({ authority: each.id }),
            }))}
          />
        </div>
        {profile || authority ? (
          <SidePanel label={t('provisioning.title')} onClose={() => show({})}>
            {profile ? <ProfilePanel key={profile.key} profile={profile} onClose={() => show({})} /> : null}
            {authority ? <AuthorityPanel key={authority.id} authority={authority} onClose={() => show({})} /> : null}
          </SidePanel>
        ) : null}
      </div>
      {adding === 'profile' ? (
        <ProfileForm
          profile={null}
          onClose={(key) => {
            setAdding(null);
            if (key !== null) show({ profile: key });
          }}
        />
      ) : null}
      {adding === 'authority' ? (
        <AuthorityForm
          authority={null}
          onClose={(id) => {
            setAdding(null);
            if (id !== null) show({ authority: id });
          }}
        />
      ) : null}
    </div>
  );
}

interface DoorRow {
  readonly key: string;
  readonly name: string;
  readonly note: string;
  readonly state: ReactNode;
  readonly figures: string;
  readonly isOpen: boolean;
  readonly open: () => void;
}

function DoorList({
  title,
  hint,
  empty,
  add,
  onAdd,
  query,
  rows,
}: {
  title: string;
  hint: string;
  empty: string;
  add: string;
  onAdd: () => void;
  query: { readonly isPending: boolean; readonly error: unknown; readonly refetch: () => Promise<unknown> };
  rows: readonly DoorRow[];
}) {
  const { t } = useLanguage();
  return (
    <section className="doors">
      <div className="doors-head">
        <div>
          <h2 className="doors-title">{title}</h2>
          <p className="secondary small">{hint}</p>
        </div>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={onAdd}>
          {add}
        </Button>
      </div>
      {query.isPending ? (
        <ListLoading rows={2} what={t('loading.provisioning')} />
      ) : query.error ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <p className="secondary">{empty}</p>
      ) : (
        <ul>
          {rows.map(({ key, name, note, state, figures, isOpen, open }) => (
            <li key={key}>
              <button type="button" className="door" aria-pressed={isOpen} onClick={open}>
                <span className="door-name">{name}</span>
                <span>{state}</span>
                <span className="secondary small truncate">{note}</span>
                <span className="secondary small">{figures}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
