import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { useLive, useServerNow } from '../../client/platform.tsx';
import { useCity } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { compareAlarms, overviewOf } from '../../state/alarm-list.ts';
import { formatCount, formatDateTime, formatDuration } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

/** As many as fit in type that is read from five metres. */
const ROWS = 6;

/** What nobody has acknowledged before the rest, each in order of severity. */
const byNeed = (a: AlarmWire, b: AlarmWire): number =>
  Number(a.work !== 'new') - Number(b.work !== 'new') || compareAlarms(a, b);

function useShownAlarms(): readonly AlarmWire[] {
  const alarms = useLive((state) => state.table.alarms);
  return [...alarms.values()].filter(({ suppression }) => suppression === null).sort(byNeed);
}

export function WallAlarms() {
  const { t, language } = useLanguage();
  const now = useServerNow();
  const alarms = useShownAlarms();
  if (alarms.length === 0) return <p className="wall-calm">{t('wall.noAlarms')}</p>;
  return (
    <>
      <ul className="wall-alarms">
        {alarms.slice(0, ROWS).map((alarm) => (
          <li key={alarm.id} data-new={alarm.work === 'new' ? '' : undefined}>
            <StateMark state={alarm.severity} size={72} />
            <div className="wall-alarm-text">
              <p className="wall-strong">{alarm.point?.name[language] ?? alarm.pointId}</p>
              <p className="wall-quiet">
                {t(`severity.${alarm.severity}`)} · {alarm.rule?.name[language] ?? alarm.ruleId}
              </p>
            </div>
            <div className="wall-alarm-age">
              <p className="wall-strong">{formatDuration(now - alarm.startedAt, language)}</p>
              <p className="wall-quiet">{t(`work.${alarm.work}`)}</p>
            </div>
          </li>
        ))}
      </ul>
      {alarms.length > ROWS ? (
        <p className="wall-more">{t('wall.more', { number: formatCount(alarms.length - ROWS, language) })}</p>
      ) : null}
    </>
  );
}

export function WallCounters() {
  const { t, language } = useLanguage();
  const alarms = useLive((state) => state.table.alarms);
  const waiting = new Map(SEVERITIES.map((severity) => [severity, 0]));
  for (const { severity, work, suppression } of alarms.values())
    if (work === 'new' && suppression === null) waiting.set(severity, (waiting.get(severity) ?? 0) + 1);
  const { bySeverity, shelved, suppressed } = overviewOf(alarms.values());
  return (
    <div className="wall-counters">
      {SEVERITIES.map((severity) => (
        <section
          key={severity}
          data-none={bySeverity[severity] === 0 ? '' : undefined}
          className={`severity-${severity}`}
        >
          <StateMark state={severity} size={96} />
          <p className="wall-number">{formatCount(bySeverity[severity], language)}</p>
          <h2>{t(`severity.${severity}`)}</h2>
          <p className="wall-quiet">
            {t('wall.unacknowledged', { number: formatCount(waiting.get(severity) ?? 0, language) })}
          </p>
        </section>
      ))}
      <p className="wall-more">
        {t('wall.hidden', {
          shelved: formatCount(shelved, language),
          suppressed: formatCount(suppressed, language),
        })}
      </p>
    </div>
  );
}

/** One new critical alarm, alone. */
export function WallCall({ alarm }: { alarm: AlarmWire }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const quantity = quantities.get(alarm.quantity);
  return (
    <div className="wall-call" role="alert">
      <StateMark state={alarm.severity} size={160} />
      <h2>{t('wall.newCritical')}</h2>
      <p className="wall-call-place">{alarm.point?.name[language] ?? alarm.pointId}</p>
      <p className="wall-call-rule">{alarm.rule?.name[language] ?? alarm.ruleId}</p>
      {alarm.triggerValue === null ? null : (
        <p className="wall-call-value">
          {quantity?.name[language] ?? alarm.quantity}: {valueText(alarm.triggerValue, quantity)}
          {alarm.limit === null || quantity?.stateNames ? null : (
            <span className="wall-quiet"> {t('wall.limit', { limit: valueText(alarm.limit, quantity) })}</span>
          )}
        </p>
      )}
      <p className="wall-quiet">{formatDateTime(alarm.activatedAt, language, true)}</p>
    </div>
  );
}
