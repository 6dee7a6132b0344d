import { Button, CopyButton } from '@mantine/core';
import type { DeviceId } from '../../domain/identifiers.ts';
import { IconCheck, IconCopy } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** A device's token, shown this once, with a command that sends its first reading. */
export function TokenOnce({ deviceId, token, quantity }: { deviceId: DeviceId; token: string; quantity: string }) {
  const { t } = useLanguage();
  const host = window.location.hostname;
  const command = [
    `mosquitto_pub -h ${host} -p 1883 -i ${deviceId} -u ${deviceId} -P '${token}' -q 1 \\`,
    `  -t hd/v1/${deviceId}/telemetry -m '{"values":{"${quantity}":12.3}}'`,
  ].join('\n');
  return (
    <div className="form">
      <p>
        <strong>{t('token.once')}</strong> {t('token.onceHint')}
      </p>
      <div>
        <h4>{t('token.token')}</h4>
        <pre className="code-block">{token}</pre>
        <Copy text={token} />
      </div>
      <div>
        <h4>{t('token.example')}</h4>
        <pre className="code-block">{command}</pre>
        <Copy text={command} />
      </div>
    </div>
  );
}

function Copy({ text }: { text: string }) {
  const { t } = useLanguage();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          mt={8}
          size="xs"
          variant="default"
          leftSection={copied ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
          onClick={copy}
        >
          {copied ? t('common.copied') : t('common.copy')}
        </Button>
      )}
    </CopyButton>
  );
}
