import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';

/** A secret or link that is shown this once, with what it is for. */
export function LinkOnce({ text, title, hint }: { text: string; title: string; hint: string }) {
  const { t } = useLanguage();
  return (
    <div role="status">
      <p>
        <strong>{title}</strong> {hint}
      </p>
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
            {copied ? t('common.copied') : t('common.copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
