import { Button, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { RuleDraftWire } from '../../../api/contract/rule-drafts.ts';
import type { RuleWire } from '../../../api/contract/rules.ts';
import type { AgencyId, RuleId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { colleaguesQuery, rulePresetsQuery, rulesQuery } from '../../client/queries.ts';
import { ruleDraftsQuery, useDraftKeeper } from '../../client/rule-drafts.ts';
import { holdsIn } from '../../client/session.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { contentOf, draftOf, EMPTY_DRAFT, type RuleDraft, ruleOf } from '../../state/rule-draft.ts';
import { RuleBacktest } from '../backtest/RuleBacktest.tsx';
import { PresetSources } from '../PresetPicker.tsx';
import { RuleChanges } from './RuleChanges.tsx';
import { RuleHistory } from './RuleHistory.tsx';
import { type RuleStep, RuleSteps } from './RuleSteps.tsx';
import { useRuleWords } from './rule-words.ts';
import { ScopeEditor, useMatching } from './ScopeEditor.tsx';
import { SentenceEditor } from './SentenceEditor.tsx';
import { NameFields, TextFields } from './TextFields.tsx';
import '../../styles/rules.css';

const NAMES = { sites: true, models: true, wards: true } as const;

/** Where one rule is read, written, tried and reviewed. It lives as long as nobody takes a step with the rule. */
export function RuleWorkbench({
  ruleId,
  live,
  draft: given,
  agencyId,
  presetKey,
  onCreated,
  onStepped,
  onAgency,
}: {
  /** `null`: of a rule that is new, until its draft is on the server. */
  ruleId: RuleId | null;
  live: RuleWire | null;
  draft: RuleDraftWire | null;
  agencyId: AgencyId;
  /** The limit it was drafted from. */
  presetKey: string | null;
  onCreated: (draft: RuleDraftWire) => void;
  onStepped: () => void;
  onAgency: (agencyId: AgencyId) => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const { pointById } = useWholeCity();
  const colleagues = useQuery(colleaguesQuery);
  const presets = useQuery({ ...rulePresetsQuery, enabled: presetKey !== null });
  const { keeper, kept, recovered } = useDraftKeeper(ruleId, agencyId, given, onCreated);
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(recovered ?? given?.content ?? live ?? EMPTY_DRAFT));
  const [isReopened, setReopened] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [untriable, setUntriable] = useState(false);
  const texts = useRef<HTMLDivElement>(null);
  const scope = useRef<HTMLDivElement>(null);

  const { server } = kept;
  const mayWrite = holdsIn(session, 'rules.write', agencyId);
  const isLocked = !mayWrite || (server?.state === 'in_review' && !isReopened);
  const matching = useMatching(draft, agencyId, mayWrite);
  const words = useRuleWords(NAMES);
  const sentenceWords = { ...words, scope: words.scopeOf(draft, agencyId, matching.data?.count ?? null) };
  const problems = server?.problems ?? [];
  const example = matching.data?.items[0];

  function change(next: RuleDraft): void {
    setDraft(next);
    setUntriable(false);
    keeper.edit(contentOf(next));
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, what an earlier page could not send
  useEffect(() => {
    if (recovered !== null) keeper.edit(recovered);
  }, [keeper]);

  // The list of drafts knows of each save: whoever comes back to this page finds what was saved last.
  useEffect(() => {
    if (server === null) return;
    queries.setQueryData(ruleDraftsQuery.queryKey, (drafts) =>
      drafts === undefined ? drafts : [...drafts.filter(({ ruleId: id }) => id !== server.ruleId), server],
    );
  }, [queries, server]);

  /** Everything is asked for anew, so that the page shows what has become of the rule. */
  async function stepped(): Promise<void> {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ruleDraftsQuery.queryKey }),
      queries.invalidateQueries({ queryKey: rulesQuery.queryKey }),
    ]);
    onStepped();
  }
  async function attempt(action: () => Promise<void>): Promise<boolean> {
    setBusy(true);
    try {
      await action();
      return true;
    } catch (error) {
      notifications.show({
        color: 'red',
        title: t('ruleDraft.refused'),
        message: problemText(error),
        autoClose: 10_000,
      });
      return false;
    } finally {
      setBusy(false);
    }
  }
  const take = (step: RuleStep): Promise<boolean> =>
    attempt(async () => {
      const { server: now, keeping, error } = await keeper.flush();
      if (keeping !== 'kept') throw error;
      if (step.kind === 'withdraw') {
        if (live === null) return;
        await call('DELETE /rules/{ruleId}', { params: { ruleId: live.id }, ifMatch: live.version });
      } else if (now !== null) {
        await send(step, now, live);
      }
      notifications.show({ message: t(`ruleDraft.done.${step.kind}`) });
      const isGone = step.kind === 'withdraw' || (step.kind === 'discard' && live === null);
      if (isGone) {
        await navigate({ to: '/rules' });
        void queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
        void queries.invalidateQueries({ queryKey: ruleDraftsQuery.queryKey });
      } else await stepped();
    });
  const restore = (version: RuleWire): void => {
    change({ ...draftOf(version), enabled: draft.enabled });
    notifications.show({ message: t('ruleDraft.restored', { number: version.version }) });
    scrollTo(texts.current);
  };
  /** A new draft of the other agency takes the place of this one. */
  const changeAgency = (next: AgencyId): void => {
    void attempt(async () => {
      const { server: now } = await keeper.flush();
      if (now === null) return onAgency(next);
      const content = contentOf({ ...draft, points: [], sites: [] });
      const moved = await call('POST /rule-drafts', { body: { agencyId: next, content } });
      await call('DELETE /rule-drafts/{ruleId}', { params: { ruleId: now.ruleId }, ifMatch: now.version });
      keeper.forget(null);
      await queries.invalidateQueries({ queryKey: ruleDraftsQuery.queryKey });
      await navigate({ to: '/rules/$ruleId', params: { ruleId: moved.ruleId }, search: {}, replace: true });
      onStepped();
    });
  };

  const nameOf = (id: string | null): string =>
    colleagues.data?.items.find((person) => person.id === id)?.displayName ?? id ?? '';
  const source = presets.data?.items.find(({ key }) => key === presetKey);
  const title = (language === 'vi' ? draft.nameVi : draft.nameEn) || t('ruleDraft.untitled');
  return (
    <>
      <header className="page-header rule-header">
        <div>
          <Link to="/rules" className="small">
            {t('rules.title')}
          </Link>
          <h1>{title}</h1>
          <p className="small secondary">
            {server === null
              ? live === null
                ? t('ruleDraft.state.new')
                : t('ruleDraft.state.live', { number: live.version })
              : t(server.state === 'in_review' ? 'ruleDraft.state.in_review' : 'ruleDraft.state.draft')}
            {server !== null && live !== null ? ` · ${t('ruleDraft.liveMeanwhile', { number: live.version })}` : ''}
            {live?.enabled === false ? ` · ${t('rules.disabled')}` : ''}
          </p>
        </div>
        <span className="grow" />
        {isLocked ? null : (
          <p className="small secondary rule-keeping" role="status" data-keeping={kept.keeping}>
            {server === null && kept.keeping === 'kept' ? '' : t(`ruleDraft.keeping.${kept.keeping}`)}
          </p>
        )}
      </header>
      <div className="page-scroll">
        <Notes
          rejection={server?.rejection ?? null}
          rejectedBy={nameOf(server?.rejection?.by ?? null)}
          isStale={server?.stale ?? false}
          isRecovered={recovered !== null}
          refusal={kept.keeping === 'refused' ? problemText(kept.error) : null}
          conflict={
            kept.keeping !== 'conflict'
              ? null
              : {
                  keepMine: () =>
                    void attempt(async () => {
                      const theirs = server ?? (ruleId === null ? null : { ruleId });
                      if (theirs === null) return;
                      await keeper.overwrite(
                        await call('GET /rule-drafts/{ruleId}', { params: { ruleId: theirs.ruleId } }),
                      );
                    }),
                  takeTheirs: () => {
                    keeper.forget(server);
                    void stepped();
                  },
                }
          }
        />
        {mayWrite ? null : <p className="secondary">{t('rules.readOnly')}</p>}
        {source ? <PresetSources preset={source} /> : null}
        <div className="rule-columns">
          <div className="rule-column" ref={texts}>
            {isLocked ? null : <NameFields draft={draft} problems={problems} change={change} />}
            <SentenceEditor
              draft={draft}
              words={sentenceWords}
              problems={problems}
              change={isLocked ? undefined : change}
              onScope={() => scrollTo(scope.current)}
              onText={(field) => scrollTo(texts.current?.querySelector(`[data-field="${field}"]`) ?? null)}
            />
            <Switch
              label={t('rules.enabledSwitch')}
              checked={draft.enabled}
              disabled={isLocked}
              onChange={(event) => change({ ...draft, enabled: event.currentTarget.checked })}
            />
            {mayWrite ? (
              <RuleSteps
                draft={server}
                live={live}
                isBusy={isBusy}
                take={take}
                edit={server?.state === 'in_review' && !isReopened ? () => setReopened(true) : undefined}
              />
            ) : null}
            {server !== null && live !== null ? (
              <section className="form" aria-label={t('ruleDraft.changes')}>
                <h2 className="section-title">{t('ruleDraft.changes')}</h2>
                <RuleChanges
                  before={live}
                  after={contentOf(draft)}
                  agencyId={agencyId}
                  labels={{ before: t('backtest.inUse'), after: t('ruleDraft.state.draft') }}
                />
              </section>
            ) : null}
            {isLocked ? null : (
              <TextFields
                draft={draft}
                problems={problems}
                change={change}
                example={example === undefined ? undefined : pointById.get(example.id)}
              />
            )}
            {ruleId === null || (live === null && given === null) ? null : (
              <section className="form" aria-label={t('ruleDraft.history')}>
                <h2 className="section-title">{t('ruleDraft.history')}</h2>
                <RuleHistory
                  ruleId={ruleId}
                  agencyId={agencyId}
                  version={`${live?.version ?? 0} ${given?.version ?? 0}`}
                  restore={isLocked ? undefined : restore}
                />
              </section>
            )}
          </div>
          <div className="rule-column" ref={scope}>
            <ScopeEditor
              draft={draft}
              agencyId={agencyId}
              matching={matching}
              change={isLocked ? undefined : change}
              changeAgency={live === null && !isLocked ? changeAgency : undefined}
            />
            {mayWrite ? (
              <RuleBacktest
                current={live}
                prepare={() => {
                  const rule = ruleOf(draft);
                  setUntriable(rule === null);
                  return rule === null ? null : { rule, agencyId };
                }}
              />
            ) : null}
            {untriable ? (
              <p className="form-problem" role="alert">
                {t('ruleDraft.untriable')}
              </p>
            ) : null}
            {server === null ? null : (
              <p className="small secondary">
                {t('ruleDraft.writtenBy', {
                  names: server.authors.map(nameOf).join(', '),
                  time: formatDateTime(server.changedAt, language),
                })}
              </p>
            )}
          </div>
        </div>
      </div>
    </>
  );
}

