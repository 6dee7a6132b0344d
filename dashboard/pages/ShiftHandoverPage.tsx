import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import type { HandoverId } from '../../domain/shift-handover.ts';
import { usePlatform } from '../client/platform.tsx';
import { handoverQuery } from '../client/shifts.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure } from '../components/States.tsx';
import { i18n } from '../i18n/i18n.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { ReceiveDialog, SendDialog } from '../panels/shift/ShiftDialogs.tsx';
import { ShiftLog } from '../panels/shift/ShiftLog.tsx';
import { ShiftSummary } from '../panels/shift/ShiftSummary.tsx';
import { formatDateTime, formatTime } from '../state/formatting.ts';
import '../styles/shift.css';

/** A signed handover as it was, to be read, received, printed and sent; in either language. */
export function ShiftHandoverPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { handoverId } = useParams({ from: '/shell/shift/handovers/$handoverId' });
  const handover = useQuery(handoverQuery(handoverId as HandoverId));
  const [chosen, setChosen] = useState<Language | null>(null);
  const [open, setOpen] = useState<'receive' | 'send' | null>(null);
  const shown = chosen ?? language;
  const r = i18n.getFixedT(shown);
  if (handover.isPending)
    return (
      <div className="page">
        <ListLoading what={t('loading.shift')} />
      </div>
    );
  if (handover.data === undefined) return <Failure error={handover.error} retry={() => void handover.refetch()} />;
  const { content, receipt, sha256, isIntact } = handover.data;
  const { shift, covers, onDuty, signedBy, remark } = content;
  const isOwn = signedBy.userId === session.user.id;
  return (
    <div className="page shift-paper-page">
      <header className="page-header no-print">
        <Link to="/shift" search={{ agency: content.agencyId, tab: 'records' }} className="text-button">
          {t('shift.back')}
        </Link>
        <span className="grow" />
        {LANGUAGES.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === shown}
            onClick={() => setChosen(each)}
          >
            {t(each === 'vi' ? 'account.languageVi' : 'account.languageEn')}
          </button>
        ))}
        <Button variant="default" onClick={() => setOpen('send')}>
          {t('shift.send')}
        </Button>
        <Button variant="default" onClick={() => window.print()}>
          {t('record.print')}
        </Button>
        {receipt === null && !isOwn ? <Button onClick={() => setOpen('receive')}>{t('shift.receive')}</Button> : null}
      </header>
      <article className="shift-paper" lang={shown}>
        {isIntact ? null : (
          <p className="shift-tampered" role="alert">
            {r('shift.tampered')}
          </p>
        )}
        <p className="secondary">{content.agencyName[shown]}</p>
        <h1>{r('shift.recordTitle')}</h1>
        <dl className="facts">
          <dt>{r('shift.shift')}</dt>
          <dd>{r('shift.name', { number: shift.number, from: formatTime(shift.from), to: formatTime(shift.to) })}</dd>
          <dt>{r('shift.time')}</dt>
          <dd>{r('shift.span', { from: formatDateTime(covers.from, shown), to: formatDateTime(covers.to, shown) })}</dd>
          <dt>{r('shift.people')}</dt>
          <dd>
            {onDuty.length === 0 ? r('shift.nobodySigned') : onDuty.map((one) => one.userName ?? one.userId).join(', ')}
          </dd>
        </dl>
        {remark === '' ? null : (
          <section className="shift-part">
            <h2>{r('shift.remark')}</h2>
            <p className="shift-words">{remark}</p>
          </section>
        )}
        <ShiftSummary summary={content.summary} language={shown} />
        <section className="shift-part">
          <h2>{r('shift.log')}</h2>
          <ShiftLog log={content.log} language={shown} />
        </section>
        <div className="shift-signatures">
          <div>
            <h2>{r('shift.handedOver')}</h2>
            <p className="shift-signature">{signedBy.name}</p>
            <p className="small secondary">{formatDateTime(content.signedAt, shown, true)}</p>
          </div>
          <div>
            <h2>{r('shift.takenOver')}</h2>
            {receipt === null ? (
              <p className="shift-open">
                {r('shift.notReceived')}
                {isOwn ? <span className="no-print"> {r('shift.notByYou')}</span> : null}
              </p>
            ) : (
              <>
                <p className="shift-signature">{receipt.receivedBy.name}</p>
                <p className="small secondary">{formatDateTime(receipt.receivedAt, shown, true)}</p>
                {receipt.remark === '' ? null : <p className="shift-words">{receipt.remark}</p>}
              </>
            )}
          </div>
        </div>
        <p className="small secondary shift-hash">SHA-256 {sha256}</p>
      </article>
      {open === 'receive' ? <ReceiveDialog handover={handover.data} onClose={() => setOpen(null)} /> : null}
      {open === 'send' ? <SendDialog handover={handover.data} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}
