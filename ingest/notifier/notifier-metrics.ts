import { Counter, Gauge, type Registry as MetricsRegistry } from 'prom-client';
import type { NotificationStore } from '../../domain/ports/notifications.ts';
import type { NotifierStatus } from './notifier.ts';

/** Counts of the notifier, read when `/metrics` is; `status` gives `null` while none runs in this process. */
export function exposeNotifier(
  metrics: MetricsRegistry,
  status: () => NotifierStatus | null,
  store: NotificationStore,
): void {
  const counter = (
    name: string,
    help: string,
    label: string,
    read: (of: NotifierStatus) => Readonly<Record<string, number>>,
  ) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [metrics],
      collect() {
        this.reset();
        const now = status();
        if (now !== null) for (const [value, count] of Object.entries(read(now))) this.inc({ [label]: value }, count);
      },
    });
  counter('hd_notify_sendings_total', 'Sendings of messages, by what came of them', 'outcome', (of) => of.sendings);
  counter('hd_notify_untold_total', 'What was to be told and was not, by why', 'reason', (of) => of.untold);
  counter('hd_notify_held_total', 'Groups of alarms put off into a summary, by why', 'reason', (of) => of.held);
  counter('hd_notify_planned_total', 'Steps of alarms that somebody is to be told of', 'of', ({ planned }) => ({
    alarms: planned,
  }));
  const gauge = new Gauge({
    name: 'hd_notify_waiting',
    help: 'What waits: outbox messages, events gathered, messages to be sent, messages given up',
    labelNames: ['what'],
    registers: [metrics],
    async collect() {
      const { outbox, events, waiting, dead } = await store.counts();
      for (const [what, count] of Object.entries({ outbox, events, messages: waiting, dead }))
        this.set({ what }, count);
    },
  });
  void gauge;
  new Gauge({
    name: 'hd_notify_failing',
    help: '1 while people cannot be told because the registry fails',
    registers: [metrics],
    collect() {
      this.set(Number(status()?.failing ?? false));
    },
  });
}