function send(step: RuleStep, draft: RuleDraftWire, live: RuleWire | null): Promise<unknown> {
  const at = { params: { ruleId: draft.ruleId }, ifMatch: draft.version };
  switch (step.kind) {
    case 'submit':
      return call('POST /rule-drafts/{ruleId}/submit', at);
    case 'approve':
      return call('POST /rule-drafts/{ruleId}/approve', at);
    case 'reject':
      return call('POST /rule-drafts/{ruleId}/reject', { ...at, body: { reason: step.reason } });
    case 'withoutReview':
      return putLive(draft, live).then(() => call('DELETE /rule-drafts/{ruleId}', at));
    case 'discard':
    case 'withdraw':
      return call('DELETE /rule-drafts/{ruleId}', at);
  }
}
/** An administrator's own decision: the version goes live as it is. */
function putLive(draft: RuleDraftWire, live: RuleWire | null): Promise<unknown> {
  const rule = ruleOf(draftOf(draft.content));
  if (rule === null) throw new Error('a draft with gaps has no button for this');
  return live === null
    ? call('POST /rules', { body: { ...rule, id: draft.ruleId, agencyId: draft.agencyId } })
    : call('PUT /rules/{ruleId}', { params: { ruleId: live.id }, ifMatch: live.version, body: rule });
}

