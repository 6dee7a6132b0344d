import { agenciesWith } from '../../domain/access.ts';
import type { ImportOutcome } from '../../domain/device-import.ts';
import type { AgencyId, DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import type { SheetDevice } from '../../domain/ports/device-registry.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { type Caller, rolesOf } from '../auth/caller.ts';
import { newSecret, sha256Hex } from '../auth/secrets.ts';
import type { ImportOutcomeWire } from '../contract/device-imports.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { fill } from '../problem-texts.ts';
import { CSV_MEDIA_TYPE, writeCsv, XLSX_MEDIA_TYPE } from '../sheets/device-sheet.ts';
import { IMPORT_PROBLEM_TEXTS } from '../sheets/import-texts.ts';
import { createSheetDesk } from '../sheets/sheet-desk.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type ImportRoutes =
  | 'GET /device-export'
  | 'GET /device-imports'
  | 'POST /device-imports'
  | 'GET /device-imports/{importId}'
  | 'GET /device-imports/{importId}/rows'
  | 'POST /device-imports/{importId}/apply'
  | 'GET /device-imports/{importId}/obstacles'
  | 'POST /device-imports/{importId}/undo';

const outcomeWire = (outcome: ImportOutcome): ImportOutcomeWire =>
  outcome.kind !== 'error'
    ? outcome
    : {
        ...outcome,
        problems: outcome.problems.map(({ code, column, params }) => ({
          code,
          column,
          params: { ...params },
          message: Object.fromEntries(
            LANGUAGES.map((language) => [language, fill(IMPORT_PROBLEM_TEXTS[code][language], params)]),
          ) as Record<Language, string>,
        })),
      };

/** The agency asked for, or the only one in which the caller holds the permission. @throws {ApiError} INPUT_INVALID when that isn't one. */
export function chosenAgency(
  caller: Caller,
  permission: 'read' | 'assets.write',
  asked: AgencyId | undefined,
  language: Language,
): AgencyId {
  if (asked !== undefined) return asked;
  const held = agenciesWith(rolesOf(caller), permission);
  const [only, ...more] = held === 'all' ? [] : held;
  if (only === undefined || more.length > 0) throw inputRefused('agency', 'refusal.agencyNeeded', language);
  return only;
}

/** Two devices nobody has, of a model the agency may use: one for the stock, one claimed. */
async function templateFor(view: RegistryView, agencyId: AgencyId): Promise<readonly SheetDevice[]> {
  const model = (await view.models.list()).find((each) => each.agencyId === null || each.agencyId === agencyId);
  const modelId = model?.id ?? ('model-id' as DeviceModelId);
  return (['in_stock', 'claimed'] as const).map((state, i) => ({
    id: `example-${i + 1}` as DeviceId,
    agencyId,
    modelId,
    serialNumber: `SN-000${i + 1}`,
    state,
    points: [],
  }));
}

export function deviceImportHandlers(ports: HandlerPorts): Handlers<ImportRoutes> {
  const { bus, newId, randomBytes, settings } = ports;
  const sheets = createSheetDesk(settings.limits);
  const changed = (ids: readonly DeviceId[]): void => {
    for (const deviceId of ids) bus.publish('device.changed', { deviceId });
  };

  return {
    async 'GET /device-export'({ view, query, caller, language }) {
      const agency = chosenAgency(caller, 'read', query.agency, language);
      const devices = query.template ? await templateFor(view, agency) : await view.imports.sheet(agency);
      const name = query.template ? 'devices-template' : `devices-${agency}`;
      return query.format === 'xlsx'
        ? { bytes: await sheets.write(devices), fileName: `${name}.xlsx`, mediaType: XLSX_MEDIA_TYPE }
        : {
            bytes: writeCsv(devices),
            fileName: `${name}.csv`,
            mediaType: `${CSV_MEDIA_TYPE}; charset=utf-8`,
          };
    },
    async 'GET /device-imports'({ view, query }) {
      return { items: await view.imports.list(query.limit) };
    },
    async 'POST /device-imports'({ view, query, body, caller, language }) {
      const agencyId = chosenAgency(caller, 'assets.write', query.agency, language);
      const sheet = await sheets.read(body.bytes, body.mediaType, settings.limits.importRows);
      if (!sheet.ok) throw new ApiError('IMPORT_UNREADABLE', { reason: sheet.error[language] });
      return view.imports.preview({
        id: newId(),
        agencyId,
        fileName: query.fileName ?? (body.mediaType === XLSX_MEDIA_TYPE ? 'devices.xlsx' : 'devices.csv'),
        ...sheet.value,
      });
    },
    async 'GET /device-imports/{importId}'({ view, params }) {
      return view.imports.get(params.importId);
    },
    async 'GET /device-imports/{importId}/rows'({ view, params, query }) {
      const from = query.after === undefined ? 0 : Number(query.after);
      if (!Number.isSafeInteger(from) || from < 0) throw new ApiError('CURSOR_INVALID');
      const outcomes = (await view.imports.outcomes(params.importId)).filter(
        ({ kind }) => query.kind === undefined || kind === query.kind,
      );
      const to = from + query.limit;
      return {
        items: outcomes.slice(from, to).map(outcomeWire),
        next: to < outcomes.length ? String(to) : null,
      };
    },
    async 'POST /device-imports/{importId}/apply'({ view, params, body }) {
      const made = !body.tokens
        ? []
        : (await view.imports.outcomes(params.importId)).flatMap((outcome) =>
            outcome.kind === 'create' ? [{ deviceId: outcome.device.id, token: newSecret(randomBytes) }] : [],
          );
      const { done, created } = await view.imports.apply(params.importId, {
        skipErrors: body.skipErrors,
        tokenSha256: new Map(made.map(({ deviceId, token }) => [deviceId, sha256Hex(token)])),
      });
      changed(created);
      return { import: done, created: created.length, tokens: made };
    },
    async 'GET /device-imports/{importId}/obstacles'({ view, params }) {
      return { items: await view.imports.obstacles(params.importId) };
    },
    async 'POST /device-imports/{importId}/undo'({ view, params }) {
      const { done, removed } = await view.imports.undo(params.importId);
      changed(removed);
      return done;
    },
  };
}
