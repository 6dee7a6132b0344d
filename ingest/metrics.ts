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
  hd_carried_frames_total: 'Frames of devices that a gateway or network server carried',
  hd_carrier_replies_total: 'Messages sent to gateways about what they sent, as to repeat a birth',
  hd_codec_calls_total: 'Payloads given to JavaScript codecs',
  hd_codec_failures_total: 'Payloads a codec could not decode',
  hd_codec_limits_total: 'Codec calls that took too much time or memory',
  hd_codec_suspended_total: 'Payloads not given to their codec because it had taken too much time',
  hd_codec_trials_total: 'Codecs tried out by people',
  hd_codec_threads_ended_total: 'Codec threads ended because a call could not be interrupted',
  hd_batches_refused_total: 'Batches of messages that journal or quarantine could not take: not acknowledged',
  hd_messages_waited_for_room_total: 'Messages that waited because too many were on their way to the disk',
  hd_connections_refused_total: 'MQTT connections refused',
  hd_registrations_total: 'Devices that registered themselves with a profile’s secret',
  hd_registrations_refused_total: 'Registrations refused, each with its code',
  hd_certificates_bound_total: 'Certificates bound to a device on their first connection',
  hd_certificates_refused_total: 'Connections refused because of their certificate',
  hd_connections_broken_total:
    'MQTT connections closed by an error: of the protocol, of the network, or of keeping what came',
  hd_packets_too_large_total: 'MQTT packets larger than allowed; each closes its connection',
  hd_connections_closed_by_rate_total: 'Devices cut off for sending too fast',
  hd_sessions_taken_over_total: 'Connections closed because the device has a newer one at another gateway',
  hd_messages_slowed_total: 'Messages held back for sending too fast',
  hd_messages_dropped_by_rate_total: 'Messages of cut connections that were neither kept nor acknowledged',
  hd_subscriptions_refused_total: 'Subscriptions refused: not the device’s own topics, another agency’s, or too many',
  hd_deliveries_withheld_total:
    'Deliveries withheld from subscribers whose wildcard spans more than their agency and rights',
  hd_queued_messages_dropped_total: 'Messages not kept for a session that had too many waiting',
  hd_status_changes_dropped_total: 'Status changes given up because the registry could not take them for long',
  hd_unauthorised_publishes_total: 'Publishes to topics the device has no right to',
  hd_notices_not_repeated_total: 'Notices about a device not raised again so soon',
  hd_source_messages_total: 'Messages taken from other brokers',
  hd_source_retries_total: 'Messages of other brokers that waited because the journal could not take them',
  hd_source_disconnects_total: 'Connections to other brokers that ended',
  hd_source_subscriptions_refused_total: 'Subscriptions that other brokers refused',
  hd_commands_published_total: 'Commands published to devices, repeats included',
  hd_device_answers_total: 'Answers of devices to commands and configurations',
  hd_device_answers_rejected_total: 'Answers that could not be read or belong to nothing that was asked',
  hd_firmware_offers_total: 'Devices that were offered an image',
  hd_firmware_downloads_total: 'Downloads of images by devices, parts of one included',
  hd_firmware_downloads_broken_total: 'Downloads whose connection broke',
  hd_firmware_downloads_refused_total:
    'Downloads refused: no such image for the device, a bad token or range, or too many at once',
  hd_firmware_bytes_sent_total: 'Bytes of images sent to devices',
  hd_station_files_imported_total: 'Files of stations imported, whole or in part',
  hd_station_files_failed_total: 'Files of stations of which nothing could be used',
  hd_station_files_exported_total: 'Files of stations written',
  hd_attributes_rejected_total: 'Attribute messages that could not be read',
  hd_attributes_waited_total: 'Attribute messages that waited in memory because the registry was away',
  hd_attributes_refused_total: 'Attribute messages not acknowledged because too many values waited for the registry',
  hd_damaged_total: 'Files, journal entries and quarantined messages found damaged and set aside',
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
