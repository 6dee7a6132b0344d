import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeviceModelWire } from '../../api/contract/assets.ts';
import type { DeviceModelId } from '../../domain/identifiers.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { modelCodecQuery, modelsQuery, modelUsageQuery } from '../client/queries.ts';
import { holdsAnywhere, holdsIn } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { GatewaysAway } from '../components/GatewaysAway.tsx';
import { IconAlertTriangle } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { CodecWorkbench, HeldOfModel } from '../panels/model/CodecWorkbench.tsx';
import { useFormatName } from '../panels/model/format-name.ts';
import { ModelEditor, type ModelWork } from '../panels/model/ModelEditor.tsx';
import { ModelWithdrawal } from '../panels/model/ModelWithdrawal.tsx';
import { formatCount, formatDateTime, formatDuration, formatNumber } from '../state/formatting.ts';
import { modelMake, modelTitle } from '../state/model-draft.ts';
import '../styles/models.css';

/** One device model: what it is, what its devices send, and the codec that reads it. */
export function ModelPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { modelId } = useParams({ from: '/shell/models/$modelId' });
  const navigate = useNavigate();
  const models = useQuery(modelsQuery);
  const [work, setWork] = useState<ModelWork | null>(null);
  const model = models.data?.items.find(({ id }) => id === modelId);
  const mayAdd = holdsAnywhere(session, 'assets.write');
  const mayWrite =
    model !== undefined &&
    (model.agencyId === null
      ? holdsAnywhere(session, 'platform.administer')
      : holdsIn(session, 'assets.write', model.agencyId));
  return (
    <div className="page">
      <header className="page-header">
        <h1>{model ? modelTitle(model, language) : modelId}</h1>
        {model ? <span className="secondary">{modelMake(model)}</span> : null}
        <span className="grow" />
        <Link to="/models" className="text-button">
          {t('models.toList')}
        </Link>
        {model && mayAdd ? (
          <Button variant="default" onClick={() => setWork({ kind: 'duplicate', of: model })}>
            {t('models.duplicate')}
          </Button>
        ) : null}
        {model && mayWrite ? (
          <Button onClick={() => setWork({ kind: 'edit', of: model })}>{t('models.edit')}</Button>
        ) : null}
      </header>
      {models.isPending ? (
        <ListLoading what={t('models.loading')} />
      ) : models.error ? (
        <Failure error={models.error} retry={() => void models.refetch()} />
      ) : model === undefined ? (
        <Empty title={t('models.notThere')} />
      ) : (
        <div className="model-page">
          <div className="model-summary">
            <ModelFacts model={model} mayWrite={mayWrite} />
            <ModelChannels model={model} />
          </div>
          <CodecState model={model} />
          {model.format === 'codec' || model.codec ? (
            <CodecWorkbench key={model.id} model={model} mayWrite={mayWrite} />
          ) : null}
        </div>
      )}
      {work ? (
        <ModelEditor
          work={work}
          onClose={(saved) => {
            setWork(null);
            if (saved && saved !== modelId) void navigate({ to: '/models/$modelId', params: { modelId: saved } });
          }}
        />
      ) : null}
    </div>
  );
}

