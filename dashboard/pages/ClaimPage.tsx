import { Button, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { DeviceId } from '../../domain/identifiers.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { usePlatform } from '../client/platform.tsx';
import { devicesQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { registerFieldWorker } from '../installer/field-worker.ts';
import { LabelScanner } from '../installer/LabelScanner.tsx';
import { qrReader } from '../installer/read-qr.ts';
import { useFieldWork } from '../installer/use-field.ts';
import { WaitingWork } from '../installer/WaitingWork.tsx';
import { type LabelContent, readLabel, readTyped } from '../state/label-code.ts';
import '../styles/installer.css';

/** The first thing an installer does: from a label to a device that is theirs. */
export function ClaimPage() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const { deviceId } = useParams({ strict: false });
  const [scanning, setScanning] = useState(false);
  const [typed, setTyped] = useState({ device: '', code: '' });
  const [problem, setProblem] = useState<string | null>(null);
  const picture = useRef<HTMLInputElement>(null);
  useEffect(registerFieldWorker, []);

  const open = ({ deviceId: id, code }: LabelContent) =>
    void navigate({ to: '/claim/$deviceId', params: { deviceId: id }, ...(code === null ? {} : { hash: code }) });

  if (deviceId !== undefined) return <ClaimDevice key={deviceId} deviceId={deviceId as DeviceId} />;

  async function readPicture(file: File | undefined): Promise<void> {
    if (!file) return;
    const bitmap = await createImageBitmap(file).catch(() => null);
    const text = bitmap && (await (await qrReader())(bitmap));
    bitmap?.close();
    const label = text ? readLabel(text) : null;
    if (label) open(label);
    else setProblem(t('field.pictureUnread'));
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    const label = readTyped(typed.device, typed.code);
    if (label) open(label);
    else setProblem(t('field.typedWrong'));
  }
  return (
    <div className="page field-page">
      <header className="page-header">
        <h1>{t('field.scanTitle')}</h1>
      </header>
      <div className="field-body">
        <WaitingWork />
        {scanning ? <LabelScanner onLabel={open} /> : null}
        <Button size="lg" fullWidth onClick={() => setScanning(!scanning)}>
          {t(scanning ? 'field.scanStop' : 'field.scan')}
        </Button>
        <Button size="lg" fullWidth variant="default" onClick={() => picture.current?.click()}>
          {t('field.scanPicture')}
        </Button>
        <input
          ref={picture}
          type="file"
          accept="image/*"
          hidden
          aria-label={t('field.scanPicture')}
          onChange={(event) => void readPicture(event.currentTarget.files?.[0])}
        />
        <form className="form" onSubmit={submit} noValidate>
          <h2 className="section-title">{t('field.orType')}</h2>
          <TextInput
            size="lg"
            label={t('device.id')}
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            value={typed.device}
            onChange={(event) => setTyped({ ...typed, device: event.currentTarget.value })}
          />
          <TextInput
            size="lg"
            label={t('field.code')}
            description={t('field.codeHint')}
            autoCapitalize="characters"
            autoCorrect="off"
            spellCheck={false}
            value={typed.code}
            onChange={(event) => setTyped({ ...typed, code: event.currentTarget.value })}
          />
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <Button size="lg" type="submit" variant="default">
            {t('field.next')}
          </Button>
        </form>
      </div>
    </div>
  );
}

/** A label was read: whose the device becomes, and one large button. */
function ClaimDevice({ deviceId }: { deviceId: DeviceId }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const { add } = useFieldWork();
  const { session } = usePlatform();
  // What is in stock belongs to somebody already, and mostly stays theirs: claimed for another agency it would leave them.
  const owner = useQuery(devicesQuery).data?.find(({ id }) => id === deviceId)?.agencyId;
  const given = owner !== undefined && holdsIn(session, 'assets.write', owner) ? owner : null;
  const { agency, choose, agencies } = useAgencyChoice('assets.write', { given });
  const [code] = useState(() => readLabel(window.location.href)?.code ?? null);
  const [typed, setTyped] = useState('');
  const effective = code ?? (typed.trim() === '' ? null : typed.trim());

  async function claim(): Promise<void> {
    if (effective === null) return;
    await add(deviceId, { kind: 'claim', code: effective, agencyId: agency });
    await navigate({ to: '/install/$deviceId', params: { deviceId } });
  }
  return (
    <div className="page field-page">
      <header className="page-header">
        <h1>{t('field.claimTitle', { id: deviceId })}</h1>
      </header>
      <div className="field-body">
        {code === null ? (
          <>
            <p>{t('field.noCode')}</p>
            <TextInput
              size="lg"
              label={t('field.code')}
              autoCapitalize="characters"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </>
        ) : (
          <p className="field-code">{code}</p>
        )}
        {agencies.length > 1 ? (
          <Select
            size="lg"
            label={t('field.claimFor')}
            data={[...agencies]}
            value={agency}
            onChange={choose}
            allowDeselect={false}
          />
        ) : null}
      </div>
      <div className="field-bar">
        <Button size="lg" fullWidth disabled={effective === null} onClick={() => void claim()}>
          {t('field.claim')}
        </Button>
        <Button
          size="lg"
          fullWidth
          variant="default"
          onClick={() => void navigate({ to: '/install/$deviceId', params: { deviceId } })}
        >
          {t('field.claimedAlready')}
        </Button>
      </div>
    </div>
  );
}
