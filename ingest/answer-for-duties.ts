import type { GatewayId } from '../domain/identifiers.ts';
import type { Requests } from '../domain/ports/requests.ts';
import type { StationFiles } from '../domain/ports/station-files.ts';
import type { RetentionStatus } from '../domain/retention.ts';

export interface DutyAnswers {
  readonly bus: Requests;
  readonly process: GatewayId;
  /** `null` while it is another's duty. */
  readonly retention: () => RetentionStatus | null;
  readonly stationFiles: () => Pick<StationFiles, 'status' | 'retry'> | null;
}

/** Says to whoever asks over the bus how far the duties are that this process does. Every process answers, so that nobody is waited for. */
export function answerForDuties({ bus, process, retention, stationFiles }: DutyAnswers): void {
  bus.answer('retention.status', process, retention);
  bus.answer('station-files.status', process, () => stationFiles()?.status() ?? null);
  bus.answer('station-files.retry', process, async ({ receipt }) => (await stationFiles()?.retry(receipt)) ?? false);
}
