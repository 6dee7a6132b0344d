import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PointId } from '../../../domain/identifiers.ts';
import { searchQuery } from '../../client/search.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { IconPlus } from '../../components/icons.ts';
import { SearchField } from '../../components/SearchField.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { axesOf, COMPARE_LINES_MAX, type CompareLine, lineKey } from '../../state/compare.ts';
import { Glyph } from '../../symbols/Symbols.tsx';

/** Points found by name, each with what it measures; what would need a third scale can't be taken. */
export function ComparePicker({
  lines,
  units,
  onAdd,
}: {
  lines: readonly CompareLine[];
  /** Of the lines drawn, in their order. */
  units: readonly string[];
  onAdd: (line: CompareLine) => void;
}) {
  const { t, language } = useLanguage();
  const [text, setText] = useState('');
  const wanted = text.trim();
  const { pointById, quantities } = useWholeCity(wanted !== '');
  const hits = useQuery(searchQuery(wanted));
  const points = (wanted === '' ? [] : (hits.data ?? [])).flatMap(({ kind, id }) => {
    const point = kind === 'point' ? pointById.get(id as PointId) : undefined;
    return point ? [point] : [];
  });
  const chosen = new Set(lines.map(lineKey));
  const isFull = lines.length >= COMPARE_LINES_MAX;
  return (
    <section className="compare-picker" aria-label={t('compare.add')}>
      <SearchField value={text} label={t('compare.search')} onChange={setText} />
      {isFull ? <p className="small secondary">{t('compare.full', { count: COMPARE_LINES_MAX })}</p> : null}
      {wanted === '' ? null : hits.error ? (
        <Failure error={hits.error} retry={() => void hits.refetch()} />
      ) : points.length === 0 && !hits.isFetching ? (
        <p className="small secondary" role="status">
          {t('compare.nothing')}
        </p>
      ) : (
        <ul className="compare-hits">
          {points.map((point) => (
            <li key={point.id}>
              <span className="severity-cell">
                <Glyph name={point.domain} size={14} />
                <span className="truncate">{point.name[language]}</span>
              </span>
              <span className="compare-quantities">
                {point.series.map(({ quantity: key }) => {
                  const line: CompareLine = { pointId: point.id, quantity: key };
                  const quantity = quantities.get(key);
                  const isThird =
                    axesOf([...units, quantity?.unitSymbol ?? '']).get(quantity?.unitSymbol ?? '') === null;
                  const name = quantity?.name[language] ?? key;
                  return (
                    <button
                      key={key}
                      type="button"
                      className="chip"
                      disabled={chosen.has(lineKey(line)) || isThird || isFull}
                      title={isThird ? t('compare.thirdUnit', { unit: quantity?.unitSymbol ?? '' }) : undefined}
                      aria-label={t('compare.addLine', { point: point.name[language], quantity: name })}
                      onClick={() => onAdd(line)}
                    >
                      <IconPlus size={14} aria-hidden="true" />
                      {name}
                    </button>
                  );
                })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
