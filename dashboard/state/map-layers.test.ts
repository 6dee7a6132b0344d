import { expect, it } from 'vitest';
import { readLayers, toggledLayer, writeLayers } from './map-layers.ts';

it('Layers in an address are read in one order, each once, and words that are none are left out', () => {
  expect(readLayers('floods roads floods sunshine')).toEqual(['roads', 'floods']);
  expect(readLayers(undefined)).toEqual([]);
  expect(writeLayers(readLayers('air power'))).toBe('power air');
  expect(writeLayers([])).toBeUndefined();
});

it('A layer is laid over the map and taken away again', () => {
  expect(toggledLayer(['air'], 'roads')).toEqual(['roads', 'air']);
  expect(toggledLayer(['roads', 'air'], 'roads')).toEqual(['air']);
});
