import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DeviceId } from '../../domain/identifiers.ts';
import { IconAlertTriangle, IconClock } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { type FieldTask, tasksOf } from '../state/field-queue.ts';
import { formatCount, formatWhen } from '../state/formatting.ts';
import { useFieldQueue, useFieldWork, useOnline } from './use-field.ts';

/** Refusals with words of their own: what happened, and what the installer does now. */
const KNOWN_TROUBLE = [
  'CLAIM_USED',
  'CLAIM_REFUSED',
  'CLAIM_CLOSED',
  'CLAIM_NOT_IN_STOCK',
  'REFERENCE_MISSING',
  'NOT_FOUND',
  'NOT_PERMITTED',
  'STEP_NOT_ALLOWED',
] as const;
type KnownTrouble = (typeof KNOWN_TROUBLE)[number];
const knownTrouble = (code: string): KnownTrouble | undefined => KNOWN_TROUBLE.find((known) => known === code);

/** What waits on the phone, of one device or of all; what was refused says why, and what can be done. */
export function WaitingWork({ deviceId }: { deviceId?: DeviceId }) {
  const { t, language } = useLanguage();
  const queue = useFieldQueue();
  const online = useOnline();
  const shown = deviceId === undefined ? queue : tasksOf(queue, deviceId);
  const stopped = shown.filter(({ trouble }) => trouble !== null);
  const waiting = shown.filter(({ trouble }) => trouble === null);
  if (shown.length === 0 && online) return null;
  return (
    <section className="waiting" aria-label={t('field.waitingTitle')} data-trouble={stopped.length > 0 || undefined}>
      {shown.length === 0 ? (
        <p className="waiting-line" role="status">
          <IconClock size={18} aria-hidden="true" />
          {t('field.offline')}
        </p>
      ) : null}
      {stopped.map((task) => (
        <Trouble key={task.id} task={task} withDevice={deviceId === undefined} />
      ))}
      {waiting.length > 0 ? (
        <>
          <p className="waiting-line" role="status">
            <IconClock size={18} aria-hidden="true" />
            {t('field.waiting', { count: waiting.length, shown: formatCount(waiting.length, language) })}
          </p>
          <ul className="waiting-list">
            {waiting.map((task) => (
              <li key={task.id}>
                {deviceId === undefined ? `${task.deviceId} · ` : ''}
                {t(`fieldWork.${task.work.kind}`)} · {formatWhen(task.at, Date.now(), language)}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}

function Trouble({ task, withDevice }: { task: FieldTask; withDevice: boolean }) {
  const { t } = useLanguage();
  const { retry, giveUp } = useFieldWork();
  const [sure, setSure] = useState(false);
  const known = knownTrouble(task.trouble?.code ?? '');
  return (
    <div className="waiting-trouble" role="alert">
      <p className="waiting-line">
        <IconAlertTriangle size={18} aria-hidden="true" />
        <strong>
          {withDevice ? `${task.deviceId} · ` : ''}
          {t(`fieldWork.${task.work.kind}`)}
        </strong>
      </p>
      <p>{known ? t(`fieldTrouble.${known}`) : (task.trouble?.text ?? t('error.unexpected'))}</p>
      {sure ? <p>{t(task.work.kind === 'claim' ? 'field.giveUpClaim' : 'field.giveUpOne')}</p> : null}
      <div className="actions">
        <Button variant="default" onClick={() => void retry(task.id)}>
          {t('error.retry')}
        </Button>
        {sure ? (
          <Button color="red" onClick={() => void giveUp(task.id)}>
            {t('field.giveUpSure')}
          </Button>
        ) : (
          <Button variant="default" onClick={() => setSure(true)}>
            {t('field.giveUp')}
          </Button>
        )}
      </div>
    </div>
  );
}
