import { Button, Modal, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceModelWire } from '../../../api/contract/assets.ts';
import { call } from '../../client/http.ts';
import { modelsQuery } from '../../client/queries.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Whether new devices may be of the model, and the way to change that. */
export function ModelWithdrawal({ model, mayWrite }: { model: DeviceModelWire; mayWrite: boolean }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const withdrawn = model.withdrawn ?? null;

  async function attempt(action: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await action();
      setAsking(false);
      setReason('');
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
    }
  }
  const target = { params: { modelId: model.id }, ifMatch: model.version };
  const offerAgain = () => attempt(() => call('DELETE /models/{modelId}/withdrawal', target));
  const withdraw = (event: FormEvent) => {
    event.preventDefault();
    void attempt(() => call('POST /models/{modelId}/withdraw', { ...target, body: { reason } }));
  };
  return (
    <>
      {withdrawn ? (
        <p className="advice" role="status">
          {t('models.withdrawnSince', { time: formatDateTime(withdrawn.at, language) })}{' '}
          <span className="secondary">{withdrawn.reason}</span>
        </p>
      ) : null}
      {problem && !asking ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      {!mayWrite ? null : withdrawn ? (
        <Button variant="default" loading={busy} onClick={() => void offerAgain()}>
          {t('models.offerAgain')}
        </Button>
      ) : (
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('models.withdraw')}
        </Button>
      )}
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('models.withdraw')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <form className="form" onSubmit={withdraw} noValidate>
          <p>{t('models.withdrawHint')}</p>
          <Textarea
            label={t('device.reason')}
            autosize
            minRows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <div className="actions">
            <Button type="submit" disabled={reason.trim() === ''} loading={busy}>
              {t('models.withdraw')}
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              {t('common.cancel')}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
