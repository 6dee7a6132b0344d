import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AlarmId } from '../../domain/identifiers.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { type AlarmStep, undoOf } from '../state/alarm-undo.ts';
import { formatCount } from '../state/formatting.ts';
import { call } from './http.ts';
import { usePlatform } from './platform.tsx';
import { alarmQuery } from './queries.ts';

/** Alarms of one request: their changes fit into one beat of a live line that keeps up. */
const AT_ONCE = 200;
/** So long a step can be taken back from here; the server allows the same for acknowledgements. */
const UNDO_WITHIN_MS = 60_000;
const NOTICE_ID = 'alarm-steps';

export interface StepOutcome {
  readonly taken: readonly AlarmWire[];
  readonly refused: readonly { readonly id: AlarmId; readonly code: string }[];
}

/** What the last step did, as steps that take it back. One for the whole page: the key for it works wherever the step was taken. */
let lastUndo: { readonly steps: readonly { id: AlarmId; step: AlarmStep }[]; readonly until: number } | null = null;

/** Takes steps on alarms, one or thousands; the screen shows the answers at once, says what was refused and offers the way back. */
export function useAlarmActions() {
  const { t, language } = useLanguage();
  const { live } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<StepOutcome['refused']>([]);
  const stopped = useRef(false);

  /** As the screen has them now: what was looked at is what may be changed. */
  const newest = (alarm: AlarmWire): AlarmWire => live.get().table.alarms.get(alarm.id) ?? alarm;

  async function send(alarms: readonly AlarmWire[], step: AlarmStep): Promise<StepOutcome> {
    const taken: AlarmWire[] = [];
    const refusals: { id: AlarmId; code: string }[] = [];
    stopped.current = false;
    for (let from = 0; from < alarms.length && !stopped.current; from += AT_ONCE) {
      if (alarms.length > AT_ONCE) {
        notifications.hide(NOTICE_ID);
        notifications.show({
          id: NOTICE_ID,
          loading: true,
          autoClose: false,
          withCloseButton: false,
          message: (
            <Action
              text={t('alarms.progress', {
                done: formatCount(from, language),
                total: formatCount(alarms.length, language),
              })}
              label={t('alarms.stop')}
              onClick={() => {
                stopped.current = true;
              }}
            />
          ),
        });
      }
      const answer = await call('POST /alarms/steps', {
        body: {
          items: alarms
            .slice(from, from + AT_ONCE)
            .map(newest)
            .map(({ id, version }) => ({ id, version })),
          step,
        },
      });
      live.showAlarms(answer.taken);
      taken.push(...answer.taken);
      refusals.push(...answer.refused);
    }
    for (const alarm of taken) queries.setQueryData(alarmQuery(alarm.id).queryKey, alarm);
    void queries.invalidateQueries({ queryKey: ['alarms', 'ended'] });
    return { taken, refused: refusals };
  }

  /** Says what was done, and keeps how to take it back. */
  function tell(before: ReadonlyMap<AlarmId, AlarmWire>, step: AlarmStep, { taken, refused: refusals }: StepOutcome) {
    const now = Date.now() + live.get().clockOffsetMs;
    const steps = taken.flatMap((after) => {
      const undo = undoOf(step, before.get(after.id) ?? after, after, now);
      return undo ? [{ id: after.id, step: undo }] : [];
    });
    lastUndo = steps.length > 0 ? { steps, until: Date.now() + UNDO_WITHIN_MS } : null;
    notifications.hide(NOTICE_ID);
    setRefused(refusals);
    if (taken.length === 0 || (before.size === 1 && steps.length === 0)) return;
    const text = t(`alarms.did.${step.kind}`, { count: taken.length, number: formatCount(taken.length, language) });
    notifications.show({
      id: NOTICE_ID,
      autoClose: steps.length > 0 ? UNDO_WITHIN_MS / 4 : 4_000,
      message:
        steps.length > 0 ? (
          <Action text={text} label={`${t('alarms.undo')} (U)`} onClick={() => void undoLast()} />
        ) : (
          text
        ),
    });
  }

  async function working<T>(work: () => Promise<T>): Promise<T | null> {
    setBusy(true);
    try {
      return await work();
    } catch (error) {
      notifications.hide(NOTICE_ID);
      notifications.show({ color: 'red', title: t('alarms.stepRefused'), message: problemText(error) });
      return null;
    } finally {
      setBusy(false);
    }
  }

  /** True when the step was taken on at least one of them. */
  async function take(alarms: readonly AlarmWire[], step: AlarmStep): Promise<boolean> {
    const before = new Map(alarms.map((alarm) => [alarm.id, newest(alarm)]));
    const outcome = await working(() => send(alarms, step));
    if (outcome) tell(before, step, outcome);
    return outcome !== null && outcome.taken.length > 0;
  }

  /** Takes the last step back, as far as its alarms still allow it. */
  async function undoLast(): Promise<void> {
    const undo = lastUndo;
    lastUndo = null;
    notifications.hide(NOTICE_ID);
    if (undo === null || undo.until < Date.now()) {
      notifications.show({ message: t('alarms.nothingToUndo'), autoClose: 4_000 });
      return;
    }
    const { alarms } = live.get().table;
    const groups = new Map<string, { step: AlarmStep; alarms: AlarmWire[] }>();
    for (const { id, step } of undo.steps) {
      const alarm = alarms.get(id);
      if (!alarm) continue;
      const key = JSON.stringify(step);
      const group = groups.get(key) ?? { step, alarms: [] };
      group.alarms.push(alarm);
      groups.set(key, group);
    }
    await working(async () => {
      let count = 0;
      const refusals: { id: AlarmId; code: string }[] = [];
      for (const group of groups.values()) {
        const outcome = await send(group.alarms, group.step);
        count += outcome.taken.length;
        refusals.push(...outcome.refused);
      }
      notifications.hide(NOTICE_ID);
      setRefused(refusals);
      notifications.show({
        id: NOTICE_ID,
        autoClose: 4_000,
        message: t('alarms.undone', { count, number: formatCount(count, language) }),
      });
    });
  }

  return { take, undoLast, busy, refused, forgetRefused: () => setRefused([]) };
}

function Action({ text, label, onClick }: { text: string; label: string; onClick: () => void }) {
  return (
    <span className="notice-action">
      <span>{text}</span>
      <button type="button" className="link-button" onClick={onClick}>
        {label}
      </button>
    </span>
  );
}
