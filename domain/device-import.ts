import type { DeviceState } from './asset.ts';
import { isNewDeviceState, NEW_DEVICE_STATES, type NewDeviceState } from './device-life.ts';
import { type AgencyId, DEVICE_ID_PATTERN, type DeviceId, type DeviceModelId, type PointId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';

/** Columns of a sheet of devices, in the order they are exported. `id` and `model` must be there. */
export const IMPORT_COLUMNS = ['id', 'agency', 'model', 'serial', 'state', 'point'] as const;
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];
const REQUIRED_COLUMNS = ['id', 'model'] as const satisfies readonly ImportColumn[];

/** Other headings that people write, in the form of `plainHeading`. */
const OTHER_HEADINGS: Readonly<Record<string, ImportColumn>> = {
  'device id': 'id',
  device: 'id',
  'ma thiet bi': 'id',
  'agency id': 'agency',
  'co quan': 'agency',
  'model id': 'model',
  'loai thiet bi': 'model',
  'serial number': 'serial',
  'so serial': 'serial',
  'so se ri': 'serial',
  'trang thai': 'state',
  'point id': 'point',
  'diem do': 'point',
  'ma diem do': 'point',
};
const plainHeading = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

export interface SheetColumns {
  /** Where each known column is, by its position in the sheet. */
  readonly positions: ReadonlyMap<ImportColumn, number>;
  /** Headings that mean nothing here; their cells are left aside. */
  readonly unknown: readonly string[];
  readonly missing: readonly ImportColumn[];
  /** Columns that occur more than once. */
  readonly repeated: readonly ImportColumn[];
}

/** Reads a sheet's heading. Case, diacritics and blanks don't matter. */
export function readHeading(cells: readonly string[]): SheetColumns {
  const positions = new Map<ImportColumn, number>();
  const unknown: string[] = [];
  const repeated = new Set<ImportColumn>();
  for (const [position, cell] of cells.entries()) {
    const heading = plainHeading(cell);
    if (heading === '') continue;
    const column = IMPORT_COLUMNS.find((name) => name === heading) ?? OTHER_HEADINGS[heading];
    if (column === undefined) unknown.push(cell.trim());
    else if (positions.has(column)) repeated.add(column);
    else positions.set(column, position);
  }
  const missing = REQUIRED_COLUMNS.filter((column) => !positions.has(column));
  return { positions, unknown, missing, repeated: [...repeated] };
}

/** One row of a sheet: what is written under the known columns, blanks around it removed; empty cells are absent. */
export interface ImportRow {
  /** Of the file, the heading being line 1. */
  readonly line: number;
  readonly cells: Readonly<Partial<Record<ImportColumn, string>>>;
}

export const IMPORT_PROBLEM_CODES = [
  'ID_MISSING',
  'ID_INVALID',
  'ID_REPEATED',
  'ID_TAKEN',
  'AGENCY_DIFFERS',
  'MODEL_MISSING',
  'MODEL_UNKNOWN',
  'MODEL_WITHDRAWN',
  'SERIAL_TOO_LONG',
  'STATE_UNKNOWN',
  'STATE_NOT_FOR_NEW',
  'POINT_UNKNOWN',
  'POINT_MISSING',
  'POINT_NOT_FOR_STATE',
  'POINT_NOT_MEASURED',
  'POINT_SERVED',
  'POINT_REPEATED',
  'DIFFERS',
] as const;
export interface ImportProblem {
  readonly code: (typeof IMPORT_PROBLEM_CODES)[number];
  readonly column: ImportColumn;
  readonly params: Readonly<Record<string, string | number>>;
}

export interface ImportedDevice {
  readonly id: DeviceId;
  readonly modelId: DeviceModelId;
  readonly serialNumber: string | null;
  readonly state: NewDeviceState;
  readonly pointId: PointId | null;
}
/** What an import does with one row. */
export type ImportOutcome =
  | { readonly kind: 'create'; readonly line: number; readonly device: ImportedDevice }
  | { readonly kind: 'unchanged'; readonly line: number; readonly id: DeviceId }
  | {
      readonly kind: 'error';
      readonly line: number;
      /** As it is written in the sheet. */
      readonly id: string | null;
      readonly problems: readonly ImportProblem[];
    };

