import type { GatewayId } from './identifiers.ts';
import type { EpochMs } from './time.ts';

/** What a process of a city does. */
export const PROCESS_ROLES = ['gateway', 'worker', 'api'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

/** Counters of what was refused, held back, repeated or set aside: nothing is lost without one of these showing it. */
export const LOSS_COUNTERS = [
  'hd_quarantined_messages_total',
  'hd_quarantine_evicted_messages',
  'hd_readings_out_of_range_total',
  'hd_sequence_gaps_total',
  'hd_batches_refused_total',
  'hd_connections_refused_total',
  'hd_connections_closed_by_rate_total',
  'hd_messages_slowed_total',
  'hd_messages_dropped_by_rate_total',
  'hd_packets_too_large_total',
  'hd_unauthorised_publishes_total',
  'hd_subscriptions_refused_total',
  'hd_queued_messages_dropped_total',
  'hd_status_changes_dropped_total',
  'hd_codec_failures_total',
  'hd_codec_limits_total',
  'hd_damaged_total',
  'hd_store_retries_total',
  'hd_live_frames_held_back_total',
  'hd_live_clients_refused_total',
  'hd_api_queries_refused_total',
] as const;

/** What of the way of a reading is counted in several processes and only has a meaning together. */
export const PATH_COUNTERS = ['hd_messages_received_total', 'hd_live_frames_sent_total', ...LOSS_COUNTERS] as const;
export type PathCounter = (typeof PATH_COUNTERS)[number];
export type PathCounts = Readonly<Record<PathCounter, number>>;

/** What a process has counted since its start, and what it takes of its machine. */
export interface ProcessCounters {
  /** `null`: everything, alone. */
  readonly roles: readonly ProcessRole[] | null;
  readonly version: string;
  /** By its own clock. */
  readonly startedAt: EpochMs;
  readonly counts: PathCounts;
  /** Screens connected now. */
  readonly liveClients: number;
  /** Journal entries that rules have still to judge, where this process judges; `null` elsewhere. */
  readonly unjudgedEntries: number | null;
  /** Processor time since its start, seconds over all threads. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** 99th percentile, since its start, of how late a timer of 20 ms was. */
  readonly eventLoopMs: number;
  /** Where its data directory lies. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}

interface Tally {
  startedAt: EpochMs;
  counts: PathCounts;
  /** What its earlier runs came to, without what was counted before anybody asked. */
  before: PathCounts;
}

/**
 * Adds up what the processes of a city count, to sums that only grow: what a process counted stays while it is away and when it begins anew, and one that is
 * heard of late counts from then on. Holds as many processes as were ever heard of.
 */
export class CountersTogether {
  readonly #tallies = new Map<GatewayId, Tally>();
  #takenAt: EpochMs | null = null;

  take(at: EpochMs, heard: ReadonlyMap<GatewayId, Pick<ProcessCounters, 'startedAt' | 'counts'>>): PathCounts {
    for (const [id, { startedAt, counts }] of heard) {
      const known = this.#tallies.get(id);
      if (known === undefined) {
        const isHeardLate = this.#takenAt !== null && startedAt < this.#takenAt;
        this.#tallies.set(id, { startedAt, counts, before: each((name) => (isHeardLate ? -counts[name] : 0)) });
        continue;
      }
      if (known.startedAt !== startedAt) {
        const { before, counts: last } = known;
        known.before = each((name) => before[name] + last[name]);
      }
      known.startedAt = startedAt;
      known.counts = counts;
    }
    this.#takenAt = at;
    const tallies = [...this.#tallies.values()];
    return each((name) => tallies.reduce((sum, { before, counts }) => sum + before[name] + counts[name], 0));
  }
}

const each = (count: (name: PathCounter) => number): PathCounts =>
  Object.fromEntries(PATH_COUNTERS.map((name) => [name, count(name)])) as PathCounts;
