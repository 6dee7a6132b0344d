import { Button, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { FirmwareImageWire } from '../../../api/contract/firmware.ts';
import { DEFAULT_ROLLOUT_PLAN, planProblem, type RolloutPlan, reachedAt } from '../../../domain/firmware/rollout.ts';
import { hours, minutes } from '../../../domain/time.ts';
import { rolloutPreviewQuery } from '../../client/firmware.ts';
import { call } from '../../client/http.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';

/** Stages that are offered; others by typing. */
const STAGE_CHOICES = ['1 10 50 100', '10 50 100', '50 100', '100'] as const;

/** What a rollout would meet, in which stages, and when it halts; then it is drafted and started. */
export function NewRollout({ image, onClose }: { image: FirmwareImageWire; onClose: () => void }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const preview = useQuery(rolloutPreviewQuery(image.id));
  const [stages, setStages] = useState<string>(STAGE_CHOICES[0]);
  const [ownStages, setOwnStages] = useState('');
  const [soakMinutes, setSoak] = useState<number | string>(60);
  const [failurePercent, setFailure] = useState<number | string>(5);
  const [failureMinimum, setMinimum] = useState<number | string>(2);
  const [successPercent, setSuccess] = useState<number | string>(95);
  const [reachHours, setReach] = useState<number | string>(48);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const plan: RolloutPlan = {
    ...DEFAULT_ROLLOUT_PLAN,
    stages: (stages === 'own' ? ownStages : stages)
      .split(/[\s,;→]+/)
      .filter(Boolean)
      .map(Number),
    soak: minutes(Number(soakMinutes)),
    failureShare: Number(failurePercent) / 100,
    failureMinimum: Number(failureMinimum),
    successShare: Number(successPercent) / 100,
    reachWithin: hours(Number(reachHours)),
  };
  const wrong = planProblem(plan);
  const count = (n: number): string => formatCount(n, language);
  const wanting = preview.data ? preview.data.devices - preview.data.hasVersion - preview.data.hasNewer : 0;

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (wrong !== null) return setProblem(t(`firmware.planWrong.${wrong}`));
    setBusy(true);
    setProblem(null);
    try {
      const body = { imageId: image.id, plan: { ...plan, stages: [...plan.stages] } };
      const { id } = await call('POST /firmware/rollouts', { body });
      const params = { rolloutId: id };
      await call('POST /firmware/rollouts/{rolloutId}/steps', { params, body: { step: 'start' } });
      await queries.invalidateQueries({ queryKey: ['firmware'] });
      await navigate({ to: '/firmware/rollouts/$rolloutId', params });
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ['firmware'] });
    }
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t('firmware.rollOutTitle', { version: image.version, model: image.modelId })}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void start(event)} noValidate>
        {preview.data ? (
          <dl className="firmware-figures">
            <Figure label={t('firmware.previewDevices')} value={count(preview.data.devices)} />
            <Figure label={t('firmware.previewWanting')} value={count(wanting)} />
            <Figure label={t('firmware.previewHas')} value={count(preview.data.hasVersion + preview.data.hasNewer)} />
            <Figure label={t('firmware.previewOffline')} value={count(preview.data.offline)} />
          </dl>
        ) : null}
        <Select
          label={t('firmware.stages')}
          description={t('firmware.stagesHint')}
          data={[
            ...STAGE_CHOICES.map((value) => ({
              value,
              label: value
                .split(' ')
                .map((one) => `${one} %`)
                .join(' → '),
            })),
            { value: 'own', label: t('firmware.ownStages') },
          ]}
          value={stages}
          allowDeselect={false}
          onChange={(next) => setStages(next ?? STAGE_CHOICES[0])}
        />
        {stages === 'own' ? (
          <TextInput
            label={t('firmware.ownStages')}
            placeholder="5 25 100"
            value={ownStages}
            onChange={(event) => setOwnStages(event.currentTarget.value)}
          />
        ) : null}
        {wrong === null && wanting > 0 ? (
          <p className="secondary small">
            {t('firmware.stageSizes', {
              sizes: plan.stages.map((percent) => count(reachedAt(percent, wanting))).join(' → '),
            })}
          </p>
        ) : null}
        <div className="form-row">
          <NumberInput label={t('firmware.soakMinutes')} min={0} max={43_200} value={soakMinutes} onChange={setSoak} />
          <NumberInput
            label={t('firmware.successPercent')}
            min={1}
            max={100}
            value={successPercent}
            onChange={setSuccess}
          />
        </div>
        <div className="form-row">
          <NumberInput
            label={t('firmware.failurePercent')}
            min={0}
            max={99}
            value={failurePercent}
            onChange={setFailure}
          />
          <NumberInput
            label={t('firmware.failureMinimum')}
            min={1}
            max={1000}
            value={failureMinimum}
            onChange={setMinimum}
          />
        </div>
        <NumberInput
          label={t('firmware.reachHours')}
          description={t('firmware.reachHint')}
          min={1}
          max={720}
          value={reachHours}
          onChange={setReach}
        />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy} disabled={preview.data !== undefined && wanting === 0}>
          {t('firmware.start')}
        </Button>
        {preview.data !== undefined && wanting === 0 ? (
          <p className="secondary small">{t('firmware.nobodyWants')}</p>
        ) : null}
      </form>
    </Modal>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="secondary small">{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
