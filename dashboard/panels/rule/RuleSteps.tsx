import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { RuleDraftWire } from '../../../api/contract/rule-drafts.ts';
import type { RuleWire } from '../../../api/contract/rules.ts';
import { usePlatform } from '../../client/platform.tsx';
import { holdsIn } from '../../client/session.ts';
import { useLanguage } from '../../i18n/use-language.ts';

export type RuleStep =
  | { readonly kind: 'submit' | 'approve' | 'discard' | 'withdraw' | 'withoutReview' }
  | { readonly kind: 'reject'; readonly reason: string };
type Asked = 'reject' | 'discard' | 'withdraw' | 'withoutReview';

/** What this person may do next with the rule; what they may not is said where it would be looked for. */
export function RuleSteps({
  draft,
  live,
  isBusy,
  take,
  edit,
}: {
  draft: RuleDraftWire | null;
  live: RuleWire | null;
  isBusy: boolean;
  /** True when the step was taken. */
  take: (step: RuleStep) => Promise<boolean>;
  /** Takes what waits for review back into work; absent where it is in work. */
  edit?: (() => void) | undefined;
}) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [reason, setReason] = useState('');
  const isWaiting = draft?.state === 'in_review';
  const isOwn = draft?.authors.includes(session.user.id) ?? false;
  const isSound = draft !== null && draft.problems.length === 0 && !draft.stale;
  const needsNobody = draft?.reviewNeeded === false;
  const administers = draft !== null && holdsIn(session, 'agency.administer', draft.agencyId);
  async function confirm(step: RuleStep): Promise<void> {
    if (await take(step)) setAsked(null);
  }
  return (
    <div className="actions rule-steps">
      {draft !== null && !isWaiting ? (
        needsNobody ? (
          <Button loading={isBusy} disabled={!isSound} onClick={() => void take({ kind: 'approve' })}>
            {t('ruleDraft.do.apply')}
          </Button>
        ) : (
          <Button loading={isBusy} disabled={!isSound} onClick={() => void take({ kind: 'submit' })}>
            {t('ruleDraft.do.submit')}
          </Button>
        )
      ) : null}
      {isWaiting && (!isOwn || needsNobody) ? (
        <Button loading={isBusy} disabled={!isSound} onClick={() => void take({ kind: 'approve' })}>
          {t('ruleDraft.do.approve')}
        </Button>
      ) : null}
      {isWaiting && !isOwn ? (
        <Button variant="default" loading={isBusy} onClick={() => setAsked('reject')}>
          {t('ruleDraft.do.reject')}
        </Button>
      ) : null}
      {edit === undefined ? null : (
        <Button variant="default" onClick={edit}>
          {t('ruleDraft.do.edit')}
        </Button>
      )}
      {isSound && administers && !needsNobody && (!isWaiting || isOwn) ? (
        <Button variant="default" loading={isBusy} onClick={() => setAsked('withoutReview')}>
          {t('ruleDraft.do.withoutReview')}
        </Button>
      ) : null}
      {draft === null ? null : (
        <Button variant="default" loading={isBusy} onClick={() => setAsked('discard')}>
          {t('ruleDraft.do.discard')}
        </Button>
      )}
      {live !== null && draft === null ? (
        <Button variant="default" loading={isBusy} onClick={() => setAsked('withdraw')}>
          {t('ruleDraft.do.withdraw')}
        </Button>
      ) : null}
      {isWaiting && isOwn && !needsNobody ? <p className="secondary">{t('ruleDraft.waitsForSecond')}</p> : null}
      {asked === null ? null : (
        <Modal
          opened
          onClose={() => setAsked(null)}
          title={t(`ruleDraft.do.${asked}`)}
          closeButtonProps={{ 'aria-label': t('common.close') }}
        >
          <div className="form">
            <p>{t(`ruleDraft.ask.${asked}`)}</p>
            {asked === 'reject' ? (
              <Textarea
                label={t('ruleDraft.reason')}
                autosize
                minRows={2}
                value={reason}
                data-autofocus
                onChange={(event) => setReason(event.currentTarget.value)}
              />
            ) : null}
            <div className="actions">
              <Button
                loading={isBusy}
                disabled={asked === 'reject' && reason.trim() === ''}
                onClick={() =>
                  void confirm(asked === 'reject' ? { kind: 'reject', reason: reason.trim() } : { kind: asked })
                }
              >
                {t(`ruleDraft.do.${asked}`)}
              </Button>
              <Button variant="default" onClick={() => setAsked(null)}>
                {t('common.cancel')}
              </Button>
            </div>
          </div>
        </Modal>
      )}
    </div>
  );
}
