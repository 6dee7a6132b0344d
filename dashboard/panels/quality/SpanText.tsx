import type { QualitySpanWire } from '../../../api/contract/quality-spans.ts';
import { QUALITY } from '../../../domain/quality.ts';
import { QualityMark } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { kindOf } from '../../state/quality-spans.ts';

/** Why a span was marked: a person's words, or what the platform found. */
export function useReasonText(): (span: QualitySpanWire) => string {
  const { t } = useLanguage();
  return ({ finding, reason, quality }) => {
    if (finding === null) return reason;
    if (finding.key === 'finding.stuck') return t('qualitySpans.finding.stuck', finding.params);
    if (finding.key === 'finding.neighbours') return t('qualitySpans.finding.neighbours', finding.params);
    return t(`qualityReason.${quality}`);
  };
}

/** A span's verdict, time and reason in a line. */
export function SpanText({ span }: { span: QualitySpanWire }) {
  const { t, language } = useLanguage();
  const reasonText = useReasonText();
  const kind = kindOf(span);
  const from = formatDateTime(span.from, language);
  return (
    <span>
      {kind === 'good' ? (
        <span className="quality">{t('qualitySpans.good')}</span>
      ) : (
        <QualityMark quality={QUALITY[span.quality]} />
      )}
      {reasonText(span)}{' '}
      <span className="secondary small">
        {span.to === null
          ? t('qualitySpans.since', { from })
          : t('qualitySpans.between', { from, to: formatDateTime(span.to, language) })}
        {' · '}
        {span.finding === null ? t('qualitySpans.byPerson') : t('qualitySpans.automatic')}
      </span>
    </span>
  );
}
