import { Menu, Modal, Select } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useSyncExternalStore } from 'react';
import { SEVERITIES } from '../../domain/rule.ts';
import { alarmSound, type SoundState } from '../client/alarm-sound.ts';
import { IconBell, IconBellOff } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { REMINDER_CHOICES_MS } from '../state/alarm-reminder.ts';
import { formatTime } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';

const useSound = (): SoundState => useSyncExternalStore(alarmSound.subscribe, alarmSound.get);

/** An hour is what the key mutes for. */
export const MUTE_BY_KEY_MS = 3_600_000;
const MUTES = [
  { key: 'sound.mute.quarter', milliseconds: 900_000 },
  { key: 'sound.mute.hour', milliseconds: MUTE_BY_KEY_MS },
  { key: 'sound.mute.shift', milliseconds: 8 * 3_600_000 },
] as const;

/** Sound of alarms: silent until a time, and how often what nobody acknowledged calls again; remembered for the person on this machine. */
export function SoundSwitch() {
  const { t } = useLanguage();
  const { mutedUntil, isBlocked } = useSound();
  const [choosing, choose] = useDisclosure(false);
  const label =
    mutedUntil !== null
      ? t('sound.mutedUntil', { time: formatTime(mutedUntil, false) })
      : isBlocked
        ? t('sound.blocked')
        : t('sound.on');
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <button
            type="button"
            className="icon-button sound-switch"
            aria-label={label}
            title={label}
            data-quiet={mutedUntil !== null || isBlocked || undefined}
          >
            {mutedUntil !== null || isBlocked ? (
              <IconBellOff size={18} aria-hidden="true" />
            ) : (
              <IconBell size={18} aria-hidden="true" />
            )}
            {mutedUntil === null && !isBlocked ? null : (
              <span className="sound-word small">
                {mutedUntil === null ? t('sound.blockedShort') : formatTime(mutedUntil, false)}
              </span>
            )}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label className="sound-state">{label}</Menu.Label>
          {mutedUntil === null ? null : (
            <Menu.Item onClick={() => alarmSound.muteFor(0)}>{t('sound.turnOn')}</Menu.Item>
          )}
          {MUTES.map(({ key, milliseconds }) => (
            <Menu.Item key={key} onClick={() => alarmSound.muteFor(milliseconds)}>
              {t(key)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={choose.open}>{t('sound.reminders')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={choosing}
        onClose={choose.close}
        title={t('sound.reminders')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <Reminders />
      </Modal>
    </>
  );
}

function Reminders() {
  const { t } = useLanguage();
  const { reminders } = useSound();
  const wordOf = (milliseconds: number): string =>
    milliseconds === 0
      ? t('sound.never')
      : milliseconds < 60_000
        ? t('sound.seconds', { count: milliseconds / 1000 })
        : t('sound.minutes', { count: milliseconds / 60_000 });
  return (
    <div className="form">
      <p className="small secondary">{t('sound.remindersHint')}</p>
      {SEVERITIES.map((severity) => (
        <div key={severity} className="sound-row">
          <StateMark state={severity} size={18} />
          <Select
            label={t(`severity.${severity}`)}
            data={REMINDER_CHOICES_MS.map((each) => ({ value: String(each), label: wordOf(each) }))}
            value={String(reminders[severity])}
            onChange={(next) => alarmSound.remindAfter(severity, Number(next))}
            allowDeselect={false}
          />
          <button type="button" className="link-button" onClick={() => alarmSound.tryOut(severity)}>
            {t('sound.tryOut')}
          </button>
        </div>
      ))}
    </div>
  );
}
