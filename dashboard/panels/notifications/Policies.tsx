import { Button, Modal, MultiSelect, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { EscalationPolicyWire } from '../../../api/contract/notifications.ts';
import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import type { EscalationStep } from '../../../domain/notifications/escalation.ts';
import { PERSONAL_CHANNELS, type PersonalChannel, type WebhookId } from '../../../domain/notifications/notification.ts';
import { type DurationMs, minutes } from '../../../domain/time.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { call } from '../../client/http.ts';
import { colleaguesQuery } from '../../client/queries.ts';
import { useCity } from '../../client/use-city.tsx';
import { IconPlus, IconTrash } from '../../components/icons.ts';
import { QueryList } from '../../components/QueryList.tsx';
import { Empty, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { InterestFields } from './InterestFields.tsx';
import { policiesQuery, webhooksQuery } from './notification-queries.ts';

const STEP_ROLES = ['operator', 'environment', 'installer', 'agency_admin', 'viewer'] as const;
const MINUTE_MS = minutes(1);
type Draft = Omit<EscalationPolicyWire, 'id' | 'version'>;

const newPolicy = (agencyId: AgencyId): Draft => ({
  agencyId,
  name: '',
  enabled: true,
  interest: { severities: ['critical', 'major'] },
  steps: [
    { after: minutes(0), roles: ['operator'], people: [], webhooks: [], channels: ['email', 'web_push'] },
    { after: minutes(15), roles: ['agency_admin'], people: [], webhooks: [], channels: ['email', 'web_push'] },
  ],
  repeat: null,
  stopsOn: 'acknowledged',
  passesQuietHours: false,
});

/** Who is told step by step while nobody looks after an alarm. */
export function Policies() {
  const { t, language } = useLanguage();
  const { agencyName } = useCity();
  const policies = useQuery(policiesQuery);
  const choice = useAgencyChoice('rules.write');
  const [editing, setEditing] = useState<EscalationPolicyWire | 'new' | null>(null);
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden="true" />}
      disabled={choice.agency === null}
      onClick={() => setEditing('new')}
    >
      {t('notifications.policy.add')}
    </Button>
  );
  return (
    <section>
      <QueryList
        query={policies}
        loading={t('loading.notifications')}
        empty={
          <Empty title={t('notifications.policy.empty')} hint={t('notifications.policy.emptyHint')} action={add} />
        }
      >
        {(items) => (
          <>
            <ul className="plain-list">
              {items.map((policy) => (
                <li key={policy.id} className="list-line">
                  <span className="grow">
                    <strong>{policy.name}</strong>
                    <span className="secondary small">
                      {' · '}
                      {agencyName.get(policy.agencyId)?.[language] ?? policy.agencyId} ·{' '}
                      {t('notifications.policy.stepCount', { count: policy.steps.length })}
                      {policy.enabled ? '' : ` · ${t('notifications.off')}`}
                    </span>
                  </span>
                  <Button size="compact-sm" variant="default" onClick={() => setEditing(policy)}>
                    {t('notifications.edit')}
                  </Button>
                </li>
              ))}
            </ul>
            {add}
          </>
        )}
      </QueryList>
      {editing !== null && choice.agency !== null ? (
        <PolicyForm
          policy={editing === 'new' ? null : editing}
          draft={editing === 'new' ? newPolicy(choice.agency) : editing}
          choice={choice}
          onClose={() => setEditing(null)}
        />
      ) : null}
    </section>
  );
}

