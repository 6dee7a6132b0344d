import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { DeviceWire } from '../../../api/contract/assets.ts';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import type { DeviceId, PointId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { deviceStepsQuery, devicesQuery, mapPointsQuery } from '../../client/queries.ts';
import { holdsIn } from '../../client/session.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';

type PossibleStep = RouteAnswer<'GET /devices/{deviceId}/steps'>['items'][number];
type Doing = { readonly kind: 'step'; readonly step: PossibleStep } | { readonly kind: 'swap' | 'assign' };

/** The steps possible now, each with what is in its way; swapping the hardware; letting it serve a point. */
export function DeviceSteps({ device }: { device: DeviceWire }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const navigate = useNavigate();
  const steps = useQuery(deviceStepsQuery(device.id));
  const [doing, setDoing] = useState<Doing | null>(null);
  if (!holdsIn(session, 'assets.write', device.agencyId) || device.state === 'retired') return null;
  const inTheField = ['installed', 'commissioned', 'in_maintenance'].includes(device.state);
  return (
    <section>
      <h2 className="section-title">{t('device.steps')}</h2>
      <div className="device-steps">
        {(steps.data?.items ?? []).map((step) =>
          // Claiming is by the label's code; commissioning is signed for after the checks.
          step.step === 'claim' ? null : (
            <div key={step.step} className="device-step">
              <Button
                variant="default"
                disabled={step.blockedBy !== null}
                onClick={() =>
                  step.step === 'commission'
                    ? void navigate({
                        to: '/install/$deviceId',
                        params: { deviceId: device.id },
                        search: { step: 'checks' },
                      })
                    : setDoing({ kind: 'step', step })
                }
              >
                {t(`deviceStep.${step.step}`)}
              </Button>
              {step.blockedBy === null ? null : (
                <span className="secondary small">{t(`stepBlocked.${step.blockedBy}`)}</span>
              )}
            </div>
          ),
        )}
        {device.state === 'in_stock' ? null : (
          <Button variant="default" onClick={() => setDoing({ kind: 'assign' })}>
            {t('device.assign')}
          </Button>
        )}
        {inTheField ? (
          <Button variant="default" onClick={() => setDoing({ kind: 'swap' })}>
            {t('device.swap')}
          </Button>
        ) : null}
      </div>
      {doing ? <DoIt device={device} doing={doing} onClose={() => setDoing(null)} /> : null}
    </section>
  );
}

function DoIt({ device, doing, onClose }: { device: DeviceWire; doing: Doing; onClose: () => void }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const city = useWholeCity();
  const devices = useQuery(devicesQuery);
  const [reason, setReason] = useState('');
  const [other, setOther] = useState<string | null>(null);
  const [becomes, setBecomes] = useState<'in_maintenance' | 'retired'>('in_maintenance');
  const [point, setPoint] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const needsReason = doing.kind === 'swap' || (doing.kind === 'step' && doing.step.needsReason);
  const ready =
    (!needsReason || reason.trim() !== '') &&
    (doing.kind !== 'swap' || other !== null) &&
    (doing.kind !== 'assign' || point !== null);
  const replacements = (devices.data ?? []).filter(
    ({ id, agencyId, state }) =>
      id !== device.id && agencyId === device.agencyId && (state === 'claimed' || state === 'in_maintenance'),
  );

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setProblem(null);
    const params = { deviceId: device.id };
    const why = reason.trim();
    try {
      if (doing.kind === 'step')
        await call('POST /devices/{deviceId}/steps', {
          params,
          body: { step: doing.step.step, ...(why === '' ? {} : { reason: why }) },
        });
      else if (doing.kind === 'swap')
        await call('POST /devices/{deviceId}/swap', {
          params,
          body: { replacement: other as DeviceId, oldBecomes: becomes, reason: why },
        });
      else await call('POST /devices/{deviceId}/assignments', { params, body: { pointId: point as PointId } });
      void queries.invalidateQueries({ queryKey: ['device'] });
      void queries.invalidateQueries({ queryKey: devicesQuery.queryKey });
      void queries.invalidateQueries({ queryKey: mapPointsQuery.queryKey });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }
  const title =
    doing.kind === 'step'
      ? t(`deviceStep.${doing.step.step}`)
      : t(doing.kind === 'swap' ? 'device.swap' : 'device.assign');
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {doing.kind === 'step' ? (
          <p>{t('device.becomes', { id: device.id, state: t(`deviceState.${doing.step.to}`) })}</p>
        ) : null}
        {doing.kind === 'swap' ? (
          <>
            <p>{t('device.swapHint')}</p>
            <Select
              label={t('device.swapBy')}
              searchable
              limit={50}
              nothingFoundMessage={t('search.nothing')}
              data={replacements.map(({ id }) => id)}
              value={other}
              onChange={setOther}
            />
            <Select
              label={t('device.oldBecomes')}
              allowDeselect={false}
              data={(['in_maintenance', 'retired'] as const).map((each) => ({
                value: each,
                label: t(`deviceState.${each}`),
              }))}
              value={becomes}
              onChange={(next) => setBecomes(next === 'retired' ? 'retired' : 'in_maintenance')}
            />
          </>
        ) : null}
        {doing.kind === 'assign' ? (
          <>
            <p>{t('device.assignHint')}</p>
            <Select
              label={t('device.servesPoint')}
              searchable
              limit={50}
              nothingFoundMessage={t('search.nothing')}
              data={city.points
                .filter(({ agencyId }) => holdsIn(session, 'assets.write', agencyId))
                .map((each) => ({ value: each.id, label: each.name[language] }))}
              value={point}
              onChange={setPoint}
            />
          </>
        ) : null}
        {needsReason ? (
          <Textarea
            label={t('device.reason')}
            autosize
            minRows={2}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        ) : null}
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <div className="actions">
          <Button type="submit" disabled={!ready} loading={busy}>
            {title}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