function scrollTo(element: Element | null): void {
  element?.scrollIntoView({ block: 'start' });
  element?.querySelector<HTMLElement>('input, textarea, button')?.focus({ preventScroll: true });
}

/** What has happened to the draft that its writer should know first. */
function Notes({
  rejection,
  rejectedBy,
  isStale,
  isRecovered,
  refusal,
  conflict,
}: {
  rejection: RuleDraftWire['rejection'];
  rejectedBy: string;
  isStale: boolean;
  isRecovered: boolean;
  refusal: string | null;
  conflict: { readonly keepMine: () => void; readonly takeTheirs: () => void } | null;
}) {
  const { t } = useLanguage();
  return (
    <>
      {rejection === null ? null : (
        <p className="advice">{t('ruleDraft.rejected', { name: rejectedBy, reason: rejection.reason })}</p>
      )}
      {isStale ? <p className="advice">{t('ruleDraft.stale')}</p> : null}
      {isRecovered ? <p className="advice">{t('ruleDraft.recovered')}</p> : null}
      {refusal === null ? null : (
        <p className="form-problem" role="alert">
          {t('ruleDraft.keeping.refused')} {refusal}
        </p>
      )}
      {conflict === null ? null : (
        <div className="advice" role="alert">
          <p>{t('ruleDraft.conflict')}</p>
          <div className="actions">
            <Button size="xs" variant="default" onClick={conflict.keepMine}>
              {t('ruleDraft.keepMine')}
            </Button>
            <Button size="xs" variant="default" onClick={conflict.takeTheirs}>
              {t('ruleDraft.takeTheirs')}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}