function ModelFacts({ model, mayWrite }: { model: DeviceModelWire; mayWrite: boolean }) {
  const { t, language } = useLanguage();
  const { agencyName } = useCity();
  const formatName = useFormatName();
  const usage = useQuery(modelUsageQuery);
  const used = usage.data?.items.find(({ modelId }) => modelId === model.id);
  const { agencyId, domain, format, expectedInterval, rateLimit } = model;
  return (
    <section className="model-facts">
      <dl className="facts">
        <dt>{t('models.id')}</dt>
        <dd>{model.id}</dd>
        <dt>{t('models.domain')}</dt>
        <dd>{t(`domain.${domain}`)}</dd>
        <dt>{t('models.format')}</dt>
        <dd>{formatName(format)}</dd>
        <dt>{t('device.interval')}</dt>
        <dd>{formatDuration(expectedInterval, language)}</dd>
        <dt>{t('models.rate')}</dt>
        <dd>
          {rateLimit
            ? t('models.rateOf', {
                perSecond: formatNumber(rateLimit.messagesPerSecond, 0, language),
                burst: formatCount(rateLimit.burstMessages, language),
              })
            : t('models.platformDefault')}
        </dd>
        <dt>{t('models.offeredTo')}</dt>
        <dd>{agencyId === null ? t('models.everyAgency') : (agencyName.get(agencyId)?.[language] ?? agencyId)}</dd>
        <dt>{t('assets.devices')}</dt>
        <dd>
          <Link to="/devices" search={{ text: modelTitle(model, language) }}>
            {t('models.used', { count: used?.devices ?? 0, shown: formatCount(used?.devices ?? 0, language) })}
          </Link>
          {used && used.retired > 0 ? (
            <span className="secondary">
              {' '}
              · {t('models.usedRetired', { count: used.retired, shown: formatCount(used.retired, language) })}
            </span>
          ) : null}
        </dd>
      </dl>
      <ModelWithdrawal model={model} mayWrite={mayWrite} />
    </section>
  );
}

function ModelChannels({ model }: { model: DeviceModelWire }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  return (
    <section>
      <h2 className="section-title">{t('models.channels')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone the table scrolls and must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label={t('models.channels')}>
        <table className="channel-table">
          <thead>
            <tr>
              <th scope="col">{t('models.channel.key')}</th>
              <th scope="col">{t('alarms.quantity')}</th>
              <th scope="col">{t('models.channel.unit')}</th>
              <th scope="col" className="numeric">
                {t('models.channel.range')}
              </th>
            </tr>
          </thead>
          <tbody>
            {model.channels.map(({ key, quantity, unit, plausibleRange }) => {
              const known = quantities.get(quantity);
              const range = plausibleRange ?? known?.plausibleRange;
              const number = (value: number): string => formatNumber(value, known?.decimals ?? 2, language);
              return (
                <tr key={key}>
                  <th scope="row">{key}</th>
                  <td>{known?.name[language] ?? quantity}</td>
                  <td>{unit ?? known?.unitSymbol ?? ''}</td>
                  <td className={plausibleRange ? 'numeric' : 'numeric secondary'}>
                    {range ? `${number(range.min)} … ${number(range.max)} ${known?.unitSymbol ?? ''}` : ''}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** Whether its codec is suspended, and what is held back of its devices. */
function CodecState({ model }: { model: DeviceModelWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const state = useQuery(modelCodecQuery(model.id as DeviceModelId));
  const { suspension = null, heldMessages = null, away } = state.data ?? {};
  async function lift(): Promise<void> {
    await call('DELETE /models/{modelId}/codec/suspension', { params: { modelId: model.id } }).catch(() => {});
    await queries.invalidateQueries({ queryKey: modelCodecQuery(model.id).queryKey });
  }
  return (
    <>
      {suspension ? (
        <div className="codec-suspended" role="alert">
          <IconAlertTriangle size={18} aria-hidden="true" />
          <p>
            <strong>{t('models.suspended', { time: formatDateTime(suspension.since, language, true) })}</strong>{' '}
            {t('models.suspendedWhy', {
              why: t(`codecExcess.${suspension.excess}`),
              count: suspension.messagesHeld,
              shown: formatCount(suspension.messagesHeld, language),
            })}
          </p>
          {holdsAnywhere(session, 'assets.write') ? (
            <Button variant="default" onClick={() => void lift()}>
              {t('models.tryAgain')}
            </Button>
          ) : null}
        </div>
      ) : null}
      <GatewaysAway away={away} text="quarantine.away" />
      {heldMessages !== null && heldMessages > 0 ? <HeldOfModel model={model} held={heldMessages} /> : null}
    </>
  );
}
