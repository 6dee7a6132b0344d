import type { BacktestJob } from './backtest-job.ts';
import type { AgencyId, DeviceId, QuarantineId, UserId } from './identifiers.ts';
import type { CodecSuspension } from './ports/codec-bench.ts';
import type { DeviceWatch } from './ports/device-tail.ts';
import type {
  HeldCount,
  HeldIdentity,
  HeldMessage,
  QuarantineFilter,
  QuarantineStatus,
  ReplayOutcome,
} from './ports/quarantine.ts';
import type { StationFoldersStatus, StationReceipt } from './ports/station-files.ts';
import type { ProcessCounters } from './process-counters.ts';
import type { RetentionStatus } from './retention.ts';

interface Request<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: Answer;
}

/** Everything that processes are asked over the bus: name → question and what each of them answers for itself. Sets don't travel. */
export interface PlatformRequests {
  /** Newest first; `bytesAtMost`: those of longer messages are left out. `isCut`: there are more that would have been too much for one answer. */
  'quarantine.list': Request<
    {
      readonly filter: QuarantineFilter;
      readonly limit: number;
      readonly after: QuarantineId | null;
      readonly bytesAtMost: number;
    },
    { readonly messages: readonly HeldMessage[]; readonly isCut: boolean }
  >;
  /** With its bytes; `null`: it is not held here. */
  'quarantine.get': Request<{ readonly id: QuarantineId }, HeldMessage | null>;
  /** Those of them that are held here. */
  'quarantine.some': Request<{ readonly ids: readonly QuarantineId[] }, readonly HeldIdentity[]>;
  'quarantine.count': Request<{ readonly filter: QuarantineFilter }, number>;
  'quarantine.counts': Request<
    { readonly agencies: readonly AgencyId[] | 'all' },
    { readonly counts: readonly HeldCount[]; readonly status: QuarantineStatus }
  >;
  /** Whether it was held here. */
  'quarantine.discard': Request<{ readonly id: QuarantineId }, boolean>;
  /** Of the messages held here. */
  'quarantine.replay': Request<
    { readonly ids: readonly QuarantineId[]; readonly backfill: boolean },
    readonly ReplayOutcome[]
  >;
  'tail.watch': Request<{ readonly deviceId: DeviceId }, DeviceWatch>;
  /** `null`: the codec runs here, or was never asked to. */
  'codec.suspension': Request<{ readonly source: string }, CodecSuspension | null>;
  'codec.lift': Request<{ readonly source: string }, null>;
  /** Answered when what was announced of devices and models before the question holds for messages. */
  'directory.settled': Request<null, null>;
  'process.counters': Request<null, ProcessCounters>;
  /** `null`: nothing is retired here. */
  'retention.status': Request<null, RetentionStatus | null>;
  /** `null`: the folders are watched elsewhere, or by nobody. */
  'station-files.status': Request<null, StationFoldersStatus | null>;
  /** Whether it was put back here. */
  'station-files.retry': Request<{ readonly receipt: StationReceipt }, boolean>;
  /** Of the person `by`; `null`: it is not run here. */
  'backtest.get': Request<{ readonly by: UserId; readonly id: string }, BacktestJob | null>;
  /** Whether it was here. */
  'backtest.cancel': Request<{ readonly by: UserId; readonly id: string }, boolean>;
}
