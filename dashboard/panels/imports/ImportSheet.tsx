import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ImportOutcomeWire } from '../../../api/contract/device-imports.ts';
import { importQuery, importRowsQuery } from '../../client/queries.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Empty, Failure } from '../../components/States.tsx';
import { useIsPhone } from '../../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../../components/VirtualGrid.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';
import { ImportActions } from './ImportActions.tsx';

const KINDS = ['create', 'unchanged', 'error'] as const;
type Kind = (typeof KINDS)[number];

/** One sheet: what becomes of its rows, and what may be done with it now. */
export function ImportSheet({ id, onBack }: { id: string; onBack: () => void }) {
  const { t, language } = useLanguage();
  const isPhone = useIsPhone();
  const sheet = useQuery(importQuery(id));
  const rows = useQuery(importRowsQuery(id));
  const [kind, setKind] = useState<Kind | null>(null);
  const shown = useMemo(() => (rows.data ?? []).filter((row) => kind === null || row.kind === kind), [rows.data, kind]);
  if (sheet.isPending) return <ListLoading what={t('loading.imports')} />;
  if (sheet.error) return <Failure error={sheet.error} retry={() => void sheet.refetch()} />;
  const { counts, fileName, state, createdAt, unknownColumns } = sheet.data;
  const whole = counts.create + counts.unchanged + counts.error;

  const columns: readonly GridColumn<ImportOutcomeWire>[] = [
    {
      key: 'line',
      header: t('imports.line'),
      width: '64px',
      numeric: true,
      cell: (row) => formatCount(row.line, language),
    },
    { key: 'id', header: t('device.id'), width: 'minmax(110px, 1fr)', cell: (row) => idOf(row) ?? '—' },
    {
      key: 'outcome',
      header: t('imports.outcome'),
      width: 'minmax(160px, 3fr)',
      cell: (row) =>
        row.kind === 'error' ? (
          <span className="row-error">
            {row.problems.map(({ column, message }) => `${column}: ${message[language]}`).join('. ')}
          </span>
        ) : (
          t(`imports.kind.${row.kind}`)
        ),
    },
    {
      key: 'model',
      header: t('device.model'),
      width: 'minmax(110px, 1fr)',
      wideOnly: true,
      cell: (row) => (row.kind === 'create' ? row.device.modelId : ''),
    },
    {
      key: 'serial',
      header: t('device.serial'),
      width: 'minmax(90px, 1fr)',
      wideOnly: true,
      cell: (row) => (row.kind === 'create' ? (row.device.serialNumber ?? '') : ''),
    },
    {
      key: 'state',
      header: t('device.state'),
      width: 'minmax(110px, 1fr)',
      wideOnly: true,
      cell: (row) =>
        row.kind === 'create'
          ? [t(`deviceState.${row.device.state}`), row.device.pointId].filter((part) => part !== null).join(', ')
          : '',
    },
  ];
  return (
    <>
      <div className="page-tools">
        <button type="button" className="text-button" onClick={onBack}>
          ← {t('imports.back')}
        </button>
        <h2 className="sheet-name truncate">{fileName}</h2>
        <span className="secondary small">
          {t(`imports.state.${state}`)} · {formatDateTime(createdAt, language)}
        </span>
        {unknownColumns.length > 0 ? (
          <span className="small" role="note">
            {t('imports.unknownColumns', { count: unknownColumns.length, names: unknownColumns.join(', ') })}
          </span>
        ) : null}
      </div>
      <div className="page-tools">
        <button type="button" className="chip" aria-pressed={kind === null} onClick={() => setKind(null)}>
          {t('imports.all')} {formatCount(whole, language)}
        </button>
        {KINDS.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={kind === each}
            onClick={() => setKind(kind === each ? null : each)}
          >
            {t(`imports.kind.${each}`)} {formatCount(counts[each], language)}
          </button>
        ))}
        <span className="grow" />
        <ImportActions sheet={sheet.data} />
      </div>
      <div className="page-split">
        <div className="page-list">
          {rows.isPending ? (
            <ListLoading what={t('loading.importRows')} rows={14} />
          ) : rows.error ? (
            <Failure error={rows.error} retry={() => void rows.refetch()} />
          ) : shown.length === 0 ? (
            <Empty title={t('imports.noRows')} />
          ) : (
            <VirtualGrid
              label={t('imports.rows')}
              items={shown}
              columns={columns}
              keyOf={(row) => String(row.line)}
              rowHeight={34}
              phoneRowHeight={56}
              withHeader={!isPhone}
              onOpen={() => undefined}
              rowClass={(row) => (row.kind === 'error' ? 'grid-row-problem' : undefined)}
            />
          )}
        </div>
      </div>
    </>
  );
}

const idOf = (row: ImportOutcomeWire): string | null => (row.kind === 'create' ? row.device.id : row.id);
