import { MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { LANGUAGES } from '../../../domain/localized.ts';
import {
  CAP_CATEGORIES,
  CAP_CERTAINTIES,
  CAP_RESPONSE_TYPES,
  CAP_SEVERITIES,
  CAP_URGENCIES,
  type CapCategory,
  type CapCertainty,
  type CapResponseType,
  type CapSeverity,
  type CapUrgency,
} from '../../../domain/warning/cap.ts';
import { WARNING_HEADLINE_MAX, WARNING_TEXT_MAX } from '../../../domain/warning/warning-content.ts';
import { DateField } from '../../components/DateField.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { dateField, instantOf } from '../../state/city-dates.ts';
import type { Content } from '../../state/warning-draft.ts';

const SHORT = ['event', 'headline'] as const;
const LONG = ['description', 'instruction'] as const;

/** All that a warning says, in both languages side by side. */
export function ContentFields({ content, onChange }: { content: Content; onChange: (next: Content) => void }) {
  const { t } = useLanguage();
  const change = (part: Partial<Content>) => onChange({ ...content, ...part });
  return (
    <div className="form">
      {SHORT.map((part) => (
        <div className="form-row" key={part}>
          {LANGUAGES.map((language) => (
            <TextInput
              key={language}
              label={t(`warnings.${part}`, { language: t(`warnings.language.${language}`) })}
              lang={language}
              maxLength={WARNING_HEADLINE_MAX}
              value={content[part][language]}
              onChange={(event) => change({ [part]: { ...content[part], [language]: event.currentTarget.value } })}
            />
          ))}
        </div>
      ))}
      {LONG.map((part) => (
        <div className="form-row" key={part}>
          {LANGUAGES.map((language) => (
            <Textarea
              key={language}
              label={t(`warnings.${part}`, { language: t(`warnings.language.${language}`) })}
              lang={language}
              autosize
              minRows={2}
              maxRows={10}
              maxLength={WARNING_TEXT_MAX}
              value={content[part][language]}
              onChange={(event) => change({ [part]: { ...content[part], [language]: event.currentTarget.value } })}
            />
          ))}
        </div>
      ))}
      <div className="form-row">
        <Select
          label={t('warnings.severityField')}
          data={CAP_SEVERITIES.map((value) => ({ value, label: t(`warnings.severity.${value}`) }))}
          value={content.severity}
          allowDeselect={false}
          onChange={(value) => change({ severity: value as CapSeverity })}
        />
        <Select
          label={t('warnings.urgencyField')}
          data={CAP_URGENCIES.map((value) => ({ value, label: t(`warnings.urgency.${value}`) }))}
          value={content.urgency}
          allowDeselect={false}
          onChange={(value) => change({ urgency: value as CapUrgency })}
        />
        <Select
          label={t('warnings.certaintyField')}
          data={CAP_CERTAINTIES.map((value) => ({ value, label: t(`warnings.certainty.${value}`) }))}
          value={content.certainty}
          allowDeselect={false}
          onChange={(value) => change({ certainty: value as CapCertainty })}
        />
      </div>
      <div className="form-row">
        <MultiSelect
          label={t('warnings.categories')}
          data={CAP_CATEGORIES.map((value) => ({ value, label: t(`warnings.category.${value}`) }))}
          value={content.categories}
          onChange={(values) => change({ categories: values as CapCategory[] })}
        />
        <MultiSelect
          label={t('warnings.responseTypes')}
          data={CAP_RESPONSE_TYPES.map((value) => ({ value, label: t(`warnings.response.${value}`) }))}
          value={content.responseTypes}
          onChange={(values) => change({ responseTypes: values as CapResponseType[] })}
        />
      </div>
      <div className="form-row">
        <DateField
          kind="moment"
          label={t('warnings.onset')}
          description={t('warnings.onsetHint')}
          value={dateField(content.onset)}
          onChange={(next) => change({ onset: instantOf(next) })}
        />
        <DateField
          kind="moment"
          label={t('warnings.expires')}
          description={t('warnings.expiresHint')}
          value={dateField(content.expires)}
          onChange={(next) => change({ expires: instantOf(next) })}
        />
        <TextInput
          label={t('warnings.contact')}
          description={t('warnings.contactHint')}
          maxLength={300}
          value={content.contact}
          onChange={(event) => change({ contact: event.currentTarget.value })}
        />
      </div>
      <div className="form-row">
        {LANGUAGES.map((language) => (
          <TextInput
            key={language}
            label={t('warnings.area.description', { language: t(`warnings.language.${language}`) })}
            lang={language}
            maxLength={WARNING_HEADLINE_MAX}
            value={content.area.description[language]}
            onChange={(event) =>
              change({
                area: {
                  ...content.area,
                  description: { ...content.area.description, [language]: event.currentTarget.value },
                },
              })
            }
          />
        ))}
      </div>
    </div>
  );
}
