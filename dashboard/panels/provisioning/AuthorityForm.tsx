import { Button, FileButton, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import type { AgencyId, DeviceModelId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { agenciesQuery, authoritiesQuery, modelsQuery } from '../../client/queries.ts';
import { agenciesWith } from '../../client/session.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { type Terms, TermsFields } from './TermsFields.tsx';

export type Authority = RouteAnswer<'GET /certificate-authorities'>['items'][number];

/** A new authority by its certificate, or the terms of one to be changed; closes with the id of what was saved. */
export function AuthorityForm({
  authority,
  onClose,
}: {
  authority: Authority | null;
  onClose: (id: string | null) => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const models = useQuery(modelsQuery);
  const all = useQuery(agenciesQuery);
  const agencies = agenciesWith(session, 'agency.administer', all.data?.items ?? []);
  const [chosenAgency, setAgency] = useState<string | null>(authority?.agencyId ?? null);
  const agency = chosenAgency ?? agencies[0]?.id ?? null;
  const [name, setName] = useState(authority?.name ?? '');
  const [model, setModel] = useState<string | null>(authority?.modelId ?? null);
  const [pem, setPem] = useState('');
  const [terms, setTerms] = useState<Terms>(authority ?? { stockListOnly: false, maximumDevices: null });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const offered = (models.data?.items ?? []).filter(({ agencyId }) => agencyId === null || agencyId === agency);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name.trim() === '' || model === null || agency === null || (authority === null && pem.trim() === '')) {
      setProblem(t('provisioning.incompleteAuthority'));
      return;
    }
    setBusy(true);
    setProblem(null);
    const { stockListOnly, maximumDevices } = terms;
    const enabled = authority?.enabled ?? true;
    const fields = { name, modelId: model as DeviceModelId, stockListOnly, maximumDevices, enabled };
    try {
      const { id } =
        authority === null
          ? await call('POST /certificate-authorities', {
              body: { agencyId: agency as AgencyId, certificatePem: pem.trim(), ...fields },
            })
          : await call('PUT /certificate-authorities/{authorityId}', {
              params: { authorityId: authority.id },
              body: fields,
              ifMatch: authority.version,
            });
      await queries.invalidateQueries({ queryKey: authoritiesQuery.queryKey });
      notifications.show({ message: t('provisioning.saved', { name }) });
      onClose(id);
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }

  return (
    <Modal
      opened
      onClose={() => onClose(null)}
      title={authority === null ? t('provisioning.addAuthority') : authority.name}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        <TextInput
          label={t('provisioning.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {authority === null ? (
          <>
            <Select
              label={t('alarms.agency')}
              data={agencies.map((each) => ({ value: each.id, label: each.name[language] }))}
              value={agency}
              allowDeselect={false}
              onChange={(value) => {
                setAgency(value);
                setModel(null);
              }}
            />
            <Textarea
              label={t('provisioning.pem')}
              description={t('provisioning.pemHint')}
              classNames={{ input: 'pem-field' }}
              rows={6}
              spellCheck={false}
              value={pem}
              onChange={(event) => setPem(event.currentTarget.value)}
            />
            <FileButton accept=".pem,.crt,.cer" onChange={(file) => void file?.slice(0, 16_384).text().then(setPem)}>
              {(props) => (
                <Button {...props} variant="default" size="xs">
                  {t('provisioning.choosePem')}
                </Button>
              )}
            </FileButton>
          </>
        ) : null}
        <Select
          label={t('provisioning.model')}
          searchable
          nothingFoundMessage={t('search.nothing')}
          data={offered.map((each) => ({ value: each.id, label: each.name }))}
          value={model}
          onChange={setModel}
        />
        <TermsFields terms={terms} onChange={setTerms} />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy}>
          {t('common.save')}
        </Button>
      </form>
    </Modal>
  );
}
