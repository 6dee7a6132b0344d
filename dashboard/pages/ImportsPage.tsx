import { Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { IMPORT_COLUMNS } from '../../domain/device-import.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { call } from '../client/http.ts';
import { colleaguesQuery, importsQuery, modelsQuery } from '../client/queries.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { ImportSheet } from '../panels/imports/ImportSheet.tsx';
import { SheetDrop } from '../panels/imports/SheetDrop.tsx';
import { formatDateTime } from '../state/formatting.ts';
import { AssetTabs } from './AssetTabs.tsx';

/** Sheets of devices: sent, looked through, carried out, taken back. */
export function ImportsPage() {
  const { t } = useLanguage();
  const search = useSearch({ from: '/shell/imports' });
  const navigate = useNavigate();
  const show = (id: string | undefined) => void navigate({ to: '/imports', search: id ? { import: id } : {} });
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.assets')}</h1>
        <AssetTabs />
      </header>
      {search.import === undefined ? (
        <NewImport onMade={show} />
      ) : (
        <ImportSheet key={search.import} id={search.import} onBack={() => show(undefined)} />
      )}
    </div>
  );
}

/** A sheet to send, how one looks, and those sent before. */
function NewImport({ onMade }: { onMade: (id: string) => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, choose, agencies } = useAgencyChoice('assets.write');
  const [reading, setReading] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function send(file: File): Promise<void> {
    const type = sheetTypeOf(file.name);
    if (type === null || agency === null) {
      setProblem(t('imports.wrongKind'));
      return;
    }
    setReading(file.name);
    setProblem(null);
    try {
      const made = await call('POST /device-imports', {
        upload: new Blob([file], { type }),
        query: { agency, fileName: file.name.slice(-200) },
      });
      await queries.invalidateQueries({ queryKey: importsQuery.queryKey });
      onMade(made.id);
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setReading(null);
    }
  }

  const address = (query: string) => `/api/v1/device-export?agency=${encodeURIComponent(agency ?? '')}&${query}`;
  return (
    <div className="page-scroll">
      <div className="sheet-intake">
        {agencies.length > 1 ? (
          <Select
            label={t('alarms.agency')}
            data={[...agencies]}
            value={agency}
            allowDeselect={false}
            onChange={choose}
          />
        ) : null}
        <SheetDrop reading={reading} onFile={(file) => void send(file)} />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <SheetLinks title={t('imports.template')} addressOf={(format) => address(`format=${format}&template=true`)} />
        <SheetLinks title={t('imports.export')} addressOf={(format) => address(`format=${format}`)} />
        <SheetExample agency={agency} />
      </div>
      <ImportHistory onOpen={onMade} />
    </div>
  );
}

/** A sheet to download, in either format. */
function SheetLinks({ title, addressOf }: { title: string; addressOf: (format: string) => string }) {
  return (
    <p className="sheet-links">
      <span className="secondary">{title}:</span>
      {['csv', 'xlsx'].map((format) => (
        <a key={format} href={addressOf(format)} download aria-label={`${title}: ${format.toUpperCase()}`}>
          {format.toUpperCase()}
        </a>
      ))}
    </p>
  );
}

const sheetTypeOf = (name: string): string | null =>
  /\.csv$/i.test(name)
    ? 'text/csv'
    : /\.xlsx$/i.test(name)
      ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
      : null;

/** The columns, and a row with a model that there is. */
function SheetExample({ agency }: { agency: AgencyId | null }) {
  const { t } = useLanguage();
  const models = useQuery(modelsQuery);
  const model = (models.data?.items ?? []).find(({ agencyId }) => agencyId === null || agencyId === agency);
  const rows = [
    ['kk-001', agency ?? '', model?.id ?? '', 'SN-0001', 'in_stock', ''],
    ['kk-002', agency ?? '', model?.id ?? '', '', '', ''],
  ];
  return (
    <section>
      <h2 className="section-title">{t('imports.columns')}</h2>
      <p className="secondary small">{t('imports.columnsHint')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls and must be reachable by keyboard */}
      <div className="sheet-example" tabIndex={0}>
        <table aria-label={t('imports.example')}>
          <thead>
            <tr>
              {IMPORT_COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells) => (
              <tr key={cells[0]}>
                {IMPORT_COLUMNS.map((column, i) => (
                  <td key={column}>{cells[i]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ImportHistory({ onOpen }: { onOpen: (id: string) => void }) {
  const { t, language } = useLanguage();
  const imports = useQuery(importsQuery);
  const colleagues = useQuery(colleaguesQuery);
  const nameOf = (id: string | null) => colleagues.data?.items.find((each) => each.id === id)?.displayName ?? id ?? '';
  return (
    <section className="sheet-history">
      <h2 className="section-title">{t('imports.history')}</h2>
      {imports.isPending ? (
        <ListLoading rows={3} what={t('loading.imports')} />
      ) : imports.error ? (
        <Failure error={imports.error} retry={() => void imports.refetch()} />
      ) : imports.data.items.length === 0 ? (
        <p className="secondary">{t('imports.noHistory')}</p>
      ) : (
        <ul>
          {imports.data.items.map((each) => (
            <li key={each.id}>
              <button type="button" className="sheet-history-row" onClick={() => onOpen(each.id)}>
                <span className="truncate">{each.fileName}</span>
                <span className="secondary small">
                  {t(`imports.state.${each.state}`)} ·{' '}
                  {t('imports.by', { time: formatDateTime(each.createdAt, language), who: nameOf(each.createdBy) })}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
