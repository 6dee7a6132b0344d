import { createHash } from 'node:crypto';
import type { UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type {
  FileRefusal,
  RecordOutcome,
  StationFilePreview,
  StationReceipt,
} from '../../domain/ports/station-files.ts';
import { QUALITY, qualityName } from '../../domain/quality.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { parameterOf } from '../../domain/station.ts';
import { parseStationFile, parseStationFileName } from '../../domain/station-file.ts';
import type { Clock } from '../../domain/time.ts';
import { emptyDecoded } from '../decode/measurement.ts';
import { stationMeasurement } from '../decode/station-file.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Validator } from '../validate/validate.ts';
import type { KnownStation, StationDirectory } from './station-directory.ts';

export interface StationImportsOptions {
  readonly registry: Pick<Registry, 'stations'>;
  readonly stations: StationDirectory;
  readonly pipeline: Pick<Pipeline, 'accept' | 'room'>;
  /** For previews alone: what it notices is told to nobody. */
  readonly validator: Validator;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
}

export interface ImportedFrom {
  readonly source: StationReceipt['source'];
  readonly by: UserId | null;
  /** Where it lies below the watched folder, when it came from there. */
  readonly path?: string;
}

/** Station files on the way of all readings: decoded, validated, journalled; what can't be used goes to quarantine under the station's name. */
export function createStationImports(options: StationImportsOptions) {
  const { registry, stations, pipeline, validator, metrics, clock } = options;

  const stationOf = (fileName: string): Result<KnownStation, { code: FileRefusal; detail: string }> => {
    const name = parseStationFileName(fileName, { anyParts: true });
    if (!name.ok) return err({ code: name.error, detail: fileName });
    const known = stations.byCode(name.value.station);
    return known ? ok(known) : err({ code: 'STATION_UNKNOWN', detail: name.value.station });
  };

  const settle = async (receipt: StationReceipt): Promise<StationReceipt> => {
    await registry.stations.record(receipt);
    metrics.add(receipt.state === 'failed' ? 'hd_station_files_failed_total' : 'hd_station_files_imported_total');
    return receipt;
  };

  /** A file that was not taken at all; `content` where it could not be read. */
  const refuse = (
    fileName: string,
    content: Uint8Array | string,
    from: ImportedFrom,
    reason: { readonly code: FileRefusal; readonly detail: string },
    known?: KnownStation,
  ): Promise<StationReceipt> =>
    settle({
      ...receiptFor(fileName, content, from, known),
      state: 'failed',
      reason: { ...reason, detail: reason.detail.slice(0, 200) },
    });

  const receiptFor = (
    fileName: string,
    content: Uint8Array | string,
    { source, by, path }: ImportedFrom,
    known: KnownStation | undefined,
  ): Omit<StationReceipt, 'state' | 'reason'> => ({
    key: receiptKey(fileName, content),
    fileName,
    source,
    station: known?.station.code ?? null,
    agencyId: known?.station.agencyId ?? null,
    at: clock(),
    readings: 0,
    refused: 0,
    by,
    path: path ?? null,
  });

  return {
    refuse,

    async import(fileName: string, bytes: Uint8Array, from: ImportedFrom): Promise<StationReceipt> {
      const before = await registry.stations.receipt(receiptKey(fileName, bytes));
      if (before && before.state !== 'failed') return before;
      const found = stationOf(fileName);
      if (!found.ok) return refuse(fileName, bytes, from, found.error);
      await pipeline.room();
      const { accepted, problems } = await pipeline.accept({
        deviceId: found.value.sender.deviceId,
        transport: 'file',
        topic: fileName,
        bytes,
        // A logger keeps sixty days and sends what it could not; people bring what is older.
        backfill: true,
      });
      const outcome = {
        ...receiptFor(fileName, bytes, from, found.value),
        readings: accepted,
        refused: problems.length,
      };
      if (accepted > 0)
        return settle({ ...outcome, state: problems.length === 0 ? 'imported' : 'partly', reason: null });
      const [first] = problems;
      const detail = first ? `${first.code} ${first.quantity ?? ''} ${first.detail}` : '';
      return settle({ ...outcome, state: 'failed', reason: { code: 'NOTHING_USABLE', detail: detail.slice(0, 200) } });
    },

    async preview(fileName: string, bytes: Uint8Array): Promise<StationFilePreview> {
      const before = (await registry.stations.receipt(receiptKey(fileName, bytes))) ?? null;
      const found = stationOf(fileName);
      if (!found.ok && found.error.code !== 'STATION_UNKNOWN')
        return { station: null, refusal: found.error.code, outcomes: [], before };
      const { records, problems } = parseStationFile(bytes);
      const outcomes: { readonly place: number; readonly outcome: RecordOutcome }[] = problems.map((problem) => ({
        place: problem.record ?? -1,
        outcome: { kind: 'unreadable', problem },
      }));
      for (const record of records)
        outcomes.push({ place: record.record, outcome: becomes(record, found.ok ? found.value : null) });
      outcomes.sort((a, b) => a.place - b.place);
      return {
        station: found.ok ? found.value.station : null,
        refusal: found.ok ? null : found.error.code,
        outcomes: outcomes.map(({ outcome }) => outcome),
        before,
      };
    },
  };

  /** What the validator makes of one record, as it will when the file is imported. */
  function becomes(
    record: Extract<RecordOutcome, { kind: 'reading' }>['record'],
    known: KnownStation | null,
  ): RecordOutcome {
    const parameter = known && parameterOf(known.station, record.symbol);
    if (!known || !parameter) return { kind: 'refused', record, code: 'UNKNOWN_QUANTITY', detail: record.symbol };
    const decoded = { ...emptyDecoded(), measurements: [stationMeasurement(record, known.sender)] };
    let value = Number.NaN;
    let quality: (typeof QUALITY)[keyof typeof QUALITY] = QUALITY.GOOD;
    const { accepted } = validator.validate(
      known.sender,
      decoded,
      clock(),
      (_series, _eventTime, _arrivalTime, itsValue, itsQuality) => {
        value = itsValue;
        quality = itsQuality;
      },
      true,
    );
    const [problem] = decoded.problems;
    if (accepted === 0 || problem)
      return { kind: 'refused', record, code: problem?.code ?? 'MALFORMED', detail: problem?.detail ?? '' };
    const { pointId, quantity } = parameter;
    return { kind: 'reading', record, pointId, quantity, value, quality: QUALITY[qualityName(quality)] };
  }
}

/** The same name with other content is another version of the file, and the same content under another station's name is that station's. */
export const receiptKey = (fileName: string, content: Uint8Array | string): string =>
  createHash('sha256').update(fileName).update('\0').update(content).digest('hex');
