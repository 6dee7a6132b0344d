import { describe, expect, it } from 'vitest';
import { jsonObjectIn } from './json-object.ts';

describe('JSON that was typed', () => {
  it.each([
    ['', {}],
    ['  ', {}],
    ['{"seconds": 5}', { seconds: 5 }],
    ['[1]', null],
    ['null', null],
    ['"text"', null],
    ['{seconds: 5}', null],
  ])('%j', (text, expected) => {
    expect(jsonObjectIn(text)).toEqual(expected);
  });
});
