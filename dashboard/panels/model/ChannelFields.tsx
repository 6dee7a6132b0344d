import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { Fragment } from 'react';
import { useCity } from '../../client/use-city.tsx';
import { IconPlus, IconTrash } from '../../components/icons.ts';
import { numberOrNull } from '../../components/number-input.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { type ChannelDraft, type ModelDraft, withChannel } from '../../state/model-draft.ts';
import { ChannelChecksFields } from './ChannelChecksFields.tsx';

/** A model's channels, one row each: what the device calls it, what it is, in which unit it is sent, and what is plausible. */
export function ChannelFields({ draft, onChange }: { draft: ModelDraft; onChange: (draft: ModelDraft) => void }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const { channels } = draft;
  const change = (row: number, next: Partial<ChannelDraft>): void =>
    onChange({ ...draft, channels: channels.map((each) => (each.row === row ? { ...each, ...next } : each)) });
  /** What the platform works out no device sends. */
  const sendable = (chosen: string) =>
    [...quantities.values()].filter((each) => each.computed !== true || each.key === chosen);
  const decimalSeparator = language === 'vi' ? ',' : '.';
  return (
    <fieldset className="form role-fields">
      <legend>{t('models.channels')}</legend>
      {channels.map(({ row, key, quantity, unit, min, max, checks = {} }) => {
        const known = [...quantities.values()].find((each) => each.key === quantity);
        const inUnit = (label: string): string => (known?.unitSymbol ? `${label} (${known.unitSymbol})` : label);
        return (
          <Fragment key={row}>
            <div className="channel-row">
              <TextInput
                label={t('models.channel.key')}
                value={key}
                spellCheck={false}
                onChange={(event) => change(row, { key: event.currentTarget.value })}
              />
              <Select
                label={t('alarms.quantity')}
                searchable
                nothingFoundMessage={t('search.nothing')}
                data={sendable(quantity).map((each) => ({
                  value: each.key,
                  label: `${each.name[language]}${each.unitSymbol === '' ? '' : ` (${each.unitSymbol})`}`,
                }))}
                value={quantity === '' ? null : quantity}
                onChange={(next) => change(row, { quantity: next ?? '' })}
              />
              <TextInput
                label={t('models.channel.unit')}
                placeholder={known?.unit ?? ''}
                value={unit}
                spellCheck={false}
                onChange={(event) => change(row, { unit: event.currentTarget.value })}
              />
              <NumberInput
                label={inUnit(t('models.channel.min'))}
                decimalSeparator={decimalSeparator}
                value={min ?? ''}
                onChange={(value) => change(row, { min: numberOrNull(value) })}
              />
              <NumberInput
                label={inUnit(t('models.channel.max'))}
                decimalSeparator={decimalSeparator}
                value={max ?? ''}
                onChange={(value) => change(row, { max: numberOrNull(value) })}
              />
              <button
                type="button"
                className="icon-button"
                aria-label={t('models.channel.remove', { key })}
                title={t('models.channel.remove', { key })}
                onClick={() => onChange({ ...draft, channels: channels.filter((each) => each.row !== row) })}
              >
                <IconTrash size={16} aria-hidden="true" />
              </button>
            </div>
            <ChannelChecksFields
              name={key}
              unitSymbol={known?.unitSymbol ?? ''}
              checks={checks}
              onChange={(next) => change(row, { checks: next })}
            />
          </Fragment>
        );
      })}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          onClick={() => onChange(withChannel(draft))}
        >
          {t('models.channel.add')}
        </Button>
      </div>
    </fieldset>
  );
}
