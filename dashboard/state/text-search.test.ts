import { describe, expect, it } from 'vitest';
import { foldText, matchRank } from './text-search.ts';

describe('search without diacritics', () => {
  it('folds every Vietnamese letter, composed or not', () => {
    expect(foldText('Trạm bơm Đồ Sơn, Lê Chân, Thủy Nguyên')).toBe('tram bom do son, le chan, thuy nguyen');
    expect(foldText('Trạm bơm'.normalize('NFD'))).toBe('tram bom');
  });

  it.each([
    ['cau rao 2', 'cau', 0],
    ['muc nuoc cau rao', 'cau', 1],
    ['aecau', 'cau', 2],
    ['muc nuoc song cau rao', 'rao muc', 3],
    ['le chan', 'cau', null],
  ] as const)('ranks "%s" for "%s" as %s', (text, query, rank) => {
    expect(matchRank(text, query)).toBe(rank);
  });
});
