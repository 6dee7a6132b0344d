import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from './http.ts';
import { usePlatform } from './platform.tsx';
import { alarmQuery } from './queries.ts';

/** A person's step on an alarm. */
export type AlarmStep =
  | { readonly kind: 'acknowledge'; readonly note?: string }
  | { readonly kind: 'start_work' }
  | { readonly kind: 'comment'; readonly note: string }
  | { readonly kind: 'assign'; readonly to: UserId | null }
  | { readonly kind: 'resolve'; readonly note: string }
  | { readonly kind: 'shelve'; readonly reason: string; readonly until: EpochMs }
  | { readonly kind: 'unshelve' };

function send(alarm: AlarmWire, step: AlarmStep): Promise<AlarmWire> {
  const to = { params: { alarmId: alarm.id } };
  const guarded = { ...to, ifMatch: alarm.version };
  switch (step.kind) {
    case 'acknowledge':
      return call('POST /alarms/{alarmId}/acknowledge', { ...to, body: step.note ? { note: step.note } : {} });
    case 'start_work':
      return call('POST /alarms/{alarmId}/start-work', to);
    case 'comment':
      return call('POST /alarms/{alarmId}/comment', { ...to, body: { note: step.note } });
    case 'assign':
      return call('POST /alarms/{alarmId}/assign', { ...guarded, body: { to: step.to } });
    case 'resolve':
      return call('POST /alarms/{alarmId}/resolve', { ...guarded, body: { note: step.note } });
    case 'shelve':
      return call('POST /alarms/{alarmId}/shelve', {
        ...guarded,
        body: { kind: 'shelved', reason: step.reason, until: step.until },
      });
    case 'unshelve':
      return call('POST /alarms/{alarmId}/unshelve', guarded);
  }
}

/** Takes steps on alarms; the screen shows the answer at once, and says so when a step was refused. */
export function useAlarmActions() {
  const { t } = useLanguage();
  const { live } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);

  /** True when the step was taken. */
  async function take(alarm: AlarmWire, step: AlarmStep): Promise<boolean> {
    setBusy(true);
    try {
      const after = await send(alarm, step);
      live.showAlarm(after);
      queries.setQueryData(alarmQuery(alarm.id).queryKey, after);
      void queries.invalidateQueries({ queryKey: ['alarms', 'ended'] });
      return true;
    } catch (error) {
      notifications.show({ color: 'red', title: t('alarms.stepRefused'), message: problemText(error) });
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { take, busy };
}
