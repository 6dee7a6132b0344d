import { Button, Checkbox, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { QuarantinedMessageWire } from '../../api/contract/quarantine.ts';
import { QUARANTINE_CODES } from '../../domain/ports/quarantine.ts';
import { call, callForBytes } from '../client/http.ts';
import { GatewaysAway } from '../components/GatewaysAway.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { PanelHeader } from '../panels/PointPanel.tsx';
import { formatBytes, formatCount, formatDateTime } from '../state/formatting.ts';
import { writtenBytes } from '../state/written-bytes.ts';
import { AssetTabs } from './AssetTabs.tsx';

const STATES = ['held', 'replayed', 'discarded'] as const;

const listQuery = (filter: { device?: string | undefined; code?: string | undefined; state: string }) =>
  queryOptions({
    queryKey: ['quarantine', filter],
    queryFn: ({ signal }) => call('GET /quarantine', { query: { ...filter, limit: 500 }, signal }),
    refetchInterval: 15_000,
  });
const countsQuery = queryOptions({
  queryKey: ['quarantine', 'counts'],
  queryFn: ({ signal }) => call('GET /quarantine/counts', { signal }),
  refetchInterval: 15_000,
});
const bytesQuery = (quarantineId: string) =>
  queryOptions({
    queryKey: ['quarantine', 'bytes', quarantineId],
    queryFn: ({ signal }) => callForBytes('GET /quarantine/{quarantineId}/bytes', { params: { quarantineId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Messages that could not be used: why, from whom, their bytes, and the way back in once the cause is mended. */
export function QuarantinePage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/quarantine' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const state = STATES.find((each) => each === search.state) ?? 'held';
  const list = useQuery(listQuery({ device: search.device, code: search.code, state }));
  const counts = useQuery(countsQuery);
  const [open, setOpen] = useState<QuarantinedMessageWire | null>(null);
  const [backfill, setBackfill] = useState(false);
  const [busy, setBusy] = useState(false);
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/quarantine', search: (before) => ({ ...before, ...next }) as never, replace: true });

  const items = list.data?.items ?? [];
  const hasSeveralGateways = (list.data?.gateways ?? 0) > 1;
  const held = (counts.data?.items ?? []).reduce((sum, { messages }) => sum + messages, 0);
  const codes = [...new Set((counts.data?.items ?? []).map(({ code }) => code))];

  async function replay(messages: readonly QuarantinedMessageWire[]): Promise<void> {
    setBusy(true);
    try {
      const answer = await call('POST /quarantine/replay', { body: { ids: messages.map(({ id }) => id), backfill } });
      const accepted = answer.items.reduce((sum, item) => sum + item.accepted, 0);
      const remaining = answer.items.filter((item) => item.problems.length > 0).length;
      notifications.show({
        title: t('quarantine.replayed'),
        message: t('quarantine.replayedText', {
          count: accepted,
          accepted: formatCount(accepted, language),
          remaining: formatCount(remaining, language),
        }),
      });
      setOpen(null);
      await queries.invalidateQueries({ queryKey: ['quarantine'] });
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setBusy(false);
    }
  }

  const reasonOf = (message: QuarantinedMessageWire): string =>
    [...new Set(message.problems.map(({ code }) => t(`quarantineCode.${code}`)))].join(', ');
  const columns: readonly GridColumn<QuarantinedMessageWire>[] = [
    {
      key: 'time',
      header: t('quarantine.arrived'),
      width: '160px',
      wideOnly: true,
      cell: (message) => formatDateTime(message.arrivalTime, language, true),
    },
    { key: 'device', header: t('device.one'), width: 'minmax(110px, 1fr)', cell: (message) => message.deviceId },
    { key: 'reason', header: t('quarantine.reason'), width: 'minmax(140px, 2fr)', cell: reasonOf },
    {
      key: 'topic',
      header: t('quarantine.topic'),
      width: 'minmax(120px, 1.6fr)',
      wideOnly: true,
      cell: (message) => <span className="secondary">{message.topic}</span>,
    },
    {
      key: 'size',
      header: t('quarantine.size'),
      width: '84px',
      numeric: true,
      wideOnly: true,
      cell: (message) => formatBytes(message.sizeBytes, language),
    },
    ...(hasSeveralGateways
      ? [
          {
            key: 'gateway',
            header: t('quarantine.gateway'),
            width: 'minmax(120px, 0.8fr)',
            wideOnly: true,
            cell: (message: QuarantinedMessageWire) => <span className="truncate">{message.gateway.name}</span>,
          },
        ]
      : []),
  ];
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
      </header>
      <div className="page-tools">
        <Select
          aria-label={t('quarantine.stateLabel')}
          data={STATES.map((each) => ({ value: each, label: t(`quarantineState.${each}`) }))}
          value={state}
          allowDeselect={false}
          onChange={(next) => change({ state: next === 'held' ? undefined : (next ?? undefined) })}
        />
        <Select
          aria-label={t('quarantine.reason')}
          placeholder={t('quarantine.everyReason')}
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          data={(codes.length > 0 ? codes : QUARANTINE_CODES).map((code) => ({
            value: code,
            label: t(`quarantineCode.${code}`),
          }))}
          value={search.code ?? null}
          onChange={(code) => change({ code: code ?? undefined })}
        />
        {search.device ? (
          <button type="button" className="chip" aria-pressed="true" onClick={() => change({ device: undefined })}>
            {search.device} ×
          </button>
        ) : null}
        <span className="secondary small" role="status">
          {t('quarantine.held', { count: held, shown: formatCount(held, language) })}
          {counts.data?.status
            ? ` · ${t('quarantine.room', {
                used: formatBytes(counts.data.status.bytes, language),
                capacity: formatBytes(counts.data.status.capacityBytes, language),
                evicted: formatCount(counts.data.status.evictedMessages, language),
              })}`
            : ''}
        </span>
        <span className="grow" />
        {state === 'held' && items.length > 0 ? (
          <>
            <Checkbox
              size="xs"
              label={t('quarantine.backfill')}
              checked={backfill}
              onChange={(event) => setBackfill(event.currentTarget.checked)}
            />
            <Button variant="default" loading={busy} onClick={() => void replay(items)}>
              {t('quarantine.replayAll', { count: items.length, shown: formatCount(items.length, language) })}
            </Button>
          </>
        ) : null}
      </div>
      <GatewaysAway away={list.data?.away} text="quarantine.away" />
      <div className="page-split">
        <div className="page-list">
          {list.isPending ? (
            <ListLoading what={t('loading.quarantine')} rows={12} />
          ) : list.error ? (
            <Failure error={list.error} retry={() => void list.refetch()} />
          ) : items.length === 0 ? (
            <Empty title={t('quarantine.empty')} hint={t('quarantine.emptyHint')} />
          ) : (
            <VirtualGrid
              label={t('assets.quarantine')}
              items={items}
              columns={columns}
              keyOf={(message) => message.id}
              rowHeight={34}
              phoneRowHeight={48}
              selectedKey={open?.id ?? null}
              withHeader={!isPhone}
              onOpen={setOpen}
            />
          )}
        </div>
        {open ? (
          <SidePanel label={t('quarantine.panel')} onClose={() => setOpen(null)}>
            <PanelHeader
              title={open.deviceId}
              subtitle={formatDateTime(open.arrivalTime, language, true)}
              onClose={() => setOpen(null)}
            />
            <div className="panel-body">
              {open.state === 'held' ? (
                <div className="actions">
                  <Button loading={busy} onClick={() => void replay([open])}>
                    {t('quarantine.replay')}
                  </Button>
                  <Button variant="default" onClick={() => change({ device: open.deviceId })}>
                    {t('quarantine.sameDevice')}
                  </Button>
                </div>
              ) : null}
              <section>
                <h3 className="section-title">{t('quarantine.problems')}</h3>
                <ul className="history">
                  {open.problems.map((problem) => (
                    <li key={`${problem.index} ${problem.quantity} ${problem.code}`}>
                      <strong>{t(`quarantineCode.${problem.code}`)}</strong>
                      {problem.quantity ? ` · ${problem.quantity}` : ''}
                      <p className="small secondary">{problem.detail}</p>
                    </li>
                  ))}
                </ul>
              </section>
              <section>
                <h3 className="section-title">{t('quarantine.message')}</h3>
                <dl className="facts">
                  <dt>{t('quarantine.topic')}</dt>
                  <dd>{open.topic}</dd>
                  <dt>{t('quarantine.transport')}</dt>
                  <dd>{open.transport.toUpperCase()}</dd>
                  <dt>{t('quarantine.size')}</dt>
                  <dd>{formatBytes(open.sizeBytes, language)}</dd>
                  {hasSeveralGateways ? (
                    <>
                      <dt>{t('quarantine.gateway')}</dt>
                      <dd>{open.gateway.name}</dd>
                    </>
                  ) : null}
                </dl>
                <MessageBytes id={open.id} />
              </section>
            </div>
          </SidePanel>
        ) : null}
      </div>
    </div>
  );
}

function MessageBytes({ id }: { id: string }) {
  const { t } = useLanguage();
  const bytes = useQuery(bytesQuery(id));
  if (bytes.isPending) return <ListLoading rows={3} what={t('loading.quarantine')} />;
  if (bytes.error) return <Failure error={bytes.error} retry={() => void bytes.refetch()} />;
  return <pre className="code-block">{writtenBytes(bytes.data)}</pre>;
}
