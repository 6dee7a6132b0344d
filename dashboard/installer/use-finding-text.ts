import type { FindingWire } from '../../api/contract/commissioning.ts';
import type { Language } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { useCity } from '../client/use-city.tsx';
import { i18n } from '../i18n/i18n.ts';
import { formatDateTime, formatDuration, formatNumber } from '../state/formatting.ts';

const TIMES = new Set(['since', 'at']);
const DURATIONS = new Set(['offset', 'expected', 'seen', 'silent']);

/** What was found, in words: with the quantity's name and unit, times and lengths of time as the language writes them. */
export function useFindingText(): (finding: FindingWire, language: Language) => string {
  const { quantities } = useCity();
  return ({ code, params }, language) => {
    const t = i18n.getFixedT(language);
    const about = quantities.get(String(params['quantity']) as QuantityKey);
    const shown = Object.fromEntries(
      Object.entries(params).map(([name, value]) => {
        if (name === 'quantity' || name === 'quantities')
          return [
            name,
            String(value)
              .split(' ')
              .map((key) => quantities.get(key as QuantityKey)?.name[language] ?? key)
              .join(', '),
          ];
        if (name === 'reason') return [name, t(`quarantineCode.${value}` as 'quarantineCode.MALFORMED')];
        if (typeof value === 'string' || name === 'count') return [name, value];
        if (TIMES.has(name)) return [name, formatDateTime(value, language, true)];
        if (DURATIONS.has(name))
          return [name, formatDuration(name === 'offset' ? Math.max(1_000, value) : value, language)];
        const number = formatNumber(value, about?.decimals ?? 0, language);
        return [
          name,
          about && about.unitSymbol !== '' && name !== 'neighbours' ? `${number} ${about.unitSymbol}` : number,
        ];
      }),
    );
    return t(`finding.${code}`, shown);
  };
}
