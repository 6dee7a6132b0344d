import { useSyncExternalStore } from 'react';
import { alarmSound } from '../client/alarm-sound.ts';
import { IconBell, IconBellOff } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';

export const useMuted = (): boolean => useSyncExternalStore(alarmSound.subscribe, alarmSound.isMuted);

/** Sound of alarms on or off; remembered on this machine. */
export function SoundSwitch() {
  const { t } = useLanguage();
  const muted = useMuted();
  const label = muted ? t('sound.turnOn') : t('sound.turnOff');
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={`${label} (M)`}
      aria-pressed={muted}
      onClick={() => alarmSound.setMuted(!muted)}
    >
      {muted ? <IconBellOff size={18} aria-hidden="true" /> : <IconBell size={18} aria-hidden="true" />}
    </button>
  );
}
