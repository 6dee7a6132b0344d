import { createHash, createHmac } from 'node:crypto';
import type { CitySeed } from '../../domain/ports/registry.ts';

/**
 * Token of a device in the demo: HMAC-SHA-256 of its id under the demo's seed, base64url (256 bits, 43 characters). Whoever knows the seed knows
 * every token, so this is for the loopback-only demo alone; real devices get random tokens.
 */
export const demoToken = (seed: string, deviceId: string): string =>
  createHmac('sha256', seed).update(`hai-dang/demo-token/${deviceId}`).digest('base64url');

/** Lower-case hex SHA-256 of a token, the form in which the registry keeps it. */
export const tokenSha256 = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The same city with every device able to log in with its demo token. */
export const withDemoTokens = (city: CitySeed, seed: string): CitySeed => ({
  ...city,
  devices: city.devices.map((device) => ({ ...device, tokenSha256: tokenSha256(demoToken(seed, device.id)) })),
});

/** The token by which a gateway of the demo speaks for what it carries, too. */
export const demoGatewayToken = (seed: string, device: string): string =>
  demoToken(seed, `${device}, with what it carries`);
