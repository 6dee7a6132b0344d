import { Button, Checkbox, MultiSelect, SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { EXPORT_FORMATS } from '../../../domain/data-export.ts';
import { DOMAINS } from '../../../domain/quantity.ts';
import { call } from '../../client/http.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { DateField } from '../../components/DateField.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { EXPORT_STEPS, type ExportDraft, newDraft, orderOf, questionOf } from '../../state/export-draft.ts';
import { formatBytes, formatCount } from '../../state/formatting.ts';

type Lists = 'domains' | 'agencies' | 'wards' | 'tags' | 'quantities' | 'points';

/** Chooses what leaves and as what, says how much that is, and orders it. */
export function ExportForm() {
  const { t, language } = useLanguage();
  const { points, agencies, quantities } = useWholeCity();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [draft, setDraft] = useState<ExportDraft>(() => newDraft(Date.now()));
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (next: Partial<ExportDraft>) => setDraft((before) => ({ ...before, ...next }));

  const question = questionOf(draft);
  const estimate = useQuery({
    queryKey: ['export-estimate', question],
    queryFn: ({ signal }) =>
      call('POST /exports/estimate', { body: question ?? undefined, idempotencyKey: null, signal } as never),
    enabled: question !== null,
    placeholderData: keepPreviousData,
  });
  const options = useMemo(() => {
    const measured = new Set(points.flatMap(({ series }) => series.map(({ quantity }) => quantity)));
    const words = (list: readonly string[]) => [...new Set(list)].sort();
    return {
      domains: DOMAINS.map((domain) => ({ value: domain as string, label: t(`domain.${domain}`) })),
      agencies: agencies.map(({ id, name }) => ({ value: id as string, label: name[language] })),
      wards: words(points.flatMap(({ wardCode }) => (wardCode === null ? [] : [wardCode]))),
      tags: words(points.flatMap(({ tags }) => tags)),
      quantities: [...quantities.values()]
        .filter(({ key }) => measured.has(key))
        .map(({ key, name, unitSymbol }) => ({ value: key as string, label: `${name[language]} (${unitSymbol})` })),
      points: points.map(({ id, name }) => ({ value: id as string, label: name[language] })),
    };
  }, [points, agencies, quantities, language, t]);

  async function start(): Promise<void> {
    const body = orderOf(draft, language);
    if (body === null) return;
    setBusy(true);
    setProblem(null);
    try {
      await call('POST /exports', { body });
      await queries.invalidateQueries({ queryKey: ['exports'] });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  const choose = (list: Lists) => (
    <MultiSelect
      label={t(`exports.${list}`)}
      placeholder={draft[list].length === 0 ? t('exports.all') : ''}
      data={options[list]}
      value={[...draft[list]] as string[]}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('common.clear') }}
      limit={200}
      nothingFoundMessage={t('exports.nothingFound')}
      onChange={(chosen) => change({ [list]: chosen })}
    />
  );
  const shown = estimate.data;
  const isTooMuch = shown !== undefined && shown.rows > shown.maximumRows;
  return (
    <section className="form data-form" aria-label={t('exports.what')}>
      <div className="form-row">
        {choose('domains')}
        {choose('quantities')}
      </div>
      <div className="form-row">
        {choose('points')}
        {choose('agencies')}
      </div>
      {options.wards.length > 0 || options.tags.length > 0 ? (
        <div className="form-row">
          {options.wards.length > 0 ? choose('wards') : null}
          {options.tags.length > 0 ? choose('tags') : null}
        </div>
      ) : null}
      <div className="form-row">
        <DateField
          kind="day"
          label={t('exports.fromDay')}
          value={draft.fromDay}
          max={draft.toDay}
          onChange={(next) => change({ fromDay: next })}
        />
        <DateField
          kind="day"
          label={t('exports.toDay')}
          value={draft.toDay}
          error={question === null ? t('exports.noSpan') : undefined}
          onChange={(next) => change({ toDay: next })}
        />
      </div>
      <div className="form-row data-choices">
        <div>
          <span className="field-label">{t('exports.step')}</span>
          <SegmentedControl
            aria-label={t('exports.step')}
            data={EXPORT_STEPS.map((step) => ({ value: step, label: t(`exports.steps.${step}`) }))}
            value={draft.step}
            onChange={(step) => change({ step: step as ExportDraft['step'] })}
          />
        </div>
        <div>
          <span className="field-label">{t('exports.format')}</span>
          <SegmentedControl
            aria-label={t('exports.format')}
            data={EXPORT_FORMATS.map((format) => ({ value: format, label: t(`exports.formats.${format}`) }))}
            value={draft.format}
            onChange={(format) => change({ format: format as ExportDraft['format'] })}
          />
        </div>
        {draft.format === 'csv' ? (
          <div>
            <span className="field-label">{t('exports.csv')}</span>
            <SegmentedControl
              aria-label={t('exports.csv')}
              data={(['excel', 'plain'] as const).map((csv) => ({ value: csv, label: t(`exports.csvKinds.${csv}`) }))}
              value={draft.csv}
              onChange={(csv) => change({ csv: csv as ExportDraft['csv'] })}
            />
          </div>
        ) : null}
      </div>
      {draft.step === 'raw' ? (
        <Checkbox
          label={t('exports.withUnusable')}
          checked={draft.withUnusable}
          onChange={(event) => change({ withUnusable: event.currentTarget.checked })}
        />
      ) : (
        <p className="secondary small">{t('exports.windowsUsable')}</p>
      )}
      <p role="status" className={isTooMuch ? 'form-problem' : 'secondary'}>
        {estimate.error
          ? problemText(estimate.error)
          : shown === undefined
            ? t('exports.estimating')
            : isTooMuch
              ? t('exports.tooMuch', {
                  rows: formatCount(shown.rows, language),
                  most: formatCount(shown.maximumRows, language),
                })
              : t('exports.estimate', {
                  series: formatCount(shown.series, language),
                  points: formatCount(shown.points, language),
                  rows: formatCount(shown.rows, language),
                  size: formatBytes(shown.bytes[draft.format] ?? 0, language),
                })}
      </p>
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <div className="actions">
        <Button
          loading={busy}
          disabled={question === null || isTooMuch || shown?.series === 0}
          onClick={() => void start()}
        >
          {t('exports.start')}
        </Button>
      </div>
    </section>
  );
}
