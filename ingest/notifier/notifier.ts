import type { Access } from '../../domain/access.ts';
import type { AlarmId, UserId } from '../../domain/identifiers.ts';
import type { Escalation } from '../../domain/notifications/escalation.ts';
import type { SendOutcome } from '../../domain/notifications/retry.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Audience, NotificationSender, NotificationStore } from '../../domain/ports/notifications.ts';
import { SEVERITIES, type Severity } from '../../domain/rule.ts';
import { before, type Clock, days, hours } from '../../domain/time.ts';
import { AlarmLookup, type LookupPorts } from './alarm-lookup.ts';
import { type ComposeContext, compose } from './composing.ts';
import { type NotifierSettings, STEP_ROWS, UNTOLD_REASONS, type UntoldReason } from './notifier-settings.ts';
import { Gathering, type PlanContext, planDueEscalation, planEscalations, planSubscriptions } from './planning.ts';
import { sendOne } from './sending.ts';

export interface NotifierOptions extends Omit<LookupPorts, 'publicUrl'> {
  readonly store: NotificationStore;
  readonly sender: NotificationSender;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly random: () => number;
  readonly log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
    error(fields: object, text: string): void;
  };
  readonly settings: NotifierSettings;
  /** Told of each message that was accepted; `startedAt`: when its sending began, epoch ms. */
  readonly onSent?: (alarmIds: readonly AlarmId[], channel: string, startedAt: number) => void;
}

export interface NotifierStatus {
  /** Events planned: somebody is to be told of a step of an alarm. */
  readonly planned: number;
  readonly untold: Readonly<Record<UntoldReason, number>>;
  readonly held: Readonly<Record<'quiet_hours' | 'rate', number>>;
  readonly sendings: Readonly<Record<SendOutcome['kind'], number>>;
  /** Sendings repeated after a kill, without knowing whether they had arrived. */
  readonly maybeTwice: number;
  readonly failing: boolean;
}

/** Closed groups are kept a little, for who looks at them. */
const GROUPS_KEPT = days(2);
const FORGET_EVERY = hours(1);
/** What is being sent gets this long when the platform stops. */
const DRAIN_MS = 3_000;

