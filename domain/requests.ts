import type { AgencyId, DeviceId, QuarantineId } from './identifiers.ts';
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

interface Request<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: Answer;
}

/** Everything that gateways are asked over the bus: name → question and what each gateway answers for itself. Sets don't travel. */
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
}
