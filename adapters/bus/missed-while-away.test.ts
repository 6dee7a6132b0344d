import { expect, it, vi } from 'vitest';
import { RegistryUnavailableError } from '../../domain/ports/registry.ts';
import { createInProcessBus } from './in-process.ts';
import { missedWhileAway } from './missed-while-away.ts';

it('has what could not be read read again until it could, once for all who failed, and for no other reason', async () => {
  const bus = createInProcessBus(() => {});
  const failed = missedWhileAway(bus, 5);
  let looks = 0;
  bus.subscribe('events.missed', () => {
    looks++;
    if (looks < 3) failed(new RegistryUnavailableError('away'));
  });
  failed(new Error('something else'));
  for (let n = 0; n < 4; n++) failed(new RegistryUnavailableError('away'));
  await vi.waitFor(() => expect(looks).toBe(3));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(looks).toBe(3);
});