/**
 * From the outbox to people: plans who is to be told, gathers it, writes messages when they are due and sends them. Every step is one transaction of the
 * registry, so that a kill at any moment neither forgets anybody nor tells anything twice, but for what was being sent.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #sending = new Set<Promise<void>>();
  readonly #status = {
    planned: 0,
    untold: Object.fromEntries(UNTOLD_REASONS.map((reason) => [reason, 0])) as Record<UntoldReason, number>,
    held: { quiet_hours: 0, rate: 0 },
    sendings: { accepted: 0, failed: 0, refused: 0, gone: 0 },
    maybeTwice: 0,
    failing: false,
  };
  #unsubscribe: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #running: Promise<void> | null = null;
  #again = false;
  #forgottenAt = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { store, bus, clock, settings, log } = this.#options;
    const broken = await store.recover(clock());
    this.#status.maybeTwice += broken;
    if (broken > 0) log.warn({ event: 'notifier.recovered', messages: broken }, 'sendings were broken off; repeated');
    this.#unsubscribe = bus.subscribe('alarm.changed', () => this.wake());
    this.#timer = setInterval(() => this.wake(), settings.tick);
    this.wake();
  }

  /** Lets what is being sent come to its end, if it does so soon; else it is repeated after the next start, as after a kill. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#unsubscribe();
    clearInterval(this.#timer);
    await this.#running;
    let giveUp: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      giveUp = setTimeout(resolve, DRAIN_MS);
    });
    await Promise.race([Promise.all(this.#sending), enough]);
    clearTimeout(giveUp);
  }

  status(): NotifierStatus {
    return this.#status;
  }

  /** Looks at what is due, now. */
  wake(): void {
    if (this.#stopping) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    // After whoever woke us is done: on the live bus nobody waits for us.
    this.#running = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#run())
      .finally(() => {
        this.#running = null;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    try {
      for (;;) {
        const found = (await this.#plan()) || (await this.#escalate()) || (await this.#compose());
        await this.#send();
        if (!found || this.#stopping) break;
        // Everybody else's turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await this.#forget();
      if (this.#status.failing) {
        this.#status.failing = false;
        log.info({ event: 'notifier.back' }, 'people are told again');
      }
    } catch (error) {
      if (!this.#status.failing) log.error({ event: 'notifier.failing', err: error }, 'people are not told; trying on');
      this.#status.failing = true;
    }
  }

  /** The next part of the outbox. @returns whether there was one. */
  async #plan(): Promise<boolean> {
    const { store, clock } = this.#options;
    const outbox = await store.undelivered(STEP_ROWS);
    if (outbox.length === 0) return false;
    const context = await this.#context();
    const lookup = this.#lookup();
    const ids = outbox.flatMap(({ alarmId }) => (alarmId === null ? [] : [alarmId]));
    const escalations = new Map((await store.escalations(ids)).map((one) => [keyOf(one), one]));
    const begun = new Map<string, Escalation>();
    for (const message of outbox) {
      const alarm = message.alarmId === null ? null : await lookup.alarm(message.alarmId);
      const severity = severityIn(message.text.params?.['severity']) ?? alarm?.severity ?? 'notice';
      const place = alarm && (await lookup.place(alarm, severity));
      if (alarm === null || place === null) this.#untold('alarm_gone');
      else if (alarm.suppression !== null || alarm.origin === 'past') this.#untold('hidden');
      else {
        await planSubscriptions(message, alarm, place, context);
        for (const one of planEscalations(message, alarm, place, [...escalations.values()], context)) {
          escalations.set(keyOf(one), one);
          begun.set(keyOf(one), one);
        }
      }
    }
    const { events, changed } = context.gathering;
    await store.plan({
      outbox: outbox.map(({ id }) => id),
      groups: [...changed.values()],
      events,
      escalations: [...begun.values()],
      at: clock(),
    });
    this.#status.planned += events.length;
    return true;
  }

  async #escalate(): Promise<boolean> {
    const { store, clock } = this.#options;
    const due = await store.dueEscalations(clock(), STEP_ROWS);
    if (due.length === 0) return false;
    const context = await this.#context();
    const lookup = this.#lookup();
    const escalations: Escalation[] = [];
    for (const escalation of due) {
      const alarm = await lookup.alarm(escalation.alarmId);
      const place = alarm && (await lookup.place(alarm, alarm.severity));
      escalations.push(
        alarm === null || place === null
          ? { ...escalation, state: { kind: 'over', why: 'ended', at: context.now } }
          : planDueEscalation(escalation, alarm, place, context),
      );
    }
    const { events, changed } = context.gathering;
    await store.plan({ outbox: [], groups: [...changed.values()], events, escalations, at: context.now });
    this.#status.planned += events.length;
    return true;
  }

  async #compose(): Promise<boolean> {
    const { store, clock, newId, settings } = this.#options;
    const now = clock();
    const due = await store.dueGroups(now, STEP_ROWS);
    if (due.length === 0) return false;
    const audience = await store.audience();
    const context: ComposeContext = {
      audience,
      accessOf: remembered((userId) => store.accessOf(userId)),
      lookup: this.#lookup(),
      groups: once(() => store.groups(before(now, GROUPS_KEPT))),
      settings,
      now,
      newId,
    };
    const events = await store.waitingEvents(due.map(({ id }) => id));
    for (const [recipient, groups] of Map.groupBy(due, (group) => group.recipient)) {
      const ids = new Set(groups.map(({ id }) => id));
      const composed = await compose(
        {
          recipient,
          groups,
          events: events.filter(({ groupId }) => ids.has(groupId)),
          toldInLastHour: await store.toldSince(recipient, before(now, hours(1))),
        },
        context,
      );
      await store.compose({ ...composed, at: now });
      for (const reason of composed.untold) this.#untold(reason);
      for (const why of composed.heldFor) this.#status.held[why]++;
    }
    return true;
  }

  /** Begins sending as many as there is room for. */
  async #send(): Promise<void> {
    const { store, clock, settings, log } = this.#options;
    const room = settings.sendingsAtOnce - this.#sending.size;
    if (room <= 0 || this.#stopping) return;
    for (const message of await store.dueMessages(clock(), room)) {
      const startedAt = clock();
      // It is marked as being sent before this returns to the loop: nobody picks it up twice.
      const sending = sendOne(message, this.#options)
        .then((outcome) => {
          this.#status.sendings[outcome.kind]++;
          if (outcome.kind === 'accepted') this.#options.onSent?.(message.alarmIds, message.channel, startedAt);
          if (outcome.kind !== 'accepted')
            log.warn(
              {
                event: `notification.${outcome.kind}`,
                message: message.id,
                channel: message.channel,
                answer: outcome.answer,
              },
              'a message was not accepted',
            );
        })
        .catch((error: unknown) => log.error({ event: 'notification.lost_track', err: error }, 'sending'))
        .finally(() => {
          this.#sending.delete(sending);
          this.wake();
        });
      this.#sending.add(sending);
    }
  }

  async #forget(): Promise<void> {
    const { store, clock, settings } = this.#options;
    const now = clock();
    if (now - this.#forgottenAt < FORGET_EVERY) return;
    this.#forgottenAt = now;
    await store.forget(before(now, settings.retention), before(now, GROUPS_KEPT));
  }

  async #context(): Promise<PlanContext & { readonly audience: Audience }> {
    const { store, clock, settings, newId } = this.#options;
    const now = clock();
    const groups = await store.groups(before(now, settings.grouping.follow));
    return {
      audience: await store.audience(),
      accessOf: remembered((userId) => store.accessOf(userId)),
      gathering: new Gathering(groups, settings.grouping, now, newId),
      now,
    };
  }

  #lookup(): AlarmLookup {
    return new AlarmLookup({ ...this.#options, publicUrl: this.#options.settings.publicUrl });
  }

  #untold(reason: UntoldReason): void {
    this.#status.untold[reason]++;
  }
}

const keyOf = ({ policyId, alarmId }: { readonly policyId: string; readonly alarmId: AlarmId }): string =>
  `${policyId}\n${alarmId}`;

const severityIn = (value: unknown): Severity | undefined => SEVERITIES.find((severity) => severity === value);

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= read();
    return answer;
  };
}

/** Asked once for each person within one step. */
function remembered(ask: (userId: UserId) => Promise<Access | null>): (userId: UserId) => Promise<Access | null> {
  const known = new Map<UserId, Promise<Access | null>>();
  return (userId) => {
    const answer = known.get(userId) ?? ask(userId);
    known.set(userId, answer);
    return answer;
  };
}
