import { Button, NumberInput, SegmentedControl, Select, Switch, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { DeviceModelWire } from '../../../api/contract/assets.ts';
import type { ModelPayloadWire } from '../../../api/contract/models.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { codecTrialQuery, modelCodecQuery, modelPayloadsQuery, modelsQuery } from '../../client/queries.ts';
import { holdsAnywhere } from '../../client/session.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { CODEC_TEMPLATES, type CodecTemplate, codecTemplate } from '../../state/codec-templates.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';
import { base64Of, bytesFromBase64, bytesFromHex, hexOf, variablesIn } from '../../state/hex-bytes.ts';
import { bodyOfModel } from '../../state/model-draft.ts';
import { TrialResult } from './TrialResult.tsx';

const CodeEditor = lazy(() => import('./CodeEditor.tsx'));
/** Somebody who types is not asked for an answer at every letter. */
const TYPING_PAUSE_MS = 400;

/** A payload to try the codec on, as it stands in the fields. */
interface Payload {
  readonly hex: string;
  readonly fPort: number;
  readonly receivedTime: ModelPayloadWire['receivedTime'] | null;
}
const payloadOf = ({ base64, fPort, receivedTime }: ModelPayloadWire): Payload => ({
  hex: hexOf(bytesFromBase64(base64)),
  fPort,
  receivedTime,
});

/** Where a model's codec is written, tried on what its devices really sent, saved, and what was held for it put through again. */
export function CodecWorkbench({ model, mayWrite }: { model: DeviceModelWire; mayWrite: boolean }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  // Whoever may write any model may try a draft on this one; saving it is its owner's.
  const mayTry = holdsAnywhere(session, 'assets.write');
  const saved = model.codec ?? '';
  const [source, setSource] = useState(saved);
  const [comparing, setComparing] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState<Payload | null>(null);
  const [variablesText, setVariablesText] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const payloads = useQuery({
    ...modelPayloadsQuery(model.id),
    enabled: holdsAnywhere(session, 'quarantine.read'),
  });
  const items = payloads.data?.items ?? [];
  const picked = items.find((each) => keyOf(each) === chosen) ?? (typed === null ? items[0] : undefined);
  const payload = typed ?? (picked ? payloadOf(picked) : { hex: '', fPort: 1, receivedTime: null });
  const bytes = bytesFromHex(payload.hex);
  const variables = variablesIn(variablesText);
  const [settled] = useDebouncedValue(
    { source, hex: payload.hex, fPort: payload.fPort, receivedTime: payload.receivedTime, variablesText },
    TYPING_PAUSE_MS,
  );
  const settledBytes = bytesFromHex(settled.hex);
  const trial = useQuery({
    ...codecTrialQuery({
      source: settled.source,
      base64: base64Of(settledBytes ?? new Uint8Array()),
      fPort: settled.fPort,
      variables: variablesIn(settled.variablesText) ?? {},
      channels: [...model.channels],
      ...(settled.receivedTime === null ? {} : { receivedTime: settled.receivedTime }),
    }),
    enabled: mayTry && settled.source.trim() !== '' && settledBytes !== null && settledBytes.length > 0,
  });
  const { outcome } = trial.data ?? {};
  const failed = outcome?.kind === 'failed' && settled.source === source ? (outcome.place?.line ?? null) : null;
  const change = (next: Partial<Payload>): void => setTyped({ ...payload, ...next });

  async function save(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await call('PUT /models/{modelId}', {
        params: { modelId: model.id },
        ifMatch: model.version,
        body: { ...bodyOfModel(model), codec: source },
      });
      notifications.show({ message: t('models.codecSaved') });
      setComparing(false);
      await queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
      await queries.invalidateQueries({ queryKey: modelCodecQuery(model.id).queryKey });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className="codec-bench" aria-label={t('models.codec')}>
      <div className="codec-tools">
        <h2 className="section-title">{t('models.codec')}</h2>
        <span className="grow" />
        {mayTry ? (
          <Select
            aria-label={t('models.template')}
            placeholder={t('models.template')}
            data={CODEC_TEMPLATES.map((each) => ({ value: each, label: t(`models.templates.${each}`) }))}
            value={null}
            onChange={(form) => form && setSource(codecTemplate(form as CodecTemplate, model.channels))}
          />
        ) : null}
        <Switch
          label={t('models.compare')}
          checked={comparing}
          disabled={saved === ''}
          onChange={(event) => setComparing(event.currentTarget.checked)}
        />
        {mayWrite ? (
          <Button disabled={source === saved || source.trim() === ''} loading={busy} onClick={() => void save()}>
            {t('models.saveCodec')}
          </Button>
        ) : null}
      </div>
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <div className="codec-split">
        <Suspense fallback={<ListLoading what={t('models.editorLoading')} rows={10} />}>
          <CodeEditor
            value={source}
            saved={comparing ? saved : null}
            failed={failed}
            readOnly={!mayTry}
            label={t('models.codecSource')}
            onChange={setSource}
          />
        </Suspense>
        <div className="codec-try">
          <h3 className="section-title">{t('models.try')}</h3>
          <SegmentedControl
            aria-label={t('models.tryOn')}
            value={typed === null ? 'received' : 'typed'}
            data={[
              { value: 'received', label: t('models.received') },
              { value: 'typed', label: t('models.typed') },
            ]}
            onChange={(way) => setTyped(way === 'typed' ? payload : null)}
          />
          {typed === null ? (
            <PayloadList items={items} picked={picked} isLoading={payloads.isLoading} onPick={setChosen} />
          ) : (
            <Textarea
              label={t('models.hex')}
              autosize
              minRows={2}
              maxRows={6}
              error={bytes === null ? t('models.hexWrong') : null}
              value={payload.hex}
              spellCheck={false}
              onChange={(event) => change({ hex: event.currentTarget.value })}
            />
          )}
          <div className="form-row">
            <NumberInput
              label={t('models.fPort')}
              min={0}
              max={255}
              value={payload.fPort}
              onChange={(value) => change({ fPort: Number(value) })}
            />
            <Textarea
              label={t('models.variables')}
              description={t('models.variablesHint')}
              error={variables === null ? t('models.variablesWrong') : null}
              autosize
              minRows={1}
              value={variablesText}
              spellCheck={false}
              onChange={(event) => setVariablesText(event.currentTarget.value)}
            />
          </div>
          <div aria-live="polite" aria-busy={trial.isFetching}>
            {trial.error ? (
              <p className="form-problem">{problemText(trial.error)}</p>
            ) : trial.data ? (
              <TrialResult result={trial.data} />
            ) : (
              <p className="secondary">{t(mayTry ? 'models.trial.nothing' : 'models.trial.notYours')}</p>
            )}
          </div>
        </div>
      </div>
    </section>
  );
}

const keyOf = ({ quarantineId, deviceId, arrivalTime }: ModelPayloadWire): string =>
  quarantineId ?? `${deviceId} ${arrivalTime}`;

function PayloadList({
  items,
  picked,
  isLoading,
  onPick,
}: {
  items: readonly ModelPayloadWire[];
  picked: ModelPayloadWire | undefined;
  isLoading: boolean;
  onPick: (key: string) => void;
}) {
  const { t, language } = useLanguage();
  if (isLoading) return <ListLoading what={t('loading.quarantine')} rows={3} />;
  if (items.length === 0) return <p className="secondary">{t('models.noPayloads')}</p>;
  return (
    <ul className="payloads" aria-label={t('models.received')}>
      {items.map((item) => {
        const bytes = hexOf(bytesFromBase64(item.base64));
        return (
          <li key={keyOf(item)}>
            <button
              type="button"
              className="payload"
              aria-pressed={item === picked}
              onClick={() => onPick(keyOf(item))}
            >
              <span className="payload-head small">
                <span>{item.deviceId}</span>
                <span className="secondary">
                  {item.source === 'live'
                    ? t('models.understood')
                    : [...new Set(item.problems.map(({ code }) => t(`quarantineCode.${code}`)))].join(', ')}
                  {' · '}
                  {formatDateTime(item.arrivalTime, language, true)}
                </span>
              </span>
              <code className="truncate">{bytes}</code>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** What is held of the model's devices, and the way back in now that its codec is mended. */
export function HeldOfModel({ model, held }: { model: DeviceModelWire; held: number }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  async function replay(): Promise<void> {
    setBusy(true);
    try {
      const { accepted, remaining } = await call('POST /models/{modelId}/replay', { params: { modelId: model.id } });
      notifications.show({
        title: t('quarantine.replayed'),
        message: t('quarantine.replayedText', {
          count: accepted,
          accepted: formatCount(accepted, language),
          remaining: formatCount(remaining, language),
        }),
      });
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: ['model', model.id] });
      await queries.invalidateQueries({ queryKey: ['quarantine'] });
    }
  }
  return (
    <div className="held-of-model">
      <span>{t('models.held', { count: held, shown: formatCount(held, language) })}</span>
      <Button variant="default" loading={busy} onClick={() => void replay()}>
        {t('models.replay')}
      </Button>
    </div>
  );
}
