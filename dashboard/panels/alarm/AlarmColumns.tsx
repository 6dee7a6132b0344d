import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { type PointState, suppressedState } from '../../../domain/point-state.ts';
import { useServerNow } from '../../client/platform.tsx';
import { colleaguesQuery } from '../../client/queries.ts';
import { IconEye } from '../../components/icons.ts';
import { useIsPhone } from '../../components/use-media.ts';
import type { GridColumn } from '../../components/VirtualGrid.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatAge, formatDateTime } from '../../state/formatting.ts';
import { Glyph, StateMark } from '../../symbols/Symbols.tsx';
import { useAlarmValues } from '../AlarmCard.tsx';
import { useLookers } from './use-lookers.ts';

const markOf = (alarm: AlarmWire): PointState =>
  alarm.suppression === null
    ? alarm.endedAt === null
      ? alarm.severity
      : alarm.worstSeverity
    : suppressedState(alarm.suppression.kind);

/** Beside an open panel, which says the rest, only what tells rows apart. `isOver`: of alarms that have ended. */
export function useAlarmColumns(isOver: boolean, besidePanel: boolean): readonly GridColumn<AlarmWire>[] {
  const { t, language } = useLanguage();
  const isPhone = useIsPhone();
  const colleagues = useQuery(colleaguesQuery).data?.items;
  const names = useMemo(
    () => new Map((colleagues ?? []).map(({ id, displayName }) => [id, displayName])),
    [colleagues],
  );
  // Kept as they are while nothing of them changes: rows are then drawn anew only for alarms that did.
  return useMemo(() => {
    const severityOf = (alarm: AlarmWire) => (isOver ? alarm.worstSeverity : alarm.severity);
    const workOf = (alarm: AlarmWire): string =>
      [
        alarm.suppression ? t(`suppression.${alarm.suppression.kind}`) : t(`work.${alarm.work}`),
        ...(alarm.assignee === null ? [] : [names.get(alarm.assignee) ?? alarm.assignee]),
        ...(alarm.condition === 'cleared' && alarm.endedAt === null ? [t('condition.cleared')] : []),
      ].join(' · ');
    if (isPhone) {
      return [
        {
          key: 'alarm',
          header: t('alarms.column.alarm'),
          width: 'minmax(0, 1fr)',
          cell: (alarm) => (
            <span className="view-row">
              <StateMark state={markOf(alarm)} size={24} {...(alarm.point ? { glyph: alarm.point.domain } : {})} />
              <span className="two-lines">
                <span className="truncate">
                  {alarm.point?.name[language] ?? alarm.pointId} <LookerMark alarm={alarm} />
                </span>
                <span className="small secondary truncate">
                  {t(`severity.${severityOf(alarm)}`)} · {alarm.rule?.name[language] ?? alarm.ruleId}
                </span>
                <span className="small truncate">
                  <Values alarm={alarm} />
                </span>
                <span className="small secondary truncate">
                  {workOf(alarm)} · <When alarm={alarm} isOver={isOver} />
                </span>
              </span>
            </span>
          ),
        },
      ];
    }
    const columns: readonly GridColumn<AlarmWire>[] = [
      {
        key: 'severity',
        header: t('alarms.column.severity'),
        width: '122px',
        cell: (alarm) => (
          <span className="severity-cell">
            <StateMark state={markOf(alarm)} size={18} />
            <span className={alarm.suppression ? 'secondary' : `severity-${severityOf(alarm)}`}>
              {t(`severity.${severityOf(alarm)}`)}
            </span>
          </span>
        ),
      },
      {
        key: 'point',
        header: t('alarms.column.point'),
        width: 'minmax(140px, 2.7fr)',
        cell: (alarm) => (
          <span className="severity-cell">
            {alarm.point ? <Glyph name={alarm.point.domain} size={14} /> : null}
            <span className="truncate">{alarm.point?.name[language] ?? alarm.pointId}</span>
            <LookerMark alarm={alarm} />
          </span>
        ),
      },
      {
        key: 'rule',
        header: t('alarms.column.alarm'),
        width: 'minmax(140px, 2fr)',
        cell: (alarm) => <span title={alarm.rule?.name[language]}>{alarm.rule?.name[language] ?? alarm.ruleId}</span>,
      },
      {
        key: 'value',
        header: t('alarms.column.value'),
        width: 'minmax(214px, 1fr)',
        numeric: true,
        cell: (alarm) => <Values alarm={alarm} />,
      },
      {
        key: 'work',
        header: t('alarms.column.work'),
        width: 'minmax(178px, 1fr)',
        cell: (alarm) => <span title={workOf(alarm)}>{workOf(alarm)}</span>,
      },
      {
        key: 'since',
        header: isOver ? t('alarms.column.began') : t('alarms.column.since'),
        width: isOver ? '120px' : '112px',
        numeric: true,
        cell: (alarm) => <When alarm={alarm} isOver={isOver} />,
      },
    ];
    return besidePanel ? columns.filter(({ key }) => key !== 'value' && key !== 'work') : columns;
  }, [t, language, isPhone, names, isOver, besidePanel]);
}

/** Reads names of units by itself, so that the columns needn't be made anew with them. */
function Values({ alarm }: { alarm: AlarmWire }) {
  const values = useAlarmValues();
  return <span className="live-value">{values(alarm)}</span>;
}

function When({ alarm, isOver }: { alarm: AlarmWire; isOver: boolean }) {
  const { language } = useLanguage();
  const now = useServerNow();
  return (
    <time
      dateTime={new Date(alarm.activatedAt).toISOString()}
      title={formatDateTime(alarm.activatedAt, language, true)}
    >
      {isOver ? formatDateTime(alarm.startedAt, language) : formatAge(now - alarm.activatedAt, language)}
    </time>
  );
}

/** Says that a colleague has this alarm open. */
function LookerMark({ alarm }: { alarm: AlarmWire }) {
  const { t } = useLanguage();
  const lookers = useLookers(alarm.id);
  if (lookers === '') return null;
  const text = t('alarms.lookedAtBy', { names: lookers });
  return (
    <span className="looker" title={text}>
      <IconEye size={14} aria-hidden="true" />
      <span className="visually-hidden">{text}</span>
    </span>
  );
}
