import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Counters of the live namespace. Nothing is held back without a number that shows it. */
export interface LiveMetrics {
  readonly framesSent: Counter;
  readonly framesHeldBack: Counter;
  readonly snapshotsSent: Counter;
  readonly alarmsSent: Counter;
  readonly alarmsHeldBack: Counter;
  readonly refused: Counter;
  /** From the arrival of a reading to the frame or alarm that took it to screens, seconds. */
  readonly toScreen: Histogram<'what'>;
}

export function createLiveMetrics(registry: Registry, clients: () => number): LiveMetrics {
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] });
  new Gauge({
    name: 'hd_live_clients',
    help: 'Live connections open',
    registers: [registry],
    collect() {
      this.set(clients());
    },
  });
  return {
    framesSent: counter('hd_live_frames_sent_total', 'Delta frames sent to live clients'),
    framesHeldBack: counter('hd_live_frames_held_back_total', 'Beats on which a slow client was sent nothing'),
    snapshotsSent: counter('hd_live_snapshots_sent_total', 'Snapshots sent to live clients'),
    alarmsSent: counter('hd_live_alarms_sent_total', 'Alarm messages sent to live clients'),
    alarmsHeldBack: counter('hd_live_alarms_held_back_total', 'Alarms a slow client got by a snapshot instead'),
    toScreen: new Histogram({
      name: 'hd_live_to_screen_seconds',
      help: 'From the arrival of the oldest new reading to the beat that sends it, and from the recording of an alarm to its sending',
      labelNames: ['what'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    refused: counter('hd_live_clients_refused_total', 'Live connections refused because too many were open'),
  };
}
