import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { SuppressionWindowWire } from '../../api/contract/suppressions.ts';
import { suppressedState } from '../../domain/point-state.ts';
import { useLive, usePlatform } from '../client/platform.tsx';
import { colleaguesQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { suppressionsQuery, useSuppressions } from '../client/suppressions.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useAlarmSteps } from '../panels/alarm/use-alarm-steps.tsx';
import { ExtendDialog } from '../panels/suppression/SuppressionDialog.tsx';
import { compareAlarms } from '../state/alarm-list.ts';
import { formatDateTime } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import '../styles/suppressions.css';

const hiddenAlone = (alarms: Iterable<AlarmWire>): readonly AlarmWire[] =>
  [...alarms]
    .filter(({ suppression: by }) => by !== null && by.window === undefined && by.carrier === undefined)
    .sort(compareAlarms);
const sameAlarms = (a: readonly AlarmWire[], b: readonly AlarmWire[]): boolean =>
  a.length === b.length && a.every((alarm, i) => alarm === b[i]);

/** All that is kept from the alarm list on purpose: why, by whom and until when, with what ends it or makes it longer. */
export function SuppressionsPage() {
  const { t } = useLanguage();
  const open = useQuery(suppressionsQuery(false));
  const over = useQuery(suppressionsQuery(true));
  const shelved = useLive((state) => hiddenAlone(state.table.alarms.values()), sameAlarms);
  const windows = open.data ?? [];
  const groups = [
    { key: 'in_force', windows: windows.filter(({ phase }) => phase === 'in_force') },
    { key: 'planned', windows: windows.filter(({ phase }) => phase === 'planned') },
    { key: 'over', windows: over.data ?? [] },
  ] as const;
  const isEmpty = shelved.length === 0 && groups.every((group) => group.windows.length === 0);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('suppressions.title')}</h1>
      </header>
      <div className="page-scroll">
        {open.isPending || over.isPending ? (
          <ListLoading what={t('loading.suppressions')} />
        ) : open.error || over.error ? (
          <Failure
            error={open.error ?? over.error}
            retry={() => {
              void open.refetch();
              void over.refetch();
            }}
          />
        ) : isEmpty ? (
          <Empty title={t('suppressions.empty')} hint={t('suppressions.emptyHint')} />
        ) : (
          <div className="quiet-groups">
            {groups.slice(0, 2).map((group) => (
              <Group key={group.key} title={t(`suppressions.group.${group.key}`)} windows={group.windows} />
            ))}
            {shelved.length > 0 ? (
              <section aria-label={t('suppressions.group.shelved')}>
                <h2 className="section-title">
                  {t('suppressions.group.shelved')} ({shelved.length})
                </h2>
                <ul className="quiet-list">
                  {shelved.map((alarm) => (
                    <li key={alarm.id}>
                      <ShelvedRow alarm={alarm} />
                    </li>
                  ))}
                </ul>
              </section>
            ) : null}
            <Group title={t('suppressions.group.over')} windows={groups[2].windows} />
          </div>
        )}
      </div>
    </div>
  );
}

function Group({ title, windows }: { title: string; windows: readonly SuppressionWindowWire[] }) {
  if (windows.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="section-title">
        {title} ({windows.length})
      </h2>
      <ul className="quiet-list">
        {windows.map((window) => (
          <li key={window.id}>
            <WindowRow window={window} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function WindowRow({ window }: { window: SuppressionWindowWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { busy, end } = useSuppressions();
  const [extending, setExtending] = useState(false);
  const { scope, phase } = window;
  const isOver = phase === 'over';
  const until = window.endedAt ?? window.until;
  const time = until === null ? null : formatDateTime(until, language);
  return (
    <article className="quiet-row">
      <StateMark state={window.kind} size={24} />
      <div className="quiet-row-text">
        <strong>
          <ScopeLink window={window} />
        </strong>
        <p className="small">
          {t(`suppression.${window.kind}`)} · {t(`suppressions.of.${scope.kind}`)}
          {scope.kind === 'rule' ? '' : ` · ${t('suppressions.points', { count: window.points })}`}
        </p>
        <p>{window.reason}</p>
        <p className="small secondary">
          {phase === 'planned' ? `${t('suppressions.begins', { time: formatDateTime(window.from, language) })} · ` : ''}
          {time === null
            ? t(window.cause === 'device_step' ? 'suppressions.untilDevice' : 'suppressions.untilEnded')
            : t(isOver ? 'suppressions.ended' : 'suppressions.ends', { time })}
          {window.ownerName === null ? '' : ` · ${window.ownerName}`}
        </p>
      </div>
      {isOver || !holdsIn(session, 'alarms.work', window.agencyId) ? null : window.cause === 'device_step' ? (
        scope.kind === 'device' ? (
          <Link to="/devices/$deviceId" params={{ deviceId: scope.deviceId }}>
            {t('suppressions.toDevice')}
          </Link>
        ) : null
      ) : (
        <div className="quiet-row-actions">
          <Button variant="default" onClick={() => setExtending(true)}>
            {t('suppressions.extend')}
          </Button>
          <Button variant="default" loading={busy} onClick={() => void end(window)}>
            {t(phase === 'planned' ? 'suppressions.drop' : 'suppressions.endNow')}
          </Button>
        </div>
      )}
      {extending ? <ExtendDialog window={window} onClose={() => setExtending(false)} /> : null}
    </article>
  );
}

function ScopeLink({ window: { scope, scopeName, id } }: { window: SuppressionWindowWire }) {
  const { language } = useLanguage();
  const name = scopeName?.[language] ?? id;
  switch (scope.kind) {
    case 'device':
      return (
        <Link to="/devices/$deviceId" params={{ deviceId: scope.deviceId }}>
          {name}
        </Link>
      );
    case 'point':
    case 'rule_on_point':
      return (
        <Link to="/" search={{ point: scope.pointId }}>
          {name}
        </Link>
      );
    case 'site':
    case 'rule':
      return <>{name}</>;
  }
}

function ShelvedRow({ alarm }: { alarm: AlarmWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { begin, busy, dialog } = useAlarmSteps();
  const colleagues = useQuery(colleaguesQuery);
  const { suppression } = alarm;
  if (suppression === null) return null;
  const owner = colleagues.data?.items.find(({ id }) => id === suppression.by)?.displayName ?? suppression.by;
  const time = suppression.until === null ? null : formatDateTime(suppression.until, language);
  return (
    <article className="quiet-row">
      <StateMark state={suppressedState(suppression.kind)} size={24} />
      <div className="quiet-row-text">
        <strong>
          <Link to="/alarms" search={{ alarm: alarm.id, list: 'hidden' }}>
            {alarm.point?.name[language] ?? alarm.pointId} – {alarm.rule?.name[language] ?? alarm.ruleId}
          </Link>
        </strong>
        <p className="small">
          {t(`suppression.${suppression.kind}`)} · {t(`severity.${alarm.severity}`)} ·{' '}
          {t(`condition.${alarm.condition}`)}
        </p>
        <p>{suppression.reason}</p>
        <p className="small secondary">
          {time === null ? t('suppressions.untilEnded') : t('suppressions.ends', { time })}
          {owner === null ? '' : ` · ${owner}`}
        </p>
      </div>
      {holdsIn(session, 'alarms.work', alarm.agencyId) ? (
        <div className="quiet-row-actions">
          <Button variant="default" loading={busy} onClick={() => begin('unshelve', [alarm])}>
            {t('suppressions.endNow')}
          </Button>
        </div>
      ) : null}
      {dialog}
    </article>
  );
}
