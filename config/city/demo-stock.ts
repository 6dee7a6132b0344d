import { createHmac } from 'node:crypto';
import type { DeviceId } from '../../domain/identifiers.ts';
import { claimCodeFrom } from '../../domain/provisioning.ts';

/**
 * Claim code of a demo device in stock, from its id under the demo's seed. Like `demo-tokens.ts`: whoever knows the seed knows every code, so
 * this is for the loopback-only demo alone.
 */
export const demoClaimCode = (seed: string, deviceId: DeviceId): string =>
  claimCodeFrom(createHmac('sha256', seed).update(`hai-dang/demo-claim/${deviceId}`).digest());
