import { createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** DER of an Ed25519 private key up to its 32 bytes, and of a public one [RFC 8410]. */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_START_BYTES = 12;

/**
 * The key that signs firmware in the demo, made of the demo's seed: whoever knows the seed can sign. For the loopback-only demo alone; a city's key is made
 * on a machine without network and never leaves it.
 */
export function demoFirmwareKey(seed: string): { readonly privateKey: KeyObject; readonly publicKey: string } {
  const secret = createHmac('sha256', seed).update('hai-dang/demo-firmware-key').digest();
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_START, secret]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(SPKI_START_BYTES).toString('base64') };
}
