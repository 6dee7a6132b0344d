import { useEffect, useRef, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { type LabelContent, readLabel } from '../state/label-code.ts';
import { qrReader } from './read-qr.ts';

/** Ten looks a second are enough for a hand that holds still, and leave the battery alone. */
const LOOK_EVERY_MS = 100;
type CameraState = 'starting' | 'looking' | 'refused' | 'missing';

/** Looks through the camera for a label; tells of the first it can read. */
export function LabelScanner({ onLabel }: { onLabel: (label: LabelContent) => void }) {
  const { t } = useLanguage();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<CameraState>('starting');
  const [foreign, setForeign] = useState(false);
  const told = useRef(onLabel);
  told.current = onLabel;

  useEffect(() => {
    let stopped = false;
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      if (!navigator.mediaDevices) return setState('missing');
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
      } catch (error) {
        return setState((error as DOMException).name === 'NotAllowedError' ? 'refused' : 'missing');
      }
      const element = video.current;
      if (stopped || !element) return;
      element.srcObject = stream;
      await element.play();
      setState('looking');
      const read = await qrReader();
      const look = async (): Promise<void> => {
        const text = await read(element).catch(() => null);
        if (stopped) return;
        const label = text === null ? null : readLabel(text);
        if (label) return told.current(label);
        if (text !== null) setForeign(true);
        timer = setTimeout(() => void look(), LOOK_EVERY_MS);
      };
      await look();
    };
    void run().finally(() => {
      if (stopped) for (const track of stream?.getTracks() ?? []) track.stop();
    });
    return () => {
      stopped = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);

  return (
    <div className="scanner">
      <video
        ref={video}
        className="scanner-video"
        playsInline
        muted
        aria-label={t('field.camera')}
        hidden={state !== 'looking'}
      />
      <p className="secondary" role="status">
        {foreign && state === 'looking' ? t('field.foreignCode') : t(`camera.${state}`)}
      </p>
    </div>
  );
}
