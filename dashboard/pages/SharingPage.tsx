import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SharingGrantWire } from '../../api/contract/users.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { grantsQuery, partnersQuery } from '../client/people.ts';
import { usePlatform, useServerNow } from '../client/platform.tsx';
import { sitesQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { EndGrant, NewGrant } from '../panels/people/GrantDialogs.tsx';
import { formatDateTime } from '../state/formatting.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/people.css';

/** What agencies show one another and the public. */
export function SharingPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const now = useServerNow();
  const grants = useQuery(grantsQuery);
  const partners = useQuery(partnersQuery).data ?? [];
  const sites = useQuery(sitesQuery).data ?? [];
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<SharingGrantWire | null>(null);
  const nameOf = (id: AgencyId | null): string =>
    id === null ? t('sharing.public') : (partners.find((partner) => partner.id === id)?.name[language] ?? id);
  const whatOf = ({ domain, siteId, tag }: SharingGrantWire): string => {
    const parts = [
      domain === null ? null : t(`domain.${domain}`),
      siteId === null ? null : (sites.find(({ id }) => id === siteId)?.name[language] ?? siteId),
      tag === null ? null : t('sharing.tagged', { tag }),
    ].filter((part) => part !== null);
    return parts.length === 0 ? t('sharing.everything') : parts.join(' · ');
  };
  const titleOf = (grant: SharingGrantWire): string =>
    t('sharing.sentence', { from: nameOf(grant.agencyId), to: nameOf(grant.toAgencyId), what: whatOf(grant) });
  const untilOf = ({ expiresAt }: SharingGrantWire): string =>
    expiresAt === undefined
      ? t('sharing.untilEnded')
      : t(expiresAt <= now ? 'sharing.expired' : 'sharing.expires', { time: formatDateTime(expiresAt, language) });
  return (
    <AdminPage
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
          {t('sharing.add')}
        </Button>
      }
    >
      <div className="page-scroll people-page">
        <p className="people-lead">{t('sharing.lead')}</p>
        {grants.isPending ? (
          <ListLoading what={t('loading.grants')} />
        ) : grants.error ? (
          <Failure error={grants.error} retry={() => void grants.refetch()} />
        ) : grants.data.length === 0 ? (
          <Empty title={t('sharing.empty')} hint={t('sharing.emptyHint')} />
        ) : (
          <ul className="grant-list">
            {grants.data.map((grant) => (
              <li key={grant.id}>
                <span className="two-lines">
                  <span>{titleOf(grant)}</span>
                  <span className="secondary small">{untilOf(grant)}</span>
                </span>
                {holdsIn(session, 'agency.administer', grant.agencyId) ? (
                  <button
                    type="button"
                    className="text-button"
                    aria-label={t('sharing.endOf', { grant: titleOf(grant) })}
                    onClick={() => setEnding(grant)}
                  >
                    {t('sharing.end')}
                  </button>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </div>
      {adding ? <NewGrant onClose={() => setAdding(false)} /> : null}
      {ending ? (
        <EndGrant
          grant={ending}
          title={titleOf(ending)}
          reader={ending.toAgencyId === null ? null : nameOf(ending.toAgencyId)}
          onClose={() => setEnding(null)}
        />
      ) : null}
    </AdminPage>
  );
}
