import { Button, Progress } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DataExportWire } from '../../../api/contract/exports.ts';
import { call } from '../../client/http.ts';
import { QueryList } from '../../components/QueryList.tsx';
import { Empty, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatBytes, formatCount, formatDate, formatDateTime } from '../../state/formatting.ts';

const POLL_MS = 700;
const isUnfinished = ({ state }: DataExportWire): boolean => state === 'waiting' || state === 'running';

/** Exports of this person: how far they are, their files, until those expire. */
export function ExportList() {
  const { t } = useLanguage();
  const list = useQuery({
    queryKey: ['exports'],
    queryFn: ({ signal }) => call('GET /exports', { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnfinished) ? POLL_MS : 60_000),
  });
  return (
    <section aria-label={t('exports.earlier')} className="data-list">
      <h2 className="section-title">{t('exports.earlier')}</h2>
      <QueryList
        query={list}
        loading={t('loading.exports')}
        rows={3}
        empty={<Empty title={t('exports.none')} hint={t('exports.noneHint')} />}
      >
        {(items) => (
          <ul className="data-items">
            {items.map((one) => (
              <ExportItem key={one.id} one={one} />
            ))}
          </ul>
        )}
      </QueryList>
    </section>
  );
}

function ExportItem({ one }: { one: DataExportWire }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);

  async function remove(): Promise<void> {
    try {
      await call('DELETE /exports/{exportId}', { params: { exportId: one.id } });
      await queries.invalidateQueries({ queryKey: ['exports'] });
    } catch (error) {
      setProblem(problemText(error));
    }
  }
  const { state, progress } = one;
  const share = one.series === 0 ? 0 : (progress.seriesDone / one.series) * 100;
  const what = t('exports.item', {
    format: t(`exports.formats.${one.format}`),
    from: formatDate(one.from, language),
    to: formatDate(one.to - 1, language),
    series: formatCount(one.series, language),
  });
  return (
    <li className="data-item" data-export={state}>
      <div className="data-item-text">
        <strong>{what}</strong>
        <span className="secondary small">
          {formatDateTime(one.orderedAt, language)} · {t(`exports.states.${state}`)}
          {one.failure ? `: ${t(`exports.failures.${one.failure}`)}` : ''}
          {state === 'done'
            ? ` · ${t('exports.result', {
                rows: formatCount(progress.rows, language),
                size: formatBytes(one.bytes ?? 0, language),
              })}`
            : ''}
          {one.leftOut > 0
            ? ` · ${t('exports.leftOut', { count: one.leftOut, shown: formatCount(one.leftOut, language) })}`
            : ''}
          {state === 'done' ? ` · ${t('exports.until', { when: formatDateTime(one.expiresAt, language) })}` : ''}
        </span>
        {isUnfinished(one) ? (
          <>
            <Progress value={share} aria-label={t('exports.progress')} />
            <span className="secondary small">
              {t('exports.soFar', {
                done: formatCount(progress.seriesDone, language),
                series: formatCount(one.series, language),
                rows: formatCount(progress.rows, language),
              })}
            </span>
          </>
        ) : null}
        {problem ? (
          <span className="form-problem" role="alert">
            {problem}
          </span>
        ) : null}
      </div>
      <div className="actions">
        {state === 'done' ? (
          <Button component="a" href={`/api/v1/exports/${encodeURIComponent(one.id)}/file`} download>
            {t('exports.download')}
          </Button>
        ) : null}
        <Button
          variant="default"
          onClick={() => void remove()}
          aria-label={`${isUnfinished(one) ? t('exports.stop') : t('exports.remove')}: ${what}`}
        >
          {isUnfinished(one) ? t('exports.stop') : t('exports.remove')}
        </Button>
      </div>
    </li>
  );
}