/** The registry as the importing person may see it, for as long as one plan is made. */
export interface ImportSurroundings {
  readonly agencyId: AgencyId;
  /** `taken`: there is one, of an agency that isn't this one. */
  device(id: DeviceId):
    | {
        readonly modelId: DeviceModelId;
        readonly serialNumber: string | null;
        readonly state: DeviceState;
        readonly points: readonly PointId[];
      }
    | 'taken'
    | undefined;
  /** `withdrawn`: no new device may be of it. */
  model(id: DeviceModelId): { readonly measures: ReadonlySet<QuantityKey>; readonly withdrawn: boolean } | undefined;
  /** A point of the agency; `served`: its quantities that devices serve now. */
  point(
    id: PointId,
  ): { readonly quantities: readonly QuantityKey[]; readonly served: ReadonlySet<QuantityKey> } | undefined;
}

const SERIAL_LENGTH_MAX = 120;

/**
 * What each row of a sheet would do, in the rows' order; nothing is written. The same rows and the same surroundings give the same plan,
 * so that a plan made again just before it is carried out shows whether anything that matters has changed since.
 */
export function planImport(rows: readonly ImportRow[], around: ImportSurroundings): readonly ImportOutcome[] {
  const firstLineOf = new Map<string, number>();
  const pointsGiven = new Map<string, number>();
  return rows.map((row): ImportOutcome => {
    const { line, cells } = row;
    const problems: ImportProblem[] = [];
    const wrong = (code: ImportProblem['code'], column: ImportColumn, params: ImportProblem['params'] = {}): void => {
      problems.push({ code, column, params });
    };
    const id = cells.id ?? null;
    if (id === null) wrong('ID_MISSING', 'id');
    else if (!DEVICE_ID_PATTERN.test(id)) wrong('ID_INVALID', 'id', { id: id.slice(0, 80) });
    else if (firstLineOf.has(id)) wrong('ID_REPEATED', 'id', { line: firstLineOf.get(id) ?? 0 });
    else firstLineOf.set(id, line);
    if (cells.agency !== undefined && cells.agency !== around.agencyId)
      wrong('AGENCY_DIFFERS', 'agency', { agency: around.agencyId });
    if (cells.model === undefined) wrong('MODEL_MISSING', 'model');
    const model = cells.model === undefined ? undefined : around.model(cells.model as DeviceModelId);
    if (cells.model !== undefined && !model) wrong('MODEL_UNKNOWN', 'model', { model: cells.model.slice(0, 80) });
    if ((cells.serial ?? '').length > SERIAL_LENGTH_MAX)
      wrong('SERIAL_TOO_LONG', 'serial', { limit: SERIAL_LENGTH_MAX });
    if (problems.length > 0 || id === null) return { kind: 'error', line, id, problems };

    const known = around.device(id as DeviceId);
    if (known === 'taken') wrong('ID_TAKEN', 'id', { id });
    else if (known) compareWithKnown(row, known, wrong);
    else {
      const device = newDevice(row, around, pointsGiven, wrong);
      if (device) return { kind: 'create', line, device };
    }
    if (problems.length > 0) return { kind: 'error', line, id, problems };
    return { kind: 'unchanged', line, id: id as DeviceId };
  });
}

type Wrong = (code: ImportProblem['code'], column: ImportColumn, params?: ImportProblem['params']) => void;

