import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { WarningWire } from '../../../api/contract/warnings.ts';
import { LANGUAGES, type Localized } from '../../../domain/localized.ts';
import { usePlatform } from '../../client/platform.tsx';
import { holdsIn } from '../../client/session.ts';
import { useLanguage } from '../../i18n/use-language.ts';

/** Steps a person takes on a warning, beside editing it. */
export type WarningAction =
  | { readonly kind: 'submit' | 'approve' | 'discard' }
  | { readonly kind: 'reject'; readonly reason: string }
  | { readonly kind: 'update' | 'cancel'; readonly reason: Localized };
type Asking = 'approve' | 'reject' | 'update' | 'cancel' | 'discard';

/** What this person may do next with the warning; what they may not is said where it would be looked for. */
export function WarningSteps({
  warning,
  isChanged,
  isBusy,
  take,
}: {
  warning: WarningWire;
  /** There are edits that are not saved. */
  isChanged: boolean;
  isBusy: boolean;
  /** True when the step was taken. */
  take: (action: WarningAction) => Promise<boolean>;
}) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const [asking, setAsking] = useState<Asking | null>(null);
  const { proposal, phase, agencyId } = warning;
  const mayDraft = holdsIn(session, 'warnings.draft', agencyId);
  const mayApprove = holdsIn(session, 'warnings.approve', agencyId);
  const isOwn = proposal?.authors.includes(session.user.id) ?? false;
  const isWaiting = proposal?.stage === 'submitted';
  return (
    <div className="actions">
      {mayDraft && proposal?.stage === 'draft' ? (
        <Button loading={isBusy} disabled={isChanged} onClick={() => void take({ kind: 'submit' })}>
          {t('warnings.do.submit')}
        </Button>
      ) : null}
      {isWaiting && mayApprove && !isOwn ? (
        <>
          <Button loading={isBusy} disabled={isChanged} onClick={() => setAsking('approve')}>
            {t(proposal?.kind === 'cancel' ? 'warnings.do.approveCancel' : 'warnings.do.approve')}
          </Button>
          <Button variant="default" disabled={isChanged} onClick={() => setAsking('reject')}>
            {t('warnings.do.reject')}
          </Button>
        </>
      ) : null}
      {mayDraft && phase === 'in_force' && proposal === null ? (
        <>
          <Button variant="default" onClick={() => setAsking('update')}>
            {t('warnings.do.update')}
          </Button>
          <Button variant="default" onClick={() => setAsking('cancel')}>
            {t('warnings.do.cancel')}
          </Button>
        </>
      ) : null}
      {mayDraft && proposal !== null ? (
        <Button variant="default" onClick={() => setAsking('discard')}>
          {t('warnings.do.discard')}
        </Button>
      ) : null}
      {isWaiting && isOwn ? <p className="secondary">{t('warnings.waitsForSecond')}</p> : null}
      {isWaiting && !isOwn && !mayApprove ? <p className="secondary">{t('warnings.waitsForApprover')}</p> : null}
      {isChanged ? <p className="secondary">{t('warnings.saveFirst')}</p> : null}
      {asking === null ? null : (
        <Ask
          asking={asking}
          isCancel={proposal?.kind === 'cancel'}
          isBusy={isBusy}
          onClose={() => setAsking(null)}
          onSend={async (action) => {
            if (await take(action)) setAsking(null);
          }}
        />
      )}
    </div>
  );
}

function Ask({
  asking,
  isCancel,
  isBusy,
  onClose,
  onSend,
}: {
  asking: Asking;
  isCancel: boolean;
  isBusy: boolean;
  onClose: () => void;
  onSend: (action: WarningAction) => Promise<void>;
}) {
  const { t } = useLanguage();
  const [note, setNote] = useState('');
  const [reason, setReason] = useState<Localized>({ vi: '', en: '' });
  const isPublic = asking === 'update' || asking === 'cancel';
  const isReady = isPublic
    ? LANGUAGES.every((language) => reason[language].trim() !== '')
    : asking !== 'reject' || note.trim() !== '';
  const send = () =>
    onSend(
      isPublic
        ? { kind: asking, reason }
        : asking === 'reject'
          ? { kind: asking, reason: note.trim() }
          : { kind: asking },
    );
  const title = asking === 'approve' && isCancel ? 'approveCancel' : asking;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`warnings.do.${title}`)}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void send();
        }}
      >
        <p>{t(`warnings.ask.${title}`)}</p>
        {asking === 'reject' ? (
          <Textarea
            label={t('alarms.reason')}
            autosize
            minRows={3}
            maxLength={2000}
            data-autofocus
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        ) : null}
        {isPublic
          ? LANGUAGES.map((language) => (
              <Textarea
                key={language}
                label={t('warnings.reason', { language: t(`warnings.language.${language}`) })}
                lang={language}
                autosize
                minRows={2}
                maxLength={500}
                value={reason[language]}
                onChange={(event) => setReason({ ...reason, [language]: event.currentTarget.value })}
              />
            ))
          : null}
        <Button type="submit" loading={isBusy} disabled={!isReady}>
          {t(`warnings.do.${title}`)}
        </Button>
      </form>
    </Modal>
  );
}
