import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { encodeQR } from 'qr';
import { useState } from 'react';
import type { DisplayLinkWire, DisplayWire } from '../../api/contract/displays.ts';
import { call } from '../client/http.ts';
import { useServerNow } from '../client/platform.tsx';
import { useCity } from '../client/use-city.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { DisplayEditor } from '../panels/wall/DisplayEditor.tsx';
import { formatAge, formatDateTime, formatTime } from '../state/formatting.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/wall.css';

const AGAIN_MS = 5_000;
/** A screen asks every five seconds, and that is written down every fifteen. */
const AWAY_AFTER_MS = 40_000;

const displaysQuery = queryOptions({
  queryKey: ['displays'],
  queryFn: async ({ signal }) => (await call('GET /displays', { signal })).items,
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});

/** Wall screens: what each shows, whether it is there, and its login. */
export function DisplaysPage() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const displays = useQuery(displaysQuery);
  const [editing, setEditing] = useState<DisplayWire | 'new' | null>(null);
  const [revoking, setRevoking] = useState<DisplayWire | null>(null);
  const [link, setLink] = useState<DisplayLinkWire | null>(null);
  const [busy, setBusy] = useState(false);
  const done = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await work();
      setEditing(null);
      setRevoking(null);
    } catch (error) {
      notifications.show({ color: 'red', title: t('displays.refused'), message: problemText(error) });
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: displaysQuery.queryKey });
    }
  };
  const newLink = ({ id: displayId }: DisplayWire) =>
    done(async () => setLink(await call('POST /displays/{displayId}/link', { params: { displayId } })));
  const live = (displays.data ?? []).filter(({ revokedAt }) => revokedAt === null);
  const revoked = (displays.data ?? []).filter(({ revokedAt }) => revokedAt !== null);
  return (
    <AdminPage
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setEditing('new')}>
          {t('displays.add')}
        </Button>
      }
    >
      <div className="page-scroll">
        {displays.isPending ? (
          <ListLoading what={t('loading.displays')} />
        ) : displays.data === undefined ? (
          <Failure error={displays.error} retry={() => void displays.refetch()} />
        ) : displays.data.length === 0 ? (
          <Empty title={t('displays.empty')} hint={t('displays.emptyHint')} />
        ) : (
          <>
            <ul className="displays">
              {live.map((display) => (
                <li key={display.id} className="display-row">
                  <DisplayFacts display={display} />
                  <div className="display-actions">
                    <Button variant="default" onClick={() => setEditing(display)}>
                      {t('displays.change')}
                    </Button>
                    <Button variant="default" loading={busy} onClick={() => void newLink(display)}>
                      {t('displays.newLink')}
                    </Button>
                    <Button variant="default" onClick={() => setRevoking(display)}>
                      {t('displays.revoke')}
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
            {revoked.length === 0 ? null : (
              <section aria-label={t('displays.revokedGroup')}>
                <h2 className="section-title">
                  {t('displays.revokedGroup')} ({revoked.length})
                </h2>
                <ul className="displays">
                  {revoked.map((display) => (
                    <li key={display.id} className="display-row">
                      <DisplayFacts display={display} />
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </>
        )}
      </div>
      {editing === null ? null : (
        <DisplayEditor
          display={editing === 'new' ? null : editing}
          busy={busy}
          onClose={() => setEditing(null)}
          onSave={(draft, agencyId) => {
            // The wire takes lists that may be changed.
            const body = { ...draft, agencies: [...draft.agencies], views: [...draft.views] };
            void done(async () => {
              if (editing === 'new') setLink(await call('POST /displays', { body: { ...body, agencyId } }));
              else
                await call('PUT /displays/{displayId}', {
                  params: { displayId: editing.id },
                  ifMatch: editing.version,
                  body,
                });
            });
          }}
        />
      )}
      {revoking === null ? null : (
        <Modal
          opened
          onClose={() => setRevoking(null)}
          title={t('displays.revokeTitle', { name: revoking.name })}
          closeButtonProps={{ 'aria-label': t('common.close') }}
        >
          <div className="form">
            <p>{t('displays.revokeHint')}</p>
            <Button
              color="red"
              loading={busy}
              onClick={() =>
                void done(() => call('DELETE /displays/{displayId}', { params: { displayId: revoking.id } }))
              }
            >
              {t('displays.revoke')}
            </Button>
          </div>
        </Modal>
      )}
      {link === null ? null : <LinkOnce link={link} onClose={() => setLink(null)} />}
    </AdminPage>
  );
}

function DisplayFacts({ display }: { display: DisplayWire }) {
  const { t, language } = useLanguage();
  const { agencyName } = useCity();
  const now = useServerNow();
  const { seen, revokedAt, linkedAt, linkExpiresAt } = display;
  const isThere = seen !== null && now - seen.at < AWAY_AFTER_MS;
  const state =
    revokedAt !== null
      ? t('displays.wasRevoked', { time: formatDateTime(revokedAt, language) })
      : linkedAt === null
        ? t('displays.notLinked')
        : seen === null
          ? t('displays.neverSeen')
          : t(isThere ? 'displays.isThere' : 'displays.away', { age: formatAge(now - seen.at, language) });
  return (
    <div>
      <p>
        <strong>{display.name}</strong>
      </p>
      <p className={isThere || revokedAt !== null ? '' : 'severity-major'}>{state}</p>
      <p className="small secondary">
        {display.views.map(({ kind, seconds }) => `${t(`wall.view.${kind}`)} ${seconds} s`).join(' · ')}
      </p>
      <p className="small secondary">{display.agencies.map((id) => agencyName.get(id)?.[language] ?? id).join(', ')}</p>
      {seen === null ? null : (
        <p className="small secondary">
          {t('displays.seenFrom', { address: seen.address, build: seen.build || t('displays.noBuild') })}
        </p>
      )}
      {linkExpiresAt === null || linkExpiresAt < now ? null : (
        <p className="small secondary">{t('displays.linkWaits', { time: formatTime(linkExpiresAt) })}</p>
      )}
    </div>
  );
}

/** The code, this once: to be scanned, opened or typed on the wall's computer. */
function LinkOnce({ link: { code, link, expiresAt }, onClose }: { link: DisplayLinkWire; onClose: () => void }) {
  const { t } = useLanguage();
  const picture = `data:image/svg+xml,${encodeURIComponent(encodeQR(link, 'svg'))}`;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('displays.linkTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className="display-link">
        <p>{t('displays.linkHint', { time: formatTime(expiresAt) })}</p>
        <img src={picture} alt={t('displays.qr')} />
        <p className="display-code">{code}</p>
        <a href={link} target="_blank" rel="noreferrer">
          {link}
        </a>
      </div>
    </Modal>
  );
}
