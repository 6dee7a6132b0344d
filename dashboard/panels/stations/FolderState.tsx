import { Button, Switch } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { StationReceiptWire } from '../../../api/contract/station-files.ts';
import { call } from '../../client/http.ts';
import { receiptsQuery, stationFileStatusQuery } from '../../client/station-queries.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { QueryList } from '../../components/QueryList.tsx';
import { Empty, Failure, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';

/** The watched folder and the scheduled export as they stand. */
export function FolderState() {
  const { t, language } = useLanguage();
  const status = useQuery(stationFileStatusQuery);
  if (status.isPending) return <ListLoading rows={3} what={t('loading.stations')} />;
  if (status.error) return <Failure error={status.error} retry={() => void status.refetch()} />;
  const { watched, exported } = status.data;
  const last = (file: typeof watched.lastFile) =>
    file ? `${file.name} · ${formatDateTime(file.at, language)}` : t('stations.noFileYet');
  return (
    <section aria-label={t('stations.folders')}>
      <h2 className="section-title">{t('stations.watched')}</h2>
      {watched.folder === null ? (
        <p className="secondary">{t('stations.notWatched')}</p>
      ) : (
        <dl className="facts">
          <dt>{t('stations.folder')}</dt>
          <dd>{watched.folder}</dd>
          <dt>{t('stations.waiting')}</dt>
          <dd>{formatCount(watched.waiting, language)}</dd>
          <dt>{t('stations.lastFile')}</dt>
          <dd>{last(watched.lastFile)}</dd>
          <dt>{t('stations.sinceStart')}</dt>
          <dd>
            {t('stations.importedFailed', {
              imported: formatCount(watched.imported, language),
              failed: formatCount(watched.failed, language),
            })}
          </dd>
        </dl>
      )}
      {watched.trouble ? <p className="form-problem">{t('stations.trouble', { reason: watched.trouble })}</p> : null}
      <h2 className="section-title">{t('stations.exported')}</h2>
      {exported.folder === null ? (
        <p className="secondary">{t('stations.notExported')}</p>
      ) : (
        <dl className="facts">
          <dt>{t('stations.folder')}</dt>
          <dd>{exported.folder}</dd>
          <dt>{t('stations.lastFile')}</dt>
          <dd>{last(exported.lastFile)}</dd>
          <dt>{t('stations.sinceStart')}</dt>
          <dd>{formatCount(exported.files, language)}</dd>
        </dl>
      )}
      {exported.trouble ? <p className="form-problem">{t('stations.trouble', { reason: exported.trouble })}</p> : null}
    </section>
  );
}

/** Files that came, with what became of them; failed ones can be put back into the folder. */
export function ReceiptList() {
  const { t } = useLanguage();
  const [failedOnly, setFailedOnly] = useState(false);
  const receipts = useQuery(receiptsQuery(failedOnly ? 'failed' : undefined));
  return (
    <section aria-label={t('stations.files')}>
      <h2 className="section-title">{t('stations.files')}</h2>
      <Switch
        label={t('stations.failedOnly')}
        checked={failedOnly}
        onChange={(event) => setFailedOnly(event.currentTarget.checked)}
      />
      <QueryList
        query={receipts}
        loading={t('loading.stations')}
        rows={4}
        empty={<Empty title={t(failedOnly ? 'stations.noneFailed' : 'stations.noFiles')} />}
      >
        {(items) => (
          <ul className="data-items">
            {items.map((receipt) => (
              <ReceiptItem key={receipt.key} receipt={receipt} />
            ))}
          </ul>
        )}
      </QueryList>
    </section>
  );
}

function ReceiptItem({ receipt }: { receipt: StationReceiptWire }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);
  async function retry(): Promise<void> {
    try {
      await call('POST /station-files/{fileKey}/retry', { params: { fileKey: receipt.key } });
      await queries.invalidateQueries({ queryKey: ['station-files'] });
    } catch (error) {
      setProblem(problemText(error));
    }
  }
  const { state, reason } = receipt;
  return (
    <li className="data-item">
      <div className="data-item-text">
        <strong>{receipt.fileName}</strong>
        <span className="secondary small">
          {formatDateTime(receipt.at, language)} · {t(`stations.sources.${receipt.source}`)} ·{' '}
          {t('stations.counts', {
            readings: formatCount(receipt.readings, language),
            refused: formatCount(receipt.refused, language),
          })}
        </span>
        {state === 'failed' && reason ? (
          <span className="form-problem small">
            {t(`stations.refusals.${reason.code}`)} {reason.detail}
          </span>
        ) : null}
        {problem ? (
          <span className="form-problem" role="alert">
            {problem}
          </span>
        ) : null}
      </div>
      {receipt.retryable ? (
        <div className="actions">
          <Button
            variant="default"
            onClick={() => void retry()}
            aria-label={`${t('stations.retry')}: ${receipt.fileName}`}
          >
            {t('stations.retry')}
          </Button>
        </div>
      ) : null}
    </li>
  );
}
