import { Counter, Gauge, type Registry as MetricsRegistry } from 'prom-client';
import type { NotificationStore } from '../../domain/ports/notifications.ts';
import type { Notifier } from './notifier.ts';

/** Counts of the notifier, read when `/metrics` is. */
export function exposeNotifier(metrics: MetricsRegistry, notifier: Notifier, store: NotificationStore): void {
  const counter = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [metrics],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  const status = () => notifier.status();
  counter('hd_notify_sendings_total', 'Sendings of messages, by what came of them', 'outcome', () => status().sendings);
  counter('hd_notify_untold_total', 'What was to be told and was not, by why', 'reason', () => status().untold);
  counter('hd_notify_held_total', 'Groups of alarms put off into a summary, by why', 'reason', () => status().held);
  counter('hd_notify_planned_total', 'Steps of alarms that somebody is to be told of', 'of', () => ({
    alarms: status().planned,
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
      this.set(Number(status().failing));
    },
  });
}
