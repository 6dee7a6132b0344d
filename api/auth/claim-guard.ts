import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { DeviceId, UserId } from '../../domain/identifiers.ts';
import type { ApiLimits } from '../ports.ts';
import { pay } from './rate.ts';

/** Holds guessing of claim codes back: by device, so that no label is guessed by many, and by person, so that nobody tries many labels. */
export interface ClaimGuard {
  /** Pays for a try before the code is looked at. @throws {ApiError} TOO_MANY_REQUESTS */
  pay(device: DeviceId, person: UserId): Promise<void>;
  /** A right code gives back what was paid. */
  giveBack(device: DeviceId, person: UserId): Promise<void>;
}

export function createClaimGuard(
  limits: Pick<ApiLimits, 'claimTriesPerDevice' | 'claimTriesPerPerson' | 'claimWindow'>,
): ClaimGuard {
  const duration = limits.claimWindow / 1000;
  const byDevice = new RateLimiterMemory({ keyPrefix: 'claim-device', points: limits.claimTriesPerDevice, duration });
  const byPerson = new RateLimiterMemory({ keyPrefix: 'claim-person', points: limits.claimTriesPerPerson, duration });
  return {
    async pay(device, person) {
      // The person first: who has no tries left can't use up a device's, and so remembers no more devices than tries.
      await pay(byPerson, person);
      await pay(byDevice, device);
    },
    async giveBack(device, person) {
      await byPerson.reward(person);
      await byDevice.reward(device);
    },
  };
}
