import type { Language } from '../../../domain/localized.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import type { Content } from '../../state/warning-draft.ts';

/** A warning as people will read it in one language. */
export function ContentText({ content, language }: { content: Content; language: Language }) {
  const { t } = useLanguage();
  const missing = <span className="secondary">{t('warnings.missing')}</span>;
  const text = (part: 'headline' | 'description' | 'instruction') => content[part][language].trim() || missing;
  return (
    <article lang={language} className={`cap-${content.severity}`}>
      <h3 className="panel-title">{text('headline')}</h3>
      <p className="small">
        <span className="warning-severity">{t(`warnings.severity.${content.severity}`)}</span>
        <span className="secondary">
          {' · '}
          {t(`warnings.urgency.${content.urgency}`)} · {t(`warnings.certainty.${content.certainty}`)}
        </span>
      </p>
      <p className="warning-text">{text('description')}</p>
      <p className="warning-text">
        <strong>{text('instruction')}</strong>
      </p>
      <dl className="facts">
        <dt>{t('warnings.area.title')}</dt>
        <dd>{content.area.description[language].trim() || missing}</dd>
        <dt>{t('warnings.onset')}</dt>
        <dd>{content.onset === null ? t('warnings.atOnce') : formatDateTime(content.onset, language)}</dd>
        <dt>{t('warnings.expires')}</dt>
        <dd>{content.expires === null ? missing : formatDateTime(content.expires, language)}</dd>
        <dt>{t('warnings.categories')}</dt>
        <dd>{content.categories.map((category) => t(`warnings.category.${category}`)).join(', ') || missing}</dd>
        {content.contact === '' ? null : (
          <>
            <dt>{t('warnings.contact')}</dt>
            <dd>{content.contact}</dd>
          </>
        )}
      </dl>
    </article>
  );
}
