import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';

describe('a table as CSV', () => {
  it('quotes what needs it, leaves gaps empty, and begins with a byte-order mark', () => {
    expect(
      csvOf([
        ['Trạm', 'a,b', 'says "no"'],
        [1.5, null, 'two\nlines'],
      ]),
    ).toBe('\uFEFFTrạm,"a,b","says ""no"""\r\n1.5,,"two\nlines"\r\n');
  });

  it('never lets a name be run as a formula', () => {
    expect(csvOf([['=1+1', '-x', -2]])).toBe("\uFEFF'=1+1,'-x,-2\r\n");
  });
});
