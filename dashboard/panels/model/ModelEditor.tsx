import { Alert, Button, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceModelWire } from '../../../api/contract/assets.ts';
import type { DeviceModelId } from '../../../domain/identifiers.ts';
import { PAYLOAD_FORMATS } from '../../../domain/payload-format.ts';
import { DOMAINS } from '../../../domain/quantity.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { ApiProblem } from '../../client/problem.ts';
import { modelsQuery } from '../../client/queries.ts';
import { holdsAnywhere } from '../../client/session.ts';
import { numberOrNull } from '../../components/number-input.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import {
  bodyOfModel,
  changedFields,
  EMPTY_MODEL,
  type ModelBody,
  type ModelDraft,
  type ModelField,
  modelBodyOf,
  modelDraftOf,
  modelTitle,
} from '../../state/model-draft.ts';
import { ChannelFields } from './ChannelFields.tsx';

/** For models that every agency may use. */
const ALL_AGENCIES = '*';

/** What is being done: a new model, a new one made after another, or a change of one. */
export type ModelWork =
  | { readonly kind: 'add' }
  | { readonly kind: 'duplicate'; readonly of: DeviceModelWire }
  | { readonly kind: 'edit'; readonly of: DeviceModelWire };

function beginningOf(work: ModelWork): ModelDraft {
  if (work.kind === 'add') return EMPTY_MODEL;
  return modelDraftOf(work.of);
}

/** One device model to be made or changed. When somebody else was faster, says what they changed and lets the person decide. */
export function ModelEditor({ work, onClose }: { work: ModelWork; onClose: (saved: DeviceModelId | null) => void }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, choose, agencies } = useAgencyChoice('assets.write', {
    given: work.kind === 'duplicate' ? work.of.agencyId : null,
  });
  const [draft, setDraft] = useState<ModelDraft>(() => beginningOf(work));
  const [base, setBase] = useState<DeviceModelWire | null>(work.kind === 'edit' ? work.of : null);
  const [isForAll, setForAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  /** The model as somebody else has it now. */
  const [theirs, setTheirs] = useState<DeviceModelWire | null>(null);

  const mayOfferToAll = holdsAnywhere(session, 'platform.administer');
  const change = (next: Partial<ModelDraft>): void => setDraft({ ...draft, ...next });

  async function send(body: ModelBody): Promise<DeviceModelWire> {
    if (base !== null)
      return call('PUT /models/{modelId}', { params: { modelId: base.id }, ifMatch: base.version, body });
    return call('POST /models', { body: { ...body, agencyId: isForAll ? null : agency } });
  }
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const result = modelBodyOf(draft);
    setProblems(result.ok ? [] : result.gaps.map((gap) => t(`models.gap.${gap}`)));
    if (!result.ok || (base === null && !isForAll && agency === null)) return;
    setBusy(true);
    try {
      const model = await send(result.body);
      await queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
      notifications.show({ message: t('models.saved', { name: modelTitle(model, language) }) });
      onClose(model.id);
    } catch (error) {
      if (base !== null && error instanceof ApiProblem && error.code === 'VERSION_STALE') {
        const now = await call('GET /models/{modelId}', { params: { modelId: base.id } }).catch(() => null);
        if (now) setTheirs(now);
      } else setProblems([problemText(error)]);
    } finally {
      setBusy(false);
    }
  }
  function settle(keep: 'mine' | 'theirs'): void {
    if (theirs === null) return;
    setBase(theirs);
    if (keep === 'theirs') setDraft(modelDraftOf(theirs));
    setTheirs(null);
  }
  const title = work.kind === 'edit' ? modelTitle(work.of, language) : t(`models.${work.kind}`);
  return (
    <Modal
      opened
      onClose={() => onClose(null)}
      size="70rem"
      title={title}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        <div className="form-row">
          <TextInput
            label={t('models.titleVi')}
            value={draft.titleVi}
            onChange={(event) => change({ titleVi: event.currentTarget.value })}
            data-autofocus
          />
          <TextInput
            label={t('models.titleEn')}
            value={draft.titleEn}
            onChange={(event) => change({ titleEn: event.currentTarget.value })}
          />
        </div>
        <div className="form-row">
          <TextInput
            label={t('models.maker')}
            value={draft.maker}
            onChange={(event) => change({ maker: event.currentTarget.value })}
          />
          <TextInput
            label={t('models.name')}
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          {work.kind === 'edit' ? null : (
            <Select
              label={t('models.offeredTo')}
              data={[...agencies, ...(mayOfferToAll ? [{ value: ALL_AGENCIES, label: t('models.everyAgency') }] : [])]}
              value={isForAll ? ALL_AGENCIES : agency}
              onChange={(next) => {
                setForAll(next === ALL_AGENCIES);
                choose(next);
              }}
              allowDeselect={false}
            />
          )}
        </div>
        <div className="form-row">
          <Select
            label={t('models.domain')}
            data={DOMAINS.map((each) => ({ value: each, label: t(`domain.${each}`) }))}
            value={draft.domain}
            allowDeselect={false}
            onChange={(domain) => change({ domain: DOMAINS.find((each) => each === domain) ?? draft.domain })}
          />
          <Select
            label={t('models.format')}
            data={PAYLOAD_FORMATS.map((each) => ({ value: each, label: t(`models.formats.${each}`) }))}
            value={draft.format}
            allowDeselect={false}
            onChange={(format) => change({ format: format ?? draft.format })}
          />
          <NumberInput
            label={t('models.interval')}
            min={1}
            value={draft.intervalSeconds ?? ''}
            onChange={(value) => change({ intervalSeconds: numberOrNull(value) })}
          />
        </div>
        <div className="form-row">
          <NumberInput
            label={t('models.messagesPerSecond')}
            placeholder={t('models.platformDefault')}
            value={draft.messagesPerSecond ?? ''}
            onChange={(value) => change({ messagesPerSecond: numberOrNull(value) })}
          />
          <NumberInput
            label={t('models.burstMessages')}
            placeholder={t('models.platformDefault')}
            value={draft.burstMessages ?? ''}
            onChange={(value) => change({ burstMessages: numberOrNull(value) })}
          />
        </div>
        <ChannelFields draft={draft} onChange={setDraft} />
        {theirs !== null && base !== null ? (
          <Conflict fields={changedFields(bodyOfModel(base), bodyOfModel(theirs))} onSettle={settle} />
        ) : null}
        {problems.map((problem) => (
          <p key={problem} className="form-problem" role="alert">
            {problem}
          </p>
        ))}
        <div className="actions">
          <Button type="submit" loading={busy} disabled={theirs !== null}>
            {t('common.save')}
          </Button>
          <Button variant="default" onClick={() => onClose(null)}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Conflict({
  fields,
  onSettle,
}: {
  fields: readonly ModelField[];
  onSettle: (keep: 'mine' | 'theirs') => void;
}) {
  const { t } = useLanguage();
  return (
    <Alert color="red" title={t('models.conflict')} role="alert">
      <p>
        {fields.length === 0
          ? t('models.conflictElsewhere')
          : t('models.conflictFields', { fields: fields.map((field) => t(`models.field.${field}`)).join(', ') })}
      </p>
      <div className="actions">
        <Button variant="default" onClick={() => onSettle('theirs')}>
          {t('models.takeTheirs')}
        </Button>
        <Button variant="default" onClick={() => onSettle('mine')}>
          {t('models.keepMine')}
        </Button>
      </div>
    </Alert>
  );
}
