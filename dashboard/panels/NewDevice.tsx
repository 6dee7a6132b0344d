import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceModelWire } from '../../api/contract/assets.ts';
import { DEVICE_ID_PATTERN, type DeviceId, type DeviceModelId, type PointId } from '../../domain/identifiers.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { call } from '../client/http.ts';
import { devicesQuery, mapPointsQuery } from '../client/queries.ts';
import { useWholeCity } from '../client/use-city.tsx';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { modelTitle } from '../state/model-draft.ts';
import { TokenOnce } from './TokenOnce.tsx';

/** Registers a device, lets it serve a point, and gives its token, in one form. */
export function NewDevice({
  models,
  onClose,
}: {
  models: readonly DeviceModelWire[];
  onClose: (created: DeviceId | null) => void;
}) {
  const { t, language } = useLanguage();
  const { points } = useWholeCity();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency: owner, choose, agencies } = useAgencyChoice('assets.write');
  const [id, setId] = useState('');
  const [model, setModel] = useState<string | null>(null);
  const [serial, setSerial] = useState('');
  const [point, setPoint] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [created, setCreated] = useState<{ id: DeviceId; token: string } | null>(null);

  const chosenModel = models.find((each) => each.id === model);
  const offered = models.filter((each) => !each.withdrawn && (each.agencyId === null || each.agencyId === owner));
  const idIsWrong = id !== '' && !DEVICE_ID_PATTERN.test(id);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!DEVICE_ID_PATTERN.test(id) || owner === null || model === null) {
      setProblem(t('device.incomplete'));
      return;
    }
    setBusy(true);
    setProblem(null);
    const deviceId = id as DeviceId;
    try {
      await call('POST /devices', {
        body: {
          id: deviceId,
          agencyId: owner,
          modelId: model as DeviceModelId,
          serialNumber: serial.trim() === '' ? null : serial.trim(),
          state: 'claimed',
        },
      });
      if (point !== null) {
        await call('POST /devices/{deviceId}/assignments', {
          params: { deviceId },
          body: { pointId: point as PointId },
        });
      }
      const { token } = await call('POST /devices/{deviceId}/credentials', { params: { deviceId }, body: {} });
      setCreated({ id: deviceId, token });
      void queries.invalidateQueries({ queryKey: devicesQuery.queryKey });
      void queries.invalidateQueries({ queryKey: mapPointsQuery.queryKey });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened
      onClose={() => onClose(created?.id ?? null)}
      title={created ? t('device.created', { id: created.id }) : t('device.add')}
      size="lg"
      closeOnClickOutside={created === null}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {created ? (
        <div className="form">
          <TokenOnce
            deviceId={created.id}
            token={created.token}
            quantity={chosenModel?.channels[0]?.key ?? 'temperature'}
          />
          <Button onClick={() => onClose(created.id)}>{t('token.kept')}</Button>
        </div>
      ) : (
        <form className="form" onSubmit={(event) => void submit(event)} noValidate>
          <TextInput
            label={t('device.id')}
            description={t('device.idHint')}
            error={idIsWrong ? t('device.idWrong') : null}
            autoCapitalize="none"
            spellCheck={false}
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            data-autofocus
          />
          <Select
            label={t('alarms.agency')}
            data={[...agencies]}
            value={owner}
            onChange={choose}
            allowDeselect={false}
          />
          <Select
            label={t('device.model')}
            searchable
            nothingFoundMessage={t('search.nothing')}
            data={offered.map((each) => ({ value: each.id, label: modelTitle(each, language) }))}
            value={model}
            onChange={setModel}
          />
          <TextInput
            label={t('device.serial')}
            value={serial}
            onChange={(event) => setSerial(event.currentTarget.value)}
          />
          <Select
            label={t('device.servesPoint')}
            description={t('device.servesPointHint')}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('common.clear') }}
            limit={50}
            nothingFoundMessage={t('search.nothing')}
            data={points
              .filter((each) => each.agencyId === owner)
              .map((each) => ({ value: each.id, label: each.name[language] }))}
            value={point}
            onChange={setPoint}
          />
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <Button type="submit" loading={busy}>
            {t('device.create')}
          </Button>
        </form>
      )}
    </Modal>
  );
}
