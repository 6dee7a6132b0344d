import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AlarmId } from '../../domain/identifiers.ts';
import { suppressedState } from '../../domain/point-state.ts';
import { useLive, usePlatform, useServerNow } from '../client/platform.tsx';
import { alarmHistoryQuery, alarmQuery, colleaguesQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconChevronDown, IconEye, IconX } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { useValueText } from '../components/Reading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { mayTake } from '../state/alarm-undo.ts';
import { formatAge, formatDateTime } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import { AlarmMoment } from './alarm/AlarmMoment.tsx';
import { EarlierAlarms } from './alarm/EarlierAlarms.tsx';
import { useAlarmSteps } from './alarm/use-alarm-steps.tsx';
import { useLookers } from './alarm/use-lookers.ts';
import { IncidentOfAlarm } from './incident/OfAlarm.tsx';
import { AlarmTold } from './notifications/AlarmTold.tsx';
import { PanelHeader } from './PointPanel.tsx';
import { AlarmWhy } from './rule/AlarmWhy.tsx';
import { alarmScopes, useSuppressionText } from './suppression/QuietNote.tsx';
import { SuppressionDialog } from './suppression/SuppressionDialog.tsx';
import { DraftWarning } from './warning/DraftWarning.tsx';

/** One occurrence: what, where, how bad, what to do, what has been done. */
export function AlarmPanel({ alarmId, onClose }: { alarmId: AlarmId; onClose: () => void }) {
  const { t } = useLanguage();
  const { isPast } = usePlatform();
  const live = useLive((state) => state.table.alarms.get(alarmId));
  const fetched = useQuery({ ...alarmQuery(alarmId), enabled: live === undefined && !isPast });
  const alarm = live ?? (isPast ? undefined : fetched.data);
  if (!alarm) {
    return (
      <>
        <PanelHeader title={t('alarms.panel')} onClose={onClose} />
        {isPast ? (
          <Empty title={t('replay.noAlarmThen')} hint={t('replay.noAlarmThenHint')} />
        ) : fetched.error ? (
          <Failure error={fetched.error} retry={() => void fetched.refetch()} />
        ) : (
          <ListLoading what={t('loading.alarms')} />
        )}
      </>
    );
  }
  return <KnownAlarm alarm={alarm} onClose={onClose} />;
}

