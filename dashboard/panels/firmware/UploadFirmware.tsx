import { Button, FileInput, Modal, Progress, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { FIRMWARE_VERSION_PATTERN } from '../../../domain/firmware/firmware-image.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { uploadFirmware } from '../../client/firmware.ts';
import { modelsQuery } from '../../client/queries.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { signatureIn } from '../../state/firmware-signature.ts';
import { modelTitle } from '../../state/model-draft.ts';

/** Takes in a signed image: file, model, version, signature as text or as a file. */
export function UploadFirmware({ onClose }: { onClose: () => void }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency: owner, choose, agencies } = useAgencyChoice('assets.write');
  const models = useQuery(modelsQuery).data?.items ?? [];
  const [model, setModel] = useState<string | null>(null);
  const [version, setVersion] = useState('');
  const [image, setImage] = useState<File | null>(null);
  const [signature, setSignature] = useState('');
  const [notes, setNotes] = useState('');
  const [share, setShare] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const offered = models.filter((each) => each.agencyId === null || each.agencyId === owner);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const signed = signatureIn(new TextEncoder().encode(signature));
    if (image === null || owner === null || model === null) return setProblem(t('firmware.incomplete'));
    if (!FIRMWARE_VERSION_PATTERN.test(version)) return setProblem(t('firmware.versionWrong'));
    if (signed === null) return setProblem(t('firmware.signatureWrong'));
    setProblem(null);
    setShare(0);
    try {
      await uploadFirmware(image, { agency: owner, model, version, signature: signed, notes }, setShare);
      await queries.invalidateQueries({ queryKey: ['firmware'] });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setShare(null);
    }
  }
  async function signatureFile(file: File | null): Promise<void> {
    const found = file && signatureIn(new Uint8Array(await file.arrayBuffer()));
    if (found) setSignature(found);
    else if (file) setProblem(t('firmware.signatureWrong'));
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t('firmware.upload')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {agencies.length > 1 ? (
          <Select
            label={t('firmware.agency')}
            data={[...agencies]}
            value={owner}
            allowDeselect={false}
            onChange={choose}
          />
        ) : null}
        <Select
          label={t('device.model')}
          searchable
          data={offered.map((each) => ({ value: each.id, label: `${modelTitle(each, language)} (${each.id})` }))}
          value={model}
          onChange={setModel}
        />
        <TextInput
          label={t('firmware.version')}
          placeholder="1.5.0"
          value={version}
          onChange={(event) => setVersion(event.currentTarget.value.trim())}
        />
        <FileInput
          label={t('firmware.image')}
          placeholder={t('firmware.chooseFile')}
          value={image}
          onChange={setImage}
          clearable
        />
        <TextInput
          label={t('firmware.signature')}
          description={t('firmware.signatureHint')}
          value={signature}
          onChange={(event) => setSignature(event.currentTarget.value)}
        />
        <FileInput
          label={t('firmware.signatureFile')}
          placeholder={t('firmware.chooseFile')}
          onChange={(file) => void signatureFile(file)}
        />
        <Textarea
          label={t('firmware.notes')}
          maxLength={500}
          autosize
          minRows={2}
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
        {share !== null ? (
          <div>
            <Progress value={share * 100} aria-label={t('firmware.uploading')} />
            <p className="secondary small" role="status">
              {share < 1 ? `${t('firmware.uploading')} ${Math.floor(share * 100)} %` : t('firmware.checking')}
            </p>
          </div>
        ) : null}
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={share !== null}>
          {t('firmware.upload')}
        </Button>
      </form>
    </Modal>
  );
}
