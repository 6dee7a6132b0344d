import type { RuleWire } from '../../api/contract/rules.ts';
import { isJoint } from '../../domain/joint-condition.ts';
import { severityRank } from '../../domain/rule.ts';
import { useCity } from '../client/use-city.tsx';
import { useValueText } from '../components/Reading.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatDuration } from '../state/formatting.ts';

/** A rule's condition in one line, worst level first: `trung bình 1 giờ ≥ 3,00 m khẩn cấp · ≥ 2,50 m nghiêm trọng`. */
export function useConditionText(): (rule: RuleWire) => string {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  return ({ condition, quantity: key }) => {
    if (isJoint(condition)) return t(`rules.kind.${condition.kind}`);
    const quantity = quantities.get(key);
    const over = 'over' in condition ? condition.over : undefined;
    const measured =
      over === undefined
        ? ''
        : `${t(`rules.overText.${over.statistic}`, {
            duration: formatDuration(over.length, language),
            percentile: over.statistic === 'percentile' ? over.percentile : 0,
          })} `;
    const levels = [...condition.levels].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
    return `${measured}${levels
      .map((level) => {
        const severity = t(`severity.${level.severity}`).toLocaleLowerCase(language);
        if ('limit' in level) {
          const limit = valueText(level.limit, quantity);
          return t(`rules.levelText.${condition.kind as 'above' | 'below' | 'rate_of_change'}`, { limit, severity });
        }
        if ('low' in level) {
          return t('rules.levelText.outside', {
            low: valueText(level.low, quantity),
            high: valueText(level.high, quantity),
            severity,
          });
        }
        if (condition.kind === 'frozen') {
          const duration = formatDuration(condition.within.length + level.hold, language);
          return t('rules.levelText.frozen', { duration, severity });
        }
        return t('rules.levelText.no_data', { duration: formatDuration(level.hold, language), severity });
      })
      .join(' · ')}`;
  };
}
