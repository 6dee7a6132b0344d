import { Button, Modal, Select, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import { epochMs } from '../../../domain/time.ts';
import { useAlarmActions } from '../../client/alarm-actions.tsx';
import { usePlatform, useServerNow } from '../../client/platform.tsx';
import { colleaguesQuery } from '../../client/queries.ts';
import { holdsIn } from '../../client/session.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { type AlarmStep, endsBy, mayTake } from '../../state/alarm-undo.ts';
import { formatCount } from '../../state/formatting.ts';
import '../../styles/alarms.css';

export type StepKind = Exclude<AlarmStep['kind'], 'take_back_acknowledgement'>;
/** More than a screenful at once is asked about first. */
const ASKED_ABOVE = 25;
const SHELVE_HOURS = [1, 4, 8, 24, 72] as const;
/** Refusals listed; the rest is counted. */
const REFUSALS_LISTED = 50;
const REFUSAL_CODES = ['CONFLICT', 'INVALID_STATE', 'NOT_FOUND', 'NOT_ALLOWED', 'REFERENCE_MISSING'] as const;
type RefusalCode = (typeof REFUSAL_CODES)[number];
const isKnownRefusal = (code: string): code is RefusalCode => (REFUSAL_CODES as readonly string[]).includes(code);

/**
 * Steps on one alarm or many: those that need no word and can be taken back are taken at once, others ask first. `dialog` is to be drawn by whoever
 * uses it.
 */
export function useAlarmSteps(onTaken?: () => void): {
  readonly begin: (kind: StepKind, alarms: readonly AlarmWire[]) => void;
  readonly undoLast: () => void;
  readonly busy: boolean;
  readonly dialog: ReactNode;
} {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { take, undoLast, busy, refused, forgetRefused } = useAlarmActions();
  const [asking, setAsking] = useState<{ kind: StepKind; alarms: readonly AlarmWire[] } | null>(null);

  const taken = async (alarms: readonly AlarmWire[], step: AlarmStep): Promise<void> => {
    if (!(await take(alarms, step))) return;
    setAsking(null);
    onTaken?.();
  };
  function begin(kind: StepKind, given: readonly AlarmWire[]): void {
    const alarms = given.filter((alarm) => mayTake(kind, alarm) && holdsIn(session, 'alarms.work', alarm.agencyId));
    if (alarms.length === 0) {
      if (given.length > 0) notifications.show({ message: t(`alarms.none.${kind}`), autoClose: 4_000 });
      return;
    }
    const needsWord = kind === 'comment' || kind === 'resolve' || kind === 'shelve' || kind === 'assign';
    const isGrave = alarms.length > ASKED_ABOVE || alarms.some((alarm) => endsBy(kind, alarm));
    if (needsWord || isGrave) setAsking({ kind, alarms });
    else void taken(alarms, { kind } as AlarmStep);
  }

  const title = asking
    ? asking.alarms.length === 1
      ? t(`alarms.ask.${asking.kind}`)
      : t(`alarms.askMany.${asking.kind}`, { number: formatCount(asking.alarms.length, language) })
    : '';
  const dialog = (
    <>
      <Modal
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={title}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        {asking ? (
          <StepForm
            kind={asking.kind}
            alarms={asking.alarms}
            busy={busy}
            onStep={(step) => void taken(asking.alarms, step)}
          />
        ) : null}
      </Modal>
      <Modal
        opened={refused.length > 0}
        onClose={forgetRefused}
        title={t('alarms.refusedSome', { number: formatCount(refused.length, language), count: refused.length })}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <ul className="refusals">
          {refused.slice(0, REFUSALS_LISTED).map(({ id, code }) => (
            <li key={id}>
              <RefusedName id={id} />
              <span className="small secondary">
                {isKnownRefusal(code) ? t(`alarms.refusal.${code}`) : t('alarms.refusal.other', { code })}
              </span>
            </li>
          ))}
        </ul>
        {refused.length > REFUSALS_LISTED ? (
          <p className="small secondary">
            {t('alarms.refusedMore', { number: formatCount(refused.length - REFUSALS_LISTED, language) })}
          </p>
        ) : null}
      </Modal>
    </>
  );
  return { begin, undoLast: () => void undoLast(), busy, dialog };
}

function RefusedName({ id }: { id: AlarmWire['id'] }) {
  const { language } = useLanguage();
  const { live } = usePlatform();
  const alarm = live.get().table.alarms.get(id);
  return <span>{alarm ? `${alarm.point?.name[language] ?? alarm.pointId} · ${alarm.rule?.name[language]}` : id}</span>;
}

function StepForm({
  kind,
  alarms,
  busy,
  onStep,
}: {
  kind: StepKind;
  alarms: readonly AlarmWire[];
  busy: boolean;
  onStep: (step: AlarmStep) => void;
}) {
  const { t, language } = useLanguage();
  const { settings, session } = usePlatform();
  const now = useServerNow();
  const [note, setNote] = useState('');
  const [hours, setHours] = useState('4');
  const [to, setTo] = useState<string | null>((alarms.length === 1 ? alarms[0]?.assignee : null) ?? null);
  const colleagues = useQuery({ ...colleaguesQuery, enabled: kind === 'assign' });
  const text = note.trim();
  const ending = alarms.filter((alarm) => endsBy(kind, alarm)).length;
  const needsText = kind === 'comment' || kind === 'resolve' || kind === 'shelve';

  function stepOf(): AlarmStep {
    switch (kind) {
      case 'comment':
      case 'resolve':
        return { kind, note: text };
      case 'shelve':
        return { kind, reason: text, until: epochMs(Math.round(now + Number(hours) * 3_600_000)) };
      case 'assign':
        return { kind, to: to as UserId | null };
      default:
        return { kind };
    }
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!needsText || text !== '') onStep(stepOf());
      }}
    >
      {kind === 'shelve' ? (
        <Select
          label={t('alarms.shelveFor')}
          data={SHELVE_HOURS.filter((each) => each * 3_600_000 <= settings.alarms.shelveAtMostMs).map((each) => ({
            value: String(each),
            label: t('alarms.hours', { count: each }),
          }))}
          value={hours}
          onChange={(next) => setHours(next ?? '4')}
          allowDeselect={false}
        />
      ) : null}
      {kind === 'assign' ? (
        <>
          {/* Above the list, which opens over what stands below it. */}
          <button
            type="button"
            className="link-button"
            disabled={to === session.user.id}
            onClick={() => setTo(session.user.id)}
          >
            {t('alarms.assignMe')}
          </button>
          <Select
            label={t('alarms.assignee')}
            placeholder={t('alarms.assigneeNobody')}
            searchable
            clearable
            data-autofocus
            clearButtonProps={{ 'aria-label': t('common.clear') }}
            nothingFoundMessage={t('search.nothing')}
            data={(colleagues.data?.items ?? []).map(({ id, displayName }) => ({ value: id, label: displayName }))}
            value={to}
            onChange={setTo}
          />
        </>
      ) : null}
      {needsText ? (
        <Textarea
          label={kind === 'comment' ? t('alarms.note') : t('alarms.reason')}
          autosize
          minRows={3}
          maxLength={2000}
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          }}
        />
      ) : null}
      {ending > 0 ? (
        <p className="small">{t('alarms.endsFor', { count: ending, number: formatCount(ending, language) })}</p>
      ) : kind === 'comment' ? (
        <p className="small secondary">{t('alarms.commentStays')}</p>
      ) : kind === 'shelve' ? (
        <p className="small secondary">{t('alarms.shelveEnds')}</p>
      ) : null}
      <Button
        type="submit"
        loading={busy}
        disabled={needsText && text === ''}
        {...(needsText || kind === 'assign' ? {} : { 'data-autofocus': true })}
      >
        {t(`alarms.do.${kind}`)}
      </Button>
    </form>
  );
}
