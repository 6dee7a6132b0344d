import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IndexInfo, IndexPartWire, IndexReportWire, PointIndexWire } from '../../../api/contract/indices.ts';
import type { MapPoint } from '../../../api/contract/map.ts';
import type { NoisePeriod } from '../../../domain/indices/noise-day.ts';
import { usePlatform, useReading } from '../../client/platform.tsx';
import { indicesQuery, pointIndicesQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { ListLoading } from '../../components/Loading.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDate, formatDateTime, formatNumber, formatTime } from '../../state/formatting.ts';
import { categoryOf } from '../../state/index-stations.ts';
import { IndexBadge } from './IndexBadge.tsx';
import { IndexHistory } from './IndexHistory.tsx';
import '../../styles/indices.css';

/** The indices of a point: value, category, advice, and all that they were made from. Nothing for a point without. */
export function StationIndices({ point }: { point: MapPoint }) {
  const hourly = point.series.find(({ computed }) => computed);
  const newest = useReading(hourly?.id)?.eventTime;
  const { isPast } = usePlatform();
  // What the indices are made from is told of now alone; of the past there are their values.
  if (hourly === undefined || isPast) return null;
  return <Cards point={point} hour={newest} />;
}

function Cards({ point, hour }: { point: MapPoint; hour: number | undefined }) {
  const { t, language } = useLanguage();
  const indices = useQuery(indicesQuery);
  const own = useQuery(pointIndicesQuery(point.id, hour));
  const [chosen, setChosen] = useState<string | null>(null);
  if (indices.isPending || own.isPending) return <ListLoading rows={3} what={t('index.loading')} />;
  const error = indices.error ?? own.error;
  if (error || !own.data || !indices.data)
    return <Failure error={error} retry={() => void Promise.all([indices.refetch(), own.refetch()])} />;
  const known = new Map(indices.data.items.map((each) => [each.key, each]));
  const shown = own.data.items.find(({ index }) => index === chosen) ?? own.data.items[0];
  const info = shown && known.get(shown.index);
  if (!shown || !info) return null;
  return (
    <section className="index-card" aria-label={info.name[language]}>
      {own.data.items.length > 1 ? (
        <SegmentedControl
          size="xs"
          aria-label={t('index.which')}
          data={own.data.items.map(({ index }) => ({ value: index, label: known.get(index)?.name[language] ?? index }))}
          value={shown.index}
          onChange={setChosen}
        />
      ) : (
        <h3 className="section-title">{info.name[language]}</h3>
      )}
      <Card point={point} info={info} found={shown} />
    </section>
  );
}

function Card({ point, info, found }: { point: MapPoint; info: IndexInfo; found: PointIndexWire }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const main = found.hourly ?? found.daily;
  const category = main?.value == null ? null : categoryOf(info, main.value);
  const history = point.series.find(({ quantity }) => quantity === info.hourly);
  const dominant = main?.quantity ? quantities.get(main.quantity)?.name[language] : undefined;
  const valueText = useIndexValueText(info);
  if (!main) return null;
  return (
    <>
      <div className="index-now">
        <IndexBadge category={category} text={main.value === null ? '–' : valueText(main)} large />
        <div>
          <p className="index-category">
            {category?.name[language] ??
              (main.value === null ? t(`index.gap.${main.gap ?? 'NO_POLLUTANT'}`) : info.name[language])}
          </p>
          <p className="secondary small">
            {found.hourly
              ? t('index.hour', {
                  date: formatDate(main.to, language),
                  from: formatTime(main.from),
                  to: formatTime(main.to),
                })
              : t('index.day', { from: formatDateTime(main.from, language), to: formatDateTime(main.to, language) })}
          </p>
          {info.kind === 'air' && dominant ? (
            <p className="small">{t('index.dominant', { quantity: dominant })}</p>
          ) : null}
        </div>
      </div>
      {category?.advice ? (
        <dl className="index-advice">
          <dt>{t('index.everyone')}</dt>
          <dd>{category.advice.general[language]}</dd>
          <dt>{t('index.sensitive')}</dt>
          <dd>{category.advice.sensitive[language]}</dd>
        </dl>
      ) : category?.use ? (
        <p className="small">{category.use[language]}</p>
      ) : null}
      {history ? <IndexHistory info={info} series={history.id} /> : null}
      <Parts info={info} report={main} />
      {found.hourly && found.daily ? <Day info={info} report={found.daily} /> : null}
      <p className="secondary small">{t('index.source', { source: info.source })}</p>
    </>
  );
}

/** A whole number; sound levels to a tenth with their unit; "at least" above the table. */
function useIndexValueText(info: IndexInfo): (report: IndexReportWire) => string {
  const { language } = useLanguage();
  const { quantities } = useCity();
  const daily = info.daily === null ? undefined : quantities.get(info.daily);
  return ({ value, beyondTable }) => {
    if (value === null) return '–';
    const text = formatNumber(value, info.kind === 'noise' ? (daily?.decimals ?? 1) : 0, language);
    return beyondTable ? `≥ ${text}` : text;
  };
}

function Day({ info, report }: { info: IndexInfo; report: IndexReportWire }) {
  const { t, language } = useLanguage();
  const valueText = useIndexValueText(info);
  const category = report.value === null ? null : categoryOf(info, report.value);
  return (
    <p className="index-day">
      {t('index.ofDay', { date: formatDate(report.from, language) })}
      <IndexBadge category={category} text={valueText(report)} />
      {category?.name[language] ?? t(`index.gap.${report.gap ?? 'NO_POLLUTANT'}`)}
    </p>
  );
}

/** What each pollutant brings, and how much of it was measured. */
function Parts({ info, report }: { info: IndexInfo; report: IndexReportWire }) {
  const { t } = useLanguage();
  const shown = report.parts.filter(({ gap }) => gap !== 'NOT_MEASURED');
  if (shown.length === 0) return null;
  return (
    <table className="index-parts">
      <caption className="visually-hidden">{t('index.parts')}</caption>
      <thead>
        <tr>
          <th scope="col">{t(`index.partOf.${info.kind}`)}</th>
          <th scope="col">{t('index.measured')}</th>
          {info.kind === 'noise' ? null : <th scope="col">{t('index.subIndex')}</th>}
          <th scope="col">{t('index.capture')}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((part) => (
          <Part key={part.key} info={info} part={part} isDetermining={part.key === report.determining} />
        ))}
      </tbody>
    </table>
  );
}

function Part({ info, part, isDetermining }: { info: IndexInfo; part: IndexPartWire; isDetermining: boolean }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const quantity = part.quantity ? quantities.get(part.quantity) : undefined;
  return (
    <tr data-determining={isDetermining || undefined}>
      <th scope="row">
        {info.kind === 'noise' ? t(`index.period.${part.key as NoisePeriod}`) : (quantity?.name[language] ?? part.key)}
        {part.average ? <span className="secondary small"> {t(`index.average.${part.average}`)}</span> : null}
        {isDetermining ? <span className="visually-hidden"> {t('index.determining')}</span> : null}
      </th>
      <td>
        {part.gap !== null && part.measured === null ? t(`index.gap.${part.gap}`) : valueText(part.measured, quantity)}
      </td>
      {info.kind === 'noise' ? null : <td>{part.value === null ? '–' : formatNumber(part.value, 0, language)}</td>}
      <td>{part.capture === null ? '–' : `${formatNumber(100 * part.capture, 0, language)} %`}</td>
    </tr>
  );
}
