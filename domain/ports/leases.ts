import type { Brand } from '../brand.ts';
import type { DutyName } from '../duties.ts';
import type { DurationMs } from '../time.ts';
import type { ConsumerName, JournalSequence } from './journal.ts';

/** A process that does duties; a new one at each start. */
export type WorkerId = Brand<string, 'WorkerId'>;

/** The right to do a duty: each time it changes hands its epoch is higher. */
export interface Lease {
  readonly duty: DutyName;
  readonly epoch: number;
}

/** A lease with how far its consumers of the journal have come. */
export interface HeldLease extends Lease {
  readonly passed: readonly (readonly [consumer: ConsumerName, sequence: JournalSequence])[];
}

/** What was written under a lease that is another's by now: none of it is kept. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly code = 'LEASE_LOST';
  readonly lease: Lease;
  constructor(lease: Lease) {
    super(`LEASE_LOST ${lease.duty} ${lease.epoch}`);
    this.lease = lease;
  }
}

export interface DutyRoster {
  /** Those heard of in time. */
  readonly workers: readonly WorkerId[];
  readonly holders: ReadonlyMap<DutyName, WorkerId>;
  /** How far each consumer has come, as its holder said last. */
  readonly passed: ReadonlyMap<ConsumerName, JournalSequence>;
}

/**
 * Who does what, for workers that share a registry. Times are the registry's own: no worker's clock has a say. A lease that has run out stays its holder's until
 * somebody takes it.
 */
export interface Leases {
  /** `null` while another holds it. */
  acquire(duty: DutyName, worker: WorkerId, ttl: DurationMs): Promise<Lease | null>;
  /** The worker is there, and goes on with what it holds, for `ttl` from now on. Returns those that are another's. What was passed never goes back. */
  renew(worker: WorkerId, held: readonly HeldLease[], ttl: DurationMs): Promise<readonly Lease[]>;
  /** Others may have it at once. Nothing when it is another's. */
  release(lease: Lease): Promise<void>;
  /** The worker is gone: its leases are free. */
  leave(worker: WorkerId): Promise<void>;
  roster(): Promise<DutyRoster>;
}
