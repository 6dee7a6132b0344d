import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { Profile } from './ProfileForm.tsx';

/** A profile's secret, shown this once, with a command that registers a device with it. */
export function SecretOnce({ profile, secret, onKept }: { profile: Profile; secret: string; onKept: () => void }) {
  const { t } = useLanguage();
  const topic = `hd/v1/provision/${profile.key}`;
  const command = [
    `mosquitto_rr -h ${window.location.hostname} -p 1883 -i my-device-1 -u provision -P '${secret}' -q 1 \\`,
    `  -t ${topic} -e ${topic}/my-device-1 -m '{"model":"${profile.modelIds[0] ?? ''}"}'`,
  ].join('\n');
  return (
    <div className="form">
      <p>
        <strong>{t('provisioning.secretOnce')}</strong> {t('provisioning.secretHint')}
      </p>
      {[
        { title: t('provisioning.secret'), text: secret },
        { title: t('provisioning.secretExample'), text: command },
      ].map(({ title, text }) => (
        <div key={title}>
          <h4>{title}</h4>
          <pre className="code-block">{text}</pre>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button
                mt={8}
                size="xs"
                variant="default"
                leftSection={
                  copied ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />
                }
                onClick={copy}
              >
                {t(copied ? 'common.copied' : 'common.copy')}
              </Button>
            )}
          </CopyButton>
        </div>
      ))}
      <Button onClick={onKept}>{t('provisioning.kept')}</Button>
    </div>
  );
}
