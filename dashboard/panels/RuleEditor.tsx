import {
  Button,
  Checkbox,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { RuleEdit, RuleVerdict, RuleWire } from '../../api/contract/rules.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { SEVERITIES, type Severity } from '../../domain/rule.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { ApiProblem } from '../client/problem.ts';
import { agenciesQuery, rulesQuery } from '../client/queries.ts';
import { agenciesWith, holdsIn } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconTrash } from '../components/icons.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import {
  CONDITION_KINDS,
  type ConditionKind,
  draftOf,
  EMPTY_DRAFT,
  hasLimits,
  type LevelDraft,
  type RuleDraft,
  ruleOf,
  withLevel,
} from '../state/rule-draft.ts';
import { RuleBacktest } from './backtest/RuleBacktest.tsx';
import type { PresetStart } from './PresetPicker.tsx';
import { numberOrNull, RuleWindowFields } from './RuleWindowFields.tsx';

/** One rule to be made or changed. Who may not change it reads it. `start`: what a new one begins as. */
export function RuleEditor({
  rule,
  start,
  onClose,
}: {
  rule: RuleWire | null;
  start?: PresetStart;
  onClose: () => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { quantities, points } = useCity();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const allAgencies = useQuery(agenciesQuery);
  const agencies = agenciesWith(session, 'rules.write', allAgencies.data?.items ?? []);
  const [draft, setDraft] = useState<RuleDraft>(rule ? draftOf(rule) : start ? draftOf(start.rule) : EMPTY_DRAFT);
  const [agency, setAgency] = useState<string | null>(rule?.agencyId ?? start?.rule.agencyId ?? null);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [verdict, setVerdict] = useState<RuleVerdict | null>(null);
  const [withdrawing, setWithdrawing] = useState(false);

  const owner = agency ?? agencies[0]?.id ?? null;
  const mayWrite = rule === null || holdsIn(session, 'rules.write', rule.agencyId);
  const change = (next: Partial<RuleDraft>) => {
    setDraft({ ...draft, ...next });
    setVerdict(null);
  };
  const changeLevel = (at: number, next: Partial<LevelDraft>) =>
    change({ levels: draft.levels.map((level, i) => (i === at ? { ...level, ...next } : level)) });
  const unit = [...quantities.values()].find(({ key }) => key === draft.quantity)?.unitSymbol ?? '';
  const withUnit = (label: string) => (unit === '' ? label : `${label} (${unit})`);

  /** The rule as it would be sent; says what is missing otherwise. */
  function prepared() {
    const result = ruleOf(draft);
    if (!result.ok) setProblems(result.gaps.map((gap) => t(`rules.gap.${gap}`)));
    else setProblems([]);
    return result.ok && owner !== null ? { rule: result.rule, agencyId: owner as AgencyId } : null;
  }
  async function attempt(action: () => Promise<void>): Promise<void> {
    setBusy(true);
    try {
      await action();
    } catch (error) {
      setProblems([problemText(error)]);
    } finally {
      setBusy(false);
    }
  }
  async function check(): Promise<void> {
    const ready = prepared();
    if (!ready) return;
    await attempt(async () => {
      const answer = await call('POST /rules/validate', { body: { ...ready.rule, agencyId: ready.agencyId } });
      setVerdict(answer);
      setProblems(answer.problems.map(({ message }) => message));
    });
  }
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const ready = prepared();
    if (!ready) return;
    await attempt(async () => {
      const saved = await putLive(ready.rule, ready.agencyId);
      if (!saved) await sendForReview(ready.rule, ready.agencyId);
      await queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
      const name = ready.rule.name[language];
      notifications.show({ message: saved ? t('rules.saved', { name }) : t('rules.sentForReview', { name }) });
      onClose();
    });
  }
  /** False: a second person has to look at it first. */
  async function putLive(edit: RuleEdit, agencyId: AgencyId): Promise<boolean> {
    try {
      if (rule === null) await call('POST /rules', { body: { ...edit, agencyId } });
      else await call('PUT /rules/{ruleId}', { params: { ruleId: rule.id }, ifMatch: rule.version, body: edit });
      return true;
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'RULE_NEEDS_REVIEW') return false;
      throw error;
    }
  }
  async function sendForReview(edit: RuleEdit, agencyId: AgencyId): Promise<void> {
    const of = rule === null ? {} : { ruleId: rule.id };
    const content = { ...edit };
    const draft = await call('POST /rule-drafts', { body: { ...of, agencyId, content } });
    const params = { ruleId: draft.ruleId };
    await call('POST /rule-drafts/{ruleId}/submit', { params, ifMatch: draft.version });
  }
  async function withdraw(current: RuleWire): Promise<void> {
    await attempt(async () => {
      await call('DELETE /rules/{ruleId}', { params: { ruleId: current.id }, ifMatch: current.version });
      await queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
      onClose();
    });
  }

  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={rule === null ? t('rules.add') : rule.name[language]}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        {start?.sources}
        <fieldset className="form plain-fields" disabled={!mayWrite}>
          <div className="form-row">
            <TextInput
              label={t('rules.nameVi')}
              value={draft.nameVi}
              onChange={(event) => change({ nameVi: event.currentTarget.value })}
              {...(rule === null ? { 'data-autofocus': true } : {})}
            />
            <TextInput
              label={t('rules.nameEn')}
              value={draft.nameEn}
              onChange={(event) => change({ nameEn: event.currentTarget.value })}
            />
          </div>
          <div className="form-row">
            {rule === null ? (
              <Select
                label={t('alarms.agency')}
                data={agencies.map((each) => ({ value: each.id, label: each.name[language] }))}
                value={owner}
                onChange={setAgency}
                allowDeselect={false}
              />
            ) : null}
            <Select
              label={t('alarms.quantity')}
              searchable
              nothingFoundMessage={t('search.nothing')}
              data={[...quantities.values()].map((quantity) => ({
                value: quantity.key,
                label: `${quantity.name[language]}${quantity.unitSymbol === '' ? '' : ` (${quantity.unitSymbol})`}`,
              }))}
              value={draft.quantity === '' ? null : draft.quantity}
              onChange={(quantity) => change({ quantity: quantity ?? '' })}
            />
          </div>
          {draft.kept.condition === null ? (
            <>
              <Select
                label={t('rules.condition')}
                data={CONDITION_KINDS.map((kind) => ({ value: kind, label: t(`rules.kind.${kind}`) }))}
                value={draft.kind}
                allowDeselect={false}
                onChange={(kind) => change({ kind: (kind ?? 'above') as ConditionKind })}
              />
              <RuleWindowFields draft={draft} change={change} withUnit={withUnit} />
              <fieldset className="form role-fields">
                <legend>{t('rules.levels')}</legend>
                {draft.levels.map((level, i) => (
                  <div
                    key={level.severity}
                    className={draft.kind === 'outside' ? 'level-row level-row-three' : 'level-row'}
                  >
                    <Select
                      label={t('alarms.column.severity')}
                      data={SEVERITIES.map((severity) => ({
                        value: severity,
                        label: t(`severity.${severity}`),
                        disabled:
                          severity !== level.severity && draft.levels.some((other) => other.severity === severity),
                      }))}
                      value={level.severity}
                      allowDeselect={false}
                      onChange={(severity) => changeLevel(i, { severity: severity as Severity })}
                    />
                    {draft.kind === 'outside' ? (
                      <>
                        <NumberInput
                          label={withUnit(t('rules.low'))}
                          decimalSeparator={language === 'vi' ? ',' : '.'}
                          value={level.low ?? ''}
                          onChange={(value) => changeLevel(i, { low: numberOrNull(value) })}
                        />
                        <NumberInput
                          label={withUnit(t('rules.high'))}
                          decimalSeparator={language === 'vi' ? ',' : '.'}
                          value={level.high ?? ''}
                          onChange={(value) => changeLevel(i, { high: numberOrNull(value) })}
                        />
                      </>
                    ) : hasLimits(draft.kind) ? (
                      <NumberInput
                        label={withUnit(t('rules.limit'))}
                        decimalSeparator={language === 'vi' ? ',' : '.'}
                        value={level.limit ?? ''}
                        onChange={(value) => changeLevel(i, { limit: numberOrNull(value) })}
                      />
                    ) : null}
                    <NumberInput
                      label={t(draft.kind === 'no_data' ? 'rules.silence' : 'rules.hold')}
                      decimalSeparator={language === 'vi' ? ',' : '.'}
                      min={0}
                      value={level.holdMinutes ?? ''}
                      onChange={(value) => changeLevel(i, { holdMinutes: numberOrNull(value) })}
                    />
                    <button
                      type="button"
                      className="icon-button"
                      aria-label={t('rules.removeLevel', { severity: t(`severity.${level.severity}`) })}
                      onClick={() => change({ levels: draft.levels.filter((_, at) => at !== i) })}
                    >
                      <IconTrash size={16} aria-hidden="true" />
                    </button>
                  </div>
                ))}
                {draft.levels.length < SEVERITIES.length ? (
                  <button type="button" className="text-button" onClick={() => change(withLevel(draft))}>
                    {t('rules.addLevel')}
                  </button>
                ) : null}
              </fieldset>
            </>
          ) : (
            <TextInput label={t('rules.condition')} readOnly value={t(`rules.kind.${draft.kept.condition.kind}`)} />
          )}
          <div className="form-row">
            {draft.kept.condition === null && hasLimits(draft.kind) ? (
              <NumberInput
                label={withUnit(t('rules.hysteresis'))}
                description={t('rules.hysteresisHint')}
                decimalSeparator={language === 'vi' ? ',' : '.'}
                min={0}
                value={draft.hysteresis ?? ''}
                onChange={(value) => change({ hysteresis: numberOrNull(value) })}
              />
            ) : null}
            <NumberInput
              label={t('rules.clearHold')}
              description={t('rules.clearHoldHint')}
              decimalSeparator={language === 'vi' ? ',' : '.'}
              min={0}
              value={draft.clearHoldMinutes ?? ''}
              onChange={(value) => change({ clearHoldMinutes: numberOrNull(value) })}
            />
          </div>
          <MultiSelect
            label={t('rules.points')}
            description={t('rules.pointsHint')}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('common.clear') }}
            limit={50}
            nothingFoundMessage={t('search.nothing')}
            data={points
              .filter(
                (point) =>
                  point.agencyId === owner && point.series.some((series) => series.quantity === draft.quantity),
              )
              .map((point) => ({ value: point.id, label: point.name[language] }))}
            value={[...draft.points]}
            onChange={(next) => change({ points: next })}
          />
          <TagsInput
            label={t('rules.tags')}
            data={[...new Set(points.flatMap((point) => point.tags))].sort()}
            value={[...draft.tags]}
            onChange={(next) => change({ tags: next })}
          />
          <div className="form-row">
            <Textarea
              label={t('rules.adviceVi')}
              autosize
              minRows={2}
              value={draft.adviceVi}
              onChange={(event) => change({ adviceVi: event.currentTarget.value })}
            />
            <Textarea
              label={t('rules.adviceEn')}
              autosize
              minRows={2}
              value={draft.adviceEn}
              onChange={(event) => change({ adviceEn: event.currentTarget.value })}
            />
          </div>
          <Checkbox
            label={t('rules.judgeSuspect')}
            checked={draft.judgeSuspect}
            onChange={(event) => change({ judgeSuspect: event.currentTarget.checked })}
          />
          <MultiSelect
            label={t('rules.endsUnacknowledged')}
            data={SEVERITIES.map((severity) => ({ value: severity, label: t(`severity.${severity}`) }))}
            value={[...draft.endsUnacknowledged]}
            onChange={(next) => change({ endsUnacknowledged: next as Severity[] })}
          />
          <Switch
            label={t('rules.enabledSwitch')}
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />
        </fieldset>
        {problems.length > 0 ? (
          <ul className="form-problem" role="alert">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        ) : verdict?.valid ? (
          <p role="status">{t('rules.valid', { count: verdict.seriesWatched })}</p>
        ) : null}
        {mayWrite ? <RuleBacktest current={rule} prepare={prepared} /> : null}
        {mayWrite ? (
          <div className="actions">
            <Button type="submit" loading={busy}>
              {t('common.save')}
            </Button>
            <Button variant="default" loading={busy} onClick={() => void check()}>
              {t('rules.check')}
            </Button>
            {rule === null ? null : withdrawing ? (
              <>
                <span>{t('rules.withdrawHint')}</span>
                <Button color="red" onClick={() => void withdraw(rule)}>
                  {t('rules.withdraw')}
                </Button>
              </>
            ) : (
              <Button variant="subtle" color="red" onClick={() => setWithdrawing(true)}>
                {t('rules.withdraw')}
              </Button>
            )}
          </div>
        ) : (
          <p className="secondary">{t('rules.readOnly')}</p>
        )}
      </form>
    </Modal>
  );
}
