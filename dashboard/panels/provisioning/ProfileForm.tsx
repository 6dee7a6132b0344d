import { Button, Modal, MultiSelect, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import type { DeviceModelId } from '../../../domain/identifiers.ts';
import { PROVISIONING_KEY_PATTERN, type ProvisioningKey } from '../../../domain/provisioning.ts';
import { call } from '../../client/http.ts';
import { profilesQuery } from '../../client/queries.ts';
import { DateField } from '../../components/DateField.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { dayOf, endOfDay } from '../../state/label-printing.ts';
import { SecretOnce } from './SecretOnce.tsx';
import { type Terms, TermsFields } from './TermsFields.tsx';
import { useAgencyAndModels } from './use-agency-and-models.ts';

export type Profile = RouteAnswer<'GET /provisioning-profiles/{profileKey}'>;

/** A new profile with its secret, or one to be changed; closes with the key of what was saved. */
export function ProfileForm({
  profile,
  onClose,
}: {
  profile: Profile | null;
  onClose: (key: ProvisioningKey | null) => void;
}) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, setAgency, agencies, models } = useAgencyAndModels(profile?.agencyId ?? null);
  const [key, setKey] = useState<string>(profile?.key ?? '');
  const [name, setName] = useState(profile?.name ?? '');
  const [modelIds, setModelIds] = useState<string[]>([...(profile?.modelIds ?? [])]);
  const [terms, setTerms] = useState<Terms>(profile ?? { stockListOnly: true, maximumDevices: null });
  const [lastDay, setLastDay] = useState(profile?.expiresAt ? dayOf(profile.expiresAt - 1) : '');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [made, setMade] = useState<{ readonly profile: Profile; readonly secret: string } | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!PROVISIONING_KEY_PATTERN.test(key) || name.trim() === '' || modelIds.length === 0 || agency === null) {
      setProblem(t('provisioning.incomplete'));
      return;
    }
    setBusy(true);
    setProblem(null);
    const { stockListOnly, maximumDevices } = terms;
    const fields = {
      name,
      modelIds: modelIds as DeviceModelId[],
      stockListOnly,
      maximumDevices,
      enabled: profile?.enabled ?? true,
      expiresAt: endOfDay(lastDay),
    };
    const profileKey = key as ProvisioningKey;
    try {
      if (profile === null)
        setMade(
          await call('POST /provisioning-profiles', {
            body: { key: profileKey, agencyId: agency, ...fields },
          }),
        );
      else {
        const params = { profileKey };
        await call('PUT /provisioning-profiles/{profileKey}', { params, body: fields, ifMatch: profile.version });
        onClose(profileKey);
      }
      await queries.invalidateQueries({ queryKey: profilesQuery.queryKey });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened
      onClose={() => onClose(made?.profile.key ?? null)}
      title={
        made
          ? t('provisioning.secretTitle', { key: made.profile.key })
          : profile === null
            ? t('provisioning.addProfile')
            : profile.name
      }
      size="lg"
      closeOnClickOutside={made === null}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {made ? (
        <SecretOnce profile={made.profile} secret={made.secret} onKept={() => onClose(made.profile.key)} />
      ) : (
        <form className="form" onSubmit={(event) => void submit(event)} noValidate>
          <TextInput
            label={t('provisioning.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          {profile === null ? (
            <>
              <TextInput
                label={t('provisioning.key')}
                description={t('provisioning.keyHint')}
                autoCapitalize="none"
                spellCheck={false}
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
              />
              <Select
                label={t('alarms.agency')}
                data={[...agencies]}
                value={agency}
                allowDeselect={false}
                onChange={(value) => {
                  setAgency(value);
                  setModelIds([]);
                }}
              />
            </>
          ) : null}
          <MultiSelect
            label={t('provisioning.models')}
            description={t('provisioning.modelsHint')}
            searchable
            nothingFoundMessage={t('search.nothing')}
            data={[...models]}
            value={modelIds}
            onChange={setModelIds}
          />
          <TermsFields terms={terms} onChange={setTerms} />
          <DateField
            kind="day"
            label={t('provisioning.expiresAt')}
            description={t('provisioning.expiresHint')}
            value={lastDay}
            onChange={(next) => setLastDay(next)}
          />
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <Button type="submit" loading={busy}>
            {t('common.save')}
          </Button>
        </form>
      )}
    </Modal>
  );
}
