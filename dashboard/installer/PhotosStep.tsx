import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { DeviceId } from '../../domain/identifiers.ts';
import { newIdempotencyKey } from '../client/http.ts';
import { devicePhotosQuery } from '../client/queries.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { tasksOf } from '../state/field-queue.ts';
import { formatWhen } from '../state/formatting.ts';
import { downscalePhoto } from './downscale-photo.ts';
import { keepPicture, pictureNamed } from './field-store.ts';
import { photoAddress } from './photo-address.ts';
import { useFieldQueue, useFieldWork } from './use-field.ts';

/** Pictures and notes of the work; kept on the phone until the platform has them. */
export function PhotosStep({ deviceId, canAsk, onDone }: { deviceId: DeviceId; canAsk: boolean; onDone: () => void }) {
  const { t, language } = useLanguage();
  const { add } = useFieldWork();
  const input = useRef<HTMLInputElement>(null);
  const photos = useQuery({ ...devicePhotosQuery(deviceId), enabled: canAsk });
  const waiting = tasksOf(useFieldQueue(), deviceId);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState(false);

  async function take(files: FileList | null): Promise<void> {
    setProblem(false);
    for (const file of files ?? []) {
      try {
        const picture = newIdempotencyKey();
        await keepPicture(picture, await downscalePhoto(file));
        await add(deviceId, { kind: 'photo', picture });
      } catch {
        setProblem(true);
      }
    }
  }
  async function addNote(): Promise<void> {
    await add(deviceId, { kind: 'note', text: note.trim() });
    setNote('');
  }
  return (
    <>
      <Button size="lg" fullWidth onClick={() => input.current?.click()}>
        {t('field.takePhoto')}
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        capture="environment"
        multiple
        hidden
        aria-label={t('field.takePhoto')}
        onChange={(event) => {
          void take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
      {problem ? (
        <p className="form-problem" role="alert">
          {t('field.photoUnread')}
        </p>
      ) : null}
      <p className="secondary">{t('field.photoHint')}</p>
      <ul className="photos">
        {waiting.map(({ id, work, at }) =>
          work.kind === 'photo' ? (
            <li key={id}>
              <WaitingPicture
                name={work.picture}
                label={t('field.photoWaiting', { time: formatWhen(at, Date.now(), language) })}
              />
            </li>
          ) : null,
        )}
        {(photos.data?.items ?? []).map((photo) => (
          <li key={photo.id}>
            <img
              src={photoAddress(deviceId, photo.id)}
              alt={t('field.photoOf', { time: formatWhen(photo.takenAt, Date.now(), language) })}
              loading="lazy"
            />
          </li>
        ))}
      </ul>
      <Textarea
        size="lg"
        label={t('field.note')}
        description={t('field.noteHint')}
        autosize
        minRows={2}
        maxLength={2_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Button size="lg" fullWidth variant="default" disabled={note.trim() === ''} onClick={() => void addNote()}>
        {t('field.addNote')}
      </Button>
      <div className="field-bar">
        <Button size="lg" fullWidth onClick={onDone}>
          {t('field.toChecks')}
        </Button>
      </div>
    </>
  );
}

/** A picture that still lies on the phone. */
function WaitingPicture({ name, label }: { name: string; label: string }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    void pictureNamed(name).then((blob) => {
      if (!blob) return;
      made = URL.createObjectURL(blob);
      setAddress(made);
    });
    return () => {
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [name]);
  return address === null ? null : <img src={address} alt={label} data-waiting />;
}
