import type { StationFiles, StationFoldersStatus, StationReceipt } from '../../domain/ports/station-files.ts';
import type { RetentionStatus } from '../../domain/retention.ts';
import { seconds } from '../../domain/time.ts';
import type { AskGateways } from './ask-gateways.ts';

/** How far the duties are that people see something of, in whichever process they are done. */
export interface DutyDesk {
  retention(): Promise<RetentionStatus>;
  stationFolders(): Promise<StationFoldersStatus>;
  /** Puts a failed file back into the watched folder. False when it isn't there any more, or nobody watches. */
  retryStationFile(receipt: StationReceipt): Promise<boolean>;
}

/** What is shown while the one who does the duty is not heard of. */
export interface WithoutDuties {
  readonly retention: { status(): RetentionStatus };
  readonly stationFiles: Pick<StationFiles, 'status'>;
}

/** Pages ask again every few seconds: one that does not answer must not hold them up. */
const ANSWERED_WITHIN = seconds(1);

export function createDutyDesk(ask: AskGateways, without: WithoutDuties): DutyDesk {
  return {
    async retention() {
      const { answers } = await ask('retention.status', null, ANSWERED_WITHIN);
      return answers.find(({ answer }) => answer !== null)?.answer ?? without.retention.status();
    },
    async stationFolders() {
      const { answers } = await ask('station-files.status', null, ANSWERED_WITHIN);
      return answers.find(({ answer }) => answer !== null)?.answer ?? without.stationFiles.status();
    },
    async retryStationFile(receipt) {
      return (await ask('station-files.retry', { receipt })).answers.some(({ answer }) => answer);
    },
  };
}
