import { Button, Menu, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { IncidentWire } from '../../../api/contract/incidents.ts';
import type { AlarmId } from '../../../domain/identifiers.ts';
import type { IncidentId } from '../../../domain/incident.ts';
import {
  type IncidentActions,
  incidentHistoryQuery,
  incidentMembersQuery,
  incidentQuery,
  incidentsQuery,
} from '../../client/incidents.ts';
import { useLive, usePlatform, useServerNow } from '../../client/platform.tsx';
import { holdsIn } from '../../client/session.ts';
import { useCity } from '../../client/use-city.tsx';
import { IconChevronDown, IconX } from '../../components/icons.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { compareAlarms } from '../../state/alarm-list.ts';
import { formatAge, formatCount, formatDateTime } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';
import { PanelHeader } from '../PointPanel.tsx';
import { IncidentMembers } from './IncidentMembers.tsx';
import { IncidentNetwork } from './IncidentNetwork.tsx';
import { useIncidentText } from './incident-text.ts';

/** Alarms offered to be added; the filter finds others. */
const OFFERED = 500;

interface Props {
  readonly incidentId: IncidentId;
  readonly actions: IncidentActions;
  readonly onClose: () => void;
  readonly onOpen: (id: IncidentId) => void;
}

/** One incident: what is behind it and why that is believed, what belongs to it, what may be done. */
export function IncidentPanel({ incidentId, actions, onClose, onOpen }: Props) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { agencyName } = useCity();
  const { textOf, titleOf } = useIncidentText();
  const now = useServerNow();
  const found = useQuery(incidentQuery(incidentId));
  const incident = found.data;
  if (!incident)
    return (
      <>
        <PanelHeader title={t('incidents.panel')} onClose={onClose} />
        {found.error ? (
          <Failure error={found.error} retry={() => void found.refetch()} />
        ) : (
          <ListLoading what={t('loading.incidents')} />
        )}
      </>
    );
  const mayWork = [incident.agencyId, ...incident.agencies].some((agency) => holdsIn(session, 'alarms.work', agency));
  const isOver = incident.endedAt !== null;
  return (
    <>
      <header className="panel-header">
        <StateMark state={isOver ? 'normal' : incident.severity} size={28} />
        <div className="panel-header-text">
          <h2 className="panel-title">{titleOf(incident)}</h2>
          <p className="small">
            <span className={isOver ? undefined : `severity-${incident.severity}`}>
              {isOver ? t('incidents.over') : t(`severity.${incident.severity}`)}
            </span>
            <span className="secondary">
              {' · '}
              {t('incidents.activeOf', {
                active: formatCount(incident.active, language),
                total: formatCount(incident.members, language),
              })}
            </span>
          </p>
        </div>
        <button type="button" className="icon-button" aria-label={t('common.close')} onClick={onClose}>
          <IconX size={18} aria-hidden="true" />
        </button>
      </header>
      <div className="panel-body">
        {incident.mergedInto !== null ? (
          <p className="advice">
            {t('incidents.mergedInto')}{' '}
            <Link to="/incidents" search={{ incident: incident.mergedInto }}>
              {t('incidents.toWhole')}
            </Link>
          </p>
        ) : mayWork ? (
          <IncidentWork incident={incident} actions={actions} onOpen={onOpen} />
        ) : null}
        <section>
          <h3 className="section-title">{t('incidents.cause')}</h3>
          {incident.name === null ? null : <p>{titleOf({ name: null, title: incident.title })}</p>}
          <ul className="incident-evidence">
            {incident.evidence.map((text) => (
              <li key={text.key}>{textOf(text)}</li>
            ))}
          </ul>
          <dl className="facts">
            <dt>{t('alarms.began')}</dt>
            <dd>
              {formatDateTime(incident.startedAt, language, true)}{' '}
              <span className="secondary">· {formatAge(now - incident.startedAt, language)}</span>
            </dd>
            {incident.endedAt === null ? null : (
              <>
                <dt>{t('alarms.ended')}</dt>
                <dd>{formatDateTime(incident.endedAt, language, true)}</dd>
              </>
            )}
            <dt>{t('alarms.agency')}</dt>
            <dd>{incident.agencies.map((id) => agencyName.get(id)?.[language] ?? id).join(', ')}</dd>
          </dl>
          <p>
            <Link to="/" search={{ incident: incident.id } as never}>
              {t('incidents.onMap')}
            </Link>
          </p>
        </section>
        <IncidentNetwork incidentId={incident.id} />
        <IncidentMembers incident={incident} actions={actions} onSplit={({ id }) => onOpen(id)} />
        <IncidentHistory incidentId={incident.id} />
      </div>
    </>
  );
}

