import { Counter, Gauge, type Registry } from 'prom-client';

/** Counters of the live namespace. Nothing is held back without a number that shows it. */
export interface LiveMetrics {
  readonly framesSent: Counter;
  readonly framesHeldBack: Counter;
  readonly snapshotsSent: Counter;
  readonly alarmsSent: Counter;
  readonly alarmsHeldBack: Counter;
  readonly refused: Counter;
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
    refused: counter('hd_live_clients_refused_total', 'Live connections refused because too many were open'),
  };
}
