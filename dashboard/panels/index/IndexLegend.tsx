import { SegmentedControl } from '@mantine/core';
import type { IndexInfo } from '../../../api/contract/indices.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { IndexBadge } from './IndexBadge.tsx';

/** What the colours of the index layer mean, in words and ranges, and which index is shown. */
export function IndexLegend({
  indices,
  shown,
  onChange,
}: {
  indices: readonly IndexInfo[];
  shown: IndexInfo;
  onChange: (key: string) => void;
}) {
  const { t, language } = useLanguage();
  return (
    <section className="index-legend" aria-label={t('index.legend', { index: shown.name[language] })}>
      <SegmentedControl
        size="xs"
        aria-label={t('index.which')}
        data={indices.map(({ key, name }) => ({ value: key, label: name[language] }))}
        value={shown.key}
        onChange={onChange}
      />
      <ul>
        {shown.categories.map((category) => (
          <li key={category.key}>
            <IndexBadge category={category} text={`${category.min}–${category.max}`} />
            <span>{category.name[language]}</span>
          </li>
        ))}
        <li>
          <span className="index-badge index-badge-none">–</span>
          <span>{t('index.none')}</span>
        </li>
      </ul>
      <p className="secondary small">{t('index.latestHour')}</p>
    </section>
  );
}
