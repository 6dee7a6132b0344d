import { describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { SheetDevice } from '../../domain/ports/device-registry.ts';
import { CSV_MEDIA_TYPE, writeCsv, XLSX_MEDIA_TYPE } from './device-sheet.ts';
import { createSheetDesk, type SheetLimits } from './sheet-desk.ts';

const desk = (limits: Partial<SheetLimits> = {}) =>
  createSheetDesk({ sheetMilliseconds: 60_000, sheetMegabytes: 512, sheetsUnfinished: 5, ...limits });
const devices = Array.from(
  { length: 10_000 },
  (_, i): SheetDevice => ({
    id: `air-${i}` as DeviceId,
    agencyId: 'env' as AgencyId,
    modelId: 'air' as DeviceModelId,
    serialNumber: `SN-${i}`,
    state: 'in_stock',
    points: [],
  }),
);

describe('the desk of sheets', () => {
  it('writes and reads ten thousand devices while everything else has its turn', async () => {
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    const xlsx = await desk().write(devices);
    const whileWriting = turns;
    const read = await desk().read(xlsx, XLSX_MEDIA_TYPE, 20_000);
    clearInterval(turning);
    expect(read).toMatchObject({ ok: true, value: { unknownColumns: [] } });
    expect(read.ok && read.value.rows.length).toBe(10_000);
    // In this thread each of the two would have left time for a handful.
    expect(Math.min(whileWriting, turns - whileWriting)).toBeGreaterThan(20);
  });

  it('says of a sheet that can’t be read why, in both languages', async () => {
    const read = await desk().read(Buffer.from('id,serial\nair-1,x'), CSV_MEDIA_TYPE, 100);
    expect(read).toMatchObject({ ok: false, error: { en: expect.stringContaining('missing: model') } });
  });

  it.each([
    ['time', { sheetMilliseconds: 1 }],
    ['memory', { sheetMegabytes: 8 }],
  ])('gives a sheet up that needs more %s than there is, and reads the next', async (_, limits) => {
    const small = desk(limits);
    const big = writeCsv(Array.from({ length: 5 }, () => devices).flat());
    expect(await small.read(big, CSV_MEDIA_TYPE, 100_000)).toMatchObject({
      ok: false,
      error: { en: expect.stringContaining('too much memory or time') },
    });
    expect((await desk().read(Buffer.from('id,model\nair-1,air'), CSV_MEDIA_TYPE, 10)).ok).toBe(true);
  });

  it('takes so many sheets at once, in turn, and refuses more', async () => {
    const narrow = desk({ sheetsUnfinished: 2 });
    const sheet = Buffer.from('id,model\nair-1,air');
    const reads = [1, 2, 3].map(() => narrow.read(sheet, CSV_MEDIA_TYPE, 10));
    await expect(reads[2]).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect((await Promise.all(reads.slice(0, 2))).map(({ ok }) => ok)).toEqual([true, true]);
    expect((await narrow.read(sheet, CSV_MEDIA_TYPE, 10)).ok).toBe(true);
  });
});
