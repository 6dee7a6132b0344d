import { expect, it } from 'vitest';
import { roundScale } from './scale-bar.ts';

it.each([
  [1, 100, 100],
  [1, 199, 100],
  [1, 200, 200],
  [10, 60, 500],
  [37, 256, 5_000],
  [0.3, 250, 50],
])('At %d m a pixel, %d pixels hold a bar of %d m', (metresPerPixel, pixels, metres) => {
  const scale = roundScale(metresPerPixel, pixels);
  expect(scale.metres).toBe(metres);
  expect(scale.pixels).toBeCloseTo(metres / metresPerPixel, 6);
});
