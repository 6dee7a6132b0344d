import { describe, expect, it } from 'vitest';
import { publishedIndices } from '../../config/indices/published.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import { SYMBOL_COLOURS } from '../symbols/canvas.ts';
import { contrast, inkOn } from './index-colour.ts';

const categories = publishedIndices(VIETNAM_TIME).flatMap(({ key, categories: of }) =>
  of.map((category) => [`${key} ${category.key}`, category.colour] as const),
);

describe('the official colours of indices', () => {
  it('are told apart as contrast says', () => {
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21);
    expect(contrast('#777777', '#777777')).toBe(1);
  });

  it.each(categories)('carry a value that can be read on them: %s', (_, colour) => {
    expect(contrast(inkOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(categories)('are set off from the map by the edge around them, where the fill is not: %s', (_, colour) => {
    for (const { text, edge } of Object.values(SYMBOL_COLOURS)) {
      expect(contrast(text, edge)).toBeGreaterThanOrEqual(3);
      expect(Math.max(contrast(colour, edge), contrast(text, edge))).toBeGreaterThanOrEqual(3);
    }
  });
});
