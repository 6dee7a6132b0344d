import { Button, Modal, Select, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RouteBodyInput } from '../../../api/contract/routes.ts';
import type { SharingGrantWire } from '../../../api/contract/users.ts';
import type { AgencyId, SiteId } from '../../../domain/identifiers.ts';
import { DOMAINS, type Domain } from '../../../domain/quantity.ts';
import { call } from '../../client/http.ts';
import { partnersQuery } from '../../client/people.ts';
import { usePlatform } from '../../client/platform.tsx';
import { agenciesQuery, sitesQuery } from '../../client/queries.ts';
import { agenciesWith } from '../../client/session.ts';
import { DateField } from '../../components/DateField.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { instantOf } from '../../state/city-dates.ts';
import { GrantEffect } from './GrantEffect.tsx';

const PUBLIC = '';
const SITES_OFFERED = 200;

/** A new grant, with its effect as it is put together. */
export function NewGrant({ onClose }: { onClose: () => void }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const own = agenciesWith(session, 'agency.administer', useQuery(agenciesQuery).data?.items ?? []);
  const partners = useQuery(partnersQuery).data ?? [];
  const sites = useQuery(sitesQuery).data ?? [];
  const [chosen, setChosen] = useState<AgencyId | null>(null);
  const agencyId = chosen ?? own[0]?.id ?? null;
  const [to, setTo] = useState<string | null>(null);
  const [domain, setDomain] = useState<Domain | null>(null);
  const [siteId, setSiteId] = useState<SiteId | null>(null);
  const [tag, setTag] = useState('');
  const [until, setUntil] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const expiresAt = until === '' ? null : instantOf(until);
  const body: RouteBodyInput<'POST /grants'> | null =
    agencyId === null || to === null
      ? null
      : {
          ...{ agencyId, domain, siteId },
          toAgencyId: to === PUBLIC ? null : (to as AgencyId),
          tag: tag.trim() === '' ? null : tag.trim(),
          ...(expiresAt === null ? {} : { expiresAt }),
        };
  const partnerName = partners.find(({ id }) => id === to)?.name[language] ?? null;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (body === null) return;
    setBusy(true);
    setProblem(null);
    try {
      await call('POST /grants', { body });
      await queries.invalidateQueries({ queryKey: ['sharing'] });
      notifications.show({ message: t('sharing.saved') });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('sharing.add')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {own.length > 1 ? (
          <Select
            label={t('sharing.from')}
            data={own.map(({ id, name }) => ({ value: id as string, label: name[language] }))}
            value={agencyId}
            allowDeselect={false}
            onChange={(next) => {
              setChosen(next as AgencyId);
              setSiteId(null);
            }}
          />
        ) : null}
        <Select
          label={t('sharing.to')}
          placeholder={t('sharing.toChoose')}
          data={[
            ...partners
              .filter(({ id }) => id !== agencyId)
              .map(({ id, name }) => ({ value: id as string, label: name[language] })),
            { value: PUBLIC, label: t('sharing.public') },
          ]}
          value={to}
          allowDeselect={false}
          onChange={setTo}
          data-autofocus
        />
        <Select
          label={t('sharing.domain')}
          placeholder={t('sharing.domainAll')}
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          data={DOMAINS.map((each) => ({ value: each, label: t(`domain.${each}`) }))}
          value={domain}
          onChange={(next) => setDomain(next as Domain | null)}
        />
        <Select
          label={t('sharing.site')}
          placeholder={t('sharing.siteAll')}
          clearable
          searchable
          limit={SITES_OFFERED}
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          data={sites
            .filter((site) => site.agencyId === agencyId)
            .map(({ id, name }) => ({ value: id as string, label: name[language] }))}
          value={siteId}
          onChange={(next) => setSiteId(next as SiteId | null)}
        />
        <TextInput
          label={t('sharing.tag')}
          description={t('sharing.tagHint')}
          value={tag}
          onChange={(event) => setTag(event.currentTarget.value)}
        />
        <DateField
          kind="moment"
          label={t('sharing.until')}
          description={t('sharing.untilHint')}
          value={until}
          onChange={(next) => setUntil(next)}
        />
        {body === null ? (
          <p className="secondary">{t('sharing.effect.chooseFirst')}</p>
        ) : (
          <GrantEffect question={body} reader={partnerName} isEnding={false} />
        )}
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy} disabled={body === null}>
          {t('sharing.share')}
        </Button>
      </form>
    </Modal>
  );
}

/** Ending a grant, with what it takes away. */
export function EndGrant({
  grant,
  title,
  reader,
  onClose,
}: {
  grant: SharingGrantWire;
  title: string;
  reader: string | null;
  onClose: () => void;
}) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { id, expiresAt: _, ...parts } = grant;
  async function end(): Promise<void> {
    setBusy(true);
    try {
      await call('DELETE /grants/{grantId}', { params: { grantId: id } });
      await queries.invalidateQueries({ queryKey: ['sharing'] });
      notifications.show({ message: t('sharing.ended') });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('sharing.endTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className="form">
        <p>{title}</p>
        <GrantEffect question={{ ...parts, except: id }} reader={reader} isEnding />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button loading={busy} onClick={() => void end()}>
          {t('sharing.end')}
        </Button>
      </div>
    </Modal>
  );
}
