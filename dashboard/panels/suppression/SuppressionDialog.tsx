import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserId } from '../../../domain/identifiers.ts';
import type { SuppressionScope, SuppressionWindow } from '../../../domain/suppression-window.ts';
import { epochMs } from '../../../domain/time.ts';
import { usePlatform } from '../../client/platform.tsx';
import { colleaguesQuery } from '../../client/queries.ts';
import { useSuppressions } from '../../client/suppressions.ts';
import { DateField } from '../../components/DateField.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { dateField, instantOf } from '../../state/city-dates.ts';

const HOUR_MS = 3_600_000;
/** What most visits take. */
const USUAL_HOURS = 2;

/** A scope to choose from, the narrowest first. */
export interface ScopeChoice {
  readonly scope: SuppressionScope;
  readonly label: string;
}

/** Puts one of the scopes under maintenance or out of service: why, by whom, from when to when. */
export function SuppressionDialog({ choices, onClose }: { choices: readonly ScopeChoice[]; onClose: () => void }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const { busy, open } = useSuppressions();
  const colleagues = useQuery(colleaguesQuery);
  const [began] = useState(() => Date.now());
  const [chosen, setChosen] = useState(0);
  const [kind, setKind] = useState<SuppressionWindow['kind']>('maintenance');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState(() => dateField(epochMs(began + USUAL_HOURS * HOUR_MS)));
  const [reason, setReason] = useState('');
  const [owner, setOwner] = useState<string>(session.user.id);
  const begin = from === '' ? began : (instantOf(from) ?? began);
  const end = until === '' ? null : instantOf(until);
  const isReversed = end !== null && end <= begin;
  const endMissing = kind === 'maintenance' && end === null;
  const scope = choices[chosen]?.scope;
  const people = (colleagues.data?.items ?? []).map(({ id, displayName }) => ({
    value: id as string,
    label: displayName,
  }));
  if (!people.some(({ value }) => value === session.user.id))
    people.unshift({ value: session.user.id, label: session.user.displayName });

  async function send(): Promise<void> {
    if (scope === undefined) return;
    const planned = from === '' ? null : instantOf(from);
    const done = await open({
      ...{ kind, scope, until: end, reason: reason.trim(), owner: owner as UserId },
      ...(planned === null ? {} : { from: planned }),
    });
    if (done) onClose();
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t('suppressions.openTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Select
          label={t('suppressions.what')}
          data={choices.map(({ label }, i) => ({ value: String(i), label }))}
          value={String(chosen)}
          onChange={(next) => setChosen(Number(next ?? 0))}
          allowDeselect={false}
        />
        <Select
          label={t('suppressions.kind')}
          description={t(`suppressions.meaning.${kind}`)}
          data={(['maintenance', 'out_of_service'] as const).map((each) => ({
            value: each,
            label: t(`suppression.${each}`),
          }))}
          value={kind}
          onChange={(next) => {
            setKind(next === 'out_of_service' ? 'out_of_service' : 'maintenance');
            setUntil(
              next === 'out_of_service' ? '' : dateField(epochMs(Math.max(began, begin) + USUAL_HOURS * HOUR_MS)),
            );
          }}
          allowDeselect={false}
        />
        <Textarea
          label={t('suppressions.reason')}
          placeholder={t('suppressions.reasonExample')}
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <DateField
          kind="moment"
          label={t('suppressions.from')}
          description={t('suppressions.fromHint')}
          value={from}
          onChange={(next) => setFrom(next)}
        />
        <DateField
          kind="moment"
          label={t('suppressions.until')}
          {...(kind === 'out_of_service' ? { description: t('suppressions.untilHint') } : {})}
          error={isReversed ? t('suppressions.reversed') : null}
          value={until}
          onChange={(next) => setUntil(next)}
        />
        <Select
          label={t('suppressions.owner')}
          searchable
          data={people}
          value={owner}
          onChange={(next) => setOwner(next ?? session.user.id)}
          allowDeselect={false}
          nothingFoundMessage={t('search.nothing')}
        />
        <p className="secondary small">{t('suppressions.evaluationGoesOn')}</p>
        <Button type="submit" loading={busy} disabled={reason.trim() === '' || isReversed || endMissing}>
          {t(begin > Date.now() ? 'suppressions.plan' : 'suppressions.begin')}
        </Button>
      </form>
    </Modal>
  );
}

/** Moves the end of a window. */
export function ExtendDialog({
  window,
  onClose,
}: {
  window: Parameters<ReturnType<typeof useSuppressions>['extend']>[0];
  onClose: () => void;
}) {
  const { t } = useLanguage();
  const { busy, extend } = useSuppressions();
  const [until, setUntil] = useState(() =>
    dateField(epochMs(Math.max(window.until ?? 0, Date.now()) + USUAL_HOURS * HOUR_MS)),
  );
  const end = until === '' ? null : instantOf(until);
  const isPossible = end === null ? window.kind === 'out_of_service' : end > Math.max(Date.now(), window.from);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('suppressions.extendTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void extend(window, end).then((done) => done && onClose());
        }}
      >
        <DateField
          kind="moment"
          label={t('suppressions.until')}
          {...(window.kind === 'out_of_service' ? { description: t('suppressions.untilHint') } : {})}
          value={until}
          data-autofocus
          onChange={(next) => setUntil(next)}
        />
        <Button type="submit" loading={busy} disabled={!isPossible}>
          {t('suppressions.extend')}
        </Button>
      </form>
    </Modal>
  );
}
