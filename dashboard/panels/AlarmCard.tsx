import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import { suppressedState } from '../../domain/point-state.ts';
import { stateName } from '../../domain/quantity.ts';
import { usePlatform, useServerNow } from '../client/platform.tsx';
import { holdsIn } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { useValueText } from '../components/Reading.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatAge } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import { useAlarmSteps } from './alarm/use-alarm-steps.tsx';

/** Value against limit in one line: `3,42 m, ngưỡng 3,00 m`. A state that has a name is told by that alone. */
export function useAlarmValues(): (alarm: AlarmWire) => string {
  const { t } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  return (alarm) => {
    const quantity = quantities.get(alarm.quantity);
    const number = alarm.lastValue ?? alarm.triggerValue;
    if (number === null) return t('alarms.noValue');
    const value = valueText(number, quantity);
    const isNamed = quantity !== undefined && stateName(quantity, number) !== undefined;
    return alarm.limit === null || isNamed
      ? value
      : t('alarms.valueAndLimit', { value, limit: valueText(alarm.limit, quantity) });
  };
}

/** One open alarm on its point's panel. */
export function AlarmCard({ alarm }: { alarm: AlarmWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const now = useServerNow();
  const values = useAlarmValues();
  const { begin, busy, dialog } = useAlarmSteps();
  const state = alarm.suppression === null ? alarm.severity : suppressedState(alarm.suppression.kind);
  return (
    <article className="alarm-card">
      <StateMark state={state} size={20} />
      <div className="alarm-card-text">
        <Link
          to="/alarms"
          search={alarm.suppression ? { alarm: alarm.id, list: 'hidden' } : { alarm: alarm.id }}
          className="alarm-card-title"
        >
          {alarm.rule?.name[language] ?? alarm.ruleId}
        </Link>
        <p className="small">
          <span className={`severity-${alarm.severity}`}>{t(`severity.${alarm.severity}`)}</span>
          <span className="secondary">
            {' · '}
            {t(`work.${alarm.work}`)}
            {alarm.condition === 'cleared' ? ` · ${t('condition.cleared')}` : ''}
          </span>
        </p>
        <p className="small live-value">
          {values(alarm)} <span className="secondary">· {formatAge(now - alarm.activatedAt, language)}</span>
        </p>
      </div>
      {alarm.work === 'new' && alarm.suppression === null && holdsIn(session, 'alarms.work', alarm.agencyId) ? (
        <Button size="xs" variant="default" loading={busy} onClick={() => begin('acknowledge', [alarm])}>
          {t('alarms.acknowledge')}
        </Button>
      ) : null}
      {dialog}
    </article>
  );
}
