import { Button, Checkbox, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PersonalNotificationsWire } from '../../../api/contract/notifications.ts';
import {
  PERSONAL_CHANNELS,
  type PersonalChannel,
  type Subscription,
  type SubscriptionId,
} from '../../../domain/notifications/notification.ts';
import { SEVERITIES, type Severity } from '../../../domain/rule.ts';
import { call, newIdempotencyKey } from '../../client/http.ts';
import { DateField } from '../../components/DateField.tsx';
import { IconPlus, IconTrash } from '../../components/icons.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { clockTime, minuteOfDay } from '../../state/clock-time.ts';
import { InterestFields } from './InterestFields.tsx';
import { myNotificationsQuery } from './notification-queries.ts';
import { PushHere } from './PushHere.tsx';
import { useTest } from './use-test.ts';

/** How one wants to be told: ways, which alarms, quiet hours. */
export function MyNotifications() {
  const { t } = useLanguage();
  const mine = useQuery({ ...myNotificationsQuery, refetchOnMount: 'always' });
  if (mine.error) return <Failure error={mine.error} retry={() => void mine.refetch()} />;
  if (mine.isPending) return <ListLoading what={t('loading.notifications')} />;
  return <Wishes key={mine.data.version} mine={mine.data} />;
}

/** What somebody begins with: bad things by every way, small things by none. */
const newSubscription = (hasMail: boolean): Subscription => {
  const all: readonly PersonalChannel[] = hasMail ? PERSONAL_CHANNELS : ['web_push'];
  return {
    id: newIdempotencyKey() as SubscriptionId,
    interest: {},
    channels: { critical: all, major: all, minor: [], notice: [] },
  };
};
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const GROUPINGS = ['domain', 'rule', 'ward'] as const;

