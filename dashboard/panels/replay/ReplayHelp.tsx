import { Modal } from '@mantine/core';
import { Fragment } from 'react';
import { useLanguage } from '../../i18n/use-language.ts';

/** What the keys of the replay do. */
export function ReplayHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('replay.keys.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <dl className="help-keys">
        {(
          [
            [t('replay.spaceKey'), 'replay.keys.play'],
            ['← →', 'replay.keys.step'],
            ['Shift + ← →', 'replay.keys.bigStep'],
            ['[ ]', 'replay.keys.speed'],
            ['N P', 'replay.keys.alarm'],
            ['L', 'replay.keys.leave'],
          ] as const
        ).map(([keys, meaning]) => (
          <Fragment key={meaning}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(meaning)}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