function IncidentHistory({ incidentId }: { incidentId: IncidentId }) {
  const { t, language } = useLanguage();
  const history = useQuery(incidentHistoryQuery(incidentId));
  return (
    <section>
      <h3 className="section-title">{t('alarms.history')}</h3>
      {history.error ? (
        <Failure error={history.error} retry={() => void history.refetch()} />
      ) : history.isPending ? (
        <ListLoading rows={3} what={t('loading.history')} />
      ) : (
        <ol className="history">
          {history.data.items.toReversed().map((event) => (
            <li key={`${event.recordedAt} ${event.kind} ${event.members}`}>
              <div>
                <strong>{t(`incidents.event.${event.kind}`)}</strong>
                {event.members > 0 ? ` · ${t('incidents.members', { count: event.members })}` : ''}
                {event.byName ? ` · ${event.byName}` : ''}
              </div>
              <time className="small secondary" dateTime={new Date(event.recordedAt).toISOString()}>
                {formatDateTime(event.recordedAt, language, true)}
              </time>
              {event.note ? <p className="history-note">{event.note}</p> : null}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

type Asking = 'comment' | 'name' | 'merge' | 'add';

function IncidentWork({
  incident,
  actions,
  onOpen,
}: {
  incident: IncidentWire;
  actions: IncidentActions;
  onOpen: (id: IncidentId) => void;
}) {
  const { t } = useLanguage();
  const [asking, setAsking] = useState<Asking | null>(null);
  return (
    <div className="actions">
      {incident.unacknowledged > 0 ? (
        <Button loading={actions.busy} onClick={() => void actions.acknowledge(incident)}>
          {t('incidents.acknowledge', { count: incident.unacknowledged })}
        </Button>
      ) : null}
      <Button variant="default" onClick={() => setAsking('comment')}>
        {t('alarms.comment')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden="true" />}>
            {t('alarms.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsking('merge')}>{t('incidents.ask.merge')}</Menu.Item>
          <Menu.Item onClick={() => setAsking('add')}>{t('incidents.ask.add')}</Menu.Item>
          <Menu.Item onClick={() => setAsking('name')}>{t('incidents.ask.name')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={asking ? t(`incidents.ask.${asking}`) : ''}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        {asking === 'merge' ? (
          <MergeForm incident={incident} actions={actions} onDone={() => setAsking(null)} onOpen={onOpen} />
        ) : asking === 'add' ? (
          <AddForm incident={incident} actions={actions} onDone={() => setAsking(null)} />
        ) : asking !== null ? (
          <WordsForm incident={incident} actions={actions} asking={asking} onDone={() => setAsking(null)} />
        ) : null}
      </Modal>
    </div>
  );
}

interface FormProps {
  readonly incident: IncidentWire;
  readonly actions: IncidentActions;
  readonly onDone: () => void;
}

function WordsForm({ incident, actions, asking, onDone }: FormProps & { readonly asking: 'comment' | 'name' }) {
  const { t } = useLanguage();
  const [words, setWords] = useState(asking === 'name' ? (incident.name ?? '') : '');
  const text = words.trim();
  const send = async () => {
    const sent =
      asking === 'name'
        ? await actions.rename(incident, text === '' ? null : text)
        : await actions.comment(incident, text);
    if (sent !== null) onDone();
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {asking === 'name' ? (
        <TextInput
          label={t('incidents.name')}
          description={t('incidents.nameHint')}
          maxLength={200}
          data-autofocus
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      ) : (
        <Textarea
          label={t('alarms.note')}
          autosize
          minRows={3}
          maxLength={2000}
          data-autofocus
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      <Button type="submit" loading={actions.busy} disabled={asking === 'comment' && text === ''}>
        {t('incidents.save')}
      </Button>
    </form>
  );
}

function MergeForm({ incident, actions, onDone, onOpen }: FormProps & { readonly onOpen: (id: IncidentId) => void }) {
  const { t } = useLanguage();
  const { titleOf } = useIncidentText();
  const open = useQuery(incidentsQuery(true));
  const [from, setFrom] = useState<string | null>(null);
  const merge = async () => {
    if (from === null) return;
    const whole = await actions.merge(incident, from as IncidentId);
    if (whole === null) return;
    onDone();
    onOpen(whole.id);
  };
  return (
    <div className="form">
      <Select
        label={t('incidents.mergeFrom')}
        description={t('incidents.mergeHint')}
        searchable
        nothingFoundMessage={t('search.nothing')}
        data={(open.data ?? [])
          .filter(({ id }) => id !== incident.id)
          .map((other) => ({ value: other.id, label: titleOf(other) }))}
        value={from}
        onChange={setFrom}
      />
      <Button loading={actions.busy} disabled={from === null} onClick={() => void merge()}>
        {t('incidents.merge')}
      </Button>
    </div>
  );
}

function AddForm({ incident, actions, onDone }: FormProps) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const members = useQuery(incidentMembersQuery(incident.id));
  const open = useLive((state) => state.table.alarms);
  const [alarm, setAlarm] = useState<string | null>(null);
  const there = new Set((members.data ?? []).map(({ alarm: one }) => one?.id));
  const offered = [...open.values()]
    .filter(({ id, agencyId }) => !there.has(id) && holdsIn(session, 'alarms.work', agencyId))
    .sort(compareAlarms)
    .slice(0, OFFERED);
  const add = async () => {
    if (alarm !== null && (await actions.add(incident, [alarm as AlarmId])) !== null) onDone();
  };
  return (
    <div className="form">
      <Select
        label={t('incidents.alarmToAdd')}
        searchable
        nothingFoundMessage={t('search.nothing')}
        data={offered.map((each) => ({
          value: each.id,
          label: `${each.point?.name[language] ?? each.pointId} – ${each.rule?.name[language] ?? each.ruleId}`,
        }))}
        value={alarm}
        onChange={setAlarm}
      />
      <Button loading={actions.busy} disabled={alarm === null} onClick={() => void add()}>
        {t('incidents.ask.add')}
      </Button>
    </div>
  );
}
