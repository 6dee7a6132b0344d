import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MapPoint } from '../../../api/contract/map.ts';
import type { QualitySpanWire } from '../../../api/contract/quality-spans.ts';
import { DECLARABLE_QUALITY } from '../../../domain/quality.ts';
import { useServerNow } from '../../client/platform.tsx';
import { qualitySpansQuery, useVerdicts, type VerdictDraft } from '../../client/quality.ts';
import { useCity } from '../../client/use-city.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { listed } from '../../state/quality-spans.ts';
import { SpanText } from './SpanText.tsx';

const SHOWN_AT_FIRST = 5;

const isDeclarable = (quality: QualitySpanWire['quality']): quality is VerdictDraft['quality'] =>
  (DECLARABLE_QUALITY as readonly string[]).includes(quality);

/** What was found of a point's readings, by people and by the platform; for those who may, with ways to end, change and withdraw it. */
export function PointQuality({
  point,
  mayMark,
  onMark,
  onEdit,
}: {
  point: MapPoint;
  mayMark: boolean;
  onMark: () => void;
  onEdit: (draft: VerdictDraft) => void;
}) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const now = useServerNow();
  const { busy, give, withdraw } = useVerdicts();
  const [withWithdrawn, setWithWithdrawn] = useState(false);
  const [all, setAll] = useState(false);
  const series = point.series.filter(({ computed }) => !computed);
  const spans = useQuery(qualitySpansQuery(series.map(({ id }) => id)));
  const shown = listed(spans.data?.items ?? [], withWithdrawn);
  const hasWithdrawn = (spans.data?.items ?? []).some((span) => span.withdrawnAt !== null);
  const nameOf = (id: number) => {
    const quantity = series.find((each) => each.id === id)?.quantity;
    return quantity === undefined ? '' : (quantities.get(quantity)?.name[language] ?? quantity);
  };
  const draftOf = (span: QualitySpanWire, to: number | null): VerdictDraft => ({
    series: [span.series],
    from: span.from,
    to,
    quality: isDeclarable(span.quality) ? span.quality : 'SUSPECT_DECLARED',
    reason: span.reason,
    replaces: span.id,
  });
  return (
    <section aria-label={t('qualitySpans.title')}>
      <h3 className="section-title">{t('qualitySpans.title')}</h3>
      {spans.error ? <Failure error={spans.error} retry={() => void spans.refetch()} /> : null}
      {spans.data && shown.length === 0 ? <p className="secondary section-empty">{t('qualitySpans.none')}</p> : null}
      <ul className="quality-spans">
        {(all ? shown : shown.slice(0, SHOWN_AT_FIRST)).map((span) => (
          <li key={span.id} data-withdrawn={span.withdrawnAt !== null || undefined}>
            <strong>{nameOf(span.series)}</strong> <SpanText span={span} />
            {span.withdrawnAt !== null ? (
              <span className="secondary small"> · {t('qualitySpans.withdrawn')}</span>
            ) : mayMark ? (
              <span className="quality-actions">
                {span.to === null && span.finding === null ? (
                  <button
                    type="button"
                    className="text-button"
                    disabled={busy}
                    onClick={() => void give(draftOf(span, Math.max(now, span.from + 1)))}
                  >
                    {t('qualitySpans.end')}
                  </button>
                ) : null}
                {span.finding === null ? (
                  <button type="button" className="text-button" onClick={() => onEdit(draftOf(span, span.to))}>
                    {t('qualitySpans.edit')}
                  </button>
                ) : null}
                <button type="button" className="text-button" disabled={busy} onClick={() => void withdraw([span.id])}>
                  {t('qualitySpans.withdraw')}
                </button>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      <p className="quality-actions">
        {mayMark ? (
          <button type="button" className="text-button" onClick={onMark}>
            {t('qualitySpans.byForm')}
          </button>
        ) : null}
        {!all && shown.length > SHOWN_AT_FIRST ? (
          <button type="button" className="text-button" onClick={() => setAll(true)}>
            {t('qualitySpans.showAll', { count: shown.length })}
          </button>
        ) : null}
        {hasWithdrawn ? (
          <button type="button" className="text-button" onClick={() => setWithWithdrawn(!withWithdrawn)}>
            {t(withWithdrawn ? 'qualitySpans.hideWithdrawn' : 'qualitySpans.showWithdrawn')}
          </button>
        ) : null}
      </p>
    </section>
  );
}