function Wishes({ mine }: { mine: PersonalNotificationsWire }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { test, testing } = useTest();
  const [email, setEmail] = useState(mine.email ?? '');
  const [subscriptions, setSubscriptions] = useState(mine.subscriptions as readonly Subscription[]);
  const [quiet, setQuiet] = useState(mine.quietHours);
  const [grouping, setGrouping] = useState(mine.grouping);
  const [tellsCleared, setTellsCleared] = useState(mine.tellsCleared);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (at: number, part: Partial<Subscription>): void =>
    setSubscriptions(subscriptions.map((one, i) => (i === at ? { ...one, ...part } : one)));

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const saved = await call('PUT /notifications/mine', {
        body: {
          email: email.trim() === '' ? null : email.trim(),
          timeZone: mine.timeZone,
          subscriptions: subscriptions as PersonalNotificationsWire['subscriptions'],
          quietHours: quiet,
          grouping,
          tellsCleared,
          version: mine.version,
        },
      });
      queries.setQueryData(myNotificationsQuery.queryKey, saved);
      notifications.show({ message: t('notifications.saved') });
    } catch (error) {
      setProblem(problemText(error));
    }
    setBusy(false);
  }

  return (
    <form className="notification-form" onSubmit={(event) => void save(event)} noValidate>
      <section>
        <h2 className="section-title">{t('notifications.ways')}</h2>
        <div className="form">
          <div className="form-row">
            <TextInput
              type="email"
              autoComplete="email"
              label={t('notifications.email')}
              description={mine.hasMail ? undefined : t('notifications.noMail')}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <Button
              variant="default"
              loading={testing === 'email'}
              disabled={mine.email === null || mine.email !== email.trim()}
              onClick={() => void test('email', { channel: 'email' })}
            >
              {t('notifications.test')}
            </Button>
          </div>
          <h3 className="small">{t('notifications.push.title')}</h3>
          <PushHere mine={mine} />
        </div>
      </section>
      <section>
        <h2 className="section-title">{t('notifications.subscriptions')}</h2>
        {subscriptions.length === 0 ? (
          <Empty title={t('notifications.noSubscriptions')} hint={t('notifications.noSubscriptionsHint')} />
        ) : null}
        {subscriptions.map((subscription, i) => (
          <fieldset key={subscription.id} className="form subscription">
            <legend className="small">{t('notifications.subscription', { number: i + 1 })}</legend>
            <InterestFields
              value={subscription.interest}
              onChange={(interest) => change(i, { interest })}
              withSeverities={false}
            />
            <ChannelGrid value={subscription.channels} onChange={(channels) => change(i, { channels })} />
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconTrash size={14} aria-hidden="true" />}
              onClick={() => setSubscriptions(subscriptions.filter((_, other) => other !== i))}
            >
              {t('notifications.removeSubscription')}
            </Button>
          </fieldset>
        ))}
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          onClick={() => setSubscriptions([...subscriptions, newSubscription(mine.hasMail)])}
        >
          {t('notifications.addSubscription')}
        </Button>
      </section>
      <section>
        <h2 className="section-title">{t('notifications.quiet.title')}</h2>
        <div className="form">
          <Switch
            label={t('notifications.quiet.on')}
            checked={quiet !== null}
            onChange={(event) =>
              setQuiet(
                event.currentTarget.checked
                  ? { from: 22 * 60, to: 6 * 60, weekdays: EVERY_DAY, criticalPasses: true }
                  : null,
              )
            }
          />
          {quiet === null ? null : (
            <>
              <div className="form-row">
                <DateField
                  kind="time"
                  label={t('notifications.quiet.from')}
                  value={clockTime(quiet.from)}
                  onChange={(next) => {
                    const from = minuteOfDay(next);
                    if (from !== null) setQuiet({ ...quiet, from });
                  }}
                />
                <DateField
                  kind="time"
                  label={t('notifications.quiet.to')}
                  value={clockTime(quiet.to)}
                  onChange={(next) => {
                    const to = minuteOfDay(next);
                    if (to !== null) setQuiet({ ...quiet, to });
                  }}
                />
              </div>
              <Checkbox.Group
                label={t('notifications.quiet.days')}
                value={quiet.weekdays.map(String)}
                onChange={(days) => setQuiet({ ...quiet, weekdays: days.map(Number).sort() })}
              >
                <div className="weekdays">
                  {[1, 2, 3, 4, 5, 6, 0].map((day) => (
                    <Checkbox key={day} value={String(day)} label={t(`notifications.day.${day as 0}`)} />
                  ))}
                </div>
              </Checkbox.Group>
              <Switch
                label={t('notifications.quiet.critical')}
                checked={quiet.criticalPasses}
                onChange={(event) => setQuiet({ ...quiet, criticalPasses: event.currentTarget.checked })}
              />
              <p className="small secondary">
                {t('notifications.quiet.hint', { zone: mine.timeZone ?? mine.siteTimeZone })}
              </p>
            </>
          )}
        </div>
      </section>
      <section>
        <h2 className="section-title">{t('notifications.manner')}</h2>
        <div className="form">
          <p className="small secondary">{t('notifications.groupingHint')}</p>
          <SegmentedControl
            aria-label={t('notifications.groupingTitle')}
            data={GROUPINGS.map((each) => ({ value: each, label: t(`notifications.grouping.${each}`) }))}
            value={grouping}
            onChange={(next) => setGrouping(next as typeof grouping)}
          />
          <Switch
            label={t('notifications.tellsCleared')}
            checked={tellsCleared}
            onChange={(event) => setTellsCleared(event.currentTarget.checked)}
          />
        </div>
      </section>
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t('notifications.save')}
        </Button>
      </div>
    </form>
  );
}

/** Ways for each severity. */
function ChannelGrid({
  value,
  onChange,
}: {
  value: Subscription['channels'];
  onChange: (next: Subscription['channels']) => void;
}) {
  const { t } = useLanguage();
  const toggle = (severity: Severity, channel: PersonalChannel): void => {
    const ways = value[severity];
    onChange({
      ...value,
      [severity]: ways.includes(channel) ? ways.filter((way) => way !== channel) : [...ways, channel],
    });
  };
  return (
    <table className="channel-grid">
      <thead>
        <tr>
          <th scope="col">{t('notifications.severity')}</th>
          {PERSONAL_CHANNELS.map((channel) => (
            <th key={channel} scope="col">
              {t(`notifications.channel.${channel}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {SEVERITIES.map((severity) => (
          <tr key={severity}>
            <th scope="row" className={`severity-${severity}`}>
              {t(`severity.${severity}`)}
            </th>
            {PERSONAL_CHANNELS.map((channel) => (
              <td key={channel}>
                <Checkbox
                  aria-label={`${t(`severity.${severity}`)}: ${t(`notifications.channel.${channel}`)}`}
                  checked={value[severity].includes(channel)}
                  onChange={() => toggle(severity, channel)}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
