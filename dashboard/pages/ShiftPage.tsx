import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { CurrentShiftWire, HandoverLineWire, ShiftEntryWire } from '../../api/contract/shifts.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { usePlatform } from '../client/platform.tsx';
import { agenciesQuery } from '../client/queries.ts';
import { agenciesWith, holdsIn } from '../client/session.ts';
import { currentShiftQuery, handoversQuery, useShiftActions } from '../client/shifts.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { NoteForm } from '../panels/shift/NoteForm.tsx';
import { PlanDialog, SignDialog } from '../panels/shift/ShiftDialogs.tsx';
import { ShiftLog } from '../panels/shift/ShiftLog.tsx';
import { ShiftSummary } from '../panels/shift/ShiftSummary.tsx';
import { formatDateTime, formatTime } from '../state/formatting.ts';
import '../styles/shift.css';

/** An address without what is not given. */
const searchFor = (agency: string | undefined, isRecords: boolean) => ({
  ...(agency === undefined ? {} : { agency }),
  ...(isRecords ? { tab: 'records' as const } : {}),
});

/** The control room's shift: who is on duty, what there is to hand over, what happened; and the handovers there were. */
export function ShiftPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const navigate = useNavigate({ from: '/shift' });
  const { agency, tab } = useSearch({ from: '/shell/shift' });
  const all = useQuery(agenciesQuery);
  const agencies = agenciesWith(session, 'alarms.work', all.data?.items ?? []);
  const agencyId = agencies.find(({ id }) => id === agency)?.id ?? agencies[0]?.id;
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('shift.title')}</h1>
        <nav className="tabs" aria-label={t('shift.title')}>
          {(['current', 'records'] as const).map((each) => {
            const isRecords = each === 'records';
            return (
              <Link
                key={each}
                to="/shift"
                search={searchFor(agency, isRecords)}
                className="tab"
                activeOptions={{ exact: true }}
                aria-current={(tab === 'records') === isRecords ? 'page' : undefined}
              >
                {t(`shift.tab.${each}`)}
              </Link>
            );
          })}
        </nav>
        <span className="grow" />
        {agencies.length < 2 ? null : (
          <Select
            aria-label={t('alarms.agency')}
            data={agencies.map(({ id, name }) => ({ value: id, label: name[language] }))}
            value={agencyId ?? null}
            allowDeselect={false}
            onChange={(next) => void navigate({ search: searchFor(next ?? undefined, tab === 'records') })}
          />
        )}
      </header>
      <div className="page-scroll">
        {all.error ? (
          <Failure error={all.error} retry={() => void all.refetch()} />
        ) : agencyId === undefined ? (
          all.isPending ? (
            <ListLoading what={t('loading.shift')} />
          ) : (
            <Empty title={t('shift.notYours')} hint={t('shift.notYoursHint')} />
          )
        ) : tab === 'records' ? (
          <Records agencyId={agencyId} />
        ) : (
          <Current agencyId={agencyId} />
        )}
      </div>
    </div>
  );
}

function Current({ agencyId }: { agencyId: AgencyId }) {
  const { t, language } = useLanguage();
  const shift = useQuery(currentShiftQuery(agencyId));
  const [corrected, setCorrected] = useState<Extract<ShiftEntryWire, { readonly kind: 'note' }> | null>(null);
  if (shift.isPending) return <ListLoading what={t('loading.shift')} />;
  if (shift.data === undefined) return <Failure error={shift.error} retry={() => void shift.refetch()} />;
  const { waiting, summary, log } = shift.data;
  return (
    <>
      {waiting === null ? null : <Waiting handover={waiting} />}
      <Duty shift={shift.data} />
      <div className="shift-columns">
        <section className="shift-column" aria-label={t('shift.summary')}>
          <h2 className="shift-heading">{t('shift.summary')}</h2>
          <ShiftSummary summary={summary} language={language} />
        </section>
        <section className="shift-column" aria-label={t('shift.log')}>
          <h2 className="shift-heading">{t('shift.log')}</h2>
          <NoteForm
            key={corrected?.noteId ?? 'new'}
            agencyId={agencyId}
            corrected={corrected}
            onDone={() => setCorrected(null)}
          />
          <ShiftLog log={log} language={language} correct={setCorrected} />
        </section>
      </div>
    </>
  );
}

