import { Button, FileButton, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import type { DeviceModelId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { authoritiesQuery } from '../../client/queries.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { type Terms, TermsFields } from './TermsFields.tsx';
import { useAgencyAndModels } from './use-agency-and-models.ts';

export type Authority = RouteAnswer<'GET /certificate-authorities'>['items'][number];

/** A new authority by its certificate, or the terms of one to be changed; closes with the id of what was saved. */
export function AuthorityForm({
  authority,
  onClose,
}: {
  authority: Authority | null;
  onClose: (id: string | null) => void;
}) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, setAgency, agencies, models } = useAgencyAndModels(authority?.agencyId ?? null);
  const [name, setName] = useState(authority?.name ?? '');
  const [model, setModel] = useState<string | null>(authority?.modelId ?? null);
  const [pem, setPem] = useState('');
  const [terms, setTerms] = useState<Terms>(authority ?? { stockListOnly: false, maximumDevices: null });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

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
              body: { agencyId: agency, certificatePem: pem.trim(), ...fields },
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
              data={[...agencies]}
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
          data={[...models]}
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