function KnownAlarm({ alarm, onClose }: { alarm: AlarmWire; onClose: () => void }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { quantities, agencyName } = useCity();
  const valueText = useValueText();
  const now = useServerNow();
  const quantity = quantities.get(alarm.quantity);
  const colleagues = useQuery({ ...colleaguesQuery, enabled: alarm.assignee !== null || alarm.suppression !== null });
  const state = alarm.suppression === null ? alarm.severity : suppressedState(alarm.suppression.kind);
  const suppressionText = useSuppressionText();
  const lookers = useLookers(alarm.id);
  const hiddenBy = colleagues.data?.items.find(({ id }) => id === alarm.suppression?.by)?.displayName ?? null;
  const assignee = colleagues.data?.items.find(({ id }) => id === alarm.assignee)?.displayName ?? alarm.assignee;
  return (
    <>
      <header className="panel-header">
        <StateMark state={state} size={28} {...(alarm.point ? { glyph: alarm.point.domain } : {})} />
        <div className="panel-header-text">
          <h2 className="panel-title">{alarm.rule?.name[language] ?? alarm.ruleId}</h2>
          <p className="small">
            <span className={`severity-${alarm.severity}`}>{t(`severity.${alarm.severity}`)}</span>
            <span className="secondary">
              {' · '}
              {t(`condition.${alarm.condition}`)} · {t(`work.${alarm.work}`)}
            </span>
          </p>
        </div>
        <button type="button" className="icon-button" aria-label={t('common.close')} onClick={onClose}>
          <IconX size={18} aria-hidden="true" />
        </button>
      </header>
      <div className="panel-body">
        {lookers === '' ? null : (
          <p className="small lookers" role="status">
            <IconEye size={16} aria-hidden="true" />
            {t('alarms.lookedAtBy', { names: lookers })}
          </p>
        )}
        {alarm.endedAt === null && holdsIn(session, 'alarms.work', alarm.agencyId) ? <AlarmWork alarm={alarm} /> : null}
        {alarm.suppression ? (
          <p className="advice">
            {alarm.suppression.carrier === undefined
              ? suppressionText({ ...alarm.suppression, ownerName: hiddenBy })
              : t('suppressions.behindCarrier', { carrier: alarm.suppression.carrier.id })}{' '}
            <Link to="/suppressions">{t('suppressions.toList')}</Link>
          </p>
        ) : null}
        {alarm.carrier ? (
          <p className="advice">
            {t(`suppressions.carrier.${alarm.carrier.kind}`, {
              count: alarm.carrier.pointsBehind,
              carrier: alarm.carrier.id,
            })}
          </p>
        ) : null}
        <IncidentOfAlarm alarmId={alarm.id} />
        <AlarmWhy alarm={alarm} />
        {alarm.rule?.advice ? (
          <section>
            <h3 className="section-title">{t('alarms.advice')}</h3>
            <p className="advice">{alarm.rule.advice[language]}</p>
          </section>
        ) : null}
        <section>
          <h3 className="section-title">{t('alarms.figures')}</h3>
          <dl className="alarm-figures">
            {(
              [
                ['alarms.lastValue', alarm.lastValue],
                ['alarms.worstValue', alarm.worstValue],
                // Of states that have names the limit is a number between two of them.
                ...(quantity?.stateNames ? [] : [['alarms.limit', alarm.limit] as const]),
              ] as const
            ).map(([label, value]) => (
              <div key={label}>
                <dt>{t(label)}</dt>
                <dd className="live-value">{valueText(value, quantity)}</dd>
              </div>
            ))}
          </dl>
          {alarm.onSuspectData ? <p className="small secondary">{t('alarms.onSuspectData')}</p> : null}
          {alarm.silentSince === null ? null : (
            <p className="small secondary">
              {t('alarms.silentSince', { time: formatDateTime(alarm.silentSince, language) })}
            </p>
          )}
          {alarm.revision ? (
            <p className="small secondary">
              {alarm.revision.kind === 'corrected'
                ? t(alarm.revision.cause === 'verdict' ? 'alarms.correctedByVerdict' : 'alarms.corrected', {
                    time: formatDateTime(alarm.revision.startedAt, language),
                  })
                : t(alarm.revision.cause === 'verdict' ? 'alarms.notConfirmedByVerdict' : 'alarms.notConfirmed')}
            </p>
          ) : null}
        </section>
        <section>
          <h3 className="section-title">{t('alarms.where')}</h3>
          <dl className="facts">
            <dt>{t('point.one')}</dt>
            <dd>
              <Link to="/" search={{ point: alarm.pointId }}>
                {alarm.point?.name[language] ?? alarm.pointId}
              </Link>
            </dd>
            <dt>{t('alarms.quantity')}</dt>
            <dd>{quantity?.name[language] ?? alarm.quantity}</dd>
            <dt>{t('alarms.agency')}</dt>
            <dd>{agencyName.get(alarm.agencyId)?.[language] ?? alarm.agencyId}</dd>
            <dt>{t('alarms.began')}</dt>
            <dd>
              {formatDateTime(alarm.startedAt, language, true)}{' '}
              <span className="secondary">· {formatAge(now - alarm.startedAt, language)}</span>
            </dd>
            {alarm.activationCount > 1 ? (
              <>
                <dt>{t('alarms.activations')}</dt>
                <dd>
                  {t('alarms.activationsText', {
                    count: alarm.activationCount,
                    time: formatDateTime(alarm.activatedAt, language, true),
                  })}
                </dd>
              </>
            ) : null}
            {alarm.endedAt === null ? null : (
              <>
                <dt>{t('alarms.ended')}</dt>
                <dd>{formatDateTime(alarm.endedAt, language, true)}</dd>
              </>
            )}
            {assignee ? (
              <>
                <dt>{t('alarms.assignee')}</dt>
                <dd>{assignee}</dd>
              </>
            ) : null}
          </dl>
        </section>
        <AlarmMoment alarm={alarm} />
        <History alarm={alarm} />
        <AlarmTold alarm={alarm} />
        <EarlierAlarms alarm={alarm} />
      </div>
    </>
  );
}

