import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { IncidentMemberWire, IncidentWire } from '../../../api/contract/incidents.ts';
import type { SignalKey } from '../../../domain/incident.ts';
import { suppressedState } from '../../../domain/point-state.ts';
import { type IncidentActions, incidentMembersQuery } from '../../client/incidents.ts';
import { usePlatform, useServerNow } from '../../client/platform.tsx';
import { holdsIn } from '../../client/session.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Empty, Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatAge, formatCount, formatDateTime } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

interface Props {
  readonly incident: IncidentWire;
  readonly actions: IncidentActions;
  readonly onSplit: (part: IncidentWire) => void;
}

/** The members that the reader may see; some chosen, to be split off or taken out. */
export function IncidentMembers({ incident, actions, onSplit }: Props) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const members = useQuery(incidentMembersQuery(incident.id));
  const [chosen, setChosen] = useState<ReadonlySet<SignalKey>>(new Set());
  const all = members.data ?? [];
  const picked = all.filter(({ key }) => chosen.has(key));
  const toggle = (key: SignalKey) =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const split = async () => {
    const part = await actions.split(
      incident,
      picked.map(({ key }) => key),
    );
    if (part === null) return;
    setChosen(new Set());
    onSplit(part);
  };
  const remove = async () => {
    const alarms = picked.flatMap(({ alarm }) => alarm?.id ?? []);
    const keys = picked.map(({ key }) => key);
    if ((await actions.remove(incident, keys, alarms)) !== null) setChosen(new Set());
  };
  return (
    <section>
      <h3 className="section-title">{t('incidents.membersTitle')}</h3>
      {incident.hidden > 0 ? (
        <p className="advice">
          {t('incidents.hidden', { count: incident.hidden, shown: formatCount(incident.hidden, language) })}
        </p>
      ) : null}
      {picked.length > 0 ? (
        <div className="actions incident-chosen">
          <span className="small">{t('incidents.chosen', { count: picked.length })}</span>
          <Button size="xs" variant="default" loading={actions.busy} onClick={() => void split()}>
            {t('incidents.split')}
          </Button>
          <Button size="xs" variant="default" loading={actions.busy} onClick={() => void remove()}>
            {t('incidents.remove')}
          </Button>
        </div>
      ) : null}
      {members.error ? (
        <Failure error={members.error} retry={() => void members.refetch()} />
      ) : members.isPending ? (
        <ListLoading rows={4} what={t('loading.members')} />
      ) : all.length === 0 ? (
        <Empty title={t('incidents.noMembers')} />
      ) : (
        <ul className="incident-members">
          {all.map((member) => (
            <li key={member.key}>
              {holdsIn(session, 'alarms.work', member.agencyId) ? (
                <input
                  type="checkbox"
                  aria-label={t('incidents.choose', { name: member.pointName?.[language] ?? member.pointId })}
                  checked={chosen.has(member.key)}
                  onChange={() => toggle(member.key)}
                />
              ) : null}
              <Member member={member} />
            </li>
          ))}
        </ul>
      )}
      {incident.members > all.length && !members.isPending ? (
        <p className="small secondary">
          {t('incidents.moreMembers', {
            count: incident.members - all.length,
            shown: formatCount(incident.members - all.length, language),
          })}
        </p>
      ) : null}
    </section>
  );
}

function Member({ member }: { member: IncidentMemberWire }) {
  const { t, language } = useLanguage();
  const now = useServerNow();
  const { alarm, deviceId, endedAt } = member;
  const name = member.pointName?.[language] ?? member.pointId;
  const isOver = endedAt !== null || alarm?.condition === 'cleared';
  const state = isOver ? 'normal' : alarm?.suppression ? suppressedState(alarm.suppression.kind) : member.severity;
  return (
    <>
      <StateMark state={deviceId !== null && !isOver ? 'unknown' : state} size={18} />
      <span className="two-lines">
        {alarm ? (
          <Link to="/alarms" search={{ alarm: alarm.id, list: alarm.suppression ? 'hidden' : undefined } as never}>
            {name}
          </Link>
        ) : deviceId ? (
          <Link to="/devices/$deviceId" params={{ deviceId }}>
            {name}
          </Link>
        ) : (
          name
        )}
        <span className="small secondary">
          {alarm ? (alarm.rule?.name[language] ?? alarm.ruleId) : t('incidents.deviceLost', { device: deviceId ?? '' })}
          {' · '}
          {isOver ? t('condition.cleared') : alarm ? t(`work.${alarm.work}`) : t(`incidents.sign.${member.sign}`)}
          {member.byHand ? ` · ${t('incidents.byHand')}` : ''}
        </span>
      </span>
      <time
        className="small secondary"
        dateTime={new Date(member.at).toISOString()}
        title={formatDateTime(member.at, language, true)}
      >
        {formatAge(now - member.at, language)}
      </time>
    </>
  );
}