function PolicyForm({
  policy,
  draft,
  choice: { agencies, choose },
  onClose,
}: {
  policy: EscalationPolicyWire | null;
  draft: Draft;
  choice: ReturnType<typeof useAgencyChoice>;
  onClose: () => void;
}) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [value, setValue] = useState(draft);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const steps = value.steps as readonly EscalationStep[];
  const setSteps = (next: readonly EscalationStep[]): void =>
    setValue({ ...value, steps: next as unknown as Draft['steps'] });
  const setStep = (at: number, part: Partial<EscalationStep>): void =>
    setSteps(steps.map((step, i) => (i === at ? { ...step, ...part } : step)));

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      await queries.invalidateQueries({ queryKey: policiesQuery.queryKey });
      notifications.show({ message: t('notifications.saved') });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const { agencyId, name, enabled, interest, repeat, stopsOn, passesQuietHours } = value;
    const body = { name, enabled, interest, steps: value.steps, repeat, stopsOn, passesQuietHours };
    void attempt(() =>
      policy === null
        ? call('POST /escalation-policies', { body: { ...body, agencyId } })
        : call('PUT /escalation-policies/{policyId}', {
            params: { policyId: policy.id },
            ifMatch: policy.version,
            body,
          }),
    );
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={policy?.name ?? t('notifications.policy.add')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={save} noValidate>
        <TextInput
          label={t('notifications.name')}
          value={value.name}
          onChange={(event) => setValue({ ...value, name: event.currentTarget.value })}
          data-autofocus
        />
        {policy === null && agencies.length > 1 ? (
          <Select
            label={t('alarms.agency')}
            data={[...agencies]}
            value={value.agencyId}
            allowDeselect={false}
            onChange={(next) => {
              setValue({ ...value, agencyId: (next ?? value.agencyId) as AgencyId });
              choose(next);
            }}
          />
        ) : null}
        <InterestFields
          value={value.interest}
          onChange={(interest) => setValue({ ...value, interest: interest as Draft['interest'] })}
          withSeverities
        />
        {steps.map((step, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name but their place
          <fieldset key={i} className="form subscription">
            <legend className="small">{t('notifications.policy.step', { number: i + 1 })}</legend>
            <StepFields step={step} onChange={(part) => setStep(i, part)} />
            {steps.length > 1 ? (
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={<IconTrash size={14} aria-hidden="true" />}
                onClick={() => setSteps(steps.filter((_, other) => other !== i))}
              >
                {t('notifications.policy.removeStep')}
              </Button>
            ) : null}
          </fieldset>
        ))}
        <Button
          variant="default"
          onClick={() => {
            const last = steps.at(-1);
            setSteps([
              ...steps,
              {
                after: ((last?.after ?? 0) + minutes(15)) as DurationMs,
                roles: ['agency_admin'],
                people: [],
                webhooks: [],
                channels: ['email', 'web_push'],
              },
            ]);
          }}
        >
          {t('notifications.policy.addStep')}
        </Button>
        <Switch
          label={t('notifications.policy.repeat')}
          checked={value.repeat !== null}
          onChange={(event) =>
            setValue({ ...value, repeat: event.currentTarget.checked ? { every: minutes(30), times: 3 } : null })
          }
        />
        {value.repeat === null ? null : (
          <div className="form-row">
            <NumberInput
              label={t('notifications.policy.every')}
              min={1}
              value={value.repeat.every / MINUTE_MS}
              onChange={(next) =>
                value.repeat && setValue({ ...value, repeat: { ...value.repeat, every: minutes(Number(next) || 1) } })
              }
            />
            <NumberInput
              label={t('notifications.policy.times')}
              min={1}
              max={100}
              value={value.repeat.times}
              onChange={(next) =>
                value.repeat && setValue({ ...value, repeat: { ...value.repeat, times: Number(next) || 1 } })
              }
            />
          </div>
        )}
        <Switch
          label={t('notifications.policy.stopsOnCleared')}
          checked={value.stopsOn === 'acknowledged_or_cleared'}
          onChange={(event) =>
            setValue({ ...value, stopsOn: event.currentTarget.checked ? 'acknowledged_or_cleared' : 'acknowledged' })
          }
        />
        <Switch
          label={t('notifications.policy.passesQuiet')}
          checked={value.passesQuietHours}
          onChange={(event) => setValue({ ...value, passesQuietHours: event.currentTarget.checked })}
        />
        <Switch
          label={t('notifications.on')}
          checked={value.enabled}
          onChange={(event) => setValue({ ...value, enabled: event.currentTarget.checked })}
        />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <div className="actions">
          <Button type="submit" loading={busy} disabled={value.name.trim() === ''}>
            {t('notifications.save')}
          </Button>
          {policy === null ? null : (
            <Button
              variant="default"
              disabled={busy}
              onClick={() =>
                void attempt(() => call('DELETE /escalation-policies/{policyId}', { params: { policyId: policy.id } }))
              }
            >
              {t('notifications.remove')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

function StepFields({ step, onChange }: { step: EscalationStep; onChange: (part: Partial<EscalationStep>) => void }) {
  const { t } = useLanguage();
  const colleagues = useQuery(colleaguesQuery);
  const webhooks = useQuery(webhooksQuery);
  const clear = { 'aria-label': t('common.clear') };
  return (
    <>
      <NumberInput
        label={t('notifications.policy.after')}
        min={0}
        value={step.after / MINUTE_MS}
        onChange={(next) => onChange({ after: minutes(Number(next) || 0) })}
      />
      <MultiSelect
        label={t('notifications.policy.roles')}
        data={STEP_ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
        value={[...step.roles]}
        onChange={(roles) => onChange({ roles: roles as EscalationStep['roles'] as (typeof STEP_ROLES)[number][] })}
        clearButtonProps={clear}
      />
      <MultiSelect
        label={t('notifications.policy.people')}
        searchable
        nothingFoundMessage={t('search.nothing')}
        data={(colleagues.data?.items ?? []).map(({ id, displayName }) => ({ value: id, label: displayName }))}
        value={[...step.people]}
        onChange={(people) => onChange({ people: people as UserId[] })}
        clearButtonProps={clear}
      />
      {webhooks.data && webhooks.data.items.length > 0 ? (
        <MultiSelect
          label={t('notifications.webhook.many')}
          data={webhooks.data.items.map(({ id, name }) => ({ value: id, label: name }))}
          value={[...step.webhooks]}
          onChange={(chosen) => onChange({ webhooks: chosen as WebhookId[] })}
          clearButtonProps={clear}
        />
      ) : null}
      <MultiSelect
        label={t('notifications.ways')}
        data={PERSONAL_CHANNELS.map((channel) => ({ value: channel, label: t(`notifications.channel.${channel}`) }))}
        value={[...step.channels]}
        onChange={(channels) => onChange({ channels: channels as PersonalChannel[] })}
        clearButtonProps={clear}
      />
    </>
  );
}