function History({ alarm }: { alarm: AlarmWire }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const history = useQuery(alarmHistoryQuery(alarm.id, alarm.version));
  const quantity = quantities.get(alarm.quantity);
  return (
    <section>
      <h3 className="section-title">{t('alarms.history')}</h3>
      {history.error ? (
        <Failure error={history.error} retry={() => void history.refetch()} />
      ) : history.isPending ? (
        <ListLoading rows={3} what={t('loading.history')} />
      ) : history.data.items.length === 0 ? (
        <Empty title={t('alarms.noHistory')} />
      ) : (
        <ol className="history">
          {history.data.items
            // Of the past only what the alarm shown has gone through.
            .filter(({ index }) => index <= alarm.version)
            .sort((a, b) => b.index - a.index)
            .map((transition) => (
              <li key={transition.index}>
                <div>
                  <strong>{t(`transition.${transition.kind}`)}</strong>
                  {transition.byName ? ` · ${transition.byName}` : ''}
                  {transition.value === null ? '' : ` · ${valueText(transition.value, quantity)}`}
                  {transition.kind === 'severity_raised' || transition.kind === 'severity_lowered'
                    ? ` · ${t(`severity.${transition.severity}`)}`
                    : ''}
                </div>
                <time className="small secondary" dateTime={new Date(transition.eventTime).toISOString()}>
                  {formatDateTime(transition.eventTime, language, true)}
                </time>
                {transition.note ? <p className="history-note">{transition.note}</p> : null}
              </li>
            ))}
        </ol>
      )}
    </section>
  );
}

/** What a person may do next with an open alarm. */
function AlarmWork({ alarm }: { alarm: AlarmWire }) {
  const { t } = useLanguage();
  const { begin, busy, dialog } = useAlarmSteps();
  const [suppressing, setSuppressing] = useState(false);
  return (
    <div className="actions">
      {alarm.work === 'new' ? (
        <Button loading={busy} onClick={() => begin('acknowledge', [alarm])}>
          {t('alarms.acknowledge')}
        </Button>
      ) : null}
      {alarm.work === 'acknowledged' && alarm.condition === 'active' ? (
        <Button loading={busy} variant="default" onClick={() => begin('start_work', [alarm])}>
          {t('alarms.startWork')}
        </Button>
      ) : null}
      {alarm.condition === 'cleared' ? (
        <Button variant="default" onClick={() => begin('resolve', [alarm])}>
          {t('alarms.resolve')}
        </Button>
      ) : null}
      <Button variant="default" onClick={() => begin('comment', [alarm])}>
        {t('alarms.comment')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden="true" />}>
            {t('alarms.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => begin('assign', [alarm])}>{t('alarms.assign')}</Menu.Item>
          <DraftWarning alarm={alarm} />
          <Menu.Item onClick={() => setSuppressing(true)}>{t('suppressions.add')}</Menu.Item>
          {alarm.suppression === null ? (
            <Menu.Item onClick={() => begin('shelve', [alarm])}>{t('alarms.shelve')}</Menu.Item>
          ) : mayTake('unshelve', alarm) ? (
            <Menu.Item onClick={() => begin('unshelve', [alarm])}>{t('alarms.unshelve')}</Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {suppressing ? <SuppressionDialog choices={alarmScopes(alarm, t)} onClose={() => setSuppressing(false)} /> : null}
      {dialog}
    </div>
  );
}
