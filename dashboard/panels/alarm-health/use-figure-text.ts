import { useLanguage } from '../../i18n/use-language.ts';
import type { HealthFigure } from '../../state/alarm-health-view.ts';
import { formatCount, formatDuration, formatNumber } from '../../state/formatting.ts';

/** A figure with its unit: `1,4`, `12`, `3,5 %`, `4 phút`. */
export function useFigureText(): (figure: Pick<HealthFigure, 'value' | 'unit'>) => string {
  const { t, language } = useLanguage();
  return ({ value, unit }) => {
    if (value === null) return t('health.nothing');
    switch (unit) {
      case 'number':
        return formatNumber(value, value >= 100 ? 0 : value < 1 ? 2 : 1, language);
      case 'count':
        return formatCount(value, language);
      case 'share':
        return `${formatNumber(value * 100, 1, language)} %`;
      case 'duration':
        return formatDuration(value, language);
    }
  };
}
