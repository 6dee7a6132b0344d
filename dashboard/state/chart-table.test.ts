import { describe, expect, it } from 'vitest';
import type { ChartData } from './chart-data.ts';
import { type TableLine, type TableWords, tableCsv, tableRows } from './chart-table.ts';

const raw: ChartData = {
  time: [1, 2, 2.5, 3, 4],
  value: [10, null, null, 12.34, 13],
  low: [null, null, null, null, null],
  high: [null, null, null, null, null],
  invalid: [null, 999, null, null, null],
  doubtful: [
    { from: 2000, to: 2000, kind: 'invalid' },
    { from: 3000, to: 3000, kind: 'suspect' },
  ],
};
const windows: ChartData = {
  time: [2, 4],
  value: [5, 6],
  low: [1, 2],
  high: [9, 10],
  invalid: [null, null],
  doubtful: [],
};
const line = (data: ChartData, title = 'Lê Chân, PM2.5 (µg/m³)'): TableLine => ({ data, title, decimals: 1 });
const words: TableWords = {
  ...{ localTime: 'Giờ địa phương', utc: 'UTC', low: 'thấp nhất', high: 'cao nhất', quality: 'chất lượng' },
  kind: { good: 'tốt', suspect: 'nghi ngờ', invalid: 'không hợp lệ', calibrating: 'đang hiệu chuẩn' },
};

describe('the table under a chart', () => {
  it('has every reading shown, newest first, with its quality, and no row for a gap', () => {
    expect(tableRows([line(raw)], 1000, 4000, 0)).toEqual([
      { at: 3000, cells: [{ value: 12.34, low: null, high: null, kind: 'suspect' }] },
      { at: 2000, cells: [{ value: 999, low: null, high: null, kind: 'invalid' }] },
      { at: 1000, cells: [{ value: 10, low: null, high: null, kind: 'good' }] },
    ]);
  });

  it('has windows at their beginning, of several lines side by side', () => {
    const late = { ...windows, time: [4], value: [7], low: [7], high: [7], invalid: [null] };
    expect(tableRows([line(windows), line(late)], 0, 10_000, 2000)).toEqual([
      {
        at: 3000,
        cells: [
          { value: 6, low: 2, high: 10, kind: 'good' },
          { value: 7, low: 7, high: 7, kind: 'good' },
        ],
      },
      { at: 1000, cells: [{ value: 5, low: 1, high: 9, kind: 'good' }, null] },
    ]);
  });

  it('is a file of what is seen: units in its head, local time and UTC, the digits of the screen', () => {
    const lines = [line(raw)];
    const csv = tableCsv(lines, tableRows(lines, 1000, 4000, 0), words, (at) => `+${at}`);
    expect(csv.split('\r\n')).toEqual([
      '\u{feff}Giờ địa phương,UTC,"Lê Chân, PM2.5 (µg/m³)","Lê Chân, PM2.5 (µg/m³) – chất lượng"',
      "'+1000,1970-01-01T00:00:01.000Z,10.0,tốt",
      "'+2000,1970-01-01T00:00:02.000Z,999.0,không hợp lệ",
      "'+3000,1970-01-01T00:00:03.000Z,12.3,nghi ngờ",
      '',
    ]);
  });

  it('holds lowest and highest of windows, and nothing that a sheet would run', () => {
    const lines = [line(windows, '=cmd()')];
    const csv = tableCsv(lines, tableRows(lines, 0, 3000, 2000), words, String);
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      "\u{feff}Giờ địa phương,UTC,'=cmd(),'=cmd() – thấp nhất,'=cmd() – cao nhất,'=cmd() – chất lượng",
      '1000,1970-01-01T00:00:01.000Z,5.0,1.0,9.0,tốt',
    ]);
  });
});
