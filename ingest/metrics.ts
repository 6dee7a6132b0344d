/** Counters of the ingest path by name; exposed as they are at `/metrics`. A number that only grows, since start. */
export const COUNTERS = {
  hd_messages_received_total: 'Telemetry messages received',
  hd_messages_acknowledged_total: 'Messages acknowledged after they were durable',
  hd_messages_resent_total: 'Messages without time recognised as sent again',
  hd_readings_accepted_total: 'Readings made durable',
  hd_readings_no_value_total: 'Values the device said it does not have',
  hd_readings_out_of_range_total: 'Readings outside the physical range',
  hd_sequence_gaps_total: 'Missing sequence numbers of devices',
  hd_sequence_repeats_total: 'Repeated sequence numbers of devices',
  hd_unknown_keys_total: 'Top-level keys that mean nothing, counted once per device and key',
  hd_quarantined_messages_total: 'Messages of which something went to quarantine',
  hd_quarantine_failures_total: 'Failed attempts to write to quarantine',
  hd_journal_refusals_total: 'Batches the journal could not take',
  hd_connections_refused_total: 'MQTT connections refused',
  hd_connections_closed_by_rate_total: 'MQTT connections closed for sending too fast',
  hd_messages_slowed_total: 'Messages held back for sending too fast',
  hd_unauthorised_publishes_total: 'Publishes to topics the device has no right to',
  hd_attributes_rejected_total: 'Attribute messages that could not be read',
  hd_store_retries_total: 'Failed attempts to write to the time-series store',
} as const;
export type CounterName = keyof typeof COUNTERS;

export interface IngestMetrics {
  add(name: CounterName, by?: number): void;
  value(name: CounterName): number;
}

export function createIngestMetrics(): IngestMetrics {
  const counts = Object.fromEntries(Object.keys(COUNTERS).map((name) => [name, 0])) as Record<CounterName, number>;
  return {
    add(name, by = 1) {
      counts[name] += by;
    },
    value: (name) => counts[name],
  };
}
