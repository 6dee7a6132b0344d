import { Button, Modal, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceModelId } from '../../../domain/identifiers.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { firmwareKeysQuery } from '../../client/firmware.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { modelsQuery } from '../../client/queries.ts';
import { holdsAnywhere, holdsIn } from '../../client/session.ts';
import { useCity } from '../../client/use-city.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Whose signatures count; added and revoked by who administers the agency. */
export function FirmwareKeys() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const keys = useQuery(firmwareKeysQuery).data?.items ?? [];
  const { agencyName } = useCity();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<string | null>(null);
  async function revoke(keyId: string): Promise<void> {
    await call('DELETE /firmware/keys/{keyId}', { params: { keyId } }).catch(() => {});
    setRevoking(null);
    await queries.invalidateQueries({ queryKey: ['firmware'] });
  }
  return (
    <section>
      <div className="firmware-heading">
        <h2 className="section-title">{t('firmware.keys')}</h2>
        {holdsAnywhere(session, 'agency.administer') ? (
          <Button variant="default" size="xs" onClick={() => setAdding(true)}>
            {t('firmware.addKey')}
          </Button>
        ) : null}
      </div>
      {keys.length === 0 ? <p className="secondary section-empty">{t('firmware.noKeys')}</p> : null}
      <ul className="plain-list">
        {keys.map((key) => (
          <li key={key.id} className="firmware-row">
            <div>
              <strong>{key.name}</strong>
              <p className="secondary small">
                {agencyName.get(key.agencyId)?.[language] ?? key.agencyId} ·{' '}
                {key.modelIds.length === 0 ? t('firmware.allModels') : key.modelIds.join(', ')} ·{' '}
                {key.revokedAt === null
                  ? formatDateTime(key.createdAt, language)
                  : t('firmware.revokedAt', { time: formatDateTime(key.revokedAt, language) })}
              </p>
              <code className="small firmware-hash">{key.publicKey}</code>
            </div>
            {key.revokedAt === null && holdsIn(session, 'agency.administer', key.agencyId) ? (
              <button
                type="button"
                className="text-button"
                onClick={() => (revoking === key.id ? void revoke(key.id) : setRevoking(key.id))}
              >
                {t(revoking === key.id ? 'firmware.revokeSure' : 'firmware.revoke')}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {adding ? <AddKey onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

function AddKey({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency: owner, choose, agencies } = useAgencyChoice('agency.administer');
  const models = useQuery(modelsQuery).data?.items ?? [];
  const [name, setName] = useState('');
  const [modelIds, setModelIds] = useState<string[]>([]);
  const [publicKey, setPublicKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (owner === null || name.trim() === '' || publicKey.trim() === '') return setProblem(t('firmware.incomplete'));
    try {
      await call('POST /firmware/keys', {
        body: { agencyId: owner, name, modelIds: modelIds as DeviceModelId[], publicKey },
      });
      await queries.invalidateQueries({ queryKey: ['firmware'] });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
    }
  }
  return (
    <Modal opened onClose={onClose} title={t('firmware.addKey')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        <Select
          label={t('firmware.agency')}
          data={[...agencies]}
          value={owner}
          allowDeselect={false}
          onChange={choose}
        />
        <TextInput
          label={t('firmware.keyName')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          label={t('firmware.keyModels')}
          description={t('firmware.keyModelsHint')}
          data={models.filter((each) => each.agencyId === null || each.agencyId === owner).map(({ id }) => id)}
          value={modelIds}
          onChange={setModelIds}
        />
        <Textarea
          label={t('firmware.publicKey')}
          description={t('firmware.publicKeyHint')}
          autosize
          minRows={3}
          value={publicKey}
          onChange={(event) => setPublicKey(event.currentTarget.value)}
        />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit">{t('firmware.addKey')}</Button>
      </form>
    </Modal>
  );
}
