import { expect, it } from 'vitest';
import { placeLabels } from './label-placement.ts';
import { layOut } from './point-layout.ts';

const WORLD = 512 * 2 ** 14;
const layoutAt = (...pixels: readonly (readonly [x: number, y: number])[]) => {
  const degrees = 360 / WORLD;
  return layOut({
    epoch: 'e',
    assets: '',
    agencies: [],
    length: pixels.length,
    number: Int32Array.from(pixels, (_, i) => i),
    longitude: Float64Array.from(pixels, ([x]) => 106.7 + x * degrees),
    latitude: Float64Array.from(pixels, ([, y]) => 20.8 - y * degrees),
    domain: new Uint8Array(pixels.length),
    agency: new Uint16Array(pixels.length),
  });
};

it('labels that would lie on one another are left out, the worst points keep theirs', () => {
  const layout = layoutAt([0, 0], [60, 0], [400, 0]);
  expect(placeLabels(layout, [0, 1, 2], WORLD)).toEqual([0, 2]);
  expect(placeLabels(layout, [1, 0, 2], WORLD)).toEqual([1, 2]);
});

it('a label never covers the symbol of another point', () => {
  expect(placeLabels(layoutAt([0, 0], [0, 30]), [0, 1], WORLD)).toEqual([1]);
});

it('of points at one location the first is labelled', () => {
  expect(placeLabels(layoutAt([0, 0], [0, 0]), [0, 1], WORLD).length).toBeLessThan(2);
});
