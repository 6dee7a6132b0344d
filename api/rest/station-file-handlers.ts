import { basename } from 'node:path';
import { may } from '../../domain/access.ts';
import type { Language } from '../../domain/localized.ts';
import type { StationFilePreview, StationReceipt } from '../../domain/ports/station-files.ts';
import { qualityName } from '../../domain/quality.ts';
import type { Station } from '../../domain/station.ts';
import { ucumOfStationUnit } from '../../domain/station-file.ts';
import { unitConversion } from '../../domain/unit.ts';
import { type Caller, rolesOf } from '../auth/caller.ts';
import {
  PREVIEW_RECORDS_MAX,
  type StationFilePreviewWire,
  type StationReceiptWire,
} from '../contract/station-files.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type StationFileRoutes =
  | 'GET /stations'
  | 'POST /stations'
  | 'GET /stations/{stationCode}'
  | 'PUT /stations/{stationCode}'
  | 'DELETE /stations/{stationCode}'
  | 'GET /station-files'
  | 'GET /station-files/status'
  | 'POST /station-files/preview'
  | 'POST /station-files'
  | 'POST /station-files/{fileKey}/retry';

export function stationFileHandlers(ports: HandlerPorts): Handlers<StationFileRoutes> {
  const { bus, catalogue, duties, registry, stationFiles, settings } = ports;

  const requireUnits = ({ parameters }: Pick<Station, 'parameters'>, language: Language): void => {
    parameters.forEach(({ quantity, unit }, i) => {
      const known = catalogue.get(quantity);
      if (!known) throw inputRefused(`parameters.${i}.quantity`, 'refusal.quantityUnknown', language);
      if (!unitConversion(ucumOfStationUnit(unit) ?? known.unit, known.unit).ok)
        throw inputRefused(`parameters.${i}.unit`, 'refusal.unitNotConvertible', language);
    });
  };
  const changed = (station: Station): Station => {
    bus.publish('stations.changed', { agencyId: station.agencyId });
    return station;
  };
  /** Another agency's station isn't there: its files are those of an unknown one. */
  const manages = (caller: Caller, station: Pick<Station, 'agencyId'>): boolean =>
    may(rolesOf(caller), 'rules.write', station.agencyId);
  const requireSmall = (bytes: Uint8Array): void => {
    if (bytes.length > settings.limits.stationFileBytes)
      throw new ApiError('BODY_TOO_LARGE', { limitBytes: settings.limits.stationFileBytes });
  };

  return {
    async 'GET /stations'({ view }) {
      return { items: await view.stations.list() };
    },
    async 'POST /stations'({ view, body, language }) {
      const { code, agencyId, station } = body;
      requireUnits(station, language);
      return changed(await view.stations.create({ ...station, code, agencyId }));
    },
    async 'GET /stations/{stationCode}'({ view, params }) {
      return view.stations.get(params.stationCode);
    },
    async 'PUT /stations/{stationCode}'({ view, params, body, version, language }) {
      requireUnits(body, language);
      return changed(await view.stations.update({ ...body, code: params.stationCode, version }));
    },
    async 'DELETE /stations/{stationCode}'({ view, params, version }) {
      const station = await view.stations.get(params.stationCode);
      await view.stations.remove(params.stationCode, version);
      changed(station);
    },
    async 'GET /station-files'({ view, query }) {
      const { items, next } = await view.stations.receipts(given('state', query.state), pageOf(query));
      return { items: items.map(receiptWire), next };
    },
    async 'GET /station-files/status'({ caller }) {
      const { watched, exported } = await duties.stationFolders();
      // Where on the server it lies is for those who run the server.
      const shown = (folder: string | null): string | null =>
        folder === null || may(rolesOf(caller), 'platform.administer', null) ? folder : basename(folder);
      return {
        watched: { ...watched, folder: shown(watched.folder) },
        exported: { ...exported, folder: shown(exported.folder) },
      };
    },
    async 'POST /station-files/preview'({ body, query, caller }) {
      requireSmall(body.bytes);
      const preview = await stationFiles.preview(query.fileName, body.bytes);
      return previewWire(
        preview.station === null || manages(caller, preview.station)
          ? preview
          : { station: null, refusal: 'STATION_UNKNOWN', outcomes: [], before: null },
      );
    },
    async 'POST /station-files'({ view, body, query, caller }) {
      requireSmall(body.bytes);
      const { station } = await stationFiles.preview(query.fileName, body.bytes);
      if (station !== null && !manages(caller, station)) throw new ApiError('NOT_FOUND', { id: station.code });
      const by = caller.kind === 'person' ? caller.userId : null;
      const receipt = await stationFiles.import(query.fileName, body.bytes, { source: 'upload', by });
      await view.stations.noteFile('import', receipt);
      return receiptWire(receipt);
    },
    async 'POST /station-files/{fileKey}/retry'({ view, params, caller }) {
      const receipt = await registry.stations.receipt(params.fileKey);
      const isOurs = receipt?.agencyId == null || manages(caller, { agencyId: receipt.agencyId });
      if (!receipt || !isOurs || receipt.state !== 'failed' || !(await duties.retryStationFile(receipt)))
        throw new ApiError('NOT_FOUND', { id: params.fileKey });
      await view.stations.noteFile('retry', receipt);
    },
  };
}

const receiptWire = ({ path, ...receipt }: StationReceipt): StationReceiptWire => ({
  ...receipt,
  retryable: receipt.state === 'failed' && path !== null,
});

function previewWire({ station, refusal, outcomes, before }: StationFilePreview): StationFilePreviewWire {
  const counts = { readings: 0, refused: 0, unreadable: 0 };
  const unknown = new Map<string, number>();
  for (const outcome of outcomes) {
    counts[outcome.kind === 'reading' ? 'readings' : outcome.kind]++;
    if (outcome.kind === 'refused' && outcome.code === 'UNKNOWN_QUANTITY')
      unknown.set(outcome.record.symbol, (unknown.get(outcome.record.symbol) ?? 0) + 1);
  }
  return {
    station,
    refusal,
    counts,
    unknownSymbols: [...unknown].map(([symbol, records]) => ({ symbol, records })),
    outcomes: outcomes.slice(0, PREVIEW_RECORDS_MAX).map((outcome) => {
      if (outcome.kind === 'unreadable') return { kind: outcome.kind, ...outcome.problem };
      const { record: _place, ...record } = outcome.record;
      return outcome.kind === 'reading'
        ? { ...outcome, record, quality: qualityName(outcome.quality) }
        : { ...outcome, record };
    }),
    before: before && receiptWire(before),
  };
}
