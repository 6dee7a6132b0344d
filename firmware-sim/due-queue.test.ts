import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDueQueue } from './due-queue.ts';

it('gives things back in order of their due times, whatever order they came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (dues) => {
      const queue = createDueQueue<number>();
      for (const due of dues) queue.push(due, due);
      const taken: number[] = [];
      for (let item = queue.takeDue(Infinity); item !== undefined; item = queue.takeDue(Infinity)) taken.push(item);
      expect(taken).toEqual([...dues].sort((a, b) => a - b));
      expect(queue.size).toBe(0);
    }),
  );
});

it('keeps what is not due yet', () => {
  const queue = createDueQueue<string>();
  queue.push('later', 20);
  queue.push('soon', 10);
  expect(queue.takeDue(9)).toBeUndefined();
  expect(queue.takeDue(10)).toBe('soon');
  expect(queue.nextDue).toBe(20);
});
