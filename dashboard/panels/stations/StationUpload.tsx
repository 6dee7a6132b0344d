import { Button, FileButton, Progress } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { StationFilePreviewWire, StationReceiptWire } from '../../../api/contract/station-files.ts';
import { call } from '../../client/http.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';

interface Chosen {
  readonly file: File;
  readonly preview: StationFilePreviewWire;
}
const request = (file: File) => ({
  upload: new Blob([file], { type: 'text/plain' }),
  query: { fileName: file.name.slice(-200) },
  // The same file again changes nothing.
  idempotencyKey: null,
});

/** Files to bring in by hand: looked through first, then imported one after the other. */
export function StationUpload() {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [receipts, setReceipts] = useState<readonly StationReceiptWire[]>([]);
  const [at, setAt] = useState<{
    readonly what: 'looking' | 'importing';
    readonly done: number;
    readonly of: number;
  } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function each<T>(what: 'looking' | 'importing', files: readonly T[], work: (one: T) => Promise<void>) {
    setProblem(null);
    try {
      for (const [done, one] of files.entries()) {
        setAt({ what, done, of: files.length });
        await work(one);
      }
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setAt(null);
    }
  }
  async function look(files: readonly File[]): Promise<void> {
    setReceipts([]);
    const found: Chosen[] = [];
    await each('looking', files, async (file) => {
      found.push({ file, preview: await call('POST /station-files/preview', request(file)) });
    });
    setChosen(found);
  }
  async function importAll(): Promise<void> {
    const made: StationReceiptWire[] = [];
    await each('importing', chosen, async ({ file }) => {
      made.push(await call('POST /station-files', request(file)));
      setReceipts([...made]);
    });
    if (made.length === chosen.length) setChosen([]);
    await queries.invalidateQueries({ queryKey: ['station-files'] });
  }
  const readings = chosen.reduce((sum, { preview }) => sum + preview.counts.readings, 0);
  const imported = receipts.reduce((sum, receipt) => sum + receipt.readings, 0);
  return (
    <section className="form" aria-label={t('stations.upload')}>
      <h2 className="section-title">{t('stations.upload')}</h2>
      <p className="secondary small">{t('stations.uploadHint')}</p>
      <div className="actions">
        <FileButton multiple accept=".txt,text/plain" onChange={(files) => void look(files)}>
          {(props) => (
            <Button variant="default" disabled={at !== null} {...props}>
              {t('stations.choose')}
            </Button>
          )}
        </FileButton>
        {readings > 0 ? (
          <Button loading={at !== null} onClick={() => void importAll()}>
            {t('stations.import', { count: readings, shown: formatCount(readings, language) })}
          </Button>
        ) : null}
      </div>
      {at ? (
        <div role="status">
          <Progress
            value={(at.done / at.of) * 100}
            aria-label={t(`stations.${at.what}`, { done: String(at.done), of: String(at.of) })}
          />
          <span className="secondary small">
            {t(`stations.${at.what}`, { done: String(at.done), of: String(at.of) })}
          </span>
        </div>
      ) : null}
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      {at === null && receipts.length > 0 ? (
        <p role="status">
          {t('stations.imported', {
            files: formatCount(receipts.length, language),
            count: imported,
            shown: formatCount(imported, language),
          })}
        </p>
      ) : null}
      {chosen.map((one) => (
        <Preview key={one.file.name} {...one} />
      ))}
    </section>
  );
}

/** What each record of a file would become. */
function Preview({ file, preview }: Chosen) {
  const { t, language } = useLanguage();
  const { pointById, quantities } = useWholeCity();
  const valueText = useValueText();
  const { station, refusal, counts, unknownSymbols, outcomes, before } = preview;
  return (
    <article className="station-preview" aria-label={file.name}>
      <h3 className="section-title">{file.name}</h3>
      <p className="small">
        {station ? t('stations.of', { code: station.code }) : ''}{' '}
        {t('stations.counts', {
          readings: formatCount(counts.readings, language),
          refused: formatCount(counts.refused + counts.unreadable, language),
        })}
        {before ? ` ${t('stations.before', { when: formatDateTime(before.at, language) })}` : ''}
      </p>
      {refusal ? <p className="form-problem">{t(`stations.refusals.${refusal}`)}</p> : null}
      {unknownSymbols.length > 0 ? (
        <p className="form-problem">
          {t('stations.unknownSymbols', { symbols: unknownSymbols.map(({ symbol }) => symbol).join(', ') })}
        </p>
      ) : null}
      {outcomes.length > 0 ? (
        <div className="data-table">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('stations.symbol')}</th>
                <th scope="col" className="numeric">
                  {t('stations.value')}
                </th>
                <th scope="col">{t('stations.time')}</th>
                <th scope="col">{t('stations.becomes')}</th>
              </tr>
            </thead>
            <tbody>
              {outcomes.slice(0, 50).map((outcome, i) =>
                outcome.kind === 'unreadable' ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: records have no name but their place
                  <tr key={i}>
                    <td>{outcome.symbol ?? ''}</td>
                    <td className="numeric">{outcome.detail}</td>
                    <td />
                    <td>{t(`stations.unreadable.${outcome.code}`)}</td>
                  </tr>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <tr key={i}>
                    <td>{outcome.record.symbol}</td>
                    <td className="numeric">
                      {outcome.record.value} {outcome.record.unit}
                    </td>
                    <td>{formatDateTime(outcome.record.time, language)}</td>
                    <td>
                      {outcome.kind === 'reading'
                        ? `${pointById.get(outcome.pointId)?.name[language] ?? outcome.pointId} · ${valueText(outcome.value, quantities.get(outcome.quantity))} · ${t(`qualityReason.${outcome.quality}`)}`
                        : t(`quarantineCode.${outcome.code}`)}
                    </td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </div>
      ) : null}
    </article>
  );
}
