import { Button, Modal, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { RouteAnswer } from '../../api/contract/routes.ts';
import { epochMs } from '../../domain/time.ts';
import { saveFile } from '../client/download.ts';
import { AUDIT_PAGE, type AuditFilter, auditPage, usersQuery } from '../client/people.ts';
import { useCity } from '../client/use-city.tsx';
import { DateField } from '../components/DateField.tsx';
import { IconFileExport } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { auditCsv, changedParts } from '../state/audit-csv.ts';
import { dateField, instantOf } from '../state/city-dates.ts';
import { readInstant } from '../state/compare.ts';
import { formatCount, formatDateTime } from '../state/formatting.ts';
import { AdminPage } from './AdminPage.tsx';
import '../styles/people.css';

type AuditRow = RouteAnswer<'GET /audit'>['items'][number];

/** Rows of one file: beyond them the period is narrowed. */
const FILE_ROWS_MAX = 20_000;
const FILE_PAGE = 1_000;
const TARGET_KINDS = [
  'agency',
  'alarm',
  'api_key',
  'data_export',
  'device',
  'grant',
  'incident',
  'model',
  'point',
  'rule',
  'saved_view',
  'site',
  'suppression',
  'user',
  'warning',
  'webhook',
] as const;

/** Who did what, when: newest first, by person, kind of thing and time. */
export function AuditPage() {
  const { t, language } = useLanguage();
  const search = useSearch({ from: '/shell/audit' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const problemText = useProblemText();
  const { agencyName } = useCity();
  const people = useQuery(usersQuery).data?.items ?? [];
  const [shown, setShown] = useState<AuditRow | null>(null);
  const [writing, setWriting] = useState(false);
  const filter: AuditFilter = {
    actor: search.actor,
    targetKind: search.kind,
    targetId: search.target,
    from: readInstant(search.from) ?? undefined,
    to: readInstant(search.to) ?? undefined,
  };
  const audit = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => auditPage(filter, pageParam, AUDIT_PAGE, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 10_000,
  });
  const rows = audit.data?.pages.flatMap(({ items }) => items) ?? [];
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/audit', search: (before) => ({ ...before, ...next }) as never, replace: true });
  const whoOf = ({ actor }: AuditRow): string =>
    actor.kind === 'system'
      ? t('audit.system', { name: actor.name })
      : (people.find(({ id }) => id === actor.userId)?.displayName ?? actor.userId);
  const wordsOf = useActionWords();
  const agencyOf = ({ agencyId }: AuditRow): string =>
    agencyId === null ? t('audit.platform') : (agencyName.get(agencyId)?.[language] ?? agencyId);
  const timeField = (text: string | undefined): string => {
    const at = readInstant(text);
    return at === null ? '' : dateField(epochMs(at));
  };
  const toInstant = (field: string): string | undefined => {
    const at = field === '' ? null : instantOf(field);
    return at === null ? undefined : new Date(at).toISOString();
  };

  async function save(): Promise<void> {
    setWriting(true);
    try {
      const all: AuditRow[] = [];
      let after: string | undefined;
      do {
        const page: RouteAnswer<'GET /audit'> = await auditPage(filter, after, FILE_PAGE);
        all.push(...page.items);
        after = page.next ?? undefined;
      } while (after !== undefined && all.length < FILE_ROWS_MAX);
      const head = ['local', 'utc', 'who', 'action', 'kind', 'target', 'agency', 'before', 'after'] as const;
      const lines = all.map((row) => ({
        ...{ local: formatDateTime(row.at, language, true), at: row.at, who: whoOf(row), action: row.action },
        ...{ targetKind: row.targetKind, targetId: row.targetId, agency: agencyOf(row) },
        ...{ before: row.before, after: row.after },
      }));
      const csv = auditCsv(
        lines,
        head.map((column) => t(`audit.column.${column}`)),
      );
      saveFile(csv, 'nhat-ky.csv', 'text/csv;charset=utf-8');
      if (after !== undefined)
        notifications.show({ message: t('audit.fileCut', { shown: formatCount(FILE_ROWS_MAX, language) }) });
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setWriting(false);
    }
  }

  return (
    <AdminPage
      action={
        <Button
          variant="default"
          loading={writing}
          leftSection={<IconFileExport size={16} aria-hidden="true" />}
          onClick={() => void save()}
        >
          {t('chartTable.csv')}
        </Button>
      }
    >
      <div className="page-tools audit-tools">
        <Select
          aria-label={t('audit.column.who')}
          placeholder={t('audit.anyone')}
          clearable
          searchable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          data={people.map(({ id, displayName }) => ({ value: id as string, label: displayName }))}
          value={search.actor ?? null}
          onChange={(next) => change({ actor: next ?? undefined })}
        />
        <Select
          aria-label={t('audit.column.kind')}
          placeholder={t('audit.anything')}
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          data={TARGET_KINDS.map((kind) => ({ value: kind, label: t(`audit.kind.${kind}`) }))}
          value={search.kind ?? null}
          onChange={(next) => change({ kind: next ?? undefined })}
        />
        <DateField
          kind="moment"
          aria-label={t('compare.from')}
          value={timeField(search.from)}
          onChange={(next) => change({ from: toInstant(next) })}
        />
        <DateField
          kind="moment"
          aria-label={t('compare.to')}
          value={timeField(search.to)}
          onChange={(next) => change({ to: toInstant(next) })}
        />
        {search.target === undefined ? null : (
          <button type="button" className="chip" aria-pressed="true" onClick={() => change({ target: undefined })}>
            {search.target}
          </button>
        )}
      </div>
      <div className="page-list">
        {audit.isPending ? (
          <ListLoading what={t('loading.audit')} />
        ) : audit.error ? (
          <Failure error={audit.error} retry={() => void audit.refetch()} />
        ) : rows.length === 0 ? (
          <Empty title={t('audit.empty')} hint={t('audit.emptyHint')} />
        ) : (
          <>
            <VirtualGrid
              label={t('audit.title')}
              items={rows}
              keyOf={({ id }) => String(id)}
              rowHeight={34}
              phoneRowHeight={64}
              withHeader={!isPhone}
              onOpen={setShown}
              columns={
                isPhone
                  ? [
                      {
                        key: 'row',
                        header: t('audit.title'),
                        width: 'minmax(0, 1fr)',
                        cell: (row) => (
                          <span className="two-lines">
                            <span className="truncate">
                              {whoOf(row)} · {wordsOf(row)}
                            </span>
                            <span className="small secondary truncate">
                              {formatDateTime(row.at, language, true)} · {row.targetId}
                            </span>
                          </span>
                        ),
                      },
                    ]
                  : [
                      {
                        key: 'at',
                        header: t('audit.column.local'),
                        width: '172px',
                        cell: (row) => formatDateTime(row.at, language, true),
                      },
                      { key: 'who', header: t('audit.column.who'), width: 'minmax(120px, 1fr)', cell: whoOf },
                      {
                        key: 'action',
                        header: t('audit.column.action'),
                        width: 'minmax(140px, 1fr)',
                        cell: (row) => <span title={row.action}>{wordsOf(row)}</span>,
                      },
                      {
                        key: 'target',
                        header: t('audit.column.target'),
                        width: 'minmax(140px, 1.6fr)',
                        cell: (row) => row.targetId,
                      },
                      { key: 'agency', header: t('audit.column.agency'), width: 'minmax(110px, 1fr)', cell: agencyOf },
                    ]
              }
            />
            {audit.hasNextPage ? (
              <div className="audit-more">
                <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
                  {t('audit.more')}
                </Button>
              </div>
            ) : null}
          </>
        )}
      </div>
      {shown ? (
        <AuditDetail
          row={shown}
          who={whoOf(shown)}
          onClose={() => setShown(null)}
          onTarget={() => {
            change({ kind: shown.targetKind, target: shown.targetId });
            setShown(null);
          }}
        />
      ) : null}
    </AdminPage>
  );
}

/** What was done, in words; of a step that this dashboard has no words for, the name it goes by in the journal. */
function useActionWords(): (row: Pick<AuditRow, 'action'>) => string {
  const { t } = useLanguage();
  return ({ action }) => t(`audit.action.${action}`, { defaultValue: action });
}

/** One step in full: what was before, what is after. */
function AuditDetail({
  row,
  who,
  onClose,
  onTarget,
}: {
  row: AuditRow;
  who: string;
  onClose: () => void;
  onTarget: () => void;
}) {
  const { t, language } = useLanguage();
  const wordsOf = useActionWords();
  const changes = changedParts(row.before, row.after);
  return (
    <Modal
      opened
      onClose={onClose}
      title={wordsOf(row)}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <dl className="facts">
        <dt>{t('audit.column.who')}</dt>
        <dd>{who}</dd>
        <dt>{t('audit.column.local')}</dt>
        <dd>
          {formatDateTime(row.at, language, true)} ({new Date(row.at).toISOString()})
        </dd>
        <dt>{t('audit.column.target')}</dt>
        <dd>
          {row.targetKind} {row.targetId}
        </dd>
        <dt>{t('audit.column.action')}</dt>
        <dd>
          <code>{row.action}</code>
        </dd>
      </dl>
      <button type="button" className="text-button" onClick={onTarget}>
        {t('audit.ofTarget')}
      </button>
      {changes.length === 0 ? (
        <p className="secondary">{t('audit.noChange')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long values scroll sideways, by keys too
        <section className="audit-changes inset-focus" aria-label={t('audit.changes')} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('audit.part')}</th>
                <th scope="col">{t('audit.column.before')}</th>
                <th scope="col">{t('audit.column.after')}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ part, before, after }) => (
                <tr key={part}>
                  <th scope="row">{part}</th>
                  <td>{before}</td>
                  <td>{after}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Modal>
  );
}
