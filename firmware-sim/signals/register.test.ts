import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../domain/time.ts';
import { dailyShape } from './daily-shape.ts';
import { createRegister, totalWithout } from './register.ts';

const shape = dailyShape(Array.from({ length: 24 }, (_, h) => 1 + Math.sin((h / 24) * Math.PI) + (h === 7 ? 3 : 0)));
const register = createRegister(shape, (day) => 0.8 + (0.4 * ((day * 7919) % 11)) / 10);
const instants = fc.integer({ min: Date.UTC(2024, 5, 1), max: Date.UTC(2028, 0, 1) });

describe('a register', () => {
  it('agrees with the integral of its rate', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 60_000, max: 3 * 86_400_000 }), (from, length) => {
        const steps = 2_000;
        let sum = 0;
        for (let k = 0; k < steps; k += 1) sum += register.rate((from + ((k + 0.5) * length) / steps) as EpochMs);
        const integral = (sum / steps) * (length / 3_600_000);
        const counted = register.total((from + length) as EpochMs) - register.total(from as EpochMs);
        expect(Math.abs(counted - integral)).toBeLessThan(0.005 * Math.max(1, integral));
      }),
      { numRuns: 40 },
    );
  });

  it('never runs backwards', () => {
    fc.assert(
      fc.property(instants, fc.nat(86_400_000), (from, later) => {
        expect(register.total((from + later) as EpochMs)).toBeGreaterThanOrEqual(register.total(from as EpochMs));
      }),
    );
  });

  it('stands still during the spans without flow', () => {
    const span = { from: Date.UTC(2026, 0, 1) as EpochMs, to: Date.UTC(2026, 0, 2) as EpochMs };
    const at = (t: number) => totalWithout(register, [span], t as EpochMs);
    expect(at(span.from + 1_000_000)).toBeCloseTo(at(span.from), 6);
    expect(at(span.to + 3_600_000)).toBeGreaterThan(at(span.to));
  });
});