/** An import never edits: a row about a device that is there must say what is so, or nothing. */
function compareWithKnown(
  { cells }: ImportRow,
  known: Exclude<ReturnType<ImportSurroundings['device']>, 'taken' | undefined>,
  wrong: Wrong,
): void {
  const differs = (column: ImportColumn, is: string): void =>
    wrong('DIFFERS', column, { is, row: (cells[column] ?? '').slice(0, 80) });
  if (cells.model !== known.modelId) differs('model', known.modelId);
  if (cells.serial !== undefined && cells.serial !== known.serialNumber) differs('serial', known.serialNumber ?? '');
  if (cells.state !== undefined && cells.state !== known.state) differs('state', known.state);
  if (cells.point !== undefined) {
    const given = cells.point.split(POINT_SEPARATOR).sort().join(POINT_SEPARATOR);
    const is = [...known.points].sort().join(POINT_SEPARATOR);
    if (given !== is) differs('point', is);
  }
}

/** Between the points of a device that serves several, in an exported cell. */
export const POINT_SEPARATOR = ';';

function newDevice(
  { line, cells }: ImportRow,
  around: ImportSurroundings,
  pointsGiven: Map<string, number>,
  wrong: Wrong,
): ImportedDevice | null {
  const state = cells.state ?? (cells.point === undefined ? 'in_stock' : 'installed');
  const modelId = cells.model as DeviceModelId;
  let fits = true;
  const refuse: Wrong = (...problem) => {
    fits = false;
    wrong(...problem);
  };
  if (around.model(modelId)?.withdrawn) refuse('MODEL_WITHDRAWN', 'model', { model: modelId });
  if (!isNewDeviceState(state)) {
    const isState = ['commissioned', 'in_maintenance', 'retired'].includes(state);
    refuse(isState ? 'STATE_NOT_FOR_NEW' : 'STATE_UNKNOWN', 'state', {
      state: state.slice(0, 40),
      states: NEW_DEVICE_STATES.join(', '),
    });
    return null;
  }
  if (cells.point === undefined) {
    if (state === 'installed') refuse('POINT_MISSING', 'point');
  } else if (state !== 'installed') refuse('POINT_NOT_FOR_STATE', 'point', { state });
  else {
    const point = around.point(cells.point as PointId);
    const measures = around.model(modelId)?.measures ?? new Set();
    const wanted = point?.quantities.filter((quantity) => measures.has(quantity)) ?? [];
    // Two devices may share a point when they measure different things there.
    const clash = wanted.find((quantity) => pointsGiven.has(`${cells.point} ${quantity}`));
    if (!point) refuse('POINT_UNKNOWN', 'point', { point: cells.point.slice(0, 80) });
    else if (wanted.length === 0) refuse('POINT_NOT_MEASURED', 'point', { point: cells.point });
    else if (wanted.some((quantity) => point.served.has(quantity)))
      refuse('POINT_SERVED', 'point', { point: cells.point });
    else if (clash !== undefined)
      refuse('POINT_REPEATED', 'point', {
        point: cells.point,
        line: pointsGiven.get(`${cells.point} ${clash}`) ?? 0,
      });
    else for (const quantity of wanted) pointsGiven.set(`${cells.point} ${quantity}`, line);
  }
  if (!fits) return null;
  return {
    id: cells.id as DeviceId,
    modelId,
    serialNumber: cells.serial ?? null,
    state,
    pointId: (cells.point as PointId | undefined) ?? null,
  };
}

/** Lines whose outcome is another one now; what changed elsewhere doesn't matter. */
export function changedLines(planned: readonly ImportOutcome[], now: readonly ImportOutcome[]): readonly number[] {
  return planned.flatMap((outcome, i) => (JSON.stringify(outcome) === JSON.stringify(now[i]) ? [] : [outcome.line]));
}

/** What has been done with an imported device since, so that taking it back would lose something. */
export const IMPORT_OBSTACLES = [
  'EDITED',
  'STEP_TAKEN',
  'CREDENTIAL_ADDED',
  'ASSIGNED',
  'CONNECTED',
  'CLAIM_MADE',
  'ORDERED',
] as const;
export interface ImportObstacle {
  readonly deviceId: DeviceId;
  readonly code: (typeof IMPORT_OBSTACLES)[number];
}
