import { Button, SegmentedControl } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { WarningWire } from '../../api/contract/warnings.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { WarningId } from '../../domain/warning/warning.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { holdsIn } from '../client/session.ts';
import { warningQuery } from '../client/warning-queries.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { AreaEditor } from '../panels/warning/AreaEditor.tsx';
import { AreaMap } from '../panels/warning/AreaMap.tsx';
import { ContentDiff } from '../panels/warning/ContentDiff.tsx';
import { ContentFields } from '../panels/warning/ContentFields.tsx';
import { ContentText } from '../panels/warning/ContentText.tsx';
import { useWarningPreview } from '../panels/warning/use-warning-preview.ts';
import { WarningHistory } from '../panels/warning/WarningHistory.tsx';
import { type WarningAction, WarningSteps } from '../panels/warning/WarningSteps.tsx';
import { formatDateTime } from '../state/formatting.ts';
import { type Content, headlineOf } from '../state/warning-draft.ts';
import '../styles/warnings.css';

/** One official warning: written, looked over by a second person, published, changed, taken back. */
export function WarningPage() {
  const { t } = useLanguage();
  const { warningId } = useParams({ from: '/shell/official-warnings/$warningId' });
  const warning = useQuery(warningQuery(warningId as WarningId));
  return (
    <div className="page">
      {warning.isPending ? (
        <ListLoading what={t('loading.warnings')} />
      ) : warning.error ? (
        <Failure error={warning.error} retry={() => void warning.refetch()} />
      ) : (
        <KnownWarning warning={warning.data} />
      )}
    </div>
  );
}

const send = (warning: WarningWire, action: WarningAction): Promise<WarningWire> => {
  const at = { params: { warningId: warning.id }, ifMatch: warning.version };
  switch (action.kind) {
    case 'submit':
      return call('POST /warnings/{warningId}/submit', at);
    case 'approve':
      return call('POST /warnings/{warningId}/approve', at);
    case 'discard':
      return call('DELETE /warnings/{warningId}/proposal', at);
    case 'reject':
      return call('POST /warnings/{warningId}/reject', { ...at, body: { reason: action.reason } });
    case 'update':
      return call('POST /warnings/{warningId}/update', { ...at, body: { reason: action.reason } });
    case 'cancel':
      return call('POST /warnings/{warningId}/cancel', { ...at, body: { reason: action.reason } });
  }
};

