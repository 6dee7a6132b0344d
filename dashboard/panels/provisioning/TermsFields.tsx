import { NumberInput, Switch } from '@mantine/core';
import { useLanguage } from '../../i18n/use-language.ts';

export interface Terms {
  readonly stockListOnly: boolean;
  readonly maximumDevices: number | null;
}

/** On what terms devices come in. */
export function TermsFields({ terms, onChange }: { terms: Terms; onChange: (terms: Terms) => void }) {
  const { t } = useLanguage();
  return (
    <>
      <Switch
        label={t('provisioning.stockListOnly')}
        description={t('provisioning.stockListOnlyHint')}
        checked={terms.stockListOnly}
        onChange={(event) => onChange({ ...terms, stockListOnly: event.currentTarget.checked })}
      />
      <NumberInput
        label={t('provisioning.maximum')}
        description={t('provisioning.maximumHint')}
        min={1}
        max={10_000_000}
        allowDecimal={false}
        value={terms.maximumDevices ?? ''}
        onChange={(value) => onChange({ ...terms, maximumDevices: typeof value === 'number' ? value : null })}
      />
    </>
  );
}
