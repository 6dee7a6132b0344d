import { Button, Modal, NumberInput, PasswordInput, Select, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { WebhookWire } from '../../../api/contract/notifications.ts';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import type { Language } from '../../../domain/localized.ts';
import { GROUPINGS, type Grouping } from '../../../domain/notifications/notification.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { call } from '../../client/http.ts';
import { IconPlus } from '../../components/icons.ts';
import { QueryList } from '../../components/QueryList.tsx';
import { Empty, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDate } from '../../state/formatting.ts';
import { InterestFields } from './InterestFields.tsx';
import { templatesQuery, webhooksQuery } from './notification-queries.ts';
import { useTest } from './use-test.ts';

type Template = RouteAnswer<'GET /notifications/templates'>['items'][number];

/** Programs and groups that are told by HTTP. */
export function Webhooks() {
  const { t, language } = useLanguage();
  const webhooks = useQuery(webhooksQuery);
  const templates = useQuery(templatesQuery);
  const { testWebhook, testing } = useTest();
  const [editing, setEditing] = useState<WebhookWire | 'new' | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const templateOf = (key: string): Template | undefined => templates.data?.items.find((each) => each.key === key);
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden="true" />}
      disabled={!templates.data}
      onClick={() => setEditing('new')}
    >
      {t('notifications.webhook.add')}
    </Button>
  );
  return (
    <section>
      <QueryList
        query={webhooks}
        loading={t('loading.notifications')}
        empty={
          <Empty title={t('notifications.webhook.empty')} hint={t('notifications.webhook.emptyHint')} action={add} />
        }
      >
        {(items) => (
          <>
            <ul className="plain-list">
              {items.map((webhook) => (
                <li key={webhook.id} className="list-line">
                  <span className="grow">
                    <strong>{webhook.name}</strong>
                    <span className="secondary small">
                      {' · '}
                      {templateOf(webhook.template)?.name[language] ?? webhook.template}
                      {webhook.enabled ? '' : ` · ${t('notifications.off')}`}
                    </span>
                  </span>
                  <Button
                    size="compact-sm"
                    variant="default"
                    loading={testing === webhook.id}
                    onClick={() => void testWebhook(webhook.id)}
                  >
                    {t('notifications.test')}
                  </Button>
                  <Button size="compact-sm" variant="default" onClick={() => setEditing(webhook)}>
                    {t('notifications.edit')}
                  </Button>
                </li>
              ))}
            </ul>
            {add}
          </>
        )}
      </QueryList>
      {editing !== null && templates.data ? (
        <WebhookForm
          webhook={editing === 'new' ? null : editing}
          templates={templates.data.items}
          onClose={(shown) => {
            setEditing(null);
            setSecret(shown);
          }}
        />
      ) : null}
      <Modal
        opened={secret !== null}
        onClose={() => setSecret(null)}
        title={t('notifications.webhook.secretTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <p>{t('notifications.webhook.secretOnce')}</p>
        <code className="code-block">{secret}</code>
      </Modal>
    </section>
  );
}

function WebhookForm({
  webhook,
  templates,
  onClose,
}: {
  webhook: WebhookWire | null;
  templates: readonly Template[];
  /** With the signing secret that was made, to be shown once. */
  onClose: (secret: string | null) => void;
}) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, choose, agencies } = useAgencyChoice('rules.write', { given: webhook?.agencyId ?? null });
  const [key, setKey] = useState(webhook?.template ?? templates[0]?.key ?? '');
  const [name, setName] = useState(webhook?.name ?? '');
  const [enabled, setEnabled] = useState(webhook?.enabled ?? true);
  const [fields, setFields] = useState<Readonly<Record<string, string>>>(webhook?.fields ?? {});
  const [interest, setInterest] = useState(webhook?.interest ?? {});
  const [grouping, setGrouping] = useState<Grouping>(webhook?.grouping ?? 'domain');
  const [told, setTold] = useState<Language>(webhook?.language ?? language);
  const [tellsCleared, setTellsCleared] = useState(webhook?.tellsCleared ?? true);
  const [perHour, setPerHour] = useState(webhook?.messagesPerHour ?? 100);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const template = templates.find((each) => each.key === key);

  async function attempt(work: () => Promise<string | null>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const shown = await work();
      await queries.invalidateQueries({ queryKey: webhooksQuery.queryKey });
      notifications.show({ message: t('notifications.saved') });
      onClose(shown);
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const filled = Object.fromEntries(Object.entries(fields).filter(([, text]) => text.trim() !== ''));
    const parts = {
      name,
      enabled,
      fields: filled,
      interest,
      grouping,
      language: told,
      tellsCleared,
      messagesPerHour: perHour,
    };
    void attempt(async () => {
      if (webhook !== null) {
        await call('PUT /webhooks/{webhookId}', {
          params: { webhookId: webhook.id },
          ifMatch: webhook.version,
          body: parts,
        });
        return null;
      }
      if (agency === null) return null;
      const made = await call('POST /webhooks', { body: { ...parts, agencyId: agency, template: key } });
      return made.secret;
    });
  };

  return (
    <Modal
      opened
      onClose={() => onClose(null)}
      size="lg"
      title={webhook?.name ?? t('notifications.webhook.add')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form className="form" onSubmit={save} noValidate>
        {webhook === null ? (
          <Select
            label={t('notifications.webhook.template')}
            description={template?.help[language]}
            data={templates.map((each) => ({ value: each.key, label: each.name[language] }))}
            value={key}
            allowDeselect={false}
            onChange={(next) => {
              setKey(next ?? key);
              setFields({});
            }}
          />
        ) : null}
        <TextInput
          label={t('notifications.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {webhook === null && agencies.length > 1 ? (
          <Select
            label={t('alarms.agency')}
            data={[...agencies]}
            value={agency}
            allowDeselect={false}
            onChange={choose}
          />
        ) : null}
        {template?.fields.map((field) => {
          const Input = field.secret ? PasswordInput : TextInput;
          return (
            <Input
              key={field.key}
              label={field.label[language]}
              placeholder={field.secret && webhook !== null ? t('notifications.webhook.kept') : field.example}
              autoComplete="off"
              value={fields[field.key] ?? ''}
              onChange={(event) => setFields({ ...fields, [field.key]: event.currentTarget.value })}
            />
          );
        })}
        <InterestFields value={interest} onChange={(next) => setInterest(next as typeof interest)} withSeverities />
        <Select
          label={t('notifications.groupingTitle')}
          data={GROUPINGS.map((each) => ({ value: each, label: t(`notifications.grouping.${each}`) }))}
          value={grouping}
          allowDeselect={false}
          onChange={(next) => setGrouping((next as Grouping | null) ?? grouping)}
        />
        <div className="form-row">
          <Select
            label={t('account.language')}
            data={[
              { value: 'vi', label: t('account.languageVi') },
              { value: 'en', label: t('account.languageEn') },
            ]}
            value={told}
            allowDeselect={false}
            onChange={(next) => setTold(next === 'en' ? 'en' : 'vi')}
          />
          <NumberInput
            label={t('notifications.webhook.perHour')}
            min={1}
            max={100_000}
            value={perHour}
            onChange={(next) => setPerHour(Number(next) || 1)}
          />
        </div>
        <Switch
          label={t('notifications.tellsCleared')}
          checked={tellsCleared}
          onChange={(event) => setTellsCleared(event.currentTarget.checked)}
        />
        <Switch
          label={t('notifications.on')}
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        {webhook !== null && template?.signed ? <SigningKeys webhook={webhook} onMade={onClose} /> : null}
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <div className="actions">
          <Button type="submit" loading={busy} disabled={name.trim() === ''}>
            {t('notifications.save')}
          </Button>
          {webhook === null ? null : (
            <Button
              variant="default"
              disabled={busy}
              onClick={() =>
                void attempt(async () => {
                  await call('DELETE /webhooks/{webhookId}', { params: { webhookId: webhook.id } });
                  return null;
                })
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

/** All of them sign: a new one is added, the receiver changes over, the old one is taken away. */
function SigningKeys({ webhook, onMade }: { webhook: WebhookWire; onMade: (secret: string) => void }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [keys, setKeys] = useState(webhook.signingKeys);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      await queries.invalidateQueries({ queryKey: webhooksQuery.queryKey });
    } catch (error) {
      notifications.show({ message: problemText(error), color: 'red' });
    }
  };
  return (
    <div>
      <h3 className="small">{t('notifications.webhook.keys')}</h3>
      <ul className="plain-list">
        {keys.map((key) => (
          <li key={key.id} className="list-line">
            <span className="grow">
              {t('notifications.webhook.keyOf', { date: formatDate(key.createdAt, language) })}
            </span>
            {keys.length > 1 ? (
              <Button
                size="compact-sm"
                variant="subtle"
                onClick={() =>
                  void attempt(async () => {
                    const params = { webhookId: webhook.id, keyId: key.id };
                    await call('DELETE /webhooks/{webhookId}/keys/{keyId}', { params });
                    setKeys(keys.filter(({ id }) => id !== key.id));
                  })
                }
              >
                {t('notifications.remove')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() =>
          void attempt(async () => {
            const { secret } = await call('POST /webhooks/{webhookId}/keys', { params: { webhookId: webhook.id } });
            onMade(secret);
          })
        }
      >
        {t('notifications.webhook.addKey')}
      </Button>
    </div>
  );
}
