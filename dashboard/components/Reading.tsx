import type { QuantityWire } from '../../api/contract/assets.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { qualityKind, qualityName } from '../../domain/quality.ts';
import { stateName } from '../../domain/quantity.ts';
import { useReading, useServerNow } from '../client/platform.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatAge, formatNumber } from '../state/formatting.ts';

/** A value in the language's own writing, without the unit, where something beside it has that; a state by its name. */
export function useBareText(): (value: number, quantity: QuantityWire | undefined) => string {
  const { language } = useLanguage();
  return (value, quantity) =>
    (quantity && stateName(quantity, value))?.[language] ?? formatNumber(value, quantity?.decimals ?? 2, language);
}

/** A value with its unit, in the language's own writing; a state by its name. */
export function useValueText(): (value: number | null, quantity: QuantityWire | undefined) => string {
  const { t } = useLanguage();
  const bareText = useBareText();
  return (value, quantity) => {
    if (value === null) return t('value.none');
    const text = bareText(value, quantity);
    return quantity === undefined || quantity.unitSymbol === '' ? text : `${text} ${quantity.unitSymbol}`;
  };
}

/** The newest reading of a series: value, unit, age; dimmed when the screen's data is old, struck when invalid. */
export function LiveReading({
  series,
  quantity,
  withAge = true,
}: {
  series: SeriesId;
  quantity: QuantityWire | undefined;
  withAge?: boolean;
}) {
  const { t, language } = useLanguage();
  const reading = useReading(series);
  const now = useServerNow();
  const valueText = useValueText();
  if (!reading) return <span className="secondary">{withAge ? t('value.never') : t('value.none')}</span>;
  const kind = qualityKind(reading.quality);
  return (
    <span className="live-value">
      <span className={kind === 'invalid' ? 'value-invalid' : undefined}>{valueText(reading.value, quantity)}</span>
      {withAge ? <span className="secondary small"> · {formatAge(now - reading.eventTime, language)}</span> : null}
    </span>
  );
}

/** Quality by word and pattern; nothing for good readings, which need no mark. */
export function QualityMark({ quality }: { quality: number }) {
  const { t } = useLanguage();
  const kind = qualityKind(quality);
  if (kind === 'good') return null;
  return (
    <span className={`quality quality-${kind}`} title={t(`qualityReason.${qualityName(quality)}`)}>
      {t(`quality.${kind}`)}
    </span>
  );
}
