import { Slider } from '@mantine/core';
import { useState } from 'react';
import type { BacktestWire } from '../../../api/contract/backtests.ts';
import type { RuleEdit } from '../../../api/contract/rules.ts';
import { useCity } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { alarmsPerSeriesWeek } from '../../state/backtest-view.ts';
import { formatCount, formatDateTime, formatDayMonth, formatDuration, formatNumber } from '../../state/formatting.ts';

const POINTS_SHOWN = 8;
const ALARMS_SHOWN = 100;

/** What the rule would have said: figures beside those of the version in use, days, limits to try, points, alarms. */
export function BacktestResult({
  draft,
  inUse,
  rule,
}: {
  draft: BacktestWire;
  inUse: BacktestWire | null;
  rule: RuleEdit;
}) {
  const { t } = useLanguage();
  return (
    <>
      <Figures draft={draft} inUse={inUse?.report ? inUse : null} />
      {draft.omits.map((omission) => (
        <p key={omission} className="small secondary">
          {t(`backtest.omits.${omission}`)}
        </p>
      ))}
      <Days draft={draft} />
      {draft.sweep.length > 0 ? <LimitSlider draft={draft} rule={rule} /> : null}
      <WorstPoints draft={draft} />
      <Alarms draft={draft} rule={rule} />
    </>
  );
}

function Figures({ draft, inUse }: { draft: BacktestWire; inUse: BacktestWire | null }) {
  const { t, language } = useLanguage();
  const rows = [
    ['alarms', ({ report }: BacktestWire) => formatCount(report?.alarms ?? 0, language)],
    [
      'perSeriesWeek',
      (each: BacktestWire) => {
        const rate = alarmsPerSeriesWeek(each);
        return rate === null ? '–' : formatNumber(rate, 2, language);
      },
    ],
    ['inAlarm', ({ report }: BacktestWire) => formatDuration(report?.inAlarmMs ?? 0, language)],
    ['atNight', ({ report }: BacktestWire) => formatCount(report?.alarmsAtNight ?? 0, language)],
    ['readings', ({ report }: BacktestWire) => formatCount(report?.readings ?? 0, language)],
  ] as const;
  return (
    <table className="backtest-figures">
      <thead>
        <tr>
          <td />
          <th scope="col">{t('backtest.draft')}</th>
          {inUse === null ? null : <th scope="col">{t('backtest.inUse')}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(([key, figure]) => (
          <tr key={key}>
            <th scope="row">{t(`backtest.figures.${key}`)}</th>
            <td>{figure(draft)}</td>
            {inUse === null ? null : <td>{figure(inUse)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Alarms a day as bars; the numbers are in the label and, on asking, in words. */
function Days({ draft }: { draft: BacktestWire }) {
  const { t, language } = useLanguage();
  const days = draft.report?.days ?? [];
  const most = Math.max(1, ...days.map(({ alarms }) => alarms));
  const dayText = (date: string) => formatDayMonth(Date.parse(`${date}T12:00:00Z`), language);
  return (
    <section>
      <h4 className="section-title">{t('backtest.days', { most })}</h4>
      <ol className="backtest-days">
        {days.map(({ date, alarms, inAlarmMs }) => {
          const text = t('backtest.day', {
            day: dayText(date),
            alarms: formatCount(alarms, language),
            duration: formatDuration(inAlarmMs, language),
          });
          return (
            <li key={date} title={text}>
              <span className="backtest-bar" style={{ height: `${(alarms / most) * 100}%` }} aria-hidden="true" />
              <span className="visually-hidden">{text}</span>
            </li>
          );
        })}
      </ol>
      <p className="small secondary backtest-ends" aria-hidden="true">
        <span>{days[0] ? dayText(days[0].date) : ''}</span>
        <span>{days.at(-1) ? dayText(days.at(-1)!.date) : ''}</span>
      </p>
    </section>
  );
}

/** What other limits would have done, each as if it were the only level. */
function LimitSlider({ draft: { sweep }, rule }: { draft: BacktestWire; rule: RuleEdit }) {
  const { t, language } = useLanguage();
  const quantity = useCity().quantities.get(rule.quantity);
  const valueText = useValueText();
  const [at, setAt] = useState(Math.floor(sweep.length / 2));
  const chosen = sweep[Math.min(at, sweep.length - 1)];
  if (chosen === undefined) return null;
  return (
    <section>
      <h4 className="section-title">{t('backtest.slider')}</h4>
      <Slider
        min={0}
        max={sweep.length - 1}
        value={at}
        onChange={setAt}
        label={null}
        thumbLabel={t('backtest.slider')}
        thumbProps={{ 'aria-valuetext': valueText(chosen.limit, quantity) }}
      />
      <p role="status">
        {t('backtest.swept', {
          limit: valueText(chosen.limit, quantity),
          alarms: formatCount(chosen.alarms, language),
          duration: formatDuration(chosen.inAlarmMs, language),
        })}
      </p>
    </section>
  );
}

function WorstPoints({ draft }: { draft: BacktestWire }) {
  const { t, language } = useLanguage();
  const { points } = useCity();
  const worst = (draft.report?.points ?? []).slice(0, POINTS_SHOWN);
  if (worst.length === 0) return null;
  return (
    <section>
      <h4 className="section-title">{t('backtest.worst')}</h4>
      <ul className="backtest-list">
        {worst.map(({ pointId, alarms, inAlarmMs }) => (
          <li key={pointId}>
            <span>{points.find(({ id }) => id === pointId)?.name[language] ?? pointId}</span>
            <span className="secondary">
              {t('backtest.pointFigures', {
                alarms: formatCount(alarms, language),
                duration: formatDuration(inAlarmMs, language),
              })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Alarms({ draft, rule }: { draft: BacktestWire; rule: RuleEdit }) {
  const { t, language } = useLanguage();
  const { points, quantities } = useCity();
  const valueText = useValueText();
  const listed = draft.report?.listed ?? [];
  if (listed.length === 0) return <p role="status">{t('backtest.none')}</p>;
  return (
    <details>
      <summary>{t('backtest.list', { count: draft.report?.alarms ?? 0 })}</summary>
      <ul className="backtest-list">
        {listed.slice(0, ALARMS_SHOWN).map((alarm) => (
          <li key={`${alarm.series} ${alarm.activatedAt}`}>
            <span>
              <span className={`severity-${alarm.worstSeverity}`}>{t(`severity.${alarm.worstSeverity}`)}</span>{' '}
              {formatDateTime(alarm.activatedAt, language)} ·{' '}
              {points.find(({ id }) => id === alarm.pointId)?.name[language] ?? alarm.pointId}
            </span>
            <span className="secondary">
              {alarm.worstValue === null ? '' : valueText(alarm.worstValue, quantities.get(rule.quantity))} ·{' '}
              {alarm.clearedAt === null
                ? t('backtest.open')
                : formatDuration(alarm.clearedAt - alarm.activatedAt, language)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
