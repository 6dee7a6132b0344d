import { useEffect, useRef, useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AlarmId } from '../../domain/identifiers.ts';
import { SEVERITIES, type Severity } from '../../domain/rule.ts';
import { alarmSound } from '../client/alarm-sound.ts';
import { useLive, usePlatform, useServerNow } from '../client/platform.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { newlyCalling } from '../state/alarm-list.ts';
import { type CalledAt, calledNow, dueReminder } from '../state/alarm-reminder.ts';
import { useAlarmOverview } from './AlarmStrip.tsx';

type CallListener = (alarms: readonly AlarmWire[]) => void;
const callListeners = new Set<CallListener>();
/** Told of alarms the moment they call for someone; gives the way to stop listening. */
export function whenAlarmsCall(listener: CallListener): () => void {
  callListeners.add(listener);
  return () => callListeners.delete(listener);
}

/** Tells of new alarms beyond the list: by sound, to screen readers, in the tab's title, and to the map. */
export function AlarmCalls() {
  const { t, language } = useLanguage();
  const { live, session } = usePlatform();
  const alarms = useLive((state) => state.table.alarms);
  const phase = useLive((state) => state.table.phase);
  const { unacknowledged, unacknowledgedBySeverity } = useAlarmOverview();
  const now = useServerNow();
  const known = useRef<ReadonlyMap<AlarmId, AlarmWire> | null>(null);
  const [spoken, setSpoken] = useState('');
  const calledAt = useRef<CalledAt>({ critical: now, major: now, minor: now, notice: now });
  const person = session.user.id;
  useEffect(() => alarmSound.of(person), [person]);
  const call = (severities: readonly Severity[], at: number): void => {
    alarmSound.call(severities);
    const worst = SEVERITIES.find((severity) => severities.includes(severity));
    if (worst) calledAt.current = calledNow(calledAt.current, worst, at);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: calling needs nothing that changes
  useEffect(() => {
    if (live.get().table.phase === 'empty') return;
    const before = known.current;
    known.current = alarms;
    // What was open when the page came up is in the list; it does not call again.
    if (before === null) return;
    const calling = newlyCalling(before, alarms);
    if (calling.length === 0) return;
    call(
      calling.map(({ severity }) => severity),
      Date.now() + live.get().clockOffsetMs,
    );
    for (const listener of callListeners) listener(calling);
    const first = calling[0] as AlarmWire;
    setSpoken(
      t('alarms.spoken', {
        severity: t(`severity.${first.severity}`),
        rule: first.rule?.name[language] ?? first.ruleId,
        point: first.point?.name[language] ?? first.pointId,
      }),
    );
  }, [alarms, live, t, language]);

  // What nobody has acknowledged calls again, once in its interval.
  useEffect(() => {
    const due = dueReminder(unacknowledgedBySeverity, calledAt.current, alarmSound.get().reminders, now);
    if (due) call([due], now);
  });

  useEffect(() => {
    const count = phase === 'empty' || unacknowledged === 0 ? '' : `(${unacknowledged}) `;
    document.title = `${count}Hải Đăng`;
  }, [unacknowledged, phase]);

  return (
    <div className="visually-hidden" role="status" aria-live="assertive">
      {spoken}
    </div>
  );
}