function Waiting({ handover }: { handover: HandoverLineWire }) {
  const { t, language } = useLanguage();
  return (
    <div className="shift-waiting" role="status">
      <p>{t('shift.waiting', { name: handover.signedByName, time: formatDateTime(handover.signedAt, language) })}</p>
      <Button
        renderRoot={(props) => (
          <Link to="/shift/handovers/$handoverId" params={{ handoverId: handover.id }} {...props} />
        )}
      >
        {t('shift.readAndReceive')}
      </Button>
    </div>
  );
}

function Duty({ shift }: { shift: CurrentShiftWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { busy, takeDuty } = useShiftActions();
  const [open, setOpen] = useState<'sign' | 'plan' | null>(null);
  const { plan, onDuty, covers, waiting } = shift;
  const { from, to, number } = shift.shift;
  const isOn = onDuty.some(({ userId }) => userId === session.user.id);
  return (
    <div className="shift-duty">
      <div className="shift-duty-text">
        <p className="shift-name">
          {t('shift.name', { number, from: formatTime(from), to: formatTime(to) })}
          <span className="secondary"> · {formatDateTime(from, language).slice(0, -6)}</span>
        </p>
        <p>
          {onDuty.length === 0
            ? t('shift.nobody')
            : t('shift.onDuty', {
                names: onDuty.map((one) => `${one.userName ?? one.userId} (${formatTime(one.since)})`).join(', '),
              })}
        </p>
        <p className="small secondary">{t('shift.covers', { from: formatDateTime(covers.from, language) })}</p>
      </div>
      <div className="shift-actions">
        {holdsIn(session, 'agency.administer', plan.agencyId) ? (
          <Button variant="default" onClick={() => setOpen('plan')}>
            {t('shift.plan')}
          </Button>
        ) : null}
        <Button variant="default" loading={busy} onClick={() => void takeDuty(plan.agencyId, isOn ? 'leave' : 'join')}>
          {t(isOn ? 'shift.leave' : 'shift.join')}
        </Button>
        <Button disabled={waiting !== null} onClick={() => setOpen('sign')}>
          {t('shift.sign')}
        </Button>
      </div>
      {open === 'sign' ? <SignDialog shift={shift} onClose={() => setOpen(null)} /> : null}
      {open === 'plan' ? <PlanDialog plan={plan} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

function Records({ agencyId }: { agencyId: AgencyId }) {
  const { t, language } = useLanguage();
  const handovers = useQuery(handoversQuery(agencyId));
  if (handovers.isPending) return <ListLoading what={t('loading.shift')} />;
  if (handovers.data === undefined) return <Failure error={handovers.error} retry={() => void handovers.refetch()} />;
  if (handovers.data.length === 0) return <Empty title={t('shift.noRecords')} hint={t('shift.noRecordsHint')} />;
  return (
    <ul className="shift-records">
      {handovers.data.map((handover) => (
        <li key={handover.id}>
          <Link to="/shift/handovers/$handoverId" params={{ handoverId: handover.id }} className="shift-record">
            <strong>
              {t('shift.name', {
                number: handover.shift.number,
                from: formatTime(handover.shift.from),
                to: formatTime(handover.shift.to),
              })}
            </strong>
            <span>
              {t('shift.span', {
                from: formatDateTime(handover.covers.from, language),
                to: formatDateTime(handover.covers.to, language),
              })}
            </span>
            <span>{t('shift.signedBy', { name: handover.signedByName })}</span>
            <span className={handover.receivedByName === null ? 'shift-open' : 'secondary'}>
              {handover.receivedByName === null
                ? t('shift.notReceived')
                : t('shift.receivedBy', { name: handover.receivedByName })}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
