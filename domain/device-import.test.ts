import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedLines, IMPORT_COLUMNS, type ImportSurroundings, planImport, readHeading } from './device-import.ts';
import type { AgencyId, DeviceModelId, PointId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';

const PM = 'pm2_5' as QuantityKey;
const NOISE = 'laeq' as QuantityKey;
const around: ImportSurroundings = {
  agencyId: 'env' as AgencyId,
  device: (id) =>
    id === 'air-known'
      ? { modelId: 'air-1' as DeviceModelId, serialNumber: 'SN-1', state: 'commissioned', points: ['p-1' as PointId] }
      : id === 'meter-theirs'
        ? 'taken'
        : undefined,
  model: (id) =>
    id === 'air-1' || id === 'air-old'
      ? { measures: new Set([PM]), withdrawn: id === 'air-old' }
      : id === 'noise-1'
        ? { measures: new Set([NOISE]), withdrawn: false }
        : undefined,
  point: (id) =>
    id === 'p-free'
      ? { quantities: [PM, NOISE], served: new Set() }
      : id === 'p-1'
        ? { quantities: [PM], served: new Set([PM]) }
        : undefined,
};
type Cells = Partial<Record<(typeof IMPORT_COLUMNS)[number], string>>;
const plan = (...rows: Cells[]) =>
  planImport(
    rows.map((cells, i) => ({ line: i + 2, cells })),
    around,
  );
const codes = (...rows: Cells[]) =>
  plan(...rows).map((outcome) =>
    outcome.kind === 'error' ? outcome.problems.map(({ code }) => code).join(' ') : outcome.kind,
  );

describe('the heading of a sheet', () => {
  it('is read in either language, whatever its case and blanks, and what it doesn’t know is named', () => {
    const read = readHeading([' ID ', 'Loại thiết bị', 'so_se_ri', 'Ghi chú', '', 'Điểm đo']);
    expect([...read.positions]).toEqual([
      ['id', 0],
      ['model', 1],
      ['serial', 2],
      ['point', 5],
    ]);
    expect(read).toMatchObject({ unknown: ['Ghi chú'], missing: [], repeated: [] });
  });
  it('must have its columns, once', () => {
    expect(readHeading(['id', 'Mã thiết bị'])).toMatchObject({ missing: ['model'], repeated: ['id'] });
  });
});

describe('the plan of an import', () => {
  it('puts new devices into stock, and those with a point on it', () => {
    expect(
      plan({ id: 'air-1', model: 'air-1', serial: 'X' }, { id: 'air-2', model: 'air-1', point: 'p-free' }),
    ).toEqual([
      {
        kind: 'create',
        line: 2,
        device: { id: 'air-1', modelId: 'air-1', serialNumber: 'X', state: 'in_stock', pointId: null },
      },
      {
        kind: 'create',
        line: 3,
        device: { id: 'air-2', modelId: 'air-1', serialNumber: null, state: 'installed', pointId: 'p-free' },
      },
    ]);
  });
  it('leaves alone what is there already, and never edits it', () => {
    const known = { id: 'air-known', model: 'air-1' };
    expect(codes(known)).toEqual(['unchanged']);
    expect(codes({ ...known, serial: 'SN-1', state: 'commissioned', point: 'p-1', agency: 'env' })).toEqual([
      'unchanged',
    ]);
    expect(codes({ ...known, model: 'noise-1', serial: 'SN-2', state: 'claimed', point: 'p-free' })).toEqual([
      'DIFFERS DIFFERS DIFFERS DIFFERS',
    ]);
  });
  it.each<{ code: string; rows: readonly Cells[] }>([
    { code: 'ID_MISSING', rows: [{ model: 'air-1' }] },
    { code: 'ID_INVALID', rows: [{ id: 'Air 1', model: 'air-1' }] },
    {
      code: 'ID_REPEATED',
      rows: [
        { id: 'air-1', model: 'air-1' },
        { id: 'air-1', model: 'air-1' },
      ],
    },
    { code: 'ID_TAKEN', rows: [{ id: 'meter-theirs', model: 'air-1' }] },
    { code: 'AGENCY_DIFFERS', rows: [{ id: 'air-1', model: 'air-1', agency: 'power' }] },
    { code: 'MODEL_MISSING', rows: [{ id: 'air-1' }] },
    { code: 'MODEL_UNKNOWN', rows: [{ id: 'air-1', model: 'no' }] },
    { code: 'MODEL_WITHDRAWN', rows: [{ id: 'air-1', model: 'air-old' }] },
    { code: 'SERIAL_TOO_LONG', rows: [{ id: 'air-1', model: 'air-1', serial: 'x'.repeat(121) }] },
    { code: 'STATE_UNKNOWN', rows: [{ id: 'air-1', model: 'air-1', state: 'new' }] },
    { code: 'STATE_NOT_FOR_NEW', rows: [{ id: 'air-1', model: 'air-1', state: 'commissioned' }] },
    { code: 'POINT_MISSING', rows: [{ id: 'air-1', model: 'air-1', state: 'installed' }] },
    { code: 'POINT_NOT_FOR_STATE', rows: [{ id: 'air-1', model: 'air-1', state: 'claimed', point: 'p-free' }] },
    { code: 'POINT_UNKNOWN', rows: [{ id: 'air-1', model: 'air-1', point: 'no' }] },
    { code: 'POINT_SERVED', rows: [{ id: 'air-1', model: 'air-1', point: 'p-1' }] },
    { code: 'POINT_NOT_MEASURED', rows: [{ id: 'air-1', model: 'noise-1', point: 'p-1' }] },
    {
      code: 'POINT_REPEATED',
      rows: [
        { id: 'air-1', model: 'air-1', point: 'p-free' },
        { id: 'air-2', model: 'air-1', point: 'p-free' },
      ],
    },
  ])('refuses a row by $code', ({ code, rows }) => expect(codes(...rows).at(-1)).toBe(code));

  it('lets two devices share a point when they measure different things there', () => {
    const rows = [
      { id: 'air-1', model: 'air-1', point: 'p-free' },
      { id: 'ear-1', model: 'noise-1', point: 'p-free' },
    ];
    expect(codes(...rows)).toEqual(['create', 'create']);
  });

  it('has one outcome for every row, whatever is written in it, and the same one each time', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('air-1', 'air-known', 'p-free', 'p-1', 'installed', 'in_stock'));
    const row = fc.record(Object.fromEntries(IMPORT_COLUMNS.map((column) => [column, cell])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const outcomes = plan(...rows);
        expect(outcomes.map(({ line }) => line)).toEqual(rows.map((_, i) => i + 2));
        expect(changedLines(outcomes, plan(...rows))).toEqual([]);
        for (const outcome of outcomes)
          if (outcome.kind === 'error') expect(outcome.problems.length).toBeGreaterThan(0);
        const made = outcomes.flatMap((outcome) => (outcome.kind === 'create' ? [outcome.device.id] : []));
        expect(new Set(made).size).toBe(made.length);
      }),
    );
  });

  it('tells which lines would go otherwise now', () => {
    const before = plan({ id: 'air-1', model: 'air-1' }, { id: 'air-2', model: 'air-1' });
    const after = planImport(
      [
        { line: 2, cells: { id: 'air-1', model: 'air-1' } },
        { line: 3, cells: { id: 'air-2', model: 'air-1' } },
      ],
      { ...around, device: (id) => (id === 'air-2' ? 'taken' : undefined) },
    );
    expect(changedLines(before, after)).toEqual([3]);
  });
});
