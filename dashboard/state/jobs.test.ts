import { describe, expect, it } from 'vitest';
import type { DeviceState } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { jobsIn } from './jobs.ts';

const device = (id: string, state: DeviceState) => ({ id: id as DeviceId, state });

describe('jobs', () => {
  it('come from what state a device is in, and whether it still serves a point', () => {
    const jobs = jobsIn(
      [
        device('stock', 'in_stock'),
        device('van', 'claimed'),
        device('hangs', 'installed'),
        device('works', 'commissioned'),
        device('broken', 'in_maintenance'),
        device('replaced', 'in_maintenance'),
        device('gone', 'retired'),
      ],
      (id) => id !== 'replaced',
    );
    expect(
      Object.fromEntries(Object.entries(jobs).map(([kind, devices]) => [kind, devices.map(({ id }) => id)])),
    ).toEqual({
      sign: ['hangs'],
      install: ['van'],
      maintain: ['broken'],
      fetch: ['replaced'],
    });
  });
});