function KnownWarning({ warning }: { warning: WarningWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const [edited, setEdited] = useState<{ readonly from: number; readonly content: Content } | null>(null);
  const [isBusy, setBusy] = useState(false);

  const { proposal, issued, status, phase } = warning;
  const published = issued.findLast(({ kind }) => kind !== 'cancel')?.content;
  const shown = edited?.content ?? proposal?.content ?? published;
  const mayEdit =
    proposal !== null && proposal.kind !== 'cancel' && holdsIn(session, 'warnings.draft', warning.agencyId);
  // Who may approve what waits reads it first, and edits it only when they mean to: then they can't approve it any more.
  const [isEditing, setEditing] = useState(proposal?.stage !== 'submitted');

  /** True when it was done. What is typed stays as it is when it was not. */
  async function attempt(action: () => Promise<WarningWire>): Promise<boolean> {
    setBusy(true);
    try {
      const after = await action();
      queries.setQueryData(warningQuery(warning.id).queryKey, after);
      await queries.invalidateQueries({ queryKey: ['warnings', 'list'] });
      void queries.invalidateQueries({ queryKey: ['warnings', 'published'] });
      return true;
    } catch (error) {
      notifications.show({
        color: 'red',
        title: t('warnings.refused'),
        message: problemText(error),
        autoClose: 10_000,
      });
      return false;
    } finally {
      setBusy(false);
    }
  }
  const save = () =>
    attempt(async () => {
      if (!edited) return warning;
      const after = await call('PUT /warnings/{warningId}', {
        params: { warningId: warning.id },
        // Based on what was there when typing began: somebody else's later edit is not overwritten.
        ifMatch: edited.from,
        body: { content: edited.content },
      });
      setEdited(null);
      setEditing(true);
      return after;
    });
  async function take(action: WarningAction): Promise<boolean> {
    const done = await attempt(() => send(warning, action));
    if (!done) return false;
    setEditing(action.kind === 'update');
    notifications.show({ message: t(`warnings.done.${action.kind}`) });
    if (action.kind === 'discard' && issued.length === 0) await navigate({ to: '/official-warnings' });
    return true;
  }

  if (!shown) return null;
  const canWrite = mayEdit && isEditing;
  return (
    <>
      <header className="page-header">
        <div>
          <Link to="/official-warnings" className="small">
            {t('warnings.title')}
          </Link>
          <h1>{headlineOf(warning, language) || t('warnings.untitled')}</h1>
          <p className="small secondary">
            {t(`warnings.phase.${phase}`)}
            {proposal && phase === 'in_force'
              ? ` · ${proposal.stage === 'submitted' ? t('warnings.phase.submitted') : t(`warnings.pending.${proposal.kind}`)}`
              : ''}{' '}
            {status === 'Exercise' ? <span className="warning-exercise">{t('warnings.exercise')}</span> : null}
            {warning.endedAt === null
              ? ''
              : ` · ${t('warnings.endedAt', { time: formatDateTime(warning.endedAt, language) })}`}
          </p>
        </div>
        <span className="grow" />
        <WarningSteps warning={warning} isChanged={edited !== null} isBusy={isBusy} take={take} />
      </header>
      <div className="page-scroll">
        {proposal?.rejection ? (
          <p className="advice">
            {t('warnings.rejectedBy', { name: warning.people[proposal.rejection.by] ?? proposal.rejection.by })}:{' '}
            {proposal.rejection.reason}
          </p>
        ) : null}
        {proposal?.reason ? (
          <p className="advice">
            {t(`warnings.kind.${proposal.kind}`)}: {proposal.reason[language]}
          </p>
        ) : null}
        <div className="warning-columns">
          <div>
            {canWrite ? (
              <form
                className="form"
                onSubmit={(event) => {
                  event.preventDefault();
                  void save();
                }}
              >
                <ContentFields
                  content={shown}
                  onChange={(content) => setEdited({ from: edited?.from ?? warning.version, content })}
                />
                <AreaEditor
                  area={shown.area}
                  onChange={(area) => setEdited({ from: edited?.from ?? warning.version, content: { ...shown, area } })}
                />
                <div className="actions">
                  <Button type="submit" loading={isBusy} disabled={edited === null}>
                    {t('warnings.save')}
                  </Button>
                  {edited === null ? null : (
                    <Button variant="default" onClick={() => setEdited(null)}>
                      {t('warnings.undo')}
                    </Button>
                  )}
                </div>
              </form>
            ) : (
              <>
                {LANGUAGES.map((each) => (
                  <ContentText key={each} content={shown} language={each} />
                ))}
                <AreaMap label={t('warnings.area.map')} area={shown.area} />
                {mayEdit ? (
                  <div className="actions">
                    <Button variant="default" onClick={() => setEditing(true)}>
                      {t('warnings.edit')}
                    </Button>
                    <p className="small secondary">{t('warnings.editHint')}</p>
                  </div>
                ) : null}
              </>
            )}
          </div>
          <div>
            {proposal && published && proposal.kind === 'update' ? (
              <section>
                <h2 className="section-title">{t('warnings.diff.title')}</h2>
                <ContentDiff before={published} after={shown} />
              </section>
            ) : null}
            {proposal ? <Preview warning={warning} content={shown} withTexts={canWrite} /> : null}
            <WarningHistory warning={warning} />
          </div>
        </div>
      </div>
    </>
  );
}

/** What is still missing, and the message in both languages and as XML. */
function Preview({
  warning,
  content,
  withTexts,
}: {
  warning: WarningWire;
  content: Content;
  /** False where the texts stand beside it anyway. */
  withTexts: boolean;
}) {
  const { t } = useLanguage();
  const preview = useWarningPreview(warning, content);
  const [chosen, setView] = useState<'vi' | 'en' | 'xml'>('vi');
  const view = withTexts ? chosen : 'xml';
  const problems = preview.data?.problems ?? [];
  return (
    <section aria-label={t('warnings.preview')}>
      <h2 className="section-title">{t('warnings.preview')}</h2>
      {preview.error ? <Failure error={preview.error} retry={() => void preview.refetch()} /> : null}
      {preview.data ? (
        problems.length === 0 ? (
          <p className="small" role="status">
            {t('warnings.valid')}
          </p>
        ) : (
          <ul className="warning-problems small" aria-label={t('warnings.problems')}>
            {problems.map(({ path, code, message }) => (
              <li key={`${path} ${code} ${message}`}>
                {t(placeOf(path))}: {message}
              </li>
            ))}
          </ul>
        )
      ) : null}
      {withTexts ? (
        <SegmentedControl
          aria-label={t('warnings.preview')}
          value={view}
          onChange={(next) => setView(next as typeof view)}
          data={[
            { value: 'vi', label: t('warnings.language.vi') },
            { value: 'en', label: t('warnings.language.en') },
            { value: 'xml', label: 'CAP' },
          ]}
        />
      ) : null}
      {view === 'xml' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls and must be reachable by keyboard
        <pre className="warning-xml" tabIndex={0}>
          {preview.data?.xml ?? ''}
        </pre>
      ) : (
        <ContentText content={content} language={view} />
      )}
    </section>
  );
}

/** What people call the part of the warning that a problem is in. */
function placeOf(path: string) {
  const [part = ''] = path.split('.');
  switch (part) {
    case 'event':
    case 'headline':
    case 'description':
    case 'instruction':
      return path.endsWith('.en') ? (`warnings.partEn.${part}` as const) : (`warnings.partVi.${part}` as const);
    case 'area':
      if (path.endsWith('.vi')) return 'warnings.partVi.area';
      return path.endsWith('.en') ? 'warnings.partEn.area' : 'warnings.area.title';
    case 'categories':
    case 'expires':
      return `warnings.${part}` as const;
    default:
      return 'warnings.message';
  }
}
