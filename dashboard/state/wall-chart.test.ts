import { expect, it } from 'vitest';
import { chartShape } from './wall-chart.ts';

const SPAN = { from: 0, to: 100, step: 10 };

it('draws window means from left to right, with the band of least and greatest behind', () => {
  const shape = chartShape({ start: [0, 10], mean: [1, 2], min: [0, 1], max: [2, 4] }, SPAN);
  expect(shape).toEqual({
    line: 'M50.0 375.0 L150.0 250.0',
    band: 'M50.0 250.0 L150.0 0.0 L150.0 375.0 L50.0 500.0 Z',
    low: 0,
    high: 4,
  });
});

it('breaks where windows are missing', () => {
  const shape = chartShape({ start: [0, 10, 50], mean: [1, 1, 1], min: [1, 1, 1], max: [2, 2, 2] }, SPAN);
  expect(shape?.line.match(/M/g)).toHaveLength(2);
});

it('lays a flat line in the middle, and draws nothing of nothing', () => {
  expect(chartShape({ start: [0], mean: [5], min: [5], max: [5] }, SPAN)?.line).toBe('M50.0 250.0');
  expect(chartShape({ start: [], mean: [], min: [], max: [] }, SPAN)).toBeNull();
});
